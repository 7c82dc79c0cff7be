"""People and jobs in, ranked matches out: what one worker does when nothing goes wrong.

The tests share one worker, each with people and jobs of its own.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from matcher_stream.verify import verify
from schemas import Candidates, Matches
from tests.e2e.conftest import Deploy
from tests.support.bad_input import Topic, burst
from tests.support.brokers import Broker
from tests.support.deployment import Deployment
from tests.support.kafka_io import Send, last_by_key, publish, publish_all, read_all, wait_until
from tests.support.scenario import DAY_MS, partition_of

COOK = {"text": "Soy cocinera, preparo menú criollo y sopas", "ubigeo": "150110"}
MASON = {"text": "albañil, asiento ladrillo y tarrajeo paredes", "ubigeo": "150110"}
COOK_JOB = {"title": "Cocinera para pensión", "description": "Preparar menú diario y sopas"}
MASON_JOB = {"title": "Albañil", "description": "Asentado de ladrillo y tarrajeo en obra"}


@pytest.fixture(scope="module")
def shared(broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """One deployment with one worker for the whole module."""
    deployment = Deployment(broker, tmp_path_factory.mktemp("shared"))
    try:
        asyncio.run(deployment.create_topics())
        deployment.start(BROKER_COMMIT_INTERVAL="0.2")  # so that rest is seen soon
        yield deployment
    finally:
        deployment.reap()


async def _person(on: Deployment, name: str, fields: dict[str, Any] | None) -> None:
    value = None if fields is None else {"profile_id": name, **fields}
    await publish(on.broker, on.names.profiles, name, value)


async def _job(on: Deployment, name: str, fields: dict[str, Any] | None) -> None:
    value = None if fields is None else {"job_id": name, **fields}
    await publish(on.broker, on.names.jobs, name, value)


async def _told(on: Deployment, name: str) -> dict[str, Any] | None:
    """The last thing told about a person, once all is at rest; None for a null."""
    await on.drained()
    last = await last_by_key(on.broker, on.names.matches)
    record = last[name.encode()]
    return None if record.value is None else dict(record.json)


async def _ids(on: Deployment, name: str) -> list[str]:
    told = await _told(on, name)
    assert told is not None
    return [entry["job_id"] for entry in told["entries"]]


async def test_people_get_their_jobs_and_jobs_their_people(shared: Deployment) -> None:
    await _job(shared, "a-cocina", COOK_JOB)
    await _person(shared, "a-cocinera", COOK)
    await _person(shared, "a-albañil", MASON)
    await _job(shared, "a-obra", MASON_JOB)
    assert (await _ids(shared, "a-cocinera"))[0] == "a-cocina"
    assert (await _ids(shared, "a-albañil"))[0] == "a-obra"
    told = await _told(shared, "a-cocinera")
    Matches.model_validate(told)
    lists = await last_by_key(shared.broker, shared.names.candidates)
    first = Candidates.model_validate(lists[b"a-obra"].json)
    assert first.entries[0].profile_id == "a-albañil"
    assert first.partitions_seen == first.partitions_total == shared.settings.partitions


async def test_events_are_cloudevents_and_the_same_id_is_the_same_event(
    shared: Deployment,
) -> None:
    await _job(shared, "b-cocina", COOK_JOB)
    await shared.drained()
    trace = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    await publish(
        shared.broker,
        shared.names.profiles,
        "b-cocinera",
        {"profile_id": "b-cocinera", **COOK},
        [("traceparent", trace)],
    )
    await shared.drained()
    record = (await last_by_key(shared.broker, shared.names.matches))[b"b-cocinera"]
    assert record.headers["ce_specversion"] == b"1.0"
    assert record.headers["ce_id"].decode() == record.json["event_id"]
    assert {"ce_type", "ce_source", "ce_time"} <= record.headers.keys()
    assert record.headers["traceparent"] == trace
    assert record.partition == partition_of(b"b-cocinera", shared.settings.partitions)


async def test_a_job_that_ends_leaves_every_ranking(shared: Deployment) -> None:
    await _person(shared, "c-cocinera", COOK)
    for number, end in enumerate(("withdrawn", "closed", "filled", "expired")):
        name = f"c-cocina-{number}"
        await _job(shared, name, COOK_JOB)
        assert name in await _ids(shared, "c-cocinera")
        ends: dict[str, dict[str, Any] | None] = {
            "withdrawn": None,
            "closed": {**COOK_JOB, "status": "closed"},
            "filled": {**COOK_JOB, "status": "filled"},
            "expired": {**COOK_JOB, "expires_at": "2020-01-01"},
        }
        await _job(shared, name, ends[end])
        told = await _told(shared, "c-cocinera")
        assert told is not None
        assert name not in [entry["job_id"] for entry in told["entries"]], end
        assert name in told["left"]
        lists = await last_by_key(shared.broker, shared.names.candidates)
        assert lists[name.encode()].value is None


async def test_a_job_expires_by_itself_within_a_minute(shared: Deployment) -> None:
    await _person(shared, "d-cocinera", COOK)
    ends = int(time.time() * 1000) + 15_000
    await _job(shared, "d-cocina", {**COOK_JOB, "expires_at": ends})
    assert "d-cocina" in await _ids(shared, "d-cocinera")

    async def gone() -> bool:
        return "d-cocina" not in await _ids(shared, "d-cocinera")

    await wait_until(gone, 75, "the job to expire")
    assert time.time() * 1000 >= ends


async def test_feedback_takes_the_job_out_and_hired_pauses(shared: Deployment) -> None:
    await _job(shared, "e-cocina", COOK_JOB)
    await _person(shared, "e-cocinera", COOK)
    assert "e-cocina" in await _ids(shared, "e-cocinera")
    said = {"profile_id": "e-cocinera", "job_id": "e-cocina", "kind": "dismissed"}
    await publish(shared.broker, shared.names.feedback, "e-cocinera", said)
    assert "e-cocina" not in await _ids(shared, "e-cocinera")
    lists = await last_by_key(shared.broker, shared.names.candidates)
    assert "e-cocinera" not in [e["profile_id"] for e in lists[b"e-cocina"].json["entries"]]
    await publish(
        shared.broker,
        shared.names.feedback,
        "e-cocinera",
        {**said, "job_id": "otro", "kind": "hired"},
    )
    told = await _told(shared, "e-cocinera")
    assert told is not None
    assert (told["status"], told["entries"]) == ("paused", [])


async def test_feedback_on_an_ad_that_the_ranking_does_not_show_is_answered(
    shared: Deployment,
) -> None:
    """They saw it somewhere: perhaps in a ranking that a crash kept from being noted."""
    await _job(shared, "k-cocina", COOK_JOB)
    await _person(shared, "k-cocinera", COOK)
    before = await _told(shared, "k-cocinera")
    said = {"profile_id": "k-cocinera", "job_id": "k-otra", "kind": "dismissed"}
    await publish(shared.broker, shared.names.feedback, "k-cocinera", said)
    after = await _told(shared, "k-cocinera")
    assert before is not None
    assert after is not None
    assert (after["entries"], after["cause"]) == (before["entries"], "feedback")
    assert after["revision"] > before["revision"]


async def test_what_was_published_later_counts_in_whatever_order_topics_are_read(
    shared: Deployment,
) -> None:
    """A person who came back, with the same words, before news of an older job was heard."""
    now = int(time.time() * 1000)
    person = orjson.dumps({"profile_id": "l-cocinera", **COOK})
    hired = {"profile_id": "l-cocinera", "job_id": "otro", "kind": "hired"}
    topics = shared.names
    for send in (
        Send(topics.profiles, b"l-cocinera", person, timestamp=now - 9_000),
        Send(topics.profiles, b"l-cocinera", person, timestamp=now - 1_000),
        Send(topics.feedback, b"l-cocinera", orjson.dumps(hired), timestamp=now - 5_000),
    ):
        await publish_all(shared.broker, [send])
        await shared.drained()
    told = await _told(shared, "l-cocinera")
    assert told is not None
    assert told["status"] == "ok"
    await shared.verified(sample=0)


async def test_an_erasure_that_went_astray_spares_who_came_back_since(shared: Deployment) -> None:
    now = int(time.time() * 1000)
    topics, count = shared.names, shared.settings.partitions
    wrong = (partition_of(b"m-cocinera", count) + 1) % count
    person = orjson.dumps({"profile_id": "m-cocinera", **COOK})
    for gone_at, stays in ((now - 5_000, True), (now, False)):
        astray = Send(topics.profiles, b"m-cocinera", None, (), wrong, gone_at)
        back = Send(topics.profiles, b"m-cocinera", person, timestamp=now - 1_000)
        for send in (back, astray):
            await publish_all(shared.broker, [send])
            await shared.drained()
        assert (await _told(shared, "m-cocinera") is not None) is stays
        await shared.verified(sample=0)


async def test_an_erased_person_is_gone_and_no_replay_brings_them_back(
    shared: Deployment,
) -> None:
    await _job(shared, "f-cocina", COOK_JOB)
    await _person(shared, "f-cocinera", COOK)
    await _person(shared, "f-cocinera", None)
    assert await _told(shared, "f-cocinera") is None
    lists = await last_by_key(shared.broker, shared.names.candidates)
    people = {e["profile_id"] for r in lists.values() if r.value for e in r.json["entries"]}
    assert "f-cocinera" not in people
    changelogs = [f"{shared.app_id}-{t}-changelog" for t in ("people", "rankings", "exclusions")]
    for changelog in changelogs:
        for key, record in (await last_by_key(shared.broker, changelog)).items():
            assert key[2:] != b"f-cocinera" or record.value is None, changelog


async def test_an_unchanged_event_costs_nothing_and_tells_nothing(shared: Deployment) -> None:
    await _job(shared, "g-cocina", COOK_JOB)
    await _person(shared, "g-cocinera", COOK)
    await shared.drained()
    worker = shared.workers[0]
    embedded = worker.metric("matcher_embeddings_total")
    told = len(await read_all(shared.broker, shared.names.matches, shared.names.candidates))
    await _person(shared, "g-cocinera", COOK)
    await _job(shared, "g-cocina", COOK_JOB)
    await shared.drained()
    assert worker.metric("matcher_embeddings_total") == embedded
    assert len(await read_all(shared.broker, shared.names.matches, shared.names.candidates)) == told


async def test_unknown_places_and_past_dates_are_no_bad_input(shared: Deployment) -> None:
    before = shared.workers[0].metric("matcher_unknown_terms_total", field="place")
    await _job(shared, "h-cocina", COOK_JOB)
    await _person(shared, "h-cocinera", {"text": COOK["text"], "place": "Villa Inventada"})
    assert "h-cocina" in await _ids(shared, "h-cocinera")
    assert shared.workers[0].metric("matcher_unknown_terms_total", field="place") > before
    past = int(time.time() * 1000) - DAY_MS
    await _person(shared, "h-cocinera", {**COOK, "valid_until": past})
    told = await _told(shared, "h-cocinera")
    assert told is not None
    assert (told["status"], told["entries"]) == ("expired", [])
    assert told["message"]
    dlq = await read_all(shared.broker, *(shared.names.dlq(t) for t in shared.inputs))
    assert not [record for record in dlq if record.key and record.key.startswith(b"h-")]


@pytest.mark.parametrize("count", [1_000, pytest.param(10_000, marks=pytest.mark.soak)])
async def test_a_burst_of_bad_input_is_set_aside_untouched(shared: Deployment, count: int) -> None:
    rng = random.Random(count)
    sends: list[Send] = []
    bad: dict[int, frozenset[str]] = {}
    topics: tuple[Topic, ...] = ("profiles", "jobs", "feedback")
    for topic in topics:
        made = burst(rng, count // 3, topic, f"malo{count}")
        for number, one in enumerate(made):
            bad[len(sends)] = one.codes
            name = f"{shared.prefix}.{topic}.v1"
            sends.append(
                Send(
                    name,
                    one.key,
                    one.value,
                    [("h", b"\xff\x00")],
                    None if one.key is not None else 0,
                )
            )
            if number % 20 == 0 and topic != "feedback":
                good = f"i{count}-{number}"
                value = {"profile_id": good, "job_id": good, **COOK, **COOK_JOB}
                sends.append(Send(name, good.encode(), orjson.dumps(value)))
    landed = await publish_all(shared.broker, sends)
    await shared.drained()
    copies = await read_all(shared.broker, *(shared.names.dlq(t) for t in shared.inputs))
    found = {
        (
            r.headers["dlq_topic"].decode(),
            int(r.headers["dlq_partition"]),
            int(r.headers["dlq_offset"]),
        ): r
        for r in copies
    }
    for number, codes in bad.items():
        copy = found.pop(landed[number])
        assert (copy.key, copy.value) == (sends[number].key, sends[number].value)
        assert copy.headers["dlq_error_class"].decode() in codes
        assert copy.headers["dlq_error_message"]
        assert copy.headers["dlq_consumer_group"].decode() == shared.app_id
        assert int(copy.headers["dlq_timestamp"]) > 0
    assert not set(found) & set(landed), "a good record was refused"
    last = await last_by_key(shared.broker, shared.names.matches)
    for number, send in enumerate(sends):
        if number not in bad and send.topic == shared.names.profiles and send.key is not None:
            assert last[send.key].json["entries"], "a good record among bad ones has no ranking"


async def test_everything_together_is_what_brute_force_says(shared: Deployment) -> None:
    report = await shared.verified()
    assert report.counts["pairs compared"] > 0
    assert report.swaps == 0


async def test_pages_tell_what_the_worker_does(shared: Deployment) -> None:
    worker = shared.workers[0]
    assert worker.get("/live")[0] == 200
    status, page = worker.get("/")
    assert status == 200
    assert "<html" in page.lower()
    assert worker.metric("matcher_people") > 0
    assert worker.metric("matcher_processed_total", agent="profiles") > 0
    assert worker.get("/table/people/")[0] == 404


async def test_verify_finds_what_is_wrong(shared: Deployment) -> None:
    """The last test: it leaves a mess behind. Each fault is one that `verify` must name."""
    await shared.verified()
    shared.workers[0].stop()
    names, broker = shared.names, shared.broker
    last = await last_by_key(broker, names.matches)
    ranked = next(r for r in last.values() if r.value and len(r.json["entries"]) > 1)
    assert ranked.key is not None
    worse = {**ranked.json, "entries": ranked.json["entries"][1:], "event_id": "x"}
    await publish(broker, names.matches, ranked.key, orjson.dumps(worse), (), ranked.partition)
    lists = await last_by_key(broker, names.candidates)
    listed = next(r for r in lists.values() if r.value and r.json["entries"])
    assert listed.key is not None
    await publish(broker, names.candidates, listed.key, None, (), listed.partition)
    await publish(
        broker, names.profiles, "z-nadie", {"profile_id": "z-nadie", "text": "No leído por nadie"}
    )
    await publish(broker, names.profiles, "z-malo", b"esto no es JSON")
    changelog = f"{shared.app_id}-postings-changelog"
    copies = await last_by_key(broker, changelog)
    copy = next(r for r in copies.values() if r.value and r.key and r.key[2:] in lists)
    await publish(broker, changelog, copy.key, None, (), copy.partition)
    other = next(r for r in last.values() if r.value and r.key != ranked.key)
    old = {**other.json, "revision": other.json["revision"] - 1}
    await publish(broker, names.matches, other.key, orjson.dumps(old), (), other.partition)
    report = await verify(shared.settings, shared.app_id, grace=60.0)
    found = report.by_kind()
    assert not report.ok
    wanted = {"matches", "candidates", "input", "dlq", "posting", "history"}
    assert wanted <= found.keys(), "\n".join(report.lines())


async def test_a_job_that_everybody_sees_makes_room(deploy: Deploy) -> None:
    on = await deploy(partitions=3, exposure=0.3, exposure_free=1.0, top_k=3)
    on.start(BROKER_COMMIT_INTERVAL="0.2")
    await _job(on, "z-obra", {**MASON_JOB, "employer": "Uno"})
    for n in range(12):
        await _person(on, f"z-{n}", {**MASON, "text": f"{MASON['text']} hace {n + 2} años"})
    before = await _told(on, "z-3")
    assert before is not None
    was = before["entries"][0]  # the day's first tick may have come before it or after
    tick = orjson.dumps({"kind": "tick", "as_of": "2099-01-01"})
    await publish_all(
        on.broker, [Send(on.names.work, b"", tick, (), p) for p in range(on.settings.partitions)]
    )
    await on.drained()

    async def lowered() -> bool:
        told = await _told(on, "z-3")
        assert told is not None
        return bool(told["entries"][0]["score"] < was["score"])

    await wait_until(lowered, 60, "the penalty arrives")
    after = await _told(on, "z-3")
    assert after is not None
    entry = after["entries"][0]
    assert after["cause"] == "tick"
    lost = entry["components"]["exposure"] - was["components"].get("exposure", 0.0)
    assert entry["score"] - was["score"] == pytest.approx(lost)
    assert entry["job_version"] > was["job_version"]
    await on.verified(sample=0)
