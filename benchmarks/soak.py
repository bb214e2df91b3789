"""Memory and open files of a lineage that goes on for very long: they must not grow.

    python benchmarks/soak.py [--generations 1000] [--every 100]

Prints, every so many generations, the resident memory of the lineage process and of its workers, and its
open files. The target is a small one, and its refactorings leave it as long as it is, so that what grows
is the testbed's own: what is kept of parsed sources, up to its bound.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory

from testbed.campaign import load, override
from testbed.engine.prepare import prepare
from testbed.engine.work import Bench, Job, Plan
from testbed.lineage import origin

STEADY = [
    "rename_local",
    "invert_if",
    "augmented_assignment",
    "for_to_while",
    "while_to_for",
    "if_to_ternary",
    "ternary_to_if",
    "tuple_assignment",
    "literal_constructor",
    "add_else_after_return",
    "remove_else_after_return",
    "swap_comparison",
]

PACKAGE = '''def clamp(value, low, high):
    """The nearest value in [low, high]."""
    if value < low:
        return low
    if value > high:
        return high
    return value


def total(values):
    """The sum."""
    found = 0
    for value in values:
        found = found + value
    return found
'''
TESTS = """from small import clamp, total

def test_clamp():
    assert [clamp(n, 0, 5) for n in (-1, 3, 9)] == [0, 3, 5]

def test_total():
    assert total([1, 2, 3]) == 6
"""


def resident(pid: int) -> float:
    """MiB of a process and everything below it."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    mib = pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        mib += sum(resident(int(child)) for child in task.read_text().split())
    return mib


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--generations", type=int, default=1000)
    parser.add_argument("--every", type=int, default=100)
    asked = parser.parse_args()
    with TemporaryDirectory() as base:
        folder = Path(base) / "small"
        folder.mkdir()
        (folder / "small.py").write_text(PACKAGE)
        (folder / "test_small.py").write_text(TESTS)
        settings = [f"generations={asked.generations}", "lineages=1", f"target.name={folder}"]
        settings += [
            "oversight.depth=1",
            f"modifier.refactorings={json.dumps(STEADY)}",
            "truth.witness_inputs=10",
            "injection.rate=0.5",
        ]
        campaign = load("check", [override(text) for text in settings])
        targets = prepare(campaign.conditions, campaign.seed)
        bench = Bench(Plan(campaign.seed, campaign.conditions, targets))
        condition = campaign.conditions[0]
        start = origin(targets[condition.target].subject)
        for count, batch in enumerate(bench.lineage(Job(0, 0, start)).run(), 1):
            if count % asked.every == 0 or batch.ended:
                below = sum(
                    resident(int(child))
                    for task in Path("/proc/self/task").glob("*/children")
                    for child in task.read_text().split()
                )
                files = len(list(Path("/proc/self/fd").iterdir()))
                size = sum(map(len, batch.files.values()))
                own = resident(os.getpid()) - below
                print(
                    f"{count:6} generations: {own:7.1f} MiB, workers {below:7.1f} MiB, {files} open files, "
                    f"{batch.live} live faults, {size:,} characters of source",
                    flush=True,
                )
        bench.close()


if __name__ == "__main__":
    main()
