"""A model's words: kept before they are sent, dropped when they come too late, never in the way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from agents.explainer import wording as wording_module
from models.explain.gpt import Outcome
from schemas import Explanation
from schemas.errors import StaleGeneration
from tables.explained import MAX_WORDS, MODEL, TEMPLATE, UNUSABLE, ExplainedRow
from tests.support.harness import TRACE
from tests.support.harness.events import MemoryEvent
from tests.support.harness.explainer import ScriptedWriter
from tests.support.harness.explainer_cluster import ExplainerCluster
from tests.support.harness.rankings import EPOCH, erasure, ranking

Outcomes = Callable[[str], float]


@pytest.fixture
def explainer(make_explainer: Any, writer: ScriptedWriter) -> ExplainerCluster:
    """One whose model has words."""
    made: ExplainerCluster = make_explainer(writer)
    return made


def _noted(explainer: ExplainerCluster, profile_id: str = "ana") -> dict[str, str]:
    """Who wrote last of each job, as the table knows it."""
    return {job: writer for job, (_, writer) in explainer.row(profile_id).jobs.items()}


async def _ask(explainer: ExplainerCluster, event: Mapping[str, Any], questions: int = 1) -> None:
    """Publish a ranking and wait until the model was asked, which does not answer yet."""
    writer = explainer.writer
    assert writer is not None
    writer.may_answer.clear()
    already = len(writer.asked)
    explainer.publish(event)
    await explainer.worker.run()
    await explainer.worker.settle(lambda: len(writer.asked) == already + questions)


async def test_words_take_the_templates_place(
    explainer: ExplainerCluster, outcomes: Outcomes
) -> None:
    explainer.publish(ranking("ana", "cocina"), headers=[("traceparent", TRACE)])
    await explainer.drain()
    (_, template), (_, words) = explainer.sent("ana")
    assert template
    assert words
    assert Explanation.model_validate(words)
    assert words["text"] == "Buscan Cocinera."
    assert (words["writer"], words["writer_version"]) == ("gpt", ScriptedWriter.version)
    assert words["explanation_id"] == template["explanation_id"]
    assert words["event_id"] != template["event_id"]
    assert words["sms"] == template["sms"]
    record = list(explainer.broker.records(explainer.names.explanations))[-1]
    headers = dict(record.headers)
    assert headers["ce_id"].decode() == words["event_id"]
    assert headers["ce_type"] == b"pe.matcher.explanation.v1"
    assert headers["traceparent"] == TRACE
    assert _noted(explainer) == {"cocina": MODEL}
    assert outcomes("ok") == 1


async def test_words_keep_the_sentence_on_what_a_step_would_open(
    explainer: ExplainerCluster, writer: ScriptedWriter
) -> None:
    steps = [{"code": "shift", "value": "night", "jobs": 2}]
    explainer.publish(ranking("ana", "cocina", unlocks=steps))
    await explainer.drain()
    (_, words) = explainer.sent("ana")[-1]
    assert words
    opened = "Si pudieras trabajar de noche habría 2 trabajos más para ti."
    assert words["text"] == f"Buscan Cocinera. {opened}"
    assert "paso" in words["fields"]
    asked = len(writer.asked)
    explainer.publish(ranking("ana", "cocina", revision=2))
    await explainer.drain()
    assert explainer.told("ana")["cocina"]["text"] == "Buscan Cocinera."
    assert len(writer.asked) == asked, "a model is told nothing of steps, so it is not asked again"
    explainer.check()


async def test_words_are_kept_then_sent_then_noted(explainer: ExplainerCluster) -> None:
    await _ask(explainer, ranking("ana", "cocina"))
    explainer.broker.steps.clear()
    assert explainer.writer is not None
    explainer.writer.may_answer.set()
    await explainer.worker.settle()
    tables = explainer.worker.context.state.tables
    stored = [step.topic for step in explainer.broker.steps if step.what == "stored"]
    assert stored == [
        tables.words.changelog_topic_name,
        explainer.names.explanations,
        tables.explained.changelog_topic_name,
    ]


async def test_a_rebalance_cancels_every_wish(
    explainer: ExplainerCluster, writer: ScriptedWriter
) -> None:
    await _ask(explainer, ranking("ana", "cocina", "obra"), questions=2)
    await _ask(explainer, ranking("beto", "taxi"))
    wording, sent = explainer.worker.wording, explainer.worker.producer.sent
    assert wording.waiting == 3
    wording.cancel_all()
    assert wording.waiting == 0
    writer.may_answer.set()
    await explainer.worker.go_on()
    assert explainer.worker.producer.sent == sent
    assert explainer.writers("ana") == {"cocina": "template", "obra": "template"}
    assert not explainer.words("ana")
    explainer.check()


async def test_a_cancellation_leaves_no_row_half_written(
    explainer: ExplainerCluster, writer: ScriptedWriter
) -> None:
    """What was begun is finished: changelog and row go together."""
    await _ask(explainer, ranking("ana", "cocina"))
    tables = explainer.worker.context.state.tables
    words = tables.words.changelog_topic_name
    writer.may_answer.set()
    before = len(explainer.broker.log(words, explainer.where("ana")))
    await explainer.worker.settle(
        lambda: any(s.what == "sent" and s.topic == words for s in explainer.broker.steps)
    )
    assert len(explainer.broker.log(words, explainer.where("ana"))) == before, "under way"
    explainer.worker.wording.cancel_all()
    await explainer.worker.settle(lambda: _noted(explainer) == {"cocina": MODEL})
    assert explainer.words("ana") == ["Buscan Cocinera."]
    explainer.check()


@pytest.mark.parametrize("back", [False, True], ids=["gone", "back-again"])
async def test_an_erasure_while_a_model_is_asked_leaves_nothing(
    explainer: ExplainerCluster, writer: ScriptedWriter, back: bool
) -> None:
    await _ask(explainer, ranking("ana", "cocina"))
    explainer.publish(erasure("ana"))
    if back:
        explainer.publish(ranking("ana", "cocina", revision=2, consent=False))
    await explainer.worker.run()
    assert explainer.worker.wording.waiting == 0
    writer.may_answer.set()
    await explainer.drain()
    assert explainer.words("ana") == []
    assert explainer.writers("ana") == ({"cocina": "template"} if back else {})
    if not back:
        assert explainer.row("ana") == ExplainedRow()
    explainer.check()


async def test_who_is_erased_and_back_in_one_batch_is_asked_about_anew(
    explainer: ExplainerCluster, writer: ScriptedWriter
) -> None:
    """What was asked before the erasure is nobody's answer after it."""
    await _ask(explainer, ranking("ana", "cocina"))
    explainer.publish(erasure("ana"))
    await _ask(explainer, ranking("ana", "cocina", revision=2))
    assert explainer.worker.wording.waiting == 1
    writer.may_answer.set()
    await explainer.drain()
    assert explainer.told("ana")["cocina"]["revision"] == EPOCH + 2
    assert explainer.writers("ana") == {"cocina": "gpt"}
    explainer.check()


async def test_an_erasure_waits_for_words_that_are_being_kept_and_takes_them(
    explainer: ExplainerCluster, writer: ScriptedWriter
) -> None:
    """Once a write has begun nothing cancels it; the erasure comes after it, not between."""
    await _ask(explainer, ranking("ana", "cocina"))
    words = explainer.worker.context.state.tables.words.changelog_topic_name
    writer.may_answer.set()
    await explainer.worker.settle(
        lambda: any(s.what == "sent" and s.topic == words for s in explainer.broker.steps)
    )
    explainer.publish(erasure("ana"))
    await explainer.drain()
    assert [bool(said) for _, said in explainer.sent("ana")] == [True, True, False]
    assert explainer.words("ana") == []
    explainer.check()


async def test_words_about_what_is_no_longer_so_are_dropped(
    explainer: ExplainerCluster, writer: ScriptedWriter
) -> None:
    await _ask(explainer, ranking("ana", "cocina"))
    await _ask(explainer, ranking("ana", ("cocina", 1), revision=2))
    assert explainer.worker.wording.waiting == 1
    writer.may_answer.set()
    await explainer.drain()
    said = [(one["writer"], one["revision"] - EPOCH) for _, one in explainer.sent("ana") if one]
    assert said == [("template", 1), ("template", 2), ("gpt", 2)]
    explainer.check()


async def test_a_late_answer_that_nobody_cancelled_is_checked_against_the_row(
    explainer: ExplainerCluster, writer: ScriptedWriter
) -> None:
    """A write that has begun waits for the partition, and finds the person changed."""
    await _ask(explainer, ranking("ana", "cocina"))
    worker, where = explainer.worker, explainer.where("ana")
    tables = worker.context.state.tables
    event = worker.context.fence.turn()
    async with worker.context.locks[where]:
        writer.may_answer.set()
        await worker.settle(lambda: bool(worker.wording._storing))
        row = ExplainedRow(EPOCH + 2, {"cocina": ["another", TEMPLATE]})
        await tables.explained.write(where, {b"ana": row.pack()}, [event])
    await worker.settle()
    assert explainer.words("ana") == []
    assert explainer.writers("ana") == {"cocina": "template"}


async def test_a_stale_generation_writes_nothing(
    explainer: ExplainerCluster, writer: ScriptedWriter, outcomes: Outcomes
) -> None:
    await _ask(explainer, ranking("ana", "cocina"))
    sent = explainer.worker.producer.sent
    explainer.worker.generation += 1  # nobody has told it
    writer.may_answer.set()
    await explainer.worker.settle()
    assert explainer.worker.producer.sent == sent
    assert explainer.words("ana") == []
    assert _noted(explainer) == {"cocina": TEMPLATE}
    assert outcomes("stale") == 1


async def test_whose_partitions_go_between_words_and_output_sends_none(
    explainer: ExplainerCluster, writer: ScriptedWriter
) -> None:
    await _ask(explainer, ranking("ana", "cocina"))
    explainer.worker.evict_after(explainer.worker.producer.sent + 1)
    writer.may_answer.set()
    with pytest.raises(StaleGeneration):
        await explainer.worker.settle()
    assert explainer.words("ana") == ["Buscan Cocinera."]
    assert explainer.writers("ana") == {"cocina": "template"}
    assert _noted(explainer) == {"cocina": TEMPLATE}


@pytest.mark.parametrize(
    "reason",
    ["timeout", "connection", "rate_limited", "server_error", "breaker_open", "no_budget",
     "no_rate", "garbage", "refused_by_server", "truncated"],
)  # fmt: skip
async def test_who_could_not_answer_is_asked_another_day(
    explainer: ExplainerCluster, writer: ScriptedWriter, outcomes: Outcomes, reason: str
) -> None:
    says, writer.reply = writer.reply, lambda fields: Outcome(None, reason)
    explainer.publish(ranking("ana", "cocina"))
    await explainer.drain()
    assert explainer.writers("ana") == {"cocina": "template"}
    assert _noted(explainer) == {"cocina": TEMPLATE}
    assert outcomes(reason) == 1
    writer.reply = says
    explainer.publish(ranking("ana", "cocina", revision=2))
    await explainer.drain()
    assert explainer.writers("ana") == {"cocina": "gpt"}
    explainer.check()


@pytest.mark.parametrize("reason", ["number", "wrong_schema", "name", "refusal"])
async def test_a_useless_answer_is_not_asked_for_again(
    explainer: ExplainerCluster, writer: ScriptedWriter, reason: str
) -> None:
    writer.reply = lambda fields: Outcome(None, reason)
    explainer.publish(ranking("ana", "cocina"))
    await explainer.drain()
    assert explainer.writers("ana") == {"cocina": "template"}
    assert _noted(explainer) == {"cocina": UNUSABLE}
    explainer.publish(ranking("ana", "cocina", revision=2))
    await explainer.drain()
    assert len(writer.asked) == 1
    explainer.publish(ranking("ana", ("cocina", 1), revision=3))
    await explainer.drain()
    assert len(writer.asked) == 2, "other facts are another question"
    explainer.check()


async def test_more_wishes_than_may_wait_keep_the_template(
    make_explainer: Any, writer: ScriptedWriter, outcomes: Outcomes
) -> None:
    explainer = make_explainer(writer, llm_waiting=2)
    await _ask(explainer, ranking("ana", "cocina", "obra", "taxi"), questions=2)
    assert explainer.worker.wording.waiting == 2
    assert outcomes("queue_full") == 1
    writer.may_answer.set()
    await explainer.worker.settle()
    assert explainer.writers("ana") == {"cocina": "gpt", "obra": "gpt", "taxi": "template"}
    explainer.publish(ranking("ana", "cocina", "obra", "taxi", revision=2))
    await explainer.drain()
    assert explainer.writers("ana")["taxi"] == "gpt", "there is room another time"


async def test_words_that_are_known_are_not_asked_for_again(
    explainer: ExplainerCluster, writer: ScriptedWriter, outcomes: Outcomes
) -> None:
    """A job leaves and comes back; another worker has the words from the changelog."""
    explainer.publish(ranking("ana", "cocina", "obra"))
    await explainer.drain()
    explainer.publish(ranking("ana", "obra", revision=2))
    await explainer.drain()
    explainer.start()
    tables = explainer.worker.context.state.tables
    kept = len(explainer.broker.log(tables.words.changelog_topic_name, explainer.where("ana")))
    explainer.publish(ranking("ana", "cocina", "obra", revision=3))
    await explainer.drain()
    assert len(writer.asked) == 2
    assert outcomes("cached") == 1
    said = explainer.told("ana")["cocina"]
    assert (said["writer"], said["revision"]) == ("gpt", EPOCH + 3)
    assert (
        len(explainer.broker.log(tables.words.changelog_topic_name, explainer.where("ana"))) == kept
    ), "they are kept already"
    explainer.check()


async def test_the_words_of_one_person_are_no_answer_for_another(
    explainer: ExplainerCluster, writer: ScriptedWriter
) -> None:
    """An erasure must find all that was written for a person under their own id."""
    explainer.publish(ranking("ana", "cocina"))
    await explainer.drain()
    explainer.publish(ranking("beto", "cocina"))
    await explainer.drain()
    assert len(writer.asked) == 2


async def test_only_the_latest_words_of_a_person_are_kept(
    explainer: ExplainerCluster, writer: ScriptedWriter
) -> None:
    for number in range(MAX_WORDS + 3):
        explainer.publish(ranking("ana", ("cocina", number), revision=number))
        await explainer.drain()
    writer.reply = lambda fields: Outcome("Buscan gente.", "ok")
    assert len(explainer.words("ana")) == MAX_WORDS
    for number, questions in ((MAX_WORDS + 1, 0), (0, 1)):
        asked = len(writer.asked)
        explainer.publish(ranking("ana", ("cocina", number), revision=100 - number))
        await explainer.drain()
        assert len(writer.asked) - asked == questions, number


async def test_words_that_are_kept_again_are_the_latest(explainer: ExplainerCluster) -> None:
    state, turn = explainer.worker.context.state, explainer.worker.context.fence.turn()
    for key in ("first", "second", "first", *map(str, range(MAX_WORDS - 1))):
        await state.keep_words(0, "ana", key, f"{key}!", [turn])
    kept = state.words(0, "ana")
    assert len(kept) == MAX_WORDS
    assert kept["first"] == "first!"
    assert "second" not in kept


async def test_the_same_wish_is_asked_once(
    explainer: ExplainerCluster, writer: ScriptedWriter
) -> None:
    await _ask(explainer, ranking("ana", "cocina"))
    await _ask(explainer, ranking("ana", "cocina", "obra", revision=2))
    assert [fields["puesto"] for fields in writer.asked] == ["Cocinera", "Albañil"]
    writer.may_answer.set()
    await explainer.worker.settle()
    assert explainer.writers("ana") == {"cocina": "gpt", "obra": "gpt"}


async def test_a_wish_that_is_not_wished_any_more_is_dropped(
    explainer: ExplainerCluster, writer: ScriptedWriter
) -> None:
    await _ask(explainer, ranking("ana", "cocina", "obra"), questions=2)
    explainer.publish(ranking("ana", "cocina", "obra", revision=2, consent=False))
    await explainer.worker.run()
    assert explainer.worker.wording.waiting == 0
    writer.may_answer.set()
    await explainer.drain()
    assert set(explainer.writers("ana").values()) == {"template"}


async def test_an_outdated_revision_drops_no_wish(
    explainer: ExplainerCluster, writer: ScriptedWriter
) -> None:
    await _ask(explainer, ranking("ana", "cocina", revision=5))
    explainer.publish(ranking("ana", revision=3))
    await explainer.worker.run()
    assert explainer.worker.wording.waiting == 1
    writer.may_answer.set()
    await explainer.drain()
    assert explainer.writers("ana") == {"cocina": "gpt"}


async def test_a_wish_waits_while_templates_are_under_way(
    explainer: ExplainerCluster, writer: ScriptedWriter
) -> None:
    worker = explainer.worker
    batches = []
    for name in ("ana", "beto"):
        record = explainer.publish(ranking(name, "cocina"))
        batches.append(await worker.agent.prepare([MemoryEvent(record, worker.generation)]))
    await worker.agent.apply(batches[0])
    assert worker.wording.waiting == 1
    await worker.go_on()
    assert not writer.asked, "the second batch is not sent yet"
    await worker.agent.apply(batches[1])
    await worker.settle()
    assert len(writer.asked) == 2


async def test_words_that_are_there_wait_while_templates_are_under_way(
    explainer: ExplainerCluster, writer: ScriptedWriter
) -> None:
    await _ask(explainer, ranking("ana", "cocina"))
    worker, record = explainer.worker, explainer.publish(ranking("beto", "cocina"))
    work = await worker.agent.prepare([MemoryEvent(record, worker.generation)])
    writer.may_answer.set()
    await worker.go_on()
    assert explainer.writers("ana") == {"cocina": "template"}, "they hold the partition meanwhile"
    await worker.agent.apply(work)
    await worker.settle()
    assert explainer.writers("ana") == {"cocina": "gpt"}


async def test_who_wishes_for_nothing_takes_no_room(explainer: ExplainerCluster) -> None:
    explainer.publish(ranking("ana", "cocina"))
    explainer.publish(ranking("beto", "cocina", consent=False))
    await explainer.worker.run()
    wording = explainer.worker.wording
    assert list(wording._tasks) == ["ana"]
    await explainer.drain()
    assert wording._tasks == {}
    assert wording._storing == set()


async def test_one_failing_wish_disturbs_nothing_else(
    explainer: ExplainerCluster, writer: ScriptedWriter, outcomes: Outcomes
) -> None:
    says = writer.reply

    def breaks(fields: Mapping[str, str]) -> Outcome:
        if fields["puesto"] == "Cocinera":
            raise KeyError("a bug")
        return says(fields)

    writer.reply = breaks
    explainer.publish(ranking("ana", "cocina", "obra"))
    await explainer.drain()
    assert explainer.writers("ana") == {"cocina": "template", "obra": "gpt"}
    assert outcomes("failed") == 1
    assert explainer.worker.wording.waiting == 0
    explainer.check()


async def test_a_budget_that_is_spent_leaves_the_template(
    make_explainer: Any, writer: ScriptedWriter, outcomes: Outcomes
) -> None:
    explainer = make_explainer(writer, llm_daily_budget=0.002, explain_top=5)
    explainer.publish(ranking("ana", "cocina", "obra", "taxi"))
    await explainer.drain()
    assert sorted(explainer.writers("ana").values()) == ["gpt", "gpt", "template"]
    assert outcomes("no_budget") == 1
    explainer.now += 86_400
    explainer.publish(ranking("ana", "cocina", "obra", "taxi", revision=2))
    await explainer.drain()
    assert set(explainer.writers("ana").values()) == {"gpt"}
    explainer.check()


async def test_a_broker_that_refuses_the_words_ends_the_process(
    explainer: ExplainerCluster, writer: ScriptedWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    reasons: list[str] = []
    monkeypatch.setattr(wording_module, "die", reasons.append)
    await _ask(explainer, ranking("ana", "cocina"))
    producer = explainer.worker.producer

    async def refuses(*_: Any) -> asyncio.Future[Any]:
        raise OSError("the disk is full")

    monkeypatch.setattr(producer, "send", refuses)
    writer.may_answer.set()
    await explainer.worker.settle()
    assert reasons
    assert "changelog" in reasons[0]
    assert explainer.words("ana") == []
    assert _noted(explainer) == {"cocina": TEMPLATE}


async def test_a_broker_that_refuses_words_nobody_waits_for_ends_the_process(
    explainer: ExplainerCluster, writer: ScriptedWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rebalance has dropped the wish; its write has begun and must get whole."""
    reasons: list[str] = []
    monkeypatch.setattr(wording_module, "die", reasons.append)
    await _ask(explainer, ranking("ana", "cocina"))
    refused, sent = asyncio.Event(), asyncio.Event()

    async def refuses(*_: Any) -> asyncio.Future[Any]:
        sent.set()
        await refused.wait()
        raise OSError("the disk is full")

    monkeypatch.setattr(explainer.worker.producer, "send", refuses)
    writer.may_answer.set()
    await explainer.worker.settle(sent.is_set)
    explainer.worker.wording.cancel_all()
    await explainer.worker.go_on()
    assert reasons == []
    refused.set()
    await explainer.worker.go_on()
    (reason,) = reasons
    assert "changelog" in reason


async def test_whose_partition_went_while_words_waited_for_it_writes_nothing_and_lives(
    explainer: ExplainerCluster, writer: ScriptedWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    reasons: list[str] = []
    monkeypatch.setattr(wording_module, "die", reasons.append)
    await _ask(explainer, ranking("ana", "cocina"))
    worker, sent = explainer.worker, explainer.worker.producer.sent
    async with worker.context.locks[explainer.where("ana")]:
        writer.may_answer.set()
        await worker.settle(lambda: bool(worker.wording._storing))
        worker.wording.cancel_all()
        worker.generation += 1
    await worker.go_on()
    assert not worker.wording._storing
    assert (reasons, worker.producer.sent) == ([], sent)


async def test_a_broker_that_refuses_a_lease_ends_the_process(
    explainer: ExplainerCluster, writer: ScriptedWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Money that nobody can note must not be spent."""
    reasons: list[str] = []
    monkeypatch.setattr(wording_module, "die", reasons.append)
    send, budget = explainer.worker.producer.send, explainer.worker.context.state.tables.budget

    async def refuses(topic: str, *rest: Any) -> Any:
        if topic == budget.changelog_topic_name:
            raise OSError("the disk is full")
        return await send(topic, *rest)

    monkeypatch.setattr(explainer.worker.producer, "send", refuses)
    explainer.publish(ranking("ana", "cocina"))
    await explainer.drain()
    assert len(reasons) == 1
    assert "budget" in reasons[0]
    assert explainer.writers("ana") == {"cocina": "template"}
