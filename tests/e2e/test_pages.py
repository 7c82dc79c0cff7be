"""Pages on real workers: any of them serves anybody, and none is slowed down by its visitors."""

from __future__ import annotations

import asyncio
import random
import re
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp
import orjson
import psutil
import pytest

from tests.e2e.conftest import Deploy
from tests.support.deployment import Deployment
from tests.support.kafka_io import Send, last_by_key, publish_all
from tests.support.people_and_jobs import invent_job, invent_person
from tests.support.processes import NeverHappened
from tests.support.worker import WorkerProcess
from tests.web.conftest import KEY, Browser, Page

JOBS, PEOPLE, ADS, LIVE, FLOOD = 60, 120, 6, 50, 10_000
RATE = 20.0
"""Records a second."""
LEAST = 0.8
"""Of the people that a CPU second matches without visitors; it was 0.9 where this was written."""
MOST_MS = 2.0
"""CPU of a request that is refused for its rate; one page takes 2."""
PAGES = "busco,ofrezco,revisar"
#: Addresses and whether something is posted there, by whom they would hurt.
FLOODS: dict[str, tuple[tuple[str, bool], ...]] = {
    "who looks for work": (
        ("/busco", False), ("/busco/lista", False), ("/m/forged.link.token", False),
        ("/nothing", False), ("/busco/leimos", True),
    ),
    "employers and reviewers": (
        ("/ofrezco", False), ("/a/forged.link.token", False), ("/revisar", False),
        ("/ofrezco/leimos", True), ("/revisar/decidir", True),
    ),
}  # fmt: skip
WORDS = "cocino menú y sopas, lavo ollas, limpio casas, vendo en mercado, cuido niños"


@asynccontextmanager
async def _visitor(worker: WorkerProcess, jar: aiohttp.CookieJar) -> AsyncIterator[Browser]:
    url = f"http://127.0.0.1:{worker.port}"
    async with aiohttp.ClientSession(base_url=url, cookie_jar=jar) as session:
        yield Browser(session)


async def _find(browser: Browser) -> Page:
    await browser.get("/busco")
    await browser.post("/busco", {"words": WORDS})
    await browser.post("/busco/donde", {"skip": "1"})
    return await browser.post("/busco/leimos", {})


def _titles(page: Page) -> list[str]:
    return re.findall(r"<h3><a [^>]*>(.*?)</a></h3>", page.text.split('<section id="lista"')[-1])


async def _shown(browser: Browser, within: float = 90.0) -> Page:
    """The list, once there is one; a worker may be taking over."""
    ends = time.monotonic() + within
    while "<article" not in (page := await browser.get("/busco/lista")).text:
        if time.monotonic() > ends:
            raise NeverHappened(f"no list: {page.status} {page.words[:200]}")
        await asyncio.sleep(0.2)
    return page


async def _with_jobs(deploy: Deploy, workers: int) -> Deployment:
    deployment = await deploy(
        web_pages=PAGES, web_keys=KEY, web_rate=100.0, score_threshold=-1.0, vetting=False
    )
    deployment.start(workers)
    rng = random.Random(5)
    jobs = [
        Send(deployment.names.jobs, f"j{n}".encode(), orjson.dumps(invent_job(rng, f"j{n}")))
        for n in range(JOBS)
    ]
    await publish_all(deployment.broker, jobs)
    await deployment.drained()
    return deployment


@pytest.mark.embedded_only
async def test_any_worker_shows_anybody_their_page(deploy: Deploy) -> None:
    deployment = await _with_jobs(deploy, 2)
    first, second = deployment.running
    jars = [aiohttp.CookieJar(unsafe=True) for _ in range(6)]
    lists = []
    for jar in jars:
        async with _visitor(first, jar) as here, _visitor(second, jar) as there:
            await _find(here)
            mine = _titles(await _shown(here))
            assert mine
            assert _titles(await _shown(there)) == mine
            page = await there.get("/busco/lista")
            say = re.search(r'name="say" value="(applied::[^"]*)"', page.text)
            revision = re.search(r'name="revision" value="(\d+)"', page.text)
            assert say
            assert revision
            await there.post("/busco/respuesta", {"say": say[1], "revision": revision[1]})
            await deployment.drained()
            lists.append(_titles(await _shown(here)))
            assert lists[-1][:3] == mine[1:4]
    owners = {worker.port: worker.metric("matcher_people") for worker in (first, second)}
    assert all(owners.values()), "everybody lives in one worker: nothing was asked of another"
    first.signal(signal.SIGKILL)
    for jar, mine in zip(jars, lists, strict=True):
        async with _visitor(second, jar) as there:
            assert _titles(await _shown(there)) == mine


async def _cost(on: Deployment, phase: str) -> float:
    """CPU milliseconds of the worker for each of so many people matched, while ads come too."""
    (worker,) = on.running
    rng = random.Random(phase)
    names = [f"{phase}{n}" for n in range(PEOPLE)]
    sends = []
    for number, name in enumerate(names):
        person = invent_person(rng, name)
        person["text"] = f"{person['text']} Código {name}."
        sends.append(Send(on.names.profiles, name.encode(), orjson.dumps(person)))
        if number % (PEOPLE // ADS) == 0:
            ad = {"job_id": f"ad{name}", "title": f"Cocina menú y sopas, lava ollas {name}"}
            sends.append(Send(on.names.jobs, ad["job_id"].encode(), orjson.dumps(ad)))
    before = _cpu(worker)
    await publish_all(on.broker, sends, rate=RATE)
    await on.drained()
    return 1000 * (_cpu(worker) - before) / PEOPLE


def _cpu(worker: WorkerProcess) -> float:
    times = psutil.Process(worker.pid).cpu_times()
    return float(times.user + times.system)


async def _watch(browser: Browser, told: Counter[str]) -> None:
    """A page that somebody looks at: told of changes, and fetched again."""
    while True:
        try:
            async with browser.client.get("/busco/vivo", timeout=None) as stream:
                async for line in stream.content:
                    if line.startswith(b"data:"):
                        told["changes"] += 1
                        await browser.get("/busco/lista")
        except aiohttp.ClientError:
            told["again"] += 1


@pytest.mark.alone
@pytest.mark.embedded_only
async def test_people_on_live_pages_do_not_slow_the_matcher_down(deploy: Deploy) -> None:
    deployment = await _with_jobs(deploy, 1)
    (worker,) = deployment.running
    await _cost(deployment, "warm")
    alone = [await _cost(deployment, "a")]
    told: Counter[str] = Counter()
    async with AsyncExitStack() as stack:
        watching = []
        for _ in range(LIVE):
            jar = aiohttp.CookieJar(unsafe=True)
            browser = await stack.enter_async_context(_visitor(worker, jar))
            await _find(browser)
            await _shown(browser)
            watching.append(asyncio.ensure_future(_watch(browser, told)))
        busy = [await _cost(deployment, f"b{n}") for n in range(2)]
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)
    alone.append(await _cost(deployment, "c"))
    assert told["changes"] >= LIVE
    ratio = sum(alone) / sum(busy)
    print(
        f"{LIVE} live pages, {told['changes']} changes told: "
        f"{sum(alone) / 2:.1f} ms a person without, {sum(busy) / 2:.1f} with, ratio {ratio:.2f}"
    )
    assert ratio > LEAST


async def _flood(worker: WorkerProcess, paths: Sequence[tuple[str, bool]]) -> Counter[int]:
    """Ask for so many pages from one address, twenty at a time; returns the statuses."""
    statuses: Counter[int] = Counter()

    async def ask(session: aiohttp.ClientSession) -> None:
        for number in range(FLOOD // 20):
            path, posts = paths[number % len(paths)]
            asked = session.post(path, data={"x": "y"}) if posts else session.get(path)
            async with asked as answer:
                statuses[answer.status] += 1

    async with aiohttp.ClientSession(base_url=f"http://127.0.0.1:{worker.port}") as session:
        await asyncio.gather(*(ask(session) for _ in range(20)))
    return statuses


async def _keys(on: Deployment) -> list[int]:
    """How many keys each topic that pages publish to has."""
    topics = (on.names.profiles, on.names.jobs, on.names.decisions, on.names.invitations)
    return [len(await last_by_key(on.broker, topic)) for topic in topics]


@pytest.mark.alone
@pytest.mark.embedded_only
async def test_ten_thousand_requests_from_one_address_slow_nobody_down(deploy: Deploy) -> None:
    """Ten thousand at those who look for work, and ten thousand at employers and reviewers."""
    deployment = await _with_jobs(deploy, 1)
    (worker,) = deployment.running
    await _cost(deployment, "warm")
    before = await _keys(deployment)
    alone = [await _cost(deployment, "a")]
    busy: dict[str, float] = {}
    told: dict[str, Counter[int]] = {}
    for phase, (whom, paths) in enumerate(FLOODS.items()):
        flood = asyncio.ensure_future(_flood(worker, paths))
        busy[whom] = await _cost(deployment, f"b{phase}")
        told[whom] = await flood
    alone.append(await _cost(deployment, "c"))
    phases = len(alone) + len(busy)
    after = await _keys(deployment)
    assert [n - m for n, m in zip(after, before, strict=True)] == [
        phases * PEOPLE, phases * ADS, 0, 0,
    ], "something was published for nobody"  # fmt: skip
    for whom, statuses in told.items():
        assert sum(statuses.values()) == FLOOD
        assert statuses[429] > FLOOD / 2
        assert not any(status >= 500 for status in statuses)
        without = sum(alone) / len(alone)
        flooded = max(0.0, busy[whom] - without) * PEOPLE / FLOOD
        print(
            f"{FLOOD} requests at {whom} {dict(statuses)}: {flooded:.2f} ms each, "
            f"ratio {without / busy[whom]:.2f}"
        )
        assert flooded < MOST_MS
