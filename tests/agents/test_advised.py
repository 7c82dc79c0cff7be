"""Ads whose words exclude people: matched at once like any other, and the employer is advised."""

from __future__ import annotations

from typing import Any

import pytest

from agents import context as agents_context
from agents import job_states
from models.reading.facts.fact import READER
from models.reading.text import content_hash
from schemas import HeldJob, parse_job
from tables.rows import JobRow
from tests.agents.conftest import MakeCluster
from tests.support.harness import Cluster, at, dies, here, history, phases
from tests.support.harness.village import CLEANER, ad, decision, profile

ADVISED, CLEAN = ad("limpieza", 1), ad("limpieza")


def _state(cluster: Cluster) -> str:
    row = cluster.worker.context.state.job(at(cluster, "limpieza"), "limpieza")
    return "" if row is None else row.state


def _review(cluster: Cluster) -> dict[str, Any] | None:
    return cluster.told("review", "limpieza")[-1]


async def _post(cluster: Cluster, value: dict[str, Any] | None = ADVISED) -> None:
    cluster.publish("jobs", "limpieza", value)
    await cluster.drain()


async def _decide(cluster: Cluster, what: str | None) -> None:
    cluster.publish("decisions", "limpieza", decision(ADVISED, what) if what else None)
    await cluster.drain()


async def _village(cluster: Cluster) -> Cluster:
    cluster.publish("profiles", "ana", profile("ana", CLEANER))
    await _post(cluster)
    return cluster


async def _content(cluster: Cluster) -> None:
    report = await cluster.verify()
    assert report.ok, "\n".join(report.lines())


async def test_an_advised_ad_is_matched_and_told_with_how_to_mend_it(cluster: Cluster) -> None:
    await _village(cluster)
    assert cluster.ranking("ana") == ["limpieza"]
    event = HeldJob.model_validate(_review(cluster))
    assert (event.action, event.status) == ("advise", "advised")
    assert [reason.code for reason in event.reasons] == ["law_looks", "law_sex"]
    assert event.advice
    assert "sin decir hombre o mujer" in event.advice
    assert event.advice.endswith("Lo pide la Ley 26772.")
    await _content(cluster)


async def test_its_words_change_nobodys_ranking(make_cluster: MakeCluster) -> None:
    """A man and a woman with the same fields are given it alike."""
    cluster = make_cluster()
    for name, text in (("ana", "soy mujer, limpio casas"), ("beto", "soy hombre, limpio casas")):
        cluster.publish("profiles", name, profile(name, text))
    await _post(cluster)
    assert cluster.ranking("ana") == cluster.ranking("beto") == ["limpieza"]


async def test_a_setting_makes_it_wait(make_cluster: MakeCluster) -> None:
    cluster = await _village(make_cluster(law_wording="hold"))
    assert (cluster.ranking("ana"), _state(cluster)) == ([], "held")
    event = _review(cluster) or {}
    assert (event["action"], event["status"]) == ("hold", "held")
    assert event["advice"], "the reviewer can pass it on"
    await _content(cluster)


@pytest.mark.parametrize(
    ("before", "after", "states"),
    [("advise", "hold", ("advised", "held")), ("hold", "advise", ("held", "advised"))],
)
async def test_the_setting_vets_standing_ads_anew(
    make_cluster: MakeCluster, before: str, after: str, states: tuple[str, str]
) -> None:
    cluster = await _village(make_cluster(law_wording=before))
    assert _state(cluster) == states[0]
    cluster.settings = cluster.settings.model_copy(update={"law_wording": after})
    cluster.start()
    await cluster.drain()
    assert _state(cluster) == states[1]
    assert (_review(cluster) or {})["action"] == after
    assert cluster.ranking("ana") == (["limpieza"] if after == "advise" else [])
    await _content(cluster)


async def test_a_new_gate_tells_of_standing_ads_and_ranks_nobody_again(
    make_cluster: MakeCluster,
) -> None:
    cluster = await _village(make_cluster(vetting=False))
    assert (_state(cluster), _review(cluster)) == ("active", None)
    ranked, copies = len(cluster.told("matches", "ana")), cluster.broker.log
    sent = len(copies(cluster.names.job_fanout, 0))
    cluster.settings = cluster.settings.model_copy(update={"vetting": True})
    cluster.start()
    await cluster.drain()
    assert (_state(cluster), (_review(cluster) or {})["action"]) == ("advised", "advise")
    assert len(cluster.told("matches", "ana")) == ranked
    assert len(copies(cluster.names.job_fanout, 0)) == sent
    await _content(cluster)


async def test_another_gate_that_says_the_same_is_named_as_the_one_that_says_so(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _village(cluster)
    monkeypatch.setattr("models.vetting.outcome.GATE_VERSION", "gate-next")
    cluster.start()
    await cluster.drain()
    assert (_review(cluster) or {})["gate_version"] == "gate-next"
    await _content(cluster)


async def test_another_reader_of_words_gives_people_an_advised_ad_anew(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _village(cluster)
    sent = len(cluster.broker.log(cluster.names.job_fanout, 0))
    monkeypatch.setattr(job_states, "READER", READER + 1)
    monkeypatch.setattr(agents_context, "READER_VERSION", "reader-next")
    cluster.start()
    await cluster.drain()
    assert len(cluster.broker.log(cluster.names.job_fanout, 0)) == sent + 1
    assert (_state(cluster), (_review(cluster) or {})["job_version"]) == ("advised", [0, 1])
    await _content(cluster)


@pytest.mark.parametrize("ended", ["edited", "withdrawn", "closed", "expired"])
async def test_nothing_is_left_to_mend(cluster: Cluster, ended: str) -> None:
    await _village(cluster)
    if ended == "expired":
        row = cluster.worker.context.state.job(at(cluster, "limpieza"), "limpieza")
        assert row is not None
        item = {"kind": "expire_job", "id": "limpieza", "due_ms": row.ends}
        cluster.publish("work", b"", item, partition=at(cluster, "limpieza"))
        await cluster.drain()
    else:
        value = {"edited": CLEAN, "withdrawn": None, "closed": {**ADVISED, "status": "closed"}}
        await _post(cluster, value[ended])
    assert _review(cluster) is None
    assert cluster.ranking("ana") == (["limpieza"] if ended == "edited" else [])
    await _content(cluster)


async def test_a_release_lets_its_words_stand(cluster: Cluster) -> None:
    await _village(cluster)
    ranked = len(cluster.told("matches", "ana"))
    await _decide(cluster, "release")
    assert (_state(cluster), _review(cluster)) == ("active", None)
    assert len(cluster.told("matches", "ana")) == ranked, "nobody's ranking changed"
    await _content(cluster)
    await _decide(cluster, None)
    assert (_state(cluster), (_review(cluster) or {})["action"]) == ("advised", "advise")
    await _content(cluster)


async def test_a_rejection_takes_it_out(cluster: Cluster) -> None:
    await _village(cluster)
    await _decide(cluster, "reject")
    assert (_state(cluster), _review(cluster), cluster.ranking("ana")) == ("rejected", None, [])
    await _content(cluster)
    await _decide(cluster, None)
    assert (_state(cluster), cluster.ranking("ana")) == ("advised", ["limpieza"])
    await _content(cluster)


async def test_it_survives_a_restart_and_is_told_once(cluster: Cluster) -> None:
    await _village(cluster)
    told = cluster.told("review", "limpieza")
    cluster.start()
    await _post(cluster)
    assert cluster.told("review", "limpieza") == told
    assert (_state(cluster), cluster.ranking("ana")) == ("advised", ["limpieza"])
    await _content(cluster)


async def test_between_matched_states_only_reviewers_are_told(cluster: Cluster) -> None:
    await _village(cluster)
    since = here(cluster)
    cluster.publish("decisions", "limpieza", decision(ADVISED, "release"))
    await cluster.run("decisions")
    assert phases(cluster, since) == [
        "row:decisions", "row:jobs", "review", "row:jobs", "ack decisions",
    ]  # fmt: skip
    *_, marked, noted = (JobRow.unpack(raw) for raw in history(cluster, "jobs", "limpieza") if raw)
    assert (marked.state, marked.telling, noted.state, noted.telling) == (
        "advised", True, "active", False,
    )  # fmt: skip
    assert marked.version == noted.version


async def test_wherever_the_worker_dies_a_release_is_carried_out(
    make_cluster: MakeCluster,
) -> None:
    for records in range(99):
        cluster = await _village(make_cluster())
        cluster.publish("decisions", "limpieza", decision(ADVISED, "release"))
        died = await dies(cluster, "decisions", records)
        await cluster.drain()
        assert (_state(cluster), _review(cluster)) == ("active", None)
        await _content(cluster)
        if not died:
            assert records == 4, "decision, mark, review and row"
            return


async def test_the_review_names_the_version_that_exposure_gave(make_cluster: MakeCluster) -> None:
    cluster = await _village(make_cluster(exposure=0.2, exposure_free=0.01))
    for day in ("2099-01-01", "2099-01-02"):
        for partition in range(cluster.settings.partitions):
            cluster.publish("work", b"", {"kind": "tick", "as_of": day}, partition=partition)
        await cluster.drain()
    row = cluster.worker.context.state.job(at(cluster, "limpieza"), "limpieza")
    assert row is not None
    assert row.penalty
    assert (_review(cluster) or {})["job_version"] == list(row.version)
    await _content(cluster)


def test_events_from_before_there_were_two_actions_are_holds() -> None:
    job = parse_job(b"x", b'{"job_id": "x", "title": "t"}')
    old = {
        "job_id": "x", "job_version": [1, 0], "event_id": "e", "gate_version": "gate-3",
        "content_hash": content_hash(job).hex(), "risk": 0.6, "excerpt": "", "status": "held",
        "reasons": [{"code": "fee", "facts": {}, "text": "Pide dinero."}],
        "job": {"job_id": "x", "title": "t"},
    }  # fmt: skip
    event = HeldJob.model_validate(old)
    assert (event.action, event.advice) == ("hold", None)
