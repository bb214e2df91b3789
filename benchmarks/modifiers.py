"""What a proposal costs: CPU seconds of each of a row of generations, on code of the standard library.

    python benchmarks/modifiers.py [--lines 5000] [--generations 20] [--edits 4] [--faults 50]

Each generation starts from the last one's proposal, as in a lineage. The first one is cold: it parses
everything. With faults, that many guards are seeded first.
"""

from __future__ import annotations

import argparse
import statistics
import sysconfig
from pathlib import Path
from time import process_time

from injectors.placement import FieldInjector
from testbed.conditions import InjectionFactor, ModifierFactor
from testbed.modifiers import make
from testbed.protocols import ChangeView
from testbed.seeds import stream

PACKAGES = ("json", "unittest", "email", "importlib", "http", "xml", "html", "urllib", "logging")


class Numbers:
    """Gives the next number."""

    def __init__(self) -> None:
        self.next = 1

    def __call__(self, _parent: int = 0) -> int:
        self.next += 1
        return self.next - 1


def source(lines: int) -> dict[str, str]:
    """Modules of the standard library, of about so many lines in all."""
    found: dict[str, str] = {}
    left = lines
    root = Path(sysconfig.get_path("stdlib"))
    for package in PACKAGES:
        for path in sorted((root / package).glob("*.py")):
            text = path.read_text(encoding="utf-8")
            if text.count("\n") <= left:
                found[str(path.relative_to(root))] = text
                left -= text.count("\n")
    return found


def seeded(files: dict[str, str], faults: int, number: Numbers) -> dict[str, str]:
    """The files with so many guards in them."""
    touched = {path: frozenset(range(1, text.count("\n") + 1)) for path, text in files.items()}
    change = ChangeView(touched, sum(map(len, touched.values())), faults)
    injector = FieldInjector(InjectionFactor())
    return dict(injector.place(files, change, stream(0, "seed"), number, faults).source)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=5000)
    parser.add_argument("--generations", type=int, default=20)
    parser.add_argument("--edits", type=int, default=4)
    parser.add_argument("--faults", type=int, default=50)
    asked = parser.parse_args()
    number = Numbers()
    files = seeded(source(asked.lines), asked.faults, number)
    modifier = make(ModifierFactor(edits=asked.edits), frozenset())
    seconds = []
    for generation in range(asked.generations):
        start = process_time()
        proposal = modifier.propose(files, stream(0, "propose", generation), number)
        seconds.append(process_time() - start)
        files = dict(proposal.source)
    count = sum(text.count("\n") for text in files.values())
    print(f"{len(files)} files, {count:,} lines, {asked.faults} faults, {asked.edits} edits a proposal")
    print(f"first   {seconds[0]:6.2f} s of CPU")
    print(f"median  {statistics.median(seconds):6.2f} s of {len(seconds)} proposals")
    print(f"worst   {max(seconds[1:]):6.2f} s after the first")


if __name__ == "__main__":
    main()
