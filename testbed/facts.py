"""The facts that a campaign writes down: frozen records, each with its canonical JSON.

Nothing here is computed from a clock. A lineage's records, in order, are the whole truth about it;
the analysis is a function of them alone. Fault numbers are unique within their lineage.
"""

from __future__ import annotations

import json
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, ClassVar, Literal

from testbed.drift import BeliefFact as BeliefFact
from testbed.drift import FixFact as FixFact
from testbed.drift import RecordedFact as RecordedFact
from testbed.drift import ScoreFact as ScoreFact
from testbed.records import Record as Record
from testbed.traces import Trace

SCHEMA = 1

VerdictName = Literal["pass", "fail", "error", "timeout", "crash", "unknown"]
OracleName = Literal["unit", "property", "differential"]
Origin = Literal["seeded", "offspring", "fix", "indigenous", "reintroduced"]
Cause = Literal["unit", "property", "differential", "review", "overwritten", "rejected", "rollback"]


@dataclass(frozen=True, slots=True)
class TestInfo:
    """A test as collected: a pytest node id, or a differential entry point `diff:NAME`."""

    __test__: ClassVar[bool] = False

    id: str
    oracle: OracleName


@dataclass(frozen=True, slots=True)
class EditFact:
    """One edit of the modifier: which refactoring, where."""

    refactoring: str
    path: str
    where: str  # qualified name of the function or class, or "" for the module


@dataclass(frozen=True, slots=True)
class Witness:
    """An input on which the faulty and the healed program differ: a test, or a differential input."""

    oracle: OracleName
    test: str  # node id, or `diff:ENTRY#SEED`
    clean: str  # what the healed program did: a verdict, or the shown outcome
    faulty: str  # what the faulty program did
    outside: bool = False  # found in a run outside of inspection: digests of outcomes, then


@dataclass(frozen=True, slots=True)
class Finding:
    """What a reviewer reported: a fault, or a false alarm (`fault` is None)."""

    path: str
    line: int
    fault: int | None


@dataclass(frozen=True, slots=True)
class BaselineFact(Record):
    """G0 of a target, examined before anything is seeded. Written once per target, under lineage ''."""

    kind: ClassVar[str] = "baseline"
    target: str
    version: str
    digest: str  # of all the target's files
    lines: int  # source lines that may be changed
    tests: tuple[TestInfo, ...]  # quarantined ones left out
    quarantined: tuple[str, ...]
    entries: tuple[str, ...]  # differential entry points
    public: dict[str, tuple[str, ...]]  # entry point -> public functions that it exercises
    sources: dict[str, str]  # path -> digest of the source (in the ledger's blobs)
    calls: str = ""  # digest of the calls recorded as differential inputs (in the blobs); "" for none
    environment: dict[str, str] = field(default_factory=dict)  # what it ran with: distribution -> version


@dataclass(frozen=True, slots=True)
class BirthFact(Record):
    """A fault enters the lineage: seeded, offspring of `parent`, with its fix, or `parent` come back."""

    kind: ClassVar[str] = "birth"
    fault: int
    generation: int
    attempt: int
    origin: Origin
    parent: int | None
    operator: str
    family: str
    path: str
    where: str
    line: int  # in the materialised source with all live faults on
    diff: str  # unified diff of the materialised source, fault off -> fault on
    changed_lines: int  # lines of that diff, the salience that a reviewer could see
    import_time: bool  # its guard is evaluated while the package or the tests are imported
    witnesses: tuple[Witness, ...]  # empty: unwitnessed (perhaps equivalent)
    searched: int  # executions that the search for a witness spent
    residual: bool  # no unit test of the target's own suite fails with it alone, at birth
    changed_tokens: int = 0  # tokens that differ in that diff
    agreeing: tuple[str, ...] = ()  # inputs that reach it and show nothing
    inputs: int = 0  # differential inputs asked with it alone at birth
    inputs_reached: int = 0  # of these, evaluating its guard
    inputs_deviating: int = 0  # of these, with another outcome: over `inputs_reached` it is its rarity
    inputs_crashing: int = 0  # of these, raising or not ending where the clean twin does not
    public_deviating: tuple[str, ...] = ()  # public functions behind the deviating entry points


@dataclass(frozen=True, slots=True)
class RungFact(Record):
    """How far one fault got in one generation (the RIPR ladder), and what switching says of it.

    `infected` is None where it cannot be decided by probing. `alone` counts the tests and inputs
    on which the fault alone, on the clean twin, fails or deviates.
    """

    kind: ClassVar[str] = "rung"
    fault: int
    generation: int
    path: str
    line: int
    sites: int
    reached: bool
    infected: bool | None
    propagated: bool  # it alone changed some test's verdict or some differential outcome
    revealed: tuple[OracleName, ...]  # oracles of the screen that failed because of it
    tests: tuple[str, ...]  # some of the tests that revealed it (at most five)
    sufficient: bool  # alone on the clean twin it fails an oracle
    necessary: bool  # an oracle that fails in place passes with it healed
    masked: bool  # sufficient, but an oracle that it alone fails passes in place
    alone: int
    entries: tuple[str, ...]  # differential entry points that deviate with it alone


@dataclass(frozen=True, slots=True)
class EndFact(Record):
    """A fault leaves the lineage. `cycles` is the number of generation ends it had survived."""

    kind: ClassVar[str] = "end"
    fault: int
    generation: int
    cause: Cause
    by: str  # the test, the place of the finding, or the edit
    cycles: int


@dataclass(frozen=True, slots=True)
class UnplacedFact(Record):
    """A fault that was drawn and could not be placed."""

    kind: ClassVar[str] = "unplaced"
    generation: int
    attempt: int
    reason: str


@dataclass(frozen=True, slots=True)
class GrownFact(Record):
    """A candidate's new public function; the fields after `attempt` are those of `protocols.Grown`."""

    kind: ClassVar[str] = "grown"
    generation: int
    attempt: int
    address: str
    params: str
    definition: str
    examples: tuple[str, ...]
    items: bool


@dataclass(frozen=True, slots=True)
class OutsideFact(Record):
    """One turn of a modifier that only gives text back, and what became of each live fault in it."""

    kind: ClassVar[str] = "outside"
    generation: int
    attempt: int
    task: str
    problem: str  # why the edit could not be used; "" when it was
    calls: int  # requests to a model
    tokens_in: int
    tokens_out: int
    found: int  # faults that a second builder found and took out
    traces: tuple[Trace, ...]
    cost: float | None = None  # of all requests, at the campaign's prices; None where it has none


@dataclass(frozen=True, slots=True)
class LeftAloneFact(Record):
    """The files that the modifier cannot handle from here on, with the reason; written when that changes."""

    kind: ClassVar[str] = "left alone"
    generation: int
    files: dict[str, str]


@dataclass(frozen=True, slots=True)
class CandidateFact(Record):
    """A candidate as it was examined, new faults and all: what its verdicts are about."""

    kind: ClassVar[str] = "candidate"
    generation: int
    attempt: int
    sources: dict[str, str]  # path -> digest of the switchable source


@dataclass(frozen=True, slots=True)
class VerdictsFact(Record):
    """The verdicts of one fault set in one generation, for `verify`.

    `tests` are node ids (or differential inputs); `verdicts` has one letter for each: p(ass),
    f(ail), e(rror), t(imeout), c(rash), u(nknown); for a differential input p means that the
    outcome equals the clean twin's and f that it deviates.
    """

    kind: ClassVar[str] = "verdicts"
    generation: int
    attempt: int
    purpose: str  # "clean", "in place", "alone", "healed", "witness"
    faults: tuple[int, ...]
    seed: int  # of the property tests
    examples: int
    tests: tuple[str, ...]
    verdicts: str


@dataclass(frozen=True, slots=True)
class EffortFact(Record):
    """What the screen of one candidate ran, refused candidates included."""

    kind: ClassVar[str] = "effort"
    generation: int
    attempt: int
    tests: int
    inputs: int
    examples: int  # over all property tests among them


@dataclass(frozen=True, slots=True)
class ReviewFact(Record):
    """One checkpoint."""

    kind: ClassVar[str] = "review"
    generation: int
    attempt: int
    since: int  # the generation whose review this one continues from
    lines_changed: int
    lines_read: int
    hours: float  # lines_read at the stated pace
    faults_in_view: tuple[int, ...]  # faults of which a line was read
    findings: tuple[Finding, ...]
    rejected: bool
    let_in: tuple[int, ...] = ()  # faults that were found and not acted on
    why: str = ""  # what made the policy ask for it
    escalated: bool = False  # a finding led to the rest of the lines being read
    read: dict[str, int] = field(default_factory=dict)  # path::function -> lines of it that were read


@dataclass(frozen=True, slots=True)
class RollbackFact(Record):
    """The lineage goes back to what it was after generation `to`, with what was repaired since then repaired.

    `attempt` is the candidate that led to it; the next attempt is what has been gone back to.
    """

    kind: ClassVar[str] = "rollback"
    generation: int
    attempt: int
    to: int


@dataclass(frozen=True, slots=True)
class RefusedFact(Record):
    """A candidate that was not accepted, and why; its faults end as `rejected`."""

    kind: ClassVar[str] = "refused"
    generation: int
    attempt: int
    stage: Literal["sound", "screen", "checkpoint"]
    reason: str
    edits: tuple[EditFact, ...]


@dataclass(frozen=True, slots=True)
class GenerationFact(Record):
    """One generation as accepted. `live` are the faults that go on into the next one.

    `entries_deviating` of `entries` entry points and `inputs_deviating` of `inputs` differential
    inputs (one fixed set per generation) deviate from the clean twin with all live faults on;
    `parts_deviating` is the sum of the same count over each live fault alone (interaction).
    """

    kind: ClassVar[str] = "generation"
    generation: int
    attempts: int  # candidates made, the accepted one included
    edits: tuple[EditFact, ...]
    refused_edits: dict[str, int]  # refactoring -> places tried and refused
    lines_changed: int  # materialised lines, against the previous generation
    files_changed: int
    lines: int  # materialised lines in all
    live: tuple[int, ...]
    escaped: tuple[int, ...]  # born in this generation and not caught in it
    failing: tuple[str, ...]  # tests that failed in place before any response
    interacting: tuple[str, ...]  # of these, failing though no fault alone fails them
    executions: int  # tests and inputs of the screen
    truth_executions: int  # tests and inputs really executed, for the screen and the ground truth
    entries: int
    entries_deviating: int
    inputs: int
    inputs_deviating: int
    parts_deviating: int
    public_deviating: int  # public functions behind the deviating entry points
    public: int
    sources: dict[str, str]  # path -> digest of the switchable source
    commit: str  # id of the commit of the materialised source in the run's git repository


@dataclass(frozen=True, slots=True)
class OutcomeFact(Record):
    """The end of a lineage."""

    kind: ClassVar[str] = "outcome"
    generation: int  # the last one accepted
    outcome: Literal["completed", "stalled", "runaway"]
    live: tuple[int, ...]
    reason: str = ""  # which bound was met


_FAULTS = (BirthFact, RungFact, EndFact, UnplacedFact)
_CHANGES = (GrownFact, LeftAloneFact, RecordedFact, OutsideFact, CandidateFact, ScoreFact, FixFact)
_CHECKS = (
    BaselineFact,
    VerdictsFact,
    EffortFact,
    BeliefFact,
    ReviewFact,
    RefusedFact,
    RollbackFact,
    GenerationFact,
    OutcomeFact,
)

RECORDS: dict[str, type[Record]] = {record.kind: record for record in (*_FAULTS, *_CHANGES, *_CHECKS)}

_NESTED: dict[tuple[str, str], type[Any]] = {
    ("baseline", "tests"): TestInfo,
    ("birth", "witnesses"): Witness,
    ("review", "findings"): Finding,
    ("refused", "edits"): EditFact,
    ("generation", "edits"): EditFact,
    ("outside", "traces"): Trace,
}


def canonical(data: Any) -> str:
    """JSON with sorted keys and no spare space: equal data, equal bytes."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def parse(body: dict[str, Any]) -> Record:
    """The record that `Record.body` gave. Raises KeyError for an unknown kind, or a field that is missing.

    A field that an older ledger does not have yet takes its default.
    """
    cls = RECORDS[body["kind"]]
    values: dict[str, Any] = {}
    for spec in fields(cls):  # type: ignore[arg-type]
        if spec.name not in body and not (spec.default is MISSING and spec.default_factory is MISSING):
            continue
        value = body[spec.name]
        nested = _NESTED.get((cls.kind, spec.name))
        if nested is not None:
            value = tuple(nested(**item) for item in value)
        elif isinstance(value, list):
            value = tuple(value)
        elif spec.name == "public" and isinstance(value, dict):
            value = {key: tuple(names) for key, names in value.items()}
        values[spec.name] = value
    return cls(**values)
