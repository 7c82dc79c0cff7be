"""What each app does at a rebalance, on the app itself, not started, with tables on disk."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import Future
from typing import Any

import pytest
from faust.types import TP

from agents.explainer.wording import Wish
from tests.runtime.conftest import Group, hurry, until

Started = tuple[Any, Group]


def _persist(app: Any, offset: int) -> None:
    """Every table of every partition holds its changelog up to an offset."""
    for table in app.context.state.tables.all():
        for partition in range(2):
            table.data.set_persisted_offset(TP(table.changelog_topic_name, partition), offset)


def _indexed(caplog: pytest.LogCaptureFixture) -> list[str]:
    """How many partitions each rebuild has loaded."""
    texts = [record.getMessage() for record in caplog.records if record.name == "tables.state"]
    return [text.removeprefix("Indexed ").partition(" partitions")[0] for text in texts]


async def _take_over(group: Group, *partitions: int) -> None:
    await group.take_away()
    await group.give(*partitions)
    await group.recover()


async def test_the_matcher_writes_only_when_its_indexes_are_built(
    matcher: Started, ends: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    app, group = matcher
    context = app.context
    caplog.set_level(logging.INFO)
    await context.locks.jobs.acquire()  # rebuilding waits for it
    await group.give(0, 1)
    recovering = asyncio.ensure_future(group.recover())
    await until(context.locks.people.locked)
    assert not context.fence.is_open
    assert context.state.owned == set()
    context.locks.jobs.release()
    await recovering
    assert context.fence.is_open
    assert context.state.owned == {0, 1}
    assert _indexed(caplog) == ["2 of 2"]
    assert "Ready for partitions [0, 1]: import " in caplog.text
    for phase in ("join", "recovery", "index"):
        assert f" {phase} " in caplog.text
    assert not ends


async def test_a_worker_that_finished_keeps_its_indexes(
    matcher: Started, caplog: pytest.LogCaptureFixture
) -> None:
    app, group = matcher
    caplog.set_level(logging.INFO)
    _persist(app, 5)
    await group.give(0, 1)
    await group.recover()
    await _take_over(group, 0, 1)
    assert _indexed(caplog) == ["2 of 2", "0 of 2"]
    await group.take_away()
    _persist(app, 6)  # somebody else wrote meanwhile
    await group.give(0)
    await group.recover()
    assert _indexed(caplog)[2:] == ["1 of 1"]
    assert app.context.fence.is_open


async def test_a_worker_that_was_evicted_builds_its_indexes_anew(
    matcher: Started, caplog: pytest.LogCaptureFixture
) -> None:
    app, group = matcher
    caplog.set_level(logging.INFO)
    _persist(app, 5)
    await group.give(0, 1)
    await group.recover()
    app.consumer_generation_id += 1  # the fence is closed before anybody says so
    await _take_over(group, 0, 1)
    assert _indexed(caplog) == ["2 of 2", "2 of 2"]


@pytest.mark.parametrize("lock", ["people", "jobs", "lists"])
async def test_a_batch_that_does_not_finish_costs_its_indexes(
    matcher: Started, caplog: pytest.LogCaptureFixture, lock: str
) -> None:
    app, group = matcher
    caplog.set_level(logging.INFO)
    _persist(app, 5)
    await group.give(0, 1)
    await group.recover()
    held = getattr(app.context.locks, lock)
    await held.acquire()
    hurry(app)
    await group.take_away()
    assert "A batch did not finish before its partitions were taken away" in caplog.text
    assert not app.context.fence.is_open
    held.release()
    await group.give(0, 1)
    await group.recover()
    assert _indexed(caplog) == ["2 of 2", "2 of 2"]


async def test_a_batch_delays_a_rebalance_for_half_a_session_at_most(
    matcher: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Later than a session the group would have gone on without this worker."""
    app, group = matcher
    await group.give(0, 1)
    await group.recover()
    loop, passed = asyncio.get_running_loop(), 0.0
    began = loop.time()
    monkeypatch.setattr(loop, "time", lambda: began + passed)
    half = app.context.settings.session_timeout / 2
    async with app.context.locks.jobs:
        revoking = asyncio.ensure_future(group.take_away())
        for seconds, over in ((0.0, False), (half - 1.0, False), (half + 1.0, True)):
            passed = seconds
            for _ in range(20):
                await asyncio.sleep(0)
            assert revoking.done() is over
    await revoking
    monkeypatch.undo()
    assert not app.context.fence.is_open


async def test_indexes_that_cannot_be_built_end_the_matcher(
    matcher: Started, ends: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    app, group = matcher
    encoder: Future[Any] = Future()
    encoder.set_exception(MemoryError())
    app.context.vectors.encoder = encoder
    await group.give(0)
    await group.recover()
    assert ends == ["index build failed with MemoryError"]
    assert "The indexes could not be built" in caplog.messages
    assert not app.context.fence.is_open


async def test_the_explainer_takes_partitions_and_their_share(
    explainer: Started, ends: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    app, group = explainer
    context, shares = app.context, app.wording.shares
    caplog.set_level(logging.INFO)
    await group.give(1)
    await group.recover()
    assert context.fence.is_open
    assert context.state.owned == {1}
    assert [round(budget.left, 6) for budget in shares.budgets(1)] == [
        context.settings.llm_daily_budget / 2
    ]
    assert "Ready for partitions [1]" in caplog.text
    assert not ends


async def test_the_explainer_waits_for_rows_and_never_for_a_model(explainer: Started) -> None:
    app, group = explainer
    context, wording = app.context, app.wording
    await group.give(0, 1)
    await group.recover()
    await context.locks[1].acquire()
    wish = Wish(1, {"job_id": "j1"}, "digest", {}, None, None)
    wording.wish("p1", [wish])  # waits until no template waits, which nobody says here
    assert wording.waiting == 1
    revoking = asyncio.ensure_future(group.take_away())
    await until(context.locks[0].locked)
    assert wording.waiting == 0
    assert context.fence.is_open, "the row that is half written may get whole"
    context.locks[1].release()
    await revoking
    assert not context.fence.is_open


async def test_a_row_that_does_not_get_whole_delays_the_explainer_for_half_a_session(
    explainer: Started, caplog: pytest.LogCaptureFixture
) -> None:
    app, group = explainer
    await group.give(0)
    await group.recover()
    hurry(app)
    async with app.context.locks[0]:
        await group.take_away()
    assert "A write did not finish before its partition was taken away" in caplog.text
    assert not app.context.fence.is_open


async def test_a_topic_left_out_ends_the_explainer(
    explainer: Started, ends: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    app, group = explainer
    await group.give(0, without=app.context.names.matches)
    await group.recover()
    assert ends == ["taking partitions failed with PartialAssignment"]
    assert "The explainer could not take its partitions" in caplog.text
