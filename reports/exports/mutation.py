"""The mutation-testing-report-schema: a file for each generation's version of each faulty file.

The field's own viewer has no axis of time, so generations are folders: `c0/l1/gen-03/path.py`. Its source
is the clean one of the candidate as it was examined; each fault in it is a mutant of that source.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from reports import words
from reports.exports.base import Content, Given
from reports.sources import Mutant, Sources, mutants, sources
from testbed.analysis import LineageRecords
from testbed.analysis.frames import fault_id
from testbed.errors import UserError
from testbed.facts import BirthFact, CandidateFact, EndFact, RungFact
from testbed.schema import GUARD, render

SCHEMA = "https://git.io/mutation-testing-schema"
VERSION = "2.0"
THRESHOLDS = {"high": 80, "low": 60}

Examined = dict[tuple[int, int, int, int], CandidateFact]


def _candidates(given: Given) -> Examined:
    """(condition, lineage, generation, attempt) -> the candidate as it was examined."""
    return {
        (condition, lineage, record.generation, record.attempt): record
        for condition, lineage, record in given.facts.records()
        if isinstance(record, CandidateFact)
    }


def _status(rung: RungFact | None, end: EndFact | None) -> tuple[str, str]:
    """The viewer's status, and in words what became of the fault in that generation."""
    if end is not None and end.cause in {"unit", "property", "differential"}:
        return "Killed", f"{words.CAUSES[end.cause]}: {end.by}"
    if end is not None and end.cause == "review":
        return "Killed", f"review: {end.by}"
    if end is not None:
        return "Ignored", f"{words.CAUSES[end.cause]}: {end.by}"
    if rung is None:
        return "Pending", "not examined"
    if rung.revealed:
        return "Killed", ", ".join(rung.revealed)
    return ("Survived", "") if rung.reached else ("NoCoverage", "no test or input reached it")


class _Lineage:
    """One lineage's records by fault and generation."""

    def __init__(self, one: LineageRecords) -> None:
        self.one = one
        self.births: dict[int, BirthFact] = {birth.fault: birth for birth in one.births}
        self.rungs = {(rung.fault, rung.generation): rung for rung in one.rungs}

    def mutant(self, found: Mutant, generation: int, line: str) -> dict[str, Any]:
        """One entry of `mutants`; columns begin at 1, and the end is behind the last character."""
        birth = self.births[found.fault]
        rung = self.rungs.get((found.fault, generation))
        end = self.one.ends.get(found.fault)
        status, reason = _status(rung, end if end and end.generation == generation else None)
        made: dict[str, Any] = {
            "id": f"{fault_id(self.one.condition, self.one.lineage, found.fault)}.g{generation}",
            "mutatorName": f"{birth.family}/{birth.operator}",
            "replacement": found.replacement,
            "description": f"born in generation {birth.generation}, {birth.origin}",
            "location": {
                "start": {"line": found.first, "column": 1},
                "end": {"line": found.last, "column": len(line) + 1},
            },
            "status": status,
        }
        if reason:
            made["statusReason"] = reason
        if rung is not None and rung.tests and status == "Killed":
            made["killedBy"] = list(rung.tests)
        return made


def _files(given: Given, kept: Sources) -> Iterator[tuple[str, dict[str, Any]]]:
    candidates = _candidates(given)
    for one in given.evidence.lineages:
        known = _Lineage(one)
        for fact in one.generations:
            seen = candidates.get((one.condition, one.lineage, fact.generation, fact.attempts))
            for path, digest in sorted(seen.sources.items() if seen else ()):
                text = kept.blob(digest)
                if GUARD not in text:
                    continue
                clean = render(text, frozenset())
                lines = clean.text.splitlines() or [""]
                found = [
                    known.mutant(each, fact.generation, lines[min(each.last, len(lines)) - 1])
                    for each in mutants(text, path, clean)
                    if each.fault in known.births
                ]
                if found:
                    name = f"c{one.condition}/l{one.lineage}/gen-{fact.generation:02}/{path}"
                    yield name, {"language": "python", "source": clean.text, "mutants": found}


def _tests(given: Given, files: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The tests by file; those that only killed something here are added, so that no id is missing."""
    names = {test.id for baseline in given.evidence.baselines for test in baseline.tests}
    for file in files.values():
        for mutant in file["mutants"]:
            names.update(mutant.get("killedBy", ()))
    found: dict[str, Any] = {}
    for name in sorted(names):
        place = "differential" if name.startswith("diff:") else name.partition("::")[0]
        found.setdefault(place, {"tests": []})["tests"].append({"id": name, "name": name})
    return found


def report(given: Given) -> dict[str, Any]:
    """The report as plain data. Raises UserError for facts without sources."""
    kept = sources(given.facts)
    if kept is None:
        raise UserError("these facts have no sources", remedy="export the folder of a run")
    files = dict(_files(given, kept))
    return {
        "$schema": SCHEMA,
        "schemaVersion": VERSION,
        "thresholds": THRESHOLDS,
        "framework": {"name": "compounding-flaw-testbed"},
        "files": files,
        "testFiles": _tests(given, files),
    }


def files(given: Given) -> dict[str, Content]:
    """`mutation.json`."""
    return {"mutation.json": json.dumps(report(given), sort_keys=True, ensure_ascii=False) + "\n"}
