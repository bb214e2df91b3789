"""What is written down of an accepted candidate: each fault's ladder, the ends, the generation itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from testbed.birth import sites
from testbed.examination import Examination
from testbed.facts import EndFact, GenerationFact, Record, RungFact
from testbed.ledger.history import commit_id
from testbed.ledger.store import blob_digest
from testbed.lineage.candidate import Candidate
from testbed.lineage.screening import Caught, Screened
from testbed.lineage.setting import Subject
from testbed.lineage.state import State, commit_message, plain
from testbed.lines import touched
from testbed.schema import heal, render


@dataclass(frozen=True, slots=True)
class Accepted:
    """The new generation: its fact, its switchable and its materialised source, its commit's message."""

    fact: GenerationFact
    source: dict[str, str]
    files: dict[str, str]
    message: str


def rungs(candidate: Candidate, screened: Screened) -> Iterator[Record]:
    """How far each fault got in this generation."""
    exam, truth = screened.exam, screened.truth
    revealed = truth.revealed()
    present = sites(candidate.source)
    places = {path: render(text, frozenset(truth.alone)) for path, text in candidate.source.items()}
    probed = list(exam.clean.values())
    asked = set(exam.tests.ids)
    for fault, alone in truth.alone.items():
        path = present[fault][0][0]
        tests = revealed.get(fault, ())
        infected = any(fault in outcome.infected for outcome in probed) or bool(alone)
        undecided = any(fault in outcome.undecided for outcome in probed) or fault in exam.import_time
        entries = {t[5:].rpartition("#")[0] for t in alone if t.startswith("diff:")}
        yield RungFact(
            fault=fault,
            generation=exam.generation,
            path=path,
            line=places[path].places[fault][0][0],
            sites=len(present[fault]),
            reached=bool(exam.relevant(frozenset({fault}), exam.tests.every)),
            infected=True if infected else None if undecided else False,
            propagated=bool(alone),
            revealed=tuple(dict.fromkeys(exam.tests.oracle(test) for test in tests)),
            tests=tests[:5],
            sufficient=bool(asked.intersection(alone)),
            necessary=bool(truth.healed[fault]),
            masked=truth.masked(fault),
            alone=len(asked.intersection(alone)),
            entries=tuple(sorted(entries)),
        )


def ends(candidate: Candidate, state: State, caught: Caught) -> Iterator[Record]:
    """The faults that leave with this generation: overwritten by the change, or caught."""
    edits = ", ".join(edit.refactoring for edit in candidate.proposal.edits)
    born = {**dict.fromkeys(candidate.newborn, candidate.generation), **state.live}
    gone: Caught = dict.fromkeys(candidate.overwritten, ("overwritten", edits))
    for fault, (cause, by) in sorted({**gone, **caught}.items()):
        yield EndFact(fault, candidate.generation, cause, by, candidate.generation - born[fault])


def accept(
    subject: Subject, state: State, candidate: Candidate, screened: Screened, live: frozenset[int]
) -> Accepted:
    """The generation that a candidate becomes, with `live` faults in it."""
    gone = frozenset(sites(candidate.source)) - live
    source = {path: heal(text, gone) for path, text in sorted(candidate.source.items())}
    files, before = plain(source, live), state.before or plain(state.source, frozenset(state.live))
    lines = touched(before, files)
    edits = tuple(candidate.proposal.edits)
    message = commit_message(candidate.generation, edits)
    fact = GenerationFact(
        generation=candidate.generation,
        attempts=candidate.attempt,
        edits=edits,
        refused_edits=dict(sorted(candidate.proposal.refused.items())),
        lines_changed=sum(map(len, lines.values())),
        files_changed=len(lines),
        lines=sum(text.count("\n") for text in files.values()),
        live=tuple(sorted(live)),
        escaped=tuple(sorted(live & frozenset(candidate.newborn))),
        failing=screened.truth.failing,
        interacting=screened.truth.interacting,
        **_blast(subject, screened.exam, live),
        sources={path: blob_digest(text) for path, text in source.items()},
        commit=commit_id(files, state.commit, candidate.generation, message),
    )
    return Accepted(fact, source, files, message)


def _blast(subject: Subject, exam: Examination, live: frozenset[int]) -> dict[str, int]:
    """How much of the target deviates from the clean twin, together and fault by fault."""
    inputs = exam.tests.every_input
    screen = len(exam.tests.ids)
    effort = sum(exam.effort.values())
    together = exam.deviating(live, inputs, "together") if live else ()
    parts = sum(len(exam.deviating(frozenset({fault}), inputs, "alone")) for fault in sorted(live))
    entries = {test[5:].rpartition("#")[0] for test in together}
    public = {name for entry in entries for name in subject.public.get(entry, ())}
    return {
        "executions": screen,
        "truth_executions": effort,
        "entries": len(subject.entries),
        "entries_deviating": len(entries),
        "inputs": len(inputs),
        "inputs_deviating": len(together),
        "parts_deviating": parts,
        "public_deviating": len(public),
        "public": len({name for names in subject.public.values() for name in names}),
    }
