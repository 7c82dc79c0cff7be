"""``matcher-stream dev``: everything on this machine, to watch people being matched with jobs."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import orjson

from matcher_stream.cli.console import activity, errors, out
from matcher_stream.cli.explaining import running_explainer, show_explanations
from matcher_stream.cli.pages import demo_pages
from matcher_stream.cli.publish import Refused
from matcher_stream.cli.session import DemoSession
from matcher_stream.cli.stopping import stop_event, unless_stopped
from matcher_stream.config.catalogue import Catalogue
from matcher_stream.config.contract import TopicNames, public_specs
from matcher_stream.config.model import version_of
from matcher_stream.config.settings import get_settings
from matcher_stream.config.topics import create_topics
from matcher_stream.files.mapping import load_mapping
from matcher_stream.files.rows import Row
from matcher_stream.local.broker import EMBEDDED, embedded_broker
from matcher_stream.local.child_worker import WorkerEnded, running_worker
from matcher_stream.local.processes import free_port

SAMPLES = Path(__file__).resolve().parent.parent / "samples"


@dataclass(frozen=True, slots=True)
class Inputs:
    """What is published, read before anything is started."""

    people: Sequence[Row]
    jobs: Sequence[Row]


@click.command("dev")
@click.option("--once", is_flag=True, help="Termina cuando cada persona tiene su lista.")
@click.option("--profiles", type=click.Path(path_type=Path), help="Personas propias.")
@click.option("--texts", is_flag=True,
              help="Personas de ejemplo que solo dieron un texto y un número.")  # fmt: skip
@click.option("--jobs", type=click.Path(path_type=Path), help="Trabajos propios.")
@click.option("--jobs-mapping", help="Archivo TOML de columnas para los trabajos, o 'servir'.")
@click.option("--out", "target", type=click.Path(path_type=Path),
              help="Escribe las listas finales como JSON Lines.")  # fmt: skip
@click.option("--web-port", type=click.IntRange(1, 65535), help="Puerto de la página web.")
@click.option("--fake-llm", is_flag=True,
              help="Explica las mejores listas con un modelo de lenguaje simulado.")  # fmt: skip
def command(
    once: bool,
    profiles: Path | None,
    texts: bool,
    jobs: Path | None,
    jobs_mapping: str | None,
    target: Path | None,
    web_port: int | None,
    fake_llm: bool,
) -> int:
    """Inicia un broker, los temas y un trabajador; publica personas y trabajos; muestra las listas.

    Sigue hasta Ctrl-C y entonces cierra todo lo que inició.
    """
    columns = load_mapping(jobs_mapping) if jobs_mapping else None
    job_rows = Refused(jobs or SAMPLES / "jobs.jsonl", Catalogue.jobs, columns, False)
    if texts and profiles:
        raise click.UsageError("--texts y --profiles no van juntas")
    people = profiles or SAMPLES / ("texts.jsonl" if texts else "people.jsonl")
    people_rows = Refused(people, Catalogue.profiles, None, False)
    with activity("Leyendo los archivos…"):
        inputs = Inputs(list(people_rows), list(job_rows))
    refused = job_rows.count + people_rows.count
    if not inputs.people or not inputs.jobs:
        raise click.UsageError("hace falta al menos una persona y un trabajo")
    version_of(get_settings())  # a missing model is told now, not by a worker's log
    if target is not None:
        target.touch()  # told now rather than after minutes of work
    folder = Path(tempfile.mkdtemp(prefix="matcher-dev-"))
    try:
        finished = asyncio.run(_run(inputs, folder, once, target, web_port, fake_llm))
    except WorkerEnded:
        raise  # its log stays for whoever has to mend it
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)
    return 1 if refused or not finished else 0


async def _run(
    inputs: Inputs,
    folder: Path,
    once: bool,
    target: Path | None,
    web_port: int | None,
    fake_llm: bool,
) -> bool:
    stop = stop_event()
    finished = False

    async def work() -> None:
        nonlocal finished
        finished = await _demo(inputs, folder, once, target, web_port, fake_llm)

    if not await unless_stopped(work(), stop):
        errors.print("Todo cerrado.")
        return not once
    return finished


async def _demo(
    inputs: Inputs,
    folder: Path,
    once: bool,
    target: Path | None,
    web_port: int | None,
    fake_llm: bool,
) -> bool:
    started = time.monotonic()
    async with embedded_broker(folder) as url, AsyncExitStack() as stack:
        settings = get_settings().model_copy(update={"broker_url": url, "producer_batch": 1})
        errors.print(f"Broker incorporado en {url}", highlight=False, soft_wrap=True)
        await create_topics(settings, public_specs(TopicNames(settings, ""), settings))
        port = web_port or free_port()
        web = demo_pages(folder)
        env = {"BROKER_URL": url, **EMBEDDED, **web.env}
        async with running_worker(env, folder, port) as worker:
            session = DemoSession(settings, worker, {row.key: row for row in inputs.people})
            await session.start()
            errors.print(f"Trabajador en {worker.url}", highlight=False, soft_wrap=True)
            latest = await session.match(inputs.people, inputs.jobs)
            missing = session.missing()
            _summary(inputs, latest, missing, time.monotonic() - started)
            if fake_llm:
                explainer = await stack.enter_async_context(running_explainer(url, folder))
                await show_explanations(settings, explainer, latest)
            if target is not None:
                _write(target, [latest[row.key] for row in session.people if row.key in latest])
            if not once:
                web.show(worker.url)
                _tell_how_to_join(url)
                await session.follow()
            return not missing


def _tell_how_to_join(url: str) -> None:
    """Print what another terminal needs to talk to this broker."""
    line = f"  export BROKER_URL={url} MATCHER_PRODUCER_BATCH={EMBEDDED['MATCHER_PRODUCER_BATCH']}"
    out.print("\nPara otras órdenes, en otra terminal:")
    out.print(line, markup=False, highlight=False, soft_wrap=True)


def _summary(
    inputs: Inputs,
    latest: dict[bytes, dict[str, Any]],
    missing: int,
    seconds: float,
) -> None:
    ranked = sum(bool(event["entries"]) for event in latest.values())
    out.print(
        f"{len(latest)} personas ({ranked} con trabajos), {len(inputs.jobs)} trabajos, "
        f"{seconds:.0f} segundos en total."
    )
    if missing:
        errors.print(f"Error: {missing} personas quedaron sin lista.")


def _write(target: Path, events: Sequence[dict[str, Any]]) -> None:
    lines = [orjson.dumps(event, option=orjson.OPT_APPEND_NEWLINE) for event in events]
    target.write_bytes(b"".join(lines))
    out.print(f"Escritas {len(events)} listas en {target}.", highlight=False, soft_wrap=True)
