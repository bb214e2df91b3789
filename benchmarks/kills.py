"""Kills a run at random instants, goes on with it, and compares its facts with those of a run left alone.

    python benchmarks/kills.py [--kills 200] [--seed 0] [--sandbox docker]

At each instant the engine, a lineage process or a worker (with the sandbox docker: its container) is ended
with SIGKILL; in the end the run is gone on with undisturbed. Exits with 1 where a fact differs.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from testbed.ledger import Ledger
from testbed.sandbox.container import LABEL

MAIN = [sys.executable, "-c", "from testbed.cli import main; main()"]
SIZE = ["--set", "generations=8", "--set", "lineages=2", "--workers", "2", "--quiet"]
KINDS = ("engine", "lineage", "worker")


def descendants(pid: int) -> list[tuple[int, str]]:
    """All processes below `pid` with their command lines."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            try:
                line = (
                    Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                )
                found += [(int(child), line), *descendants(int(child))]
            except OSError:
                continue
    return found


def kill(process: subprocess.Popen[bytes], kind: str, rng: random.Random) -> bool:
    """Ends one process of that kind; False where there is none."""
    words = {"lineage": "spawn_main", "worker": "confine.py"}
    if kind == "engine":
        process.kill()
        return True
    if kind == "container":
        known = subprocess.run(
            ["docker", "ps", "-q", "--filter", f"label={LABEL}=sandbox"],
            capture_output=True,
            text=True,
            check=True,
        )
        names = known.stdout.split()
        return bool(names) and not subprocess.call(
            ["docker", "kill", rng.choice(names)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
    try:
        found = [pid for pid, line in descendants(process.pid) if words[kind] in line]
    except OSError:
        return False
    if not found:
        return False
    os.kill(rng.choice(found), signal.SIGKILL)
    return True


def digest(folder: Path) -> str:
    ledger = Ledger.open(folder)
    try:
        return ledger.digest()
    finally:
        ledger.close()


def _run(target: str, sandbox: str, folder: Path) -> list[str]:
    return ["run", "--target", target, "--sandbox", sandbox, "--out", str(folder)]


def disturbed(target: str, sandbox: str, folder: Path, kills: int, rng: random.Random) -> int:
    """Runs to the end with at most so many kills; how many there were."""
    kinds = (*KINDS[:2], "container") if sandbox == "docker" else KINDS
    done = 0
    while True:
        begun = (folder / "manifest.json").exists()
        words = ["resume", str(folder)] if begun else _run(target, sandbox, folder)
        command = [*MAIN, *words, *(SIZE[-3:] if begun else SIZE)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while done < kills and process.poll() is None:
            time.sleep(rng.uniform(0.2, 4.0))
            done += kill(process, rng.choice(kinds), rng)
        if process.wait() == 0:
            return done


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--target", default="kvstore")
    parser.add_argument("--sandbox", default="process", choices=["process", "bubblewrap", "docker"])
    asked = parser.parse_args()
    rng = random.Random(asked.seed)
    kills = runs = 0
    with tempfile.TemporaryDirectory() as base:
        quiet = Path(base) / "quiet"
        subprocess.run([*MAIN, *_run(asked.target, asked.sandbox, quiet), *SIZE], check=True)
        expected = digest(quiet)
        while kills < asked.kills:
            runs += 1
            folder = Path(base) / f"run{runs}"
            kills += disturbed(asked.target, asked.sandbox, folder, min(20, asked.kills - kills), rng)
            if digest(folder) != expected:
                print(f"run {runs}: other facts than the run that was left alone")
                sys.exit(1)
            print(f"{kills} kills, {runs} runs: the same facts", flush=True)


if __name__ == "__main__":
    main()
