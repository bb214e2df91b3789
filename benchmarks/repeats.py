"""How often a run asks what it has asked before: verdicts with the same plain source, test and inputs.

    python benchmarks/repeats.py DIR ...

For each purpose the recorded verdicts, how many different questions they answer, and the share that a
cache over all lineages and generations, keyed by the whole plain source, could have answered.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from testbed.facts import CandidateFact, VerdictsFact
from testbed.ledger import Ledger
from testbed.schema import materialise

Question = tuple[bytes, str, int, int]


def questions(ledger: Ledger) -> Iterator[tuple[str, Question]]:
    """(purpose, (digest of the plain source, test, seed, examples)) of every recorded verdict."""
    sources: dict[tuple[int, int, int, int], dict[str, str]] = {}
    plain: dict[tuple[str, tuple[int, ...]], bytes] = {}
    for condition, lineage, record in ledger.records():
        if isinstance(record, CandidateFact):
            sources[condition, lineage, record.generation, record.attempt] = record.sources
        if not isinstance(record, VerdictsFact):
            continue
        digest = sha256()
        for path, blob in sorted(sources[condition, lineage, record.generation, record.attempt].items()):
            key = blob, record.faults
            if key not in plain:
                text = materialise(ledger.blob(blob), frozenset(record.faults))
                plain[key] = sha256(text.encode()).digest()
            digest.update(path.encode() + plain[key])
        for test in record.tests:
            drawn = (0, 0) if test.startswith("diff:") else (record.seed, record.examples)
            yield record.purpose, (digest.digest(), test, *drawn)


def main() -> None:
    """Counts and prints."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    for folder in parser.parse_args().folders:
        asked: Counter[str] = Counter()
        different: dict[str, set[Question]] = defaultdict(set)
        for purpose, question in questions(Ledger.open(folder)):
            for name in (purpose, "all"):
                asked[name] += 1
                different[name].add(question)
        print(folder)
        for name, number in sorted(asked.items(), key=lambda item: item[0] == "all"):
            share = 1 - len(different[name]) / number
            print(
                f"  {name:10} {number:8,} verdicts, {len(different[name]):8,} different, {share:6.1%} repeats"
            )


if __name__ == "__main__":
    main()
