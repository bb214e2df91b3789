"""Frames: a fault's life, an interrupted lineage, and what is counted apart."""

import pytest

from testbed.analysis import frames, read
from testbed.analysis.simulated import Truth, interrupt, simulate
from testbed.conditions import Condition, InjectionFactor, OversightFactor
from testbed.facts import BirthFact, EndFact, GenerationFact


@pytest.fixture(scope="module")
def facts():
    conditions = [Condition(generations=6, lineages=5), Condition(generations=6, lineages=5, index=1)]
    truth = Truth(rate=2.0, copies=0.2, unwitnessed=0.2, refused=0.2, stall=0.03, overwritten=0.05)
    return simulate(conditions, truth, seed=4)


def test_each_birth_is_one_row(facts):
    births = sum(isinstance(record, BirthFact) for _, _, record in facts.records())
    table = frames.faults(read(facts))
    assert len(table) == births
    assert table["id"].is_unique


def test_an_end_in_the_generation_of_birth_is_an_event_in_cycle_one(facts):
    table = frames.faults(read(facts))
    ended = table[table["event"]]
    assert (ended["cycles"] == ended["end"] - ended["birth"] + 1).all()
    assert (ended["cycles"] >= 1).all()
    ends = [record for _, _, record in facts.records() if isinstance(record, EndFact)]
    assert sorted(ended["cycles"] - 1) == sorted(end.cycles for end in ends)


def test_a_living_fault_is_censored_after_the_generations_it_survived(facts):
    evidence = read(facts)
    last = {(one.condition, one.lineage): one.last for one in evidence.lineages}
    table = frames.faults(evidence)
    for row in table[~table["event"]].itertuples():
        assert row.cycles == last[row.condition, row.lineage] - row.birth + 1
        assert row.cause == ""


def test_escaped_faults_are_those_that_outlived_their_first_cycle(facts):
    table = frames.faults(read(facts))
    outlived = (table["cycles"] > 1) | ~table["event"]
    assert (table["escaped"] == outlived).all()


def test_offspring_are_counted_at_their_parents(facts):
    table = frames.faults(read(facts))
    copies = table[table["origin"] == "offspring"]
    assert copies["parent"].notna().all()
    assert table["offspring"].sum() == len(copies) > 0


def test_generations_tell_witnessed_from_unwitnessed(facts):
    evidence = read(facts)
    table = frames.generations(evidence)
    accepted = [record for _, _, record in facts.records() if isinstance(record, GenerationFact)]
    assert len(table) == len(accepted)
    assert (table["live"] + table["live_unwitnessed"]).tolist() == [len(one.live) for one in accepted]
    assert table["live_unwitnessed"].sum() > 0


def test_live_faults_are_survivors_copies_and_new_seeds(facts):
    table = frames.generations(read(facts))
    assert (table["survivors"] <= table["entering"]).all()
    assert (table["survivors"] + table["copies"] <= table["live"]).all()


def test_an_interrupted_lineage_is_known_up_to_its_last_generation(facts):
    cut = interrupt(facts, condition=0, lineage=1, generation=4)
    evidence = read(cut)
    lineage = evidence.lineages[1]
    born = [
        r
        for c, n, r in facts.records()
        if (c, n) == (0, 1) and isinstance(r, BirthFact) and r.generation == 4
    ]
    assert (lineage.state, lineage.last, lineage.pending) == ("running", 3, len(born))
    table = frames.faults(evidence)
    part = table[(table["condition"] == 0) & (table["lineage"] == 1)]
    assert part["birth"].max() <= 3
    assert frames.lineages(evidence)["pending"].sum() == len(born)


def test_lineages_without_any_record_are_waiting_not_missing(facts):
    from dataclasses import replace

    some = replace(facts, written=tuple(one for one in facts.written if one[:2] != (1, 4)))
    evidence = read(some)
    assert len(evidence.lineages) == 10
    assert evidence.of(1)[-1].state == "waiting"
    assert frames.lineages(evidence)["state"].tolist().count("waiting") == 1


def test_reviews_count_true_and_false_findings():
    plan = OversightFactor(every=2, depth=1.0, sensitivity=1.0, false_alarms=5.0)
    facts = simulate([Condition(generations=4, lineages=3, oversight=plan)], Truth(rate=3.0), seed=1)
    table = frames.reviews(read(facts))
    assert sorted(set(table["generation"])) == [2, 4]
    assert (table["found"] == table["in_view"]).all()
    assert table["false_alarms"].sum() > 0
    assert (table["hours"] == table["lines_read"] / 200).all()


def test_the_ladder_has_a_row_for_each_rung(facts):
    table = frames.ladder(read(facts))
    assert (table["propagated"] <= table["reached"]).all()
    assert {"revealed", "masked", "entries"} <= set(table.columns)


def test_conditions_show_only_what_varies():
    conditions = [
        Condition(injection=InjectionFactor(rate=rate), oversight=OversightFactor(depth=depth))
        for rate in (0.5, 2.0)
        for depth in (0.0, 0.3)
    ]
    table = frames.conditions(read(simulate(conditions, Truth(rate=0.0))))
    assert table.columns.tolist() == ["condition", "label", "injection.rate", "oversight.depth"]
    assert table["label"].tolist()[1] == "rate 0.5, depth 0.3"


def test_empty_campaigns_have_empty_frames_with_all_columns():
    evidence = read(simulate([Condition(generations=2, lineages=2)], Truth(rate=0.0)))
    assert frames.faults(evidence).empty
    assert frames.faults(evidence).columns.tolist() == list(frames.FAULTS)
    assert frames.ladder(evidence).columns.tolist() == list(frames.LADDER)


def test_timings_are_a_frame_of_their_own(facts):
    table = frames.timings(facts)
    assert set(table["stage"]) == {"cpu", "wall"}
    assert (table["seconds"] > 0).all()
