"""Is this value possible for this key? Every refusal says what would be."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from testbed import mixes, prices
from testbed.campaign.keys import Key, Level
from testbed.errors import UserError
from testbed.gate import Bound, parse

_CAMPAIGN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_CALLED = {
    str: "text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    list: "a list",
    dict: "a table",
}
_NEEDED = {
    "text": "text in quotes",
    "choice": "text in quotes",
    "whole": "a whole number",
    "number": "a number",
    "switch": "true or false",
    "names": "a list of texts",
}


@dataclass(frozen=True, slots=True)
class Names:
    """The names of parts that a campaign may mention; an empty list leaves its names unchecked."""

    targets: tuple[str, ...] = ()
    modifiers: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    operators: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    measured: Callable[[Bound], None] | None = None  # raises UserError where a bound's measure is unknown
    risks: tuple[str, ...] = ()


def nearest(word: str, possible: Iterable[str], listed: int = 24) -> str:
    """A remedy that names what was probably meant, else all that is possible."""
    known = list(possible)
    close = difflib.get_close_matches(word, known, n=1)
    if close:
        return f'did you mean "{close[0]}"?'
    more = ", ..." if len(known) > listed else ""
    return f"possible: {', '.join(known[:listed])}{more}"


def shown(value: Any) -> str:
    """A value as a message quotes it."""
    if isinstance(value, str):
        return f'"{value}"'
    return str(value).lower() if isinstance(value, bool) else str(value)


def _wrong_type(key: Key, value: Any) -> UserError:
    called = _CALLED.get(type(value), type(value).__name__)
    quoted = "" if isinstance(value, list | dict) else f" {shown(value)}"
    return UserError(f"needs {_NEEDED[key.kind]}, not {called}{quoted}")


def _known(word: str, possible: tuple[str, ...], noun: str) -> str:
    if possible and word not in possible:
        raise UserError(f'unknown {noun} "{word}"', remedy=nearest(word, possible))
    return word


def _text(key: Key, value: Any) -> str:
    if not isinstance(value, str):
        raise _wrong_type(key, value)
    if "\0" in value or "\n" in value:
        raise UserError("must be one line of text")
    return value


def _number(key: Key, value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong_type(key, value)
    if key.kind == "whole" and not isinstance(value, int):
        raise _wrong_type(key, value)
    if not key.range.holds(value):
        raise UserError(f"{value:g} is not possible", remedy=f"a number {key.range} is")
    return value if key.kind == "whole" else float(value)


def _switch(key: Key, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _wrong_type(key, value)
    return value


def _choice(key: Key, value: Any) -> str:
    return _known(_text(key, value), key.choices, key.name)


def _names(key: Key, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
        raise _wrong_type(key, value)
    repeated = next((each for each in value if list(value).count(each) > 1), None)
    if repeated is not None:
        raise UserError(f'"{repeated}" is listed twice')
    return tuple(value)


_BY_KIND: dict[str, Callable[[Key, Any], Level]] = {
    "text": _text,
    "choice": _choice,
    "whole": _number,
    "number": _number,
    "switch": _switch,
    "names": _names,
}


def absolute(path: str, base: Path) -> str:
    """A path as the user wrote it, independent of the working folder; symbolic links stay."""
    return os.path.abspath(base / Path(path).expanduser())  # noqa: PTH100 (resolve() follows links)


def looks_like_path(name: str) -> bool:
    """Whether a target's name can only be a path."""
    return name.startswith((".", "~")) or "/" in name or os.sep in name


def _target(name: str, base: Path, names: Names) -> str:
    if name.startswith("git:"):
        repository, _, commit = name.removeprefix("git:").rpartition("@")
        return f"git:{absolute(repository, base)}@{commit}"
    if name.startswith("pypi:") or (name in names.targets):
        return name
    if not name:
        raise UserError("the target's name is empty", remedy=nearest(name, names.targets))
    if looks_like_path(name) or (base / name).is_dir():
        return absolute(name, base)
    if not names.targets:
        return name
    remedy = f"{nearest(name, names.targets)} (or a path such as ./{name}, or pypi:{name}==VERSION)"
    raise UserError(f'unknown target "{name}"', remedy=remedy)


def level(key: Key, value: Any, base: Path, names: Names) -> Level:
    """The value as a level of `key`; paths are relative to `base`. Raises UserError without a place."""
    found = _BY_KIND[key.kind](key, value)
    if key.address == "name" and not _CAMPAIGN_NAME.fullmatch(str(found)):
        raise UserError(f'"{found}" cannot be a folder\'s name', remedy="use letters, digits, - . and _")
    if key.address == "target.name":
        return _target(str(found), base, names)
    if key.address == "target.python" and (os.sep in str(found) or str(found).startswith("~")):
        return absolute(str(found), base)
    if key.address in {"modifier.tasks", "modifier.repository"} and found:
        return absolute(str(found), base)
    if key.address == "modifier.writable" and isinstance(found, tuple):
        return tuple(absolute(place, base) for place in found)
    if key.address == "modifier.prices" and isinstance(found, tuple):
        prices.table(found)
    if key.address == "modifier.name":
        return _known(str(found), names.modifiers, "modifier")
    if key.address == "oversight.risk" and isinstance(found, tuple):
        return tuple(_known(each, names.risks, "risk") for each in found)
    if key.address == "oversight.command" and isinstance(found, tuple):
        return tuple(absolute(word, base) if (base / word).is_file() else word for word in found)
    if key.address == "oversight.reviewer":
        return _known(str(found), names.reviewers, "reviewer")
    if key.address == "gate.bounds" and isinstance(found, tuple):
        for each in found:
            bound = parse(each)
            if names.measured:
                names.measured(bound)
    if key.address == "injection.recorded" and found:
        return absolute(str(found), base)
    if key.address == "injection.mix":
        for family in mixes.table(str(found)) or ():
            _known(family, names.families, "family")
    if key.address in {"injection.families", "injection.operators"} and isinstance(found, tuple):
        possible = names.families if key.name == "families" else names.operators
        return tuple(
            _known(each, possible, f"{'family' if key.name == 'families' else 'operator'}") for each in found
        )
    return found
