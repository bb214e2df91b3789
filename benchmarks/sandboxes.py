"""What each sandbox costs beside `process`: the same faults of the same target, evaluated in each in turn.

    python benchmarks/sandboxes.py [--target tinylang] [--faults 200] [--rounds 3] [--smoke]

Seconds are those of this machine and contain the start of the workers; the ratio is that of the best rounds.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from time import perf_counter

from injectors.catalogue import selected
from testbed import sandbox
from testbed.conditions import InjectionFactor, LimitsFactor, TargetFactor
from testbed.evaluate import faults, run
from testbed.evaluate.program import Settings
from testbed.targets import resolve


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", default="tinylang")
    parser.add_argument("--faults", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--smoke", action="store_true", help="20 faults, once")
    asked = parser.parse_args()
    if asked.smoke:
        asked.faults, asked.rounds = 20, 1
    target = resolve(TargetFactor(asked.target))
    every = faults.every(target.package_files, selected(InjectionFactor()))
    chosen = faults.sample(every, asked.faults, 0)
    names = [name for name in sandbox.NAMES if not sandbox.trouble(name)]
    best: dict[str, float] = {}
    verdicts = {}
    for _ in range(asked.rounds):
        for name in names:
            spec = replace(target.spec(LimitsFactor()), sandbox=name)
            begun = perf_counter()
            settings = Settings(workers=1)
            with run.Workers(spec, 1) as workers:
                settings = replace(settings, tests=run.control(workers, target.package_files, settings))
                results = run.evaluate(workers, target.package_files, chosen, settings)
            best[name] = min(best.get(name, 1e9), perf_counter() - begun)
            verdicts[name] = [result.verdict for result in results]
    print(f"{target.name}: {len(chosen)} faults, one worker, best of {asked.rounds}")
    for name in names:
        same = sum(a == b for a, b in zip(verdicts[name], verdicts["process"], strict=True))
        ratio = best[name] / best["process"]
        print(f"{name:11} {best[name]:7.1f} s  {ratio:5.2f} of process, {same} verdicts the same")
    for name in sandbox.NAMES:
        if name not in names:
            print(f"{name:11} does not work here: {sandbox.trouble(name)}")


if __name__ == "__main__":
    main()
