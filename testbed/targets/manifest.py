"""`target.toml`: what a target says of itself, where that cannot be found by looking."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from testbed.errors import UserError, UserErrors
from testbed.evaluator import Entry

FILE = "target.toml"
_TEXTS = ("name", "version", "summary")
_LISTS = ("package", "tests", "paths", "exclude", "options", "requires")
_KEYS = (*_TEXTS, *_LISTS, "differential")
_ENTRY_TEXTS = ("name", "generate", "call")
_ENTRY_KEYS = (*_ENTRY_TEXTS, "public")


@dataclass(frozen=True, slots=True)
class Manifest:
    """All keys of a target.toml; what it does not name is empty. docs/targets.md explains each."""

    name: str = ""
    version: str = ""
    summary: str = ""
    package: tuple[str, ...] = ()  # what may be changed, relative to the target
    tests: tuple[str, ...] = ()  # what pytest is given; with a ! before it, what it leaves out
    paths: tuple[str, ...] = ()  # folders that `sys.path` needs
    exclude: tuple[str, ...] = ()  # files and folders that are not taken along, as patterns
    options: tuple[str, ...] = ()  # further arguments for pytest
    requires: tuple[str, ...] = ()  # further requirements for --install
    entries: tuple[Entry, ...] = field(default=())


def read(folder: Path) -> Manifest:
    """The manifest in `folder`; an empty one where there is none. Raises UserError with all its problems."""
    path = folder / FILE
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise UserError(f"not TOML ({problem})", where=str(path)) from None
    except OSError as problem:
        raise UserError(f"cannot be read ({problem.strerror})", where=str(path)) from None
    problems = [*_unknown(data, _KEYS), *_mistyped(data, _TEXTS, _LISTS), *_bad_entries(data)]
    if problems:
        raise UserErrors([UserError(what, where=str(path), remedy=remedy) for what, remedy in problems])
    given: dict[str, Any] = {key: tuple(data[key]) for key in _LISTS if key in data}
    given.update({key: data[key] for key in _TEXTS if key in data})
    return Manifest(**given, entries=tuple(_entry(item) for item in data.get("differential", ())))


def _entry(item: dict[str, Any]) -> Entry:
    return Entry(item["name"], item["generate"], item["call"], tuple(item.get("public", ())))


def _unknown(data: dict[str, Any], keys: tuple[str, ...]) -> list[tuple[str, str]]:
    found = []
    for key in data:
        if key not in keys:
            near = get_close_matches(key, keys, 1)
            found.append(
                (f"unknown key {key!r}", f"did you mean {near[0]}?" if near else f"known: {', '.join(keys)}")
            )
    return found


def _mistyped(data: dict[str, Any], texts: tuple[str, ...], lists: tuple[str, ...]) -> list[tuple[str, str]]:
    wrong = [
        (f"{key!r} is no text", f'write {key} = "..."')
        for key in texts
        if not isinstance(data.get(key, ""), str)
    ]
    return wrong + [
        (f"{key!r} is no list of texts", f'write {key} = ["..."]')
        for key in lists
        if not isinstance(data.get(key, []), list)
        or not all(isinstance(item, str) for item in data.get(key, []))
    ]


def _bad_entries(data: dict[str, Any]) -> list[tuple[str, str]]:
    items = data.get("differential", [])
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        return [("'differential' is no list of tables", "begin each with [[differential]]")]
    found: list[tuple[str, str]] = []
    for item in items:
        missing = [key for key in _ENTRY_TEXTS if key not in item]
        found += [
            (f"a differential entry lacks {key!r}", "it needs name, generate and call") for key in missing
        ]
        found += [*_unknown(item, _ENTRY_KEYS), *_mistyped(item, _ENTRY_TEXTS, ("public",))]
        found += [
            (f"{item[key]!r} is no address", "write module:function")
            for key in ("generate", "call")
            if isinstance(item.get(key), str) and item[key].count(":") != 1
        ]
    names = [str(item.get("name")) for item in items]
    found += [
        (f"two differential entries are called {name!r}", "")
        for name in sorted({n for n in names if names.count(n) > 1})
    ]
    return found
