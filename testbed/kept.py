"""Answers kept by text, as many as the length of their texts allows: a tree is as large as its text."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

_P = ParamSpec("_P")
_A = TypeVar("_A")
_MISSING: Any = object()


def kept(
    characters: int,
) -> Callable[[Callable[Concatenate[str, _P], _A]], Callable[Concatenate[str, _P], _A]]:
    """Keeps the latest answers whose texts, the first argument, have at most so many characters together.

    Unlike `functools.lru_cache` this bounds memory whatever the files' size. Exceptions are not kept.
    The other arguments are hashed and given by position.
    """

    def around(function: Callable[Concatenate[str, _P], _A]) -> Callable[Concatenate[str, _P], _A]:
        answers: OrderedDict[tuple[object, ...], _A] = OrderedDict()
        held = 0

        @wraps(function)
        def asked(text: str, /, *args: _P.args, **kwargs: _P.kwargs) -> _A:
            nonlocal held
            key = (text, *args)
            answer = answers.get(key, _MISSING)
            if answer is not _MISSING:
                answers.move_to_end(key)
                return answer  # type: ignore[no-any-return]
            answer = function(text, *args, **kwargs)
            if key not in answers:  # the function may have asked for it itself
                answers[key] = answer
                held += len(text)
            while held > characters and len(answers) > 1:
                oldest, _ = answers.popitem(last=False)
                held -= len(str(oldest[0]))
            return answer

        return asked

    return around
