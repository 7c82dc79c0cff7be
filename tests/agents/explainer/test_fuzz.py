"""Nothing in the matches topic stops the explainer: it is told, or it is in the dead letters."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.explainer import explain as explain_module
from matcher_stream.runtime.outputs import record_ms
from models.explain import facts, prompt
from models.explain.events import from_template
from schemas import Matches, decode_key
from schemas.parsing import parse
from tests.models.explain.entries import COOK, entry_of
from tests.support.examples import examples
from tests.support.harness.broker import Record
from tests.support.harness.explainer import ScriptedWriter
from tests.support.harness.explainer_cluster import ExplainerCluster
from tests.support.harness.poison import each_exchanged, poisoned
from tests.support.harness.rankings import erasure, ranking

FAR = entry_of(
    {"ubigeo": "150132", "relocate": True, "languages": ["es", "qu"], "education": "primaria"},
    {"job_id": "far", "title": "Chofer", "place": "Comas", "languages": ["es"], "shift": "night",
     "education": "secundaria", "pay_min": 50, "pay_period": "day", "remote": False},
    2,
)  # fmt: skip
STAMP = 1_790_000_000_000
GOOD = {**ranking("ana"), "entries": [COOK, FAR], "entered": ["j", "far"], "language": "qu"}
EXCHANGED = tuple(dict.fromkeys(each_exchanged(GOOD)))


def _usable(record: Record) -> bool:
    """Whether a record can be told, asked without the agent."""
    try:
        record_ms(SimpleNamespace(timestamp=record.timestamp / 1000))
        if record.value is None:
            return bool(decode_key(record.key))
        told = parse(Matches, "profile_id", record.key, record.value).model_dump(exclude_none=True)
        for entry in told["entries"]:
            read = facts.read(entry)
            from_template(told, entry, facts.digest(entry, None), read)
            prompt.fields(read)
    except Exception:
        return False
    return True


def _publish(explainer: ExplainerCluster, records: Iterable[Record]) -> list[Record]:
    topic = explainer.names.matches
    return [
        explainer.broker.append(topic, r.partition, r.key, r.value, r.headers, r.timestamp)
        for r in records
    ]


def _account(explainer: ExplainerCluster, published: Sequence[Record]) -> int:
    """What cannot be told is a letter with its coordinates, untouched, and nothing else is one."""
    letters: dict[tuple[int, int], Record] = {}
    for letter in explainer.letters():
        headers = dict(letter.headers)
        assert headers["dlq_topic"] == explainer.names.matches.encode()
        where = int(headers["dlq_partition"]), int(headers["dlq_offset"])
        assert where not in letters
        letters[where] = letter
    for record in published:
        refused = letters.pop((record.partition, record.offset), None)
        assert (refused is None) == _usable(record), record
        if refused is not None:
            assert (refused.key, refused.value) == (record.key, record.value)
    assert not letters
    return len(explainer.letters())


async def _beside(explainer: ExplainerCluster) -> None:
    """Good records in every partition are told, also by a worker that begins anew."""
    for again in (1, 2):
        for name in ("zoe", "beto", "carla", "dina"):
            explainer.publish(ranking(name, "cocina", revision=again))
        await explainer.drain()
        assert {explainer.where(name) for name in ("zoe", "beto", "carla", "dina")} == {0, 1}
        for name in ("zoe", "beto", "carla", "dina"):
            assert list(explainer.told(name)) == ["cocina"]
        explainer.start()
    assert explainer.deaths == 0


async def test_every_part_of_a_ranking_exchanged_by_everything(make_explainer: Any) -> None:
    explainer: ExplainerCluster = make_explainer(ScriptedWriter())
    where = explainer.where("ana")
    records = [Record("", where, 0, b"ana", value, (), STAMP) for value in EXCHANGED]
    published = _publish(explainer, records)
    await explainer.drain(max_events=1)  # of a batch only the last ranking is told
    refused = _account(explainer, published)
    print(f"{len(records)} records, {refused} refused")
    assert 1_000 < refused < len(records) - 100
    await _beside(explainer)


@settings(
    max_examples=examples(300),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(data=st.data())
def test_no_record_stops_the_explainer(data: st.DataObject) -> None:
    good = [
        Record("", 0, 0, b"ana", orjson.dumps(GOOD), (), STAMP),
        Record("", 1, 0, b"ana", orjson.dumps(ranking("ana", "obra", "taxi")), (), STAMP),
        Record("", 0, 0, b"ana", None, (), STAMP),
        Record("", 1, 0, b"obra:0", data.draw(st.binary(max_size=60)), (), STAMP),
    ]
    exchanged = st.sampled_from(EXCHANGED).map(lambda v: Record("", 0, 0, b"ana", v, (), STAMP))
    record = st.one_of(
        st.sampled_from(good).flatmap(poisoned), exchanged, exchanged.flatmap(poisoned)
    )
    records = data.draw(st.lists(record, min_size=1, max_size=4))

    async def run(patch: pytest.MonkeyPatch) -> None:
        explainer = ExplainerCluster(patch, writer=ScriptedWriter())
        explainer.publish(ranking("ana", "cocina"))
        await explainer.drain()
        published = _publish(explainer, records)
        await explainer.drain()
        _account(explainer, published)
        await _beside(explainer)

    with pytest.MonkeyPatch.context() as patch:
        asyncio.run(run(patch))


async def test_an_entry_is_read_and_written_once(
    make_explainer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where its record is read: new or known, worded or not."""
    counts = {"read": 0, "from_template": 0, "digest": 0, "fields": 0}

    def counted(name: str) -> None:
        real = getattr(explain_module, name)

        def count(*args: Any) -> Any:
            counts[name] += 1
            return real(*args)

        monkeypatch.setattr(explain_module, name, count)

    for name in counts:
        counted(name)
    explainer: ExplainerCluster = make_explainer(ScriptedWriter(), explain_top=1)
    explainer.publish(ranking("ana", "cocina", "obra", "taxi"))
    await explainer.drain()
    assert counts == {"read": 3, "from_template": 3, "digest": 3, "fields": 1}
    explainer.publish(ranking("ana", "obra", "cocina", revision=2))
    explainer.publish(erasure("beto"))
    explainer.publish(ranking("carla", "mozo", consent=False))
    await explainer.drain()
    assert counts == {"read": 6, "from_template": 6, "digest": 6, "fields": 2}
    assert explainer.writers("ana") == {"cocina": "gpt", "obra": "gpt"}
