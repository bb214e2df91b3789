"""What a worker holds while it gives verdicts, one after the other, for a long time.

    python benchmarks/memory.py [--target pypi:parse==1.22.4] [--verdicts 100000] [--every 10000]

Faults of mutmut's operators are evaluated in one layer, every test that can tell, again and again. MiB is
what this process and all that it started hold, shared pages counted once.
"""

from __future__ import annotations

import argparse
import os
from itertools import cycle
from time import perf_counter

import peers

from injectors.catalogue import selected
from testbed.conditions import InjectionFactor, LimitsFactor, TargetFactor
from testbed.evaluate import faults, layers
from testbed.evaluator import Job, ProcessEvaluator
from testbed.targets import resolve

TOGETHER = 25
"""Faults in one request, as in an evaluation."""


def main() -> None:
    """Measures and prints a line at a time."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--target", default="pypi:parse==1.22.4")
    parser.add_argument("--verdicts", type=int, default=100_000)
    parser.add_argument("--every", type=int, default=10_000)
    options = parser.parse_args()
    target = resolve(TargetFactor(options.target))
    source = target.package_files
    listed = faults.every(source, selected(InjectionFactor(families=("mutmut",))))
    layer = layers.place(source, listed[:400]).layers[0]
    print("verdicts  seconds    MiB", flush=True)
    with ProcessEvaluator(target.spec(LimitsFactor())) as evaluator:
        loaded = evaluator.load("layer", layer.source)
        clean = evaluator.run("layer", frozenset(), [test.id for test in loaded.tests], probe=True)
        telling = {
            fault.number: [each.test for each in clean if fault.number in (*each.infected, *each.undecided)]
            for fault in layer.faults
            if fault.number not in loaded.import_time
        }
        jobs = [Job(frozenset({number}), tests) for number, tests in telling.items() if tests]
        done, following, begun = 0, options.every, perf_counter()
        for at in cycle(range(0, len(jobs), TOGETHER)):
            done += sum(len(each.outcomes) for each in evaluator.run_jobs("layer", jobs[at : at + TOGETHER]))
            if done >= following:
                print(
                    f"{done:8,} {perf_counter() - begun:8.0f} {peers.held_mib(os.getpid()):6.0f}", flush=True
                )
                following += options.every
            if done >= options.verdicts:
                break


if __name__ == "__main__":
    main()
