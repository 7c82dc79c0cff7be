"""No effect without its check: whoever has lost its partitions sends and writes nothing more."""

from __future__ import annotations

import ast
import asyncio
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.register import AGENTS
from schemas.errors import StaleGeneration
from tests.support.examples import examples
from tests.support.harness import Cluster, MemoryEvent, MemoryWorker
from tests.support.harness.village import story

ROOT = Path(__file__).parents[2]
#: The two places that act; both ask the fence before every record.
ACT = {"matcher_stream/runtime/outputs.py", "tables/base.py"}
#: A page is a publisher like those outside: to the inputs only, whoever owns what.
PUBLISH = {"matcher_stream/web/site/publishing.py"}


def test_nothing_else_reaches_the_producer() -> None:
    reached = set()
    for folder in ("agents", "tables", "matcher_stream/runtime", "matcher_stream/web"):
        for path in (ROOT / folder).rglob("*.py"):
            names = {
                n.attr
                for n in ast.walk(ast.parse(path.read_text()))
                if isinstance(n, ast.Attribute)
            }
            if names & {"producer", "_producer", "send_soon", "send_changelog"}:
                reached.add(str(path.relative_to(ROOT)))
    assert reached == ACT | PUBLISH


@settings(max_examples=examples(40), deadline=None)
@given(share=st.floats(0.0, 1.0, exclude_max=True))
def test_partitions_are_given_away_after_any_record(share: float) -> None:
    """Whichever record it is, nothing follows it, and the next owner makes everything right."""

    async def run(patch: pytest.MonkeyPatch) -> None:
        cluster = Cluster(patch, exposure=0.2, exposure_free=0.01)
        before, records = cluster.worker, 1 + int(share * 300)
        before.evict_after(records)
        await cluster.play(story())
        assert before.producer.sent <= records, "it went on after its partitions were given away"
        assert not before.broken
        report = await cluster.verify()
        assert report.ok, "\n".join(report.lines())

    with pytest.MonkeyPatch.context() as patch:
        asyncio.run(run(patch))


def _events(worker: MemoryWorker, agent: str) -> list[MemoryEvent]:
    return [MemoryEvent(record, worker.generation) for record in worker.waiting(agent)]


@pytest.mark.parametrize("agent", AGENTS)
async def test_what_was_fetched_before_a_rebalance_changes_nothing(
    cluster: Cluster, agent: str
) -> None:
    """Every agent has good and bad records to act on, and is told of the rebalance by nobody."""
    rounds = story()
    await cluster.play(rounds[:3])
    for happened in rounds[3:5]:
        for kind, key, value in happened:
            cluster.publish(kind, key, value)
    cluster.tick("2099-01-01")
    worker = cluster.worker
    for upstream in ("jobs", "profiles", "postings"):
        if upstream != agent and not worker.waiting(agent):
            await cluster.run(upstream)
    for partition in range(cluster.settings.partitions):
        cluster.broker.append(worker.topic(agent), partition, b"ana", b"{")
    events = _events(worker, agent)
    work = await worker.agents[agent].prepare(events)
    sent = worker.producer.sent
    worker.generation += 1
    with pytest.raises(StaleGeneration):
        await worker.agents[agent].apply(work)
    assert worker.producer.sent == sent
