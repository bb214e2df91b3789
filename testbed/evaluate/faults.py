"""The faults to evaluate: every place of every operator, or unified diffs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from injectors.operator import Operator
from injectors.source import SourceView
from testbed import seeds
from testbed.schema import NotPlaceable, TextEdit


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault as an edit of one file. `number` is unique among those evaluated together.

    `others` are further files that it changes, as they are with it. `sites` are all edits of a fault of
    several places, by file: `edit` then covers those of its own file. Without them a fault of several files
    has no guard.
    """

    number: int
    operator: str
    family: str
    path: str
    where: str
    line: int
    edit: TextEdit
    others: tuple[tuple[str, str], ...] = ()
    sites: tuple[tuple[str, tuple[TextEdit, ...]], ...] = ()


def every(source: Mapping[str, str], operators: Sequence[Operator]) -> list[Fault]:
    """Every fault that the operators can make, in order of place; two equal edits are one fault."""
    found: list[Fault] = []
    for path, text in sorted(source.items()):
        seen: set[tuple[TextEdit, ...]] = set()
        for operator, where, line, edits in _in_file(path, text, operators):
            if edits not in seen:
                seen.add(edits)
                number, edit = len(found) + 1, _covering(text, edits)
                made = Fault(number, operator.name, operator.family, path, where, line, edit)
                found += _whole(made, operator, source, edits)
    return found


def _in_file(
    path: str, text: str, operators: Sequence[Operator]
) -> Iterator[tuple[Operator, str, int, tuple[TextEdit, ...]]]:
    view = SourceView(path, text)
    for node in view.nodes:
        for operator in operators:
            for edits in operator.places(view, node):
                line = view.source.data.count(b"\n", 0, edits[0].start) + 1
                yield operator, view.where(node), line, edits


def _covering(text: str, edits: Sequence[TextEdit]) -> TextEdit:
    """One edit that does what all of them do."""
    if len(edits) == 1:
        return edits[0]
    start, end = min(edit.start for edit in edits), max(edit.end for edit in edits)
    return TextEdit(start, end, _edited(text, edits).encode()[start : end + _growth(edits)].decode())


def _growth(edits: Sequence[TextEdit]) -> int:
    return sum(len(edit.new.encode()) - (edit.end - edit.start) for edit in edits)


def _edited(text: str, edits: Sequence[TextEdit]) -> str:
    data = text.encode()
    for edit in sorted(edits, key=lambda edit: -edit.start):
        data = data[: edit.start] + edit.new.encode() + data[edit.end :]
    return data.decode()


def _whole(
    fault: Fault, operator: Operator, source: Mapping[str, str], edits: tuple[TextEdit, ...]
) -> Iterator[Fault]:
    """The fault with all its places; none where a further file has lost them."""
    try:
        further = operator.elsewhere(source)
    except NotPlaceable:
        return
    if len(edits) > 1 or further:
        others = tuple((path, _edited(source[path], inside)) for path, inside in further.items())
        fault = replace(fault, others=others, sites=((fault.path, edits), *further.items()))
    yield fault


def sample(faults: Sequence[Fault], size: int, seed: int) -> list[Fault]:
    """`size` of the faults, each as likely as any other, in their order."""
    if size >= len(faults):
        return list(faults)
    chosen = seeds.stream(seed, "evaluate").choice(len(faults), size=size, replace=False)
    return [faults[place] for place in sorted(chosen)]
