"""The simulation agrees with theory, the fit finds what was put in, and the check can fail."""

import numpy as np
import pytest

from testbed.analysis import closed_forms, forecast, hazards, read
from testbed.analysis.hazards import Fit
from testbed.analysis.simulated import Truth, simulate
from testbed.conditions import Condition, LimitsFactor, OversightFactor

NO_REVIEW = OversightFactor(every=0)


def made(arrivals, shapes, copying=0.0, spread=0.0):
    names = tuple(f"f{number}" for number in range(len(arrivals)))
    return Fit(names, np.array(arrivals, float), np.array(shapes, float), copying, spread)


def alike(p):
    """Beta parameters of a class in which all faults have nearly the same chance."""
    return p * 1e6, (1 - p) * 1e6


def live(fit, at, lineages=20_000, bound=10_000, seed=1):
    return list(forecast.simulate(fit, at, lineages, bound, np.random.default_rng(seed)))


def test_one_chance_gives_the_poisson_numbers_of_theory():
    # Arrivals are counted after their first check, so the rate is theory's times 1 - p.
    for counts, n in zip(live(made([2.0 * 0.7], [alike(0.3)]), [1, 5, 30]), [1, 5, 30], strict=True):
        mean = closed_forms.poisson_mean(n, 2.0, 0.3)
        assert counts.mean() == pytest.approx(mean, rel=0.03)
        assert counts.var() == pytest.approx(mean, rel=0.05)


def test_copies_give_the_growth_of_theory():
    # Theory's copies are of survivors and pass no check in their first generation: (1 - p) c.
    p, c, rate = 0.3, 0.2, 1.0
    for counts, n in zip(live(made([rate * 0.7], [alike(p)], 0.7 * c), [1, 4, 12]), [1, 4, 12], strict=True):
        assert counts.mean() == pytest.approx(closed_forms.mean_live(n, rate, p, c), rel=0.03)


def test_classes_of_unlike_detectability_reach_the_steady_state_of_their_sum():
    fit = made([4 * 0.2, 1 * 0.95], [alike(0.8), alike(0.05)])
    counts = live(fit, [400])[0]
    assert counts.mean() == pytest.approx(closed_forms.steady_mean_classes((4, 1), (0.8, 0.05)), rel=0.02)


@pytest.mark.parametrize(("a", "b"), [(0.5, 3.0), (2.0, 6.0), (8.0, 4.0)])
def test_the_bins_keep_the_lifetimes_of_the_beta_distribution(a, b):
    found = hazards.chances(made([1.0], [(a, b)]))
    assert found.weights.sum() == pytest.approx(1)
    assert found.weights[0] @ found.p == pytest.approx(a / (a + b))
    for k in (1, 3, 10, 50, 300):
        share = float(found.weights[0] @ (1 - found.p) ** k)
        assert share == pytest.approx(closed_forms.alive_after_mixed(k, a, b), rel=0.06, abs=2e-3)


def test_many_generations_at_once_are_as_many_one_by_one():
    fit = made([1.0, 0.5], [(1.0, 4.0), (3.0, 3.0)], spread=0.5)
    at_once, (*_, stepwise) = live(fit, [40])[0], live(fit, list(range(1, 41)), seed=2)
    assert at_once.mean() == pytest.approx(stepwise.mean(), rel=0.03)
    assert at_once.var() == pytest.approx(stepwise.var(), rel=0.08)


def test_a_supercritical_lineage_stops_at_the_bound():
    counts = live(made([1.0], [alike(0.1)], copying=0.5), [60], lineages=200, bound=500)[0]
    assert (counts == 500).all()


def campaign(truth, generations=12, lineages=60, seed=1, limits=None):
    plan = Condition(
        generations=generations, lineages=lineages, oversight=NO_REVIEW, limits=limits or LimitsFactor()
    )
    return read(simulate([plan], truth, seed=seed))


def test_the_fit_finds_rates_and_chances_of_each_class():
    truth = Truth(rate=3.0, detection={"logic": 0.5, "omission": 0.1}, copies=0.05)
    fit = hazards.fit(hazards.observe(campaign(truth, lineages=150), 0))
    assert fit.families == ("logic", "omission")
    assert fit.arrivals == pytest.approx([1.5 * 0.5, 1.5 * 0.9], rel=0.1)
    assert fit.shapes[:, 0] / fit.shapes.sum(axis=1) == pytest.approx([0.5, 0.1], rel=0.15)
    assert fit.copying == pytest.approx(0.05 * (0.5 + 0.9 * 3) / 3.7, rel=0.35)
    assert fit.spread < 0.05


def test_a_heterogeneous_class_is_told_from_one_of_equal_faults():
    rng = np.random.default_rng(3)

    def counts(chances):
        time = rng.geometric(chances)
        cycles = np.arange(1, 11)
        return (time[:, None] >= cycles).sum(axis=0), (time[:, None] == cycles).sum(axis=0)

    def weight(chances):
        risk, ended = counts(chances)
        shape = hazards._beta_geometric(
            risk, ended, np.array([hazards.CHANCE[0], hazards.WEIGHT[0]]), np.array([2.0, 1.5])
        )
        return np.exp(shape[1])

    unlike, equal = weight(rng.beta(0.6, 1.4, 4000)), weight(np.full(4000, 0.3))
    assert unlike == pytest.approx(2.0, rel=0.2)
    assert equal > 20


def test_the_forecast_holds_what_the_whole_process_does_and_its_check_holds():
    truth = Truth(rate=1.0, detection={"logic": 0.5, "omission": 0.15})
    found = forecast.forecast(campaign(truth), 0, 40, 4000, fits=20)
    assert found.holds
    steady = closed_forms.steady_mean_classes((0.5, 0.5), (0.5, 0.15))
    row = found.table.iloc[-1]
    assert row["mean_low"] < steady * 1.2
    assert row["mean_high"] > steady * 0.9
    assert row["low"] <= row["median"] <= row["high"]


def test_the_check_fails_where_detection_changes_in_what_was_held_out():
    before = campaign(Truth(rate=3.0, detection={"logic": 0.6}), generations=8)
    late = campaign(Truth(rate=3.0, detection={"logic": 0.02}), generations=12, seed=2)
    # The first eight generations of a good detector, then twelve of another kind, as one campaign.
    from dataclasses import replace

    def joined(first, second):
        shift, most = first.last, max((birth.fault for birth in first.births), default=0)
        births = tuple(
            replace(b, fault=b.fault + most, generation=b.generation + shift) for b in second.births
        )
        ends = {
            f + most: replace(e, fault=f + most, generation=e.generation + shift)
            for f, e in second.ends.items()
        }
        made = tuple(
            replace(
                g,
                generation=g.generation + shift,
                live=tuple(f + most for f in g.live),
                escaped=tuple(f + most for f in g.escaped),
            )
            for g in second.generations
        )
        return replace(
            first,
            births=first.births + births,
            ends={**first.ends, **ends},
            generations=first.generations + made,
        )

    pairs = zip(before.lineages, late.lineages, strict=True)
    together = replace(before, lineages=tuple(joined(*pair) for pair in pairs))
    found = forecast.forecast(together, 0, 20, 400, fits=10)
    assert found.fitted_until == 14
    assert not found.holds


def test_equal_seeds_give_equal_forecasts_whatever_the_threads():
    evidence = campaign(Truth(rate=1.0, copies=0.05), generations=6, lineages=10)
    one, two = (forecast.forecast(evidence, 0, 30, 500, fits=5, threads=number) for number in (1, 2))
    assert one.table.equals(two.table)
    assert one.check.equals(two.check)


def test_a_campaign_too_short_to_hold_anything_out_has_no_check():
    found = forecast.forecast(campaign(Truth(rate=3.0), generations=2, lineages=5), 0, 5, 100, fits=3)
    assert found.check.empty
    assert not found.holds
