"""From a rate to faults in the source: how many, of which kind, where."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from injectors.catalogue import selected
from injectors.dependents import dependents
from injectors.mixes import family_weights
from injectors.operator import Operator
from injectors.source import SourceView
from testbed.conditions import InjectionFactor
from testbed.protocols import ChangeView, Function, Injection, Seeded, Source
from testbed.schema import GUARD, NotPlaceable, TextEdit, insert

_ONE_SITE = 1_000_000_000  # numbers from here on are of single sites, for a moment
MOST_TRIES = 20
"""Sites tried for one fault before it counts as not placeable."""


def draw_count(factor: InjectionFactor, change: ChangeView, rng: np.random.Generator) -> int:
    """How many faults this change gets.

    Poisson(rate) a generation; Poisson(rate * changed lines / 1000) for `kloc`; Binomial(edits, rate) for
    `change`; for `fixed` the rate itself, a fraction of one by chance.
    """
    if factor.unit == "kloc":
        return int(rng.poisson(factor.rate * change.lines_changed / 1000))
    if factor.unit == "change":
        return int(rng.binomial(change.edits, factor.rate))
    if factor.unit == "fixed":
        whole = int(factor.rate)
        return whole + int(rng.random() < factor.rate - whole)
    return int(rng.poisson(factor.rate))


def function_weights(factor: InjectionFactor, change: ChangeView, source: Source) -> dict[Function, float]:
    """How likely a place in each function is, beside one in another; empty where all are alike.

    1/(1+tests that run it), the number of functions that depend on it, or 1/(1+lines of it read so far).
    """
    if factor.placement == "least-tested":
        return {function: 1 / (1 + tests) for function, tests in change.tested.items()}
    if factor.placement == "most-depended-on":
        return {function: float(count) for function, count in dependents(source).items()}
    if factor.placement == "least-reviewed":
        return {function: 1 / (1 + change.read.get(function, 0)) for function in dependents(source)}
    return {}


@dataclass(frozen=True, slots=True)
class Place:
    """One fault that one operator can make in one file."""

    path: str
    where: str
    edits: tuple[TextEdit, ...]  # one for each site


class FieldInjector:
    """Draws a family by the mix, an operator by its weight, then one of its places; implements `Injector`."""

    def __init__(self, factor: InjectionFactor, operators: Sequence[Operator] | None = None) -> None:
        self.factor = factor
        self.operators = tuple(operators) if operators is not None else selected(factor)
        self._mix = family_weights(factor.mix, (operator.family for operator in self.operators))

    def inject(
        self, source: Source, change: ChangeView, rng: np.random.Generator, number: Callable[[], int]
    ) -> Injection:
        """Seeds the drawn number of faults; what cannot be placed is told, not dropped."""
        return self.place(source, change, rng, number, self.draw(change, rng))

    def draw(self, change: ChangeView, rng: np.random.Generator) -> int:
        """How many faults this change gets."""
        return draw_count(self.factor, change, rng)

    def place(
        self,
        source: Source,
        change: ChangeView,
        rng: np.random.Generator,
        number: Callable[[], int],
        count: int,
    ) -> Injection:
        """Seeds `count` faults; what cannot be placed is told, not dropped."""
        current = dict(source)
        seeded: list[Seeded] = []
        unplaced: list[str] = []
        known: dict[str, tuple[str, list[tuple[str, Place]]]] = {}
        weights = function_weights(self.factor, change, source) if count else {}
        for _ in range(count):
            places = self._places(current, change, known)
            fault = self._one(current, places, weights, rng, number)
            if isinstance(fault, str):
                unplaced.append(fault)
            else:
                seeded.append(fault)
        return Injection(current, tuple(seeded), tuple(unplaced))

    def _one(
        self,
        source: dict[str, str],
        places: Mapping[str, list[Place]],
        weights: Mapping[Function, float],
        rng: np.random.Generator,
        number: Callable[[], int],
    ) -> Seeded | str:
        reason, fault = "", 0
        for _ in range(MOST_TRIES):
            operator = self.choose(places, rng)
            if operator is None:
                return "no operator has a place in the code that may be harmed"
            place = _one_of(places[operator.name], weights, rng)
            fault = fault or number()
            try:
                source |= guarded(source, fault, {place.path: place.edits, **operator.elsewhere(source)})
            except NotPlaceable as problem:
                reason = f"{operator.name} in {place.path}: {problem.reason}"
                continue
            return Seeded(fault, operator.name, operator.family, place.path, place.where)
        return reason

    def choose(self, places: Mapping[str, list[Place]], rng: np.random.Generator) -> Operator | None:
        """A family that has a place, by the mix, and one of its operators, by its weight; None without."""
        able = [each for each in self.operators if places[each.name] and self._mix[each.family] > 0]
        if not able:
            return None
        families = list(dict.fromkeys(operator.family for operator in able))
        family = families[_drawn([self._mix[name] for name in families], rng)]
        inside = [operator for operator in able if operator.family == family]
        return inside[_drawn([operator.weight for operator in inside], rng)]

    def _places(
        self,
        source: Source,
        change: ChangeView,
        known: dict[str, tuple[str, list[tuple[str, Place]]]],
    ) -> dict[str, list[Place]]:
        """Operator -> its places. `known` keeps those of files that have not changed since."""
        found: dict[str, list[Place]] = {operator.name: [] for operator in self.operators}
        for path, text in sorted(source.items()):
            if path not in known or known[path][0] != text:
                lines = change.touched.get(path, frozenset())
                known[path] = (text, list(self._in_file(path, text, lines, change.generation)))
            for operator, place in known[path][1]:
                found[operator].append(place)
        return found

    def _in_file(
        self, path: str, text: str, lines: frozenset[int], generation: int
    ) -> Iterator[tuple[str, Place]]:
        anywhere = self.factor.placement != "touched"
        if not (anywhere or lines):
            return
        view = SourceView(path, text, generation)
        for node in view.nodes:
            first, last = view.region(node)
            if anywhere or any(first <= line <= last for line in lines):
                for operator in self.operators:
                    for edits in operator.places(view, node):
                        yield operator.name, Place(path, view.where(node), edits)


def guarded(source: Source, fault: int, edits: Mapping[str, Sequence[TextEdit]]) -> dict[str, str]:
    """The files in which the fault has sites, with its guard at each. Raises NotPlaceable."""
    return {path: _inserted(source[path], fault, inside) for path, inside in edits.items()}


def _inserted(text: str, fault: int, edits: Sequence[TextEdit]) -> str:
    """The text with a guard of the fault at each site; the last one first, so that places hold.

    Each guard is written and checked by itself, under a number of its own.
    """
    if len(edits) == 1:
        return insert(text, fault, edits)
    for number, edit in enumerate(sorted(edits, key=lambda edit: -edit.start), start=_ONE_SITE):
        text = insert(text, number, [edit])
    for number in range(_ONE_SITE, _ONE_SITE + len(edits)):
        text = text.replace(f"{GUARD}({number})", f"{GUARD}({fault})")
    return text


def _drawn(weights: Sequence[float], rng: np.random.Generator) -> int:
    array = np.array(weights, dtype=float)
    return int(rng.choice(len(array), p=array / array.sum()))


def _one_of(places: Sequence[Place], weights: Mapping[Function, float], rng: np.random.Generator) -> Place:
    """One of the places, by the weight of its function; any of them where no function has one."""
    known = [weights.get((place.path, place.where), 0.0) for place in places] if weights else []
    if not sum(known) > 0:
        return places[int(rng.integers(len(places)))]
    return places[_drawn(known, rng)]
