"""The charts, as Vega-Lite specifications made with Altair. Each takes rows that are also its table.

Widths follow the page. A label at the end of a line is the condition's name, or its key ("c0") where
the page is narrow: the page sets the parameter `narrow`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from reports import style

Row = Mapping[str, Any]
Spec = dict[str, Any]

HEIGHT = 260
SMALL = 130
STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10_000, 100_000)
_RATIO_AXIS = alt.Axis(values=[0.1, 0.2, 0.5, 1, 2, 5, 10], format="~g", labelOverlap=True)
SHARED = "shared"  # the name of the rows that the panels of a figure have in common


def _narrow() -> alt.Parameter:
    return alt.param(name="narrow", value=False)


def _color() -> alt.Color:
    return alt.Color("color:N", scale=None)


def _values(rows: Sequence[Row]) -> Any:
    return alt.InlineData(values=[dict(row) for row in rows])


def finish(layers: Sequence[Any], height: int) -> Spec:
    """The plain specification, as wide as the page allows, its labels included.

    Its look comes from the page, which gives all charts the same config (`style.chart_config`).
    """
    chart: Any = alt.layer(*layers).add_params(_narrow())
    made: Spec = chart.properties(width="container", height=height).to_dict(validate=False)
    made.pop("$schema", None)
    made["autosize"] = {"type": "fit-x", "contains": "padding"}
    made["padding"] = {"left": 4, "top": 6, "bottom": 4, "right": 8}
    made["usermeta"] = {"height": height}
    return made


def spaced(values: Sequence[float], gap: float) -> list[float]:
    """Places for labels: as near to `values` as a least distance of `gap` allows, in the same order."""
    order = sorted(range(len(values)), key=lambda place: values[place])
    blocks: list[list[float]] = []  # [sum of (value - offset), members]
    for rank, place in enumerate(order):
        blocks.append([values[place] - rank * gap, 1.0])
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] >= blocks[-1][0] / blocks[-1][1]:
            total, members = blocks.pop()
            blocks[-1][0] += total
            blocks[-1][1] += members
    starts = [block[0] / block[1] for block in blocks for _ in range(int(block[1]))]
    found = [0.0] * len(values)
    for rank, place in enumerate(order):
        found[place] = starts[rank] + rank * gap
    return found


def _ends(rows: Sequence[Row], y: str, top: float, height: int) -> list[dict[str, Any]]:
    """The last row of each line, with the place of its label: 14 pixels apart at least."""
    last: dict[str, dict[str, Any]] = {row["key"]: dict(row) for row in rows}
    ends = list(last.values())
    places = spaced([float(row[y]) for row in ends], 14 * top / height)
    shift = min(0.0, top - max(places, default=0.0))
    return [{**row, "place": place + shift} for row, place in zip(ends, places, strict=True)]


def _behind(behind: str | Sequence[Row], curve: Any, across: alt.X, up: alt.Y) -> list[alt.Chart]:
    """Thin grey lines behind the main one: the rows given, or the data set that the page shares."""
    if not behind:
        return []
    data: Any = alt.NamedData(name=behind) if isinstance(behind, str) else _values(behind)
    mark: Any = alt.Chart(data).mark_line(
        interpolate=curve, strokeWidth=1, color=style.ink("context"), clip=True
    )
    return [mark.encode(across, up, alt.Detail("key:N"))]


def _whole(low: int, high: int, most: int) -> list[int]:
    """Whole numbers for an axis, at most so many of them."""
    step = next(step for step in STEPS if (high - low) / step < most)
    return [value for value in range(low, high + 1) if value % step == 0 or step == 1]


def _named_ends(rows: Sequence[Row], y: str, top: float, height: int, across: alt.X) -> alt.Chart:
    named: Any = alt.Chart(_values(_ends(rows, y, top, height)))
    named = named.transform_calculate(said="narrow ? datum.key : datum.label")
    chart: alt.Chart = named.mark_text(align="left", dx=7, baseline="middle").encode(
        across, alt.Y("place:Q"), _color(), text="said:N"
    )
    return chart


def lines(
    rows: Sequence[Row],
    *,
    x: tuple[str, str],
    y: tuple[str, str],
    share: bool,
    step: bool,
    top: float,
    span: tuple[int, int],
    height: int = HEIGHT,
    behind: str | Sequence[Row] = (),
    labelled: bool = True,
    bent: bool = False,
) -> Spec:
    """Lines with bands: rows of {x, y, low, high, key, label, color}, perhaps thin lines behind them.

    `x` and `y` are (field, title); `span` is the extent of the x axis, `top` the upper end of the y axis,
    which is logarithmic but for its lowest part if `bent`.
    """
    small = height != HEIGHT
    ticks = alt.Axis(values=_whole(*span, 6 if small else 12), format="d", grid=False)
    across = alt.X(f"{x[0]}:Q", title=x[1], axis=ticks, scale=alt.Scale(domain=list(span), nice=False))
    scale = alt.Scale(domain=[0, top], nice=False)
    axis = alt.Axis(format="%" if share else ",~f", tickCount=3 if small else 5)
    if bent:
        scale = alt.Scale(type="symlog", domain=[0, top], nice=False)
        axis = alt.Axis(format=",~f", values=[0, *(10**power for power in range(7) if 10**power <= top)])
    up = alt.Y(f"{y[0]}:Q", title=y[1] or None, scale=scale, axis=axis)
    curve: Any = "step-after" if step else "linear"
    base: Any = alt.Chart(_values(rows))
    band = base.mark_area(interpolate=curve, opacity=0.16, clip=True)
    layers = [
        *_behind(behind, curve, across, up),
        band.encode(across, alt.Y("low:Q"), alt.Y2("high:Q"), _color(), alt.Detail("key:N")).transform_filter(
            "isValid(datum.low) && isValid(datum.high)"
        ),
        base.mark_line(interpolate=curve, clip=True).encode(across, up, _color(), alt.Detail("key:N")),
        base.mark_point(size=90, opacity=0, filled=True).encode(across, up, tooltip=_tips(x, y, share)),
    ]
    if labelled:
        layers.append(_named_ends(rows, y[0], top, height, across))
    return finish(layers, height)


def _tips(x: tuple[str, str], y: tuple[str, str], share: bool) -> list[alt.Tooltip]:
    shown = ".1%" if share else ",.2~f"
    return [
        alt.Tooltip("label:N", title=" "),
        alt.Tooltip(f"{x[0]}:Q", title=x[1]),
        alt.Tooltip(f"{y[0]}:Q", title=y[1] or "value", format=shown),
        alt.Tooltip("low:Q", title="from", format=shown),
        alt.Tooltip("high:Q", title="to", format=shown),
    ]


def _named_rows(rows: Sequence[Row]) -> alt.Y:
    """The rows of a chart by key, called by their labels where the page is wide enough."""
    labels = {row["key"]: row["label"] for row in rows}
    called = f"narrow ? datum.value : ({json.dumps(labels, ensure_ascii=False)})[datum.value]"
    axis = alt.Axis(
        labelExpr=called,
        labelLimit=340,
        labelColor=style.ink("text"),
        labelFontSize=11.5,
        labelPadding=10,
        domain=False,
        ticks=False,
    )
    gaps = alt.Scale(type="band", paddingInner=0.42, paddingOuter=0.3)
    return alt.Y("key:N", sort=list(labels), title=None, axis=axis, scale=gaps)


def dots(
    rows: Sequence[Row],
    title: str,
    *,
    top: float = 1.0,
    share: bool = True,
    line: float | None = None,
    span: tuple[float, float] | None = None,
) -> Spec:
    """One figure with its interval for each row of {key, label, value, low, high, said, color}.

    `line` is a value to compare with, drawn over the whole height. With a `span` the values are ratios, on a
    logarithmic axis of that extent; otherwise the axis goes from 0 to `top`.
    """
    axis = alt.Axis(format="%" if share else ",~f", tickCount=6)
    scale = alt.Scale(domain=[0, top])
    if span is not None:
        axis, scale = _RATIO_AXIS, alt.Scale(type="log", domain=list(span), nice=False)
    across = alt.X("value:Q", title=title, scale=scale, axis=axis)
    up = _named_rows(rows)
    base: Any = alt.Chart(_values(rows))
    rule = base.mark_rule(strokeWidth=2.5, strokeCap="round", clip=True)
    said = base.mark_text(align="left", baseline="middle", dx=12)
    layers = [
        *_marks([] if line is None else [line]),
        rule.encode(alt.X("low:Q", title=title), alt.X2("high:Q"), up, _color()),
        base.mark_point(filled=True, size=80, opacity=1).encode(across, up, _color()),
        said.encode(x=alt.value("width"), y=up, text="said:N", color=alt.value(style.ink("muted"))),
    ]
    return finish(layers, 30 * len(rows) + 8)


def _marks(values: Sequence[float]) -> list[Any]:
    """Dashed lines at values that are compared with."""
    if not values:
        return []
    base: Any = alt.Chart(_values([{"value": value} for value in values]))
    return [base.mark_rule(strokeDash=[4, 3], color=style.ink("muted")).encode(alt.X("value:Q"))]


def ratios(rows: Sequence[Row], span: tuple[float, float]) -> Spec:
    """Dots at ratios on a logarithmic axis: rows of {key, label, condition, value, said, color}."""
    scale = alt.Scale(type="log", domain=list(span), nice=False)
    across = alt.X("value:Q", title="estimate / truth", scale=scale, axis=_RATIO_AXIS)
    base: Any = alt.Chart(_values(rows))
    tips = [alt.Tooltip("label:N", title="estimator"), alt.Tooltip("said:N", title="estimate")]
    point = base.mark_point(filled=True, size=70, opacity=0.75)
    layers = [*_marks([1.0]), point.encode(across, _named_rows(rows), _color(), tooltip=tips)]
    return finish(layers, 26 * len({row["key"] for row in rows}) + 8)


def grid(cells: Sequence[Row], across: Sequence[str], up: Sequence[str], names: tuple[str, str]) -> Spec:
    """A heat map: cells of {key, label, across, up, strength, said, tip}; `strength` from 0 to 1 is the ink.

    Levels stand in the order given, the first one to the left and at the bottom.
    """
    x = alt.X("across:N", sort=list(across), title=names[0], axis=alt.Axis(labelAngle=0, orient="bottom"))
    y = alt.Y("up:N", sort=list(reversed(up)), title=names[1])
    base: Any = alt.Chart(_values(cells))
    tips = [alt.Tooltip("label:N", title="condition"), alt.Tooltip("tip:N", title="figure")]
    cell = base.mark_rect(color=style.ink("series-c0"), stroke=style.ink("rule"))
    strong = alt.condition("datum.strength > 0.7", alt.value(style.ink("page")), alt.value(style.ink("text")))
    strength = alt.Opacity("strength:Q", scale=None, legend=None)
    layers = [
        cell.encode(x, y, strength, tooltip=tips),
        base.mark_text(fontSize=12).encode(x, y, text="said:N", color=strong),
    ]
    return finish(layers, 34 * len(up) + 30)


def bars(rows: Sequence[Row]) -> Spec:
    """Stacked shares: rows of {key, label, part, share, count, color, over}, one bar for each key."""
    up = _named_rows(rows)
    axis = alt.Axis(format="%", tickCount=5)
    across = alt.X("from:Q", title=None, scale=alt.Scale(domain=[0, 1]), axis=axis)
    base: Any = alt.Chart(_values(_stacked(rows)))
    tips = [alt.Tooltip(f"{name}:N", title=name) for name in ("label", "part")]
    tips += [alt.Tooltip("count:Q", title="number"), alt.Tooltip("share:Q", title="share", format=".1%")]
    bar = base.mark_bar(stroke=style.ink("page"), strokeWidth=1)
    figures = base.transform_filter("datum.share * (narrow ? 300 : 700) > 10 * length(datum.count + '')")
    layers = [
        bar.encode(across, alt.X2("to:Q"), up, _color(), tooltip=tips),
        figures.mark_text(baseline="middle", fontSize=10.5, fontWeight=600).encode(
            alt.X("middle:Q"), up, text="count:N", color=alt.Color("over:N", scale=None)
        ),
    ]
    return finish(layers, 28 * len({row["key"] for row in rows}) + 6)


def _stacked(rows: Sequence[Row]) -> list[dict[str, Any]]:
    found, at = [], dict.fromkeys((row["key"] for row in rows), 0.0)
    for row in rows:
        start = at[row["key"]]
        at[row["key"]] = start + row["share"]
        found.append({**row, "from": start, "to": at[row["key"]], "middle": start + row["share"] / 2})
    return found


def _axis(field: str, rows: Sequence[Row], least: float) -> alt.Scale:
    top = max([least, *(row[f"{field}_high"] or row[field] for row in rows)])
    return alt.Scale(domain=[0, 1.06 * top], nice=False)


def _frontier(rows: Sequence[Row], x: alt.X, y: alt.Y) -> list[Any]:
    """Steps through the rows that are on a frontier, and a ring around those that were chosen."""
    found: list[Any] = []
    for name in dict.fromkeys(row["frontier"] for row in rows if row.get("frontier")):
        part: Any = alt.Chart(_values([row for row in rows if row.get("frontier") == name]))
        line = part.mark_line(interpolate="step-after", strokeDash=[2, 3], strokeWidth=1.5, opacity=0.9)
        found.append(line.encode(x, y, color=alt.value(style.ink("muted"))))
    chosen = [row for row in rows if row.get("chosen")]
    if chosen:
        ring: Any = alt.Chart(_values(chosen))
        mark = ring.mark_point(filled=False, size=330, strokeWidth=2, opacity=1, color=style.ink("text"))
        found.append(mark.encode(x, y))
    return found


def scatter(rows: Sequence[Row], across: str, up: str) -> Spec:
    """Effort against what remains: rows of {key, label, color, x, x_low, x_high, y, y_low, y_high}.

    Rows with the same `frontier` are joined by a dashed line; those that are `chosen` get a ring.
    """
    base: Any = alt.Chart(_values(rows))
    x = alt.X("x:Q", title=across, scale=_axis("x", rows, 0.1), axis=alt.Axis(tickCount=6, format=",~f"))
    y = alt.Y("y:Q", title=up, scale=_axis("y", rows, 0.5), axis=alt.Axis(tickCount=5, format=",~f"))
    tips = [alt.Tooltip("label:N", title="condition")]
    tips += [
        alt.Tooltip(f"{name}:Q", title=said, format=",.2~f") for name, said in (("x", across), ("y", up))
    ]
    named = base.transform_calculate(said="narrow ? datum.key : datum.label")
    layers = [
        *_frontier(rows, x, y),
        base.mark_rule(opacity=0.75).encode(x, alt.Y("y_low:Q"), alt.Y2("y_high:Q"), _color()),
        base.mark_rule(opacity=0.75).encode(alt.X("x_low:Q"), alt.X2("x_high:Q"), y, _color()),
        base.mark_point(filled=True, size=80, opacity=1).encode(x, y, _color(), tooltip=tips),
        named.mark_text(align="left", dx=8, dy=-8).encode(x, y, _color(), text="said:N"),
    ]
    return finish(layers, HEIGHT)
