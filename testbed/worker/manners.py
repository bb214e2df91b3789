"""What sources say of who could read a target's objects, or keep them, without anybody noticing."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

_PAST = frozenset(("__getattribute__", "getattr_static", "get_referents", "__get__"))

_IDLE = frozenset(
    (
        "pytest_addoption",
        "pytest_configure",
        "pytest_ignore_collect",
        "pytest_report_header",
        "pytest_unconfigure",
    )
)
"""Hooks that pytest gives nothing that was imported or collected."""

_PLAIN = frozenset(
    (
        "__future__",
        "collections",
        "math",
        "os",
        "pathlib",
        "platform",
        "pytest",
        "re",
        "string",
        "sys",
        "typing",
    )
)
_FAR = frozenset(
    ("modules", "importorskip", "pluginmanager", "plugins", "hook", "f_globals", "f_back", "tb_frame")
)
_NAMES = frozenset(
    ("eval", "exec", "compile", "__import__", "__builtins__", "getattr", "vars", "globals", "locals")
)


def looks_past(text: str) -> bool:
    """Whether a source has a way to read attributes that nobody can watch."""
    if not any(word in text for word in _PAST):
        return False
    tree = _parsed(text)
    return tree is None or any(not _PAST.isdisjoint(_read(node)) for node in ast.walk(tree))


def keeps_nothing(text: str) -> bool:
    """Whether the hooks that a source has for pytest cannot get at what the target imported.

    Whatever a hook gives to pytest is out of sight: nobody looks into pytest's own objects. So it must not
    be able to name anything of the target, nor be given any of it.
    """
    tree = _parsed(text)
    if tree is None or not all(map(_is_near, ast.walk(tree))):
        return False
    own = [node for node in tree.body if isinstance(node, ast.FunctionDef) and not node.decorator_list]
    known = {node.name for node in own if node.name in _IDLE}
    return all(
        name in known for node in ast.walk(tree) for name in _bound(node) if name.startswith("pytest_")
    )


def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return None


def _read(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Attribute):
        return [] if _is_of_class(node.value) else [node.attr]
    return [alias.name for alias in node.names] if isinstance(node, ast.ImportFrom) else []


def _is_of_class(node: ast.expr) -> bool:
    """`type(x)`, which has what is watched; `super()`, which concerns only classes that are not watched."""
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("type", "super")


def _is_near(node: ast.AST) -> bool:
    """Whether it leads to nothing but what stands here and a few harmless modules."""
    if isinstance(node, ast.Import):
        return all(alias.name.partition(".")[0] in _PLAIN for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        tops = {(node.module or "").partition(".")[0]}
        return node.level == 0 and tops <= _PLAIN and all(_is_near_name(alias.name) for alias in node.names)
    if isinstance(node, ast.Attribute):
        return _is_near_name(node.attr)
    return not (isinstance(node, ast.Name) and node.id in _NAMES)


def _is_near_name(name: str) -> bool:
    return not (name.startswith("_") or name in _FAR)


def _bound(node: ast.AST) -> Iterator[str]:
    """The names that a node gives to something."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name
    elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id
    elif isinstance(node, ast.alias):
        yield node.asname or node.name


def words_of(files: Collection[tuple[str, str]]) -> dict[str, list[str]]:
    """Of sources, (path, text): those that read `past` the class, and those whose hooks are `idle`."""
    return {
        "past": sorted(path for path, text in files if looks_past(text)),
        "idle": sorted(path for path, text in files if "pytest_" in text and keeps_nothing(text)),
    }
