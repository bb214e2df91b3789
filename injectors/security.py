"""Faults that open a door."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from injectors.operator import Example, Operator
from injectors.source import SourceView, called
from testbed.schema import TextEdit

_STRICT = re.compile(r"safe|strict|verify|valid|check|escape|secure|sanit|quote|trust", re.IGNORECASE)
_INTEGRITY = re.compile(
    r"crc|checksum|digest|hash|hmac|magic|signature|token|password|version", re.IGNORECASE
)
_LIMIT = re.compile(r"max|limit|bound|quota|depth|size|length", re.IGNORECASE)
_ESCAPING = {"escape", "quote", "quote_plus", "sanitize", "clean", "encode_uri", "urlencode", "repr"}
_PATHS = {"basename", "normpath", "abspath", "realpath", "resolve", "secure_filename"}


def _names(node: ast.AST) -> str:
    """All names and attributes in an expression, joined."""
    named = (getattr(n, "id", getattr(n, "attr", "")) for n in ast.walk(node))
    return " ".join(name for name in named if name)


def _raises(block: list[ast.stmt]) -> bool:
    return isinstance(block[-1], ast.Raise)


class MissingValidation(Operator):
    """Whatever comes is let in."""

    name, family = "missing-validation", "security"
    contract = "A check of a parameter that would raise is never true."
    examples = (
        Example(
            "def f(a):\n    if a < 0:\n        raise ValueError(a)\n    return a\n",
            "def f(a):\n    if False:\n        raise ValueError(a)\n    return a\n",
        ),
    )

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each if that raises and looks at a parameter."""
        if isinstance(node, ast.If) and _raises(node.body):
            if set(view.parameters(node)) & set(_names(node.test).split()):
                yield view.replace(node.test, "False")


class UnsafeDefault(Operator):
    """The careless way is the default."""

    name, family = "unsafe-default", "security"
    contract = "A switch that makes something safe or strict is off."
    examples = (
        Example("def f(a, strict=True):\n    return a\n", "def f(a, strict=False):\n    return a\n"),
        Example("x = f(a, verify=True)\n", "x = f(a, verify=False)\n"),
    )

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each such default or keyword argument that is True."""
        pairs: list[tuple[str | None, ast.expr | None]] = []
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            given = [*node.args.posonlyargs, *node.args.args]
            last = given[len(given) - len(node.args.defaults) :]
            pairs = [(a.arg, d) for a, d in zip(last, node.args.defaults, strict=True)]
            pairs += [(a.arg, d) for a, d in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)]
        elif isinstance(node, ast.Call):
            pairs = [(keyword.arg, keyword.value) for keyword in node.keywords]
        for name, value in pairs:
            if name and isinstance(value, ast.Constant) and value.value is True and _STRICT.search(name):
                yield view.replace(value, "False")


class MissingEscape(Operator):
    """Text goes where it can be taken for code."""

    name, family = "missing-escape", "security"
    contract = "A text is put somewhere without being escaped or quoted."
    examples = (Example("x = html.escape(a)\n", "x = a\n"),)

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each call that escapes its first argument."""
        if isinstance(node, ast.Call) and called(node) in _ESCAPING and node.args:
            if not isinstance(node.args[0], ast.Starred) and not isinstance(view.parents[node], ast.Expr):
                yield view.replace(node, view.atom(node.args[0]))


class UnnormalisedPath(Operator):
    """A path leads elsewhere."""

    name, family = "unnormalised-path", "security"
    contract = "A path is used as it comes, with its `..` and its folders."
    examples = (
        Example("x = os.path.basename(a)\n", "x = a\n"),
        Example("x = a.resolve()\n", "x = a\n"),
    )

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each call that makes a path plain."""
        if isinstance(node, ast.Call) and called(node) in _PATHS and len(node.args) < 2:
            if node.args and not isinstance(node.args[0], ast.Starred):
                yield view.replace(node, view.atom(node.args[0]))
            elif not node.args and isinstance(node.func, ast.Attribute) and node.func.attr == "resolve":
                yield view.replace(node, view.atom(node.func.value))


class PrefixMatch(Operator):
    """Nearly the right word is enough."""

    name, family = "prefix-match", "security"
    contract = "A text that begins with the right one is taken for it."
    examples = (Example("x = a == 'admin'\n", "x = a.startswith('admin')\n"),)

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each comparison with a text of two letters or more."""
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.Eq):
            text = node.comparators[0]
            if isinstance(text, ast.Constant) and isinstance(text.value, str) and len(text.value) > 1:
                yield view.replace(node, f"{view.atom(node.left)}.startswith({view.text_of(text)})")


class UncheckedIntegrity(Operator):
    """What is damaged or forged is taken for whole."""

    name, family = "unchecked-integrity", "security"
    contract = "A checksum, a signature or a mark is not compared: it counts as right."
    examples = (
        Example("x = crc != found\n", "x = False\n"),
        Example("x = digest == found\n", "x = True\n"),
    )

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each comparison of something so named."""
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and _INTEGRITY.search(_names(node)):
            if isinstance(node.ops[0], ast.Eq | ast.NotEq):
                yield view.replace(node, str(isinstance(node.ops[0], ast.Eq)))


class MissingLimit(Operator):
    """There is no bound."""

    name, family = "missing-limit", "security"
    contract = "A size or a depth is not held against its limit."
    examples = (
        Example("if n > MAX_SIZE:\n    f()\n", "if False:\n    f()\n"),
        Example("x = min(n, limit)\n", "x = n\n"),
    )

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each `>` with a limit that leads to something, and each min with one."""
        if isinstance(node, ast.If) and isinstance(node.test, ast.Compare) and len(node.test.ops) == 1:
            bound = node.test.comparators[0]
            if isinstance(node.test.ops[0], ast.Gt | ast.GtE) and _LIMIT.search(_names(bound)):
                yield view.replace(node.test, "False")
        elif called(node) == "min" and isinstance(node, ast.Call) and len(node.args) == 2:
            kept, bound = node.args
            if _LIMIT.search(_names(bound)) and not isinstance(kept, ast.Starred):
                yield view.replace(node, view.atom(kept))


class UnsafeEvaluation(Operator):
    """Text is run."""

    name, family = "unsafe-evaluation", "security"
    contract = "A text is evaluated, or loaded, by the function that also runs code."
    examples = (
        Example("x = ast.literal_eval(a)\n", "x = eval(a)\n"),
        Example("x = yaml.safe_load(a)\n", "x = yaml.load(a)\n"),
    )

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each call of the careful function."""
        if isinstance(node, ast.Call) and called(node) == "literal_eval":
            yield view.replace(node.func, "eval")
        elif isinstance(node, ast.Call) and called(node) == "safe_load":
            if isinstance(node.func, ast.Attribute):
                end = view.span(node.func)[1]
                yield TextEdit(end - len("safe_load"), end, "load")


OPERATORS: tuple[Operator, ...] = (
    MissingValidation(),
    UnsafeDefault(),
    MissingEscape(),
    UnnormalisedPath(),
    PrefixMatch(),
    UncheckedIntegrity(),
    MissingLimit(),
    UnsafeEvaluation(),
)
