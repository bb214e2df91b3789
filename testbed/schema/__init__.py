"""The switchable form: every live fault as a guarded alternative in ordinary Python text.

A fault number N stands in the source in exactly two shapes, an expression that always has its own
parentheses, or a block of statements::

    (FAULTY if __fault__(N) else CLEAN)

    if __fault__(N):
        FAULTY              # a lone `pass` where the faulty version has no statement
    else:
        CLEAN

`insert` writes a guard, `find_guards` reads them, `resolve` takes chosen ones out again, and
`materialise` takes out all, leaving plain code without a trace of them.
"""

from testbed.schema.guards import GUARD, Guard, MalformedGuard, find_guards, guard_numbers
from testbed.schema.insert import NotPlaceable, TextEdit, guard, insert, opening, together
from testbed.schema.render import Rendered, heal, materialise, render, resolve

__all__ = [
    "GUARD",
    "Guard",
    "MalformedGuard",
    "NotPlaceable",
    "Rendered",
    "TextEdit",
    "find_guards",
    "guard",
    "guard_numbers",
    "heal",
    "insert",
    "materialise",
    "opening",
    "render",
    "resolve",
    "together",
]
