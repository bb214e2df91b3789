"""The facts as data frames: one row for each fault, generation, rung, review, lineage, condition."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from testbed.analysis.evidence import Evidence, LineageRecords
from testbed.analysis.labels import flat, varying
from testbed.analysis.source import Facts
from testbed.facts import BirthFact, EndFact

FAULTS = (
    "condition",
    "lineage",
    "fault",
    "id",
    "origin",
    "parent",
    "family",
    "operator",
    "path",
    "where",
    "line",
    "witnessed",
    "witnesses",
    "searched",
    "residual",
    "import_time",
    "changed_lines",
    "changed_tokens",
    "inputs",
    "inputs_reached",
    "inputs_deviating",
    "inputs_crashing",
    "public_deviating",
    "birth",
    "attempt",
    "end",
    "cause",
    "by",
    "cycles",
    "event",
    "escaped",
    "alive",
    "offspring",
)
GENERATIONS = (
    "condition",
    "lineage",
    "generation",
    "live",
    "live_unwitnessed",
    "born",
    "escaped",
    "attempts",
    "edits",
    "lines",
    "lines_changed",
    "files_changed",
    "lines_read",
    "hours",
    "executions",
    "truth_executions",
    "spent_executions",
    "spent_examples",
    "failing",
    "interacting",
    "entries",
    "entries_deviating",
    "inputs",
    "inputs_deviating",
    "parts_deviating",
    "public",
    "public_deviating",
    "survivors",
    "copies",
    "entering",
)
LADDER = (
    "condition",
    "lineage",
    "fault",
    "generation",
    "path",
    "line",
    "sites",
    "reached",
    "infected",
    "propagated",
    "revealed",
    "tests",
    "sufficient",
    "necessary",
    "masked",
    "alone",
    "entries",
)
REVIEWS = (
    "condition",
    "lineage",
    "generation",
    "attempt",
    "since",
    "lines_changed",
    "lines_read",
    "hours",
    "in_view",
    "found",
    "false_alarms",
    "rejected",
    "let_in",
    "escalated",
    "why",
)
LINEAGES = ("condition", "lineage", "label", "state", "generations", "planned", "faults", "alive", "pending")
COLUMNS = {
    "faults": FAULTS,
    "generations": GENERATIONS,
    "ladder": LADDER,
    "reviews": REVIEWS,
    "lineages": LINEAGES,
}
"""The columns of each table by its name; those of `conditions` are the campaign's own."""


def _frame(
    rows: list[dict[str, Any]], columns: tuple[str, ...], nullable: tuple[str, ...] = ()
) -> pd.DataFrame:
    frame = pd.DataFrame.from_records(rows, columns=list(columns))
    for name in nullable:
        frame[name] = frame[name].astype("Int64")
    return frame


def fault_id(condition: int, lineage: int, fault: int) -> str:
    """How a fault is called on the command line and in reports: `c0.l3.f7`."""
    return f"c{condition}.l{lineage}.f{fault}"


def _life(birth: BirthFact, end: EndFact | None, last: int) -> dict[str, Any]:
    """The birth generation is cycle 1. Without an end the fault is censored after `cycles` survived."""
    if end is None:
        return {"end": None, "cause": "", "by": "", "cycles": last - birth.generation + 1, "event": False}
    cycles = end.generation - birth.generation + 1
    return {"end": end.generation, "cause": end.cause, "by": end.by, "cycles": cycles, "event": True}


def _fault_rows(one: LineageRecords) -> Iterator[dict[str, Any]]:
    escaped = {fault for generation in one.generations for fault in generation.escaped}
    offspring: dict[int | None, int] = {}
    for birth in one.births:
        if birth.origin == "offspring":
            offspring[birth.parent] = offspring.get(birth.parent, 0) + 1
    for birth in one.births:
        life = _life(birth, one.ends.get(birth.fault), one.last)
        yield {
            "condition": one.condition,
            "lineage": one.lineage,
            "fault": birth.fault,
            "id": fault_id(one.condition, one.lineage, birth.fault),
            "origin": birth.origin,
            "parent": birth.parent,
            "family": birth.family,
            "operator": birth.operator,
            "path": birth.path,
            "where": birth.where,
            "line": birth.line,
            "witnessed": bool(birth.witnesses),
            "witnesses": len(birth.witnesses),
            "searched": birth.searched,
            "residual": birth.residual,
            "import_time": birth.import_time,
            "changed_lines": birth.changed_lines,
            "changed_tokens": birth.changed_tokens,
            "inputs": birth.inputs,
            "inputs_reached": birth.inputs_reached,
            "inputs_deviating": birth.inputs_deviating,
            "inputs_crashing": birth.inputs_crashing,
            "public_deviating": len(birth.public_deviating),
            "birth": birth.generation,
            "attempt": birth.attempt,
            **life,
            "escaped": birth.fault in escaped,
            "alive": not life["event"],
            "offspring": offspring.get(birth.fault, 0),
        }


def faults(evidence: Evidence) -> pd.DataFrame:
    """One row for each fault, copies included.

    `cycles` is the cycle of its end where `event` holds (1: ended in the generation of its birth),
    otherwise the number of cycles it was seen to survive. `escaped`: it passed all checks of its
    birth generation. `cause` is "" while it lives.
    """
    rows = [row for one in evidence.lineages for row in _fault_rows(one)]
    return _frame(rows, FAULTS, nullable=("parent", "end"))


def _generation_rows(one: LineageRecords) -> Iterator[dict[str, Any]]:
    births = {birth.fault: birth for birth in one.births}
    witnessed = {fault for fault, birth in births.items() if birth.witnesses}
    before: set[int] = set()
    for fact in one.generations:
        live = set(fact.live)
        new = {fault for fault, birth in births.items() if birth.generation == fact.generation}
        read = [review for review in one.reviews if review.generation == fact.generation]
        spent = [effort for effort in one.efforts if effort.generation == fact.generation]
        copies = {
            fault
            for fault in live & new & witnessed
            if births[fault].parent
            in (witnessed if births[fault].origin == "offspring" else before & witnessed)
        }
        yield {
            "condition": one.condition,
            "lineage": one.lineage,
            "generation": fact.generation,
            "live": len(live & witnessed),
            "live_unwitnessed": len(live - witnessed),
            "born": len(new),
            "escaped": len(set(fact.escaped) & witnessed),
            "attempts": fact.attempts,
            "edits": len(fact.edits),
            "lines": fact.lines,
            "lines_changed": fact.lines_changed,
            "files_changed": fact.files_changed,
            "lines_read": sum(review.lines_read for review in read),
            "hours": sum(review.hours for review in read),
            "executions": fact.executions,
            "truth_executions": fact.truth_executions,
            "spent_executions": sum(one.tests + one.inputs for one in spent) or fact.executions,
            "spent_examples": sum(one.examples for one in spent),
            "failing": len(fact.failing),
            "interacting": len(fact.interacting),
            "entries": fact.entries,
            "entries_deviating": fact.entries_deviating,
            "inputs": fact.inputs,
            "inputs_deviating": fact.inputs_deviating,
            "parts_deviating": fact.parts_deviating,
            "public": fact.public,
            "public_deviating": fact.public_deviating,
            "survivors": len(live & before & witnessed),
            "copies": len(copies),
            "entering": len(before & witnessed),
        }
        before = live


def generations(evidence: Evidence) -> pd.DataFrame:
    """One row for each accepted generation.

    `live`, `escaped`, `entering` (live at the start), `survivors` (of those, live at the end) and
    `copies` (their offspring born here and live at the end, and the faults that their fixes put in) count
    witnessed faults. Lines and hours
    of review include the checkpoints of refused candidates.
    """
    return _frame([row for one in evidence.lineages for row in _generation_rows(one)], GENERATIONS)


def ladder(evidence: Evidence) -> pd.DataFrame:
    """One row for each fault and generation in which its ladder was examined."""
    rows = [
        {
            "condition": one.condition,
            "lineage": one.lineage,
            **{name: getattr(rung, name) for name in LADDER[2:]},
        }
        for one in evidence.lineages
        for rung in one.rungs
    ]
    return _frame(rows, LADDER)


def reviews(evidence: Evidence) -> pd.DataFrame:
    """One row for each checkpoint, those of refused candidates included. `in_view`: faults read."""
    rows = [
        {
            "condition": one.condition,
            "lineage": one.lineage,
            "generation": fact.generation,
            "attempt": fact.attempt,
            "since": fact.since,
            "lines_changed": fact.lines_changed,
            "lines_read": fact.lines_read,
            "hours": fact.hours,
            "in_view": len(fact.faults_in_view),
            "found": len({finding.fault for finding in fact.findings if finding.fault is not None}),
            "false_alarms": sum(finding.fault is None for finding in fact.findings),
            "rejected": fact.rejected,
            "let_in": len(fact.let_in),
            "escalated": fact.escalated,
            "why": fact.why,
        }
        for one in evidence.lineages
        for fact in one.reviews
    ]
    return _frame(rows, REVIEWS)


def lineages(evidence: Evidence) -> pd.DataFrame:
    """One row for each planned lineage; `state` is its outcome, `running` or `waiting`."""
    planned = {one["index"]: one["generations"] for one in evidence.conditions}
    names = {one["index"]: label for one, label in zip(evidence.conditions, evidence.labels, strict=True)}
    rows = [
        {
            "condition": one.condition,
            "lineage": one.lineage,
            "label": names[one.condition],
            "state": one.state,
            "generations": one.last,
            "planned": planned[one.condition],
            "faults": len(one.births),
            "alive": sum(birth.fault not in one.ends for birth in one.births),
            "pending": one.pending,
        }
        for one in evidence.lineages
    ]
    return _frame(rows, LINEAGES)


def conditions(evidence: Evidence) -> pd.DataFrame:
    """One row for each condition: its index, its label, and the factors that vary ("injection.rate", ...)."""
    names = varying(evidence.conditions)
    rows = []
    for one, label in zip(evidence.conditions, evidence.labels, strict=True):
        levels = flat(one)
        rows.append({"condition": one["index"], "label": label, **{name: levels.get(name) for name in names}})
    return _frame(rows, ("condition", "label", *names))


def timings(facts: Facts) -> pd.DataFrame:
    """One row for each generation and what the seconds were spent on. Measured: differs between runs."""
    rows = [
        {
            "condition": condition,
            "lineage": lineage,
            "generation": generation,
            "stage": stage,
            "seconds": value,
        }
        for condition, lineage, generation, spent in facts.timings()
        for stage, value in sorted(spent.items())
    ]
    return _frame(rows, ("condition", "lineage", "generation", "stage", "seconds"))
