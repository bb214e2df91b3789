"""The modifier `refactor`: a few small refactorings and copies in each generation."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from testbed.conditions import ModifierFactor
from testbed.facts import EditFact
from testbed.modifiers.guards import kept_whole
from testbed.modifiers.harvest import Examples
from testbed.modifiers.parts import compiles
from testbed.modifiers.profiles import count, draw, weights
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings import ALL, Edit, Kit, Refactoring, Site
from testbed.modifiers.view import View, unreadable, view_of
from testbed.protocols import Grown, Proposal, Source

TRIES = 200
"""Places tried for one edit before the proposal goes on without it."""

_WATCHED = "has to do with code that reads the variables of others"
_Place = tuple[str, Site]


class RefactorModifier:
    """Proposes a few small edits of the kinds that the factor's profile asks for.

    No edit changes what the code does, whatever set of faults is on. `frozen_names` are identifiers
    that the target's tests hold on to: never renamed, rebound, or cut off from a call.
    """

    name = "refactor"
    version = "2"

    def __init__(
        self,
        factor: ModifierFactor,
        frozen_names: frozenset[str] = frozenset(),
        refactorings: Sequence[Refactoring] = ALL,
        examples: Examples | None = None,
    ) -> None:
        self.factor = factor
        self.frozen_names = frozen_names
        self.examples = examples or {}
        self.refactorings = tuple(refactorings)
        self.weights = weights(factor, self.refactorings)

    def propose(
        self,
        source: Source,
        rng: np.random.Generator,
        offspring: Callable[[int], int],
        most: int | None = None,
    ) -> Proposal:
        """The next generation; with fewer places than edits asked for, as many edits as there are.

        With `most` only so many of the same edits are made.
        """
        round_ = _Round(dict(source), self.frozen_names, self.examples, rng, offspring)
        for _ in range(count(self.factor, rng)):
            if len(round_.edits) == most or not round_.edit(self.refactorings, self.weights):
                break
        refused = {name: round_.refused[name] for name in sorted(round_.refused)}
        return Proposal(round_.files, tuple(round_.edits), refused, round_.skipped, tuple(round_.grown))


class _Round:
    """One proposal in the making."""

    def __init__(
        self,
        files: dict[str, str],
        frozen: frozenset[str],
        examples: Examples,
        rng: np.random.Generator,
        offspring: Callable[[int], int],
    ) -> None:
        self.files = files
        self.frozen = frozen
        self.examples = examples
        self.rng = rng
        self.offspring = offspring
        self.edits: list[EditFact] = []
        self.grown: list[Grown] = []
        self.refused: Counter[str] = Counter()
        self.skipped: dict[str, str] = {}
        project = Project(files)
        for path in sorted(files):
            reason = unreadable(files[path]) or (_WATCHED if project.read(path) else "")
            if reason:
                self.skipped[path] = reason

    def edit(self, refactorings: Sequence[Refactoring], weights: Sequence[float]) -> bool:
        """Makes one edit, if a place for one can be found."""
        project = Project(self.files, self.frozen, self.examples)
        left = list(zip(refactorings, weights, strict=True))
        tries = 0
        while left and tries < TRIES:
            refactoring, _weight = left.pop(draw([weight for _one, weight in left], self.rng))
            places = self._places(refactoring, project)
            while places and tries < TRIES:
                tries += 1
                path, site = places.pop(int(self.rng.integers(len(places))))
                if self._make(refactoring, path, site, project):
                    return True
                self.refused[refactoring.name] += 1
        return False

    def _places(self, refactoring: Refactoring, project: Project) -> list[_Place]:
        readable = [path for path in sorted(self.files) if path not in self.skipped]
        return [
            (path, s) for path in readable for s in places(refactoring, view_of(self.files[path]), project)
        ]

    def _make(self, refactoring: Refactoring, path: str, site: Site, project: Project) -> bool:
        view = view_of(self.files[path])
        edit = refactoring.apply(view, site, Kit(project, self.rng, path))
        new = None if edit is None else checked(self.files, path, edit, refactoring.renames)
        if edit is None or new is None:
            return False
        self.files.update(self._numbered(new, edit))
        self.grown.extend(edit.grown)
        self.edits.append(EditFact(refactoring.name, path, view.where(site.node)))
        return True

    def _numbered(self, texts: dict[str, str], edit: Edit) -> dict[str, str]:
        """The texts with the numbers that the offspring really get."""
        for provisional, parent in edit.copies.items():
            number = self.offspring(parent)
            guard = rf"(__fault__\(\s*){provisional}\b"
            texts = {path: re.sub(guard, rf"\g<1>{number}", text) for path, text in texts.items()}
        return texts


def places(refactoring: Refactoring, view: View, project: Project) -> Sequence[Site]:
    """The refactoring's sites in a module: found once for as long as the project answers the same."""
    answers, sites = view.memo.get(refactoring, (None, ()))
    if answers is None or not project.holds(answers):
        with project.noted() as answers:
            sites = tuple(refactoring.sites(view, project))
        view.memo[refactoring] = (answers, sites)
    found: Sequence[Site] = sites
    return found


def checked(files: Mapping[str, str], path: str, edit: Edit, renames: bool = False) -> dict[str, str] | None:
    """The files that an edit of `path` changes; None unless they compile and every guard is kept whole."""
    new = {path: view_of(files[path]).code(edit.module)}
    for other, module in sorted(edit.others.items()):
        new[other] = view_of(files[other]).code(module) if other in files else module.code
    new = {name: text for name, text in new.items() if files.get(name) != text}
    old = [files[name] for name in new if name in files]
    if not new or not all(map(compiles, new.values())):
        return None
    return new if kept_whole(old, list(new.values()), edit.copies, renames) else None
