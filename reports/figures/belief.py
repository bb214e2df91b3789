"""What the screen believes of the candidates, beside what is so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports import charts, style, words
from reports.figures.base import BELOW, Cells, Figure, Panel, key, rounded

PANELS = (
    ("What is wrong and taken for right", "taken_for_right", "share of the checks that are wrong"),
    ("What is right and held to be wrong", "falsely_accused", "share of the checks believed wrong"),
)
BY = {
    "frozen": "the frozen reference",
    "previous": "the generation before",
    "self": "tests regenerated from the generation itself",
}


def _row(one: Mapping[str, Any]) -> Cells:
    own = one["belief"]
    names = ("believed_wrong", "wrong", "taken_for_right", "falsely_accused")
    return (
        one["label"],
        BY.get(own["by"], own["by"]) or "–",
        f"{own['wrong']['n']:,}",
        *(words.with_interval(own[name]) for name in names),
    )


def belief(summary: Mapping[str, Any]) -> Figure | None:
    """Oracle belief against truth, by condition; None where all screens compare with the reference itself."""
    conditions = [one for one in summary["conditions"] if one["belief"]["by"] in {"previous", "self"}]
    if not conditions:
        return None
    panels = []
    for title, name, about in PANELS:
        rows = []
        for place, one in enumerate(conditions):
            estimate = one["belief"][name]
            if estimate["value"] is not None:
                said = f"{words.percent(estimate['value'])} of {words.count(estimate['n'], 'check')}"
                color = style.series(place, len(conditions))
                own = {"key": key(one), "label": one["label"], "color": color, "said": said}
                rows.append({**rounded(estimate, ("value", "low", "high")), **own})
        if rows:
            told = f"{title}: {about}, a dot with its interval for each condition. {BELOW}"
            panels.append(Panel(title, told, charts.dots(rows, about, top=1.0)))
    caption = (
        "A check is a test or a differential input of the screen. It is believed wrong where the screen's "
        "own baseline says so, and is wrong where it fails or deviates against the frozen reference. A "
        "screen that compares with what has already drifted takes part of the drift for right."
    )
    heads = (
        "condition",
        "baseline",
        "checks",
        *("believed wrong", "wrong", "taken for right", "accused falsely"),
    )
    title = "What the screen believes, against the truth"
    return Figure("belief", title, caption, tuple(panels), heads, tuple(map(_row, conditions)))
