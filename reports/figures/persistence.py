"""How long faults live: shares alive at a glance, survival curves by condition and by family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reports import charts, style, words
from reports.figures.base import BELOW, Cells, Figure, Line, Panel, drawn, key, rounded

HEADS = ("cycle", "alive", "interval", "at risk", "ended", "censored")
OPTIONS: dict[str, Any] = {
    "x": ("cycle", "cycles since birth"),
    "y": ("share", ""),
    "share": True,
    "step": True,
    "top": 1.0,
}


def _line(name: str, label: str, color: str, curve: Sequence[Mapping[str, Any]]) -> Line:
    known = (row for row in curve if row["share"] is not None)
    return Line(name, label, color, tuple(rounded(row, ("cycle", "share", "low", "high")) for row in known))


def _rows(label: str, curve: Sequence[Mapping[str, Any]]) -> list[Cells]:
    return [
        (
            *(label, str(row["cycle"]), words.percent(row["share"]), words.interval(row)),
            *(f"{row[name]:,}" for name in ("at_risk", "ended", "censored")),
        )
        for row in curve
    ]


def survival(summary: Mapping[str, Any]) -> Figure:
    """S(k) by condition."""
    conditions = summary["conditions"]
    title = "Share of faults alive, by cycle"
    lines = [
        _line(key(one), one["label"], style.series(place, len(conditions)), one["persistence"]["curve"])
        for place, one in enumerate(conditions)
    ]
    panels, shared = drawn(lines, title, **OPTIONS)
    rows = tuple(row for one in conditions for row in _rows(one["label"], one["persistence"]["curve"]))
    caption = (
        "Kaplan–Meier estimates. Cycle 1 is the generation of a fault's birth, so the first step down is "
        "what the checks of its own generation caught. Bands: pointwise 95% intervals over lineages."
    )
    return Figure("survival", title, caption, panels, ("condition", *HEADS), rows, shared=shared)


def families(summary: Mapping[str, Any]) -> Figure:
    """S(k) by family, all conditions together."""
    found = summary["families"]
    title = "Share of faults alive, by family of faults"
    lines = [_line(one["family"], one["family"], style.series(0, len(found)), one["curve"]) for one in found]
    if 1 < len(lines) <= 4:
        lines = [
            Line(line.key, line.label, style.series(place, len(lines)), line.points)
            for place, line in enumerate(lines)
        ]
    panels, shared = drawn(lines, title, **OPTIONS)
    rows = tuple(row for one in found for row in _rows(one["family"], one["curve"]))
    apart = sum(one["unwitnessed"] for one in found)
    others = f" Faults without a witness are left out: {apart:,}." if apart else ""
    others += " The other families stand behind in grey." if shared else ""
    caption = f"All conditions together.{others} Bands: pointwise 95% intervals over lineages."
    return Figure("families", title, caption, panels, ("family", *HEADS), rows, shared=shared)


def _dot(one: Mapping[str, Any], color: str) -> dict[str, Any]:
    share = one["persistence"]["share_alive"]
    said = f"{words.with_interval(share)} · n = {share['n']:,}"
    own = {"key": key(one), "label": one["label"], "color": color, "said": said}
    return {**rounded(share, ("value", "low", "high")), **own}


def shares_alive(summary: Mapping[str, Any]) -> Figure:
    """The share alive after k by condition: the answer at a glance."""
    title = f"Share of faults still alive after {words.count(summary['k'], 'cycle')}"
    rows, table = [], []
    for place, one in enumerate(summary["conditions"]):
        share = one["persistence"]["share_alive"]
        counts = (f"{share['n']:,}", str(share["clusters"]))
        table.append((one["label"], words.with_interval(share), *counts, share["method"], share["reason"]))
        if share["value"] is not None:
            rows.append(_dot(one, style.series(place, len(summary["conditions"]))))
    top = min(1.0, 1.05 * max([0.2, *(row["high"] or row["value"] for row in rows)]))
    said = f"{title}: a dot with its interval for each condition. {BELOW}"
    panels = (Panel("", said, charts.dots(rows, "", top=top)),) if rows else ()
    heads = ("condition", "alive", "faults", "lineages", "interval by", "note")
    caption = "Dots: Kaplan–Meier estimates; lines: 95% intervals over lineages; n: faults."
    return Figure("alive", title, caption, panels, heads, tuple(table))
