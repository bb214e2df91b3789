"""OpenMetrics text: every number of every condition as a gauge, with its limits and its sample size."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from reports.exports.base import Content, Given
from testbed.gate.measures import is_estimate, reported

PARTS = {"": "value", "_low": "low", "_high": "high", "_observed": "n", "_lineages": "clusters"}
MEANING = {
    "": "estimate or count",
    "_low": "lower limit of its interval",
    "_high": "upper limit of its interval",
    "_observed": "what it was estimated from",
    "_lineages": "lineages that those came from",
}

Sample = tuple[Mapping[str, str], float]


def _name(path: str) -> str:
    return "testbed_" + re.sub(r"\W", "_", path.removeprefix("faults.").replace(".", "_"))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _samples(body: Mapping[str, Any], labels: Mapping[str, str]) -> Iterator[tuple[str, str, Sample]]:
    """(metric, what it is, sample) of all that is reported of one condition or family."""
    for path, value in reported(body):
        if not is_estimate(value):
            yield _name(path), f"{path}: count", (labels, float(value))
            continue
        for suffix, part in PARTS.items():
            if value[part] is not None:
                about = f"{path}: {MEANING[suffix]}"
                yield f"{_name(path)}{suffix}", about, (labels, float(value[part]))


def _all(given: Given) -> Iterator[tuple[str, str, Sample]]:
    campaign = given.summary["campaign"]["name"]
    for one in given.summary["conditions"]:
        labels = {"campaign": campaign, "condition": f"c{one['index']}", "label": one["label"]}
        yield from _samples(one, labels)
        for family in one["families"]:
            named = {f"family.{name}": value for name, value in family.items() if name != "family"}
            yield from _samples(named, {**labels, "family": family["family"]})
    for bound, found in given.judged.verdicts:
        for verdict in found:
            labels = {"campaign": campaign, "condition": f"c{verdict.condition}", "bound": bound.text}
            worth = {"kept": 1.0, "broken": -1.0, "undecided": 0.0}[verdict.status]
            yield "testbed_gate", "gate: 1 kept, 0 undecided, -1 broken", (labels, worth)


def files(given: Given) -> dict[str, Content]:
    """`metrics.txt`. Metrics have no time of their own: whoever collects them gives one."""
    metrics: dict[str, tuple[str, list[Sample]]] = {}
    for name, about, sample in _all(given):
        metrics.setdefault(name, (about, []))[1].append(sample)
    lines = []
    for name, (about, samples) in sorted(metrics.items()):
        lines += [f"# TYPE {name} gauge", f"# HELP {name} {_escaped(about)}"]
        for labels, value in samples:
            shown = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
            lines.append(f"{name}{{{shown}}} {value!r}")
    return {"metrics.txt": "\n".join([*lines, "# EOF"]) + "\n"}
