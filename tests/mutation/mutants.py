"""Changes to a module, each so small that somebody might make it: made on its syntax tree."""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import dataclass
from typing import Any

from tests.mutation.changes import changes_of
from tests.mutation.tree import Around, walk


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change to one module.

    Attributes:
        file: The module's path from the root.
        where: The function or class in which it is; empty at a module's level.
        change: What is changed, as code before and after.
        lines: First and last line of the changed code.
        statement: The same of the statement around it.
        source: The changed module, ready to be compiled.
        at_import: Whether it runs when the module is imported, and not when it is called.
    """

    file: str
    where: str
    change: str
    lines: tuple[int, int]
    statement: tuple[int, int]
    source: ast.Module
    at_import: bool

    @property
    def name(self) -> str:
        """By which it is known; it has no line number, so it outlives edits elsewhere."""
        return f"{self.file} {self.where or 'module'}: {self.change}"

    def changed_names(self) -> set[str]:
        """Names that the statement around the change binds."""
        return {
            node.id
            for statement in ast.walk(self.source)
            if isinstance(statement, ast.stmt) and statement.lineno == self.statement[0]
            for node in ast.walk(statement)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }


def mutants_of(file: str, source: str) -> list[Mutant]:
    """Every change to a module, in the order of its lines.

    Args:
        file: Its path from the root.
        source: Its text.
    """
    seen: Counter[tuple[str, str]] = Counter()
    known: set[tuple[int, str]] = set()
    made: list[Mutant] = []
    for found in walk(ast.parse(source), Around(), ()):
        for replaced in changes_of(found):
            new = ast.fix_missing_locations(ast.copy_location(replaced, found.node))
            shown, statement, module = found.changed(new)
            effect = found.around.lines[0], ast.dump(statement)
            if effect in known:
                continue  # another change comes to the same
            known.add(effect)
            change = f"{_text(found.shown)} -> {_text(shown)}"
            key = found.around.where, change
            seen[key] += 1
            made.append(
                Mutant(
                    file,
                    found.around.where,
                    change if seen[key] == 1 else f"{change} #{seen[key]}",
                    _lines(found.node),
                    found.around.lines,
                    module,
                    not found.around.called,
                )
            )
    return made


def _lines(node: Any) -> tuple[int, int]:
    return node.lineno, node.end_lineno or node.lineno


def _text(node: ast.AST) -> str:
    """Code in one line; of a compound statement its head only."""
    if hasattr(node, "body") and isinstance(node, ast.stmt):
        return ast.unparse(node).splitlines()[0]
    return " ".join(ast.unparse(node).split())
