"""How long a campaign will take, from a few generations that are really made and thrown away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

from testbed.campaign import Campaign
from testbed.engine.prepare import prepare
from testbed.engine.work import Bench, Job, Plan
from testbed.lineage import origin
from testbed.oversight.waiting import ReviewRequest

TRIED = 3
"""Generations that are tried: the first also starts the worker, the later ones have faults alive."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Seconds for one generation on one worker, and for the whole campaign on all of them."""

    generation: float
    campaign: float
    tried: int


def estimate(campaign: Campaign, workers: int, said: Callable[[str], None] = lambda text: None) -> Estimate:
    """Tries the condition with the highest fault rate of each target. Raises UserError like a run."""
    targets = prepare(campaign.conditions, campaign.seed, said=said)
    bench = Bench(Plan(campaign.seed, campaign.conditions, targets))
    total = tried = 0.0
    try:
        for factor, prepared in targets.items():
            same = [condition for condition in campaign.conditions if condition.target == factor]
            busiest = max(same, key=lambda condition: condition.injection.rate)
            begun, made = perf_counter(), 0
            for batch in bench.run(Job(busiest.index, 0, origin(prepared.subject))):
                made += 1
                if made == TRIED or isinstance(batch, ReviewRequest) or batch.ended:
                    break
            each = (perf_counter() - begun) / made
            total += each * sum(condition.lineages * condition.generations for condition in same)
            tried += made
    finally:
        bench.close()
    return Estimate(total / campaign.generations(), total / workers, int(tried))
