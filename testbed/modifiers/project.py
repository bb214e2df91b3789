"""What refactorings ask about all files of a generation together, and which answers a finding rests on."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property, lru_cache
from typing import Any, Concatenate, ParamSpec, TypeVar

import libcst as cst

from testbed.modifiers.graph import cyclic, reached
from testbed.modifiers.harvest import Examples
from testbed.modifiers.imports import imports
from testbed.modifiers.view import View, view_of, words

READING = frozenset(["f_locals", "f_code", "f_lineno", "settrace", "setprofile"])
"""Words that let one function read the variables and lines of another. Files that have to do with one that
has such a word are left alone."""

PEEPING = READING | {"_getframe", "currentframe", "f_back", "getouterframes"}
"""Words that let one function know which others called it. Files that have to do with one that has such a
word get no more functions."""

MEMBERS = frozenset(["vars", "dir", "__dict__", "getmembers", "__subclasses__"])
"""Names that let a class be listed: with one in the project, no class gets a method."""

ENDING = frozenset(["open", "popen", "Popen", "connect", "socket", "TemporaryFile", "NamedTemporaryFile"])
"""Calls that give something whose end can be seen."""

_ONCE = ("__init__", "__enter__", "__exit__", "__post_init__")
_EXPORTS = re.compile(r"^__all__\s*\+?=\s*[\[(][^\])]*[\])]", re.MULTILINE)
_RESERVED = frozenset([*dir(builtins), *keyword.kwlist, *keyword.softkwlist])

Answers = dict[tuple[str, tuple[Any, ...]], Any]
"""(question, arguments) -> what a project answered."""

_P = ParamSpec("_P")
_A = TypeVar("_A")


def _question(
    method: Callable[Concatenate[Project, _P], _A],
) -> Callable[Concatenate[Project, _P], _A]:
    """A method whose answers are noted while someone listens."""

    def asked(self: Project, /, *args: _P.args, **kwargs: _P.kwargs) -> _A:
        answer = method(self, *args, **kwargs)
        for listener in self._listeners:
            listener[method.__name__, args] = answer
        return answer

    asked.__name__, asked.__doc__ = method.__name__, method.__doc__
    return asked


class Project:
    """All files of a generation, and the names that the tests hold on to.

    What depends on a project asks it with these methods alone, so that a finding stays true as long
    as the answers do (`holds`).
    """

    def __init__(
        self,
        files: Mapping[str, str],
        frozen_names: frozenset[str] = frozenset(),
        examples: Examples | None = None,
    ) -> None:
        self._files = dict(sorted(files.items()))
        self._frozen = frozen_names
        self._examples = examples or {}
        self._listeners: list[Answers] = []

    @contextmanager
    def noted(self) -> Iterator[Answers]:
        """Notes what is asked meanwhile, with the answers."""
        answers: Answers = {}
        self._listeners.append(answers)
        try:
            yield answers
        finally:
            self._listeners = [one for one in self._listeners if one is not answers]

    def holds(self, answers: Answers) -> bool:
        """Whether this project gives these answers too."""
        return all(getattr(self, name)(*args) == answer for (name, args), answer in answers.items())

    @_question
    def files(self) -> Mapping[str, str]:
        """Path -> text."""
        return self._files

    @_question
    def frozen(self, name: str) -> bool:
        """Whether the tests hold on to the name."""
        return name in self._frozen

    @_question
    def examples(self, name: str) -> tuple[str, ...]:
        """Arguments with which the tests call functions of this name, each a Python tuple of literals."""
        return self._examples.get(name, ())

    @_question
    def knows(self, name: str) -> bool:
        """Whether the word occurs in any file, in strings and comments too."""
        return name in self._names

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset().union(*(words(text) for text in self._files.values()))

    def taken(self, view: View) -> frozenset[str]:
        """Names that a new local must not have. No question: for making an edit, not for finding places."""
        return words(view.text) | _RESERVED | self._frozen

    def taken_anywhere(self, view: View) -> frozenset[str]:
        """Names that a new function, method or constant must not have."""
        return self.taken(view) | self._names

    @_question
    def lists_members(self) -> bool:
        """Whether some code may list the members of a class."""
        return bool(self._names & MEMBERS)

    @cached_property
    def _fragments(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Beginnings and ends of names that code may put together to look an attribute up."""
        if "getattr" not in self._names:
            return (), ()
        pieces = sorted(self._names)
        return tuple(p for p in pieces if p.endswith("_") and p.strip("_")), tuple(
            p for p in pieces if p.startswith("_") and p.strip("_") and not p.startswith("__")
        )

    @_question
    def looked_up(self, name: str) -> bool:
        """Whether code that puts names together could hit on this new one."""
        starts, ends = self._fragments
        return name.startswith(starts) or name.endswith(ends)

    @_question
    def composable(self, name: str) -> bool:
        """Whether code that puts names together could come to this one."""
        starts, ends = self._fragments
        return any(name.startswith(p) for p in starts if p != name) or any(
            name.endswith(p) for p in ends if p != name
        )

    @_question
    def elsewhere(self, name: str, text: str) -> bool:
        """Whether the word occurs in a file with another text."""
        return any(name in words(other) for other in self._files.values() if other != text)

    @cached_property
    def _read(self) -> frozenset[str]:
        return self._watched(READING)

    @cached_property
    def _peeped(self) -> frozenset[str]:
        return frozenset(self._files[path] for path in self._watched(PEEPING))

    def _watched(self, watching: frozenset[str]) -> frozenset[str]:
        """Files with such words, those that come to import one, and those that one comes to import."""
        having = {path for path, text in self._files.items() if words(text) & watching}
        if not having:
            return frozenset()
        ahead = imports(self._files)
        behind: dict[str, set[str]] = {}
        for path, others in ahead.items():
            for other in others:
                behind.setdefault(other, set()).add(path)
        return frozenset(having | reached(having, ahead) | reached(having, behind))

    @_question
    def read(self, path: str) -> bool:
        """Whether code may read the variables or lines of functions in this file."""
        return path in self._read

    @_question
    def peeped(self, text: str) -> bool:
        """Whether code may look at the frames of functions in a file with this text."""
        return text in self._peeped

    @cached_property
    def _views(self) -> list[View]:
        """The files that can be parsed."""
        found = []
        for text in self._files.values():
            with suppress(cst.ParserSyntaxError, RecursionError):
                found.append(view_of(text))
        return found

    @cached_property
    def _recursive(self) -> frozenset[str]:
        """Functions and classes, by their bare names, that may come back to themselves."""
        mentioned: dict[str, set[str]] = {}
        for view in self._views:
            for name, inside in view.mentioned.items():
                mentioned.setdefault(name, set()).update(inside)
        return cyclic(mentioned)

    @_question
    def recursive(self, name: str) -> bool:
        """Whether a function of this name may call itself, on whatever way through the project: one frame
        more for each turn could then reach the recursion limit. Calls by operators are not seen, so
        special methods count as recursive."""
        return name in self._recursive or (name.startswith("__") and name not in _ONCE)

    @cached_property
    def _closing(self) -> frozenset[str]:
        return ENDING.union(*(view.closing for view in self._views))

    @_question
    def closes(self, name: str) -> bool:
        """Whether a call of this name may give something that does more when it ends: a file, a generator
        that cleans up, an object of a class with a `__del__`."""
        return name in self._closing

    @_question
    def mentions(self, name: str, pattern: str) -> bool:
        """Whether the regular expression, which needs the name, matches in some file, lists called
        `__all__` left out."""
        return any(_found(text, pattern) for text in self._files.values() if name in words(text))

    @_question
    def defined(self, name: str) -> int:
        """How many functions and methods have this name."""
        return sum(text.count(f"def {name}(") for text in self._files.values() if name in words(text))


@lru_cache(maxsize=4096)
def _found(text: str, pattern: str) -> bool:
    return re.search(pattern, _without_exports(text)) is not None


@lru_cache(maxsize=512)
def _without_exports(text: str) -> str:
    return _EXPORTS.sub("", text)
