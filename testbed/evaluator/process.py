"""The evaluator that runs code under test in a worker process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from testbed.errors import TestbedError, UserError
from testbed.evaluator.baselines import Baselines, data_of
from testbed.evaluator.channel import Channel, WorkerDied
from testbed.evaluator.cold import cold_digests
from testbed.evaluator.growth import extended, files, is_steady
from testbed.evaluator.late import Late
from testbed.evaluator.replies import (
    Answer,
    Done,
    Load,
    parse_calls,
    parse_jobs,
    parse_load,
    parse_run,
)
from testbed.evaluator.spec import WorkerSpec, encode_files
from testbed.protocols import NOWHERE, OUTSIDE, Grown, Loaded, Outcome, Situation, Source
from testbed.schema import materialise

_MOST_CALLS = 30
_NO_SANDBOX = "see `testbed doctor`"
_SLACK = 60.0  # seconds beyond the limits before the worker counts as hung


@dataclass(frozen=True, slots=True)
class Job:
    """A fault set and the tests to ask, in this order unless others found faults of the same `group`."""

    faults: frozenset[int]
    tests: Sequence[str]
    group: str = ""


@dataclass(slots=True)
class _Generation:
    source: Source
    load: Load
    baselines: Baselines
    known: frozenset[str]
    grown: tuple[Grown, ...]
    situation: Situation
    late: tuple[Late, ...]


class ProcessEvaluator:
    """Implements `testbed.protocols.Evaluator`. The worker starts with the first load.

    A worker that dies is started once more, with every generation loaded again; then the evaluator
    raises TestbedError with the last lines of the worker's log.
    """

    def __init__(self, spec: WorkerSpec) -> None:
        self.spec = spec
        self.versions: dict[str, str] = {}
        self._channel: Channel | None = None
        self._restarts = 0
        self._modules: list[str] = []
        self._generations: dict[str, _Generation] = {}

    def load(
        self,
        name: str,
        source: Source,
        grown: Sequence[Grown] = (),
        situation: Situation = NOWHERE,
        late: Sequence[Late] = (),
    ) -> Loaded:
        """Loads a generation under `name`; one that had the name before is dropped.

        The tests and the entry points of functions that were added since the reference come on top. Of the
        faults of default values, `late`, those that can be switched after loading are none of `import_time`.
        """
        self._generations.pop(name, None)
        baselines = Baselines(self.spec.limits.test_seconds)
        load = self._load(name, source, baselines, grown, situation, late)
        baselines.load_hits, baselines.load_seconds = load.hits, load.seconds
        known = frozenset(test.id for test in load.loaded.tests)
        self._generations[name] = _Generation(
            dict(source), load, baselines, known, tuple(grown), situation, tuple(late)
        )
        return load.loaded

    def _load(
        self,
        name: str,
        source: Source,
        baselines: Baselines,
        grown: Sequence[Grown],
        situation: Situation,
        late: Sequence[Late],
    ) -> Load:
        limits = Baselines(baselines.test_seconds).loading()
        spec = extended(self.spec, grown)
        source = {**source, **files(grown, spec.tests)}
        settings = spec.settings(source)
        self._modules = settings["modules"]
        request = {
            "op": "load",
            "name": name,
            "source": encode_files(source),
            "settings": {
                **settings,
                **limits,
                "environment": situation.environment(),
                "steady": is_steady(self.spec),
                "late": [each.message() for each in late],
            },
        }
        reply = self._ask(request, limits["load_seconds"] * 3 + _SLACK)
        return parse_load(reply, spec.public())

    def run(
        self,
        name: str,
        faults: frozenset[int],
        tests: Sequence[str],
        *,
        seed: int = 0,
        examples: int = 0,
        probe: bool = False,
        stop: bool = False,
        apart: bool = False,
    ) -> tuple[Outcome, ...]:
        """One outcome for each of `tests`, in their order. Raises TestbedError when the worker is lost.

        With `stop` nothing is run after the first test that does not pass: `unknown`, then. With `apart`, as
        with `probe`, no test finds what another one left.
        """
        generation = self._generation(name)
        if probe and faults:
            raise TestbedError("only the empty fault set can be probed")
        if not generation.known and not generation.load.loaded.entries:
            return tuple(Outcome(test, "unknown", shown=generation.load.loaded.error[:160]) for test in tests)
        if not tests:
            return ()
        request = self._run_request(name, generation, faults, tests, seed, examples, probe)
        request.update(stop=stop, apart=apart or probe)
        answers = parse_run(self._run(request, generation), request["tests"])
        if not faults:
            for test, answer in answers.items():
                self._note(generation.baselines, test, answer, examples)
        judged = {test: self._judged(generation, answer, probe) for test, answer in answers.items()}
        return tuple(judged[test] for test in tests)

    def run_jobs(
        self, name: str, jobs: Sequence[Job], *, seed: int = 0, examples: int = 0, stop: bool = False
    ) -> list[Done]:
        """Many fault sets, several of them in one process as long as their tests leave nothing behind.

        Only tests for which that holds are run; the others are `left`, for `run`. With `stop` a job ends
        with its first test that does not pass. Fault sets that act while importing have no place here.
        """
        generation = self._generation(name)
        if generation.load.unforkable or self.spec.singly:
            return [Done((), tuple(job.tests)) for job in jobs]
        done = [Done((), ())] * len(jobs)
        waiting = {at: job for at, job in enumerate(jobs) if job.tests}
        while waiting:
            found = self._some_jobs(name, generation, list(waiting.values()), seed, examples, stop)
            for at, each in zip(list(waiting), found, strict=True):
                before = done[at]
                done[at] = Done((*before.outcomes, *each.outcomes), (*before.left, *each.left))
                job = waiting.pop(at)
                if each.again:
                    waiting[at] = replace(job, tests=each.again)
            waiting = dict(sorted(waiting.items()))
        return done

    def _some_jobs(
        self, name: str, generation: _Generation, jobs: Sequence[Job], seed: int, examples: int, stop: bool
    ) -> list[Done]:
        tests = list(dict.fromkeys(test for job in jobs for test in job.tests))
        number = {test: at for at, test in enumerate(tests)}
        asked = [[number[test] for test in job.tests] for job in jobs]
        request = self._run_request(name, generation, frozenset(), tests, seed, examples, False)
        told = zip(jobs, asked, strict=True)
        request.update(
            op="jobs",
            jobs=[{"f": sorted(job.faults), "t": places, "g": job.group} for job, places in told],
            stop=stop,
            data_mib=generation.baselines.data_mib(self.spec.limits.memory_mib),
            most_timeouts=self.spec.limits.timeouts,
            patience=request["patience"] * len(jobs),
        )
        reply = self._ask(request, request["patience"] + _SLACK)
        if "lost" in reply:
            self._load_again(name, generation)
            return [Done((), tuple(job.tests)) for job in jobs]
        return parse_jobs(reply, asked, tests)

    def _generation(self, name: str) -> _Generation:
        if name not in self._generations:
            raise TestbedError(f"no generation is loaded as {name!r}")
        return self._generations[name]

    def _run_request(
        self,
        name: str,
        generation: _Generation,
        faults: frozenset[int],
        tests: Sequence[str],
        seed: int,
        examples: int,
        probe: bool,
    ) -> dict[str, Any]:
        asked, most = list(dict.fromkeys(tests)), self.spec.limits.memory_mib
        baselines = generation.baselines
        limits, unknown = baselines.limits(asked, examples), baselines.unknown()
        seconds = sum(limits.get(test, unknown)[0] * 3 + 1 for test in asked)
        cold = bool(faults & generation.load.loaded.import_time or generation.load.unforkable)
        loads = (len(asked) if cold else 1) * baselines.loading()["load_seconds"] * 3
        return {
            "op": "run",
            "name": name,
            "faults": sorted(faults),
            "tests": asked,
            "seed": seed,
            "examples": examples,
            "probe": probe,
            "apart": probe,  # whether tests must not find what others left
            "carve": False,
            "cold": cold,
            "first": len(asked),  # how many of the tests come before the others
            "near": len(asked),  # how many are asked in any case
            "singly": self.spec.singly,
            "stop": False,
            "most_timeouts": self.spec.limits.timeouts if faults else 0,
            "memory_mib": most,
            "data_mib": baselines.data_mib(most) if faults and not cold else data_of(most),
            "limits": limits,
            "default_limits": unknown,
            "patience": seconds + loads + _SLACK,
            **baselines.loading(),
        }

    def _run(self, request: dict[str, Any], generation: _Generation) -> dict[str, Any]:
        reply = self._ask(request, request["patience"] + _SLACK)
        if "lost" in reply:
            self._load_again(request["name"], generation)
            reply = self._ask(request, request["patience"] + _SLACK)
        if "lost" not in reply:
            return reply
        if len(request["tests"]) > 1:
            return self._run_one_by_one(request, generation)
        return {"results": [{"t": request["tests"][0], "v": "crash", "w": f"twice: {reply['lost']}"[:160]}]}

    def _load_again(self, name: str, held: _Generation) -> None:
        load = self._load(name, held.source, held.baselines, held.grown, held.situation, held.late)
        if load.loaded.late != held.load.loaded.late:
            raise TestbedError(f"{self.spec.root} is not the same when it is imported again")

    def _run_one_by_one(self, request: dict[str, Any], generation: _Generation) -> dict[str, Any]:
        """For a test among them that ends even the process that watches over it."""
        results: list[Any] = []
        for test in request["tests"]:
            reply = self._run({**request, "tests": [test]}, generation)
            results.extend(reply["results"] if isinstance(reply.get("results"), list) else [])
        return {"results": results}

    def _note(self, baselines: Baselines, test: str, answer: Answer, examples: int) -> None:
        if answer.mib is not None:
            baselines.mib = max(baselines.mib or 0.0, answer.mib)
        if answer.outcome.verdict in ("pass", "fail"):
            baselines.note(test, answer.outcome.seconds, answer.hits, examples)

    def _judged(self, generation: _Generation, answer: Answer, probe: bool) -> Outcome:
        outcome = answer.outcome
        if probe:  # what a guard did while importing was not probed
            unseen = generation.load.loaded.import_time & set(outcome.reached) - set(outcome.infected)
            return replace(outcome, undecided=tuple(sorted(unseen.union(outcome.undecided))))
        if not answer.loading or outcome.test in generation.known or self._is_input(generation, outcome.test):
            return outcome
        return replace(outcome, verdict="unknown")  # it does not exist without the fault either

    def _is_input(self, generation: _Generation, test: str) -> bool:
        entry = test.removeprefix("diff:").rpartition("#")[0]
        return test.startswith("diff:") and entry in generation.load.loaded.entries

    def carve(self, name: str) -> dict[str, tuple[str, ...]]:
        """Runs the unit tests once and records calls: `module:function` -> calls, for `WorkerSpec.carved`.

        Only public module-level functions of the package, called with plain data, distinct calls, at
        most 30 of each function, in the order of the tests.
        """
        generation = self._generation(name)
        tests = [test.id for test in generation.load.loaded.tests if test.oracle == "unit"]
        if not tests:
            return {}
        request = self._run_request(name, generation, frozenset(), tests, 0, 0, False)
        request.update(carve=True, limits={})
        calls: dict[str, dict[str, None]] = {}
        for address, call in parse_calls(self._run(request, generation)):
            if len(calls.setdefault(address, {})) < _MOST_CALLS:
                calls[address][call] = None
        return {address: tuple(found) for address, found in sorted(calls.items())}

    def run_early(
        self,
        name: str,
        faults: frozenset[int],
        near: Sequence[str],
        far: Sequence[str] = (),
        *,
        first: int = 16,
        alike: str = "",
        seed: int = 0,
        examples: int = 0,
        stop: bool = False,
    ) -> tuple[Outcome, ...]:
        """What tests say of a fault set that acts while importing: those of `near`, the `first` ones first,
        and those of `far` that can tell of what importing left behind; of the others there is no outcome.

        `alike` names generations that do the same with nothing on: what is known of one holds for all.
        """
        generation = self._generation(name)
        narrow = not (generation.load.unforkable or self.spec.singly)
        tests = [*near, *far]
        request = self._run_request(name, generation, faults, tests, seed, examples, False)
        near_ones = len(near) if narrow else len(request["tests"])
        request.update(stop=stop, first=first, near=near_ones, alike=alike)
        answers = parse_run(self._run(request, generation), request["tests"])
        asked = [test for test in tests if answers[test].asked]
        return tuple(self._judged(generation, answers[test], False) for test in asked)

    def outside(self, name: str, faults: frozenset[int], inputs: Sequence[str]) -> dict[str, str]:
        """The digest of each input's outcome where nothing says that it is inspected: see cold_digests."""
        held = self._generation(name)
        spec = extended(self.spec, held.grown)
        plain = {path: materialise(text, faults) for path, text in held.source.items()}
        beside = files(held.grown, spec.tests)
        return cold_digests(spec, {**plain, **beside}, inputs, situation=OUTSIDE)

    def drop(self, name: str) -> None:
        """Forgets a generation."""
        if self._generations.pop(name, None) is not None and self._channel is not None:
            self._ask({"op": "drop", "name": name}, _SLACK)

    def close(self) -> None:
        """Ends the worker; nothing of it is left."""
        self._generations.clear()
        self._end(5.0)

    def __enter__(self) -> ProcessEvaluator:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _end(self, seconds: float) -> None:
        if self._channel is not None:
            self._channel.close(seconds)
            self._channel = None

    def _ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        try:
            return self._started().ask(request, seconds)
        except WorkerDied as trouble:
            self._restart(trouble)
        try:
            return self._started().ask(request, seconds)
        except WorkerDied as trouble:
            raise self._dead(trouble) from None

    def _started(self) -> Channel:
        if self._channel is None:
            self._channel = Channel(self.spec)
            hello = {
                "op": "hello",
                "static": encode_files(self.spec.static),
                "modules": self._modules,
            }
            self.versions = {key: str(value) for key, value in self._channel.ask(hello, _SLACK).items()}
        return self._channel

    def _restart(self, trouble: WorkerDied) -> None:
        if self._restarts:
            raise self._dead(trouble) from None
        self._restarts += 1
        self._end(0.2)
        for name, generation in self._generations.items():
            self._load_again(name, generation)

    def _dead(self, trouble: WorkerDied) -> TestbedError:
        words = ("" if self._channel is None else self._channel.log_tail()) or "none"
        self._generations.clear()
        self._end(0.2)
        if words.startswith("confine: "):
            return UserError(f"the sandbox {self.spec.sandbox} cannot be made ({words})", remedy=_NO_SANDBOX)
        if "No module named 'pytest'" in words:
            return UserError(f"{self.spec.python} has no pytest", remedy="install it there")
        return TestbedError(f"the worker for {self.spec.root} died: {trouble}; its last words: {words}")
