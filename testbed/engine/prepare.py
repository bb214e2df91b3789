"""The targets of a campaign, examined before anything is seeded."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from testbed import seeds
from testbed.baseline import Baseline, examine, with_entries
from testbed.conditions import Condition, TargetFactor
from testbed.errors import UserError
from testbed.evaluator import ProcessEvaluator, WorkerSpec
from testbed.facts import BaselineFact, canonical
from testbed.ledger.store import blob_digest
from testbed.lineage import Subject
from testbed.targets import Target, carved_entries, environment, frozen_names, resolve


@dataclass(frozen=True, slots=True)
class Prepared:
    """One target, ready for lineages: how to start a worker, what G0 is, which names are never renamed."""

    spec: WorkerSpec
    subject: Subject
    fact: BaselineFact
    frozen: frozenset[str]
    blobs: Mapping[str, str]  # digest -> text of all that the fact names by digest
    left_alone: Mapping[str, str] = field(default_factory=dict)  # files that cannot be worked on, and why


Catalogue = Mapping[TargetFactor, Prepared]


def distinct(conditions: Iterable[Condition]) -> dict[TargetFactor, Condition]:
    """Each target of a campaign with the first condition that names it."""
    found: dict[TargetFactor, Condition] = {}
    for condition in conditions:
        found.setdefault(condition.target, condition)
    return found


def prepare(
    conditions: Iterable[Condition],
    seed: int,
    known: Mapping[int, BaselineFact] | None = None,
    blob: Callable[[str], str] = str,
    said: Callable[[str], None] = lambda text: None,
) -> dict[TargetFactor, Prepared]:
    """Resolves and examines every target, in the order of the conditions.

    `known` has the facts of targets examined earlier, by their place in that order; they are not
    examined again, and `blob` gives the text of a digest that they name. Raises UserError where a
    target cannot be used, or is no longer what it was.
    """
    found: dict[TargetFactor, Prepared] = {}
    for place, (factor, condition) in enumerate(distinct(conditions).items()):
        fact = (known or {}).get(place)
        if fact is None:
            said(factor.name)
        target = resolve(factor)
        found[factor] = _again(target, condition, fact, blob) if fact else _examined(target, condition, seed)
    return found


def _examined(target: Target, condition: Condition, seed: int) -> Prepared:
    """Examines the target's own tests first: nothing can be carved from tests that do not run."""
    spec = target.spec(condition.limits)
    try:
        made = _by_its_tests(spec, target, condition, seed)
    except UserError as problem:
        broken = [item for item in sorted(target.left_alone.items()) if "SyntaxError" in problem.what]
        if not broken:
            raise
        path, reason = broken[0]
        what = f"{reason}, and its tests do not run without this file"
        raise UserError(what, where=f"{target.name}: {path}", remedy="correct its syntax") from None
    blobs = {made.fact.sources[path]: text for path, text in target.package_files.items()}
    carved = {} if target.entries else carved_entries(target, condition.limits)
    if carved:
        spec = target.spec(condition.limits, carved)
        text = canonical(carved)
        blobs[blob_digest(text)] = text
        made = _compared(spec, made, condition, seed, blob_digest(text))
    return Prepared(spec, made.subject, made.fact, frozen_names(target), blobs, target.left_alone)


def _by_its_tests(spec: WorkerSpec, target: Target, condition: Condition, seed: int) -> Baseline:
    with ProcessEvaluator(spec) as evaluator:
        return examine(
            target.name,
            target.version,
            target.package_files,
            evaluator,
            digest=target.digest(),
            seed=seeds.integer(seed, "baseline", target.name),
            examples=condition.oracles.examples,
            environment=environment(target.python),
        )


def _compared(spec: WorkerSpec, made: Baseline, condition: Condition, seed: int, calls: str) -> Baseline:
    """The baseline with those recorded calls that give one outcome as its differential entries."""
    with ProcessEvaluator(spec) as evaluator:
        return with_entries(
            made,
            evaluator,
            calls=calls,
            seed=seeds.integer(seed, "baseline", made.fact.target),
            examples=condition.oracles.examples,
        )


def _again(target: Target, condition: Condition, fact: BaselineFact, blob: Callable[[str], str]) -> Prepared:
    sources = {path: blob_digest(text) for path, text in sorted(target.package_files.items())}
    if fact.digest != target.digest() or fact.sources != sources:
        raise UserError(
            "is not what it was when the run began",
            where=condition.target.name,
            remedy=f"bring back version {fact.version}"
            if fact.version
            else "bring back its files as they were",
        )
    public = dict(fact.public)
    subject = Subject(dict(target.package_files), fact.tests, fact.entries, public)
    carved: dict[str, tuple[str, ...]] = {}
    if fact.calls:
        carved = {address: tuple(calls) for address, calls in json.loads(blob(fact.calls)).items()}
    spec = target.spec(condition.limits, carved)
    return Prepared(spec, subject, fact, frozen_names(target), {})
