"""Probing: which guards would have differed at some evaluation, seen from a run with nothing on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from evaluator_targets import source_of, spec_of

from testbed.evaluator import ProcessEvaluator
from testbed.protocols import Outcome

SOURCE = source_of(
    core="""
        LIMIT = 10
        CALLS = []

        class Point:
            __slots__ = ("x", "owner")
            kind = 3
            def __init__(self, x):
                self.x = x
            @property
            def computed(self):
                CALLS.append(1)
                return self.x

        class Bag:
            def __init__(self, items):
                self.items, self.size = items, len(items)
            def __len__(self):
                CALLS.append(1)
                return 1

        def boundary(n):
            return (n > LIMIT if __fault__(1) else n >= LIMIT)

        def typed(n):
            return (float(n) if __fault__(2) else n)

        def zero(n):
            return (n * -1.0 if __fault__(3) else n * 1.0)

        def divides(n):
            return (10 // n if __fault__(4) else n)

        def slot(p):
            return (p.x if __fault__(5) else p.kind)

        def prop(p):
            return (p.computed if __fault__(6) else p.x)

        def own(bag):
            return (len(bag) if __fault__(7) else bag.size)

        def attribute(bag):
            return (bag.size if __fault__(8) else len(bag.items))

        def first(items):
            return (items[0] if __fault__(9) else items[-1])

        def assign(n):
            m = 1
            if __fault__(10):
                pass
            else:
                m = n
            return m

        def swap(n):
            if __fault__(11):
                m = n + 1
            else:
                m = n + 2
            return m

        def call(n):
            if __fault__(12):
                pass
            else:
                CALLS.append(n)
            return n

        def method(text):
            return (text.upper() if __fault__(13) else text)

        def many(n):
            return (n % 1_000_003 if __fault__(14) else n)

        def both_raise(items):
            try:
                return (items[5] if __fault__(15) else items[6])
            except IndexError:
                return None

        def nested(n):
            return ((n + 1 if __fault__(17) else n) if __fault__(16) else n)

        def huge(n):
            return (n ** n ** n if __fault__(18) else n)

        def comprehension(items):
            return [(i < 3 if __fault__(19) else i <= 3) for i in items]

        def same_object(a, b):
            return (a if __fault__(20) else b)

        def member(n):
            return (n in (1, 2) if __fault__(21) else n in [1, 2, 3])

        def none(x):
            return (x is None if __fault__(22) else x is not None)

        def unbound(n):
            if n:
                value = 1
            return (value if __fault__(23) else 1)
    """
)

CALLS = {
    "boundary_far": "core.boundary(11), core.boundary(3)",
    "boundary_near": "core.boundary(11), core.boundary(10)",
    "typed": "core.typed(3)",
    "zero": "core.zero(0.0)",
    "one": "core.zero(float('nan'))",
    "divides_raises": "core.divides(0)",
    "slot_equal": "core.slot(core.Point(3))",
    "slot_differs": "core.slot(core.Point(4))",
    "prop": "core.prop(core.Point(3))",
    "own": "core.own(core.Bag([1]))",
    "attribute": "core.attribute(core.Bag([1, 2]))",
    "first_equal": "core.first([1, 2, 1])",
    "first_differs": "core.first([1, 2])",
    "assign_equal": "core.assign(1)",
    "assign_differs": "core.assign(2)",
    "swap": "core.swap(1)",
    "call": "core.call(1)",
    "method": "core.method('a')",
    "few": "[core.many(n) for n in range(499)]",
    "many": "[core.many(n) for n in range(501)]",
    "both_raise": "core.both_raise([])",
    "nested": "core.nested(1)",
    "huge": "core.huge(9)",
    "comprehension_equal": "core.comprehension([1, 2, 4])",
    "comprehension_differs": "core.comprehension([1, 3])",
    "same_object": "(lambda o: core.same_object(o, o))(object())",
    "other_object": "core.same_object(object(), object())",
    "member_equal": "core.member(2), core.member(4)",
    "member_differs": "core.member(3)",
    "none": "core.none(object())",
    "unbound": "core.unbound(0)",
    "bound": "core.unbound(1)",
}

STATIC = {
    "tests/test_core.py": "from mini import core\n\n"
    + "\n".join(
        f"def test_{name}():\n    {call}\n    assert core.CALLS == {[1] if name == 'call' else []}"
        for name, call in CALLS.items()
    )
}


@pytest.fixture(scope="module")
def probed(scratch: Path) -> Iterator[dict[str, Outcome]]:
    evaluator = ProcessEvaluator(spec_of(STATIC, scratch))
    loaded = evaluator.load("g", SOURCE)
    assert loaded.error == ""
    outcomes = evaluator.run("g", frozenset(), [test.id for test in loaded.tests], probe=True)
    yield {outcome.test.rpartition("::test_")[2]: outcome for outcome in outcomes}
    evaluator.close()


def judged(outcome: Outcome, fault: int) -> str:
    assert fault in outcome.reached
    if fault in outcome.infected:
        assert fault not in outcome.undecided
        return "infected"
    return "undecided" if fault in outcome.undecided else "equal"


@pytest.mark.parametrize(
    ("name", "fault", "expected"),
    [
        ("boundary_far", 1, "equal"),
        ("boundary_near", 1, "infected"),
        ("typed", 2, "infected"),
        ("zero", 3, "infected"),
        ("one", 3, "equal"),
        ("divides_raises", 4, "infected"),
        ("slot_equal", 5, "equal"),
        ("slot_differs", 5, "infected"),
        ("prop", 6, "undecided"),
        ("own", 7, "undecided"),
        ("attribute", 8, "equal"),
        ("first_equal", 9, "equal"),
        ("first_differs", 9, "infected"),
        ("assign_equal", 10, "equal"),
        ("assign_differs", 10, "infected"),
        ("swap", 11, "infected"),
        ("call", 12, "undecided"),
        ("method", 13, "undecided"),
        ("few", 14, "equal"),
        ("many", 14, "undecided"),
        ("both_raise", 15, "equal"),
        ("nested", 16, "equal"),
        ("huge", 18, "undecided"),
        ("comprehension_equal", 19, "equal"),
        ("comprehension_differs", 19, "infected"),
        ("same_object", 20, "equal"),
        ("other_object", 20, "undecided"),
        ("member_equal", 21, "equal"),
        ("member_differs", 21, "infected"),
        ("none", 22, "infected"),
        ("unbound", 23, "infected"),
        ("bound", 23, "equal"),
    ],
)
def test_a_guard_is_infected_where_its_alternatives_differ(
    probed: dict[str, Outcome], name: str, fault: int, expected: str
) -> None:
    assert judged(probed[name], fault) == expected


def test_probing_has_no_effect_on_the_program(probed: dict[str, Outcome]) -> None:
    assert {name for name, outcome in probed.items() if outcome.verdict != "pass"} == set()


def test_a_run_without_probing_says_nothing_of_infection(scratch: Path) -> None:
    evaluator = ProcessEvaluator(spec_of(STATIC, scratch))
    evaluator.load("g", SOURCE)
    (outcome,) = evaluator.run("g", frozenset(), ["tests/test_core.py::test_typed"])
    evaluator.close()
    assert (outcome.reached, outcome.infected, outcome.undecided) == ((2,), (), ())
