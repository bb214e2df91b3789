"""G0 under its own oracles, before anything is seeded: what passes, what is flaky, what must stop the run."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from testbed.errors import UserError
from testbed.facts import BaselineFact, canonical
from testbed.ledger.store import blob_digest
from testbed.lineage import REFERENCE, Subject
from testbed.protocols import Evaluator, Outcome, Source

TRIED_INPUTS = 10
"""Inputs tried for each differential entry point."""

REPEATS = 3
"""Runs of the baseline; a test that does not answer the same in each is flaky."""

APART = 1
"""The run in which no test finds what another one left: one that needs others before it fails there."""

Ask = Callable[[Sequence[str], bool], tuple[Outcome, ...]]

_MISSING = re.compile(r"No module named '([\w.]+)'")
_ELSEWHERE = re.compile(r"\S+ was imported from [^;]+")
_AT_G0 = "a target's own tests must pass at G0; --tests '!PLACE' leaves some out"


@dataclass(frozen=True, slots=True)
class Baseline:
    """The subject of the lineages, and the fact that says so."""

    subject: Subject
    fact: BaselineFact


def examine(
    name: str,
    version: str,
    source: Source,
    evaluator: Evaluator,
    *,
    seed: int,
    examples: int,
    digest: str = "",
    environment: Mapping[str, str] | None = None,
) -> Baseline:
    """Runs all tests `REPEATS` times with nothing seeded, each time with the same seed, once apart.

    `digest` names all files of the target; without it the changeable ones are digested. `environment`
    is what the target runs with: distribution -> version.
    Flaky tests and tests of which the evaluator cannot tell are quarantined by name. Raises
    UserError when the target cannot be collected, has no tests, or has one that fails.
    """
    loaded = evaluator.load(REFERENCE, source)
    if loaded.error:
        raise _not_loaded(loaded.error, name, source)
    ids = [info.id for info in loaded.tests]
    if not ids and not loaded.entries:
        raise UserError("no tests found", where=name, remedy="name them with --tests")

    ask = _asking(evaluator, seed, examples)
    rounds = [ask(ids, False)]
    hanging = [outcome for outcome in rounds[0] if outcome.verdict == "timeout"]
    if hanging:  # said at once: each repetition would hang as long
        raise UserError(_said(hanging), where=name, remedy=_AT_G0)
    rounds += [ask(ids, turn == APART) for turn in range(1, REPEATS)]
    flaky = _flaky(rounds)
    failing = [o for o in rounds[0] if o.verdict != "pass" and o.test not in flaky]
    if failing:
        raise UserError(_said(failing), where=name, remedy=_AT_G0)
    if ids and len(flaky) == len(ids):
        raise UserError("all tests are flaky", where=name, remedy="nothing could be concluded from them")
    entries, unsteady = steady(loaded.entries, ask)
    kept = tuple(info for info in loaded.tests if info.id not in flaky)
    public = {entry: names for entry, names in loaded.public.items() if entry in entries}
    fact = BaselineFact(
        target=name,
        version=version,
        digest=digest or hashlib.sha256(canonical(dict(source)).encode()).hexdigest(),
        lines=sum(text.count("\n") for text in source.values()),
        tests=kept,
        quarantined=(*sorted(flaky), *(f"diff:{entry}" for entry in unsteady)),
        entries=entries,
        public=public,
        sources={path: blob_digest(text) for path, text in sorted(source.items())},
        environment=dict(environment or {}),
    )
    return Baseline(Subject(dict(source), kept, entries, public), fact)


def with_entries(made: Baseline, evaluator: Evaluator, *, calls: str, seed: int, examples: int) -> Baseline:
    """The baseline with the recorded calls of `evaluator` as differential entries; `calls` digests them."""
    loaded = evaluator.load(REFERENCE, made.subject.source)
    if loaded.error:
        raise _not_loaded(loaded.error, made.fact.target, made.subject.source)

    ask = _asking(evaluator, seed, examples)
    entries, unsteady = steady(loaded.entries, ask)
    public = {entry: names for entry, names in loaded.public.items() if entry in entries}
    quarantined = (*made.fact.quarantined, *(f"diff:{entry}" for entry in unsteady))
    fact = replace(made.fact, quarantined=quarantined, entries=entries, public=public, calls=calls)
    return Baseline(replace(made.subject, entries=entries, public=public), fact)


def _asking(evaluator: Evaluator, seed: int, examples: int) -> Ask:
    """Runs tests of the reference, (tests, whether they are kept apart) -> outcomes."""

    def ask(tests: Sequence[str], apart: bool) -> tuple[Outcome, ...]:
        return evaluator.run(REFERENCE, frozenset(), tests, seed=seed, examples=examples, probe=apart)

    return ask


def steady(entries: Sequence[str], ask: Ask) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The differential entry points that give one input one outcome, and those that do not.

    An outcome that depends on the clock, on addresses or on a random state would make every change
    look unsound.
    """
    inputs = [f"diff:{entry}#{number}" for entry in entries for number in range(TRIED_INPUTS)]
    answers: dict[str, set[tuple[str, str]]] = {}
    for turn in range(REPEATS if inputs else 0):
        for outcome in ask(inputs, turn == APART):
            answers.setdefault(outcome.test, set()).add((outcome.verdict, outcome.digest))
    bad = {
        test[5:].rpartition("#")[0]
        for test, seen in answers.items()
        if len(seen) > 1 or next(iter(seen))[0] != "pass"
    }
    return tuple(e for e in entries if e not in bad), tuple(e for e in entries if e in bad)


def _flaky(rounds: list[tuple[Outcome, ...]]) -> frozenset[str]:
    answers: dict[str, set[str]] = {}
    for outcomes in rounds:
        for outcome in outcomes:
            answers.setdefault(outcome.test, set()).add(outcome.verdict)
    return frozenset(test for test, seen in answers.items() if len(seen) > 1 or "unknown" in seen)


def _not_loaded(error: str, name: str, source: Source) -> UserError:
    """What to do about a target that cannot be collected: most often something is not installed."""
    missing = sorted({module.partition(".")[0] for module in _MISSING.findall(error)})
    own = {part.removesuffix(".py") for path in source for part in path.split("/")}
    strange = [module for module in missing if module not in own]
    if strange:
        return UserError(
            f"its tests import {', '.join(strange)}, which the interpreter does not have",
            where=name,
            remedy="use --install, or --python with an environment that has it",
        )
    elsewhere = _ELSEWHERE.search(error)
    if elsewhere:
        return UserError(
            elsewhere[0],
            where=name,
            remedy="take it out of that environment; what pytest itself needs cannot be a target",
        )
    if missing:
        return UserError(error, where=name, remedy="say with paths in target.toml where its packages are")
    if "PytestRemovedIn" in error or "PluginValidationError" in error:
        older = "its tests need an older pytest: use --install, or --python with an environment that has one"
        return UserError(error, where=name, remedy=older)
    return UserError(error, where=name, remedy="its own tests must run before faults are seeded")


def _said(failing: list[Outcome]) -> str:
    first = failing[0]
    why = first.exception or first.verdict
    others = f" (and {len(failing) - 1} more)" if len(failing) > 1 else ""
    return f"{first.test} does not pass: {why}{others}"
