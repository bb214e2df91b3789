"""A worker's replies, checked and turned into the engine's values. What is malformed is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast, get_args

from testbed.errors import TestbedError
from testbed.facts import OracleName, TestInfo, VerdictName
from testbed.protocols import Loaded, Outcome

_VERDICTS = frozenset(get_args(VerdictName))
_MOST_TESTS = 100_000
_MOST_GUARDS = 100_000
_LARGEST_GUARD = 1 << 40


class BadReply(TestbedError):
    """A worker's reply is not what the protocol says."""


def _text(value: Any, longest: int) -> str:
    if not isinstance(value, str) or len(value) > longest:
        raise BadReply("the worker's reply has a bad text")
    return value


def _number(value: Any, largest: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= largest:
        raise BadReply("the worker's reply has a bad number")
    return value


def _list(value: Any, most: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > most:
        raise BadReply("the worker's reply has a bad list")
    return value


def _pair(value: Any) -> tuple[Any, Any]:
    if len(_list(value, 2)) != 2:
        raise BadReply("the worker's reply has a bad pair")
    return value[0], value[1]


def _results(reply: Mapping[str, Any]) -> list[dict[str, Any]]:
    results = _list(reply.get("results"), _MOST_TESTS)
    if not all(isinstance(result, dict) for result in results):
        raise BadReply("the worker's reply has a bad result")
    return results


def _guards(value: Any) -> tuple[int, ...]:
    numbers = [int(_number(number, _LARGEST_GUARD)) for number in _list(value, _MOST_GUARDS)]
    return tuple(sorted(set(numbers)))


@dataclass(frozen=True, slots=True)
class Load:
    """A load reply: what the evaluator answers, and what it keeps for itself."""

    loaded: Loaded
    hits: int = 0
    unforkable: str = ""  # why every set has to be run cold
    seconds: float = 0.0


def parse_load(reply: Mapping[str, Any], public: Mapping[str, tuple[str, ...]]) -> Load:
    """The reply to `load`. Raises BadReply."""
    error = _text(reply.get("error", ""), 10_000)
    if "tests" not in reply:
        return Load(Loaded(error=error or "not loaded"))
    tests = tuple(_test(pair) for pair in _list(reply["tests"], _MOST_TESTS))
    late = frozenset(_guards(reply.get("late")))
    entries = tuple(_text(name, 1_000) for name in _list(reply.get("entries"), _MOST_TESTS))
    loaded = Loaded(
        tests=tests,
        entries=entries,
        public={name: public[name] for name in entries if name in public},
        import_time=frozenset(_guards(reply.get("import_time"))) - late,
        late=late,
        error=error,
    )
    return Load(
        loaded,
        hits=int(_number(reply.get("hits"), 1 << 60)),
        unforkable=_text(reply.get("unforkable"), 1_000),
        seconds=_number(reply.get("seconds"), 1e7),
    )


def _test(pair: Any) -> TestInfo:
    name, oracle = _pair(pair)
    if oracle not in ("unit", "property"):
        raise BadReply("the worker's reply has a bad oracle")
    return TestInfo(_text(name, 10_000), cast(OracleName, oracle))


@dataclass(frozen=True, slots=True)
class Answer:
    """One test's outcome with what the evaluator keeps: guard evaluations, whether loading failed, the MiB
    that the process had taken by then at most, where nothing was on, and whether the test was asked at all.
    """

    outcome: Outcome
    hits: int
    loading: bool
    mib: float | None = None
    asked: bool = True


def parse_run(reply: Mapping[str, Any], tests: Sequence[str]) -> dict[str, Answer]:
    """The reply to `run`, by test. Raises BadReply, also when a test is missing."""
    answers: dict[str, Answer] = {}
    asked = set(tests)
    for result in _results(reply):
        if not isinstance(result.get("t"), str) or result["t"] not in asked:
            raise BadReply("the worker's reply names a test that was not asked for")
        answers[result["t"]] = _answer(result)
    if asked - set(answers):
        raise BadReply("the worker's reply lacks a test")
    return answers


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one job: the outcomes of some of its tests, those that are left for another way, and
    those that can be asked again now.
    """

    outcomes: tuple[Outcome, ...]
    left: tuple[str, ...]
    again: tuple[str, ...] = ()


def parse_jobs(reply: Mapping[str, Any], jobs: Sequence[Sequence[int]], tests: Sequence[str]) -> list[Done]:
    """The reply to `jobs`, which each ask so many of `tests`. Raises BadReply."""
    told = _list(reply.get("jobs"), _MOST_TESTS)
    if not told and _text(reply.get("reason", ""), 10_000):
        return [Done((), tuple(tests[at] for at in job)) for job in jobs]
    if len(told) != len(jobs):
        raise BadReply("the worker's reply is of other jobs")
    return [_done(each, set(job), tests) for each, job in zip(told, jobs, strict=True)]


def _done(told: Any, asked: set[int], tests: Sequence[str]) -> Done:
    if not isinstance(told, dict):
        raise BadReply("the worker's reply has a bad job")
    results = _results({"results": told.get("r")})
    left, again = (_list(told.get(key), _MOST_TESTS) for key in ("left", "again"))
    places = [*(result.get("i") for result in results), *left, *again]
    if not asked.issuperset(places):
        raise BadReply("the worker's reply names a test that was not asked for")
    outcomes = tuple(_answer({**result, "t": tests[result["i"]]}).outcome for result in results)
    return Done(outcomes, tuple(tests[at] for at in left), tuple(tests[at] for at in again))


def parse_calls(reply: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The recorded calls in the reply to a carving run: (function, call as JSON). Raises BadReply."""
    calls = [call for result in _results(reply) for call in _list(result.get("y", []), _MOST_TESTS)]
    return [(_text(address, 1_000), _text(text, 10_000)) for address, text in map(_pair, calls)]


def _answer(result: Mapping[str, Any]) -> Answer:
    verdict = result.get("v")
    if not isinstance(verdict, str) or verdict not in _VERDICTS:
        raise BadReply("the worker's reply has a bad verdict")
    outcome = Outcome(
        test=result["t"],
        verdict=cast(VerdictName, verdict),
        digest=_text(result.get("d", ""), 64),
        shown=_text(result.get("w", ""), 10_000)[:160],
        exception=_text(result.get("e", ""), 1_000),
        place=_text(result.get("p", ""), 1_000),
        reached=_guards(result.get("r", [])),
        infected=_guards(result.get("x", [])),
        undecided=_guards(result.get("u", [])),
        clocked=bool(result.get("c", 0)),
        seconds=_number(result.get("s", 0), 1e7),
    )
    mib = None if "m" not in result else _number(result["m"], 1 << 40)
    hits = int(_number(result.get("h", 0), 1 << 60))
    return Answer(outcome, hits, bool(result.get("l", 0)), mib, not result.get("o", 0))
