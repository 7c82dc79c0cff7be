"""``matcher-stream schemas``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from matcher_stream.cli.console import out


@click.group("schemas")
def command() -> None:
    """Exporta los esquemas de los eventos."""


@command.command("export")
@click.argument("folder", type=click.Path(path_type=Path))
def export(folder: Path) -> None:
    """Escribe en FOLDER un esquema JSON por evento y asyncapi.yaml."""
    import yaml

    from matcher_stream.config.catalogue import TOPICS
    from schemas.export import asyncapi, json_schemas

    folder.mkdir(parents=True, exist_ok=True)
    written = 0
    for name, schema in json_schemas(TOPICS).items():
        text = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        (folder / f"{name}.json").write_text(text)
        written += 1
    document = yaml.safe_dump(asyncapi(TOPICS), sort_keys=False, allow_unicode=True, width=100)
    (folder / "asyncapi.yaml").write_text(document)
    out.print(
        f"Escritos {written} esquemas y asyncapi.yaml en {folder}.", highlight=False, soft_wrap=True
    )
