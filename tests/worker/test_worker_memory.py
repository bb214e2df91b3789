"""Containers looked at in memory: no change is missed, on every interpreter that the worker runs on."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import testbed
from testbed.machine import _interpreters
from testbed.worker import layouts
from testbed.worker.contents import of_class, of_dict
from testbed.worker.memory import Memory

POOL: list[Any] = [object() for _ in range(4)] + ["a", "b", "c", 1, 2.5, None, (1,)]
"""Things to put in and take out again, so that the same ones come back."""


class Held:
    """Has attributes."""


def _on_list(items: list[Any], step: int, first: Any, second: Any) -> object:
    changes: list[Callable[[], object]] = [
        lambda: items.append(first),
        lambda: items.insert(0, second),
        lambda: items and items.pop(),
        lambda: items and items.__setitem__(-1, first),
        lambda: items.__setitem__(slice(None), [first, second]),
        lambda: items.reverse(),
        lambda: items.clear(),
    ]
    return changes[step % len(changes)]()


def _on_set(items: set[Any], step: int, first: Any, second: Any) -> object:
    changes: list[Callable[[], object]] = [
        lambda: items.add(first),
        lambda: items.discard(first),
        lambda: items.symmetric_difference_update((first, second)),
        lambda: items and items.pop(),
        lambda: items.clear(),
    ]
    return changes[step % len(changes)]()


def _on_dict(names: dict[Any, Any], step: int, first: Any, second: Any) -> object:
    changes: list[Callable[[], object]] = [
        lambda: names.__setitem__(first, second),
        lambda: names.pop(first, None),
        lambda: names.setdefault(second, first),
        lambda: names and names.popitem(),
        lambda: names.update({first: first, second: second}),
        lambda: names.__setitem__(first, names.pop(first, second)),
        lambda: names.clear(),
    ]
    return changes[step % len(changes)]()


def _on_object(value: Any, step: int, first: Any, second: Any) -> object:
    if step % 4 == 3:
        return vars(value).pop("ab"[step % 2], None)
    return setattr(value, "abcd"[step % 4], second if step % 3 else first)


def _on_class(kind: type, step: int, first: Any, second: Any) -> object:
    return setattr(kind, "abcd"[step % 4], second if step % 3 else first)


def _ids(values: Any) -> list[int]:
    return list(map(id, values))


CASES: list[tuple[Callable[[], Any], Any, Any, Any]] = [
    (list, layouts.spot_of_list, lambda value: _ids(value), _on_list),
    (set, layouts.spot_of_set, lambda value: _ids(value), _on_set),
    (dict, layouts.spot_of_dict, lambda value: _ids(of_dict(value)), _on_dict),
    (
        Held,
        lambda value: layouts.spot_of_dict(vars(value)),
        lambda value: _ids(of_dict(vars(value))),
        _on_object,
    ),
    (
        lambda: type("Made", (), {}),
        lambda value: layouts.spot_of_names(vars(value)),
        lambda value: _ids(of_class(value)),
        _on_class,
    ),
]


@pytest.mark.parametrize(
    ("make", "spot", "look", "change"), CASES, ids=["list", "set", "dict", "object", "class"]
)
@given(
    steps=st.lists(st.tuples(st.integers(0, 20), st.sampled_from(POOL), st.sampled_from(POOL)), max_size=40)
)
@settings(max_examples=150)
def test_every_change_is_seen_and_nothing_else(
    make: Any, spot: Any, look: Any, change: Any, steps: list[tuple[int, Any, Any]]
) -> None:
    value, other = make(), make()
    spots = [spot(other), spot(value)]
    assert None not in spots
    memory = Memory(spots)
    for step in steps:
        before = look(value)
        change(value, *step)
        repr(value)
        if look(value) != before:
            assert memory.differing() == [1]
        memory.take(memory.differing())
        assert memory.differing() == []


@given(values=st.lists(st.sampled_from(POOL), min_size=1))
def test_a_reference_is_found_where_it_is_kept_once(values: list[Any]) -> None:
    held = Held()
    own = vars(held)
    spot = layouts.spot_of_reference(held, own)
    assert spot is not None
    memory = Memory([spot])
    for value in values:
        held.value = value  # type: ignore[attr-defined]
        assert memory.differing() == []
    held.__dict__ = dict(own)
    assert memory.differing() == [0]
    assert layouts.spot_of_reference(held, object()) is None


def test_spots_of_no_container_never_differ() -> None:
    assert Memory([]).differing() == []


ASKS = """
import sys
sys.path.insert(0, sys.argv[1])
from worker import layouts, memory
cell = (lambda x: lambda: x)(1).__closure__[0]
names = layouts.spot_of_dict({})
spots = [layouts.spot_of_list([]), layouts.spot_of_set(set()), layouts.spot_of_cell(cell), names]
shrunk = {number: number for number in range(20000)}
for number in range(19990):
    del shrunk[number]
spot = layouts.spot_of_dict(shrunk)
print(all(spots), len(names.words), spot is None or memory.size(spot) < 1000)
"""


@pytest.mark.parametrize("version", [(3, 9), (3, 10), (3, 11), (3, 12), (3, 13)])
def test_every_interpreter_of_targets_can_be_looked_at(version: tuple[int, int]) -> None:
    found = next(_interpreters(version), None)
    if found is None:
        pytest.skip(f"no Python {version[0]}.{version[1]} here")
    command = [found.path, "-B", "-I", "-c", ASKS, str(Path(testbed.__file__).parent)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "1" if version < (3, 13) else "3", "True"]
