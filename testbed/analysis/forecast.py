"""Live faults at a scale that nobody can run: lineages simulated from a campaign's own hazards.

Parameters are fitted to resampled lineages again and again, and each fit simulates its share of the
lineages, so the bands hold what is not known of the parameters too. Only counts are kept: a lineage is
a row of live faults by chance of detection, and what is handed back are histograms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from testbed import seeds
from testbed.analysis import hazards
from testbed.analysis.estimates import CONFIDENCE, Floats, quantile
from testbed.analysis.evidence import Evidence
from testbed.analysis.hazards import Fit, Observed
from testbed.errors import UserError
from testbed.threads import pool

Counts = npt.NDArray[np.int64]

FITS = 40  # resamplings of the campaign's lineages
MOST_LIVE = 1_000  # live faults at which a lineage counts as runaway where the campaign has no bound
CHUNK = 5_000  # lineages in memory at a time, for each thread
FORECAST = ("generation", "mean", "mean_low", "mean_high", "low", "median", "high", "none", "runaway")
CHECK = ("generation", "lineages", "observed", "low", "high", "inside")
INSIDE = 0.9  # share of held-out lineages that must lie in their bands
REPEATS = 20  # simulations of each held-out lineage by each fit


@dataclass(frozen=True, slots=True, eq=False)
class Forecast:
    """One condition: `table` as in `FORECAST`, `check` as in `CHECK` (empty where none is possible)."""

    condition: int
    label: str
    lineages: int
    fit: Fit
    bound: int
    longest: int  # generations of the longest lineage
    fitted_until: int  # generations that the checked fit was made from
    table: pd.DataFrame
    check: pd.DataFrame

    @property
    def holds(self) -> bool:
        """Whether the last mean held out lies in its band, and of all lineages `INSIDE` in theirs."""
        if self.check.empty:
            return False
        last = self.check.iloc[-1]
        share = self.check["inside"].sum() / self.check["lineages"].sum()
        return bool(last["low"] <= last["observed"] <= last["high"] and share >= INSIDE)


def grid(generations: int) -> list[int]:
    """1, 2, 5, 10, 20, 50, ... and the last one."""
    steps = (digit * 10**power for power in range(9) for digit in (1, 2, 5))
    return sorted({*(step for step in steps if step < generations), generations})


def simulate(
    one: Fit,
    at: Sequence[int],
    lineages: int,
    bound: int,
    rng: np.random.Generator,
    start: Counts | None = None,
) -> Iterator[Counts]:
    """The live faults of each lineage after each of the generations `at`, shape (lineages,).

    `start` has the faults live at generation 0 by bin of `hazards.chances`, (lineages, bins), by
    default none. A lineage that reaches `bound` stays there.
    """
    found = hazards.chances(one)
    rates = one.arrivals @ found.weights
    state = np.zeros((lineages, len(found.p)), dtype=np.int64) if start is None else start.copy()
    more = np.ones(lineages)
    if one.spread > 0:
        more = rng.gamma(1 / one.spread, one.spread, lineages)
    gone = np.zeros(lineages, dtype=bool)
    now = 0
    for then in at:
        # Without copies many generations are one step, exactly: survivors are binomial, arrivals Poisson.
        step = then - now if one.copying == 0 else 1
        while now < then:
            _advance(state, more, rates, found.p, one.copying, step, rng)
            now += step
            total = state.sum(axis=1)
            over = total >= bound
            if over.any():
                gone |= over
                state[over], more[over] = 0, 0.0
        yield np.where(gone, bound, state.sum(axis=1))


def _advance(
    state: Counts, more: Floats, rates: Floats, p: Floats, copying: float, step: int, rng: np.random.Generator
) -> None:
    """`step` generations at once; only one where there are copies."""
    flat = state.reshape(-1)
    stay = (1 - p) ** step
    there = np.flatnonzero(flat)
    before = flat[there]
    after = rng.binomial(before, stay[there % len(p)])
    if copying > 0:
        after += rng.poisson(copying * before)
    flat[there] = after
    kept = np.where(p > 0, (1 - stay) / np.where(p > 0, p, 1.0), step) if step > 1 else np.ones(len(p))
    arriving = rates * kept
    total = float(arriving.sum())
    if total > 0:
        counts = rng.poisson(more * total)
        rows = np.repeat(np.arange(len(state)), counts)
        bins = np.searchsorted(np.cumsum(arriving) / total, rng.random(len(rows)), side="right")
        np.add.at(flat, rows * len(p) + np.minimum(bins, len(p) - 1), 1)


def _resampled(seen: Observed, seed: int, condition: int, fits: int) -> list[Fit]:
    """Fits to as many lineages drawn from those that there are, each one draw of the parameters."""
    rng = seeds.stream(seed, "forecast", "resample", condition)
    number = len(seen.generations)
    return [hazards.fit(seen.of(rng.integers(number, size=number)), rng) for _ in range(fits)]


@dataclass(slots=True, eq=False)
class _Seen:
    """Histograms of live faults after each generation of the grid, and the means of each fit."""

    counts: Counts  # (grid, bound + 1)
    means: Floats  # (fits, grid)


def _simulated(
    fits: Sequence[Fit], at: Sequence[int], lineages: int, bound: int, seed: int, condition: int, threads: int
) -> _Seen:
    shares = [len(part) for part in np.array_split(np.arange(lineages), len(fits))]

    def one(number: int) -> Counts:
        rng = seeds.stream(seed, "forecast", "simulate", condition, number)
        counts = np.zeros((len(at), bound + 1), dtype=np.int64)
        for begun in range(0, shares[number], CHUNK):
            size = min(CHUNK, shares[number] - begun)
            for row, live in enumerate(simulate(fits[number], at, size, bound, rng)):
                counts[row] += np.bincount(live, minlength=bound + 1)
        return counts

    total = np.zeros((len(at), bound + 1), dtype=np.int64)
    means = np.zeros((len(fits), len(at)))
    with pool(threads) as running:
        for number, counts in enumerate(running.map(one, range(len(fits)))):
            total += counts
            means[number] = counts @ np.arange(bound + 1) / counts.sum(axis=1)
    return _Seen(total, means)


def _quantiles(counts: Counts, levels: Sequence[float]) -> list[int]:
    share = np.cumsum(counts) / counts.sum()
    return [int(np.searchsorted(share, level - 1e-12)) for level in levels]


def _band(means: Floats, lineages: int, bound: int, confidence: float) -> tuple[float, float]:
    """The band of the mean from the means of all fits: on the log scale, with t for the lineages."""
    if len(means) < 2 or not (means > 0).all():
        tail = (1 - confidence) / 2
        low, high = np.quantile(means, (tail, 1 - tail))
        return float(low), float(high)
    middle, half = np.log(means).mean(), quantile(confidence, lineages) * np.log(means).std(ddof=1)
    return float(np.exp(middle - half)), float(min(np.exp(middle + half), bound))


def _table(seen: _Seen, at: Sequence[int], lineages: int, confidence: float) -> pd.DataFrame:
    tail = (1 - confidence) / 2
    rows = []
    for row, generation in enumerate(at):
        counts, means = seen.counts[row], seen.means[:, row]
        low, median, high = _quantiles(counts, (tail, 0.5, 1 - tail))
        mean = float(counts @ np.arange(len(counts)) / counts.sum())
        band = _band(means, lineages, len(counts) - 1, confidence)
        shares = [float(counts[place] / counts.sum()) for place in (0, -1)]
        rows.append((generation, mean, *band, low, median, high, *shares))
    return pd.DataFrame.from_records(rows, columns=list(FORECAST))


def _standing(evidence: Evidence, condition: int, cut: int) -> list[list[tuple[str, int]]]:
    """Family and cycles survived after the first of each fault live at generation `cut`, by lineage."""
    rows = []
    for one in evidence.of(condition):
        live = next((made.live for made in one.generations if made.generation == cut), None)
        if live is None:
            continue
        known = {birth.fault: birth for birth in one.births if birth.witnesses}
        rows.append([(known[f].family, cut - known[f].generation) for f in live if f in known])
    return rows


def _begin(one: Fit, standing: list[list[tuple[str, int]]], repeats: int, rng: np.random.Generator) -> Counts:
    """Faults by bin, (lineages * repeats, bins): the longer one has lived, the smaller its chance."""
    found = hazards.chances(one)
    state = np.zeros((len(standing), repeats, len(found.p)), dtype=np.int64)
    for lineage, faults in enumerate(standing):
        for family, survived in faults:
            weight = found.weights[one.families.index(family)] * (1 - found.p) ** survived
            state[lineage] += rng.multinomial(1, weight / weight.sum(), size=repeats)
    return state.reshape(-1, len(found.p))


def _checked(
    evidence: Evidence, condition: int, cut: int, bound: int, seed: int, fits: int, confidence: float
) -> pd.DataFrame:
    """What fits to generations up to `cut` say of the later ones, from the lineages as they stood."""
    standing = _standing(evidence, condition, cut)
    last = max(one.last for one in evidence.of(condition))
    at = list(range(1, last - cut + 1))
    before = hazards.observe(hazards.until(evidence, cut), condition)
    if not before.families or len(standing) < 2:
        return pd.DataFrame(columns=list(CHECK))
    rng = seeds.stream(seed, "forecast", "check", condition)
    drawn: list[list[Counts]] = [[] for _ in at]
    for one in _resampled(before, seed, condition, fits):
        start = _begin(one, standing, REPEATS, rng)
        for row, live in enumerate(simulate(one, at, len(start), bound, rng, start)):
            drawn[row].append(live.reshape(len(standing), REPEATS))
    known = [one for one in evidence.of(condition) if any(made.generation == cut for made in one.generations)]
    live_then = {
        (row, made.generation): sum(bool(birth.witnesses) for birth in one.births if birth.fault in made.live)
        for row, one in enumerate(known)
        for made in one.generations
    }
    return _compared(drawn, live_then, cut, confidence)


def _compared(
    drawn: list[list[Counts]], live: dict[tuple[int, int], int], cut: int, confidence: float
) -> pd.DataFrame:
    tail = (1 - confidence) / 2
    rows = []
    for place, parts in enumerate(drawn):
        simulated, generation = np.concatenate(parts, axis=1), cut + place + 1
        there = [row for row in range(len(simulated)) if (row, generation) in live]
        if not there:
            continue
        real = np.array([live[row, generation] for row in there])
        sample = simulated[there]
        low, high = np.quantile(sample.mean(axis=0), (tail, 1 - tail))
        ends = np.quantile(sample, (tail, 1 - tail), axis=1, method="inverted_cdf")
        inside = int(((ends[0] <= real) & (real <= ends[1])).sum())
        rows.append((generation, len(there), float(real.mean()), float(low), float(high), inside))
    return pd.DataFrame.from_records(rows, columns=list(CHECK))


def forecast(
    evidence: Evidence,
    condition: int,
    generations: int = 1000,
    lineages: int = 100_000,
    *,
    seed: int = 0,
    confidence: float = CONFIDENCE,
    fits: int = FITS,
    threads: int = 1,
    said: Callable[[str], None] = lambda text: None,
) -> Forecast:
    """Simulates `lineages` lineages from G0 on with the hazards of one condition of the campaign.

    The last third of the campaign's generations is predicted from the others first, as `check`. Raises
    UserError where there is nothing to fit.
    """
    position = [one["index"] for one in evidence.conditions].index(condition)
    label, planned = evidence.labels[position], evidence.conditions[position]
    seen = hazards.observe(evidence, condition)
    if len(seen.generations) < 2 or not seen.families:
        raise UserError(
            "too few lineages with faults to fit anything to",
            where=f"c{condition}",
            remedy="run at least two, better twenty",
        )
    bound = int(planned["limits"]["runaway"]) or MOST_LIVE
    longest = int(seen.generations.max())
    cut = longest - max(1, longest // 3)
    check = pd.DataFrame(columns=list(CHECK))
    if cut >= 2:
        said(f"c{condition}: checking on generations {cut + 1} to {longest}")
        check = _checked(evidence, condition, cut, bound, seed, fits, confidence)
    said(f"c{condition}: simulating {lineages:,} lineages of {generations:,} generations")
    at = grid(generations)
    used = _resampled(seen, seed, condition, min(fits, lineages))
    made = _simulated(used, at, lineages, bound, seed, condition, threads)
    table = _table(made, at, len(seen.generations), confidence)
    return Forecast(condition, label, lineages, hazards.fit(seen), bound, longest, cut, table, check)
