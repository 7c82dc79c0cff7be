"""What a whole run tells of people: in logs of both formats, metrics, traces, and on every topic.

What nobody but the matcher may know of a person is planted wherever somebody can write, and looked
for wherever the two applications speak. The traces of the same run lead through both of them.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import pytest_asyncio

from models.reading.text import content_hash
from schemas import parse_job
from tests.support.brokers import Broker
from tests.support.deployment import Deployment
from tests.support.explainer import Explaining
from tests.support.fake_llm import FakeLlm, fake_llm
from tests.support.kafka_io import Record, consuming, publish, read_all, wait_until
from tests.support.otlp import Collector, collecting
from tests.support.people_and_jobs import invent_job, make_risky
from tests.support.processes import wait_for
from tests.support.worker import WorkerProcess

pytestmark = pytest.mark.embedded_only

TRACE_ID, PUBLISHER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
TRACE = f"00-{TRACE_ID}-{PUBLISHER}-01".encode()

Words = dict[str, tuple[str, ...]]
PERSON_ID = "71234567"
"""Publishers choose ids, and some take the number of the identity card."""
ID: Words = {"id": (PERSON_ID,)}
WORDS: Words = {
    "name": ("Zoraida", "Ccopacondori"),
    "phone": ("987 654 321", "987654321", "+51 1 555-0143"),
    "e-mail": ("zoraida.c@example.pe",),
    "home": ("Los Sauces 4321", "Mz. Ñ Lt. 77"),
    "number": ("45678912",),
}
"""In a person's text and fields, in feedback, and in records that are refused."""
AD: Words = {
    "ad's contact": ("Hermenegilda", "912 345 678", "rrhh.quispe@example.pe", "Av. Olmos 987"),
}
"""In an ad's description and requirements."""
CARD: Words = {"ad's title": ("Tiburcia", "Ñahuincopa"), "ad's place": ("Psje. Los Nogales 55",)}
"""In an ad's title, employer and place, which are shown to who is matched with it."""
REVIEWER: Words = {"reviewer": ("Nicanora Huamanlazo", "llamó el 933 222 111")}
"""In a decision."""
PLANTED = {**ID, **WORDS, **AD, **CARD, **REVIEWER}

PERSON: dict[str, Any] = {
    "profile_id": PERSON_ID,
    "text": "Soy Zoraida Ccopacondori, cocinera, cocino menú. DNI 45678912. Mi número es "
    "987 654 321 o 987654321, vivo en Jr. Los Sauces 4321, escríbeme a zoraida.c@example.pe",
    "skills": ["cocina", "llámame al +51 1 555-0143"],
    "place": "Mz. Ñ Lt. 77, Comas, Lima",
    "consent_llm": True,
}
JOB: dict[str, Any] = {
    "job_id": "menu",
    "title": "Cocinera de menú con la señora Tiburcia",
    "employer": "Pensión Ñahuincopa",
    "place": "Psje. Los Nogales 55, Comas, Lima",
    "description": "Preguntar por Hermenegilda, 912 345 678, rrhh.quispe@example.pe",
    "requirements": "Presentarse en Av. Olmos 987",
}

#: Where a part of a record may say what, by the last part of a topic's name. Everything else, all
#: headers included, may say nothing. What publishers write lies where they wrote it.
ALLOWED: dict[tuple[str, str], Words] = {
    ("profiles.v1", "key"): ID,
    ("profiles.v1", "value"): ID | WORDS,
    ("profiles.v1.dlq", "key"): ID,  # as it came: only who may read profiles may read these
    ("profiles.v1.dlq", "value"): ID | WORDS,
    ("feedback.v1", "key"): ID,
    ("feedback.v1", "value"): ID | WORDS,
    ("feedback.v1.dlq", "key"): ID,
    ("feedback.v1.dlq", "value"): ID | WORDS,
    ("jobs.v1", "value"): AD | CARD,
    ("jobs.v1.dlq", "value"): AD | CARD,
    ("decisions.v1", "value"): REVIEWER,
    ("review.v1", "value"): AD | CARD,  # a reviewer reads the ad
    ("job-fanout.v1", "value"): CARD,
    ("matches.v1", "key"): ID,
    ("matches.v1", "value"): ID | CARD,  # a card of each job, so that it can be shown
    ("candidates-partial.v1", "value"): ID,
    ("candidates.v1", "value"): ID,
    ("explanations.v1", "key"): ID,
    ("explanations.v1", "value"): ID | CARD,
    # changelogs: the matcher's memory, for its own accounts alone
    ("people-changelog", "key"): ID,
    ("people-changelog", "value"): ID | WORDS,
    ("pending-changelog", "key"): ID,
    ("exclusions-changelog", "key"): ID,
    ("rankings-changelog", "key"): ID,
    ("lists-changelog", "value"): ID,
    ("jobs-changelog", "value"): AD | CARD,
    ("postings-changelog", "value"): CARD,
    ("decisions-changelog", "value"): REVIEWER,
    ("explained-changelog", "key"): ID,
    ("words-changelog", "key"): ID,
}


class Run:
    """A matcher and an explainer, with a language model and a collector of traces."""

    def __init__(self, broker: Broker, folder: Path, llm: FakeLlm, collector: Collector) -> None:
        self.broker, self.folder, self.llm, self.collector = broker, folder, llm, collector
        self.matcher = Deployment(broker, folder, partitions=2, log_format="json")
        self.explaining = Explaining(
            broker, folder, topic_prefix=self.matcher.prefix, partitions=2, log_format="json",
            llm_base_url=llm.base_url, llm_api_key="sk-test-not-a-secret",
        )  # fmt: skip
        self.said: dict[str, str] = {}

    async def start(self) -> None:
        """Both say everything, as JSON, and are traced."""
        await self.matcher.create_topics()
        await self.explaining.create_topics()
        traced = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": self.collector.endpoint, "OTEL_BSP_SCHEDULE_DELAY": "200"
        }  # fmt: skip
        for worker in (self.matcher.worker(**traced), self.explaining.worker(**traced)):
            worker.say_everything()
            worker.start()
        await asyncio.to_thread(self._until_ready)

    async def start_again(self) -> None:
        """In text and without traces; whatever loads OpenTelemetry now leaves a mark."""
        trap = self.folder / "trap" / "opentelemetry"
        trap.mkdir(parents=True)
        mark = self.folder / "loaded"
        (trap / "__init__.py").write_text(f"open({str(mark)!r}, 'w').close()\n")
        for worker in self.workers:
            assert await asyncio.to_thread(worker.stop, 60) == 0, worker.tail()
            self.said[f"JSON of {worker.name}"] = worker.log.read_text()
            worker.log.unlink()
            worker.set(MATCHER_LOG_FORMAT="text", OTEL_EXPORTER_OTLP_ENDPOINT="",
                       PYTHONPATH=str(trap.parent))  # fmt: skip
            worker.start()
        await asyncio.to_thread(self._until_ready)

    def _until_ready(self) -> None:
        for worker in self.workers:
            worker.wait_ready()

    @property
    def workers(self) -> list[WorkerProcess]:
        """Both."""
        return [*self.matcher.workers, *self.explaining.workers]

    async def publish(self, kind: str, key: str, value: Any, trace: bytes | None = None) -> None:
        """One record of an input topic."""
        headers = [("traceparent", trace)] if trace else []
        await publish(self.broker, getattr(self.matcher.names, kind), key, value, headers)

    async def worded(self) -> dict[str, Any]:
        """The person's explanation in the model's words, once it is there."""
        key = f"{PERSON_ID}:{JOB['job_id']}"
        return dict((await self.explaining.until_written([key], "gpt", 60))[key])

    async def taken_back(self) -> None:
        """Wait until nothing is explained any more."""

        async def done() -> bool:
            return not any((await self.explaining.latest()).values())

        await wait_until(done, 60, "all explanations taken back")

    def look_around(self, when: str) -> None:
        """Note what the pages say."""
        for worker in self.workers:
            for path in ("/metrics", "/ready", "/live"):
                self.said[f"{path} of {worker.name}, {when}"] = worker.get(path)[1]

    async def records(self) -> list[Record]:
        """Everything on every topic of this run."""
        async with consuming(self.broker) as consumer:
            known = await consumer._client.fetch_all_metadata()
            topics = [name for name in known.topics() if name.startswith(self.matcher.prefix)]
        return await read_all(self.broker, *topics)

    def reap(self) -> None:
        """Make sure that nothing is left."""
        self.matcher.reap()
        self.explaining.reap()


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as made:
        yield made


@pytest_asyncio.fixture
async def run(broker: Broker, tmp_path: Path, collector: Collector) -> AsyncIterator[Run]:
    async with fake_llm() as llm:
        made = Run(broker, tmp_path, llm, collector)
        try:
            await made.start()
            yield made
        finally:
            made.reap()


async def test_nobody_is_told_of_and_every_hop_is_in_one_trace(run: Run) -> None:
    await run.publish("jobs", "menu", JOB)
    await _everything_else(run)
    await run.matcher.drained()
    await run.publish("profiles", PERSON_ID, PERSON, TRACE)
    await run.worded()
    await run.matcher.drained()
    run.look_around("at first")
    names, asked = run.matcher.names, f"chat {run.explaining.settings.llm_model}"
    spans = run.collector.spans
    wait_for(lambda: any(s.name == asked for s in spans), 20, "the model's span")
    wait_for(
        lambda: any(s.name == f"process {names.matches}" for s in run.collector.of(TRACE_ID)), 20,
        "the explainer's span",
    )  # fmt: skip
    path = run.collector.path(TRACE_ID, asked)
    assert [(span.service, span.name) for span in path] == [
        ("explainer", asked), ("explainer", f"process {names.matches}"),
        ("matcher", f"send {names.matches}"), ("matcher", f"process {names.profiles}"),
    ]  # fmt: skip
    assert path[-1].parent == PUBLISHER
    told = {(span.service, span.name) for span in run.collector.of(TRACE_ID)}
    assert {
        ("matcher", step) for step in ("prepare", "encode", "score", "write people")
    } | {("explainer", "prepare"), ("explainer", f"send {names.explanations}")} <= told  # fmt: skip

    await run.start_again()
    await run.publish("profiles", PERSON_ID, {**PERSON, "age": 40})
    await run.publish("profiles", "refused", {"profile_id": "refused", "text": [PERSON["text"]]})
    await run.matcher.drained()
    await run.publish("profiles", PERSON_ID, None)
    await run.matcher.drained()
    await run.taken_back()
    run.look_around("at last")
    for worker in run.workers:
        assert await asyncio.to_thread(worker.stop, 60) == 0, worker.tail()
        run.said[f"text of {worker.name}"] = worker.log.read_text()
    run.said |= {
        f"trace {n}": raw.decode(errors="replace") for n, raw in enumerate(run.collector.raw)
    }
    assert not (run.folder / "loaded").exists(), "OpenTelemetry is loaded where nobody asked for it"
    _lines_are_json(run, told={"Record done", "Record refused"})
    wrong = [*_found(run.said.items(), {}), *_on_topics(await run.records())]
    assert not wrong, "\n".join(map(str, wrong))


async def _everything_else(run: Run) -> None:
    """Records that are refused, held, decided and said."""
    words = " ".join(word for part in WORDS.values() for word in part)
    await run.publish("profiles", PERSON_ID, {"profile_id": PERSON_ID, "text": [words]})
    await run.publish("profiles", "broken", f'{{"profile_id": "broken", "text": "{words}'.encode())
    await run.publish("jobs", "refused", {**JOB, "job_id": "refused", "pay_min": ["Tiburcia"]})
    said = {"profile_id": PERSON_ID, "job_id": "other", "kind": "dismissed", "surface": words[:99]}
    await run.publish("feedback", PERSON_ID, said)
    await run.publish("feedback", PERSON_ID, {**said, "reason": words})
    risky = make_risky(random.Random(1), invent_job(random.Random(2), "held"))
    risky |= {name: JOB[name] for name in ("employer", "place", "requirements")}
    await run.publish("jobs", "held", risky)
    await run.matcher.drained()  # a reviewer has read it
    content = content_hash(parse_job(b"held", orjson.dumps(risky))).hex()
    decision = {"job_id": "held", "decision": "reject", "content_hash": content}
    who, note = REVIEWER["reviewer"]
    await run.publish("decisions", "held", {**decision, "reviewer": who, "note": note})


def _lines_are_json(run: Run, told: set[str]) -> None:
    for name, text in run.said.items():
        if not name.startswith("JSON"):
            continue
        lines = [orjson.loads(line) for line in text.splitlines()]
        service = "explainer" if "explainer" in name else "matcher"
        assert {line["service"] for line in lines} == {service}
        assert {"time", "level", "logger", "message"} <= set.intersection(*map(set, lines))
        assert {line["logger"].partition(".")[0] for line in lines} >= {"faust", "mode"}
        messages = {line["message"] for line in lines}
        assert told - {"Record refused"} <= messages
        if service == "matcher":
            assert told <= messages
            followed = [line for line in lines if line.get("trace_id") == TRACE_ID]
            assert {line["topic"] for line in followed} >= {run.matcher.names.profiles}
            assert all(len(line["key"]) == 16 for line in followed)


def _found(said: Iterable[tuple[str, str]], allowed: Words) -> list[tuple[str, str, str]]:
    """Where something planted is and may not be."""
    return [
        (where, kind, word)
        for where, text in said
        for kind, words in PLANTED.items()
        if kind not in allowed
        for word in words
        if word.casefold() in text.casefold()
    ]


def _on_topics(records: list[Record]) -> list[tuple[str, str, str]]:
    """The same of records; an allowance that nothing makes use of is none."""
    wrong: set[tuple[str, str, str]] = set()
    used: set[tuple[str, str]] = set()
    for record in records:
        kind = _kind(record.topic)
        headers = b"\n".join(name.encode() + b" " + text for name, text in record.headers.items())
        parts = {"key": record.key or b"", "value": record.value or b"", "headers": headers}
        for part, raw in parts.items():
            text, allowed = raw.decode(errors="replace"), ALLOWED.get((kind, part), {})
            wrong |= set(_found([(f"{part} of {kind}", text)], allowed))
            if _found([("", text)], {}):
                used.add((kind, part))
    idle = {(f"{part} of {kind}", "allowed", "never used") for kind, part in ALLOWED.keys() - used}
    return sorted(wrong | idle)


def _kind(topic: str) -> str:
    """The last part of a topic's name, if something is allowed there."""
    kinds = (kind for kind, _ in ALLOWED if topic.endswith((f".{kind}", f"-{kind}")))
    return next(kinds, topic)
