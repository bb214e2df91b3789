"""How many faults, of which family, in which function: what is observed is what was asked for."""

from __future__ import annotations

import itertools
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binomtest, poisson

from injectors import mixes
from injectors.catalogue import operators
from injectors.dependents import dependents
from injectors.placement import FieldInjector, Place, draw_count
from testbed.conditions import Condition, InjectionFactor, OversightFactor, RateUnit
from testbed.errors import UserError
from testbed.evaluator import ProcessEvaluator, WorkerSpec
from testbed.facts import TestInfo
from testbed.lineage import Parts, Subject
from testbed.lineage.places import functions, lines_read, runs_by_function
from testbed.lineage.setting import Setting
from testbed.oversight.reviewers import ConstantReviewer
from testbed.protocols import ChangeView, ReviewLine
from testbed.schema import TextEdit
from testbed.stub import StubInjector, StubModifier

SOURCE = {
    "shop.py": """\
def base(n):
    return n + 1


def middle(n):
    return base(n) + 2


def top(n):
    return middle(n) + 3


class Till:
    def alone(self, n):
        return n + 4
"""
}
DRAWS = 3000


def drawn(factor: InjectionFactor) -> Counter[str]:
    """Families drawn where every operator has a place."""
    injector = FieldInjector(factor)
    places = {each.name: [Place("a.py", "f", (TextEdit(0, 0, ""),))] for each in injector.operators}
    rng = np.random.default_rng(7)
    chosen = (injector.choose(places, rng) for _ in range(DRAWS))
    return Counter(operator.family for operator in chosen if operator is not None)


@pytest.mark.parametrize("mix", ["field", "assistant", "uniform", "logic=3, state=1, exception=0"])
def test_families_are_drawn_as_often_as_the_mix_says(mix: str) -> None:
    families = ("logic", "omission", "assignment", "interface", "exception", "state", "assistant")
    counts = drawn(InjectionFactor(families=families, mix=mix))
    weights = mixes.family_weights(mix, families)
    for family, weight in weights.items():
        share = weight / sum(weights.values())
        low, high = binomtest(counts[family], DRAWS).proportion_ci(0.9999)
        assert low <= share <= high, family


def test_operators_within_a_family_are_drawn_by_their_weight() -> None:
    injector = FieldInjector(InjectionFactor(families=("omission",)))
    places = {each.name: [Place("a.py", "f", (TextEdit(0, 0, ""),))] for each in injector.operators}
    rng = np.random.default_rng(3)
    counts = Counter(each.name for _ in range(DRAWS) if (each := injector.choose(places, rng)))
    total = sum(each.weight for each in injector.operators)
    for operator in injector.operators:
        low, high = binomtest(counts[operator.name], DRAWS).proportion_ci(0.9999)
        assert low <= operator.weight / total <= high, operator.name


def test_a_family_without_a_place_leaves_its_share_to_the_others() -> None:
    injector = FieldInjector(InjectionFactor(families=("logic", "state")))
    places: dict[str, list[Place]] = {each.name: [] for each in injector.operators}
    places["off-by-one"] = [Place("a.py", "f", (TextEdit(0, 0, ""),))]
    operator = injector.choose(places, np.random.default_rng(1))
    assert operator is not None
    assert operator.name == "off-by-one"


@pytest.mark.parametrize(
    ("mix", "said"),
    [
        ("feild", '"feild" is no family with its weight'),
        ("logic=x", '"logic=x" is no family with its weight'),
        ("logic=1, logic=2", '"logic" has two weights'),
        ("logic=0", "no family has a weight above 0"),
        ("state=1", "has no weight for any of logic"),
    ],
)
def test_a_mix_that_says_nothing_is_refused(mix: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        mixes.family_weights(mix, ["logic"])


def test_a_published_mix_has_a_weight_for_every_family() -> None:
    families = {operator.family for operator in operators()}
    for mix in ("field", "assistant"):
        assert all(weight > 0 for weight in mixes.family_weights(mix, families).values())


def test_a_fixed_rate_is_the_number_itself() -> None:
    rng = np.random.default_rng(2)
    whole = InjectionFactor(rate=3.0, unit="fixed")
    assert {draw_count(whole, ChangeView({}, 0, 0), rng) for _ in range(50)} == {3}
    half = InjectionFactor(rate=1.5, unit="fixed")
    counts = Counter(draw_count(half, ChangeView({}, 0, 0), rng) for _ in range(1000))
    assert set(counts) == {1, 2}
    low, high = binomtest(counts[2], 1000).proportion_ci(0.999)
    assert low <= 0.5 <= high


@pytest.mark.parametrize(
    ("unit", "rate", "mean"), [("generation", 2.5, 2.5), ("kloc", 40.0, 2.0), ("change", 0.4, 2.0)]
)
def test_what_is_seeded_and_what_finds_no_place_are_together_the_rate_that_was_asked(
    unit: RateUnit, rate: float, mean: float
) -> None:
    injector = FieldInjector(InjectionFactor(rate=rate, unit=unit, placement="anywhere"))
    rng, numbers, times = np.random.default_rng(5), itertools.count(1), 120
    made = [injector.inject(SOURCE, ChangeView({}, 50, 5), rng, lambda: next(numbers)) for _ in range(times)]
    seeded, unplaced = (sum(len(getattr(one, name)) for one in made) for name in ("seeded", "unplaced"))
    low, high = poisson.interval(0.999, times * mean)
    assert low <= seeded + unplaced <= high
    assert seeded > 0.9 * (seeded + unplaced)
    bare = injector.inject({"empty.py": ""}, ChangeView({}, 5000, 50), rng, lambda: next(numbers))
    assert bare.seeded == ()
    assert bare.unplaced  # drawn and told, though there is no place at all


def test_dependents_count_callers_and_their_callers() -> None:
    assert dependents(SOURCE) == {
        ("shop.py", "base"): 2,
        ("shop.py", "middle"): 1,
        ("shop.py", "top"): 0,
        ("shop.py", "Till.alone"): 0,
    }


def placed(factor: InjectionFactor, change: ChangeView, count: int = 300) -> Counter[str]:
    """Functions in which single faults are placed, each in the source as it was."""
    injector = FieldInjector(factor)
    rng, numbers = np.random.default_rng(5), itertools.count(1)
    found: Counter[str] = Counter()
    for _ in range(count):
        found.update(
            one.where for one in injector.place(SOURCE, change, rng, lambda: next(numbers), 1).seeded
        )
    return found


def test_faults_go_where_much_depends_on_it() -> None:
    factor = InjectionFactor(placement="most-depended-on", operators=("wrong-arithmetic",))
    counts = placed(factor, ChangeView({}, 0, 0))
    assert set(counts) == {"base", "middle"}
    low, high = binomtest(counts["base"], counts.total()).proportion_ci(0.999)
    assert low <= 2 / 3 <= high


def test_faults_go_where_few_tests_run() -> None:
    tested = {("shop.py", name): n for name, n in {"base": 4, "middle": 4, "top": 4, "Till.alone": 0}.items()}
    factor = InjectionFactor(placement="least-tested", operators=("wrong-arithmetic",))
    counts = placed(factor, ChangeView({}, 0, 0, tested=tested))
    low, high = binomtest(counts["Till.alone"], counts.total()).proportion_ci(0.999)
    assert low <= 1 / (1 + 3 / 5) <= high


def test_faults_go_where_little_was_read() -> None:
    read = {("shop.py", "base"): 9, ("shop.py", "middle"): 9, ("shop.py", "top"): 9}
    factor = InjectionFactor(placement="least-reviewed", operators=("wrong-arithmetic",))
    counts = placed(factor, ChangeView({}, 0, 0, read=read))
    low, high = binomtest(counts["Till.alone"], counts.total()).proportion_ci(0.999)
    assert low <= 1 / (1 + 3 / 10) <= high


def test_lines_read_are_counted_for_the_innermost_function() -> None:
    text = "x = 1\n\n\ndef f(a):\n    def g(b):\n        return b\n    return g(a)\n"
    read = [ReviewLine("a.py", line, frozenset()) for line in (1, 4, 5, 6, 7)]
    assert [name for name, *_ in functions(text)] == ["f", "f.g"]
    assert lines_read({"a.py": text}, read) == {"a.py::": 1, "a.py::f": 2, "a.py::f.g": 2}


def test_the_worker_says_how_many_tests_run_each_function(tmp_path: Path) -> None:
    static = {
        "test_shop.py": "from shop import base, middle\n\n\ndef test_a():\n    assert base(1) == 2\n\n\n"
        "def test_b():\n    assert middle(1) == 4\n"
    }
    spec = WorkerSpec(sys.executable, "shop", ("test_shop.py",), ("shop.py",), static, scratch=tmp_path)
    ids = tuple(TestInfo(f"test_shop.py::{name}", "unit") for name in ("test_a", "test_b"))
    condition = Condition(injection=InjectionFactor(placement="least-tested"))
    with ProcessEvaluator(spec) as evaluator:
        parts = Parts(StubModifier(0.0), StubInjector(1.0), evaluator, ConstantReviewer(OversightFactor()))
        setting = Setting(condition, 0, 1, Subject(SOURCE, ids, (), {}), parts)
        found = runs_by_function(setting, SOURCE, 1, 1, ())
    assert found == {
        ("shop.py", "base"): 2,
        ("shop.py", "middle"): 1,
        ("shop.py", "top"): 0,
        ("shop.py", "Till.alone"): 0,
    }
