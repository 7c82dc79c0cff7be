"""A registered version ranks: as what ships does where it is the same, and everybody anew else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from matcher_stream.config import model as config_model
from matcher_stream.config.model import BUILT_IN, model_of
from matcher_stream.config.settings import Settings
from matcher_stream.registry.store import Registry
from schemas.errors import InvalidSettings, RefusedModel, UnknownModel
from tests.agents.conftest import MakeCluster
from tests.support.harness import Cluster
from tests.support.harness.village import ad, profile
from tests.support.versions import ranker_file, small_version

PEOPLE = {"ana": "busco chamba de albañil, asiento ladrillo", "beto": "cocino menú y sopas"}


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Each test is a process of its own: nothing is remembered of a version."""
    config_model._registered.cache_clear()
    yield
    config_model._registered.cache_clear()


def _registered(tmp_path: Path, **changes: Any) -> str:
    folder, _ = small_version(tmp_path, **changes)
    return Registry(str(tmp_path / "registry")).put(folder)[0]


def _with(cluster: Cluster, tmp_path: Path, version: str) -> None:
    """The worker is started again, with a registered version."""
    cluster.settings = cluster.settings.model_copy(
        update={
            "registry": str(tmp_path / "registry"),
            "model": version,
            "encoder_cache_dir": tmp_path / "cache",
        }
    )
    cluster.start()


async def _village(make_cluster: MakeCluster) -> Cluster:
    cluster = make_cluster()
    for name in ("obra", "cocina", "limpieza"):
        cluster.publish("jobs", name, ad(name))
    for name, text in PEOPLE.items():
        cluster.publish("profiles", name, profile(name, text))
    await cluster.drain()
    return cluster


def _last(cluster: Cluster, name: str) -> dict[str, Any]:
    return cluster.told("matches", name)[-1] or {}


async def test_a_version_of_the_same_parts_ranks_the_same(
    make_cluster: MakeCluster, tmp_path: Path
) -> None:
    cluster = await _village(make_cluster)
    before = {name: _last(cluster, name) for name in PEOPLE}
    assert all(event["entries"] for event in before.values())
    version = _registered(tmp_path)
    _with(cluster, tmp_path, version[:12])
    await cluster.drain()
    for name, event in before.items():
        now = _last(cluster, name)
        assert now["entries"] == event["entries"]
        assert (now["cause"], now["entered"], now["left"]) == ("model_changed", [], [])
        assert version[:12] in now["ranker_version"]
        assert now["revision"] > event["revision"]
    assert (await cluster.verify()).ok
    told = len(cluster.told("matches", "ana"))
    cluster.start()
    await cluster.drain()
    assert len(cluster.told("matches", "ana")) == told, "the same version tells nobody again"


async def test_another_ranker_s_weights_rank_everybody_anew(
    make_cluster: MakeCluster, tmp_path: Path
) -> None:
    cluster = await _village(make_cluster)
    _with(cluster, tmp_path, _registered(tmp_path))
    await cluster.drain()
    before = {name: _last(cluster, name) for name in PEOPLE}
    steeper = _registered(tmp_path, ranker=ranker_file(slope=20.0, offset=-16.0, send=0.9))
    _with(cluster, tmp_path, steeper)
    await cluster.drain()
    for name, event in before.items():
        now = _last(cluster, name)
        assert now["cause"] == "model_changed"
        assert steeper[:12] in now["ranker_version"]
        assert [e["score"] for e in now["entries"]] != [e["score"] for e in event["entries"]]
    report = await cluster.verify()
    assert report.ok, report.lines()
    cluster.settings = cluster.settings.model_copy(update={"model": ""})
    assert not (await cluster.verify()).ok, "verify judges by the version that the settings name"


def _settings(tmp_path: Path, **settings: Any) -> Settings:
    return Settings(registry=str(tmp_path / "registry"), encoder_cache_dir=tmp_path, **settings)


@pytest.mark.parametrize(
    "setting", [{"adapter": "calle-3"}, {"encoder": "hf:a/b"}, {"ranker": "dense"}]
)
def test_a_version_and_parts_beside_it_are_one_sentence(
    tmp_path: Path, setting: dict[str, Any]
) -> None:
    version = _registered(tmp_path)
    (name,) = setting
    with pytest.raises(InvalidSettings, match=f"MATCHER_{name.upper()} cannot be used beside"):
        model_of(_settings(tmp_path, model=version, **setting))
    assert model_of(_settings(tmp_path, **setting)).id == BUILT_IN
    assert model_of(_settings(tmp_path, model=version, send_threshold=0.5)).id == version


def test_what_cannot_be_used_is_refused_before_anything_is_loaded(tmp_path: Path) -> None:
    version = _registered(tmp_path)
    with pytest.raises(UnknownModel, match="No hay una versión 0000"):
        model_of(_settings(tmp_path, model="0000"))
    (tmp_path / "registry" / version / "ranker.json").write_bytes(ranker_file(slope=20.0))
    with pytest.raises(RefusedModel, match=r"ranker\.json no es el que se registró"):
        model_of(_settings(tmp_path, model=version))


def test_a_running_worker_keeps_what_it_has(tmp_path: Path) -> None:
    version = _registered(tmp_path)
    held = model_of(_settings(tmp_path, model=version))
    (tmp_path / "registry" / version / "ranker.json").unlink()
    assert model_of(_settings(tmp_path, model=version)) is held
    config_model._registered.cache_clear()
    assert model_of(_settings(tmp_path, model=version)) == held, "a copy is here, and is whole"
