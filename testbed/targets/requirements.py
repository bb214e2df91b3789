"""What a target asks to have installed for its tests, as written in its own files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from testbed.targets.project import Project, normalised, table, texts

_TEST = {"test", "tests", "testing"}
_DEVELOPMENT = {"dev"}
_REQUIREMENT = re.compile(r"^\s*(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[(?P<extras>[^\]]*)\])?")
_EXTRA = re.compile(r"""\(?\bextra\s*==\s*["'](?P<extra>[^"']+)["']\)?""")
_FILES = (
    "requirements*test*.txt", "test*requirements*.txt", "requirements/*test*.txt", "tests/requirements*.txt",
    "test/requirements*.txt",
)  # fmt: skip
_DEVELOPMENT_FILES = ("requirements*dev*.txt", "dev*requirements*.txt", "requirements/*dev*.txt")
_HASH = re.compile(r"\s--hash[= ]\S+")


@dataclass(slots=True)
class _Asked:
    """Requirements by what they are for; `always` what the package itself needs."""

    always: list[str] = field(default_factory=list)
    named: dict[str, list[str]] = field(default_factory=dict)  # extra or group -> requirements

    def add(self, name: str, requirements: Sequence[str]) -> None:
        self.named.setdefault(name.strip().lower(), []).extend(requirements)


def asked(project: Project) -> tuple[str, ...]:
    """The requirements of the package and of its tests, sorted, each once.

    From the extras and dependency groups called test, tests or testing and requirement files with
    test in their name; where there are none of these, from those called dev.
    """
    said = _Asked()
    for source in (_pyproject, _groups, _setup_cfg, _poetry, _published):
        source(project, said)
    said.add("test", _lines_of(project, _FILES))
    said.add("dev", _lines_of(project, _DEVELOPMENT_FILES))
    chosen = [name for name in said.named if name in _TEST and said.named[name]]
    chosen = chosen or [name for name in said.named if name in _DEVELOPMENT]
    wanted = [*said.always, *(item for name in chosen for item in said.named[name])]
    return tuple(sorted({line for item in wanted for line in _expanded(item, said, project, ())}))


def names(requirements: Sequence[str]) -> frozenset[str]:
    """The normalised names of the distributions that these requirements are about."""
    found = [_REQUIREMENT.match(line) for line in requirements]
    return frozenset(normalised(match["name"]) for match in found if match)


def _expanded(line: str, said: _Asked, project: Project, seen: tuple[str, ...]) -> Iterator[str]:
    """The requirement itself; for one of the project's own extras what that asks for."""
    match = _REQUIREMENT.match(line)
    if match is None or normalised(match["name"]) != normalised(project.name):
        yield " ".join(line.split())
        return
    for extra in (match["extras"] or "").split(","):
        name = extra.strip().lower()
        for each in said.named.get(name, []) if name not in seen else []:
            yield from _expanded(each, said, project, (*seen, name))


def _pyproject(project: Project, said: _Asked) -> None:
    main = table(project.pyproject, "project")
    said.always.extend(texts(main.get("dependencies")))
    for name, value in table(main, "optional-dependencies").items():
        said.add(name, texts(value))
    dynamic = table(project.pyproject, "tool", "setuptools", "dynamic")
    said.always.extend(_from_files(project, table(dynamic, "dependencies").get("file")))
    for name, value in table(dynamic, "optional-dependencies").items():
        said.add(name, _from_files(project, table({"it": value}, "it").get("file")))


def _from_files(project: Project, value: Any) -> list[str]:
    files = [value] if isinstance(value, str) else texts(value)
    return [line for file in files for line in _requirement_lines(project, file, ())]


def _groups(project: Project, said: _Asked) -> None:
    groups = {
        normalised(name): value for name, value in table(project.pyproject, "dependency-groups").items()
    }
    for name in groups:
        said.add(name, list(_group(groups, name, ())))


def _group(groups: Mapping[str, Any], name: str, seen: tuple[str, ...]) -> Iterator[str]:
    value = groups.get(name)
    for item in value if isinstance(value, list) and name not in seen else []:
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict) and isinstance(item.get("include-group"), str):
            yield from _group(groups, normalised(item["include-group"]), (*seen, name))


def _setup_cfg(project: Project, said: _Asked) -> None:
    said.always.extend(_listed(project, project.setup.get("options", "install_requires", fallback="")))
    said.add("test", _listed(project, project.setup.get("options", "tests_require", fallback="")))
    if project.setup.has_section("options.extras_require"):
        for name, value in project.setup["options.extras_require"].items():
            said.add(name, _listed(project, value))


def _listed(project: Project, value: str) -> list[str]:
    if value.strip().startswith("file:"):
        files = [file.strip() for file in value.strip()[5:].replace("\n", ",").split(",")]
        return [line for file in files if file for line in _requirement_lines(project, file, ())]
    return [line.strip() for line in value.replace(";\n", "\n").splitlines() if line.strip()]


def _poetry(project: Project, said: _Asked) -> None:
    main = table(project.pyproject, "tool", "poetry")
    said.always.extend(_poetry_lines(table(main, "dependencies")))
    said.add("dev", _poetry_lines(table(main, "dev-dependencies")))
    for name, group in table(main, "group").items():
        said.add(name, _poetry_lines(table({"it": group}, "it", "dependencies")))


def _poetry_lines(wanted: Mapping[str, Any]) -> list[str]:
    """Poetry's own way of writing requirements, without the upper bounds that a caret or tilde implies."""
    found = []
    for name, value in wanted.items():
        version = value if isinstance(value, str) else table({"it": value}, "it").get("version", "*")
        optional = isinstance(value, dict) and value.get("optional") is True
        if name != "python" and isinstance(version, str) and not optional:
            found.append(name + ",".join(_poetry_version(part.strip()) for part in version.split(",")))
    return found


def _poetry_version(version: str) -> str:
    if version in {"*", ""}:
        return ""
    if version[0] in "^~" and version[:2] != "~=":
        return f">={version.lstrip('^~ ')}"
    return version if version[0] in "<>=!~" else f"=={version}"


def _published(project: Project, said: _Asked) -> None:
    """What PKG-INFO says, where neither pyproject.toml nor setup.cfg does (a setup.py can only be run)."""
    if said.always or any(said.named.values()):
        return
    for line in project.published.get_all("Requires-Dist") or []:
        requirement, _, marker = line.partition(";")
        extra = _EXTRA.search(marker)
        rest = _EXTRA.sub("", marker).strip().removeprefix("and ").removesuffix(" and").strip()
        text = f"{requirement.strip()}; {rest}" if rest else requirement.strip()
        if extra:
            said.add(extra["extra"], [text])
        else:
            said.always.append(text)


def _lines_of(project: Project, patterns: Sequence[str]) -> list[str]:
    found = {
        path.relative_to(project.folder).as_posix() for each in patterns for path in project.folder.glob(each)
    }
    return [line for name in _newest(sorted(found)) for line in _requirement_lines(project, name, ())]


def _newest(names: Sequence[str]) -> list[str]:
    """Of files that differ in a number only, one for each version of Python: that without it, or the last."""
    last: dict[str, tuple[int, str]] = {}
    for name in names:
        number = int("".join(re.findall(r"\d+", name)) or 10**9)
        stem = re.sub(r"[-_.]*\d+", "", name)
        last[stem] = max(last.get(stem, (-1, "")), (number, name))
    return [name for _, name in last.values()]


def _requirement_lines(project: Project, name: str, seen: tuple[str, ...]) -> list[str]:
    """The requirements in a file and in those that it includes; options, paths and addresses are left out."""
    found: list[str] = []
    for raw in project.text(name).replace("\\\n", " ").splitlines():
        line = _HASH.sub("", re.sub(r"(^|\s)#.*", "", raw)).strip()
        option = re.match(r"(?:-r|--requirement)[= ]*(\S+)", line)
        if option and name not in seen:
            other = str(PurePosixPath(name).parent / option[1])
            found.extend(_requirement_lines(project, other, (*seen, name)))
        elif _REQUIREMENT.match(line) and "/" not in line.partition("@")[0].partition(";")[0]:
            found.append(line)
    return found
