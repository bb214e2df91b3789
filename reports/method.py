"""How the campaign was made, from its manifest and baselines: factors, targets, versions."""

from __future__ import annotations

import shlex
from typing import Any

from testbed.analysis import Evidence
from testbed.analysis.labels import flat

SECTIONS = {
    "target": "Target system",
    "modifier": "Modifier",
    "injection": "Injection of faults",
    "oracles": "Screen",
    "oversight": "Checkpoint",
    "truth": "Search for the ground truth",
    "limits": "Limits",
}

FACTORS = {
    "target.name": "codebase",
    "target.python": "interpreter",
    "target.install": "own environment",
    "target.package": "changed parts",
    "target.tests": "tests",
    "modifier.name": "name",
    "modifier.edits": "edits a generation",
    "modifier.copying": "chance that an edit copies",
    "injection.rate": "rate",
    "injection.unit": "faults per",
    "injection.placement": "placed in",
    "injection.families": "families",
    "injection.operators": "operators",
    "oracles.unit": "unit tests",
    "oracles.property": "property tests",
    "oracles.examples": "examples a property",
    "oracles.differential": "differential inputs",
    "oracles.inputs": "inputs an entry point",
    "oracles.baseline": "tests compared with",
    "oracles.response": "a failure leads to",
    "oversight.every": "generations from review to review",
    "oversight.depth": "share of changed lines read",
    "oversight.sensitivity": "chance to see a fault in a read line",
    "oversight.false_alarms": "false alarms per 100 lines",
    "oversight.response": "a finding leads to",
    "oversight.pace": "lines read an hour",
    "truth.witness_inputs": "inputs an entry point",
    "truth.witness_examples": "examples a property",
    "limits.retries": "further proposals",
    "limits.runaway": "live faults that count as runaway (0: no bound)",
    "limits.test_seconds": "CPU seconds a test",
    "limits.memory_mib": "MiB of memory",
}


def _said(level: Any) -> str:
    if isinstance(level, bool):
        return "yes" if level else "no"
    if isinstance(level, list | tuple):
        return ", ".join(map(str, level)) or "all that are found"
    if isinstance(level, float):
        return f"{level:g}"
    return str(level) or "the testbed's own"


def factors(evidence: Evidence) -> list[tuple[str, list[tuple[str, str, bool]]]]:
    """(section, [(factor, its levels, whether it varies)]) over all conditions."""
    levels = [flat(one) for one in evidence.conditions]
    found = []
    for section, title in SECTIONS.items():
        rows = []
        for name in (name for name in (levels[0] if levels else {}) if name.startswith(f"{section}.")):
            used = list(dict.fromkeys(_said(one[name]) for one in levels))
            shown = FACTORS.get(name, name.partition(".")[2].replace("_", " "))
            rows.append((shown, " | ".join(used), len(used) > 1))
        found.append((title, rows))
    return found


def command(evidence: Evidence) -> str:
    """The command line that makes these facts again, as a shell takes it."""
    written = evidence.manifest["command"]
    return written if isinstance(written, str) else shlex.join(map(str, written))


def targets(evidence: Evidence) -> list[str]:
    """One sentence for each target: version, size, tests, what was quarantined."""
    found = []
    for one in evidence.baselines:
        kinds = [test.oracle for test in one.tests]
        counts = f"{kinds.count('unit'):,} unit tests, {kinds.count('property'):,} property tests"
        sentence = (
            f"{one.target} {one.version}: {one.lines:,} lines that may be changed, {counts}, "
            f"{len(one.entries):,} differential entry points."
        )
        if one.quarantined:
            sentence += f" Left out for failing or flickering before any fault: {', '.join(one.quarantined)}."
        found.append(sentence)
    return found
