"""What a Dask cluster on loopback costs: generations a second at 1 and 2 workers, beside local processes.

    python benchmarks/cluster.py [--generations 6] [--lineages 2] [--smoke]

Prints bytes that travel for each generation and the milliseconds of a task that does nothing. Seconds are
those of this machine; two workers are no faster than one where there is one processor.
"""

from __future__ import annotations

import argparse
import pickle
import tempfile
from pathlib import Path
from time import perf_counter

import distributed

from testbed.campaign import load, override
from testbed.campaign.campaign import Campaign
from testbed.cli.progress import display
from testbed.engine.prepare import prepare
from testbed.engine.work import Job, Plan
from testbed.executors.dask import DaskExecutor, Stretch
from testbed.executors.events import Event, Executor
from testbed.executors.local import LocalExecutor
from testbed.lineage import origin

TASKS = 200


def measured(executor: Executor, plan: Plan) -> tuple[int, float]:
    """Generations and seconds of all lineages of a plan."""
    begun, made = perf_counter(), 0
    for condition in plan.conditions:
        subject = plan.targets[condition.target].subject
        for lineage in range(condition.lineages):
            executor.submit(Job(condition.index, lineage, origin(subject)))
    for event in executor.events():
        made += isinstance(event, Event)
    executor.close()
    return made, perf_counter() - begun


def planned(generations: int, lineages: int) -> Plan:
    settings = (f"generations={generations}", f"lineages={lineages}")
    campaign: Campaign = load("check", [override(text) for text in (*settings, "target.name=kvstore")])
    with display(quiet=True) as watcher:
        targets = prepare(campaign.conditions, campaign.seed, said=watcher.examining)
    return Plan(campaign.seed, campaign.conditions, targets)


def sizes(plan: Plan) -> tuple[int, float]:
    """Bytes of the plan, and of what comes back for each generation."""
    from testbed.engine.work import Bench

    bench = Bench(plan)
    subject = plan.targets[plan.conditions[0].target].subject
    lineage = bench.lineage(Job(0, 0, origin(subject)))
    batches = tuple(lineage.run())
    bench.close()
    stretch = Stretch(batches, lineage.state)
    return len(pickle.dumps(plan)), len(pickle.dumps(stretch)) / len(batches)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--generations", type=int, default=6)
    parser.add_argument("--lineages", type=int, default=2)
    parser.add_argument("--smoke", action="store_true", help="2 generations of 1 lineage")
    asked = parser.parse_args()
    if asked.smoke:
        asked.generations, asked.lineages = 2, 1
    plan = planned(asked.generations, asked.lineages)
    whole, each = sizes(plan)
    print(f"plan {whole:,} bytes, once to each worker; {each:,.0f} bytes back for each generation")
    for workers in (1, 2):
        made, seconds = measured(LocalExecutor(plan, workers), plan)
        print(
            f"local, {workers} workers: {made} generations in {seconds:.1f} s, {made / seconds:.2f} a second"
        )
        with (
            tempfile.TemporaryDirectory() as folder,
            distributed.LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                dashboard_address=None,
                local_directory=str(Path(folder)),
            ) as cluster,
        ):
            address = cluster.scheduler_address.removeprefix("tcp://")
            made, seconds = measured(DaskExecutor(plan, f"dask://{address}"), plan)
            rate = made / seconds
            print(f"dask,  {workers} workers: {made} generations in {seconds:.1f} s, {rate:.2f} a second")
            with distributed.Client(cluster) as client:
                begun = perf_counter()
                client.gather(client.map(_nothing, range(TASKS), pure=False))
                print(f"a task that does nothing: {1000 * (perf_counter() - begun) / TASKS:.1f} ms")


def _nothing(_: int) -> None:
    return None


if __name__ == "__main__":
    main()
