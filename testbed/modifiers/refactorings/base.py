"""What a refactoring is, and what it is given to work with."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import libcst as cst
import numpy as np

from testbed.modifiers.naming import choose
from testbed.modifiers.project import Project
from testbed.modifiers.view import View, unreadable, view_of
from testbed.protocols import Grown

Example = tuple[str, str | None]
"""A module before and after; None where the refactoring must refuse. Several files have a line
`#: path` above each."""


@dataclass(frozen=True, slots=True)
class Site:
    """A place where a refactoring may apply: the node it concerns, and what else it wants to remember."""

    node: cst.CSTNode
    data: Any = None


@dataclass
class Edit:
    """A refactored module, and `others` that change with it or are new, by path.

    `copies` maps the provisional guard numbers in a copy to their parents.
    """

    module: cst.Module
    copies: dict[int, int] = field(default_factory=dict)
    others: dict[str, cst.Module] = field(default_factory=dict)
    grown: tuple[Grown, ...] = ()


@dataclass(frozen=True)
class Kit:
    """The project around the module at `path`, the lineage's generator, and names to choose from."""

    project: Project
    rng: np.random.Generator
    path: str = "m.py"

    def view(self, path: str) -> View | None:
        """Another file; None where it cannot be worked on."""
        text = self.project.files().get(path)
        return None if text is None or unreadable(text) else view_of(text)

    def local(self, view: View, stems: Sequence[str]) -> str | None:
        """A name for a new variable, that occurs nowhere in the file. None where all are taken."""
        return choose(stems, self.project.taken(view), self.rng)

    def private(self, view: View, stems: Sequence[str]) -> str | None:
        """A name for a new function, method or constant, that occurs in no file."""
        wanted = [stem for stem in stems if not self.project.looked_up(stem)]
        name = choose(wanted, self.project.taken_anywhere(view), self.rng)
        return None if name is None or self.project.looked_up(name) else name


class Refactoring(ABC):
    """One refactoring. It changes no behaviour with any set of faults on; in doubt it refuses.

    `group` is the kind of work, of which a profile gives each a share of the edits. `examples` run as
    tests. `renames` says that identifiers inside guards may change, `copies` that the edit is a copy of
    code, which can give faults offspring.
    """

    name: ClassVar[str]
    group: ClassVar[str] = "style"
    contract: ClassVar[str]
    examples: ClassVar[tuple[Example, ...]]
    renames: ClassVar[bool] = False
    copies: ClassVar[bool] = False

    @abstractmethod
    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """The places to try, in the order of the file."""

    @abstractmethod
    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """The refactored module; None refuses the place."""
