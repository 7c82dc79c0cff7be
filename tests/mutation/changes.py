"""What is changed: what may stand in a node's place, if somebody was careless."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from typing import Any, Final

from tests.mutation.tree import UNPROMISED, Around, Found, root_of

_COMPARED: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_EXACT: Final = (ast.Eq, ast.NotEq, ast.Is, ast.IsNot, ast.In, ast.NotIn)
"""Comparisons whose swap is their negation."""
_RECKONED: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult, ast.Pow: ast.Mult, ast.LShift: ast.RShift,
    ast.RShift: ast.LShift, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
_CALLED: Final = {"max": "min", "min": "max", "any": "all", "all": "any", "sorted": "list"}


def changes_of(found: Found) -> Iterator[ast.AST]:
    """What may stand in the node's place."""
    match found.node:
        case ast.stmt():
            yield from _statements(found.node, found.around)
        case ast.Constant(value=str()) if found.around.fixed:
            pass
        case ast.Constant():
            yield from _constants(found.node)
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
            yield from _comprehensions(found.node)
        case ast.expr():
            yield from _expressions(found.node)


def _comprehensions(node: Any) -> Iterator[ast.AST]:
    """Without one of its conditions."""
    for i, loop in enumerate(node.generators):
        for j, _ in enumerate(loop.ifs):
            free = copy.copy(loop)
            free.ifs = [*loop.ifs[:j], *loop.ifs[j + 1 :]]
            made = copy.copy(node)
            made.generators = [*node.generators[:i], free, *node.generators[i + 1 :]]
            yield made


def _statements(node: ast.stmt, around: Around) -> Iterator[ast.AST]:
    match node:
        case ast.Expr() | ast.AugAssign() | ast.Delete() | ast.Continue() | ast.Break():
            yield ast.Pass()
        case ast.Raise():
            yield ast.Pass()
        case ast.Return(value=None):
            yield ast.Pass()
        case ast.Return(value=ast.Constant(value=None)):
            pass
        case ast.Return():
            yield ast.Return(ast.Constant(None))
        case ast.Assign(targets=[target, *_]) | ast.AnnAssign(target=target, value=ast.expr()):
            held = isinstance(target, ast.Attribute | ast.Subscript)
            made = around.where.endswith("__init__") and isinstance(target, ast.Attribute)
            if (held and not made) or (isinstance(target, ast.Name) and target.id in around.names):
                yield ast.Pass()
        case ast.If(test=test):
            if not (isinstance(test, ast.Compare) and isinstance(test.ops[0], _EXACT)):
                yield ast.If(_negated(test), node.body, node.orelse)
        case ast.While():
            yield ast.While(ast.Constant(False), node.body, node.orelse)
        case ast.For():
            yield ast.For(node.target, ast.Tuple([], ast.Load()), node.body, node.orelse)
        case ast.With() | ast.AsyncWith():
            called = [root_of(item.context_expr) for item in node.items]
            named = any(item.optional_vars for item in node.items)
            if not named and not UNPROMISED.issuperset(called):
                yield ast.If(ast.Constant(True), node.body, [])


def _negated(test: ast.expr) -> ast.expr:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return test.operand
    return ast.UnaryOp(ast.Not(), test)


def _constants(node: ast.Constant) -> Iterator[ast.AST]:
    match node.value:
        case bool():
            yield ast.Constant(not node.value)
        case int():
            yield ast.Constant(node.value + 1)
        case float():
            yield ast.Constant(2 * node.value or 1.0)
        case str():
            yield ast.Constant(node.value + "XX")
        case bytes():
            yield ast.Constant(node.value + b"XX")


def _expressions(node: ast.expr) -> Iterator[ast.AST]:
    match node:
        case ast.Compare(left=left, ops=ops, comparators=others):
            for i, op in enumerate(ops):
                swapped = [*ops[:i], _COMPARED[type(op)](), *ops[i + 1 :]]
                yield ast.Compare(left, swapped, others)
        case ast.BoolOp(op=op, values=values):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
            for i, _ in enumerate(values):
                rest = [*values[:i], *values[i + 1 :]]
                yield rest[0] if len(rest) == 1 else ast.BoolOp(op, rest)
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            yield operand
        case ast.BinOp(left=first, op=op, right=second) if type(op) in _RECKONED:
            yield ast.BinOp(first, _RECKONED[type(op)](), second)
        case ast.IfExp(test=test, body=body, orelse=other):
            if not (isinstance(test, ast.Compare) and isinstance(test.ops[0], _EXACT)):
                yield ast.IfExp(_negated(test), body, other)
        case ast.Call(func=ast.Name(id=name), args=args, keywords=words) if name in _CALLED:
            if name != "sorted" or not words:
                yield ast.Call(ast.Name(_CALLED[name], ast.Load()), args, words)
