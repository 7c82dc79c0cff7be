"""The parts of a worker: one scoring thread, one backlog, nothing that changes later."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError, fields, replace
from types import SimpleNamespace
from typing import Any

import pytest

from agents.context import Context
from tests.support.harness import Cluster


async def test_scoring_runs_in_the_one_scoring_thread(cluster: Cluster) -> None:
    with ThreadPoolExecutor(1, "score") as thread:
        context = replace(cluster.worker.context, scoring=thread)
        names = {await context.score(lambda: threading.current_thread().name) for _ in range(3)}
        assert await context.score(max, 1, 2) == 2
    assert len(names) == 1
    assert threading.current_thread().name not in names


async def test_a_worker_scores_one_question_at_a_time(cluster: Cluster) -> None:
    """A matrix never changes under a product."""
    given = cluster.worker.context
    parts = {field.name: getattr(given, field.name) for field in fields(given)}
    context = Context(**{name: part for name, part in parts.items() if name != "scoring"})
    go_on, threads = threading.Event(), set[str]()

    def ask() -> None:
        threads.add(threading.current_thread().name)
        go_on.wait(5)

    both = [asyncio.ensure_future(context.score(ask)) for _ in range(2)]
    for _ in range(20):
        await asyncio.sleep(0)
    go_on.set()
    await asyncio.gather(*both)
    (thread,) = threads
    assert thread.startswith("score")
    context.scoring.shutdown()


def test_the_backlog_is_what_waits_in_all_inputs(cluster: Cluster) -> None:
    context = cluster.worker.context
    assert context.backlog() == 0
    readers: list[Any] = [SimpleNamespace(backlog=3), SimpleNamespace(backlog=4)]
    context.inputs.extend(readers)
    assert context.backlog() == 7


def test_no_part_is_exchanged_later(cluster: Cluster) -> None:
    context: Any = cluster.worker.context
    with pytest.raises(FrozenInstanceError):
        context.fence = None
