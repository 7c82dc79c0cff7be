"""Where changes are made: the nodes of a module's tree, each with what is around it."""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

_FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)
UNPROMISED: Final = {
    "log", "logging", "metrics", "explainer_metrics", "faults", "TypeVar", "cast", "Table",
}  # fmt: skip
"""Calls whose words and numbers nobody is promised, and the points where tests kill a process."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot of the tree: a field of a node, or an item of a list in it."""

    owner: ast.AST
    field: str
    index: int | None

    def with_(self, value: ast.AST) -> ast.AST:
        """A copy of the owner that has another node in this slot."""
        made = copy.copy(self.owner)
        if self.index is None:
            setattr(made, self.field, value)
        else:
            held = list(getattr(made, self.field))
            held[self.index] = value
            setattr(made, self.field, held)
        return made


@dataclass(frozen=True, slots=True)
class Around:
    """What a node stands in."""

    where: str = ""
    lines: tuple[int, int] = (1, 1)
    names: frozenset[str] = frozenset()  # bound more than once in this function
    fixed: bool = False  # texts here are nobody's business
    called: bool = False  # in the body of a function


@dataclass(frozen=True, slots=True)
class Found:
    """A node, the slots that lead to it from the module, and what is around it."""

    node: Any
    path: tuple[Slot, ...]
    around: Around

    @property
    def shown(self) -> ast.AST:
        """What is shown of a change: the node, or for a constant what it stands in."""
        parent = self.path[-1].owner
        alone = isinstance(parent, ast.stmt | ast.arguments | ast.Module)
        return parent if isinstance(self.node, ast.Constant) and not alone else self.node

    def changed(self, new: ast.AST) -> tuple[ast.AST, ast.AST, ast.Module]:
        """With a new node: what is shown, the innermost statement, and the module."""
        made, statement = new, new if isinstance(new, ast.stmt) else None
        shown = new if self.shown is self.node else None
        for slot in reversed(self.path):
            made = slot.with_(made)
            shown = shown or made
            if statement is None and isinstance(made, ast.stmt):
                statement = made
        assert isinstance(made, ast.Module)
        return shown or made, statement or made, made


def walk(node: ast.AST, around: Around, path: tuple[Slot, ...]) -> Iterator[Found]:
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "type_comment"):
            continue
        items = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
        for index, child in items:
            if not isinstance(child, ast.AST) or _is_docstring(name, child):
                continue
            inside = _inside(child, around)
            if inside is None:
                continue
            if name == "body" and isinstance(node, _FUNCTIONS):
                inside = replace(inside, called=True)
            here = (*path, Slot(node, name, index))
            yield Found(child, here, inside if isinstance(child, ast.stmt) else around)
            yield from walk(child, inside, here)


def _inside(node: ast.AST, around: Around) -> Around | None:
    """What surrounds the children of a node; None where nothing is changed."""
    if isinstance(node, ast.Import | ast.ImportFrom | ast.Assert):
        return None
    if isinstance(node, ast.Call) and root_of(node.func) in UNPROMISED:
        return None
    if isinstance(node, ast.Expr) and root_of(node.value) in UNPROMISED:
        return None
    if isinstance(node, ast.keyword) and node.arg == "strict":
        return None  # of zip: it guards against our own mistakes
    if isinstance(node, ast.withitem) and root_of(node.context_expr) in UNPROMISED:
        return None
    if isinstance(node, ast.Assign) and root_of(node.targets[0]) == "__all__":
        return None
    if isinstance(node, ast.If) and root_of(node.test) == "TYPE_CHECKING":
        return None
    where, names, lines = around.where, around.names, around.lines
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        where = f"{where}.{node.name}" if where else node.name
        names = _rebound(node)
    if isinstance(node, ast.stmt):
        last = node.body[0].lineno - 1 if _has_body(node) else node.end_lineno  # type: ignore[attr-defined]
        lines = node.lineno, max(node.lineno, last or node.lineno)
    last_words = isinstance(node, ast.Call) and root_of(node.func) == "die"
    fixed = around.fixed or isinstance(node, ast.Raise) or last_words
    return Around(where, lines, names, fixed, around.called)


def _has_body(node: ast.AST) -> bool:
    return bool(getattr(node, "body", None)) and isinstance(node, ast.stmt)


def root_of(node: ast.AST) -> str:
    """The name that an expression begins with."""
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _is_docstring(field: str, child: ast.AST) -> bool:
    alone = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
    return field == "body" and alone


def _rebound(node: ast.AST) -> frozenset[str]:
    """Names of a function that stand for something also without one of their assignments."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return frozenset()
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    bound = Counter(argument.arg for argument in arguments)
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            bound[inner.id] += 1
        if isinstance(inner, ast.Global | ast.Nonlocal):
            bound.update(2 * inner.names)
    return frozenset(name for name, times in bound.items() if times > 1)
