"""The published curves: what the sources say, and that the loop gives what their parameters ask for."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest

from testbed.analysis import closed_forms, persistence


@pytest.fixture(scope="module")
def published(benchmark_script: Callable[[str], ModuleType]) -> ModuleType:
    return benchmark_script("published")


def test_the_kernel_s_two_shares_give_its_shape(published: ModuleType) -> None:
    curve = published.kernel()
    for k in (12, 60):
        assert closed_forms.alive_after_mixed(k, *curve.shape) == pytest.approx(curve.shares[k], abs=1e-6)
    assert closed_forms.alive_after_mixed(8, *curve.shape) == pytest.approx(0.5, abs=0.05)


def test_the_loop_follows_the_curve_of_unlike_faults(published: ModuleType) -> None:
    curve = published.replace(published.bugs_in_py(), shares={1: 0.56, 4: 0.3})
    table = published.measured(curve, lineages=6, faults=10)
    assert len(table) == 60
    for k in (1, 2, 4):
        one = persistence.share_alive(table, k, 0.999)
        assert one.low <= closed_forms.alive_after_mixed(k, *curve.shape) <= one.high
