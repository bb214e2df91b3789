"""What a fault operator is: a small class that says where it applies and which edits it makes."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from injectors.salience import salience
from injectors.source import SourceView
from testbed.protocols import Salience, Source
from testbed.schema import TextEdit

DURAES = "Duraes & Madeira, TSE 2006 (figure from memory, not checked against the paper)"
TSSB = "TSSB-3M, Richter & Wehrheim 2022 (share of pattern hits)"
TAMBON = "Tambon et al., bugs in machine-written code (491 labels, share of labels)"
NO_FIGURE = "no published figure"
DEFAULT_WEIGHT = 1.0
"""Weight, in percent, of an operator without a published frequency."""


@dataclass(frozen=True, slots=True)
class Example:
    """A minimal program before and after."""

    before: str
    after: str


class Operator:
    """Base of all fault operators. `weight` is a field frequency in percent, `reference` its source."""

    name: ClassVar[str] = ""
    family: ClassVar[str] = ""
    contract: ClassVar[str] = ""
    weight: ClassVar[float] = DEFAULT_WEIGHT
    reference: ClassVar[str] = NO_FIGURE
    examples: ClassVar[tuple[Example, ...]] = ()

    @property
    def salience(self) -> Salience:
        """How visible its faults are in a diff: the mean of its examples, rounded."""
        each = [salience(example.before, example.after) for example in self.examples]
        count = max(len(each), 1)
        return Salience(
            round(sum(one.lines for one in each) / count), round(sum(one.tokens for one in each) / count)
        )

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """The edits that this operator can make at `node`; each is one fault."""
        raise NotImplementedError

    def places(self, view: SourceView, node: ast.AST) -> Iterator[tuple[TextEdit, ...]]:
        """The faults that this operator can make at `node`: the edits of each one's sites, one for most."""
        for edit in self.rewrites(view, node):
            yield (edit,)

    def elsewhere(self, source: Source) -> Mapping[str, tuple[TextEdit, ...]]:
        """What a fault of this operator changes in further files; nothing for most. Raises NotPlaceable."""
        return {}


def problems(operator: Operator) -> list[str]:
    """All that is wrong with an operator, for the one who wrote it."""
    found = [f"no {field}" for field in ("name", "family", "contract") if not getattr(operator, field, "")]
    if not operator.weight > 0:
        found.append(f"weight {operator.weight} is not positive")
    if not operator.examples:
        found.append("no example")
    found.extend(
        f"example {example.before!r} does not give {example.after!r}"
        for example in operator.examples
        if example.after not in applied(operator, example.before)
    )
    return found


def applied(operator: Operator, text: str) -> list[str]:
    """Every program that the operator makes of a text."""
    view = SourceView("example.py", text)
    return [edited(text, edit) for node in view.nodes for edit in operator.rewrites(view, node)]


def edited(text: str, edit: TextEdit) -> str:
    """The text with an edit."""
    data = text.encode()
    return (data[: edit.start] + edit.new.encode() + data[edit.end :]).decode()
