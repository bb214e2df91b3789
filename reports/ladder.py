"""How far a fault got in one generation, as one word."""

from __future__ import annotations

from testbed.facts import RungFact

RUNGS = ("present", "reached", "infected", "propagated", "masked", "revealed")
LETTERS = dict(zip(RUNGS, "pritmv", strict=True))
UNKNOWN = "-"
MEANING = {
    "present": "in the source, not reached by any test or input",
    "reached": "executed",
    "infected": "executed with a different value",
    "propagated": "alone, it changed the outcome of a test or an input",
    "masked": "alone it fails an oracle, but here other faults hide it",
    "revealed": "an oracle failed because of it",
}


def rung_name(rung: RungFact) -> str:
    """The highest rung; `masked` where it would have been revealed but for other faults."""
    if rung.revealed:
        return "revealed"
    if rung.masked:
        return "masked"
    if rung.propagated:
        return "propagated"
    if rung.infected:
        return "infected"
    return "reached" if rung.reached else "present"


def strip(rungs: dict[int, RungFact], birth: int, last: int) -> str:
    """One letter for each generation from `birth` to `last`; `-` where nothing was recorded."""
    return "".join(
        LETTERS[rung_name(rungs[generation])] if generation in rungs else UNKNOWN
        for generation in range(birth, last + 1)
    )
