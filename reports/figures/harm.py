"""What single faults do: on how many inputs they show, how many the own unit tests do not see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports import charts, style, words
from reports.figures.base import BELOW, Cells, Figure, Panel, rounded

PANELS = (
    ("Severity", "severity", "share of all inputs that deviate"),
    ("Rarity", "rarity", "of the inputs that reach the fault, those that deviate"),
    ("Residual", "residual", "share of faults that none of the target's own unit tests sees"),
)


def _row(one: Mapping[str, Any]) -> Cells:
    own = one["harm"]
    return (
        one["family"],
        *(f"{one[name]:,}" for name in ("faults", "unwitnessed", "residual")),
        *(words.with_interval(own[name]) for name in ("residual", "severity", "rarity", "crashing")),
        words.with_interval(own["public"], words.plain),
    )


def _dots(families: list[Mapping[str, Any]], name: str) -> list[dict[str, Any]]:
    rows = []
    for one in families:
        estimate = one["harm"][name]
        if estimate["value"] is not None:
            shown = words.with_interval(estimate)
            said = {"said": f"{shown} · n = {estimate['n']:,}" if shown != "–" else f"n = {estimate['n']:,}"}
            own = {"key": one["family"], "label": one["family"], "color": style.series(0, 1), **said}
            rows.append({**rounded(estimate, ("value", "low", "high")), **own})
    return rows


def harm(summary: Mapping[str, Any]) -> Figure:
    """Severity, rarity and the residual share, by family."""
    families = [one for one in summary["families"] if one["faults"] or one["unwitnessed"]]
    panels = []
    for title, name, about in PANELS:
        rows = _dots(families, name)
        if rows:
            tops = [row["value"] for row in rows] + [min(row["high"] or 0, 3 * row["value"]) for row in rows]
            top = min(1.0, 1.1 * max([0.05, *tops]))
            told = f"{title}: {about}, a dot with its interval for each family. {BELOW}"
            panels.append(Panel(title, told, charts.dots(rows, about, top=top)))
    caption = (
        "Counted at birth, with each fault alone on the clean twin. Severity: the share of all differential "
        "inputs on which a fault shows, the mean over faults. Rarity: the same of those inputs that run its "
        "code; the lower, the longer it can hide. Residual: invisible to the target's own unit tests, which "
        "is what most seeded faults are not; a campaign can be limited to such faults. Faults without a "
        "witness are in the table only."
    )
    heads = (
        *("family", "faults", "without a witness", "residual", "residual share"),
        *("severity", "rarity", "crashing of the deviating", "public functions"),
    )
    title = "What the faults do"
    return Figure("harm", title, caption, tuple(panels), heads, tuple(map(_row, families)))
