"""A fault's birth certificate: its diff, and inputs on which the faulty and the healed program differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import unified_diff

from injectors.salience import salience
from testbed.examination import NAME, NONE, Examination
from testbed.facts import BirthFact, Origin, Witness
from testbed.protocols import OutsideEvaluator, Salience, Source
from testbed.schema import Guard, find_guards, materialise, render
from testbed.severity import severity

HIDING = ("dormant", "concealed")
"""Families of faults that can behave for as long as they are looked at."""

MOST_WITNESSES = 3


@dataclass(frozen=True, slots=True)
class Newborn:
    """A fault that has just entered a candidate."""

    fault: int
    origin: Origin
    parent: int | None
    operator: str
    family: str


def sites(source: Source) -> dict[int, list[tuple[str, Guard]]]:
    """Fault -> (path, guard) of each of its sites, in order of place."""
    found: dict[int, list[tuple[str, Guard]]] = {}
    for path, text in sorted(source.items()):
        for guard in find_guards(text):
            found.setdefault(guard.number, []).append((path, guard))
    return found


def fault_diff(source: Source, fault: int, live: frozenset[int]) -> str:
    """The unified diff of the materialised source, fault off -> fault on, the other live faults on."""
    out: list[str] = []
    for path in sorted({path for path, _guard in sites(source).get(fault, [])}):
        off = materialise(source[path], live - {fault}).splitlines(keepends=True)
        on = materialise(source[path], live | {fault}).splitlines(keepends=True)
        out.extend(unified_diff(off, on, f"a/{path}", f"b/{path}", n=3))
    return "".join(line if line.endswith("\n") else line + "\n" for line in out)


def witnesses(
    exam: Examination, fault: int, family: str, known: Sequence[str], further: Sequence[str]
) -> tuple[Witness, ...]:
    """Up to three: among the tests `known` to deviate, else by search through `further` inputs.

    A fault that may behave while it is looked at is also looked for outside of inspection.
    """
    found = list(known)[:MOST_WITNESSES]
    if not found and further:
        exam.widen(further, "witness")
        found = list(exam.deviating(frozenset({fault}), further, "witness"))[:MOST_WITNESSES]
    if not found and family in HIDING and further:
        return _outside(exam, fault, further)
    return tuple(_witness(exam, fault, test) for test in found)


def _outside(exam: Examination, fault: int, inputs: Sequence[str]) -> tuple[Witness, ...]:
    if not isinstance(exam.evaluator, OutsideEvaluator):
        return ()
    clean = _steady(exam, exam.evaluator, inputs)
    asked = list(clean)
    exam.effort["outside"] = exam.effort.get("outside", 0) + len(asked)
    faulty = exam.evaluator.outside(NAME, frozenset({fault}), asked) if asked else {}
    differing = [test for test in asked if clean[test] != faulty[test]]
    return tuple(
        Witness("differential", test, clean[test], faulty[test], outside=True)
        for test in differing[:MOST_WITNESSES]
    )


def _steady(exam: Examination, evaluator: OutsideEvaluator, inputs: Sequence[str]) -> dict[str, str]:
    """The clean twin's outcomes outside of inspection that two processes have alike; asked once for all.

    An outcome with a memory address in it, say, is another one in every process.
    """
    if exam.steady is None or not exam.steady[0].issuperset(inputs):
        first, second = (evaluator.outside(NAME, NONE, inputs) for _ in range(2))
        exam.effort["outside"] = exam.effort.get("outside", 0) + 2 * len(inputs)
        same = {test: first[test] for test in inputs if first[test] == second[test]}
        exam.steady = frozenset(inputs), {t: digest for t, digest in same.items() if not _ended(digest)}
    asked = set(inputs)
    return {test: digest for test, digest in exam.steady[1].items() if test in asked}


def _ended(digest: str) -> bool:
    return digest in {"timeout", "crash", "error"}


def _witness(exam: Examination, fault: int, test: str) -> Witness:
    clean, faulty = exam.clean[test], exam.outcome(frozenset({fault}), test)
    return Witness(
        oracle=exam.tests.oracle(test),
        test=test,
        clean=clean.shown or clean.verdict,
        faulty=(faulty.shown or faulty.exception or faulty.verdict)
        if faulty.verdict in {"pass", "fail", "error"}
        else faulty.verdict,
    )


def _salience(source: Source, fault: int, live: frozenset[int]) -> Salience:
    paths = {path for path, _guard in sites(source).get(fault, [])}
    each = [
        salience(materialise(source[path], live - {fault}), materialise(source[path], live | {fault}))
        for path in sorted(paths)
    ]
    return Salience(sum(one.lines for one in each), sum(one.tokens for one in each))


def birth(
    exam: Examination,
    source: Source,
    newborn: Newborn,
    live: frozenset[int],
    known: Sequence[str],
    further: Sequence[str],
    public: Mapping[str, tuple[str, ...]],
) -> BirthFact:
    """The fact of a fault's birth. `known` are the tests that it alone makes deviate.

    `public` are the public functions behind each differential entry point.
    """
    path, guard = sites(source)[newborn.fault][0]
    before = sum(exam.effort.values())
    found = witnesses(exam, newborn.fault, newborn.family, known, further)
    measured = severity(exam, newborn.fault, public)
    diff = fault_diff(source, newborn.fault, live)
    places = render(source[path], live | {newborn.fault}).places[newborn.fault]
    return BirthFact(
        fault=newborn.fault,
        generation=exam.generation,
        attempt=exam.attempt,
        origin=newborn.origin,
        parent=newborn.parent,
        operator=newborn.operator,
        family=newborn.family,
        path=path,
        where=guard.where,
        line=places[0][0],
        diff=diff,
        changed_lines=sum(line[:1] in "+-" and line[:3] not in {"+++", "---"} for line in diff.splitlines()),
        import_time=newborn.fault in exam.import_time,
        witnesses=found,
        searched=len(exam.tests.ids) + sum(exam.effort.values()) - before,
        residual=not any(exam.tests.oracle(test) == "unit" for test in known),
        changed_tokens=_salience(source, newborn.fault, live).tokens,
        agreeing=measured.agreeing,
        inputs=measured.inputs,
        inputs_reached=measured.reached,
        inputs_deviating=measured.deviating,
        inputs_crashing=measured.crashing,
        public_deviating=measured.public,
    )
