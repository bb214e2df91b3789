"""Are the recorded verdicts those of plain pytest, cold, on materialised source in an empty folder?

Every verdict in a ledger is a claim about a candidate, a set of faults and a test. A sample of them, or
all, is checked the slow way: nothing of the switches, the forks or the caches is involved.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from scipy.stats import beta

from testbed import seeds
from testbed.engine.manifest import conditions
from testbed.engine.prepare import prepare
from testbed.errors import UserError
from testbed.evaluator import WorkerSpec, cold_digests, cold_verdicts, confirms
from testbed.evaluator.growth import extended, files
from testbed.facts import BaselineFact, CandidateFact, GenerationFact, GrownFact, RollbackFact, VerdictsFact
from testbed.ledger import Ledger
from testbed.lineage.state import grown as grown_of
from testbed.oversight.policies import announced
from testbed.protocols import NOWHERE, Grown, Situation
from testbed.schema import materialise
from testbed.threads import pool

LETTERS = {"pass": "p", "fail": "f", "error": "e", "timeout": "t", "crash": "c"}
SECONDS = 20.0
"""Wall-clock seconds that one test may take when it is run again."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What a group of claims has in common: one run of pytest answers for all of them."""

    condition: int
    lineage: int
    generation: int
    attempt: int
    faults: tuple[int, ...]
    seed: int
    examples: int


@dataclass(frozen=True, slots=True)
class Claim:
    """One recorded verdict, as a letter of `VerdictsFact`."""

    setup: Setup
    test: str
    letter: str


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A claim, and what was found instead."""

    claim: Claim
    found: str

    def line(self) -> str:
        """One line for people."""
        setup = self.claim.setup
        faults = ", ".join(map(str, setup.faults)) or "none"
        where = f"c{setup.condition}.l{setup.lineage} generation {setup.generation} attempt {setup.attempt}"
        return f"{where}, faults {faults}: {self.claim.test}: recorded {self.claim.letter}, cold {self.found}"


@dataclass(frozen=True, slots=True)
class Verified:
    """How many of all claims were checked, over how many targets, and which did not hold."""

    claims: int
    checked: int
    targets: int
    disagreements: tuple[Disagreement, ...]

    def bound(self, confidence: float = 0.95) -> float:
        """The share of wrong verdicts is below this with `confidence`: one-sided Clopper-Pearson.

        A check of all claims is no sample: the share itself.
        """
        wrong, n = len(self.disagreements), self.checked
        if n == self.claims:
            return wrong / n if n else 0.0
        return 1.0 if wrong == n else float(beta.ppf(confidence, wrong + 1, n - wrong))


def claims(ledger: Ledger) -> Iterator[Claim]:
    """Every recorded verdict that says something, in the order of the ledger."""
    for condition, lineage, record in ledger.records():
        if not isinstance(record, VerdictsFact):
            continue
        setup = Setup(
            condition,
            lineage,
            record.generation,
            record.attempt,
            record.faults,
            record.seed,
            record.examples,
        )
        for test, letter in zip(record.tests, record.verdicts, strict=True):
            if letter != "u":
                yield Claim(setup, test, letter)


def sampled(every: Sequence[Claim], size: int | None, seed: int) -> list[Claim]:
    """`size` of the claims, each as likely as any other; all of them for None."""
    if size is None or size >= len(every):
        return list(every)
    rng = seeds.stream(seed, "verify")
    return [every[place] for place in sorted(rng.choice(len(every), size=size, replace=False))]


def verify(
    ledger: Ledger,
    *,
    size: int | None,
    seed: int = 0,
    workers: int = 1,
    said: Callable[[int, int], None] = lambda done, of: None,
) -> Verified:
    """Checks a sample of the verdicts in a run's ledger. `said` is told how many are done.

    Raises UserError where there is nothing to check, or the target is no longer what it was.
    """
    every = list(claims(ledger))
    chosen = sampled(every, size, seed)
    if not chosen:
        raise UserError("no verdict is recorded yet", where=str(ledger.folder), remedy="run it first")
    groups: dict[Setup, list[Claim]] = defaultdict(list)
    for claim in chosen:
        groups[claim.setup].append(claim)
    specs, sources, grown = _specs(ledger), _sources(ledger), _grown(ledger)
    situations = _situations(ledger)
    done = 0
    wrong: list[Disagreement] = []
    with pool(workers) as threads:
        jobs = [
            threads.submit(
                _check,
                specs[setup.condition],
                sources(setup),
                setup,
                group,
                grown(setup),
                situations(setup),
            )
            for setup, group in groups.items()
        ]
        for job, group in zip(jobs, groups.values(), strict=True):
            wrong += job.result()
            done += len(group)
            said(done, len(chosen))
    names = {specs[claim.setup.condition].root for claim in chosen}
    return Verified(len(every), len(chosen), len(names), tuple(wrong))


def _specs(ledger: Ledger) -> list[WorkerSpec]:
    manifest = dict(ledger.manifest)
    every = conditions(manifest)
    known = [record for _c, _l, record in ledger.records() if isinstance(record, BaselineFact)]
    targets = prepare(every, manifest["seed"], dict(enumerate(known)), ledger.blob)
    return [targets[condition.target].spec for condition in every]


def _sources(ledger: Ledger) -> Callable[[Setup], Mapping[str, str]]:
    """Setup -> the switchable source that it is about."""
    found: dict[tuple[int, int, int, int], dict[str, str]] = {}
    for condition, lineage, record in ledger.records():
        if isinstance(record, CandidateFact):
            found[condition, lineage, record.generation, record.attempt] = record.sources

    def source(setup: Setup) -> Mapping[str, str]:
        digests = found[setup.condition, setup.lineage, setup.generation, setup.attempt]
        return {path: ledger.blob(digest) for path, digest in digests.items()}

    return source


def _grown(ledger: Ledger) -> Callable[[Setup], tuple[Grown, ...]]:
    """Setup -> the functions that its candidate has and the reference has not."""
    found: dict[tuple[int, int, int, int], tuple[Grown, ...]] = {}
    kept: dict[tuple[int, int], dict[int, tuple[Grown, ...]]] = defaultdict(dict)  # after each generation
    now: dict[tuple[int, int], tuple[Grown, ...]] = defaultdict(tuple)
    added: dict[tuple[int, int, int, int], tuple[Grown, ...]] = defaultdict(tuple)  # by an attempt
    for condition, lineage, record in ledger.records():
        place = condition, lineage
        if isinstance(record, GrownFact):
            added[(*place, record.generation, record.attempt)] += (grown_of(record),)
        elif isinstance(record, CandidateFact):
            which = (*place, record.generation, record.attempt)
            found[which] = now[place] + added[which]
        elif isinstance(record, RollbackFact):
            now[place] = kept[place].get(record.to, ())
        elif isinstance(record, GenerationFact):
            now[place] += added[(*place, record.generation, record.attempts)]
            kept[place][record.generation] = now[place]
    return lambda setup: found[setup.condition, setup.lineage, setup.generation, setup.attempt]


def _situations(ledger: Ledger) -> Callable[[Setup], Situation]:
    """Setup -> in which situation its verdicts were found."""
    every = conditions(dict(ledger.manifest))

    def situation(setup: Setup) -> Situation:
        return Situation(setup.generation, announced(every[setup.condition].oversight, setup.generation))

    return situation


def _check(
    spec: WorkerSpec,
    source: Mapping[str, str],
    setup: Setup,
    group: Sequence[Claim],
    grown: tuple[Grown, ...] = (),
    situation: Situation = NOWHERE,
) -> list[Disagreement]:
    """The claims of one group that do not hold."""
    source = {**source, **files(grown, spec.tests)}
    spec = extended(spec, grown)
    plain = _materialised(source, setup.faults)
    tests = [claim.test for claim in group if not claim.test.startswith("diff:")]
    inputs = [claim.test for claim in group if claim.test.startswith("diff:")]
    found: dict[str, str] = {}
    if tests:
        verdicts = cold_verdicts(
            spec,
            plain,
            tests,
            seed=setup.seed,
            examples=setup.examples,
            seconds=SECONDS,
            situation=situation,
        )
        found |= {test: LETTERS.get(verdict, "u") for test, verdict in verdicts.items()}
    if inputs:

        def digests(files: Mapping[str, str]) -> dict[str, str]:
            return cold_digests(spec, files, inputs, seconds=SECONDS, situation=situation)

        clean = digests(_materialised(source, ()))
        faulty = digests(plain) if setup.faults else clean
        found |= {test: _letter(clean[test], faulty[test]) for test in inputs}
    names = {letter: name for name, letter in LETTERS.items()}
    return [
        Disagreement(claim, letter)
        for claim, letter in ((claim, found[claim.test]) for claim in group)
        if not confirms(names.get(claim.letter, claim.letter), names.get(letter, letter))
    ]


def _letter(clean: str, faulty: str) -> str:
    if faulty in LETTERS:
        return LETTERS[faulty]
    return "p" if clean == faulty else "f"


def _materialised(source: Mapping[str, str], faults: Iterable[int]) -> dict[str, str]:
    on = frozenset(faults)
    return {path: materialise(text, on) for path, text in source.items()}
