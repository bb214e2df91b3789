"""Whatever a test leaves in what its modules reach is a change; nothing else is."""

from __future__ import annotations

import random
import sys
import types
from collections.abc import Callable
from typing import Any

import pytest

from testbed.worker.world import NotComparable, World

TEXT = """
import collections, dataclasses, enum, functools, io, itertools, re

class Number(enum.IntEnum):
    ONE = 1

Pair = collections.namedtuple("Pair", "a b")

@dataclasses.dataclass
class Held:
    values: list

class Slotted:
    __slots__ = ("value",)

HELD, PAIR, NUMBERS = Held([]), Pair([], {}), itertools.count()
COUNTED, WAITING, EMPTY = collections.Counter("ab"), collections.deque([1]), {}
SLOTTED, PATTERN = Slotted(), re.compile("a")

def function(a=[]):
    return a

@functools.lru_cache
def cached(a):
    return a
"""


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> Any:
    made = types.ModuleType("mine")
    monkeypatch.setitem(sys.modules, "mine", made)
    exec(TEXT, vars(made))
    return made


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m.HELD.values.append(1),
        lambda m: setattr(m.HELD, "more", 1),
        lambda m: m.PAIR.a.append(1),
        lambda m: next(m.NUMBERS),
        lambda m: m.COUNTED.update("a"),
        lambda m: m.WAITING.rotate() or m.WAITING.append(2),
        lambda m: m.EMPTY.update(a=1),
        lambda m: setattr(m.SLOTTED, "value", 1),
        lambda m: setattr(m.Slotted, "shared", 1),
        lambda m: m.function().append(1),
        lambda m: setattr(m.function, "note", 1),
        lambda m: m.cached(1),
        lambda m: setattr(m, "new", 1),
    ],
)
def test_a_change_of_what_is_reachable_is_seen(module: Any, change: Callable[[Any], object]) -> None:
    world = World([module], [])
    assert world.unchanged()
    change(module)
    assert not world.unchanged()


def test_generators_of_random_numbers_are_compared(module: Any) -> None:
    module.DRAWN, module.SYSTEM = random.Random(1), random.SystemRandom()
    world = World([module], [])
    module.SYSTEM.random()
    assert world.unchanged()
    module.DRAWN.random()
    assert not world.unchanged()
    assert not world.restored()


def test_what_is_used_is_not_changed(module: Any) -> None:
    world = World([module], [])
    assert module.PATTERN.match("a")
    assert module.Number(1).name == "ONE"
    assert module.PAIR.a == []
    vars(module)["__warningregistry__"] = {"version": 1}
    assert world.unchanged()


def test_a_state_that_cannot_be_looked_at_is_refused(module: Any) -> None:
    module.file = module.io.StringIO("x")
    with pytest.raises(NotComparable, match="StringIO"):
        World([module], [])


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m.HELD.values.append(1),
        lambda m: setattr(m.HELD, "more", 1),
        lambda m: setattr(m.HELD, "values", []),
        lambda m: delattr(m.HELD, "values"),
        lambda m: m.PAIR.b.update(a=1),
        lambda m: m.EMPTY.update(a=1),
        lambda m: m.function().append(1),
        lambda m: m.cached(1),
        lambda m: setattr(m, "NUMBERS", 0),
        lambda m: m.COUNT(),
    ],
)
def test_what_can_be_put_back_is_as_it_was(module: Any, change: Callable[[Any], object]) -> None:
    exec(
        "def counter():\n held = 0\n def more():\n  nonlocal held\n  held += 1\n  return held\n return more\n"
        "COUNT = counter()",
        vars(module),
    )
    world = World([module], [])
    before = [*vars(module)]
    for _ in range(2):
        change(module)
        assert not world.unchanged()
        assert world.restored()
        assert world.unchanged()
        assert [*vars(module)] == before
    assert (module.HELD.values, vars(module.HELD), module.EMPTY) == ([], {"values": []}, {})
    assert (module.COUNT(), module.cached.cache_info().hits, module.function()) == (1, 0, [])


@pytest.mark.parametrize(
    "change",
    [
        lambda m: next(m.NUMBERS),
        lambda m: setattr(m.Held, "more", 1),
        lambda m: m.WAITING.append(2),
        lambda m: setattr(m.SLOTTED, "value", 1),
    ],
)
def test_what_cannot_be_put_back_stays_a_change(module: Any, change: Callable[[Any], object]) -> None:
    world = World([module], [])
    change(module)
    assert not world.restored()
