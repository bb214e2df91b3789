"""Colours that all readers can tell apart, and charts that keep their labels apart."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports import charts, style

# Machado, Oliveira and Fernandes (2009), severity 1, applied to linear RGB.
BLINDNESS = {
    "none": np.eye(3),
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def linear(color: str) -> np.ndarray:
    parts = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = np.array(to_xyz) @ np.clip(rgb, 0, 1) / np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("blindness", BLINDNESS)
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("palette", ["SERIES", "ENDS"])
def test_colours_of_a_chart_stay_apart(palette, dark, blindness):
    matrix = np.array(BLINDNESS[blindness])
    seen = {name: lab(matrix @ linear(pair[dark])) for name, pair in getattr(style, palette).items()}
    for first, second in itertools.combinations(seen, 2):
        assert np.linalg.norm(seen[first] - seen[second]) > 10, (first, second)


@pytest.mark.parametrize("dark", [False, True])
def test_text_and_lines_stand_out_from_the_page(dark):
    page = style.PAPER["page"][dark]
    for name in ("text", "muted", "link", "added", "removed"):
        assert style.contrast(style.PAPER[name][dark], page) >= 4.5, name
    for name, pair in style.SERIES.items():
        assert style.contrast(pair[dark], page) >= 3, name


@pytest.mark.parametrize("dark", [False, True])
def test_figures_in_bars_can_be_read(dark):
    variables = style.variables().splitlines()[dark]
    for name, pair in style.ENDS.items():
        over = variables.split(f"--over-end-{name}:")[1].split(";")[0]
        assert style.contrast(over, pair[dark]) >= 4.5, name


def test_an_unknown_colour_is_refused_early():
    with pytest.raises(KeyError):
        style.ink("mauve")


def test_conditions_share_one_colour_where_there_are_too_many_to_tell_apart():
    assert len({style.series(place, 6) for place in range(6)}) == 6
    assert len({style.series(place, 7) for place in range(7)}) == 1


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.floats(0.01, 0.2))
@settings(deadline=None)
def test_labels_are_pushed_apart_in_their_order(values, gap):
    places = charts.spaced(values, gap)
    by_value = [place for _, place in sorted(zip(values, places, strict=True), key=lambda pair: pair)]
    assert all(b - a >= gap - 1e-9 for a, b in itertools.pairwise(sorted(places)))
    assert by_value == sorted(by_value)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=8, unique=True))
@settings(deadline=None)
def test_labels_with_room_stay_where_they_are(values):
    assert charts.spaced([float(value) for value in values], 1.0) == pytest.approx(values)
