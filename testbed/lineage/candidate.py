"""Propose and inject: from a state to a candidate for the next generation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from testbed.birth import Newborn, sites
from testbed.facts import EditFact, UnplacedFact
from testbed.lineage.places import runs_by_function
from testbed.lineage.residual import chosen
from testbed.lineage.setting import Setting
from testbed.lineage.state import State, plain
from testbed.lines import touched
from testbed.protocols import ChangeView, Haunted, Proposal, Situated, Source
from testbed.tracing.ghosts import carried


@dataclass(frozen=True, slots=True)
class Candidate:
    """A proposal with the new faults in it. `overwritten` are live faults that the change removed."""

    generation: int
    attempt: int
    proposal: Proposal
    source: Source
    newborn: dict[int, Newborn]
    overwritten: tuple[int, ...]
    unplaced: tuple[UnplacedFact, ...]
    rolled_back: bool = False


def propose(
    setting: Setting, state: State, attempt: int, *, still: bool
) -> tuple[Proposal, dict[int, Newborn]]:
    """What the modifier makes of the state, with the faults in copies. With `still` it is left out."""
    children: dict[int, Newborn] = {}

    def offspring(parent: int) -> int:
        number = state.number()
        operator, family = state.families.get(parent, ("", ""))
        children[number] = Newborn(number, "offspring", parent, operator, family)
        return number

    if still:
        return Proposal(state.source, (), skipped=state.left_alone), {}
    rng = setting.stream(state.generation + 1, attempt, "propose")
    modifier = setting.parts.modifier
    if isinstance(modifier, Situated):
        modifier.situate(setting.number, state.generation + 1, attempt)
    if isinstance(modifier, Haunted):
        now = plain(state.source, frozenset(state.live))
        modifier.haunt({fault: carried(fault, texts, now) for fault, texts in state.ghosts.items()})
    proposal = modifier.propose(state.source, rng, offspring)
    for trace in proposal.turn.traces if proposal.turn else ():
        if trace.status == "reintroduced" and trace.fault in children:
            children[trace.fault] = replace(children[trace.fault], origin="reintroduced")
    present = sites(proposal.source)
    return proposal, {number: child for number, child in children.items() if number in present}


def inject(
    setting: Setting, state: State, attempt: int, proposal: Proposal, offspring: Mapping[int, Newborn]
) -> Candidate:
    """The candidate of one attempt: its proposal with the new faults in it."""
    newborn = dict(offspring)
    generation = state.generation + 1
    lines = touched(state.source, proposal.source)
    factor = setting.condition.injection
    grown = (*state.grown, *proposal.grown)
    change = ChangeView(
        touched=lines,
        lines_changed=sum(map(len, lines.values())),
        edits=len(proposal.edits),
        generation=generation,
        tested=runs_by_function(setting, proposal.source, generation, attempt, grown)
        if factor.placement == "least-tested"
        else {},
        read=dict(state.read),
    )
    rng = setting.stream(generation, attempt, "inject")
    injector = setting.parts.injector
    if factor.residual or factor.witnessed:
        injection = chosen(setting, attempt, generation, proposal.source, change, rng, state.number)
    else:
        injection = injector.inject(proposal.source, change, rng, state.number)
    for item in injection.seeded:
        newborn[item.fault] = Newborn(item.fault, "seeded", None, item.operator, item.family)
    for child in newborn.values():
        state.families[child.fault] = (child.operator, child.family)
    present = sites(injection.source)
    return Candidate(
        generation=generation,
        attempt=attempt,
        proposal=proposal,
        source=injection.source,
        newborn=newborn,
        overwritten=tuple(fault for fault in sorted(state.live) if fault not in present),
        unplaced=tuple(UnplacedFact(generation, attempt, reason) for reason in injection.unplaced),
    )


def rollback(state: State) -> Proposal:
    """What a rollback proposes: the state as it has become."""
    edit = EditFact("rollback", "", f"to generation {state.reviewed_at}")
    return Proposal(state.source, (edit,), skipped=state.left_alone)


def rolled_back(state: State, attempt: int, proposal: Proposal) -> Candidate:
    """The candidate of a rollback: nothing is injected."""
    return Candidate(state.generation + 1, attempt, proposal, state.source, {}, (), (), rolled_back=True)
