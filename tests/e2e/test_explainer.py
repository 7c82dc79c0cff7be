"""The explainer on a real broker, beside a language model that behaves, or does not."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from matcher_stream.runtime.faults import EXPLAINER_POINTS
from models.explain.numbers import fold
from models.explain.prompt import INSTRUCTIONS, SCHEMA
from tests.models.explain.entries import entry_of
from tests.models.explain.test_gpt import INJECTIONS
from tests.models.explain.test_redact import _forms, _secrets
from tests.support.brokers import Broker
from tests.support.explainer import Explaining, keys_of, matches_event, person_event
from tests.support.fake_llm import FakeLlm, fake_llm
from tests.support.kafka_io import Record, Send, last_by_key, publish_all, wait_until

PEOPLE = 200
TOP = 3
FAST = {"llm_requests_per_minute": 60_000.0, "llm_tokens_per_minute": 1e9}
KEY = "sk-test-not-a-secret"
Make = Callable[..., Awaitable[Explaining]]


@pytest.fixture
async def llm() -> AsyncIterator[FakeLlm]:
    async with fake_llm() as server:
        yield server


@pytest.fixture
def make(broker: Broker, tmp_path: Path) -> Iterator[Make]:
    """Makes explainers with their topics; `llm` names the server that they call."""
    made: list[Explaining] = []

    async def _make(llm: FakeLlm | None = None, **settings: Any) -> Explaining:
        if llm is not None:
            settings = {"llm_base_url": llm.base_url, "llm_api_key": KEY, **settings}
        explaining = Explaining(broker, tmp_path, **settings)
        made.append(explaining)
        await explaining.create_topics()
        return explaining

    try:
        yield _make
    finally:
        for explaining in made:
            explaining.reap()


_WORDS = re.compile(r"[a-z0-9]+")
_OWN_HEADERS = re.compile(r"(?i)host|content-length|user-agent|x-stainless-.*|authorization")


def _seen_text(llm: FakeLlm) -> str:
    """Everything the server was told that is not the same in every request, folded."""
    parts = []
    for seen in llm.seen:
        body = orjson.loads(seen.body)
        assert body.pop("instructions") == INSTRUCTIONS
        assert body.pop("text")["format"]["schema"] == SCHEMA
        headers = {k: v for k, v in seen.headers.items() if not _OWN_HEADERS.fullmatch(k)}
        assert seen.headers["Authorization"] == f"Bearer {KEY}"
        parts += [seen.path, str(headers), str(body)]
    return fold("\n".join(parts))


def _same_id_same_bytes(records: list[Record]) -> None:
    seen: dict[str, bytes] = {}
    for record in records:
        if record.value is not None:
            assert seen.setdefault(record.json["event_id"], record.value) == record.value


@pytest.mark.alone
@pytest.mark.parametrize(
    "mode",
    [
        "ok",
        "hang",
        *(
            pytest.param(mode, marks=pytest.mark.embedded_only)
            for mode in ("slow", "rate_limited", "wrong_schema", "not_json", "absent")
        ),
    ],
)
async def test_every_top_entry_is_explained_within_two_seconds(
    make: Make, llm: FakeLlm, mode: str
) -> None:
    explaining = await make(None if mode == "absent" else llm, **FAST)
    llm.mode = mode if mode != "absent" else "ok"
    explaining.start()
    events = [person_event(n) for n in range(PEOPLE)]
    await explaining.publish(events)
    await explaining.until_written(keys_of(events))
    matched = {
        r.json["profile_id"]: r.timestamp
        for r in (await last_by_key(explaining.broker, explaining.names.matches)).values()
    }
    first: dict[str, int] = {}
    for record in await explaining.records():
        first.setdefault(record.json["profile_id"] + ":" + record.json["job_id"], record.timestamp)
    late = [at - matched[key.split(":")[0]] for key, at in first.items()]
    print(
        f"{mode}: {len(late)} entries, slowest {max(late)} ms, "
        f"median {sorted(late)[len(late) // 2]} ms"
    )
    assert keys_of(events) <= set(first)
    assert max(late) <= 2000
    if mode == "ok":
        await explaining.until_written(keys_of(events, TOP), "gpt", 60)
        assert len(llm.seen) == len(keys_of(events, TOP))
    if mode == "absent":
        assert not llm.seen
    _same_id_same_bytes(await explaining.records())


@pytest.mark.embedded_only
async def test_calls_stay_within_the_limits(make: Make, llm: FakeLlm) -> None:
    explaining = await make(llm, llm_requests_per_minute=120.0, llm_concurrency=2)
    llm.mode, llm.delay = "slow", 0.1
    explaining.start()
    await explaining.publish([person_event(n) for n in range(60)])

    async def enough() -> bool:
        return len(llm.seen) >= 30

    await wait_until(enough, 60, "30 calls")
    times = [seen.at for seen in llm.seen]
    # a burst of a tenth, and the rest of the rate spread over the minute: 12 + 108/60 a second
    for at, first in enumerate(times):
        for count, last in enumerate(times[at:], 1):
            assert count <= 12 + 1.8 * (last - first) + 1
    assert llm.most_open <= 2


@pytest.mark.embedded_only
async def test_budget_stops_the_calls_over_a_restart(make: Make, llm: FakeLlm) -> None:
    # 70 + 60 micro-dollars a call; what is set aside before it is known is more
    explaining = await make(llm, llm_daily_budget=0.004)
    (worker,) = explaining.start()
    events = [person_event(n) for n in range(40)]
    await explaining.publish(events)
    await explaining.until_written(keys_of(events))
    await _settled(worker)
    spent = len(llm.seen) * 130e-6
    assert 0 < spent <= 0.004
    assert worker.metric("matcher_llm_outcomes_total", outcome="no_budget") > 0
    worker.stop()
    explaining.start()
    more = [person_event(n) for n in range(100, 160)]
    await explaining.publish(more)
    await explaining.until_written(keys_of(more))
    await _settled(explaining.workers[-1])
    assert len(llm.seen) * 130e-6 <= 0.004


async def _settled(worker: Any) -> None:
    """What was read has made its wishes, and nothing waits for a model any more."""

    async def done() -> bool:
        taken = worker.metric("matcher_batch_events_sum", agent="explain")
        if worker.metric("matcher_processed_total", agent="explain") < taken:
            return False  # a template is seen before its batch has made its wishes
        return bool(worker.metric("matcher_llm_waiting") == 0)

    await wait_until(done, 60, "all wishes settled")


@pytest.mark.embedded_only
async def test_an_identical_match_costs_no_second_call(make: Make, llm: FakeLlm) -> None:
    explaining = await make(llm)
    (worker,) = explaining.start()
    event = person_event(1)
    key = keys_of([event], 1)
    await explaining.publish([event])
    await explaining.until_written(keys_of([event], TOP), "gpt")
    calls = len(llm.seen)
    await explaining.publish([matches_event("p1", event["entries"][1:], revision=2)])

    async def gone() -> bool:
        found = await explaining.latest()
        return all(found[k] is None for k in key)

    await wait_until(gone, 20, "the explanation of the job that left is taken back")
    again = {**event, "revision": event["revision"] + 2}
    await explaining.publish([again])
    found = await explaining.until_written(key, "gpt")
    assert found[next(iter(key))]["revision"] == again["revision"]
    await _settled(worker)
    # the job that climbed into the top while the first was away is the only new question
    assert len(llm.seen) == calls + 1
    assert worker.metric("matcher_llm_outcomes_total", outcome="cached") >= 1


@pytest.mark.embedded_only
async def test_only_what_is_new_is_told(make: Make) -> None:
    explaining = await make()
    explaining.start()
    event = person_event(1)
    await explaining.publish([event])
    await explaining.until_written(keys_of([event]))
    dearer = {**event["entries"][2], "job": {**event["entries"][2]["job"], "vacancies": 77}}
    entries = [*event["entries"][:2], dearer, *event["entries"][3:]]
    await explaining.publish([matches_event("p1", entries, revision=2)])

    async def told() -> bool:
        return len(await explaining.records()) == 6

    await wait_until(told, 20, "one more explanation")
    last = (await explaining.records())[-1]
    assert last.json["job_id"] == dearer["job_id"]
    assert "77 puestos" in last.json["text"]


@pytest.mark.embedded_only
async def test_nothing_personal_reaches_the_model(make: Make, llm: FakeLlm) -> None:
    explaining = await make(llm, llm_daily_budget=100.0, **FAST)
    (worker,) = explaining.start()
    planted = [item for items in _forms().values() for item in items]
    events = []
    for n, item in enumerate(planted):
        jobs = [
            {"job_id": f"j{n}-t", "title": f"Cocinera {item}"},
            {"job_id": f"j{n}-e", "title": "Mozo", "employer": f"Restaurante {item}"},
            {"job_id": f"j{n}-p", "title": "Chofer", "place": f"Comas {item}"},
        ]
        person = {"text": f"cocino {item}", "place": item, "skills": [item]}
        events.append(matches_event(f"45{n:06d}", [entry_of(person, job) for job in jobs]))
    await explaining.publish(events)
    await explaining.until_written(keys_of(events))
    await _settled(worker)
    assert len(llm.seen) >= len(planted)
    told = set(_WORDS.findall(_seen_text(llm)))
    # what the logger adds, times and numbers of processes, is not what it was told
    log = set(_WORDS.findall(fold(re.sub(r"\[[^\]]*\]", "", worker.log.read_text()))))
    assert {"cocinera", "mozo", "chofer"} <= told
    log -= {"http"}
    for item in planted:
        secrets = _secrets(item)
        assert not secrets & told, item
        assert not {s for s in secrets if s.isalpha() or len(s) > 5} & log, item
    assert not {event["profile_id"] for event in events} & (told | log)


@pytest.mark.embedded_only
async def test_without_consent_nothing_is_sent(make: Make, llm: FakeLlm) -> None:
    explaining = await make(llm)
    (worker,) = explaining.start()
    quiet = [
        matches_event(
            f"q{n}", [entry_of({}, {"job_id": f"q{n}", "title": "Afilador"})], consent=False
        )
        for n in range(20)
    ]
    loud = [person_event(n) for n in range(10)]
    unsaid = {k: v for k, v in person_event(77).items() if k != "consent_llm"}
    await explaining.publish([*quiet, *loud, unsaid])
    await explaining.until_written(keys_of([*quiet, unsaid]))
    await explaining.until_written(keys_of(loud, TOP), "gpt")
    await _settled(worker)
    assert "afilador" not in _seen_text(llm)
    assert len(llm.seen) == len(keys_of(loud, TOP))


async def test_an_erased_person_leaves_nothing(make: Make, llm: FakeLlm) -> None:
    explaining = await make(llm)
    explaining.start()
    event, other = person_event(1), person_event(2)
    await explaining.publish([event, other])
    await explaining.until_written(keys_of([event, other], TOP), "gpt")
    await explaining.publish([{"profile_id": "p1"}])

    async def gone() -> bool:
        found = await explaining.latest()
        return all(found[key] is None for key in keys_of([event]))

    await wait_until(gone, 20, "explanations of the erased person are null")
    found = await explaining.latest()
    assert all(found[key] is not None for key in keys_of([other]))
    for table in ("explained", "words"):
        rows = await last_by_key(explaining.broker, f"{explaining.app_id}-{table}-changelog")
        mine = [row.value for key, row in rows.items() if key[2:] == b"p1"]
        assert mine == [None], table


@pytest.mark.embedded_only
@pytest.mark.parametrize("title", INJECTIONS)
async def test_an_instruction_in_a_job_changes_nothing(
    make: Make, llm: FakeLlm, title: str
) -> None:
    llm.mode = "obeys"
    explaining = await make(llm)
    (worker,) = explaining.start()
    event = matches_event("p1", [entry_of({}, {"job_id": "j1", "title": title})])
    await explaining.publish([event])
    found = await explaining.until_written(["p1:j1"])
    await _settled(worker)
    assert len(llm.seen) == 1
    found = await explaining.latest()
    assert found["p1:j1"]["writer"] == "template"
    assert "deposita S/ 50" not in found["p1:j1"]["sms"] or "deposita" in title


@pytest.mark.kafka_only
async def test_kill_in_mid_burst_leaves_every_entry_explained(make: Make, llm: FakeLlm) -> None:
    llm.mode, llm.delay = "slow", 0.5
    explaining = await make(llm)
    (worker,) = explaining.start()
    events = [person_event(n) for n in range(PEOPLE)]
    await explaining.publish(events[: PEOPLE // 2])

    async def begun() -> bool:
        return len(await explaining.records()) > 20

    await wait_until(begun, 30, "some explanations")
    worker.kill9()
    await explaining.publish(events[PEOPLE // 2 :])
    worker.start()
    await explaining.until_written(keys_of(events), timeout=60)
    _same_id_same_bytes(await explaining.records())


@pytest.mark.kafka_only
@pytest.mark.parametrize("point", EXPLAINER_POINTS)
async def test_death_at_each_step_loses_nothing(make: Make, llm: FakeLlm, point: str) -> None:
    explaining = await make(llm)
    (worker,) = explaining.start(MATCHER_FAULT=f"{point}:2")
    events = [person_event(n) for n in range(12)]
    await explaining.publish(events)
    await asyncio.to_thread(worker.wait_end, 60)  # the model's server lives in this loop
    assert worker.exit_code == -9
    worker.set(MATCHER_FAULT="")
    worker.start()
    await explaining.until_written(keys_of(events), timeout=60)
    again = [{**event, "revision": event["revision"] + 1} for event in events]
    await explaining.publish(again)
    await explaining.until_written(keys_of(events, TOP), "gpt", 60)
    _same_id_same_bytes(await explaining.records())


@pytest.mark.kafka_only
async def test_a_second_worker_takes_over_and_hanging_calls_delay_nothing(
    make: Make, llm: FakeLlm
) -> None:
    llm.mode = "hang"
    explaining = await make(llm, llm_timeout=300.0)
    (first,) = explaining.start()
    events = [person_event(n) for n in range(40)]
    await explaining.publish(events)
    await explaining.until_written(keys_of(events))
    explaining.start()
    started = time.monotonic()
    assert first.stop() == 0
    assert time.monotonic() - started < 10
    more = [person_event(n) for n in range(100, 140)]
    await explaining.publish(more)
    await explaining.until_written(keys_of(more), timeout=60)


async def test_bad_records_go_to_the_dead_letter_topic(make: Make) -> None:
    explaining = await make()
    explaining.start()
    bad = Send(explaining.names.matches, b"p9", b"{not json", partition=0)
    await publish_all(explaining.broker, [bad])
    good = person_event(1)
    await explaining.publish([good])
    await explaining.until_written(keys_of([good]))

    async def refused() -> bool:
        rows = await last_by_key(explaining.broker, explaining.names.dlq(explaining.names.matches))
        return b"p9" in rows and rows[b"p9"].value == b"{not json"

    await wait_until(refused, 20, "the bad record in the dead-letter topic")


@pytest.mark.embedded_only
async def test_a_language_that_nobody_checks_is_admitted(make: Make) -> None:
    explaining = await make()
    explaining.start()
    events = [person_event(1, language="qu"), person_event(2, language="es"), person_event(3)]
    await explaining.publish(events)
    found = await explaining.until_written(keys_of(events))
    gaps = {key.split(":")[0]: value["language_gap"] for key, value in found.items()}
    assert gaps == {"p1": True, "p2": False, "p3": False}
    assert {value["language"] for value in found.values()} == {"es"}
