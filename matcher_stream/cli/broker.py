"""``matcher-stream broker``."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import click

from matcher_stream.cli.console import out
from matcher_stream.cli.stopping import until_stopped
from matcher_stream.local.broker import EMBEDDED, embedded_broker, kafka_broker


@click.command("broker")
@click.option("--port", type=click.IntRange(1, 65535), default=9092, show_default=True,
              help="Puerto en esta máquina.")  # fmt: skip
@click.option("--kafka", type=click.Path(path_type=Path),
              help="Carpeta con los archivos de Apache Kafka ('make kafka' la llena).")  # fmt: skip
@click.option("--data", type=click.Path(path_type=Path), default=Path("matcher-data/kafka"),
              help="Carpeta de datos de Apache Kafka.")  # fmt: skip
def command(port: int, kafka: Path | None, data: Path) -> None:
    """Inicia un broker en esta máquina hasta Ctrl-C.

    Sin --kafka es el incorporado (Tansu): todo en memoria, se borra al cerrarlo.
    """
    if kafka is not None:
        asyncio.run(_run(kafka_broker(kafka, data, port), embedded=False))
        return
    with tempfile.TemporaryDirectory(prefix="matcher-broker-") as folder:
        asyncio.run(_run(embedded_broker(Path(folder), port), embedded=True))


async def _run(broker: AbstractAsyncContextManager[str], embedded: bool) -> None:
    async with broker as url:
        out.print(
            f"El broker responde en {url}. En otra terminal:", highlight=False, soft_wrap=True
        )
        out.print(f"  export BROKER_URL={url}", highlight=False, soft_wrap=True)
        if embedded:
            for name, value in EMBEDDED.items():
                out.print(f"  export {name}={value}", highlight=False, soft_wrap=True)
        out.print("Ctrl-C lo cierra.")
        await until_stopped()
    out.print("Broker cerrado.")
