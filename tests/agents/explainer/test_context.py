"""Models give way to templates, but not for ever."""

from __future__ import annotations

import asyncio

import pytest

from agents.explainer import context as context_module
from tests.support.harness.explainer_cluster import ExplainerCluster


async def test_quiet_waits_while_templates_are_sent(explainer: ExplainerCluster) -> None:
    context = explainer.worker.context
    waiting = asyncio.ensure_future(context.quiet())
    for _ in range(20):
        await asyncio.sleep(0)
    assert not waiting.done()
    context.idle.set()
    await waiting
    await context.quiet()  # at once, now that nothing waits


async def test_quiet_does_not_wait_for_ever(
    explainer: ExplainerCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stream that never pauses would starve the model's words."""
    monkeypatch.setattr(context_module, "PATIENCE", 0.005)
    async with asyncio.timeout(5):
        await explainer.worker.context.quiet()
    assert not explainer.worker.context.idle.is_set()


async def test_each_partition_has_its_lock(explainer: ExplainerCluster) -> None:
    locks = explainer.worker.context.locks
    async with locks[0]:
        assert locks[0].locked()
        assert not locks[1].locked()
