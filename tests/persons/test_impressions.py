"""Exports of what people did: of those who agree, and of nobody who left since."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from matcher_stream.config.contract import partition_for
from matcher_stream.persons.impressions import Gathered, gather, who_agrees
from models.feedback.dataset import (
    MANIFEST,
    ROWS,
    Manifest,
    hash_of,
    load,
    read_manifest,
    read_rows,
)
from models.feedback.writing import erased_elsewhere, prune, write_export
from schemas.errors import UnreadableFile
from tests.agents.conftest import MakeCluster
from tests.support.harness import Cluster
from tests.support.harness.reader import MemoryReader
from tests.support.harness.village import ad, profile, said

T0 = round(time.time() * 1000)
SALT = "5a" * 16


def _agrees(name: str, **fields: Any) -> dict[str, Any]:
    return profile(name, consent_training=True, **fields)


async def _lively(cluster: Cluster, **people: dict[str, Any]) -> None:
    """Everybody is shown their list and opens the first job of it."""
    for name in ("obra", "cocina"):
        cluster.publish("jobs", name, ad(name))
    await cluster.drain()
    for name, person in people.items():
        cluster.publish("profiles", name, person, timestamp=T0)
    await cluster.drain()
    for name in people:
        _see(cluster, name, 1)
    await cluster.drain()


def _see(cluster: Cluster, name: str, when: int) -> None:
    event = cluster.told("matches", name)[-1] or {}
    seen = {"revision": event["revision"], "surface": "web"}
    for entry in event["entries"]:
        word = {**said(name, entry["job_id"], "shown"), "rank": entry["rank"], **seen}
        cluster.publish("feedback", name, word, timestamp=T0 + when)
    word = {**said(name, event["entries"][0]["job_id"], "opened"), "rank": 1, **seen}
    cluster.publish("feedback", name, word, timestamp=T0 + when + 1)


async def _gather(cluster: Cluster, salt: str = SALT) -> Gathered:
    return await gather(MemoryReader(cluster.broker), cluster.settings, cluster.names, salt)


async def _export(cluster: Cluster, folder: Path, salt: str = SALT) -> Manifest:
    found = await _gather(cluster, salt)
    erased, unread = erased_elsewhere(folder.parent, found.agreed.gone_of, besides=folder)
    assert unread == []
    made = datetime.fromtimestamp(T0 / 1000 + 60 * len(list(folder.parent.iterdir())), UTC)
    return write_export(folder, found.rows, made=made, salt=salt, erased=erased)


async def test_a_row_says_what_was_told_and_what_came_of_it(cluster: Cluster) -> None:
    person = _agrees("ana", text="soy cocinera, cocino menú", age=31)
    await _lively(cluster, ana=person)
    event = cluster.told("matches", "ana")[-1] or {}
    found = await _gather(cluster)
    assert len(found.rows) == len(event["entries"])
    for row, entry in zip(
        sorted(found.rows, key=lambda row: row.rank), event["entries"], strict=True
    ):
        assert (row.person, row.job_id, row.rank) == (
            hash_of(SALT, "ana"),
            entry["job_id"],
            entry["rank"],
        )
        assert (row.score, row.components, row.level) == (
            entry["score"],
            entry["components"],
            entry["level"],
        )
        assert (row.revision, row.surface, row.as_of) == (event["revision"], "web", event["as_of"])
        assert row.ranker_version == event["ranker_version"]
        assert row.propensity == pytest.approx(1 / row.rank)
        assert (row.region, row.sex, row.age_band, row.trade) == ("15", "f", "25-34", "5120")
        assert row.district_poverty is not None
        assert row.shown == T0 + 1
        outcome = ("opened", T0 + 2) if row.rank == 1 else ("none", None)
        assert (row.outcome, row.outcome_ts) == outcome
    assert found.agreed.sources[cluster.names.profiles][partition_for(b"ana", 2)] == 1


@pytest.mark.parametrize("consent", [None, False])
async def test_who_does_not_agree_is_left_out(cluster: Cluster, consent: bool | None) -> None:
    await _lively(cluster, ana=profile("ana", consent_training=consent), beto=_agrees("beto"))
    found = await _gather(cluster)
    assert {row.person for row in found.rows} == {hash_of(SALT, "beto")}
    assert found.left_out == {"no_consent": 2, "no_rank": 0}


async def test_what_nobody_knows_the_place_of_is_no_row(cluster: Cluster) -> None:
    await _lively(cluster, ana=_agrees("ana"))
    cluster.publish("feedback", "ana", said("ana", "taxi", "opened"), timestamp=T0 + 3)
    await cluster.drain()
    found = await _gather(cluster)
    assert "taxi" not in {row.job_id for row in found.rows}
    assert found.left_out["no_rank"] == 1


async def test_an_erasure_counts_before_any_worker_carries_it_out(cluster: Cluster) -> None:
    await _lively(cluster, ana=_agrees("ana"))
    cluster.publish("profiles", "ana", None, timestamp=T0 + 5)
    assert (await _gather(cluster)).rows == []
    cluster.publish("profiles", "ana", _agrees("ana"), timestamp=T0 + 6)
    assert (await _gather(cluster)).rows == [], "what they did was of before"
    await cluster.drain()
    _see(cluster, "ana", 7)
    await cluster.drain()
    assert len((await _gather(cluster)).rows) == 2


async def test_a_refused_profile_changes_nothing_and_one_astray_neither(cluster: Cluster) -> None:
    await _lively(cluster, ana=_agrees("ana"))
    cluster.publish("profiles", "ana", b"{", timestamp=T0 + 5)
    cluster.publish("profiles", "ana", profile("ana"), partition=1 - partition_for(b"ana", 2))
    agreed = await who_agrees(MemoryReader(cluster.broker), cluster.settings, cluster.names)
    assert set(agreed.people) == {"ana"}


async def test_who_left_is_gone_from_exports_made_before(
    make_cluster: MakeCluster, tmp_path: Path
) -> None:
    """Erased, and consent withdrawn; from the old export, the next one and the table."""
    cluster = make_cluster()
    await _lively(cluster, **{name: _agrees(name) for name in ("ana", "beto", "carmen")})
    old = tmp_path / "uno"
    await _export(cluster, old)
    assert load(old).people == {hash_of(SALT, name) for name in ("ana", "beto", "carmen")}
    cluster.publish("profiles", "ana", None, timestamp=T0 + 9)
    cluster.publish("profiles", "beto", profile("beto"), timestamp=T0 + 9)
    await cluster.drain()
    manifest = await _export(cluster, tmp_path / "dos", "77" * 16)
    assert manifest.erased == sorted(hash_of(SALT, name) for name in ("ana", "beto"))
    assert load(tmp_path / "dos").people == {hash_of("77" * 16, "carmen")}
    assert load(old).people == {hash_of(SALT, "carmen")}, "the next export names them"
    agreed = await who_agrees(MemoryReader(cluster.broker), cluster.settings, cluster.names)
    before = read_manifest(old)
    people = {row.person for row in read_rows(old, before)}
    assert prune(old, agreed.gone_of(before, people)) == 4
    assert {row.person for row in read_rows(old, read_manifest(old))} == {hash_of(SALT, "carmen")}
    assert hash_of(SALT, "ana") not in (old / ROWS).read_text()
    await _export(cluster, tmp_path / "tres", "99" * 16)
    assert (await cluster.verify()).ok


async def test_who_was_erased_and_came_back_is_only_in_later_exports(
    cluster: Cluster, tmp_path: Path
) -> None:
    await _lively(cluster, ana=_agrees("ana"))
    await _export(cluster, tmp_path / "uno")
    cluster.publish("profiles", "ana", None, timestamp=T0 + 100_000)
    cluster.publish("profiles", "ana", _agrees("ana"), timestamp=T0 + 100_001)
    await cluster.drain()
    _see(cluster, "ana", 100_002)
    await cluster.drain()
    await _export(cluster, tmp_path / "dos", "77" * 16)
    assert load(tmp_path / "uno").rows == []
    assert len(load(tmp_path / "dos").rows) == 2


async def test_pruning_again_and_of_nobody_changes_nothing(
    cluster: Cluster, tmp_path: Path
) -> None:
    await _lively(cluster, ana=_agrees("ana"))
    folder = tmp_path / "uno"
    await _export(cluster, folder)
    before = (folder / MANIFEST).read_bytes(), (folder / ROWS).read_bytes()
    assert prune(folder, {"0" * 32}) == 0
    assert before == ((folder / MANIFEST).read_bytes(), (folder / ROWS).read_bytes())
    assert prune(folder, {hash_of(SALT, "ana")}) == 2
    assert prune(folder, {hash_of(SALT, "ana")}) == 0
    assert load(folder).rows == []
    assert read_manifest(folder).people == 0


async def test_an_export_is_its_owners_alone_and_new(cluster: Cluster, tmp_path: Path) -> None:
    await _lively(cluster, ana=_agrees("ana"))
    folder = tmp_path / "uno"
    await _export(cluster, folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    with pytest.raises(UnreadableFile, match="no está vacía"):
        await _export(cluster, folder)
