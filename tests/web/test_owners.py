"""A person's ranking, asked for wherever the visitor came in."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from matcher_stream.config.catalogue import Catalogue
from matcher_stream.web import rankings
from matcher_stream.web.site.heard import Heard
from matcher_stream.web.site.problem import NOT_READY, Problem
from matcher_stream.web.site.signing import Signing
from matcher_stream.web.site.site import Site
from schemas.errors import InvalidField, StaleGeneration
from tests.support.harness import MemoryWorker
from tests.support.harness.village import COOK, ad, profile
from tests.web.conftest import KEY, NEVER, MakeVillage, Village


class Ranked:
    """A site that answers for rankings, and nothing else."""

    site: Site

    def serve(self, site: Site) -> None:
        self.site = site
        rankings.register(site.tools.owners, site.tools.parts)  # type: ignore[arg-type]

    async def of(self, name: str, **how: Any) -> dict[str, Any] | None:
        return await rankings.ranking(self.site.tools.owners, name, **how)

    async def publish(self, topic: Any, key: str, *values: Any) -> None:
        await self.site.tools.publisher.publish(topic, key, *values)


@pytest.fixture
def ranked() -> Ranked:
    return Ranked()


@pytest.fixture
async def village(make_village: MakeVillage, ranked: Ranked) -> Village:
    made = await make_village(ranked.serve)
    for name in ("obra", "cocina"):
        await ranked.publish(Catalogue.jobs, name, ad(name))
    await made.rest()
    return made


def _jobs(event: dict[str, Any] | None) -> list[str]:
    assert event is not None
    return [entry["job_id"] for entry in event["entries"]]


async def test_a_page_waits_for_the_event_that_the_stream_emits(
    village: Village, ranked: Ranked
) -> None:
    asked = asyncio.ensure_future(ranked.of("ana", wait=10.0))
    await asyncio.sleep(0)
    await ranked.publish(Catalogue.profiles, "ana", profile("ana"))
    first = await asked
    assert first is not None
    assert first == village.cluster.told("matches", "ana")[-1]
    changed = asyncio.ensure_future(ranked.of("ana", after=first["revision"], wait=10.0))
    await ranked.publish(Catalogue.profiles, "ana", profile("ana", COOK))
    second = await changed
    assert second == village.cluster.told("matches", "ana")[-1]
    assert _jobs(first)[0] == "obra"
    assert _jobs(second)[0] == "cocina"


async def test_a_person_of_before_is_shown_what_they_were_told(
    village: Village, ranked: Ranked
) -> None:
    await ranked.publish(Catalogue.profiles, "ana", profile("ana"))
    told = await ranked.of("ana", wait=10.0)
    await village.rest()
    heard = Heard(village.context, "elsewhere", _stored(village))
    later = await heard.latest("ana")
    assert told is not None
    assert later is not None
    assert later == {name: told[name] for name in later}
    assert {"entries", "revision", "status"} <= later.keys()


def _stored(village: Village) -> Any:
    from agents.asked import told

    return lambda name: told(village.context, name)


async def test_while_a_change_is_under_way_its_event_is_waited_for(village: Village) -> None:
    answers = [({"revision": 1, "entries": []}, False), ({"revision": 1, "entries": []}, True)]

    async def stored(_: str) -> Any:
        return answers.pop(0)

    heard = Heard(village.context, "elsewhere", stored)
    asked = asyncio.ensure_future(heard.latest("ana", wait=10.0))
    await asyncio.sleep(0)
    heard._hear(b"ana", b'{"revision": 2}')
    assert await asked == {"revision": 2}
    answers.reverse()
    late = Heard(village.context, "elsewhere", stored)
    assert await late.latest("ana") == {"revision": 1, "entries": []}
    answers[:] = [({"revision": 3}, False)]
    unsure = Heard(village.context, "elsewhere", stored)
    assert await unsure.latest("ana") == {"revision": 3}
    # told before anybody listened, and its row came after: nothing more is heard
    answers[:] = [({"revision": 4}, False), ({"revision": 4}, False), ({"revision": 5}, True)]
    missed = Heard(village.context, "elsewhere", stored)
    started = time.monotonic()
    assert await missed.latest("ana", after=4, wait=NEVER) == {"revision": 5}
    assert time.monotonic() - started < NEVER / 4


async def test_somebody_unknown_or_erased_has_nothing(village: Village, ranked: Ranked) -> None:
    assert await ranked.of("nadie") is None
    assert await ranked.of("nadie", wait=0.05) is None
    await ranked.publish(Catalogue.profiles, "ana", profile("ana"))
    event = await ranked.of("ana", wait=10.0)
    assert event is not None
    gone = asyncio.ensure_future(ranked.of("ana", after=event["revision"], wait=10.0))
    await ranked.publish(Catalogue.profiles, "ana", None)
    assert await gone is None
    assert await ranked.of("ana") is None
    started = time.monotonic()
    assert await ranked.of("ana", wait=0.2) is None  # live pages would ask without end
    assert time.monotonic() - started >= 0.2
    again = asyncio.ensure_future(ranked.of("ana", wait=10.0))
    await ranked.publish(Catalogue.profiles, "ana", profile("ana"))
    assert await again is not None


async def test_what_was_heard_before_a_rebalance_is_not_shown_after_it(
    village: Village, ranked: Ranked
) -> None:
    await ranked.publish(Catalogue.profiles, "ana", profile("ana"))
    event = await ranked.of("ana", wait=10.0)
    assert event is not None
    await village.rest()
    worker = village.cluster.worker
    worker.generation += 1
    with pytest.raises(Problem, match=NOT_READY):
        await ranked.of("ana")
    worker.context.fence.open()
    again = await ranked.of("ana")
    assert again is not None
    assert again["revision"] == event["revision"]
    assert "cause" not in again  # made from the tables, not remembered


async def test_only_so_many_are_listened_for(village: Village) -> None:
    asked: list[str] = []

    async def stored(name: str) -> tuple[None, bool]:
        asked.append(name)
        return None, True

    heard = Heard(village.context, "elsewhere", stored, most=2)
    for name in ("a", "b", "a", "c", "a", "b"):
        await heard.latest(name)
    assert asked == ["a", "b", "c", "b"]


async def test_another_worker_asks_the_one_that_owns_the_person(
    village: Village, ranked: Ranked, make_village: MakeVillage
) -> None:
    async with TestServer(village.context.app.web.web_app) as owner:
        there = Ranked()
        other = MemoryWorker(village.cluster.broker, village.context.settings, [], {})
        there.serve(Site(other.context))
        owned = {str(owner.make_url("/")): {"people": [0, 1]}}
        other.context.app.assignor.changelog_distribution = owned
        await there.publish(Catalogue.profiles, "ana", profile("ana"))
        assert await there.of("ana", wait=10.0) == village.cluster.told("matches", "ana")[-1]
        assert await there.of("nadie") is None
        everybody = await there.site.tools.owners.ask_all(rankings.QUESTION)
        assert set(owned) < set(everybody)
        there.site.tools.owners._signing = Signing(["x" * 40])
        with pytest.raises(Problem, match=NOT_READY):
            await there.of("ana")
        other.context.app.assignor.changelog_distribution = {}
        with pytest.raises(Problem, match=NOT_READY):
            await there.of("ana")
        await other.context.app._maybe_close_http_client()


async def test_only_workers_may_ask(village: Village) -> None:
    browser = await village.browser()
    signing = Signing([KEY])
    good = signing.question({"q": rankings.QUESTION, "k": "nadie", "v": {}})
    for body, status in (
        (good, 200), ("", 404), ("x", 404), (good[:-1], 404), (signing.seal({"q": "x"}), 404),
        (signing.question({"q": "unknown", "k": None, "v": {}}), 501), ("x" * 100_000, 404),
    ):  # fmt: skip
        async with browser.client.post("/interno/pregunta", data=body) as answer:
            assert answer.status == status


async def test_an_event_that_would_be_refused_is_not_published(
    village: Village, ranked: Ranked
) -> None:
    bad = profile("ana", age=-1)
    with pytest.raises(InvalidField):
        await ranked.publish(Catalogue.profiles, "ana", profile("ana"), bad)
    assert list(village.cluster.broker.records(village.context.names.profiles)) == []


async def test_a_broker_that_is_away_is_told(village: Village, ranked: Ranked) -> None:
    async def refuse(*_: Any) -> None:
        raise ConnectionError("somewhere")

    village.context.app._producer = type("Away", (), {"send": staticmethod(refuse)})()
    with pytest.raises(Problem, match="No pudimos guardar"):
        await ranked.publish(Catalogue.profiles, "ana", profile("ana"))


async def test_a_closed_fence_answers_nothing(village: Village, ranked: Ranked) -> None:
    village.context.fence.close()
    with pytest.raises(Problem, match=NOT_READY):
        await ranked.of("ana")
    with pytest.raises(StaleGeneration):
        await Heard(village.context, "elsewhere", _stored(village)).latest("ana")
