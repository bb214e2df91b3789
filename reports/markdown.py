"""A small summary in Markdown, for a pull request or a step of CI."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reports import answers, gates
from reports.table import Table, effort, from_summary
from testbed.analysis import Facts, summarise
from testbed.gate.judge import Judged

LIMITS = 6


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(map(_cell, cells))} |"


def _table(made: Table) -> list[str]:
    rule = ["---", *("---:" for _ in made.heads[1:])]
    return [_line(made.heads), f"| {' | '.join(rule)} |", *map(_line, made.rows)]


def _effort(summary: Mapping[str, Any]) -> list[str]:
    made = effort(summary)
    return [] if made is None else [f"**{made.title}**", "", *_table(made), "", " ".join(made.notes), ""]


def from_given(summary: Mapping[str, Any], judged: Judged) -> str:
    """The Markdown of a summary, the verdicts of the campaign's gate first, if it has one."""
    return "".join(f"{line}\n" for line in _gate(judged)) + from_summary_data(summary)


def _gate(judged: Judged) -> list[str]:
    if not judged.verdicts:
        return []
    heads = ("verdict", "bound", "condition", "figure", "distance")
    rows = [
        (one.status, bound.text, one.label, gates.figure(one), gates.distance(bound, one))
        for bound, found in judged.verdicts
        for one in found
    ]
    lines = [f"| {' | '.join(heads)} |", "| --- | --- | --- | --- | --- |", *map(_line, rows)]
    return [f"**{_cell(gates.outcome(judged))}**", "", *lines, ""]


def from_summary_data(summary: Mapping[str, Any]) -> str:
    """The Markdown for a summary that was made or read already."""
    found, made = answers.answer(summary), from_summary(summary)
    limits = [f"- {_cell(limit)}" for limit in found.limits[:LIMITS]]
    more = len(found.limits) - LIMITS
    if more > 0:
        limits.append(f"- {more} more in the report.")
    lines = [
        f"### {_cell(made.title)}",
        "",
        f"**{_cell(found.headline)}**",
        "",
        *_table(made),
        "",
        " ".join(made.notes),
        "",
        *_effort(summary),
        *(f"{_cell(sentence)}\n" for sentence in found.sentences),
        "<details><summary>What these data cannot say</summary>",
        "",
        *limits,
        "",
        "</details>",
    ]
    return "\n".join(lines) + "\n"


def markdown(facts: Facts, k: int | None = None) -> str:
    """A heading, the answer in one line, the table of the run, the sentences, the limits."""
    return from_summary_data(summarise(facts, k))
