"""What a test may do so that several faults can be tried in one process, and how the rest is noticed.

`reasons_against` reads a text: no extension modules but the standard library's, and no changes to what
others define, which nobody could see. `Events` notes what Python reports of a process as it runs: files
written, processes and threads started, sockets, functions changed. Everything else is compared: `world.py`.
"""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

_KNOWN = frozenset((
    "_pytest", "attr", "attrs", "hypothesis", "importlib_metadata", "numpy", "pytest", "six",
    "typing_extensions",
))  # fmt: skip
_UNSEEN = frozenset(("ctypes", "curses", "_testcapi", "cffi"))
_LISTED = (
    "__future__", "abc", "array", "ast", "asyncio", "base64", "binascii", "bisect", "builtins", "bz2",
    "calendar", "cmath", "codecs", "collections", "colorsys", "concurrent", "configparser", "contextlib",
    "copy", "copyreg", "csv", "dataclasses", "datetime", "decimal", "difflib", "dis", "doctest", "enum",
    "errno", "fileinput", "fnmatch", "fractions", "functools", "gc", "getpass", "glob", "gzip", "hashlib",
    "heapq", "hmac", "html", "http", "importlib", "inspect", "io", "ipaddress", "itertools", "json",
    "keyword", "linecache", "locale", "logging", "lzma", "math", "mimetypes", "multiprocessing",
    "numbers", "operator", "os", "pathlib", "pickle", "pkgutil", "platform", "pprint", "queue", "random",
    "re", "reprlib", "secrets", "select", "shlex", "shutil", "signal", "socket", "stat", "statistics",
    "string", "struct", "subprocess", "sys", "tempfile", "textwrap", "threading", "time", "timeit",
    "token", "tokenize", "traceback", "types", "typing", "unicodedata", "unittest", "urllib", "uuid",
    "warnings", "weakref", "xml", "zipfile", "zlib",
)  # fmt: skip
STANDARD: frozenset[str] = frozenset(getattr(sys, "stdlib_module_names", _LISTED))
_READS = frozenset((
    "os.listdir", "os.scandir", "os.walk", "os.fwalk", "os.getxattr", "os.listxattr", "os.add_dll_directory",
))  # fmt: skip
_ACTS = (
    "os.", "shutil.", "tempfile.", "subprocess.", "socket.", "pty.", "ctypes.", "mmap.", "signal.",
    "_thread.", "sqlite3.", "urllib.", "http.", "ftplib.", "smtplib.", "imaplib.", "sys.set",
    "sys.addaudithook",
    "object.__setattr__", "object.__delattr__", "fcntl.", "syslog.", "resource.", "gc.get_objects",
    "gc.get_referrers", "code.__setattr__",
)  # fmt: skip
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Events:
    """What the process does while a test runs, as far as Python reports it. For ever: have it in a child."""

    def __init__(self) -> None:
        self._on = False
        self.acted = self.raised_unseen = False
        sys.addaudithook(self._hook)

    def begin(self) -> None:
        """From here on it is a test that does things."""
        self.acted = self.raised_unseen = False
        self._on = True

    def end(self) -> None:
        """No longer."""
        self._on = False

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._on:
            return
        if event == "sys.unraisablehook":
            self.raised_unseen = True
        elif not self.acted:
            self.acted = acts(event, arguments)


def acts(event: str, arguments: tuple[Any, ...]) -> bool:
    """Whether an audit event tells of what does not show in a program's own objects."""
    if event == "open":
        return bool(arguments[2] & _WRITES)
    return event.startswith(_ACTS) and event not in _READS


def reasons_against(text: str, own: Iterable[str]) -> list[tuple[str, str]]:
    """Why faults in a program with this source may need a fork each: (reason, when it holds).

    It holds always where the second is "", else where a module of that name is loaded, or, with a dot in
    front, where the source's own module has that name.
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return [("it does not parse", "")]
    return list(dict.fromkeys(_Reader(frozenset(own)).reasons(tree)))


def is_standard(name: str) -> bool:
    """Whether a module of this name is of the standard library."""
    return name.partition(".")[0] in STANDARD


def modules_of(root: str) -> list[Any]:
    """The modules that were imported from below `root`."""
    return [module for module in list(sys.modules.values()) if _is_inside(module, root)]


def reason_for(modules: Sequence[Any], gates: Mapping[str, Sequence[Sequence[str]]], root: str) -> str:
    """Why the state of these modules cannot be compared, by what their sources say; else ""."""
    for module in modules:
        path = os.path.relpath(str(module.__file__), root)
        for reason, holds in gates.get(path, ()):
            if _holds(holds, module):
                return f"{path}: {reason}"
    return ""


def _holds(name: str, module: Any) -> bool:
    if name.startswith("."):
        return name[1:] in vars(module)
    return not name or name in sys.modules


def _is_inside(module: Any, root: str) -> bool:
    place = getattr(module, "__file__", None)
    return isinstance(place, str) and place.startswith(root + os.sep)


class _Reader:
    def __init__(self, own: frozenset[str]) -> None:
        self._own = own
        self._foreign: dict[str, str] = {}  # name -> what of another module it was imported as
        self._modules: set[str] = set()  # names that are other modules as a whole, wherever they are used
        self._loaded: set[ast.AST] = set()

    def reasons(self, tree: ast.AST) -> Iterator[tuple[str, str]]:
        nodes = list(ast.walk(tree))
        self._loaded = set(_while_importing(tree))
        for node in nodes:
            yield from self._imported(node)
        for node in nodes:
            yield from self._changed(node)

    def _imported(self, node: ast.AST) -> Iterator[tuple[str, str]]:
        loading = node in self._loaded
        if isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                if loading:
                    self._modules.add(name)
                yield from self._module(alias.name, name, alias.name, loading)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            for alias in node.names:
                module, name = node.module or "", alias.asname or alias.name
                yield from self._module(module, name, f"{module}.{alias.name}", loading)

    def _module(self, module: str, name: str, what: str, loading: bool) -> Iterator[tuple[str, str]]:
        top = module.partition(".")[0]
        if top in self._own:
            return
        if what == "gc.unfreeze":
            yield f"it names {what}", ""
        unknown = top not in STANDARD and top not in _KNOWN
        if unknown or (top in _UNSEEN and loading):  # what those do that are loaded later is reported
            yield f"it imports {module}", f".{name}" if loading else top
        self._foreign[name] = what

    def _changed(self, node: ast.AST) -> Iterator[tuple[str, str]]:
        """Attributes of others that are set; those of whole modules are compared."""
        if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
            if not (isinstance(node.value, ast.Name) and node.value.id in self._modules):
                yield from self._rooted(node.value)
        elif isinstance(node, ast.Attribute) and node.attr == "unfreeze":
            yield "it names gc.unfreeze", ""
        elif isinstance(node, ast.Call):
            function = node.func
            if isinstance(function, ast.Name) and function.id in ("setattr", "delattr") and node.args:
                yield from self._rooted(node.args[0])
            elif isinstance(function, ast.Attribute) and function.attr.startswith(
                ("register", "addLevelName")
            ):
                yield from self._rooted(function.value)

    def _rooted(self, node: ast.expr) -> Iterator[tuple[str, str]]:
        while isinstance(node, (ast.Attribute, ast.Subscript)):
            node = node.value
        found: str | None = self._foreign.get(node.id) if isinstance(node, ast.Name) else None
        if found:
            yield f"it changes {found}", ""


def _while_importing(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes outside of functions."""
    for child in ast.iter_child_nodes(tree):
        if not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            yield child
            yield from _while_importing(child)
