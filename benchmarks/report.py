"""How long a report takes to write, how large it is, and how long a browser needs to open it.

The ledger is synthetic, with about as many faults as asked for and a made-up file of 400 lines a
generation in which they stand. Prints a table.

    python benchmarks/report.py [--faults 10000] [--smoke]
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from reports import html
from testbed.analysis.simulated import SimulatedFacts, Truth, simulate
from testbed.conditions import Condition, InjectionFactor, OversightFactor
from testbed.facts import BirthFact, GenerationFact, Record
from testbed.ledger import Ledger
from testbed.ledger.store import blob_digest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
GENERATIONS, LINEAGES = 12, 10


def campaign(faults: int) -> SimulatedFacts:
    """Twelve conditions, four rates by three depths."""
    mean = faults / (12 * LINEAGES * GENERATIONS) / 1.08
    rates = [mean * share for share in (0.4, 0.8, 1.2, 1.6)]
    conditions = [
        Condition(
            generations=GENERATIONS,
            lineages=LINEAGES,
            injection=InjectionFactor(rate=rate),
            oversight=OversightFactor(depth=depth),
        )
        for rate in rates
        for depth in (0.0, 0.5, 1.0)
    ]
    truths = [Truth(rate=one.injection.rate, copies=0.06, unwitnessed=0.1) for one in conditions]
    return simulate(conditions, truths, seed=1, name="benchmark")


def written(facts: SimulatedFacts, folder: Path) -> Ledger:
    ledger = Ledger.create(folder, facts.manifest)
    lineages: dict[tuple[int, int], list] = {}
    for condition, lineage, record in facts.records():
        lineages.setdefault((condition, lineage), []).append(record)
    for (condition, lineage), records in lineages.items():
        blobs: dict[str, str] = {}
        kept = [sourced(record, blobs) for record in records]
        ledger.append(condition, lineage, GENERATIONS, kept, blobs, {"cpu": 1.0, "wall": 1.0})
    return ledger


def sourced(record: Record, blobs: dict[str, str]) -> Record:
    """A generation with a switchable file that has a guard for each of its live faults."""
    if not isinstance(record, GenerationFact):
        return record
    guards = [f"(key + 1 if __fault__({fault}) else key)" for fault in record.live]
    lines = [f"def step_{n}(key):\n    return key + {n}\n\n\n" for n in range(100)]
    for at, guard in enumerate(guards):
        lines[at % 100] = f"def step_{at}(key):\n    return {guard} + {record.generation}\n\n\n"
    text = "".join(lines)
    blobs[blob_digest(text)] = text
    return replace(record, sources={"kvstore/store.py": blob_digest(text)})


def opened(page: Path) -> str:
    if CHROMIUM is None:
        return "no chromium here"
    with tempfile.TemporaryDirectory() as profile:
        flags = (
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--dump-dom",
        )
        begun = time.perf_counter()
        done = subprocess.run(
            [CHROMIUM, *flags, "--virtual-time-budget=20000", f"--user-data-dir={profile}", page.as_uri()],
            capture_output=True,
            text=True,
            check=True,
        )
        spent = time.perf_counter() - begun
    ready = 'data-charts="drawn"' in done.stdout and "data-faults=" in done.stdout
    return f"{spent:.1f} s, the browser's start included" if ready else "NOT READY"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faults", type=int, default=10_000)
    parser.add_argument("--smoke", action="store_true", help="500 faults: only whether it works")
    asked = parser.parse_args()
    facts = campaign(500 if asked.smoke else asked.faults)
    born = sum(isinstance(record, BirthFact) for _, _, record in facts.records())
    with tempfile.TemporaryDirectory() as folder:
        ledger = written(facts, Path(folder) / "run")
        begun, worked = time.perf_counter(), time.process_time()
        page = html.write(ledger, Path(folder) / "report.html")
        spent, worked = time.perf_counter() - begun, time.process_time() - worked
        rows = {
            "faults": f"{born:,}",
            "written in": f"{spent:.1f} s, {worked:.1f} s of CPU",
            "size": f"{page.stat().st_size / 1e6:.2f} MB",
            "opened in": opened(page),
        }
    for name, value in rows.items():
        print(f"{name:<12}{value}")


if __name__ == "__main__":
    main()
