"""What a loaded program consists of, part by part and by name, so that two processes can be compared.

Everything mutable that the target and its tests can reach has a place: the module and the names that lead
to it. What a place holds is described without addresses, objects by the place where they were met first, so
that two processes that loaded the same have equal portraits, whatever lies where in their memory.
"""

from __future__ import annotations

import functools
import gc
import inspect
import random
import re
import sys
import threading
import types
import typing
import weakref
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .contents import CONTENTS, named_slots
from .gate import is_standard, modules_of
from .guards import NAME
from .processes import described
from .shapes import (
    ATOMIC,
    FROZEN,
    MOST,
    NEVER_SEEN,
    NOT_IN_MODULE,
    OPAQUE,
    SHOWN,
    NotComparable,
    Shape,
    shape_of,
)

SEP = "\x1f"
"""Between the steps of a place; no step has it, since names have none and `repr` escapes it."""

PROCESS = "the process"
_BY_TEXT = (
    type(None), bool, int, float, complex, str, bytes, range, slice, type(...), type(NotImplemented),
)  # fmt: skip
_BY_NAME = (
    types.GetSetDescriptorType, types.MemberDescriptorType, types.WrapperDescriptorType,
    types.MethodDescriptorType, types.ClassMethodDescriptorType,
)  # fmt: skip
_NOT_IN_CLASS = frozenset(("__dict__", "__weakref__", "_abc_impl"))
_OWN_ACCESS = ("__getattribute__", "__delattr__")

Parts = Iterable["tuple[str, Any]"]


class Portrait:
    """A loaded program's places. Raises NotComparable.

    `cells` is what each holds, as a number; `shared` are the places of objects to which more than one of
    them leads; `watchable` those of objects that are read by attribute only; `functions` where the code of
    each function stands; `objects` what is there.
    """

    def __init__(self, modules: Iterable[types.ModuleType], others: Mapping[str, Any]) -> None:
        self.cells: dict[str, int] = {}
        self.shared: set[str] = set()
        self.watchable: set[str] = set()
        self.functions: dict[str, list[Any]] = {}
        self.objects: dict[str, Any] = {}
        self._places: dict[int, str] = {}
        self._shapes: dict[type, tuple[Shape, bool]] = {}
        self._waiting: deque[str] = deque()
        own = sorted(modules, key=lambda module: module.__name__)
        self._own = {module.__name__ for module in own}
        for module in own:
            self._enter(module.__name__, module)
        for name, value in others.items():
            self._enter(f"the tests{SEP}{name}", value)
        while self._waiting:
            place = self._waiting.popleft()
            try:
                self._look_at(place, self.objects[place])
            except NotComparable as found:
                raise NotComparable(f"{found} at {place.replace(SEP, '.')}") from None
            if len(self.objects) > MOST:
                raise NotComparable("too much is reachable")
        self.cells[PROCESS] = hash(described())
        for name in sorted(self._imported(own)):
            names = vars(sys.modules[name])
            self.cells[f"{PROCESS}{SEP}{name}"] = hash(tuple(_outline(names)))

    def _imported(self, own: Iterable[types.ModuleType]) -> set[str]:
        held = [value for module in own for value in vars(module).values()]
        names = {each.__name__ for each in held if type(each) is types.ModuleType} | {"builtins", "sys"}
        known = {name for name in names if is_standard(name) and name in sys.modules}
        return known - self._own

    def _enter(self, place: str, value: Any) -> None:
        self._places[id(value)] = place
        self.objects[place] = value
        self._waiting.append(place)

    def _look_at(self, place: str, value: Any) -> None:
        head, parts = self._parts(place, value)
        self.cells[place + SEP] = hash(head)
        for step, part in parts:
            cell = f"{place}{SEP}{step}"
            self.cells[cell] = hash(self._text(part, cell))

    def _text(self, value: Any, cell: str) -> str:
        """What a cell holds."""
        kind = type(value)
        if kind in _BY_TEXT:
            return f"{kind.__name__} {value!r}"
        if kind is tuple and all(type(each) in _BY_TEXT for each in value):
            return f"tuple {[self._text(each, cell) for each in value]}"
        if kind is types.CodeType:
            return f"code {_code(value)}"
        if kind is re.Pattern:
            return f"pattern {value.pattern!r} {value.flags}"
        if kind in _BY_NAME:
            return f"{kind.__name__} {value.__objclass__.__qualname__} {value.__name__}"
        if isinstance(value, types.ModuleType) and value.__name__ not in self._own:
            return f"module {value.__name__}"
        if isinstance(value, type) and value.__module__ not in self._own:
            return f"class {value.__module__} {value.__qualname__}"
        place = self._places.get(id(value))
        if place is None:
            self._enter(cell, value)
        else:
            self.shared.add(place)
        return f"at {place or cell}"

    def _parts(self, place: str, value: Any) -> tuple[str, Parts]:
        """What an object is, and what it holds."""
        kind = type(value)
        if isinstance(value, types.ModuleType):
            return "module", [(name, each) for name, each in vars(value).items() if name not in NOT_IN_MODULE]
        if isinstance(value, type):
            return self._of_class(value)
        if kind is types.FunctionType:
            return self._of_function(place, value)
        if isinstance(value, FROZEN):
            name = getattr(value, "__name__", "") if kind in _NAMED else ""
            return f"{_name(kind)} {name}", _numbered(gc.get_referents(value))
        if kind is types.CellType:
            return "cell", _numbered(_in_cell(value))
        if isinstance(value, weakref.ReferenceType):
            return f"reference {_name(kind)}", [("refers to", value())]
        if kind is functools._lru_cache_wrapper:
            own = value.__module__ in self._own
            if own and value.cache_info().currsize:
                raise NotComparable(f"the cache of {value.__qualname__}")
            return f"cache {value.cache_info() if own else ''}", [
                ("wrapped", value.__wrapped__),
                *_items(value.__dict__),
            ]
        if kind is random.Random:
            return f"random {hash(value.getstate())}", _items(value.__dict__)
        if kind is random.SystemRandom:  # it has no state
            return "random", _items(value.__dict__)
        if kind is threading.local:
            return _name(kind), _items(value.__dict__)
        if kind.__module__ == "_thread":
            locked = value.locked() if hasattr(value, "locked") else repr(value).partition(" at ")[0]
            return f"{_name(kind)} {locked}", ()
        if kind in SHOWN:
            return repr(value), ()
        if kind is typing.TypeVar or _name(kind) in ATOMIC:
            return f"{_name(kind)} {_atom(value)}", ()
        return self._of_instance(place, value, kind)

    def _of_class(self, value: type) -> tuple[str, Parts]:
        registered = ""
        if "_abc_impl" in vars(value):
            from _abc import _get_dump  # type: ignore[import-not-found]

            registered = str(sorted(_name(each()) for each in _get_dump(value)[0] if each() is not None))
        names = [(name, each) for name, each in vars(value).items() if name not in _NOT_IN_CLASS]
        head = f"class {_name(value)} {registered} {[name for name, _ in names]}"
        bases = [(f"base {at}", base) for at, base in enumerate(value.__bases__)]
        return head, [*names, *bases, ("its class", type(value))]

    def _of_function(self, place: str, function: Any) -> tuple[str, Parts]:
        code = function.__code__
        self.functions[place] = [code.co_filename, code.co_firstlineno, code.co_name]
        home = function.__globals__.get("__name__")
        names = (function.__module__, function.__name__, function.__qualname__, function.__doc__, home)
        return f"function {names} {_code(code)}", [
            ("__defaults__", function.__defaults__),
            ("__kwdefaults__", function.__kwdefaults__),
            ("__annotations__", function.__annotations__),
            *_items(function.__dict__),
            *((f"cell {at}", each) for at, each in enumerate(function.__closure__ or ())),
        ]

    def _of_instance(self, place: str, value: Any, kind: type) -> tuple[str, Parts]:
        if kind not in self._shapes:
            opaque = OPAQUE if _is_of_pytest(kind) else NEVER_SEEN
            self._shapes[kind] = (shape_of(kind, opaque), _is_read_by_attribute(kind))
        shape, watchable = self._shapes[kind]
        head = f"{_name(kind)} {_value(value)}"
        parts: list[tuple[str, Any]] = [("its class", kind)]
        if shape.opaque or _is_of_pytest(kind):
            return f"{head} {getattr(value, 'name', '')}", parts
        if watchable:
            self.watchable.add(place)
            parts += named_slots(value)
        else:
            for number, (content, _frozen) in enumerate(shape.contents):
                parts += _numbered(content(value), f"{number} ")
            parts += [("made by", getattr(value, "default_factory", None))] if _is_dict(value) else []
        own = getattr(value, "__dict__", None)
        if type(own) is dict:
            parts += [("__dict__", tuple(map(str, own))), *_items(own)]
        return head, parts


def _is_of_pytest(kind: type) -> bool:
    """Whether it is a part of pytest that keeps nothing of what a test file gives it."""
    own = kind.__module__.startswith(("_pytest.", "pluggy."))
    return own and kind.__qualname__ not in _HOLDING


_HOLDING = (
    "Mark", "MarkDecorator", "ParameterSet", "FixtureFunctionMarker", "FixtureFunctionDefinition",
)  # fmt: skip


def portrait_of(program: Any) -> Portrait:
    """The state of a loaded program. Raises NotComparable."""
    tests: dict[str, Any] = {"names": list(program.items)}
    for name, item in program.items.items():
        parameters = getattr(getattr(item, "callspec", None), "params", None)
        if parameters:
            tests[repr(name)] = parameters
    return Portrait(modules_of(program.root), tests)


def _is_read_by_attribute(kind: type) -> bool:
    """Whether nothing reads an object of this class but by its attributes, one by one."""
    bases = kind.__mro__[:-1]
    plain = all(type(vars(base).get("__module__")) is str and base.__flags__ & _HEAP for base in bases)
    own = any(name in vars(base) for base in bases for name in _OWN_ACCESS)
    own = own or any(_names_access(code) for base in bases for code in _codes(base))
    return (
        bool(bases) and plain and not own and not any(base in CONTENTS or base in _VALUES for base in bases)
    )


def _codes(kind: type) -> Iterator[types.CodeType]:
    """What the functions of a class execute."""
    for value in vars(kind).values():
        held = [getattr(value, name, None) for name in ("fget", "fset", "fdel", "func", "__func__")]
        for each in (value, *held):
            code = getattr(inspect.unwrap(each), "__code__", None) if callable(each) else None
            if isinstance(code, types.CodeType):
                yield code


def _names_access(code: types.CodeType) -> bool:
    """Whether it goes past the class for an attribute."""
    inner = [each for each in code.co_consts if isinstance(each, types.CodeType)]
    return "__getattribute__" in code.co_names or any(map(_names_access, inner))


_HEAP = 1 << 9  # a class that a program made
_VALUES = (int, str, bytes, float, complex)
_NAMED = (types.BuiltinFunctionType, types.MethodWrapperType)


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _atom(value: Any) -> str:
    name = _name(type(value))
    if name == "_abc._abc_data":
        return ""
    if name.endswith("_tuplegetter"):
        return str(value.__reduce__()[1])
    return str(value.format) if name == "_struct.Struct" else repr(value)


def _value(value: Any) -> str:
    """What a value that is a number or a text is, whatever its class makes of it."""
    for base in _VALUES:
        if isinstance(value, base):
            return str(base.__repr__(value))
    return str(value.maxlen) if isinstance(value, deque) else ""


def _is_dict(value: Any) -> bool:
    return isinstance(value, dict) and type(value) is not dict


def _items(names: Mapping[Any, Any]) -> list[tuple[str, Any]]:
    if any(type(name) is not str for name in names):
        raise NotComparable("an object's dict has keys that are no names")
    return [(name if name.isidentifier() else f"key {name!r}", value) for name, value in names.items()]


def _numbered(values: Iterable[Any], first: str = "") -> list[tuple[str, Any]]:
    return [(f"{first}{at}", value) for at, value in enumerate(values)]


def _in_cell(cell: Any) -> list[Any]:
    try:
        return [cell.cell_contents]
    except ValueError:
        return []


def _code(code: Any) -> str:
    constants = [_code(each) if type(each) is types.CodeType else _constant(each) for each in code.co_consts]
    names = (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)
    numbers = (code.co_argcount, code.co_kwonlyargcount, code.co_flags, hash(code.co_code))
    return f"{code.co_name} {code.co_filename} {code.co_firstlineno} {names} {numbers} {constants}"


def _constant(value: Any) -> str:
    return str(sorted(map(repr, value))) if type(value) is frozenset else f"{type(value).__name__} {value!r}"


def _outline(names: Mapping[str, Any]) -> Iterator[str]:
    """A foreign module's names, and roughly what they stand for."""
    for name, value in names.items():
        if name not in (NAME, "_", "_name_sequence", "tempdir"):
            kind = type(value)
            shown = repr(value) if kind in _BY_TEXT else getattr(value, "__name__", "")
            yield f"{name} {_name(kind)} {shown}"
