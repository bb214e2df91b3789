"""Where the campaign's own hazards lead: live faults at generations that were not run."""

from __future__ import annotations

from typing import Any

from reports import style, words
from reports.figures.base import Cells, Figure, Line, drawn, rounded
from testbed.analysis import Evidence
from testbed.analysis.forecast import Forecast, forecast
from testbed.errors import UserError

GENERATIONS = 100
LINEAGES, FITS = 1_200, 8  # of each condition: the command forecast takes more
MOST = 12  # conditions


def forecasts(evidence: Evidence) -> list[Forecast]:
    """One for each condition that has enough to fit to."""
    found = []
    for one in evidence.conditions[:MOST]:
        try:
            found.append(forecast(evidence, one["index"], GENERATIONS, LINEAGES, fits=FITS))
        except UserError:
            continue
    return found


def _checked(one: Forecast) -> str:
    if one.check.empty:
        return "could not be checked"
    return "holds" if one.holds else "FAILS"


def _rows(one: Forecast) -> list[Cells]:
    return [
        (
            *(one.label, f"{row['generation']:,}"),
            words.with_interval(
                {"value": row["mean"], "low": row["mean_low"], "high": row["mean_high"]}, words.plain
            ),
            f"{row['low']:,}–{row['high']:,}",
            *(words.percent(float(row[name])) for name in ("none", "runaway")),
            _checked(one),
        )
        for row in one.table.to_dict("records")
    ]


def _points(one: Forecast) -> tuple[dict[str, Any], ...]:
    rows = ({str(name): value for name, value in row.items()} for row in one.table.to_dict("records"))
    named = (
        {
            "generation": row["generation"],
            "mean": row["mean"],
            "low": row["mean_low"],
            "high": row["mean_high"],
        }
        for row in rows
    )
    return tuple(rounded(row, ("generation", "mean", "low", "high")) for row in named)


def forecasted(evidence: Evidence) -> Figure | None:
    """Live faults up to `GENERATIONS`; None where nothing can be fitted."""
    found = forecasts(evidence)
    if not found:
        return None
    count = len(evidence.conditions)
    lines = [
        Line(f"c{one.condition}", one.label, style.series(place, count), _points(one))
        for place, one in enumerate(found)
    ]
    title = f"Where this leads: live faults over {GENERATIONS} generations"
    tops = [min(point["high"], 10 * point["mean"] + 1) for line in lines for point in line.points]
    options: dict[str, Any] = {"x": ("generation", "generation"), "y": ("mean", ""), "share": False}
    panels, shared = drawn(lines, title, step=False, bent=True, top=1.05 * max([1.0, *tops]), **options)
    failing = [one.label for one in found if not one.check.empty and not one.holds]
    unchecked = sum(one.check.empty for one in found)
    told = f" The check FAILS for {'; '.join(failing)}: do not plan with those." if failing else ""
    told += (
        f" For {words.count(unchecked, 'condition')} there was too little to hold out." if unchecked else ""
    )
    left = count - len(found)
    told += f" Not simulated: {words.count(left, 'condition')}." if left else ""
    caption = (
        f"A simulation with the campaign's own hazards, fitted by family with heterogeneity, {LINEAGES:,} "
        f"lineages a condition from the start on; beyond generation {max(one.longest for one in found)} only "
        "the model speaks. Bands: 95% of the mean; the upper part of the axis is logarithmic. "
        "The last third of the generations that were run is first "
        f"predicted from those before.{told} The command forecast goes further."
    )
    heads = (
        "condition",
        "after",
        "mean live",
        "of a lineage",
        "none live",
        "runaway",
        "check on what was run",
    )
    rows = tuple(row for one in found for row in _rows(one))
    return Figure("forecast", title, caption, panels, heads, rows, shared=shared)
