"""Matches in, explanations out: what is told, what is not, in which order, and after a death."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import pytest

from agents.explainer.explain import ExplainAgent, Work
from matcher_stream.runtime import faults
from matcher_stream.runtime.metrics import REGISTRY
from schemas import Explanation
from schemas.errors import StaleGeneration
from tables.explained import TEMPLATE, ExplainedRow
from tests.support.harness import TRACE
from tests.support.harness.broker import Record
from tests.support.harness.events import MemoryEvent
from tests.support.harness.explainer import MemoryExplainer, ScriptedWriter
from tests.support.harness.explainer_cluster import ExplainerCluster
from tests.support.harness.rankings import EPOCH, entry, erasure, ranking


def _jobs(sent: list[tuple[str, Any]]) -> list[str]:
    return [job for job, _ in sent]


async def test_everything_new_gets_a_template_at_once(explainer: ExplainerCluster) -> None:
    explainer.publish(ranking("ana", "cocina", "obra"), headers=[("traceparent", TRACE)])
    await explainer.drain()
    records = list(explainer.broker.records(explainer.names.explanations))
    assert [(r.key, r.partition) for r in records] == [
        (b"ana:cocina", explainer.where("ana")), (b"ana:obra", explainer.where("ana")),
    ]  # fmt: skip
    said = [Explanation.model_validate_json(r.value or b"") for r in records]
    assert [(s.job_id, s.writer, s.revision) for s in said] == [
        ("cocina", "template", EPOCH + 1), ("obra", "template", EPOCH + 1),
    ]  # fmt: skip
    headers = dict(records[0].headers)
    assert headers["ce_type"] == b"pe.matcher.explanation.v1"
    assert headers["ce_id"].decode() == said[0].event_id
    assert headers["ce_source"] == explainer.names.source.encode()
    assert headers["traceparent"] == TRACE
    explainer.check()


async def test_what_is_known_is_not_told_again(explainer: ExplainerCluster) -> None:
    explainer.publish(ranking("ana", "cocina", "obra"))
    await explainer.drain()
    explainer.publish(ranking("ana", "obra", "cocina", revision=2))  # only ranks have changed
    await explainer.drain()
    assert _jobs(explainer.sent("ana")) == ["cocina", "obra"]
    assert explainer.row("ana").revision == EPOCH + 2
    explainer.check()


async def test_only_what_changed_is_told(explainer: ExplainerCluster) -> None:
    explainer.publish(ranking("ana", "cocina", "obra"))
    await explainer.drain()
    before = explainer.told("ana")
    explainer.publish(ranking("ana", ("cocina", 1), "obra", "taxi", revision=2))
    await explainer.drain()
    assert _jobs(explainer.sent("ana")[2:]) == ["cocina", "taxi"]
    after = explainer.told("ana")
    assert after["obra"] == before["obra"]
    assert after["cocina"]["explanation_id"] != before["cocina"]["explanation_id"]
    assert "1300" in after["cocina"]["text"]
    explainer.check()


_STEPS = [
    {"code": "licence", "value": "A-IIb", "jobs": 4}, {"code": "distance", "km": 10, "jobs": 1},
]  # fmt: skip
_SENTENCE = "Con brevete A-IIb habría 4 trabajos más para ti."


async def test_what_a_step_would_open_is_told_once_with_the_best_job(
    explainer: ExplainerCluster,
) -> None:
    explainer.publish(ranking("ana", "cocina", "obra"))
    await explainer.drain()
    explainer.publish(ranking("ana", "cocina", "obra", revision=2, unlocks=_STEPS))
    await explainer.drain()
    assert _jobs(explainer.sent("ana")[2:]) == ["cocina"]
    told = explainer.told("ana")
    assert told["cocina"]["text"].endswith(f" {_SENTENCE}")
    assert "paso" in told["cocina"]["fields"]
    assert "brevete" not in told["obra"]["text"]
    second = [_STEPS[0], {**_STEPS[1], "jobs": 2}]
    explainer.publish(ranking("ana", "cocina", "obra", revision=3, unlocks=second))
    await explainer.drain()
    assert len(explainer.sent("ana")) == 3, "only the first step is told"
    explainer.check()


async def test_another_language_is_told_anew(explainer: ExplainerCluster) -> None:
    explainer.publish(ranking("ana", "cocina"))
    await explainer.drain()
    explainer.publish(ranking("ana", "cocina", revision=2, language="qu"))
    await explainer.drain()
    gaps = [said["language_gap"] for _, said in explainer.sent("ana") if said]
    assert gaps == [False, True]


async def test_what_left_is_taken_back(explainer: ExplainerCluster) -> None:
    explainer.publish(ranking("ana", "cocina", "obra", "taxi"))
    await explainer.drain()
    explainer.publish(ranking("ana", "cocina", revision=2))
    await explainer.drain()
    assert explainer.sent("ana")[3:] == [("obra", None), ("taxi", None)]
    explainer.publish(ranking("ana", revision=3))
    await explainer.drain()
    assert explainer.told("ana") == {}
    assert explainer.row("ana") == ExplainedRow(EPOCH + 3)
    explainer.check()


async def test_an_erasure_takes_everything_back_and_leaves_no_row(
    make_explainer: Any, writer: ScriptedWriter
) -> None:
    explainer = make_explainer(writer)
    explainer.publish(ranking("ana", "cocina", "obra"))
    explainer.publish(ranking("beto", "obra"))
    await explainer.drain()
    assert explainer.words("ana")
    explainer.publish(erasure("ana"), headers=[("traceparent", TRACE)])
    await explainer.drain()
    nulls = [r for r in explainer.broker.records(explainer.names.explanations) if r.value is None]
    assert [dict(record.headers) for record in nulls] == [{"traceparent": TRACE}] * 2
    assert explainer.told("ana") == {}
    assert list(explainer.told("beto")) == ["obra"]
    for table in (
        explainer.worker.context.state.tables.explained,
        explainer.worker.context.state.tables.words,
    ):
        assert table.get_row(explainer.where("ana"), b"ana") is None, table.name
        assert table.get_row(explainer.where("beto"), b"beto"), table.name
        rows = explainer.broker.last(table.changelog_topic_name)
        mine = [row.value for key, row in rows.items() if key and key[2:] == b"ana"]
        assert mine == [None], table.name
    explainer.check()


async def test_who_is_told_and_erased_in_one_batch_is_erased(explainer: ExplainerCluster) -> None:
    explainer.publish(ranking("ana", "taxi"))
    await explainer.drain()
    explainer.publish(ranking("ana", "cocina", "obra", revision=2))
    explainer.publish(erasure("ana"))
    await explainer.drain()
    assert explainer.sent("ana")[1:] == [("taxi", None)]
    assert explainer.row("ana") == ExplainedRow()
    explainer.check()


async def test_an_erasure_of_nobody_sends_nothing(explainer: ExplainerCluster) -> None:
    explainer.publish(erasure("ana"))
    await explainer.drain()
    assert explainer.sent("ana") == []
    explainer.check()


@pytest.mark.parametrize("together", [True, False], ids=["one-batch", "two-batches"])
async def test_an_outdated_revision_changes_nothing(
    explainer: ExplainerCluster, together: bool
) -> None:
    """It takes nothing back and brings nothing back."""
    explainer.publish(ranking("ana", "cocina", ("obra", 1), revision=5))
    if not together:
        await explainer.drain()
    sent = explainer.worker.producer.sent
    explainer.publish(ranking("ana", "taxi", "obra", revision=3))
    await explainer.drain()
    assert _jobs(explainer.sent("ana")) == ["cocina", "obra"]
    if not together:
        assert explainer.worker.producer.sent == sent
    assert explainer.row("ana").revision == EPOCH + 5
    explainer.check()


@pytest.mark.parametrize("together", [True, False], ids=["one-batch", "two-batches"])
async def test_who_comes_back_after_an_erasure_is_told_everything_anew(
    make_explainer: Any, writer: ScriptedWriter, together: bool
) -> None:
    """Consumers forget a person at the null: what they were told before it is gone there."""
    explainer = make_explainer(writer, explain_top=1)
    explainer.publish(ranking("ana", "cocina", "obra", "taxi"))
    await explainer.drain()
    assert len(writer.asked) == 1
    sent = len(explainer.sent("ana"))
    explainer.publish(erasure("ana"))
    if not together:
        await explainer.drain()
    explainer.publish(ranking("ana", "cocina", "obra", revision=2))
    await explainer.drain()
    again = [job for job, said in explainer.sent("ana")[sent:] if said]
    assert again == ["cocina", "obra", "cocina"], "two templates, and a model's words"
    assert len(writer.asked) == 2, "what a model wrote for them was forgotten"
    assert set(explainer.told("ana")) == {"cocina", "obra"}
    explainer.check()


async def test_who_is_erased_and_begins_anew_in_one_batch_may_count_from_one(
    explainer: ExplainerCluster,
) -> None:
    """The revisions of before the erasure are those of another life."""
    explainer.publish(ranking("ana", "cocina", "obra", revision=5))
    await explainer.drain()
    explainer.publish(erasure("ana"))
    explainer.publish(ranking("ana", "obra", revision=1))
    await explainer.drain()
    assert list(explainer.told("ana")) == ["obra"]
    assert explainer.row("ana").revision == EPOCH + 1
    explainer.check()


async def test_of_one_batch_only_the_last_word_counts(explainer: ExplainerCluster) -> None:
    explainer.publish(ranking("ana", "cocina", "taxi"))
    explainer.publish(ranking("beto", "mozo"))
    explainer.publish(ranking("ana", "cocina", "obra", revision=2))
    await explainer.drain()
    assert _jobs(explainer.sent("ana")) == ["cocina", "obra"]
    assert explainer.told("ana")["cocina"]["revision"] == EPOCH + 2
    explainer.check()


async def test_repeated_records_send_nothing(explainer: ExplainerCluster) -> None:
    for event in (ranking("ana", "cocina", "obra"), ranking("ana", "obra", revision=2)):
        explainer.publish(event)
        await explainer.drain()
    sent = explainer.sent("ana")
    explainer.publish(ranking("ana", "obra", revision=2))
    explainer.publish(ranking("ana", "obra", revision=2))
    await explainer.drain(max_events=1)
    assert explainer.sent("ana") == sent
    explainer.check()


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        (b"ana", b"{", b"invalid_json"),
        (b"ana", b"[]", b"invalid_json"),
        (b"ana", orjson.dumps(ranking("beto", "obra")), b"key_mismatch"),
        (b"ana", orjson.dumps({**ranking("ana"), "revision": -1}), b"invalid_field"),
        (b"", orjson.dumps(ranking("ana")), b"missing_id"),
        (b"\xff", None, b"invalid_encoding"),
    ],
)
async def test_a_bad_record_is_refused_with_its_coordinates(
    explainer: ExplainerCluster, key: bytes, value: bytes | None, code: bytes
) -> None:
    explainer.publish(ranking("ana", "cocina"))
    await explainer.drain()
    where = explainer.where("ana")
    bad = explainer.broker.append(explainer.names.matches, where, key, value)
    explainer.publish(ranking("carla", "taxi"))
    await explainer.drain()
    (letter,) = explainer.letters()
    assert (letter.partition, letter.key, letter.value) == (where, key, value)
    headers = dict(letter.headers)
    assert headers["dlq_topic"] == explainer.names.matches.encode()
    assert headers["dlq_offset"] == str(bad.offset).encode()
    assert headers["dlq_error_class"] == code
    assert list(explainer.told("ana")) == ["cocina"], "the last accepted ranking stands"
    assert list(explainer.told("carla")) == ["taxi"]


async def test_outputs_then_words_then_the_row_then_the_ack(
    make_explainer: Any, writer: ScriptedWriter
) -> None:
    explainer = make_explainer(writer)
    explainer.publish(ranking("ana", "cocina"))
    await explainer.drain()
    explainer.publish(erasure("ana"))
    explainer.publish(ranking("beto", "obra", consent=False))
    explainer.broker.append(explainer.names.matches, explainer.where("ana"), b"ana", b"{")
    explainer.broker.steps.clear()
    await explainer.worker.run()
    tables = explainer.worker.context.state.tables
    names = {
        explainer.names.dlq(explainer.names.matches): "letter",
        explainer.names.explanations: "explanation",
        tables.words.changelog_topic_name: "words",
        tables.explained.changelog_topic_name: "explained",
        explainer.names.matches: "matches",
    }
    where = explainer.where("ana")
    done = [
        (names[step.topic], step.what)
        for step in explainer.broker.steps
        if step.what != "sent" and step.partition == where
    ]
    stored = [("letter", "stored"), ("explanation", "stored"), ("words", "stored")]
    assert done[:4] == [*stored, ("explained", "stored")]
    assert set(done[4:]) == {("matches", "acked")}


async def _work_of(
    worker: MemoryExplainer, agent: ExplainAgent, records: list[Record]
) -> tuple[list[MemoryEvent], Work]:
    events = [MemoryEvent(record, worker.generation) for record in records]
    return events, await agent.prepare(events)


@pytest.mark.parametrize("what", ["news", "erasure", "bad"])
async def test_a_stale_generation_sends_and_writes_nothing(
    explainer: ExplainerCluster, what: str
) -> None:
    explainer.publish(ranking("ana", "cocina"))
    await explainer.drain()
    worker, partition = explainer.worker, explainer.where("ana")
    record = {
        "news": lambda: explainer.publish(ranking("ana", "obra", revision=2)),
        "erasure": lambda: explainer.publish(erasure("ana")),
        "bad": lambda: explainer.broker.append(explainer.names.matches, partition, b"ana", b"{"),
    }[what]()
    _, work = await _work_of(worker, worker.agent, [record])
    worker.generation += 1
    sent, row = worker.producer.sent, explainer.row("ana")
    with pytest.raises(StaleGeneration):
        await worker.agent.apply(work)
    assert worker.producer.sent == sent
    assert explainer.row("ana") == row


async def test_whose_partitions_go_between_output_and_row_notes_nothing(
    explainer: ExplainerCluster,
) -> None:
    explainer.publish(ranking("ana", "cocina", "obra"))
    explainer.worker.evict_after(2)
    await explainer.drain()
    assert explainer.deaths == 1
    assert _jobs(explainer.sent("ana")) == ["cocina", "obra"] * 2, "its next owner repeats both"
    explainer.check()


async def test_what_became_of_rankings_is_counted(explainer: ExplainerCluster) -> None:
    def counted() -> dict[str, float]:
        topic, name = explainer.names.matches, "matcher_events_total"
        outcomes = ("accepted", "erased", "refused")
        found = {
            outcome: REGISTRY.get_sample_value(name, {"topic": topic, "outcome": outcome})
            for outcome in outcomes
        }
        sent = REGISTRY.get_sample_value("matcher_explanations_total", {"writer": "template"})
        return {outcome: count or 0.0 for outcome, count in {**found, "sent": sent}.items()}

    before = counted()
    explainer.publish(ranking("ana", "cocina", "taxi"))
    explainer.publish(ranking("beto", "obra"))
    explainer.broker.append(explainer.names.matches, 0, b"carla", b"{")
    await explainer.drain()
    explainer.publish(erasure("ana"))
    await explainer.drain()
    moved = {outcome: count - before[outcome] for outcome, count in counted().items()}
    assert moved == {"accepted": 2, "erased": 1, "refused": 1, "sent": 3}


# -- what a model is asked for ------------------------------------------------------------


async def test_the_first_entries_of_who_allows_it_are_worded(
    make_explainer: Any, writer: ScriptedWriter
) -> None:
    explainer = make_explainer(writer, explain_top=2)
    unsaid = ranking("carla", "obra")
    del unsaid["consent_llm"]
    explainer.publish(ranking("ana", "cocina", "obra", "taxi"))
    explainer.publish(ranking("beto", "cocina", consent=False))
    explainer.publish(unsaid)
    await explainer.drain()
    assert explainer.writers("ana") == {"cocina": "gpt", "obra": "gpt", "taxi": "template"}
    assert explainer.writers("beto") == {"cocina": "template"}
    assert explainer.writers("carla") == {"obra": "template"}
    assert len(writer.asked) == 2
    explainer.check()


async def test_an_entry_that_climbs_is_worded_without_a_new_template(
    make_explainer: Any, writer: ScriptedWriter
) -> None:
    explainer = make_explainer(writer, explain_top=1)
    explainer.publish(ranking("ana", "cocina", "obra"))
    await explainer.drain()
    sent = len(explainer.sent("ana"))
    explainer.publish(ranking("ana", "obra", "cocina", revision=2))
    await explainer.drain()
    ((job, said),) = explainer.sent("ana")[sent:]
    assert (job, said["writer"], said["revision"]) == ("obra", "gpt", EPOCH + 2)
    assert explainer.writers("ana") == {"cocina": "gpt", "obra": "gpt"}
    explainer.check()


async def test_without_a_key_nobody_is_asked(explainer: ExplainerCluster) -> None:
    assert not explainer.worker.wording.enabled
    explainer.publish(ranking("ana", "cocina"))
    await explainer.worker.run()
    assert explainer.worker.wording.waiting == 0
    assert explainer.row("ana").jobs["cocina"][1] == TEMPLATE


async def test_models_wait_while_templates_are_under_way(explainer: ExplainerCluster) -> None:
    """From the first batch that is read until the last one is sent, whatever becomes of it."""
    worker, idle = explainer.worker, explainer.worker.context.idle
    explainer.publish(ranking("carla", "cocina"))
    await explainer.drain()
    assert idle.is_set()
    first = explainer.publish(ranking("ana", "cocina"))
    _, one = await _work_of(worker, worker.agent, [first])
    assert not idle.is_set()
    second = explainer.publish(ranking("beto", "cocina"))
    _, two = await _work_of(worker, worker.agent, [second])
    await worker.agent.apply(one)
    assert not idle.is_set(), "another batch is waiting"
    worker.generation += 1
    with pytest.raises(StaleGeneration):
        await worker.agent.apply(two)
    assert idle.is_set()


async def test_a_partition_has_one_writer_and_holds_up_no_other(
    explainer: ExplainerCluster,
) -> None:
    worker, names = explainer.worker, ("ana", "beto", "carla", "dina", "elsa")
    busy = next(name for name in names if explainer.where(name) == 0)
    free = next(name for name in names if explainer.where(name) == 1)
    records = [explainer.publish(ranking(name, "cocina")) for name in (busy, free)]
    _, work = await _work_of(worker, worker.agent, records)
    async with worker.context.locks[0]:
        applying = asyncio.ensure_future(worker.agent.apply(work))
        await worker.settle(lambda: bool(explainer.row(free).jobs))
        assert explainer.sent(busy) == []
    await applying
    assert list(explainer.told(busy)) == ["cocina"]


# -- deaths -------------------------------------------------------------------------------


@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("point", faults.EXPLAINER_POINTS)
async def test_a_death_at_every_named_point(
    make_explainer: Any, writer: ScriptedWriter, point: str, nth: int
) -> None:
    explainer = make_explainer(writer)
    faults.configure(f"{point}:{nth}")
    try:
        for event in (ranking("ana", "cocina", "obra"), ranking("ana", "obra", "taxi", revision=2)):
            explainer.publish(event)
            await explainer.drain(max_events=1)
    finally:
        faults.configure("")
    assert explainer.deaths == 1, f"{point} was not passed {nth} times"
    explainer.check()
    explainer.publish(ranking("ana", "obra", "taxi", revision=3))
    await explainer.drain()
    assert explainer.writers("ana") == {"obra": "gpt", "taxi": "gpt"}
    explainer.check()


def test_an_entry_is_what_a_matcher_sends() -> None:
    """The rankings of these tests are valid events."""
    from schemas import Matches

    assert Matches.model_validate(ranking("ana", "cocina", ("obra", 1)))
    assert entry("cocina", 1)["job"]["pay_min"] == 1300


async def test_everybody_is_told_that_a_program_chose_and_whom_to_ask(make_explainer: Any) -> None:
    asked, plain = (make_explainer(notice_contact=c) for c in ("Llama al 01 555 0100.", ""))
    told = []
    for explainer in (asked, plain):
        explainer.publish(ranking("ana", "cocina"))
        await explainer.drain()
        told.append(explainer.told("ana")["cocina"])
    assert told[0]["notice"].endswith("una persona puede revisarla: Llama al 01 555 0100.")
    assert told[1]["notice"].endswith("pídelo a quien te dio este aviso.")
    assert told[0]["event_id"] != told[1]["event_id"], "the same id means the same bytes"


async def test_a_model_s_words_keep_the_notice_and_never_see_it(
    make_explainer: Any, writer: ScriptedWriter
) -> None:
    explainer = make_explainer(writer, notice_contact="Llama al 01 555 0100")
    explainer.publish(ranking("ana", "cocina"))
    await explainer.drain()
    ((_, template), (_, worded)) = explainer.sent("ana")
    assert (worded["writer"], worded["notice"]) == ("gpt", template["notice"])
    assert "555" not in worded["text"]
