"""A campaign as the engine takes it: a name, a seed, and the conditions of the product of its factors."""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from testbed.campaign.check import Names, nearest
from testbed.campaign.keys import factors, keys
from testbed.campaign.lines import places
from testbed.campaign.presets import PRESETS
from testbed.campaign.read import Levels, Override, Reader
from testbed.conditions import Condition
from testbed.errors import UserError, UserErrors
from testbed.gate import Gate

MOST_CONDITIONS = 10_000


@dataclass(frozen=True, slots=True)
class Campaign:
    """One experiment. `factors` names the keys that have more than one level, in order of writing."""

    name: str
    seed: int
    conditions: tuple[Condition, ...]
    factors: tuple[str, ...] = ()
    text: str = ""
    gate: Gate = field(default_factory=Gate)

    def lineages(self) -> int:
        """How many lineages there are over all conditions."""
        return sum(condition.lineages for condition in self.conditions)

    def generations(self) -> int:
        """How many generations there are at most over all lineages."""
        return sum(condition.lineages * condition.generations for condition in self.conditions)


def builtins() -> tuple[str, ...]:
    """The names of the campaigns that come with the testbed, sorted."""
    found = (files("testbed.campaign") / "builtin").iterdir()
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in found if entry.name.endswith(".toml")))


def builtin(name: str) -> str:
    """The text of a campaign that comes with the testbed. Raises KeyError for another name."""
    if name not in builtins():
        raise KeyError(name)
    return (files("testbed.campaign") / "builtin" / f"{name}.toml").read_text(encoding="utf-8")


def load(source: str, overrides: Sequence[Override] = (), names: Names | None = None) -> Campaign:
    """The campaign of a file, or of a built-in's name. Raises UserErrors with every problem at once.

    Relative paths in a file are relative to the file's folder, those in `overrides` to the working folder.
    """
    path = Path(source).expanduser()
    if source in builtins() and not path.is_file():
        return read(builtin(source), f"{source}.toml", Path.cwd(), overrides, names)
    return read(_text(path, source), source, path.resolve().parent, overrides, names)


def read(
    text: str, file: str, base: Path, overrides: Sequence[Override] = (), names: Names | None = None
) -> Campaign:
    """The campaign that `text` describes; `file` is what messages call it."""
    reader = Reader(file, base, names or Names(), places(text))
    levels = reader.read(_parsed(text, file), overrides)
    if not reader.problems:
        reader.problems += _impossible(levels, reader)
    if reader.problems:
        raise UserErrors(reader.problems)
    return _expand(levels, text, Path(file).stem)


def _text(path: Path, source: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        remedy = nearest(source, builtins()) if not path.suffix else "give a TOML file or a built-in campaign"
        raise UserError(f'no campaign "{source}"', remedy=remedy) from None
    except IsADirectoryError:
        raise UserError("is a folder", where=source, remedy=f"did you mean --target {source}?") from None
    except UnicodeDecodeError:
        raise UserError("is not UTF-8 text", where=source, remedy="a campaign is a TOML file") from None
    except OSError as problem:
        raise UserError(f"cannot be read ({problem.strerror})", where=source) from None


def _parsed(text: str, file: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        line = str(problem).rpartition("at line ")[2].split(",")[0]
        place = f"{file}:{line}" if line.isdigit() else file
        raise UserErrors([UserError(f"not TOML ({problem})", where=place)]) from None


def _impossible(levels: Levels, reader: Reader) -> list[UserError]:
    """What no key says alone: too many conditions, probabilities above one, oracles that are all off."""
    found = []
    size = 1
    for each in levels.values():
        size *= len(each)
    if size > MOST_CONDITIONS:
        found.append(
            UserError(f"{size:,} conditions", where=reader.file, remedy=f"at most {MOST_CONDITIONS:,}")
        )
    if "command" in levels.get("oversight.reviewer", ()) and not all(levels.get("oversight.command", [()])):
        place = reader.where["oversight.reviewer"]
        remedy = 'give oversight.command, such as ["python3", "review.py"]'
        found.append(UserError("has no program", where=place, remedy=remedy))
    rates = levels.get("injection.rate", ())
    if "change" in levels.get("injection.unit", ()) and any(isinstance(r, float) and r > 1 for r in rates):
        place = reader.where["injection.rate"]
        found.append(UserError("above 1", where=place, remedy='with unit "change" it is a probability'))
    return found


def _expand(levels: Levels, text: str, stem: str) -> Campaign:
    """The product of all factors; the last one written varies fastest."""
    plain = {name: levels[name][0] if name in levels else keys()[name].default for name in ("seed", "name")}
    varied = [address for address, found in levels.items() if len(found) > 1]
    conditions = []
    for index, combination in enumerate(itertools.product(*levels.values())):
        conditions.append(_condition(index, dict(zip(levels, combination, strict=True))))
    name = str(plain["name"]) if "name" in levels else stem
    seed = plain["seed"]
    assert isinstance(seed, int)
    return Campaign(name, seed, tuple(conditions), tuple(varied), text, _gate(levels))


def _gate(levels: Levels) -> Gate:
    given = {keys()[name].name: found[0] for name, found in levels.items() if keys()[name].table == "gate"}
    return Gate(**given)  # type: ignore[arg-type]


def _condition(index: int, chosen: dict[str, object]) -> Condition:
    tables: dict[str, dict[str, object]] = {table: {} for table in factors()}
    plain: dict[str, object] = {}
    preset = PRESETS.get(str(chosen.get("oversight.preset", "none")), {})
    for address, value in {**preset, **chosen}.items():
        key = keys()[address]
        if key.factor:
            tables[key.table][key.name] = value
        elif key.name in {"generations", "lineages"}:
            plain[key.name] = value
    parts = {table: factors()[table](**given) for table, given in tables.items()}
    return Condition(index=index, **plain, **parts)  # type: ignore[arg-type]
