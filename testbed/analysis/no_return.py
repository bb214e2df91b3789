"""The point of no return: from when on a fault can no longer be taken out by reverting its own patch.

The patch of a fault is what healing it changed in the generation of its birth. It is merged three-way
into each later generation, as `git revert` would: base is the birth generation's source, one side the
same with the fault healed, the other side the later generation. Where both sides changed the same or
touching lines the revert conflicts, and the fault is part of code that has moved on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from difflib import SequenceMatcher
from functools import cache, lru_cache
from typing import Any

import pandas as pd

from testbed.analysis.estimates import CONFIDENCE, Estimate
from testbed.analysis.evidence import Evidence, LineageRecords
from testbed.analysis.persistence import incidence
from testbed.facts import GenerationFact
from testbed.schema import GUARD, materialise

POINTS = ("condition", "lineage", "fault", "family", "birth", "cycles", "event", "cause")
CAUSES = ("irreversible", "ended")

Blob = Callable[[str], str]
Spans = tuple[tuple[int, int], ...]


@lru_cache(maxsize=4096)
def changed(before: str, after: str) -> Spans:
    """The lines of `before`, counted from 0 and with the end left out, that `after` has otherwise."""
    matcher = SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=False)
    return tuple((first, last) for tag, first, last, _, _ in matcher.get_opcodes() if tag != "equal")


def conflicts(ours: Spans, theirs: Spans) -> bool:
    """Whether two sides changed the same lines of their base, or lines that touch."""
    return any(a <= d and c <= b for a, b in ours for c, d in theirs)


def points(evidence: Evidence, blob: Blob) -> pd.DataFrame:
    """One row for each witnessed fault that passed its birth generation; `blob` is the ledger's.

    `cause` is "irreversible" where its patch could no longer be reverted, from cycle `cycles` on (the
    generation of its birth is cycle 1); "ended" where it was gone before; "" while neither happened.
    """
    rows = [row for one in evidence.lineages for row in _of(one, blob)]
    return pd.DataFrame.from_records(rows, columns=list(POINTS))


def irreversible(table: pd.DataFrame, k: int, confidence: float = CONFIDENCE) -> Estimate:
    """The share of faults that could no longer be reverted within `k` cycles, with ends competing."""
    return incidence(table, k, confidence, CAUSES)["irreversible"]


def _of(one: LineageRecords, blob: Blob) -> list[tuple[Any, ...]]:
    made = {fact.generation: fact for fact in one.generations}

    @cache
    def plain(generation: int, path: str, without: int | None = None) -> str | None:
        fact = made[generation]
        digest = fact.sources.get(path)
        if digest is None:
            return None
        text = blob(digest)
        return materialise(text, frozenset(fact.live) - {without}) if GUARD in text else text

    rows = []
    for birth in one.births:
        start = made.get(birth.generation)
        if start is None or birth.fault not in start.live or not birth.witnesses:
            continue
        patch = {
            path: spans
            for path, digest in start.sources.items()
            if f"{GUARD}({birth.fault})" in blob(digest)
            and (
                spans := changed(
                    plain(birth.generation, path) or "", plain(birth.generation, path, birth.fault) or ""
                )
            )
        }
        cycles, cause = _followed(birth.fault, start, one.generations, patch, plain)
        place = (one.condition, one.lineage, birth.fault, birth.family, birth.generation)
        rows.append((*place, cycles, bool(cause), cause))
    return rows


def _followed(
    fault: int,
    start: GenerationFact,
    generations: Sequence[GenerationFact],
    patch: Mapping[str, Spans],
    plain: Callable[[int, str], str | None],
) -> tuple[int, str]:
    """Cycles until something happened to the fault, and what; "" where nothing did."""
    last = start.generation
    for later in generations:
        if later.generation <= start.generation:
            continue
        if fault not in later.live:
            return later.generation - start.generation + 1, "ended"
        for path, theirs in patch.items():
            now, base = plain(later.generation, path), plain(start.generation, path) or ""
            if now is None or conflicts(changed(base, now), theirs):
                return later.generation - start.generation + 1, "irreversible"
        last = later.generation
    return last - start.generation + 1, ""
