"""What comes with new public functions: tests, and differential entry points in terms of older functions.

A program that lacks a new function does what its definition says, so that the frozen reference can be
compared with a program that has it, and faults in what it is built on show through it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from testbed.evaluator.spec import Entry, WorkerSpec
from testbed.facts import TestInfo
from testbed.protocols import Grown

MODULE = "testbed_grown"

_HEAD = '''\
"""Functions that were added to the program, each in terms of older ones."""

import copy
import importlib
import re


def old(address):
    """The function itself, or what it must do where the program does not have it."""
    module, _, name = address.partition(":")
    found = getattr(importlib.import_module(module), name, None)
    return DEFINITIONS[address] if found is None else found


def failing(error):
    raise error


def done(address, arguments):
    result = old(address)(*copy.deepcopy(arguments))
    return list(result) if address in ITEMS else result


def defined(address, arguments):
    return DEFINITIONS[address](*copy.deepcopy(arguments))


def outcome(function, address, arguments):
    try:
        return "gives", function(address, arguments)
    except Exception as problem:
        return type(problem).__name__, str(problem)


def alike(first, second):
    if type(first) is not type(second):
        return False
    try:
        if first == second:
            return True
    except Exception:
        pass
    shown = [re.sub(r" at 0x[0-9a-f]+", "", repr(value)) for value in (first, second)]
    return shown[0] == shown[1]


def varied(value, random):
    """The value, or one like it."""
    if isinstance(value, bool) or random.random() < 0.3:
        return value
    if isinstance(value, int):
        return value + random.choice((-1, 1, 2, -value))
    if isinstance(value, str) and value:
        at = random.randrange(len(value))
        return random.choice((value[:at] + value[at + 1 :], value + value[at], value.swapcase(), value[::-1]))
    if isinstance(value, (list, tuple)) and value:
        parts = list(value)
        at = random.randrange(len(parts))
        parts[at] = varied(parts[at], random)
        if random.random() < 0.3:
            del parts[random.randrange(len(parts))]
        return type(value)(parts)
    return value


def generate(address, random):
    arguments = list(copy.deepcopy(random.choice(EXAMPLES[address])))
    at = random.randrange(len(arguments))
    arguments[at] = varied(arguments[at], random)
    return tuple(arguments)
'''

_TESTS = '''\
"""New functions do what their definitions say."""

from {module} import EXAMPLES, alike, defined, done, outcome


def check(address):
    for arguments in EXAMPLES[address]:
        assert alike(outcome(done, address, arguments), outcome(defined, address, arguments))
'''


def files(grown: Sequence[Grown], tests: Sequence[str]) -> dict[str, str]:
    """Files to load beside the source of every generation, the reference's too; none for no functions.

    `tests` are what pytest is given for the target.
    """
    if not grown:
        return {}
    return {f"{MODULE}.py": _support(grown), _place(tests): _checks(grown)}


def extended(spec: WorkerSpec, grown: Sequence[Grown]) -> WorkerSpec:
    """The worker's task with the entry points and the tests of the new functions."""
    if not grown:
        return spec
    tests = spec.tests if is_steady(spec) else (*spec.tests, _place(spec.tests))
    return replace(spec, entries=(*spec.entries, *entries(grown)), tests=tests)


def is_steady(spec: WorkerSpec) -> bool:
    """Whether pytest is given the same, whatever functions are new."""
    place = _place(spec.tests)
    return any(place.startswith(f"{folder.rstrip('/')}/") for folder in spec.tests)


def entries(grown: Sequence[Grown]) -> tuple[Entry, ...]:
    """One differential entry point for each new function, called like the function."""
    return tuple(
        Entry(
            one.address,
            f"{MODULE}:generate_{number}",
            f"{MODULE}:call_{number}",
            (one.address.replace(":", "."),),
        )
        for number, one in enumerate(grown)
    )


def own(infos: Iterable[TestInfo]) -> tuple[TestInfo, ...]:
    """Those of the collected tests that are about new functions."""
    return tuple(info for info in infos if f"test_{MODULE}.py::" in info.id)


def _place(tests: Sequence[str]) -> str:
    """Where the tests go: into the first folder of tests, else beside the package."""
    folders = [path.rstrip("/") for path in tests if not PurePosixPath(path).suffix and "::" not in path]
    return f"{folders[0]}/test_{MODULE}.py" if folders else f"test_{MODULE}.py"


def _support(grown: Sequence[Grown]) -> str:
    lines = [_HEAD, "", "DEFINITIONS = {"]
    lines += [f"    {one.address!r}: lambda {one.params}: {one.definition}," for one in grown]
    lines += ["}", "EXAMPLES = {"]
    lines += [f"    {one.address!r}: [{', '.join(one.examples)}]," for one in grown]
    lines += ["}", f"ITEMS = {sorted(one.address for one in grown if one.items)!r}", ""]
    for number, one in enumerate(grown):
        lines += [f"def generate_{number}(random):", f"    return generate({one.address!r}, random)", ""]
        lines += [f"def call_{number}(arguments):", f"    return done({one.address!r}, arguments)", ""]
    return "\n".join(lines)


def _checks(grown: Sequence[Grown]) -> str:
    return "\n".join([_TESTS.format(module=MODULE), *_each(grown)]) + "\n"


def _each(grown: Sequence[Grown]) -> Iterator[str]:
    for number, one in enumerate(grown):
        name = one.address.partition(":")[2]
        yield f"\ndef test_{name}_{number}():\n    check({one.address!r})\n"
