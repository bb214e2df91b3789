"""From a folder to a target: what its files and its manifest say, nothing of it run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

from testbed.conditions import TargetFactor
from testbed.errors import UserError
from testbed.schema.text import parse
from testbed.targets import files, layout, manifest, places, pypi, pytest_config, requirements
from testbed.targets.distribution import metadata
from testbed.targets.manifest import Manifest
from testbed.targets.project import Project, version_in
from testbed.targets.pytest_config import PytestConfig
from testbed.targets.target import Target

_NOT = "!"
_GENERATED = "_version.py"  # version tools write it: no place for faults


def read(folder: Path, factor: TargetFactor) -> Target:
    """The target in `folder`, to be run by the testbed's own interpreter.

    What the condition names comes before what the manifest names, and that before what is found.
    Files of the package that cannot be read as Python stay as they are. Raises UserError where there is
    no package, or no test.
    """
    said, project = manifest.read(folder), Project(folder)
    collected = files.collect(folder, said.exclude)
    names, config = tuple(collected.taken), pytest_config.read(project)
    found = _layout(factor, said, project, names)
    tests = _tests(factor, said, config, names, found.package)
    source, left_alone = _texts(
        {n: path for n, path in collected.taken.items() if _may_change(n, found.package, tests)}
    )
    if not source and left_alone:
        where, reason = min(left_alone.items())
        raise UserError(f"no file can be worked on: {reason}", where=where, remedy="name a --package")
    if not source:
        raise UserError("no package found", where=factor.name, remedy="name it with --package")
    return Target(
        name=said.name or project.name or folder.resolve().name,
        version=said.version or project.version or version_in(source),
        package_files=source,
        static=_static(collected.taken, source, metadata(project, source)),
        package=found.package,
        tests=tests,
        entries=said.entries,
        summary=said.summary,
        paths=found.paths,
        options=(*config.options, *said.options, *_left_out(factor, said, names)),
        requires=(*requirements.asked(project), *said.requires),
        left_out=collected.left_out,
        left_alone=left_alone,
    )


def _layout(factor: TargetFactor, said: Manifest, project: Project, names: Sequence[str]) -> layout.Layout:
    package = tuple(place.rstrip("/") for place in factor.package or said.package)
    if not package:
        found = layout.find(project, names)
        return layout.Layout(found.package, said.paths or found.paths)
    for place in package:
        _must_exist(place, names, factor.name, "--package")
    return layout.Layout(package, said.paths or layout.given(package, names, project))


def _tests(
    factor: TargetFactor, said: Manifest, config: PytestConfig, names: Sequence[str], package: Sequence[str]
) -> tuple[str, ...]:
    """What pytest is given: the places that are named, or those that are found."""
    given = [place for place in factor.tests or said.tests if not place.startswith(_NOT)]
    for place in given:
        _must_exist(_path(place), names, factor.name, "--tests")
    found = given or places.find(config, names, package)
    if not found and factor.name.startswith(pypi.PREFIX):
        raise UserError(
            "this source distribution comes without tests",
            where=factor.name,
            remedy="clone its repository at that version and give the folder as the target",
        )
    if not found:
        raise UserError("no tests found", where=factor.name, remedy="name them with --tests")
    return tuple(found)


def _left_out(factor: TargetFactor, said: Manifest, names: Sequence[str]) -> Iterator[str]:
    """pytest's options for the tests that are named with a `!` before them."""
    for place in factor.tests or said.tests:
        if place.startswith(_NOT):
            wanted = place.removeprefix(_NOT)
            _must_exist(_path(wanted), names, factor.name, "--tests")
            yield f"--deselect={wanted}" if "::" in wanted else f"--ignore={wanted.rstrip('/')}"


def _path(place: str) -> str:
    return place.partition("::")[0].rstrip("/")


def _must_exist(place: str, names: Sequence[str], where: str, option: str) -> None:
    known = {place for name in names for place in _places(name)}
    if place not in known and place != ".":
        near = get_close_matches(place, sorted(known), 1)
        remedy = f"did you mean {near[0]}?" if near else f"{option} is relative to the target"
        raise UserError(f"has no {place}", where=where, remedy=remedy)


def _places(name: str) -> Iterable[str]:
    parts = name.split("/")
    return ("/".join(parts[:depth]) for depth in range(1, len(parts) + 1))


def _may_change(name: str, package: Sequence[str], tests: Sequence[str]) -> bool:
    within = any(name == place or name.startswith(f"{place}/") or place == "." for place in package)
    python = name.endswith(".py") and name.rpartition("/")[2] != _GENERATED
    return within and python and not places.is_test(name, tests, package)


def _texts(paths: Mapping[str, Path]) -> tuple[dict[str, str], dict[str, str]]:
    """The texts of files by name, and of those that are no Python to this interpreter the reason."""
    texts: dict[str, str] = {}
    reasons: dict[str, str] = {}
    for name, path in paths.items():
        try:
            text = path.read_bytes().decode()
            parse(text)
            texts[name] = text
        except UnicodeDecodeError:
            reasons[name] = "not UTF-8"
        except SyntaxError as problem:
            reasons[name] = f"line {problem.lineno}: {problem.msg}"
        except (ValueError, RecursionError) as problem:  # null bytes; nested too deeply
            reasons[name] = f"{problem}"
    return texts, reasons


def _static(
    taken: Mapping[str, Path], source: Mapping[str, str], more: Mapping[str, bytes]
) -> dict[str, bytes]:
    kept = {name: path.read_bytes() for name, path in taken.items() if name not in source}
    return {**kept, **more}
