"""Every alert fires by its real cause, and clears: real workers, and a real Prometheus.

The rules are those that ship, with their windows and limits made short. The tests share workers
and go on from one another: a publisher that sends rubbish, an ad left held, workers killed, too
much to do, a freeze, a language model that hangs. At the end every expression of the dashboards
is asked for.
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from matcher_stream.local.processes import free_port
from models.reading.text import content_hash
from schemas import parse_job
from tests.deploy.test_dashboards import PAGES, panels
from tests.support.brokers import ROOT, Broker
from tests.support.deployment import Deployment
from tests.support.explainer import Explaining
from tests.support.kafka_io import Send, publish, publish_all, read_all
from tests.support.people_and_jobs import invent_job, invent_person, make_risky
from tests.support.processes import ChildProcess, port_answers, wait_for
from tests.support.prometheus import Prometheus
from tests.support.worker import WorkerProcess

pytestmark = pytest.mark.embedded_only

CANARY_SECONDS = 5.0
FACTORS = {
    "MatcherLagRises": (90.0, 450.0), "MatcherRestarts": (7.5, 1.0),
    "MatcherHeldAdsWait": (1.0, 900.0), "MatcherCanaryMissing": (1.0, 300.0),
    "ExplainerWithoutModel": (1.0, 600.0), "MatcherVersionsDiffer": (1.0, 900.0),
}  # fmt: skip
LIMITS = {
    "MatcherRecordsWait": ("> 60", "> 8"),
    "MatcherLagRises": ("> 500", "> 100"),
    "MatcherHeldAdsWait": ("> 86400", "> 3"),
}
GROWS = 60.0
"""Records a second by which more come in than are done."""
PLANTED = ("Zoraida Ccopacondori", "987 654 321", "zoraida.c@example.pe")
"""An invented person's name, number and address."""
TRACE = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


class Llm:
    """The language model's stand-in as a process."""

    def __init__(self, folder: Path) -> None:
        self.port, self._folder = free_port(), folder
        self._process: ChildProcess | None = None

    @property
    def url(self) -> str:
        """Root of its API."""
        return f"http://127.0.0.1:{self.port}/v1"

    def behave(self, mode: str) -> None:
        """Begin anew in another mode."""
        self.reap()
        command = [sys.executable, "-m", "matcher_stream.local.fake_llm", "--port"]
        log = self._folder / "llm.log"
        self._process = ChildProcess(
            "llm", [*command, str(self.port), "--mode", mode], log, cwd=ROOT
        )
        self._process.start()
        wait_for(lambda: port_answers(self.port), 30, "the model to listen")

    def reap(self) -> None:
        """Make sure that nothing of it is left."""
        if self._process is not None:
            self._process.reap()


class Watched:
    """Two matchers, an explainer and a language model, and who watches them."""

    def __init__(self, broker: Broker, folder: Path) -> None:
        self.broker, self.prometheus = broker, Prometheus(folder / "prometheus", FACTORS, LIMITS)
        self.deployment = Deployment(broker, folder, canary_interval=CANARY_SECONDS)
        self.llm = Llm(folder)
        self.explaining = Explaining(
            broker, folder, topic_prefix=self.deployment.prefix, partitions=4, llm_timeout=1.0,
            llm_api_key="sk-test-not-a-secret", llm_base_url=self.llm.url,
            llm_requests_per_minute=6000.0, llm_tokens_per_minute=1e9,
        )  # fmt: skip
        self._rng = random.Random(7)
        self._people = 0

    async def start(self) -> None:
        """Until a canary has come through and nothing is alarmed."""
        await self.deployment.create_topics()
        await self.explaining.create_topics()
        self.llm.behave("ok")
        self.prometheus.start()
        self.deployment.start(2)
        self.explaining.start()
        self.prometheus.watch(
            [w.port for w in (*self.deployment.workers, *self.explaining.workers)]
        )
        self.comes_through()
        wait_for(lambda: not self.prometheus.firing(), 60, "no alert")

    def comes_through(self) -> None:
        """Wait until a canary of now is explained; who ended meanwhile is started again."""
        since, told = time.time(), "min(max by (stage) (matcher_canary_timestamp_seconds))"

        def done() -> bool:
            for worker in self.deployment.workers:
                if not worker.alive:
                    assert worker.exit_code == 70, worker.tail()
                    worker.start()
            found = self.prometheus.query(told)
            return bool(found) and float(found[0]["value"][1]) > since

        wait_for(done, 120, "the canary to come through", every=0.5)

    @property
    def workers(self) -> tuple[WorkerProcess, WorkerProcess]:
        """The two matchers."""
        first, second = self.deployment.workers
        return first, second

    def person(self, **fields: Any) -> Send:
        """One more invented person as a record."""
        self._people += 1
        name = f"p{self._people}"
        value = {**invent_person(self._rng, name), **fields}
        topic = self.deployment.names.profiles
        headers = [("traceparent", TRACE)]
        return Send(topic, name.encode(), orjson.dumps(value), headers)

    async def publish(self, kind: str, key: str, value: dict[str, Any] | bytes | None) -> None:
        """One record of an input topic."""
        await publish(self.broker, getattr(self.deployment.names, kind), key, value)

    def reap(self) -> None:
        """Make sure that nothing is left."""
        self.deployment.reap()
        self.explaining.reap()
        self.llm.reap()
        self.prometheus.reap()


@pytest.fixture(scope="module")
def watched(broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    made = Watched(broker, tmp_path_factory.mktemp("alerts"))
    try:
        asyncio.run(made.start())
        yield made
    finally:
        made.reap()


async def test_rubbish_and_an_ad_left_held(watched: Watched) -> None:
    alarm = watched.prometheus
    risky = make_risky(random.Random(1), invent_job(random.Random(2), "held"))
    await watched.publish("jobs", "held", risky)
    for number in range(60):
        await watched.publish("profiles", f"rubbish{number}", b"{")
    alarm.fires("MatcherDeadLetters")
    alarm.fires("MatcherHeldAdsWait")
    assert "MatcherCanaryMissing" not in alarm.firing()
    content = content_hash(parse_job(b"held", orjson.dumps(risky))).hex()
    said = {"job_id": "held", "decision": "release", "content_hash": content}
    await watched.publish("decisions", "held", said)
    alarm.clears("MatcherHeldAdsWait")
    alarm.clears("MatcherDeadLetters")


async def test_a_worker_killed_again_and_again_once_with_other_settings(watched: Watched) -> None:
    alarm, (_, worker) = watched.prometheus, watched.workers
    worker.kill9()
    alarm.fires("MatcherPartitionWithoutOwner")
    alarm.clears("MatcherPartitionWithoutOwner")
    worker.set(MATCHER_TOP_K="9")
    worker.start()
    alarm.fires("MatcherVersionsDiffer")
    worker.kill9()
    worker.set(MATCHER_TOP_K="")
    worker.start()
    alarm.clears("MatcherVersionsDiffer")
    both = "count(matcher_build_info{app='matcher'}) == 2"
    wait_for(lambda: bool(alarm.query(both)), 60, "the worker to be seen")
    worker.kill9()
    worker.start()
    alarm.fires("MatcherRestarts")
    worker.wait_ready()
    alarm.clears("MatcherPartitionWithoutOwner")
    killed = alarm.query('max(matcher_restarts_total{reason="killed"})')
    assert killed[0]["value"][1] == "3"


async def test_more_than_can_be_done(watched: Watched) -> None:
    alarm = watched.prometheus
    missing = {"MatcherLagRises", "MatcherRecordsWait", "MatcherSlow"}
    wanted = 0.0
    while missing:
        wanted += GROWS
        more = round(wanted - sum(w.metric("matcher_lag_events") for w in watched.workers))
        people = [watched.person() for _ in range(max(0, min(more, 1000)))]
        await publish_all(watched.broker, people)
        fired = missing & alarm.firing()
        for alert in fired:
            print(f"{alert} fires with about {wanted:.0f} records that wait")
        missing -= fired
        await asyncio.sleep(1.0)  # the pace at which more comes in than is done
        assert wanted < 100 * GROWS, missing
    for alert in ("MatcherLagRises", "MatcherRecordsWait", "MatcherSlow", "MatcherCanaryMissing"):
        alarm.clears(alert, 240)


async def test_workers_that_stand_still(watched: Watched) -> None:
    alarm = watched.prometheus
    for worker in watched.workers:
        worker.freeze()
    alarm.fires("MatcherPartitionWithoutOwner")
    alarm.fires("MatcherCanaryMissing")
    for worker in watched.workers:
        worker.thaw()
    watched.comes_through()  # a freeze past the session may end a worker: then it is started again
    alarm.clears("MatcherPartitionWithoutOwner")
    alarm.clears("MatcherCanaryMissing")


async def test_a_language_model_that_hangs(watched: Watched) -> None:
    alarm = watched.prometheus
    jobs = [invent_job(random.Random(n), f"j{n}") for n in range(40)]
    for job in jobs:
        await watched.publish("jobs", job["job_id"], job)
    watched.llm.behave("hang")

    async def ask_until(firing: bool) -> None:
        """New people with consent: somebody must ask for the breaker to learn anything."""
        while ("ExplainerWithoutModel" in await asyncio.to_thread(alarm.firing)) != firing:
            await publish_all(watched.broker, [watched.person(consent_llm=True) for _ in range(8)])
            await asyncio.sleep(0.5)
        print(f"ExplainerWithoutModel {'fires' if firing else 'clears'}")

    await asyncio.wait_for(ask_until(firing=True), 120)
    watched.llm.behave("ok")
    await asyncio.wait_for(ask_until(firing=False), 120)


async def test_nothing_personal_is_told_of(watched: Watched) -> None:
    """What was planted in a profile, and in one that is refused, is where it was published."""
    text = f"Soy {PLANTED[0]}, cocinera. Mi número es {PLANTED[1]}, mi correo {PLANTED[2]}."
    await publish_all(watched.broker, [watched.person(text=text, consent_llm=True)])
    await watched.publish("profiles", "refused", {"profile_id": "refused", "text": [text]})
    watched.comes_through()
    everybody = (*watched.deployment.workers, *watched.explaining.workers)
    said = {worker.name: worker.log.read_text(errors="replace") for worker in everybody}
    said |= {f"/metrics of {worker.name}": worker.get("/metrics")[1] for worker in everybody}
    names = watched.deployment.names
    topics = [
        names.job_fanout, names.candidates_partial, names.work, names.matches, names.candidates,
        names.explanations, names.review,
    ]  # fmt: skip
    records: dict[str, list[str]] = {}
    for record in await read_all(watched.broker, *topics):
        whole = (record.value or b"") + repr(record.headers).encode()
        records.setdefault(record.topic, []).append(whole.decode(errors="replace"))
    said |= {topic: "\n".join(told) for topic, told in records.items()}
    assert all(said[where] for where in (names.matches, names.explanations, everybody[0].name))
    assert [(where, word) for where, told in said.items() for word in PLANTED if word in told] == []


async def test_every_panel_has_data(watched: Watched) -> None:
    alarm = watched.prometheus
    await watched.publish("feedback", "p1", {"profile_id": "p1", "job_id": "j1", "kind": "applied"})
    empty = {
        (page.stem, panel["title"], target["expr"])
        for page in PAGES
        for panel in panels(page)
        for target in panel["targets"]
        if not alarm.query(target["expr"])
    }
    assert empty == set()
    exemplars = alarm.ask(
        "query_exemplars", query="matcher_event_to_match_seconds_bucket",
        start="0", end="4102444800",
    )  # fmt: skip
    traces = {e["labels"]["trace_id"] for series in exemplars for e in series["exemplars"]}
    assert traces == {TRACE.split(b"-")[1].decode()}
    for alert in sorted(alarm.firing()):
        alarm.clears(alert)
