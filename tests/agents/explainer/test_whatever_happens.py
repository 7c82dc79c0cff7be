"""Whatever is matched and wherever it dies, at rest every entry has its one explanation."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.explain.gpt import Outcome
from tests.support.harness import Cluster
from tests.support.harness.explainer import ScriptedWriter
from tests.support.harness.explainer_cluster import ExplainerCluster
from tests.support.harness.rankings import JOBS, erasure, ranking
from tests.support.harness.village import Happening, happenings, story

PEOPLE = ("ana", "beto", "carla")
_ENTRIES = st.lists(
    st.tuples(st.sampled_from(JOBS), st.integers(0, 1)), unique_by=lambda job: job[0], max_size=4
)
#: What happens to a person: another ranking, the last one or an older one again, or an erasure.
Said = tuple[str, str, Any]
_SAID: st.SearchStrategy[Said] = st.one_of(
    st.tuples(st.just("news"), st.sampled_from(PEOPLE), st.tuples(_ENTRIES, st.booleans())),
    st.tuples(st.just("news"), st.sampled_from(PEOPLE), st.tuples(_ENTRIES, st.booleans())),
    st.tuples(st.just("again"), st.sampled_from(PEOPLE), st.integers(0, 2)),
    st.tuples(st.just("erasure"), st.sampled_from(PEOPLE), st.none()),
)
_ROUNDS = st.lists(st.lists(_SAID, min_size=1, max_size=6), min_size=1, max_size=4)
_DEATHS = st.lists(st.tuples(st.sampled_from(("dies", "evicted")), st.integers(1, 12)), max_size=4)
_OFTEN = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _moody(fields: Mapping[str, str]) -> Outcome:
    """Good words, no words for now, or none that can be used, by what is asked."""
    reasons = ("ok", "timeout", "number")
    reason = reasons[(len(fields["puesto"]) + ("1300" in fields["paga"])) % 3]
    return Outcome(f"Buscan {fields['puesto']}." if reason == "ok" else None, reason)


class _Publisher:
    """What a matcher sends: revisions only grow, and nothing older follows an erasure."""

    def __init__(self, explainer: ExplainerCluster) -> None:
        self._explainer = explainer
        self._revision = 0
        self._life: dict[str, list[dict[str, Any]]] = {}

    def say(self, what: str, name: str, detail: Any) -> None:
        said = self._life.setdefault(name, [])
        if what == "erasure":
            said.clear()
            self._explainer.publish(erasure(name))
        elif what == "news":
            entries, consent = detail
            self._revision += 1
            said.append(ranking(name, *entries, revision=self._revision, consent=consent))
            self._explainer.publish(said[-1])
        elif len(said) > detail:
            self._explainer.publish(said[-1 - detail])


def _sooner(explainer: ExplainerCluster, how: str, records: int) -> None:
    """Let the worker's end come after so many records."""
    if how == "dies":
        explainer.worker.producer.left = records
    else:
        explainer.worker.evict_after(explainer.worker.producer.sent + records)


@_OFTEN
@given(rounds=_ROUNDS, deaths=_DEATHS, size=st.integers(1, 8))
def test_whatever_is_said_and_wherever_it_dies(
    rounds: list[list[Said]], deaths: list[tuple[str, int]], size: int
) -> None:
    async def run(patch: pytest.MonkeyPatch) -> None:
        explainer = ExplainerCluster(patch, writer=ScriptedWriter(_moody))
        publisher = _Publisher(explainer)
        for i, said in enumerate(rounds):
            for one in said:
                publisher.say(*one)
            if i < len(deaths):
                _sooner(explainer, *deaths[i])
            await explainer.drain(max_events=size)
        explainer.check()

    with pytest.MonkeyPatch.context() as patch:
        asyncio.run(run(patch))


@pytest.mark.parametrize("how", ["dies", "evicted"])
async def test_an_end_after_every_record(monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    """A run with news, change, climbing, erasure and return, ended at its n-th record."""
    said = [
        ranking("ana", "cocina", "obra", "taxi"), ranking("beto", "mozo"),
        ranking("ana", "taxi", ("obra", 1), revision=2), erasure("beto"), erasure("ana"),
        ranking("ana", "mozo", revision=3),
    ]  # fmt: skip
    for records in range(1, 100):
        explainer = ExplainerCluster(monkeypatch, writer=ScriptedWriter())
        _sooner(explainer, how, records)
        for event in said:
            explainer.publish(event)
            await explainer.drain()
        explainer.check()
        if not explainer.deaths:
            assert records > 20, "the run sends fewer records than it should"
            return
    raise AssertionError("the run never ends by itself")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    rounds=st.lists(st.lists(happenings(), min_size=1, max_size=6), min_size=1, max_size=3),
    deaths=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 12)), max_size=3),
)
def test_beside_a_matcher(rounds: list[list[Happening]], deaths: list[tuple[int, int]]) -> None:
    """Both on one broker, and either may die: what is explained is what was matched last."""

    async def run(patch: pytest.MonkeyPatch) -> None:
        matcher = Cluster(patch)
        explainer = ExplainerCluster(patch, matcher.broker, ScriptedWriter(_moody))
        for i, happened in enumerate(rounds):
            if i < len(deaths):
                explainer.worker.producer.left = deaths[i][1]
            await matcher.play([happened], [deaths[i][0]] if i < len(deaths) else [])
            await explainer.drain(max_events=3)
        explainer.check()

    with pytest.MonkeyPatch.context() as patch:
        asyncio.run(run(patch))


async def test_a_story_from_profiles_and_jobs_to_words(monkeypatch: pytest.MonkeyPatch) -> None:
    matcher = Cluster(monkeypatch)
    explainer = ExplainerCluster(monkeypatch, matcher.broker, ScriptedWriter())
    rounds = story()
    for happened in rounds[:2]:
        await matcher.play([happened])
        await explainer.drain()
    assert set(explainer.told("beto")) == set(matcher.ranking("beto"))
    assert explainer.told("beto")
    for happened in rounds[2:]:
        await matcher.play([happened])
        await explainer.drain()
        for name in ("ana", "beto", "carmen"):
            assert set(explainer.told(name)) == set(matcher.ranking(name)), name
    explainer.check()
    assert explainer.told("beto") == {}, "erased"
    assert matcher.ranking("ana"), "somebody is still matched"
