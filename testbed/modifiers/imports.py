"""Which files of a project import which others, as far as that can be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import PurePosixPath

import libcst as cst

from testbed.modifiers.tree import code
from testbed.modifiers.view import view_of


def imports(files: Mapping[str, str]) -> dict[str, set[str]]:
    """Path -> paths of the files that it imports anywhere, their packages' `__init__.py` left out."""
    known = frozenset(files)
    found: dict[str, set[str]] = {}
    for path, text in files.items():
        found[path] = set()
        for name in imported(text):
            found[path].update(other for other in resolved(name, path, known) if other != path)
    return found


@lru_cache(maxsize=512)
def imported(text: str) -> tuple[str, ...]:
    """What a file imports: dotted names, those of relative imports with their dots in front."""
    with suppress(cst.ParserSyntaxError, RecursionError):
        view = view_of(text)
        nodes: list[cst.Import | cst.ImportFrom] = [*view.all(cst.Import), *view.all(cst.ImportFrom)]
        return tuple(dict.fromkeys(name for node in nodes for name in names(node)))
    return ()


def names(node: cst.Import | cst.ImportFrom) -> Iterator[str]:
    """The modules that an import may load: for `from a import b` both `a` and `a.b`."""
    if isinstance(node, cst.Import):
        yield from (code(alias.name) for alias in node.names)
        return
    base = "." * len(node.relative) + (code(node.module) if node.module is not None else "")
    yield base
    if not isinstance(node.names, cst.ImportStar):
        joint = "" if base.endswith(".") else "."
        yield from (f"{base}{joint}{code(alias.name)}" for alias in node.names)


def resolved(name: str, path: str, known: Iterable[str]) -> tuple[str, ...]:
    """The files that a dotted name, written in the file `path`, can mean; () for one of another project."""
    dots = len(name) - len(name.lstrip("."))
    parts = [part for part in name[dots:].split(".") if part]
    if dots:
        folder = PurePosixPath(path).parents[min(dots - 1, len(PurePosixPath(path).parents) - 1)]
        return tuple(other for other in _forms(str(folder / "/".join(parts))) if other in known)
    forms = _forms("/".join(parts))
    return tuple(
        sorted(other for other in known if any(other == f or other.endswith(f"/{f}") for f in forms))
    )


def _forms(stem: str) -> tuple[str, str]:
    return f"{stem}.py", f"{stem}/__init__.py"
