"""Where in a TOML text each key stands. A scan for messages only; `tomllib` does the reading."""

from __future__ import annotations

import re
from collections.abc import Iterator

Path = tuple[str, ...]

_PART = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_PATH = rf"{_PART}(?:[ \t]*\.[ \t]*{_PART})*"
_TOKEN = re.compile(
    rf"""(?P<long>\"\"\".*?(?:\"\"\"|\Z)|'''.*?(?:'''|\Z))
    |(?P<table>^[ \t]*\[\[?[ \t]*(?P<table_path>{_PATH})[ \t]*\]\]?)
    |(?P<key>(?P<key_path>{_PATH})[ \t]*=)
    |(?P<text>"(?:\\.|[^"\\\n])*"|'[^'\n]*')
    |(?P<comment>\#[^\n]*)
    |(?P<open>[\[{{])|(?P<close>[\]}}])""",
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)


def _parts(path: str) -> Path:
    return tuple(part.strip("\"'") for part in re.findall(_PART, path))


def _places(text: str) -> Iterator[tuple[Path, int]]:
    table: Path = ()
    inside: list[Path] = []  # keys whose list or inline table is open
    last: Path = ()
    for token in _TOKEN.finditer(text):
        if token["table"] and not inside:
            table = last = _parts(token["table_path"])
            yield table, token.start("table_path")
        elif token["key"]:
            last = (*(inside[-1] if inside else table), *_parts(token["key_path"]))
            yield last, token.start()
        elif token["table"] or token["open"]:
            inside += [last] * (token[0].count("[") + token[0].count("{") - token[0].count("]"))
        elif token["close"] and inside:
            inside.pop()


def places(text: str) -> dict[Path, int]:
    """Path of each table and key -> its 1-based line, the first where it comes twice."""
    found: dict[Path, int] = {}
    for path, offset in _places(text):
        found.setdefault(path, text.count("\n", 0, offset) + 1)
    return found


def line_of(found: dict[Path, int], path: Path) -> int:
    """The line of `path`, or that of the nearest table around it; 0 when there is none."""
    while path and path not in found:
        path = path[:-1]
    return found.get(path, 0)
