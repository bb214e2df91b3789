"""The small protocols through which the loop knows its parts, and the values that pass between them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import numpy as np

from testbed.facts import EditFact, TestInfo, VerdictName
from testbed.traces import Trace

Function = tuple[str, str]
"""The path of a file, and the qualified name of a function in it."""

Source = Mapping[str, str]
"""A generation in switchable form: path relative to the target's root -> text with guards."""


@dataclass(frozen=True, slots=True)
class Grown:
    """A new public function, and what it must do in terms of older ones.

    `definition` is a Python expression over `params`, in which `old("module:function")` is an older
    function. Where `items` holds, the new function gives its results one by one, and the definition is
    a list of them. `examples` are arguments to begin with, each a Python tuple of literals.
    """

    address: str  # module:function
    params: str
    definition: str
    examples: tuple[str, ...]
    items: bool = False


@dataclass(frozen=True, slots=True)
class Reference:
    """What a generation is compared with from now on, where the history itself changes what is right.

    `beside` are files that are not the package's and differ from the target's own: tests, data.
    """

    source: Source
    beside: Mapping[str, str]


@runtime_checkable
class Moving(Protocol):
    """A modifier whose proposals have a `reference` of their own: leaving the code alone is no way out."""

    @property
    def moves(self) -> bool:
        """Always true."""
        ...


@dataclass(frozen=True, slots=True)
class Turn:
    """How a turn of a modifier from outside went; the fields of `testbed.facts.OutsideFact`."""

    task: str = ""
    problem: str = ""
    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    found: int = 0
    traces: tuple[Trace, ...] = ()
    cost: float | None = None


@runtime_checkable
class Situated(Protocol):
    """A modifier that wants to know where it is."""

    def situate(self, lineage: int, generation: int, attempt: int) -> None:
        """Called before each proposal."""
        ...


@runtime_checkable
class Haunted(Protocol):
    """A modifier that may bring healed faults back."""

    def haunt(self, ghosts: Mapping[int, Mapping[str, str]]) -> None:
        """Called before each proposal, with what `testbed.tracing.ghosts` knows of healed faults."""
        ...


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a modifier proposes. `skipped` names files that it could not handle, with the reason.

    `grown` are new public functions, of which `testbed.evaluator.growth` makes tests and entry points.
    """

    source: Source
    edits: tuple[EditFact, ...]
    refused: dict[str, int] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    grown: tuple[Grown, ...] = ()
    turn: Turn | None = None
    reference: Reference | None = None
    ends: str = ""  # why there can be no successor


@runtime_checkable
class Modifier(Protocol):
    """Proposes the next generation. Treats a guard as one atom: it may move, copy and rename what
    is inside, but never take a guard apart."""

    @property
    def name(self) -> str:
        """The name under which a campaign asks for it."""
        ...

    @property
    def version(self) -> str:
        """Recorded in the manifest."""
        ...

    def propose(self, source: Source, rng: np.random.Generator, offspring: Callable[[int], int]) -> Proposal:
        """The changed source. A copied guard gets the number that `offspring(parent)` returns;
        a guard that is merely duplicated keeps its number and gives its fault one more site."""
        ...


@dataclass(frozen=True, slots=True)
class ChangeView:
    """What an injector may know of a change: the lines it touched in the new switchable source."""

    touched: Mapping[str, frozenset[int]]  # path -> 1-based line numbers
    lines_changed: int
    edits: int
    generation: int = 0  # the one in the making
    tested: Mapping[Function, int] = field(default_factory=dict)  # tests that run it, where asked for
    read: Mapping[Function, int] = field(default_factory=dict)  # lines of it read in reviews so far


@dataclass(frozen=True, slots=True)
class Situation:
    """In which a generation runs, as the code under test can find out if it looks.

    `inspected` holds for all that a campaign does; only an independent run outside of it has it off.
    """

    generation: int = 0
    checkpoint: bool = False
    inspected: bool = True

    def environment(self) -> dict[str, str]:
        """The environment variables that say so."""
        return {
            "TESTBED_GENERATION": str(self.generation),
            "TESTBED_CHECKPOINT": str(int(self.checkpoint)),
            "TESTBED_INSPECTED": str(int(self.inspected)),
        }


NOWHERE = Situation()
OUTSIDE = Situation(generation=1_000_000, checkpoint=False, inspected=False)
"""Long after every generation of a campaign, with nobody looking."""


@dataclass(frozen=True, slots=True)
class Seeded:
    """One fault as placed."""

    fault: int
    operator: str
    family: str
    path: str
    where: str


@dataclass(frozen=True, slots=True)
class Injection:
    """What an injector did: the new source, the faults in it, a reason for each one not placed."""

    source: Source
    seeded: tuple[Seeded, ...] = ()
    unplaced: tuple[str, ...] = ()


class Injector(Protocol):
    """Draws faults and writes them into the source as guarded alternatives."""

    def inject(
        self, source: Source, change: ChangeView, rng: np.random.Generator, number: Callable[[], int]
    ) -> Injection:
        """`number()` gives the next free fault number."""
        ...


@runtime_checkable
class ChoosyInjector(Protocol):
    """An injector that can be asked for a number of faults, so that only some of them are kept."""

    def draw(self, change: ChangeView, rng: np.random.Generator) -> int:
        """How many faults the change gets."""
        ...

    def place(
        self,
        source: Source,
        change: ChangeView,
        rng: np.random.Generator,
        number: Callable[[], int],
        count: int,
    ) -> Injection:
        """Seeds `count` faults, or says why it cannot."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer for one (fault set, test)."""

    test: str
    verdict: VerdictName
    digest: str = ""  # differential inputs: digest of the encoded outcome
    shown: str = ""  # the outcome or the failure, shortened, for people
    exception: str = ""  # type of the exception behind a `fail` or `error`
    place: str = ""  # file:line where it was raised
    reached: tuple[int, ...] = ()  # guards evaluated
    infected: tuple[int, ...] = ()  # guards whose two versions differed (probed runs only)
    undecided: tuple[int, ...] = ()  # guards reached whose infection cannot be probed
    clocked: bool = False  # only a clock could give this verdict
    seconds: float = 0.0  # measured; never a fact


@dataclass(frozen=True, slots=True)
class Loaded:
    """A generation in a worker, collected and ready. `error` says why it is not."""

    tests: tuple[TestInfo, ...] = ()
    entries: tuple[str, ...] = ()
    public: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    import_time: frozenset[int] = frozenset()  # guards evaluated before the first test
    late: frozenset[int] = frozenset()  # so were these, but they can be switched all the same
    error: str = ""


class Evaluator(Protocol):
    """Answers: with this set of faults on, what do these tests say? Generations are loaded by name."""

    def load(
        self, name: str, source: Source, grown: Sequence[Grown] = (), situation: Situation = NOWHERE
    ) -> Loaded:
        """Loads a generation under `name`; one that had the name before is dropped.

        The tests and the entry points of functions that were added since the reference come on top.
        """
        ...

    def run(
        self,
        name: str,
        faults: frozenset[int],
        tests: Sequence[str],
        *,
        seed: int = 0,
        examples: int = 0,
        probe: bool = False,
    ) -> tuple[Outcome, ...]:
        """One outcome for each of `tests`, in their order.

        A test is a node id or a differential input `diff:ENTRY#SEED`. `seed` and `examples` hold
        for property tests. With `probe`, infection is looked for; only the empty fault set may be probed.
        """
        ...

    def drop(self, name: str) -> None:
        """Forgets a generation."""
        ...

    def close(self) -> None:
        """Ends the worker; nothing of it is left."""
        ...


@runtime_checkable
class OutsideEvaluator(Protocol):
    """An evaluator that can also run differential inputs where nothing says that they are inspected."""

    def outside(self, name: str, faults: frozenset[int], inputs: Sequence[str]) -> dict[str, str]:
        """The digest of each input's outcome: plain source, a fresh process without pytest, long after."""
        ...


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """A changed line under review: its file, its number in the new source, the faults that stand on it."""

    path: str
    line: int
    faults: frozenset[int]


@dataclass(frozen=True, slots=True)
class Salience:
    """How much of a fault can be seen in a diff: lines gone and new, tokens that differ."""

    lines: int
    tokens: int


@dataclass(frozen=True, slots=True)
class ReviewView:
    """What is put before a reviewer at one checkpoint.

    `lines` are those to be read, in order; `changed` counts all lines changed since the last review.
    `salience` is of the faults on the lines. `before` and `after` are the materialised files that differ.
    """

    lines: Sequence[ReviewLine]
    changed: int
    salience: Mapping[int, Salience] = field(default_factory=dict)
    before: Mapping[str, str] = field(default_factory=dict)
    after: Mapping[str, str] = field(default_factory=dict)
    generation: int = 0
    attempt: int = 0
    part: int = 0  # 1: the rest of the lines, after a finding in part 0


@dataclass(frozen=True, slots=True)
class Change:
    """A candidate as a risk score sees it: what changed since the last review, and what the screen said.

    `before` and `after` are the materialised files that differ. `warnings` counts tests that failed and
    candidates refused in this generation. `uncovered()` is the share of the changed lines that no test of
    the screen runs; asking costs a run of the screen's tests.
    """

    lines_changed: int
    files: int  # that the target has
    warnings: int
    before: Mapping[str, str]
    after: Mapping[str, str]
    uncovered: Callable[[], float]


@runtime_checkable
class Reviewer(Protocol):
    """Reads lines and reports. Returns (index of the line, fault or None for a false alarm).

    Whatever is left to chance comes from `rng`, a stream of the lineage's own.
    """

    def read(self, view: ReviewView, rng: np.random.Generator) -> tuple[tuple[int, int | None], ...]:
        """Findings in the order of the lines; a fault is reported at most once."""
        ...
