"""Where a project's package is: src or flat, one package or several, namespaces, single modules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from testbed.targets.project import Project, normalised, table, texts

_OTHERS = {
    "tests", "test", "testing", "docs", "doc", "examples", "example", "samples", "benchmarks", "benchmark",
    "bench", "scripts", "script", "tools", "tasks", "notebooks", "ci", "etc", "misc", "contrib", "utils",
    "packaging", "requirements", "data", "resources", "assets", "build_tools", "demo", "demos", "tutorials",
}  # fmt: skip
_OTHER_MODULES = {
    "setup", "conftest", "noxfile", "tasks", "versioneer", "fabfile", "manage", "dodo", "conf", "ez_setup",
    "runtests", "run_tests", "tests", "differential", "hatch_build", "build", "release", "__init__",
    "__main__",
}  # fmt: skip
_BASES = ("src", "lib", "python", "source")


@dataclass(frozen=True, slots=True)
class Layout:
    """`package`: files and folders with the code, relative to the target; `paths`: what `sys.path` needs."""

    package: tuple[str, ...]
    paths: tuple[str, ...]


def find(project: Project, files: Sequence[str]) -> Layout:
    """The layout that the project's files show, empty where they show none. `files` are those taken along."""
    for base in _bases(project, files):
        found = _Base(project, files, base).found()
        if found:
            return Layout(tuple(found), tuple(sorted({"", base})))
    return Layout((), ("",))


def _bases(project: Project, files: Sequence[str]) -> Iterator[str]:
    """Folders to look in: the one that setuptools is told, the usual ones, the target itself."""
    told = table(project.pyproject, "tool", "setuptools", "package-dir").get("", "")
    where = texts(table(project.pyproject, "tool", "setuptools", "packages", "find").get("where"))
    old = project.setup.get("options", "package_dir", fallback="").replace(" ", "").strip()
    known = [told, *where, *(line[1:] for line in old.splitlines() if line.startswith("=")), *_BASES]
    for base in dict.fromkeys(known):
        place = base.strip("./") if isinstance(base, str) else ""
        if (
            place
            and f"{place}/__init__.py" not in files
            and any(name.startswith(f"{place}/") for name in files)
        ):
            yield place
    yield ""


class _Base:
    """One folder that may hold packages."""

    def __init__(self, project: Project, files: Sequence[str], base: str) -> None:
        self._prefix = f"{base}/" if base else ""
        self._python = [
            name.removeprefix(self._prefix)
            for name in files
            if name.startswith(self._prefix) and name.endswith(".py")
        ]
        self._known = set(self._python)
        self._own = normalised(project.name)
        self._listed = project.top_level

    def found(self) -> list[str]:
        """The packages in it, or else its modules."""
        tops = self._tops()
        packages = [place for top in tops for place in self._packages(top)]
        modules = [name for name in sorted(self._known) if self._is_module(name, bool(packages))]
        return [self._prefix + place for place in sorted({*packages, *modules})]

    def _tops(self) -> list[str]:
        folders = sorted({name.partition("/")[0] for name in self._python if "/" in name})
        if self._listed and any(top in folders for top in self._listed):
            return [top for top in folders if top in self._listed]
        return [top for top in folders if top not in _OTHERS or normalised(top) == self._own]

    def _packages(self, top: str) -> list[str]:
        """The folder itself where it is a package, or the packages of a namespace."""
        if f"{top}/__init__.py" in self._known:
            return [top]
        if not self._may_be_namespace(top):
            return []
        inside = [Path(name).parent.as_posix() for name in self._python if name.startswith(f"{top}/")]
        packages = sorted(folder for folder in set(inside) if f"{folder}/__init__.py" in self._known)
        return [each for each in packages if not any(each.startswith(f"{other}/") for other in packages)] or [
            top
        ]

    def _may_be_namespace(self, top: str) -> bool:
        named = self._own == normalised(top) or self._own.startswith(f"{normalised(top)}-")
        return bool(self._prefix) or named or top in self._listed

    def _is_module(self, name: str, packages: bool) -> bool:
        stem = name.removesuffix(".py")
        if "/" in name or stem.startswith("test_") or stem.endswith("_test"):
            return False
        if stem in self._listed or normalised(stem) == self._own:
            return True
        return not packages and stem not in _OTHER_MODULES and not self._listed_here()

    def _listed_here(self) -> bool:
        return any(f"{stem}.py" in self._known for stem in self._listed)


def given(package: Sequence[str], files: Sequence[str], project: Project) -> tuple[str, ...]:
    """The folders that `sys.path` needs for a package that the user named; () where none is known."""
    found = find(project, files)
    places = [place.rstrip("/") for place in package]
    fits = all(
        any(_inside(place, each) or _inside(each, place) for each in found.package) for place in places
    )
    return found.paths if found.package and fits else ()


def _inside(place: str, other: str) -> bool:
    return place == other or place.startswith(f"{other}/")
