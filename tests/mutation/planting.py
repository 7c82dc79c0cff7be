"""Puts a changed module into a process that has imported the unchanged one, or is about to."""

from __future__ import annotations

import ast
import gc
import importlib.util
import inspect
import os
import shutil
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from tests.support.clients import ELSEWHERE

ROOT = Path(__file__).resolve().parents[2]
Source = str | ast.Module
CLIENTS = "deploy/clients/"
"""What runs in processes of its own: changed in a copy."""


def module_name(file: str) -> str:
    """How a module is imported, from its path from the root."""
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


class NotInPlace(Exception):
    """The change is in what runs when the module is imported, not in a function."""


class Planter:
    """Changes functions of imported modules in place, whoever holds them.

    Made once everything is imported; forks use it.
    """

    def __init__(self) -> None:
        self._held: dict[tuple[str, str, int], list[FunctionType]] = defaultdict(list)
        inside = str(ROOT)
        for function in gc.get_objects():
            if type(function) is FunctionType:  # isinstance asks proxies, which may warn
                code = function.__code__
                if code.co_filename.startswith(inside):
                    where = code.co_filename, code.co_qualname, code.co_firstlineno
                    self._held[where].append(function)

    def plant(self, file: str, changed: Source) -> None:
        """Let this process do what the changed module says.

        Args:
            file: The module's path from the root.
            changed: Its changed text or tree.

        Raises:
            NotInPlace: it can only be imported anew, see `plant_before_import`.
        """
        path = str(ROOT / file)
        old = compile((ROOT / file).read_text(), path, "exec", dont_inherit=True)
        new = compile(changed, path, "exec", dont_inherit=True)
        olds, news = list(_functions(old)), list(_functions(new))
        if _frame(old) != _frame(new) or [f.co_qualname for f in olds] != [
            f.co_qualname for f in news
        ]:
            raise NotInPlace
        for before, after in zip(olds, news, strict=True):
            if _meaning(before) == _meaning(after):
                continue
            held = self._held[path, before.co_qualname, before.co_firstlineno]
            if not held or before.co_freevars != after.co_freevars:
                raise NotInPlace
            for function in held:
                function.__code__ = after


def _functions(code: CodeType) -> Iterator[CodeType]:
    """The functions and methods of a module, without those inside them."""
    for const in code.co_consts:
        if isinstance(const, CodeType):
            if const.co_flags & inspect.CO_OPTIMIZED:
                yield const
            else:
                yield from _functions(const)


def _frame(code: CodeType) -> Any:
    """What a module or class body does by itself."""
    return _meaning(code, lambda inner: bool(inner.co_flags & inspect.CO_OPTIMIZED))


def _meaning(code: CodeType, without: Any = lambda inner: False) -> Any:
    """All of a code that matters, but for its lines."""
    consts = [
        (inner.co_name if without(inner) else _meaning(inner, without))
        if isinstance(inner, CodeType)
        else (type(inner).__name__, repr(inner))
        for inner in code.co_consts
    ]
    return (
        code.co_code, consts, code.co_names, code.co_varnames, code.co_freevars,
        code.co_cellvars, code.co_flags, code.co_exceptiontable,
    )  # fmt: skip


class _Finder:
    """Finds one module, changed."""

    def __init__(self, file: str, changed: Source) -> None:
        self._name = module_name(file)
        self._path, self._changed = str(ROOT / file), changed

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The changed module, if it is asked for."""
        if name != self._name:
            return None
        loader = _Loader(name, self._path, self._changed)
        return importlib.util.spec_from_file_location(name, self._path, loader=loader)


class _Loader(SourceFileLoader):
    def __init__(self, name: str, path: str, changed: Source) -> None:
        super().__init__(name, path)
        self._changed = changed

    def get_code(self, fullname: str) -> CodeType:
        return compile(self._changed, self.path, "exec", dont_inherit=True)


def plant_before_import(file: str, changed: Source) -> None:
    """Let this process import the changed module, which it has not imported yet."""
    sys.meta_path.insert(0, _Finder(file, changed))


@contextmanager
def planted_clients(file: str, changed: str) -> Iterator[None]:
    """Let tests of this process start the changed program: a copy without the other language, of
    which the tests ask that it say the same.
    """
    with tempfile.TemporaryDirectory() as folder:
        for part in (f"{CLIENTS}python", "tests/support/clients"):
            shutil.copytree(ROOT / part, Path(folder, part))
        shutil.copy(ROOT / CLIENTS / "store.sql", Path(folder, CLIENTS))
        Path(folder, file).write_text(changed)
        os.environ[ELSEWHERE] = folder
        yield
