"""Closed forms: their published checks, their limits, and a simulation written independently."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from testbed.analysis import closed_forms as forms


def test_the_checked_example_of_mean_and_variance():
    values = {"rate": 5, "p": 0.3, "c": 0.1, "q": 0.1}
    assert forms.growth(0.3, 0.1, 0.1) == pytest.approx(0.8)
    assert forms.steady_mean(**values) == pytest.approx(17.50)
    assert forms.steady_variance(**values) == pytest.approx(24.65, abs=0.005)


def test_the_checked_example_of_extinction():
    assert forms.extinction(p=0.1, c=0.3) == pytest.approx(0.4044, abs=5e-5)


def test_an_average_detectability_forecasts_wrongly():
    assert forms.steady_mean_classes((4, 1), (0.8, 0.05)) == pytest.approx(20)
    average = (4 * 0.8 + 1 * 0.05) / 5
    assert forms.steady_mean(5, average) == pytest.approx(2.7, abs=0.01)


@given(p=st.floats(0.01, 0.99), rate=st.floats(0.1, 9), n=st.integers(0, 40))
@settings(deadline=None)
def test_without_copies_the_mean_is_the_poisson_one(p, rate, n):
    assert forms.mean_live(n, rate, p) == pytest.approx(forms.poisson_mean(n, rate, p))


@given(p=st.floats(0.05, 0.99), c=st.floats(0, 0.5), rate=st.floats(0.1, 9), n=st.integers(1, 30))
@settings(deadline=None)
def test_the_mean_obeys_its_recursion(p, c, rate, n):
    before = forms.mean_live(n - 1, rate, p, c)
    assert forms.mean_live(n, rate, p, c) == pytest.approx(rate * (1 - p) + forms.growth(p, c) * before)


def test_a_long_run_reaches_the_steady_state():
    assert forms.mean_live(500, 5, 0.3, 0.1, 0.1) == pytest.approx(forms.steady_mean(5, 0.3, 0.1, 0.1))
    assert forms.mean_live(10, 2.0, 0.5, 1.0) == pytest.approx(10.0), "R = 1 grows by the new faults alone"
    assert forms.steady_mean(1, 0.1, 0.5) == math.inf
    assert forms.steady_variance(1, 0.1, 0.5) == math.inf


@given(p=st.floats(0, 1), c=st.floats(0, 1), q=st.floats(0, 1))
@settings(max_examples=50, deadline=None)
def test_extinction_is_a_fixed_point_and_the_limit_of_its_generations(p, c, q):
    z = forms.extinction(p, c, q)
    assert 0 <= z <= 1
    assert z == pytest.approx(p * (1 - q + q * z) + (1 - p) * z * math.exp(c * (z - 1)), abs=1e-6)
    assert forms.extinct_by(50, p, c, q) <= z + 1e-9


def test_a_fault_that_is_never_found_never_dies_out():
    assert forms.extinction(p=0.0, c=0.0) == 0.0
    assert forms.extinction(p=0.5, c=0.2) == 1.0


@given(a=st.floats(0.2, 9), b=st.floats(0.2, 9))
@settings(deadline=None)
def test_mixed_lifetimes_begin_with_the_mean_chance_and_fade_slower_than_geometric(a, b):
    mean = a / (a + b)
    assert forms.alive_after_mixed(0, a, b) == pytest.approx(1)
    assert forms.alive_after_mixed(1, a, b) == pytest.approx(forms.alive_after(1, mean))
    assert forms.alive_after_mixed(8, a, b) >= forms.alive_after(8, mean) - 1e-12


def test_the_mixed_mean_lifetime_is_the_sum_of_its_curve():
    total = sum(forms.alive_after_mixed(k, 3.0, 2.0) for k in range(20_000))
    assert forms.mean_lifetime_mixed(3.0, 2.0) == pytest.approx(total, rel=1e-3)
    assert forms.mean_lifetime_mixed(1.0, 2.0) == math.inf


def test_a_simulated_process_has_the_mean_and_variance_that_theory_says():
    rng = np.random.default_rng(7)
    rate, p, c, q = 5.0, 0.3, 0.1, 0.1
    live = np.zeros(20_000, dtype=np.int64)
    for _ in range(60):
        arriving = rng.binomial(rng.poisson(rate, live.shape), 1 - p)
        survivors = rng.binomial(live, 1 - p)
        live = arriving + survivors + rng.poisson(c * survivors) + rng.binomial(live - survivors, q)
    assert live.mean() == pytest.approx(forms.steady_mean(rate, p, c, q), rel=0.01)
    assert live.var() == pytest.approx(forms.steady_variance(rate, p, c, q), rel=0.04)
