"""The checkpoint: whether a candidate is reviewed, what is read and found, and what it leads to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from injectors.salience import salience
from testbed.birth import sites
from testbed.facts import Finding, ReviewFact
from testbed.lineage.candidate import Candidate
from testbed.lineage.places import lines_read
from testbed.lineage.screening import Caught, Screened
from testbed.lineage.setting import Setting
from testbed.lineage.state import State, plain
from testbed.oversight.checkpoint import findings, lines_under_review, window
from testbed.oversight.coverage import uncovered
from testbed.oversight.policies import Occasion, due
from testbed.oversight.risk import risk
from testbed.protocols import Change, ReviewLine, ReviewView, Salience
from testbed.schema import heal, materialise


@dataclass(frozen=True, slots=True)
class _Material:
    """What there is to review: the candidate without what the screen fixed, and its changed lines."""

    source: Mapping[str, str]
    live: frozenset[int]
    lines: list[ReviewLine]
    before: Mapping[str, str]
    after: Mapping[str, str]

    def view(self, candidate: Candidate, read: list[ReviewLine], part: int = 0) -> ReviewView:
        """What a reviewer gets who reads these lines."""
        on_them = sorted({fault for line in read for fault in line.faults})
        seen = {fault: self._salience(fault) for fault in on_them}
        return ReviewView(
            read,
            len(self.lines),
            seen,
            self.before,
            self.after,
            candidate.generation,
            candidate.attempt,
            part,
        )

    def _salience(self, fault: int) -> Salience:
        """What a diff, fault off -> fault on, would show of it beside the other faults."""
        lines = tokens = 0
        for path in sorted({path for path, _guard in sites(self.source)[fault]}):
            text = self.source[path]
            found = salience(materialise(text, self.live - {fault}), materialise(text, self.live | {fault}))
            lines, tokens = lines + found.lines, tokens + found.tokens
        return Salience(lines, tokens)


def review(
    setting: Setting, state: State, candidate: Candidate, screened: Screened, allowed: int | None = None
) -> tuple[ReviewFact | None, Caught]:
    """The checkpoint's fact and the faults that it found and acted on; None where none is due.

    At most `allowed` lines are read, where the budget has a bound.
    """
    if candidate.rolled_back:
        return None, {}  # it has been reviewed as what it is
    material = _material(state, candidate, screened)
    why = due(setting.condition.oversight, _occasion(setting, state, candidate, screened, material))
    if not why:
        return None, {}
    return _reviewed(setting, state, candidate, material, why, allowed)


def _material(state: State, candidate: Candidate, screened: Screened) -> _Material:
    healed = {path: heal(text, frozenset(screened.caught)) for path, text in candidate.source.items()}
    lines = lines_under_review(state.reviewed, healed, screened.live)
    paths, after = sorted({line.path for line in lines}), plain(healed, screened.live)
    before = {path: state.reviewed.get(path, "") for path in paths}
    return _Material(healed, screened.live, lines, before, {path: after[path] for path in paths})


def _occasion(
    setting: Setting, state: State, candidate: Candidate, screened: Screened, material: _Material
) -> Occasion:
    factor = setting.condition.oversight

    def score() -> tuple[float, str]:
        change = Change(
            lines_changed=len(material.lines),
            files=len(candidate.source),
            warnings=len(screened.truth.failing) + candidate.attempt - 1,
            before=material.before,
            after=material.after,
            uncovered=lambda: _uncovered(setting, screened, material),
        )
        return risk(factor.risk, change)

    past = [one for one in state.checkpoints if one.generation < candidate.generation]
    return Occasion(candidate.generation, past, setting.stream(candidate.generation, 0, "policy"), score)


def _uncovered(setting: Setting, screened: Screened, material: _Material) -> float:
    tests = screened.exam.tests
    changed: dict[str, set[int]] = {}
    for line in material.lines:
        changed.setdefault(line.path, set()).add(line.line)
    files = plain(material.source, material.live)
    effort = screened.exam.effort
    effort["coverage"] = effort.get("coverage", 0) + len(tests.ids)
    return uncovered(setting.parts.evaluator, files, changed, tests, setting.subject.grown)


def _reviewed(
    setting: Setting, state: State, candidate: Candidate, material: _Material, why: str, allowed: int | None
) -> tuple[ReviewFact, Caught]:
    factor, lines = setting.condition.oversight, material.lines
    rng = setting.stream(candidate.generation, candidate.attempt, "review")
    read = window(lines, factor.depth, rng)[:allowed]
    found = findings(material.view(candidate, read), setting.parts.reviewer, rng)
    rest = [line for line in lines if line not in read]
    rest = rest if allowed is None else rest[: allowed - len(read)]
    escalated = factor.response == "escalate" and bool(found) and bool(rest)
    if escalated:
        more = findings(material.view(candidate, rest, 1), setting.parts.reviewer, rng)
        known = {item.fault for item in found}
        found += tuple(item for item in more if item.fault is None or item.fault not in known)
        read = [*read, *rest]
    acted = _acted(setting, candidate, found)
    faults: Caught = {
        item.fault: ("review", f"{item.path}:{item.line}") for item in acted if item.fault is not None
    }
    seen = {item.fault for item in found if item.fault is not None}
    fact = ReviewFact(
        generation=candidate.generation,
        attempt=candidate.attempt,
        since=state.reviewed_at,
        lines_changed=len(lines),
        lines_read=len(read),
        hours=round(len(read) / factor.pace, 6),
        faults_in_view=tuple(sorted({fault for line in read for fault in line.faults})),
        findings=found,
        rejected=factor.response in {"reject", "rollback"} and bool(acted),
        let_in=tuple(sorted(seen - set(faults))),
        why=why,
        escalated=escalated,
        read=lines_read(material.after, read),
    )
    return fact, faults


def _acted(setting: Setting, candidate: Candidate, found: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings that lead to something; each is let in with the condition's probability."""
    rng: np.random.Generator = setting.stream(candidate.generation, candidate.attempt, "let in")
    let_in = setting.condition.oversight.let_in
    return tuple(item for item in found if rng.random() >= let_in)
