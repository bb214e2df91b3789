"""One condition of a campaign: every factor at one level. Frozen, typed, with every default in one place."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from testbed.seeds import placeless

RateUnit = Literal["generation", "kloc", "change", "fixed"]
Placement = Literal["touched", "anywhere", "least-tested", "most-depended-on", "least-reviewed"]
Baseline = Literal["frozen", "previous", "self"]
Response = Literal["fix", "reject"]
ReviewResponse = Literal["fix", "reject", "rollback", "escalate"]
Policy = Literal["every", "risk", "audit", "adaptive"]
Preset = Literal["none", "human-led", "collaborative", "autonomous"]
CommandSandbox = Literal["none", "bubblewrap"]
ChatClient = Literal["openai", "inspect"]
ProfileName = Literal["even", "maintenance", "feature-work", "cleanup", "agentic"]


_UNDRAWN = frozenset(["client", "prices", "sandbox", "writable"])
_LATER = {"rewriting": 0.0}  # of the modifier: without them campaigns of before keep their facts


@dataclass(frozen=True, slots=True)
class TargetFactor:
    """Which codebase: a built-in's name, a path, or `pypi:NAME==VERSION`."""

    name: str = "kvstore"
    python: str = ""  # an interpreter of the user's own; empty: the one that runs the testbed
    install: bool = False  # make (and cache) a virtual environment with the target's requirements
    package: tuple[str, ...] = ()  # what may be changed, relative to the target; empty: found
    tests: tuple[str, ...] = ()  # what pytest is given; empty: found


@dataclass(frozen=True, slots=True)
class ModifierFactor:
    """Who changes the code, and how much in one generation."""

    name: str = "refactor"
    edits: int = 4  # edits asked for per generation
    copying: float = 0.2  # probability that an edit is a copy (which can give faults offspring)
    profile: ProfileName = "even"  # another one sets the mix, and draws the number of edits around `edits`
    refactorings: tuple[str, ...] = ()  # only these; empty: all built-in ones
    recording: int = 0  # tests added in a generation that expect what the code then does, faults and all
    rewriting: float = 0.0  # probability that a unit test that fails is made to expect what the code does
    tasks: str = ""  # outside: a file with the tasks, a `## ` section each; empty: to tidy up
    seconds: float = 600.0  # outside: limit of one edit
    command: tuple[str, ...] = ()  # command: the program and its arguments
    sandbox: CommandSandbox = "none"  # command: bubblewrap: it writes to its folder alone
    writable: tuple[str, ...] = ()  # command: further places that it may write to, in the sandbox
    model: str = ""  # chat: the model's name
    client: ChatClient = "openai"  # chat: who asks; `inspect` has many providers, named in `model`
    endpoint: str = ""  # chat: the address; empty: $OPENAI_BASE_URL, or the client's own
    prices: tuple[str, ...] = ()  # chat: MODEL=IN/OUT, of a million tokens; empty: cost is not counted
    repository: str = ""  # replay: the git repository
    commits: str = ""  # replay: FIRST..LAST; the target is the code at FIRST
    entry: str = "selfhost:rebuild"  # self: what makes a successor of its own files
    second: int = 0  # self: each so many generations the frozen reference builds instead; 0: never
    paths: tuple[str, ...] = ()  # replay: only commits that touch one of these; empty: all


@dataclass(frozen=True, slots=True)
class InjectionFactor:
    """How many faults, of which families, and where.

    `rate` is the mean of a Poisson number per generation (`generation`), per 1,000 changed lines
    (`kloc`), the probability of one fault for each edit (`change`), or the number itself (`fixed`).
    """

    rate: float = 1.0
    unit: RateUnit = "generation"
    placement: Placement = "touched"
    mix: str = "field"  # of families: field, assistant, uniform, or a table such as "logic=3, state=1"
    families: tuple[str, ...] = ("logic", "omission", "assignment", "interface", "exception")
    operators: tuple[str, ...] = ()  # empty: all of the families
    recorded: str = ""  # a file of `testbed injectors import`, for the family recorded
    residual: bool = False  # only faults that the tests of the screen do not find at birth
    witnessed: bool = False  # only faults for which a witness was found


@dataclass(frozen=True, slots=True)
class OraclesFactor:
    """The screen: which oracles run, with which budget, and what a failure leads to."""

    unit: bool = True
    property: bool = True
    examples: int = 20  # Hypothesis examples per property test and generation
    differential: bool = True
    inputs: int = 20  # differential inputs per entry point and generation
    baseline: Baseline = "frozen"
    response: Response = "fix"


@dataclass(frozen=True, slots=True)
class OversightFactor:
    """The checkpoint: how often, how deep, by whom, and what a finding leads to."""

    preset: Preset = "none"  # sets the keys that the campaign leaves out; see `testbed.campaign.presets`
    policy: Policy = "every"
    every: int = 1  # a checkpoint at each generation divisible by this; 0: never. Where `adaptive` begins
    risk: tuple[str, ...] = ("lines", "warnings")  # scores of which the highest counts
    threshold: float = 0.5  # of the risk
    audits: float = 0.2  # probability that a generation is audited
    audit_budget: int = 0  # most audits in a lineage; 0: no bound
    clean: int = 2  # checkpoints in a row without a finding that double the interval
    relaxed: int = 8  # the longest interval
    depth: float = 0.5  # share of the changed lines that is read
    reviewer: str = "constant"  # a built-in's name, or a plug-in's
    command: tuple[str, ...] = ()  # the program of the reviewer `command`, with its arguments
    command_seconds: float = 60.0  # wall-clock seconds that it may take for one review
    sensitivity: float = 0.6  # probability that a fault is seen when its line is read, at the reviewer's best
    false_alarms: float = 0.0  # mean number of false alarms per 100 lines read
    response: ReviewResponse = "fix"
    let_in: float = 0.0  # probability that a finding is not acted on
    faulty_fix: float = 0.0  # probability that a fix, of the screen's or the review's, puts in a new fault
    pace: float = 200.0  # lines read per hour


@dataclass(frozen=True, slots=True)
class TruthFactor:
    """How hard the ground truth is looked for."""

    inputs: int = 10  # differential inputs per entry point and generation, whether screened or not
    witness_inputs: int = 100  # differential inputs per entry point searched at a fault's birth
    witness_examples: int = 100  # Hypothesis examples per property test searched at birth


@dataclass(frozen=True, slots=True)
class LimitsFactor:
    """Bounds of a lineage and of one execution."""

    retries: int = 2  # further proposals after a rejected or unsound one
    runaway: int = 0  # live faults at which a lineage ends as runaway; 0: no bound
    runaway_blast: float = 0.0  # share of deviating differential inputs at which it does; 0: no bound
    test_seconds: float = 1.0  # CPU seconds that one test may take beyond ten times its baseline
    timeouts: int = 2  # tests that may not end with a fault set on before the rest is not run; 0: no bound
    memory_mib: int = 1024  # address space that the code under test may add


@dataclass(frozen=True, slots=True)
class BudgetFactor:
    """What the checks of one generation may spend, over all its candidates. 0: no bound."""

    executions: int = 0  # tests and differential inputs of the screen
    examples: int = 0  # Hypothesis examples of the screen
    hours: float = 0.0  # of review, at the stated pace


@dataclass(frozen=True, slots=True)
class Condition:
    """One combination of factor levels; `index` is its place in the campaign's product."""

    index: int = 0
    generations: int = 8
    lineages: int = 4
    target: TargetFactor = field(default_factory=TargetFactor)
    modifier: ModifierFactor = field(default_factory=ModifierFactor)
    injection: InjectionFactor = field(default_factory=InjectionFactor)
    oracles: OraclesFactor = field(default_factory=OraclesFactor)
    oversight: OversightFactor = field(default_factory=OversightFactor)
    truth: TruthFactor = field(default_factory=TruthFactor)
    limits: LimitsFactor = field(default_factory=LimitsFactor)
    budget: BudgetFactor = field(default_factory=BudgetFactor)

    def key(self) -> str:
        """A digest of the levels alone, so that adding a level elsewhere leaves this one's streams alone.

        The number of generations and lineages is left out: a longer campaign begins with the same facts.
        So is how a program or a model is reached and paid, with which nothing is drawn otherwise, and a
        key that came later where it has its default. Of a path the last part counts alone.
        """
        levels = {k: v for k, v in asdict(self).items() if k not in {"index", "generations", "lineages"}}
        modifier = {k: v for k, v in levels["modifier"].items() if k not in _UNDRAWN}
        levels["modifier"] = {k: v for k, v in modifier.items() if k not in _LATER or v != _LATER[k]}
        return hashlib.sha256(json.dumps(_placeless(levels), sort_keys=True).encode()).hexdigest()[:16]


def _placeless(level: Any) -> Any:
    """The levels without where on a machine the user's folders, files and programs lie."""
    if isinstance(level, dict):
        return {name: _placeless(each) for name, each in level.items()}
    if isinstance(level, tuple | list):
        return [_placeless(each) for each in level]
    return placeless(level) if isinstance(level, str) else level


def to_json(condition: Condition) -> dict[str, Any]:
    """The condition as plain data, for the manifest."""
    return asdict(condition)


def from_json(data: dict[str, Any]) -> Condition:
    """The condition that `to_json` wrote."""

    def tuples(part: dict[str, Any]) -> dict[str, Any]:
        return {k: tuple(v) if isinstance(v, list) else v for k, v in part.items()}

    return Condition(
        index=data["index"],
        generations=data["generations"],
        lineages=data["lineages"],
        target=TargetFactor(**tuples(data["target"])),
        modifier=ModifierFactor(**tuples(data["modifier"])),
        injection=InjectionFactor(**tuples(data["injection"])),
        oracles=OraclesFactor(**tuples(data["oracles"])),
        oversight=OversightFactor(**tuples(data["oversight"])),
        truth=TruthFactor(**tuples(data["truth"])),
        limits=LimitsFactor(**tuples(data["limits"])),
        budget=BudgetFactor(**tuples(data.get("budget", {}))),
    )
