"""What commands that measure say before and instead of a report."""

from __future__ import annotations

from pathlib import Path

import click

from schemas.errors import UsageError


def needs_extra(error: ImportError) -> UsageError:
    """One sentence for a package that only analysts have."""
    return UsageError(f"Falta el paquete {error.name}: instálelo con `make install`.")


def parent_exists(ctx: click.Context, param: click.Parameter, path: Path | None) -> Path | None:
    """A file can be written there: better said now than after minutes of measuring."""
    if path is not None and (path.is_dir() or not path.parent.is_dir()):
        raise UsageError(f"No se puede escribir en {path}: revise que la carpeta exista.")
    return path
