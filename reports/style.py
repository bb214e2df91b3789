"""The one place for colours and type. Charts name a colour as `ink("c0")`, and the page gives it a value.

Each colour has a light and a dark value. The series differ in lightness as well as hue, so that
they stay apart under the three kinds of colour blindness (checked in the tests).
"""

from __future__ import annotations

PAPER: dict[str, tuple[str, str]] = {
    "page": ("#fdfdfb", "#14161a"),
    "panel": ("#f4f4ef", "#1c1f24"),
    "text": ("#1b1c1e", "#e7e5df"),
    "muted": ("#5a5f63", "#a2a8ab"),
    "rule": ("#d8d8d0", "#363b41"),
    "grid": ("#ebebe5", "#252a30"),
    "context": ("#cfd1cc", "#444a50"),
    "link": ("#1a5c99", "#86b9e8"),
    "added": ("#1d6b43", "#7ecb9f"),
    "removed": ("#a3293a", "#f08f98"),
}

SERIES: dict[str, tuple[str, str]] = {
    "c0": ("#2f7fc4", "#5aa2ea"),
    "c1": ("#b8430a", "#e8863a"),
    "c2": ("#159a7c", "#3aa98a"),
    "c3": ("#5b2a86", "#d7a9ea"),
    "c4": ("#b08d00", "#f0e08a"),
    "c5": ("#3d434a", "#d5d8da"),
}

ENDS: dict[str, tuple[str, str]] = {
    "unit": ("#164b7a", "#9cc8ee"),
    "property": ("#3d84bd", "#5b9bd1"),
    "differential": ("#9cc3e0", "#33638d"),
    "review": ("#e0a030", "#e9b550"),
    "overwritten": ("#8d918e", "#8a8f92"),
    "rejected": ("#c9ccc7", "#4d5358"),
    "rollback": ("#45494b", "#c9cdd0"),
    "alive": ("#b3243b", "#e2495b"),
}

RUNGS: dict[str, tuple[str, str]] = {
    "present": ("#b9bdb8", "#565c61"),
    "reached": ("#9cc3e0", "#33638d"),
    "infected": ("#5f9fd0", "#4a86ba"),
    "propagated": ("#1b5e9e", "#7db6ea"),
    "masked": ("#8a3f94", "#d7a9ea"),
    "revealed": ("#d5650b", "#f5a45f"),
}

STATES: dict[str, tuple[str, str]] = {
    "completed": ("#3d84bd", "#5b9bd1"),
    "stalled": ("#e0a030", "#e9b550"),
    "runaway": ("#b3243b", "#e2495b"),
    "running": ("#8d918e", "#7c8285"),
    "waiting": ("#c9ccc7", "#4d5358"),
}

SERIF = '"Charter", "Bitstream Charter", "Iowan Old Style", "Georgia", "Liberation Serif", serif'
SANS = '"Inter", "Seravek", "Segoe UI", "Helvetica Neue", "Liberation Sans", "Arial", sans-serif'
MONO = '"JetBrains Mono", "SF Mono", "Cascadia Mono", "Menlo", "Liberation Mono", monospace'


def luminance(color: str) -> float:
    """Relative luminance of "#rrggbb", as WCAG defines it."""
    parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    """The contrast ratio of two colours, 1 to 21."""
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def _over(fill: str) -> str:
    """Black or white, whichever is easier to read on the fill."""
    return max(("#101113", "#ffffff"), key=lambda color: contrast(color, fill))


def _all() -> dict[str, tuple[str, str]]:
    groups = {"": PAPER, "series-": SERIES, "end-": ENDS, "rung-": RUNGS, "state-": STATES}
    found = {f"{group}{name}": pair for group, inks in groups.items() for name, pair in inks.items()}
    fills = {name: pair for name, pair in found.items() if name.startswith(("end-", "state-"))}
    return {**found, **{f"over-{name}": (_over(light), _over(dark)) for name, (light, dark) in fills.items()}}


def ink(name: str) -> str:
    """The CSS value for a colour by name: "text", "series-c0", "end-review", "over-end-review"."""
    if name not in _all():
        raise KeyError(name)
    return f"var(--{name})"


def series(position: int, of: int) -> str:
    """The colour of the condition (or family) at that position; one for all where there are too many."""
    names = list(SERIES)
    return ink(f"series-{names[position if of <= len(names) else 0]}")


def _block(dark: bool) -> str:
    return "".join(f"--{name}:{pair[dark]};" for name, pair in _all().items())


def variables() -> str:
    """The CSS that defines all colours and fonts, for light, dark and paper."""
    fonts = f"--serif:{SERIF};--sans:{SANS};--mono:{MONO};"
    return (
        f":root{{color-scheme:light;{fonts}{_block(False)}}}\n"
        f"@media (prefers-color-scheme:dark){{:root{{color-scheme:dark;{_block(True)}}}}}\n"
        f"@media print{{:root{{color-scheme:light;{_block(False)}}}}}\n"
    )


def chart_config() -> dict[str, object]:
    """The look of all charts, as a Vega-Lite config."""
    axis = {
        "domainColor": ink("rule"),
        "tickColor": ink("rule"),
        "gridColor": ink("grid"),
        "labelColor": ink("muted"),
        "titleColor": ink("muted"),
        "labelFontSize": 11,
        "titleFontSize": 11.5,
        "titleFontWeight": "normal",
        "titlePadding": 8,
        "labelPadding": 5,
        "tickSize": 4,
    }
    return {
        "background": "transparent",
        "font": SANS.replace('"', "'"),
        "view": {"stroke": None},
        "axis": axis,
        "text": {"fontSize": 11.5, "color": ink("text")},
        "line": {"strokeWidth": 2},
    }
