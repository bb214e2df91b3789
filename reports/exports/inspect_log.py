"""A log for Inspect's viewer: each lineage is a sample, each generation a span of its transcript.

Needs the extra `inspect`. No model took part, so the log names the modifier where Inspect has a model.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from reports import words
from reports.exports.base import Content, Given
from testbed import __version__
from testbed.analysis import LineageRecords
from testbed.analysis.frames import fault_id
from testbed.errors import UserError
from testbed.facts import GenerationFact

NAME = "lineages.eval"


def _library() -> Any:
    try:
        import inspect_ai.event
        import inspect_ai.log
        import inspect_ai.model
        import inspect_ai.scorer
    except ImportError:
        raise UserError(
            "this format needs Inspect", remedy="pip install 'compounding-flaw-testbed[inspect]'"
        ) from None
    return inspect_ai


def _told(one: LineageRecords, fact: GenerationFact) -> Iterator[tuple[str, dict[str, Any]]]:
    """(source, data) of what happened in a generation, in the order of the loop."""
    at = fact.generation
    yield (
        "modifier",
        {"edits": [f"{edit.refactoring} {edit.path} {edit.where}".rstrip() for edit in fact.edits]},
    )
    for birth in one.births:
        if birth.generation == at:
            name = fault_id(one.condition, one.lineage, birth.fault)
            about = {
                "fault": name,
                "origin": birth.origin,
                "operator": birth.operator,
                "family": birth.family,
            }
            yield "injection", {**about, "place": f"{birth.path}:{birth.line}", "diff": birth.diff}
    for review in one.reviews:
        if review.generation == at:
            yield (
                "review",
                {
                    "lines_changed": review.lines_changed,
                    "lines_read": review.lines_read,
                    "found": [f"{finding.path}:{finding.line}" for finding in review.findings],
                    "rejected": review.rejected,
                },
            )
    for end in one.ends.values():
        if end.generation == at:
            name = fault_id(one.condition, one.lineage, end.fault)
            yield "end", {"fault": name, "cause": words.CAUSES.get(end.cause, end.cause), "by": end.by}
    yield (
        "accepted",
        {
            "live": len(fact.live),
            "escaped": len(fact.escaped),
            "inputs_deviating": f"{fact.inputs_deviating} of {fact.inputs}",
            "commit": fact.commit,
        },
    )


def _events(library: Any, one: LineageRecords, when: datetime) -> list[Any]:
    event = library.event
    found: list[Any] = []
    for fact in one.generations:
        span = f"generation {fact.generation}"
        shared = {"timestamp": when, "span_id": span}
        found.append(event.SpanBeginEvent(id=span, name=span, type="generation", **shared))
        found += [event.InfoEvent(source=source, data=data, **shared) for source, data in _told(one, fact)]
        found.append(event.SpanEndEvent(id=span, **shared))
    return found


def _sample(library: Any, one: LineageRecords, label: str, when: datetime) -> Any:
    live = len(one.generations[-1].live) if one.generations else 0
    told = f"{one.state} after generation {one.last}, {words.count(live, 'live fault')}"
    output = library.model.ModelOutput.from_content(model="testbed", content=told)
    output.usage = library.model.ModelUsage(input_tokens=0, output_tokens=0, total_tokens=0)
    score = library.scorer.Score
    return library.log.EvalSample(
        id=f"c{one.condition}.l{one.lineage}",
        epoch=1,
        input=f"{label}, lineage {one.lineage}",
        target="no live fault",
        output=output,
        scores={
            "live": score(value=live, explanation=told),
            "born": score(value=len(one.births)),
            "escaped": score(value=sum(len(fact.escaped) for fact in one.generations)),
        },
        metadata={"condition": label, "state": one.state},
        events=_events(library, one, when),
    )


def _scores(library: Any, samples: list[Any]) -> list[Any]:
    made = []
    for name in ("live", "born", "escaped"):
        values = [float(sample.scores[name].value) for sample in samples]
        mean = library.log.EvalMetric(name="mean", value=sum(values) / len(values) if values else 0.0)
        made.append(library.log.EvalScore(name=name, scorer=name, metrics={"mean": mean}))
    return made


def files(given: Given) -> dict[str, Content]:
    """`lineages.eval`."""
    library = _library()
    log = library.log
    manifest, evidence = given.evidence.manifest, given.evidence
    when = datetime.fromisoformat(str(manifest["started"]))
    labels = {one["index"]: label for one, label in zip(evidence.conditions, evidence.labels, strict=True)}
    samples = [_sample(library, one, labels[one.condition], when) for one in evidence.lineages if one.begun]
    modifiers = sorted({str(one["modifier"]["name"]) for one in evidence.conditions})
    name = str(manifest["name"])
    made = log.EvalLog(
        status="success" if given.summary["finished"] else "started",
        eval=log.EvalSpec(
            eval_id=f"{name}-{manifest['seed']}",
            run_id=f"{name}-{manifest['seed']}",
            task_id=name,
            created=when.isoformat(),
            task=name,
            dataset=log.EvalDataset(name=name, samples=len(samples), sample_ids=[one.id for one in samples]),
            model=f"modifier/{'+'.join(modifiers)}",
            config=log.EvalConfig(),
            packages={"compounding-flaw-testbed": __version__},
        ),
        results=log.EvalResults(
            total_samples=len(evidence.lineages),
            completed_samples=len(samples),
            scores=_scores(library, samples),
        ),
        samples=samples,
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / NAME
        log.write_eval_log(made, str(path))
        return {NAME: path.read_bytes()}
