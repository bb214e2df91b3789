"""What kinds of objects there are, and how to look into them: where Python shows all of their state."""

from __future__ import annotations

import functools
import inspect
import itertools
import operator
import re
import types
import typing
import weakref
from typing import NamedTuple

from .contents import CONTENTS, PLAIN, Content, of_signature, of_slots

ATOMS = (
    type(None), bool, int, float, complex, str, bytes, range, slice, type(...), type(NotImplemented),
    types.CodeType, re.Pattern, types.GetSetDescriptorType, types.MemberDescriptorType,
    types.WrapperDescriptorType, types.MethodDescriptorType, types.ClassMethodDescriptorType, typing.TypeVar,
    weakref.ReferenceType,
)  # fmt: skip
FROZEN = (
    property, staticmethod, classmethod, functools.partial, types.MethodType, types.BuiltinFunctionType,
    types.MethodWrapperType, types.MappingProxyType, types.GenericAlias, operator.itemgetter,
    operator.attrgetter, operator.methodcaller,
)  # fmt: skip
ATOMIC = frozenset(
    [
        "datetime.date",
        "datetime.datetime",
        "datetime.time",
        "datetime.timedelta",
        "datetime.timezone",
        "decimal.Decimal",
        "fractions.Fraction",
        "uuid.UUID",
        "types.UnionType",
        "typing.ParamSpec",
        "_abc._abc_data",
        "_collections._tuplegetter",
        "collections._tuplegetter",
        "_struct.Struct",
    ]
)
MOST = 60_000
"""Objects that are looked at; beyond that nothing is comparable."""
NOT_IN_MODULE = frozenset(("__builtins__", "__spec__", "__loader__", "__cached__"))
"""Names of a module behind which nobody looks."""
SHOWN = (itertools.count, itertools.repeat)
"""Their text is their state."""
NEVER_SEEN = frozenset(["logging", "_frozen_importlib", "_frozen_importlib_external"])
OPAQUE = NEVER_SEEN | {"_pytest", "pytest", "pluggy", "hypothesis"}


class NotComparable(Exception):
    """Something reachable keeps a state that cannot be looked at."""


class Shape(NamedTuple):
    """How to look into the objects of one class: contents, each with whether it can change."""

    opaque: bool
    contents: tuple[tuple[Content, bool], ...]


def shape_of(kind: type, opaque: frozenset[str] = OPAQUE) -> Shape:
    """`opaque` are the packages into whose objects nobody looks.

    Raises NotComparable where objects of the class have a state that Python does not show.
    """
    name = f"{kind.__module__}.{kind.__qualname__}"
    if name.partition(".")[0] in opaque or name in ATOMIC or issubclass(kind, weakref.ReferenceType):
        return Shape(True, ())
    if kind is inspect.Signature and opaque is OPAQUE:
        return Shape(True, ((of_signature, True),))
    members = [each for base in kind.__mro__ for each in vars(base).values()]
    slots = sum(type(each) is types.MemberDescriptorType for each in members)
    bases = [base for base in kind.__mro__ if base in CONTENTS or base in PLAIN]
    pointers = slots + sum(at not in (0, -1) for at in (kind.__dictoffset__, kind.__weakrefoffset__))
    if kind.__basicsize__ > max(base.__basicsize__ for base in bases) + 8 * pointers:
        raise NotComparable(f"an object of {name}")
    contents = [(CONTENTS[base], base in (tuple, frozenset)) for base in bases if base in CONTENTS]
    return Shape(False, (*contents, *([(of_slots, False)] if slots else [])))
