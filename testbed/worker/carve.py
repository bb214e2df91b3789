"""Records calls of the package's public functions while its unit tests run."""

from __future__ import annotations

import functools
import json
import sys
import types
from collections.abc import Iterable
from typing import Any

from .plain import NotPlain, Packer, address_of

_MOST_CALLS = 6  # new ones of one function in one test
_MOST_LOOKS = 300  # calls of one function looked at in one test
_LONGEST = 2_000
_VARARGS, _VARKEYWORDS = 0x04, 0x08
_CACHED = type(functools.lru_cache(maxsize=1)(len))  # calls that the cache answers are not seen


def public_functions(root: str, modules: Iterable[str]) -> dict[types.CodeType, str]:
    """Code -> `module:name` of every public module-level function of these modules."""
    found: dict[types.CodeType, str] = {}
    for name in modules:
        module = sys.modules.get(name)
        if module is None or any(part.startswith("_") or part == "tests" for part in name.split(".")):
            continue
        for attribute, value in sorted(vars(module).items()):
            value = getattr(value, "__wrapped__", value) if isinstance(value, _CACHED) else value
            if not isinstance(value, types.FunctionType) or attribute.startswith("_"):
                continue
            code = value.__code__
            if value.__module__ == name and code.co_name == attribute and code.co_filename.startswith(root):
                found[code] = f"{name}:{attribute}"
    return found


class Carver:
    """Records calls with plain arguments, from entering to leaving it."""

    def __init__(self, root: str, modules: Iterable[str]) -> None:
        self._root = root
        self._functions = public_functions(root, modules)
        self._first: dict[types.CodeType, int] = {}
        self._looks: dict[types.CodeType, int] = {}
        self._calls: dict[str, dict[str, None]] = {}
        self._seen: dict[str, set[str]] = {}

    def __enter__(self) -> None:
        self._looks, self._calls = {}, {}
        sys.setprofile(self._profile)

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)

    def calls(self) -> list[list[str]]:
        """The new calls of the test before, as [function, (args, kwargs) as JSON]."""
        return [[address, call] for address, calls in self._calls.items() for call in calls]

    def _profile(self, frame: types.FrameType, event: str, _: Any) -> None:
        if event != "call":
            return
        code = frame.f_code
        address = self._functions.get(code)
        if address is None or self._first.setdefault(code, frame.f_lasti) != frame.f_lasti:
            return  # not ours, or a generator that goes on
        looks = self._looks[code] = self._looks.get(code, 0) + 1
        calls = self._calls.setdefault(address, {})
        if looks <= _MOST_LOOKS and len(calls) < _MOST_CALLS:
            self._record(address, calls, frame)

    def _record(self, address: str, calls: dict[str, None], frame: types.FrameType) -> None:
        try:
            text = json.dumps(Packer(self._importable).pack(list(_arguments(frame))), separators=(",", ":"))
        except (NotPlain, RecursionError):
            return
        seen = self._seen.setdefault(address, set())
        if len(text) <= _LONGEST and text not in seen:
            seen.add(text)
            calls[text] = None

    def _importable(self, value: Any) -> str | None:
        address = address_of(value, self._is_local)
        if address is None:
            return None
        module, _, name = address.partition(":")
        return address if getattr(sys.modules.get(module), name, None) is value else None

    def _is_local(self, module: str) -> bool:
        place = getattr(sys.modules.get(module), "__file__", None)
        return isinstance(place, str) and place.startswith(self._root)


def _arguments(frame: types.FrameType) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """(args, kwargs) with which a function that is about to start was called."""
    code, values = frame.f_code, frame.f_locals
    names = code.co_varnames
    positional, keyword = code.co_argcount, code.co_argcount + code.co_kwonlyargcount
    args = tuple(values[name] for name in names[:positional])
    kwargs = {name: values[name] for name in names[positional:keyword]}
    following = keyword
    if code.co_flags & _VARARGS:
        args += values[names[following]]
        following += 1
    if code.co_flags & _VARKEYWORDS:
        kwargs.update(values[names[following]])
    return args, kwargs
