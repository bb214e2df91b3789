"""New names that read like someone chose them and that collide with nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import libcst as cst
import numpy as np

VALUES = ("value", "item", "entry", "element", "candidate")
RESULTS = ("result", "outcome", "answer", "output", "computed")
FLAGS = ("is_valid", "matches", "applies", "is_match", "holds", "accepted", "qualifies")
NUMBERS = ("amount", "total", "quantity", "offset", "size", "count")
TEXTS = ("text", "label", "message", "piece", "fragment")

SYNONYMS = {
    "result": ("outcome", "answer", "output"),
    "results": ("outcomes", "answers", "collected"),
    "res": ("result", "outcome"),
    "ret": ("result", "answer"),
    "value": ("item", "content", "current_value"),
    "values": ("items", "contents", "entries"),
    "i": ("index", "position", "idx"),
    "j": ("other_index", "inner", "column"),
    "k": ("key", "step", "rank"),
    "n": ("count", "length", "number"),
    "x": ("item", "value", "element"),
    "y": ("other", "second", "right"),
    "s": ("text", "string", "source"),
    "c": ("char", "current", "symbol"),
    "key": ("name", "lookup_key", "label"),
    "index": ("position", "offset", "place"),
    "item": ("entry", "element", "member"),
    "items": ("entries", "elements", "members"),
    "data": ("payload", "content", "buffer"),
    "total": ("amount", "running_total", "accumulated"),
    "count": ("tally", "occurrences", "how_many"),
    "name": ("label", "identifier", "title"),
    "text": ("content", "string", "body"),
    "line": ("row", "text_line", "record"),
    "start": ("begin", "first", "lower"),
    "end": ("stop", "last", "upper"),
    "node": ("vertex", "current_node", "element"),
    "size": ("length", "extent", "width"),
    "found": ("match", "located", "hit"),
    "match": ("found", "hit", "matched"),
    "left": ("first", "lhs", "lower"),
    "right": ("second", "rhs", "upper"),
    "parts": ("pieces", "segments", "fragments"),
    "current": ("active", "present", "latest"),
    "token": ("symbol", "lexeme", "word"),
}
BEFORE = ("current", "new", "local", "final", "raw", "given", "next", "this")
AFTER = ("value", "item", "entry", "data", "part")


def singular(stem: str) -> str:
    """A guess at one of what a plural names."""
    if stem.endswith("ies") and len(stem) > 4:
        return stem[:-3] + "y"
    return stem[:-1] if stem.endswith("s") and not stem.endswith("ss") and len(stem) > 3 else stem


def snake(text: str) -> str:
    """The words of a text, in lower case and joined by underscores; "" where there are none."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text)
    joined = "_".join(re.findall(r"[A-Za-z0-9]+", split)).lower()
    return joined.lstrip("0123456789_")


def renamings(name: str) -> tuple[str, ...]:
    """Names that could stand for this one."""
    base = name.strip("_")
    known = SYNONYMS.get(base, ())
    first, _, rest = base.partition("_")
    parts = tuple(f"{word}_{rest}" for word in SYNONYMS.get(first, ()) if rest)
    head, _, last = base.rpartition("_")
    parts += tuple(f"{head}_{word}" for word in SYNONYMS.get(last, ()) if head)
    return (*known, *parts) or extended(base)


def extended(stem: str) -> tuple[str, ...]:
    """Longer names around a stem."""
    if len(stem) < 2:
        return tuple(f"{word}_{tail}" for word in BEFORE for tail in AFTER)
    return tuple(f"{word}_{stem}" for word in BEFORE) + tuple(f"{stem}_{word}" for word in AFTER)


def names_for(node: cst.BaseExpression) -> tuple[str, ...]:
    """Names for the value of an expression, from what it says."""
    if isinstance(node, cst.Comparison | cst.UnaryOperation | cst.BooleanOperation):
        return FLAGS
    if isinstance(node, cst.Call):
        return _for_call(node)
    if isinstance(node, cst.Attribute):
        return (snake(node.attr.value), *extended(snake(node.attr.value)))
    if isinstance(node, cst.Subscript):
        stem = _stem(node.value)
        return (singular(stem), *extended(singular(stem))) if stem else VALUES
    if isinstance(node, cst.BinaryOperation):
        stem = _stem(node.left) or _stem(node.right)
        return (*(extended(stem) if stem else ()), *NUMBERS)
    if isinstance(node, cst.FormattedString | cst.ConcatenatedString):
        return TEXTS
    return RESULTS


def _for_call(node: cst.Call) -> tuple[str, ...]:
    called = _stem(node.func)
    argument = _stem(node.args[0].value) if node.args else ""
    if called == "len" and argument:
        return (f"{argument}_length", f"{argument}_size", f"{singular(argument)}_count")
    for verb in ("get", "make", "build", "parse", "read", "find", "compute", "to", "load", "create", "new"):
        if called.startswith(verb + "_"):
            stem = called[len(verb) + 1 :]
            return (stem, *extended(stem))
    if called.startswith(("is_", "has_", "can_", "starts", "ends", "any", "all")):
        return FLAGS
    if argument and called:
        return (f"{called}_{argument}", f"{argument}_{called}", *extended(argument))
    return (*extended(called), *VALUES) if called else VALUES


def _stem(node: cst.CSTNode) -> str:
    if isinstance(node, cst.Name):
        return snake(node.value)
    if isinstance(node, cst.Attribute):
        return snake(node.attr.value)
    if isinstance(node, cst.Call):
        return _stem(node.func)
    return ""


def choose(stems: Iterable[str], taken: frozenset[str], rng: np.random.Generator) -> str | None:
    """One of the names that is free, the earlier ones likelier; longer ones where none is.

    None where everything is taken.
    """
    wanted = [stem for stem in dict.fromkeys(stems) if stem and stem.isidentifier()]
    free = [stem for stem in wanted if stem not in taken]
    if not free:
        longer = [name for stem in wanted for name in extended_like(stem)]
        free = [name for name in dict.fromkeys(longer) if name not in taken]
    if not free:
        numbered = (f"{stem}_{number}" for stem in wanted for number in range(2, 40))
        free = [name for name in numbered if name not in taken][:1]
    return _drawn(free, rng) if free else None


def extended_like(stem: str) -> tuple[str, ...]:
    """Longer names around a stem, with its leading underscore and its capitals kept."""
    private = "_" if stem.startswith("_") else ""
    base = stem.lstrip("_")
    longer = extended(base.lower())
    return tuple(private + (name.upper() if base.isupper() else name) for name in longer)


def _drawn(free: Sequence[str], rng: np.random.Generator) -> str:
    return free[int(min(rng.integers(len(free)), rng.integers(len(free))))]
