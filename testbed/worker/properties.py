"""Hypothesis under control: settings, seed and constant pool, so that examples depend on (seed, test) alone.

Self-contained (no imports from its package), since plain cold runs use it as well.
"""

from __future__ import annotations

import hashlib
import importlib
import sys
from collections.abc import Iterator
from typing import Any

_DEFAULT_EXAMPLES = 100


def is_property(item: Any) -> bool:
    """Whether a pytest item is a property test: a `@given` function or a state machine."""
    function = getattr(item, "obj", None)
    function = getattr(function, "__func__", function)
    return bool(getattr(function, "is_hypothesis_test", False))


def tame_library() -> None:
    """Where Hypothesis was imported: no constants out of source, no patches suggested on a failure."""
    if "hypothesis" in sys.modules:
        neutralise_constants()
        # Its pytest plug-in would import libcst for that: 0.2 s at every failure, for nothing.
        sys.modules["hypothesis.extra._patching"] = None  # type: ignore[assignment]


def neutralise_constants() -> bool:
    """Keeps Hypothesis from drawing constants out of local source, which a fault or an edit changes.

    Says whether there was anything to keep it from: versions before 6.131 draw none.
    """
    try:
        from hypothesis.internal.conjecture import providers
    except ImportError:
        return False
    if not hasattr(providers, "_get_local_constants"):
        return False
    pool = _empty_pool(providers)
    providers._get_local_constants = lambda: pool
    providers.CONSTANTS_CACHE.cache.clear()
    return True


def _empty_pool(providers: Any) -> Any:
    constants = getattr(providers, "Constants", None)
    if constants is not None:
        return constants()
    return dict.fromkeys(("integer", "float", "string", "bytes"), ())  # 6.131.1 to 6.131.7


def seed_of(seed: int, test: str) -> int:
    """The number that one test's examples are drawn from."""
    digest = hashlib.sha256(f"{seed}:{test}".encode("utf-8", "backslashreplace")).digest()
    return int.from_bytes(digest[:8], "big")


def prepare(item: Any, name: str, seed: int, examples: int) -> None:
    """Sets up one item (the test `name`) just before it runs: its seed, and a property test's settings."""
    if "hypothesis" not in sys.modules:
        return
    core: Any = importlib.import_module("hypothesis.core")
    number = seed_of(seed, name)
    core.global_force_seed = number
    _tame_the_rest()
    if is_property(item):
        for holder, name in _holders(item):
            setattr(holder, name, tamed(getattr(holder, name, None), examples))
            if getattr(holder, "_hypothesis_internal_use_seed", None) is not None:
                holder._hypothesis_internal_use_seed = number


def _holders(item: Any) -> Iterator[tuple[Any, str]]:
    """Where the settings of a property test are: (object, attribute)."""
    function = getattr(item.obj, "__func__", item.obj)
    machine = getattr(function, "_hypothesis_state_machine_class", None)
    if getattr(item, "cls", None) is not None and _is_state_machine(function, item.cls):
        yield item.cls, "settings"
        if getattr(machine, "_hypothesis_internal_use_seed", None) is not None:
            machine._hypothesis_internal_use_seed = None  # type: ignore[union-attr]
        return
    for _ in range(20):  # through the decorators around the property
        if hasattr(function, "_hypothesis_internal_use_settings"):
            yield function, "_hypothesis_internal_use_settings"
        function = getattr(function, "__wrapped__", None)
        if function is None:
            return


def _is_state_machine(function: Any, cls: Any) -> bool:
    return getattr(function, "__name__", "") == "runTest" and hasattr(cls, "settings")


def tamed(settings: Any, examples: int) -> Any:
    """The settings for a verdict that only counts and never clocks, remembers or shrinks."""
    from hypothesis import HealthCheck, Phase
    from hypothesis import settings as Settings

    parent: Any = settings if settings is not None else Settings.default
    largest = parent.max_examples
    if examples > 0 and (largest > examples or largest == _DEFAULT_EXAMPLES):
        largest = examples
    return Settings(
        parent=parent,
        max_examples=largest,
        database=None,
        deadline=None,
        derandomize=False,
        phases=(Phase.explicit, Phase.generate),
        print_blob=False,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )


def _tame_the_rest() -> None:
    """The same for properties that a test defines while it runs: no database, no deadline."""
    from hypothesis import settings as Settings

    default: Any = Settings.default
    if default.database is not None or default.deadline is not None:
        Settings.register_profile("_testbed", tamed(Settings.default, 0))
        Settings.load_profile("_testbed")
