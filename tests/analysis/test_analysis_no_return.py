"""When a fault's own patch can no longer be reverted."""

from dataclasses import replace

import pytest

from testbed.analysis import no_return, read
from testbed.analysis.simulated import Truth, simulate
from testbed.conditions import Condition, OversightFactor
from testbed.facts import EndFact
from testbed.schema import GUARD

START = f"""def area(a, b):
    return (a + b if {GUARD}(1) else a * b)


def name():
    return "area"


LIMIT = 3
"""
FAR = START.replace("LIMIT = 3", "LIMIT = 4")
TOUCHING = START.replace("def area(a, b):", "def area(a, b, c=1):")
MOVED = START.replace(START.split("\n\n\n")[0], "")


def campaign(*texts, ended=0):
    """One lineage with fault 1 born in generation 1, and these sources."""
    plan = Condition(generations=len(texts), lineages=1, oversight=OversightFactor(every=0))
    (one,) = read(simulate([plan], Truth(rate=1.0, detection={"logic": 0.0}), seed=3)).lineages
    birth = replace(one.births[0], fault=1, generation=1)
    made = tuple(
        replace(
            fact,
            live=(1,) if not ended or fact.generation < ended else (),
            sources={"shape.py": f"s{fact.generation}"},
        )
        for fact in one.generations
    )
    ends = {1: EndFact(1, ended, "unit", "", ended - 1)} if ended else {}
    one = replace(one, births=(birth,), ends=ends, generations=made)
    blobs = {f"s{number}": text for number, text in enumerate(texts, start=1)}
    evidence = replace(read(simulate([plan], Truth(rate=0.0))), lineages=(one,))
    return no_return.points(evidence, blobs.__getitem__)


@pytest.mark.parametrize(
    ("texts", "cause", "cycles"),
    [
        ((START, START, START), "", 3),
        ((START, FAR, FAR), "", 3),
        ((START, FAR, TOUCHING), "irreversible", 3),
        ((START, TOUCHING, START), "irreversible", 2),
        ((START, MOVED), "irreversible", 2),
    ],
)
def test_a_patch_reverts_until_its_lines_or_their_neighbours_change(texts, cause, cycles):
    (row,) = campaign(*texts).to_dict("records")
    assert (row["cause"], row["cycles"], row["event"]) == (cause, cycles, bool(cause))


def test_a_fault_that_was_gone_before_competes():
    (row,) = campaign(START, FAR, TOUCHING, ended=2).to_dict("records")
    assert (row["cause"], row["cycles"]) == ("ended", 2)


def test_the_share_that_is_irreversible_counts_ends_as_competing():
    import pandas as pd

    rows = [
        (0, lineage, 1, "logic", 1, 2, True, cause)
        for lineage, cause in enumerate(["irreversible", "ended"] * 10)
    ]
    one = no_return.irreversible(pd.DataFrame(rows, columns=list(no_return.POINTS)), 3)
    assert one.value == pytest.approx(0.5)
    assert one.low < 0.5 < one.high


def test_touching_changes_conflict_and_apart_ones_do_not():
    assert no_return.conflicts(((2, 4),), ((4, 5),))
    assert not no_return.conflicts(((2, 4),), ((5, 6),))
    assert no_return.conflicts(((3, 3),), ((2, 4),)), "an insertion inside"
