"""Order of evaluation: what runs before an expression, and what cannot fail, act or change meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from testbed.modifiers.guards import guard_number
from testbed.modifiers.project import Project
from testbed.modifiers.tree import contains, walk
from testbed.modifiers.view import View

LITERALS = (cst.Integer, cst.Float, cst.Imaginary, cst.SimpleString)
ATOMS = (cst.Name, *LITERALS)
SUSPENDING = (cst.Await, cst.Yield, cst.NamedExpr)
"""Expressions that bind a name or leave the function: never moved."""
DEFERRED = (cst.Lambda, cst.GeneratorExp)
"""Expressions that run later: what they read must not be moved away from under them."""


def inert(view: View, function: cst.FunctionDef, node: cst.CSTNode) -> bool:
    """Whether evaluating the node neither fails nor acts, with a result that nothing can change meanwhile."""
    if isinstance(node, LITERALS):
        return True
    if isinstance(node, cst.Tuple):
        return all(isinstance(e, cst.Element) and inert(view, function, e.value) for e in node.elements)
    if isinstance(node, cst.Name):
        if node.value in ("None", "True", "False"):
            return True
        sure = id(node) in view.flow(function).sure and view.is_local(node, function)
        return sure or view.stable(node)
    return False


def operands(node: cst.CSTNode) -> list[cst.CSTNode] | None:
    """The parts that are always evaluated, in order, before the node itself; None where that is not known.

    Parts that are evaluated on a condition, or more than once, are left out.
    """
    if isinstance(node, cst.Attribute | cst.Element | cst.Index | cst.Arg):
        return None if isinstance(node, cst.Arg) and node.star else [node.value]
    if isinstance(node, cst.BinaryOperation):
        return [node.left, node.right]
    if isinstance(node, cst.BooleanOperation):
        return [node.left]
    if isinstance(node, cst.UnaryOperation):
        return [node.expression]
    if isinstance(node, cst.Comparison):
        return [node.left, node.comparisons[0].comparator]
    if isinstance(node, cst.Call):
        starred = any(arg.star for arg in node.args)
        return [node.func, *(() if starred else (arg.value for arg in node.args))]
    if isinstance(node, cst.Subscript):
        return [node.value, *node.slice]
    if isinstance(node, cst.SubscriptElement):
        return [node.slice]
    if isinstance(node, cst.Slice):
        return [part for part in (node.lower, node.upper, node.step) if part is not None]
    if isinstance(node, cst.Tuple | cst.List | cst.Set):
        return list(node.elements) if all(isinstance(e, cst.Element) for e in node.elements) else None
    if isinstance(node, cst.IfExp):
        return [node.test] if guard_number(node) is None else None
    return None


def leading(view: View, node: cst.CSTNode, root: cst.CSTNode) -> list[cst.CSTNode] | None:
    """What is evaluated before `node` within the expression `root`; None unless `node` is always evaluated.

    `node` must be at or below `root`.
    """
    before: list[cst.CSTNode] = []
    current = node
    while current is not root:
        parent = view.parent(current)
        if isinstance(parent, cst.Arg | cst.ComparisonTarget):
            if isinstance(parent, cst.Arg) and parent.star:
                return None
            above: cst.CSTNode = view.parent(parent)
        else:
            above = parent
        parts = operands(above)
        if parts is None or all(part is not current for part in parts):
            return None
        before[:0] = parts[: next(i for i, part in enumerate(parts) if part is current)]
        current = above
    return before


def first_expressions(view: View, statement: cst.CSTNode) -> list[cst.BaseExpression]:
    """The expression with which the statement begins: evaluated once and before anything that it does.

    Not the iterable of a loop: a variable would keep it alive when the loop is left early.
    """
    if isinstance(statement, cst.SimpleStatementLine):
        return _of_small(view, statement.body[0]) if len(statement.body) == 1 else []
    if isinstance(statement, cst.If) and guard_number(statement) is None:
        return [statement.test]
    return []


def _of_small(view: View, small: cst.CSTNode) -> list[cst.BaseExpression]:
    if isinstance(small, cst.Expr | cst.Assign):
        return [small.value]
    if isinstance(small, cst.Return | cst.AnnAssign) and small.value is not None:
        simple = isinstance(small, cst.Return) or isinstance(small.target, cst.Name)
        return [small.value] if simple else []
    if isinstance(small, cst.Raise) and small.exc is not None:
        return [small.exc]
    if isinstance(small, cst.AugAssign) and isinstance(small.target, cst.Name):
        function = view.function_of(small)
        if function is not None and inert(view, function, small.target):
            return [small.value]
    return []


def movable(view: View, node: cst.CSTNode) -> bool:
    """Whether an expression may be evaluated elsewhere in its function: it binds nothing, suspends
    nothing, and leaves nothing behind that reads variables later."""
    return not contains(node, (*SUSPENDING, *DEFERRED)) and not any(
        isinstance(found, cst.Name) and found.value in ("super", "__class__") for found in walk(node)
    )


def lasting(project: Project, node: cst.CSTNode) -> bool:
    """Whether the node calls something whose end shows, so that it matters how long it is held."""
    for found in walk(node):
        if isinstance(found, cst.Call):
            func = found.func
            name = func.attr if isinstance(func, cst.Attribute) else func
            if isinstance(name, cst.Name) and project.closes(name.value):
                return True
    return False


def expressions(view: View, root: cst.CSTNode) -> Iterator[cst.BaseExpression]:
    """The expressions at or below `root` that are whole and outside guards' inside."""
    stack: list[cst.CSTNode] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, cst.BaseExpression):
            yield node
        parts = operands(node)
        if parts:
            stack.extend(reversed(parts))


def parenthesised(node: cst.BaseExpression) -> cst.BaseExpression:
    """The expression, in parentheses unless it binds as tightly as a name or has some already."""
    tight = (*ATOMS, cst.Call, cst.Attribute, cst.Subscript, cst.List, cst.Dict, cst.Set, cst.ListComp)
    if isinstance(node, (*tight, cst.DictComp, cst.SetComp, cst.FormattedString)) or node.lpar:
        return node
    return node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


def bare(node: cst.BaseExpression) -> cst.BaseExpression:
    """The expression without the outermost parentheses, where it may stand without: not for a guard,
    nor for one that spans lines."""
    spans = isinstance(node, cst.IfExp | cst.GeneratorExp | cst.NamedExpr | cst.Yield | cst.Lambda)
    if spans or not node.lpar or "\n" in cst.Module(body=[]).code_for_node(node):
        return node
    if isinstance(node, cst.Tuple):
        return node
    return node.with_changes(lpar=node.lpar[1:], rpar=node.rpar[:-1])


def negated(node: cst.BaseExpression) -> cst.BaseExpression:
    """The boolean negation of a condition: exact wherever only the truth of it matters.

    `not x` becomes `x`; `is` and `in` are turned round; everything else gets `not`, since
    `not (a < b)` is not `a >= b` for every type.
    """
    if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Not):
        return node.expression
    turned = _turned(node)
    if turned is not None:
        return turned
    loose = cst.BooleanOperation | cst.IfExp | cst.Lambda | cst.NamedExpr
    inner = parenthesised(node) if isinstance(node, loose) else node
    return cst.UnaryOperation(operator=cst.Not(), expression=inner)


def _turned(node: cst.BaseExpression) -> cst.BaseExpression | None:
    if not isinstance(node, cst.Comparison) or len(node.comparisons) != 1:
        return None
    target = node.comparisons[0]
    operator = target.operator
    new: cst.BaseCompOp
    if isinstance(operator, cst.Is):
        new = cst.IsNot(
            whitespace_before=operator.whitespace_before, whitespace_after=operator.whitespace_after
        )
    elif isinstance(operator, cst.IsNot):
        new = cst.Is(whitespace_before=operator.whitespace_before, whitespace_after=operator.whitespace_after)
    elif isinstance(operator, cst.In):
        new = cst.NotIn(
            whitespace_before=operator.whitespace_before, whitespace_after=operator.whitespace_after
        )
    elif isinstance(operator, cst.NotIn):
        new = cst.In(whitespace_before=operator.whitespace_before, whitespace_after=operator.whitespace_after)
    else:
        return None
    return node.with_changes(comparisons=[target.with_changes(operator=new)])


def only_tested(view: View, node: cst.CSTNode) -> bool:
    """Whether the expression decides a branch and its value is never kept: CPython then tests each
    operand once, where `x = not (a and b)` tests `a` a second time."""
    for above in view.above(node):
        if isinstance(above, cst.If | cst.While | cst.Assert | cst.IfExp) and above.test is node:
            return True
        if isinstance(above, cst.CompFor):
            return any(test.test is node for test in above.ifs)
        if not isinstance(above, cst.UnaryOperation | cst.BooleanOperation | cst.CompIf):
            return False
        if isinstance(above, cst.UnaryOperation) and not isinstance(above.operator, cst.Not):
            return False
        node = node if isinstance(above, cst.CompIf) else above
    return False


def tested_here(view: View, node: cst.CSTNode) -> bool:
    """Whether what is around the expression tests its truth."""
    above = view.parent(node)
    negation = isinstance(above, cst.UnaryOperation) and isinstance(above.operator, cst.Not)
    return negation or isinstance(above, cst.BooleanOperation) or only_tested(view, node)


def tests_operands(node: cst.CSTNode) -> bool:
    """Whether the value is that of an operand already tested: kept and tested again, it is tested twice."""
    if isinstance(node, cst.IfExp):
        return tests_operands(node.body) or tests_operands(node.orelse)
    chained = isinstance(node, cst.Comparison) and len(node.comparisons) > 1
    return chained or isinstance(node, cst.BooleanOperation)


def surely_bool(node: cst.CSTNode) -> bool:
    """Whether the value is True or False whatever the operands are."""
    if isinstance(node, cst.UnaryOperation):
        return isinstance(node.operator, cst.Not)
    if isinstance(node, cst.Comparison) and len(node.comparisons) == 1:
        return isinstance(node.comparisons[0].operator, cst.Is | cst.IsNot | cst.In | cst.NotIn)
    return isinstance(node, cst.Name) and node.value in ("True", "False")
