"""The demo's second half: an explainer, beside a language model's stand-in."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import aiohttp
import orjson

from matcher_stream.cli.console import activity, out
from matcher_stream.config.contract import TopicNames
from matcher_stream.config.settings import Settings
from matcher_stream.files.reading import following
from matcher_stream.local.broker import EMBEDDED
from matcher_stream.local.child_worker import ROOT, Worker
from matcher_stream.local.fake_llm import FakeLlm
from matcher_stream.local.processes import Child, free_port

SHOWN: Final = 3
PATIENCE_SECONDS: Final = 120.0


@asynccontextmanager
async def running_explainer(broker_url: str, folder: Path) -> AsyncIterator[Worker]:
    """Start the stand-in and one explainer that calls it; stop both afterwards."""
    llm, port = FakeLlm(), free_port()
    await llm.start()
    command = [
        sys.executable, "-m", "faust", "-A", "matcher_stream.explainer", "worker", "-l", "info",
        "--web-port", str(port),
    ]  # fmt: skip
    env = {
        **os.environ,
        **EMBEDDED,
        "BROKER_URL": broker_url,
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")])),
        "MATCHER_WEB_HOST": "127.0.0.1",
        "MATCHER_WEB_PORT": str(port),
        "MATCHER_DATA_DIR": str(folder / "explainer-data"),
        "MATCHER_LLM_BASE_URL": llm.base_url,
        "MATCHER_LLM_API_KEY": "stand-in",
    }
    child = Child(command, folder / "explainer.log", env)
    try:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
            yield Worker(child, f"http://127.0.0.1:{port}", session)
    finally:
        await child.stop()
        await llm.stop()


async def show_explanations(
    settings: Settings, worker: Worker, latest: Mapping[bytes, Mapping[str, Any]]
) -> None:
    """Wait until the best job of a few people is explained, by the model where it may; show it."""
    asked = [event for event in latest.values() if event["entries"]]
    asked.sort(key=lambda event: not event.get("consent_llm"))  # those with a model's words first
    wanted = {
        f"{event['profile_id']}:{event['entries'][0]['job_id']}": bool(event.get("consent_llm"))
        for event in asked[:SHOWN]
    }
    found: dict[str, dict[str, Any]] = {}
    with activity("Esperando las explicaciones…"):
        await worker.until_ready(lambda facts: None)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                await _collect(settings, worker, wanted, found)
    for key, told in found.items():
        writer = "modelo simulado" if told["writer"] == "gpt" else "plantilla"
        out.print(
            f"{key} ({writer}): {told['text']}", highlight=False, markup=False, soft_wrap=True
        )
        out.print(f"  SMS: {told['sms']}", highlight=False, markup=False, soft_wrap=True)


async def _collect(
    settings: Settings,
    worker: Worker,
    wanted: Mapping[str, bool],
    found: dict[str, dict[str, Any]],
) -> None:
    """Read explanations until each of the wanted is there, worded by the model if that is True."""
    names = TopicNames(settings, "")
    async with following(settings, [names.explanations]) as explanations:
        while not all(
            key in found and (not model or found[key]["writer"] == "gpt")
            for key, model in wanted.items()
        ):
            worker.check_alive()
            for record in await explanations.batch():
                key = record.key.decode()
                if key in wanted and record.value is not None:
                    found[key] = orjson.loads(record.value)
