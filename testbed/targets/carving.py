"""Differential entry points for a target that declares none: calls that its own unit tests make."""

from __future__ import annotations

from collections.abc import Mapping

from testbed.conditions import LimitsFactor
from testbed.evaluator import ProcessEvaluator
from testbed.targets.target import Target

_NAME = "carving"
_WORKER = "/testbed-"  # in the name of every worker's own folder, which is another one each time
Calls = Mapping[str, tuple[str, ...]]


def carved_entries(target: Target, limits: LimitsFactor) -> Calls:
    """`module:function` -> recorded calls, for `Target.spec`. Empty where the target cannot be loaded.

    The calls are recorded twice, in two workers: a function whose tests do not call it with the same
    arguments each time (random ones, a clock's) is left out, and so is a call that names a folder of
    the worker. What is left is the same whenever this target is looked at.
    """
    first, second = _recorded(target, limits), _recorded(target, limits)
    return {address: calls for address, calls in first.items() if calls == second.get(address)}


def _recorded(target: Target, limits: LimitsFactor) -> dict[str, tuple[str, ...]]:
    spec = target.spec(limits)
    with ProcessEvaluator(spec) as evaluator:
        loaded = evaluator.load(_NAME, target.package_files)
        found = {} if loaded.error else evaluator.carve(_NAME)
    own = f"{spec.scratch}{_WORKER}"
    kept = {address: tuple(call for call in calls if own not in call) for address, calls in found.items()}
    return {address: calls for address, calls in kept.items() if calls}
