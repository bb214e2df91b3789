"""From a campaign's tables to the levels of each key, with every problem found, each with its place."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from testbed.campaign.check import Names, level, nearest, shown
from testbed.campaign.keys import Key, Level, keys, tables
from testbed.campaign.lines import line_of
from testbed.errors import UserError

Levels = dict[str, tuple[Level, ...]]
"""Address -> its levels, in the order of writing; keys left out are missing."""


@dataclass(frozen=True, slots=True)
class Override:
    """A value given beside the file. `where` is how the user gave it, such as `--set injection.rate`."""

    address: str
    value: Any
    where: str


def override(text: str) -> Override:
    """What `--set KEY=VALUE` says. VALUE is TOML; anything that is not is taken as text."""
    address, equals, value = (part.strip() for part in text.partition("="))
    if not equals or not address:
        raise UserError(
            f'"{text}" is not KEY=VALUE', where="--set", remedy="such as --set injection.rate=0.2"
        )
    return Override(address, _toml_value(value), f"--set {address}")


def _toml_value(text: str) -> Any:
    try:
        table = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        return text
    return table["value"] if len(table) == 1 else text


@dataclass(slots=True)
class Reader:
    """Reads one campaign. `problems` collects; nothing is raised."""

    file: str
    base: Path
    names: Names
    places: dict[tuple[str, ...], int]
    problems: list[UserError] = field(default_factory=list)
    where: dict[str, str] = field(default_factory=dict)

    def read(self, data: Mapping[str, Any], overrides: Sequence[Override]) -> Levels:
        """The levels of every key that is given, the file's first."""
        levels: Levels = {}
        for key, value in self._given(data):
            self._add(levels, key, value, self._place(key.table, key.name), self.base)
        for each in overrides:
            known = keys().get(each.address)
            if known is None:
                self._refuse(_error(_unknown_key(*_split(each.address))), each.where)
            else:
                self._add(levels, known, each.value, each.where, Path.cwd())
        return levels

    def _given(self, data: Mapping[str, Any]) -> Iterator[tuple[Key, Any]]:
        for name, value in data.items():
            if name in tables():
                yield from self._table(name, value)
            else:
                yield from self._one("", name, value)

    def _table(self, table: str, value: Any) -> Iterator[tuple[Key, Any]]:
        if not isinstance(value, dict):
            self._refuse(UserError("is a table", remedy=f"write [{table}]"), self._place("", table))
            return
        for name, inner in value.items():
            yield from self._one(table, name, inner)

    def _one(self, table: str, name: str, value: Any) -> Iterator[tuple[Key, Any]]:
        key = keys().get(f"{table}.{name}" if table else name)
        if key is None or "." in name:
            table_like = isinstance(value, dict) and not table
            unknown = _unknown_table(name) if table_like else _unknown_key(table, name)
            self._refuse(_error(unknown), self._place(table, name))
        else:
            yield key, value

    def _add(self, levels: Levels, key: Key, value: Any, where: str, base: Path) -> None:
        self.where[key.address] = where
        try:
            levels[key.address] = self._levels(key, value, base)
        except UserError as problem:
            self._refuse(problem, where)

    def _levels(self, key: Key, value: Any, base: Path) -> tuple[Level, ...]:
        if not _is_factor(key, value):
            return (level(key, value, base, self.names),)
        if not key.factor:
            raise UserError("takes one value, not a list", remedy="only what a condition has can be a factor")
        if not value:
            raise UserError("is an empty list", remedy="a factor needs one level or more")
        found = tuple(level(key, each, base, self.names) for each in value)
        repeated = next((each for place, each in enumerate(found) if each in found[:place]), None)
        if repeated is not None:
            raise UserError(f"has the level {shown(repeated)} twice")
        return found

    def _place(self, table: str, name: str) -> str:
        path = (table, name) if table else (name,)
        return f"{self.file}:{line_of(self.places, path)}: {'.'.join(path)}"

    def _refuse(self, problem: UserError, where: str) -> None:
        self.problems.append(UserError(problem.what, where=where, remedy=problem.remedy))


def _is_factor(key: Key, value: Any) -> bool:
    if not isinstance(value, list | tuple):
        return False
    return key.kind != "names" or (bool(value) and all(isinstance(each, list | tuple) for each in value))


def _error(said: tuple[str, str, str]) -> UserError:
    what, where, remedy = said
    return UserError(what, where=where, remedy=remedy)


def _split(address: str) -> tuple[str, str]:
    table, _, name = address.rpartition(".")
    return table, name


def _unknown_key(table: str, name: str) -> tuple[str, str, str]:
    """(what, where, remedy) of a key that does not exist; the place is put in by the caller."""
    if table and table not in tables():
        return _unknown_table(table)
    if "." in name:
        return f'"{name}" is not a key', "", "write the table's name in brackets above the key"
    possible = [key.name for key in keys().values() if key.table == table]
    elsewhere = [key.address for key in keys().values() if key.name == name]
    what = f'unknown key "{name}"' + (f" in [{table}]" if table else "")
    if elsewhere:
        return what, "", f"did you mean {elsewhere[0]}?"
    return what, "", nearest(name, possible if table else [*possible, *tables()])


def _unknown_table(name: str) -> tuple[str, str, str]:
    return f"unknown table [{name}]", "", nearest(name, tables())
