"""SARIF 2.1.0: the faults that escaped, each at its line in the last generation that had it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from reports import words
from reports.exports.base import Content, Given
from testbed import __version__
from testbed.analysis import LineageRecords
from testbed.analysis.frames import fault_id
from testbed.facts import BirthFact

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
MOST = 25_000  # results that code scanning takes from one run
_LEVELS = {True: "error", False: "warning"}


def _escaped(one: LineageRecords) -> Iterator[BirthFact]:
    escaped = {fault for generation in one.generations for fault in generation.escaped}
    yield from (birth for birth in one.births if birth.fault in escaped and birth.witnesses)


def _place(one: LineageRecords, birth: BirthFact) -> tuple[str, int]:
    """Where the fault stood when it was last examined."""
    rungs = [rung for rung in one.rungs if rung.fault == birth.fault and rung.generation <= one.last]
    last = max(rungs, key=lambda rung: rung.generation, default=None)
    return (last.path, last.line) if last else (birth.path, birth.line)


def _fate(one: LineageRecords, birth: BirthFact) -> str:
    end = one.ends.get(birth.fault)
    if end is None:
        return f"alive when last seen, in generation {one.last}"
    return f"ended in generation {end.generation} ({words.CAUSES.get(end.cause, end.cause)})"


def _result(given: Given, one: LineageRecords, birth: BirthFact, label: str) -> dict[str, Any]:
    path, line = _place(one, birth)
    name = fault_id(one.condition, one.lineage, birth.fault)
    alive = birth.fault not in one.ends
    text = (
        f"Seeded fault {name} ({birth.family}, {birth.operator}) passed every check of generation "
        f"{birth.generation}, in which it was born; {_fate(one, birth)}."
    )
    campaign = given.evidence.manifest
    identity = f"{campaign['name']}\n{campaign['seed']}\n{label}\n{name}\n{birth.operator}"
    return {
        "ruleId": birth.operator,
        "level": _LEVELS[alive],
        "kind": "fail",
        "message": {"text": text},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(given.place(path))},
                    "region": {"startLine": max(1, line)},
                },
                "logicalLocations": [{"fullyQualifiedName": birth.where or path}],
            }
        ],
        "partialFingerprints": {"faultIdentity/v1": hashlib.sha256(identity.encode()).hexdigest()[:32]},
        "properties": {
            "fault": name,
            "condition": label,
            "generation": birth.generation,
            "alive": alive,
            "residual": birth.residual,
            "inputs": birth.inputs,
            "inputsDeviating": birth.inputs_deviating,
            "diff": birth.diff,
        },
    }


def _rules(results: list[dict[str, Any]], families: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "id": name,
            "shortDescription": {"text": f"A seeded fault of the family {families[name]}: {name}"},
            "defaultConfiguration": {"level": "warning"},
            "properties": {"tags": ["seeded-fault", families[name]]},
        }
        for name in sorted({one["ruleId"] for one in results})
    ]


def log(given: Given) -> dict[str, Any]:
    """The log as plain data. Faults alive at the end come first; what is beyond `MOST` is only counted."""
    labels = {
        one["index"]: label
        for one, label in zip(given.evidence.conditions, given.evidence.labels, strict=True)
    }
    found, families = [], {}
    for one in given.evidence.lineages:
        for birth in _escaped(one):
            families[birth.operator] = birth.family
            found.append(_result(given, one, birth, labels[one.condition]))
    found.sort(key=lambda result: not result["properties"]["alive"])
    results = found[:MOST]
    rules = _rules(results, families)
    places = {rule["id"]: place for place, rule in enumerate(rules)}
    for result in results:
        result["ruleIndex"] = places[result["ruleId"]]
    campaign = given.evidence.manifest
    hidden = sum(one["faults"]["unwitnessed"]["escaped"] for one in given.summary["conditions"])
    counts = {"escaped": len(found), "leftOut": len(found) - len(results), "escapedUnwitnessed": hidden}
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "testbed", "semanticVersion": __version__, "rules": rules}},
                "automationDetails": {"id": f"testbed/{campaign['name']}/{campaign['seed']}"},
                "columnKind": "unicodeCodePoints",
                "results": results,
                "properties": counts,
            }
        ],
    }


def files(given: Given) -> dict[str, Content]:
    """`testbed.sarif`: escaped faults with a witness; those alive at the end are errors, others warnings."""
    return {"testbed.sarif": json.dumps(log(given), indent=1, ensure_ascii=False, sort_keys=True) + "\n"}
