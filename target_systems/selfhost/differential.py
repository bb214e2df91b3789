"""What is compared with the reference: programs drawn at random, what becomes of them, what they do."""

from __future__ import annotations

import ast
import random
from typing import Any

from selfhost import Unsupported, optimise, rebuild, tidy

NAMES = ("a", "b", "c", "n", "m", "out")
SIGNS = ("+", "-", "*", "//", "%")
TESTS = ("<", "<=", ">", ">=", "==", "!=")


class Author:
    """Writes functions of whole numbers and lists, with what an optimiser looks for in them."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.small: list[str] = []

    def value(self, known: list[str], depth: int = 0) -> str:
        choice = self.rng.random()
        if depth > 2 or choice < 0.25:
            return str(self.rng.randint(-3, 9))
        if choice < 0.55:
            return self.rng.choice(known)
        if choice < 0.65:
            return "len(items)"
        if choice < 0.72 and self.small:
            return f"{self.rng.choice(self.small)}({self.rng.choice(known)}, {self.rng.randint(0, 5)})"
        if choice < 0.78:
            test = self.test(known, depth + 1)
            return f"({self.value(known, depth + 1)} if {test} else {self.value(known, depth + 1)})"
        left, right = self.value(known, depth + 1), self.value(known, depth + 1)
        return f"({left} {self.rng.choice(SIGNS)} {right})"

    def test(self, known: list[str], depth: int = 0) -> str:
        choice = self.rng.random()
        if choice < 0.1:
            return self.rng.choice(["True", "False"])
        if choice < 0.25 and depth < 2:
            return f"not {self.test(known, depth + 1)}"
        if choice < 0.45 and depth < 2:
            word = self.rng.choice(["and", "or"])
            return f"({self.test(known, depth + 1)} {word} {self.test(known, depth + 1)})"
        if choice < 0.6:
            return f"{self.rng.choice(known)} {self.rng.choice(['in', 'not in'])} items"
        return f"{self.value(known, depth + 1)} {self.rng.choice(TESTS)} {self.value(known, depth + 1)}"

    def block(self, known: list[str], depth: int, indent: str) -> list[str]:
        known = list(known)
        out: list[str] = []
        for _ in range(self.rng.randint(1, 3)):
            out.extend(indent + line for line in self.lines(known, depth))
        return out

    def lines(self, known: list[str], depth: int) -> list[str]:
        choice = self.rng.random()
        name = self.rng.choice(NAMES)
        if choice < 0.35 or depth > 2:
            line = f"{name} = {self.value(known)}"
            if name not in known:
                known.append(name)
            return [line]
        if choice < 0.45:
            return [f"return {self.rng.choice([self.value(known), 'True', 'False'])}"]
        if choice < 0.52:
            return ["for k in (1, 2):", f"    x = x + k * {self.value(known)}"]
        if choice < 0.62:
            gather = f"    rows.append({self.value(['each', *known])})"
            if self.rng.random() < 0.5:
                return ["rows = []", "for each in items:", gather, "x = x + len(rows)"]
            return [
                "rows = []",
                "for each in items:",
                f"    if each > {self.rng.randint(-2, 2)}:",
                "    " + gather,
                "x = x + len(rows)",
            ]
        if choice < 0.7:
            inner = self.rng.choice(["break", "continue", "x = x + 1"])
            return ["for j in range(3):", f"    if {self.test(known)}:", f"        {inner}", "    x = x + j"]
        out = [f"if {self.test(known)}:", *self.block(known, depth + 1, "    ")]
        if self.rng.random() < 0.5:
            out += ["else:", *self.block(known, depth + 1, "    ")]
        return out

    def program(self) -> str:
        out: list[str] = []
        for number in range(self.rng.randint(0, 2)):
            name = f"_small{number}"
            out += [
                f"def {name}(p, q):",
                f"    return {self.rng.choice(['p + q', 'p * 2 - q', 'q if p > q else p'])}",
                "",
            ]
            self.small.append(name)
        for number in range(self.rng.randint(1, 2)):
            body = self.block(["x", "y"], 0, "    ") + self.block(["x", "y"], 0, "    ")
            out += [f"def f{number}(x, y, items):", *body, "    return x", ""]
        return "\n".join(out)


def program(rng: random.Random) -> str:
    return Author(rng).program()


def outcome(text: str) -> list[Any]:
    """What every public function gives for a few arguments."""
    space: dict[str, Any] = {}
    exec(compile(text, "<program>", "exec"), space)
    out: list[Any] = []
    for name in sorted(space):
        if name.startswith("f"):
            for arguments in ((0, 1, []), (2, -1, [1, 2]), (5, 5, [0, -3, 4])):
                try:
                    out.append(space[name](*arguments))
                except (ZeroDivisionError, UnboundLocalError) as problem:
                    out.append(type(problem).__name__)
    return out


def optimised(text: str) -> str:
    return optimise(text)


def runs(text: str) -> list[Any]:
    made = rebuild({"program.py": text})["program.py"]
    return [outcome(made), made.count("\n")]


STYLES = (
    """
@decorator(1)
class C(Base, metaclass=M):
    '''Doc.'''
    field: int = 3

    def m(self, *rest, key=None, **more):
        return self.x[1:2, ::3]
""",
    """
def f(a, b: int = 2, *, c):
    try:
        with open(a) as file, lock:
            del b[0], b[-1]
    except (A, B) as e:
        raise C('x') from e
    finally:
        pass
""",
    """
x, *y = {**a, 'k': (1,)}, {1, 2}, [*b]
z = (i for i in x if i if not i)
w = {k: v for k, v in z}
""",
    """
assert a is not b, 'no'
from . import x as y, z
import a.b as c
while a:
    break
else:
    q += -(-1) ** 2
""",
    """
v = f'{a!r:>{b}} {{}}' + (yes if not (a or b) and c else no)(*args, **kw)
u = 1 .real, (-1).real, a < b < c
""",
)


def layout(rng: random.Random) -> str:
    return program(rng) + "\n" + rng.choice(STYLES)


def laid_out(text: str) -> Any:
    try:
        made = tidy(text)
    except Unsupported as problem:
        return str(problem)
    return [made, ast.dump(ast.parse(made)) == ast.dump(ast.parse(text))]
