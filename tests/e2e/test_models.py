"""A worker with a registered version: it ranks as the version says, or it does not start."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from agents.context import ranker_of
from matcher_stream.cli.registering import Given, imported
from matcher_stream.registry.store import Registry
from models.ranking.blend import make_ranker
from models.ranking.offline import rank_all
from models.ranking.ranker import Ranker
from schemas.errors import RefusedModel
from schemas.job import Job
from schemas.profile import Profile
from tests.e2e.conftest import Deploy
from tests.support.deployment import Deployment, encoder
from tests.support.kafka_io import Send, last_by_key, publish_all
from tests.support.processes import wait_for
from tests.support.versions import ranker_file, tuned_cache

PERSON = {"profile_id": "p1", "text": "soy albañil, levanto muros de ladrillo", "ubigeo": "150110"}
JOB = {"job_id": "j1", "title": "Albañil para obra", "ubigeo": "150110"}


@pytest.mark.embedded_only
async def test_a_worker_ranks_by_the_version_it_is_told(deploy: Deploy, tmp_path: Path) -> None:
    registry = Registry(str(tmp_path / "registry"))
    same, _ = imported(registry, None, Given())
    weights = tmp_path / "other.json"
    weights.write_bytes(ranker_file(slope=20.0, offset=-16.0))
    other, _ = imported(registry, None, Given(ranker=weights))
    cache = tuned_cache(tmp_path / "cache")

    deployment = await deploy(registry=registry.url, encoder_cache_dir=cache, model=same)
    (worker,) = deployment.start()
    assert worker.metric("matcher_build_info", app="matcher", model=same) == 1
    assert 0 < worker.metric("matcher_model_age_seconds", model=same) < 3600
    sends = [
        Send(deployment.names.jobs, b"j1", orjson.dumps(JOB)),
        Send(deployment.names.profiles, b"p1", orjson.dumps(PERSON)),
    ]
    await publish_all(deployment.broker, sends)
    await deployment.verified(sample=0)
    built_in = _offline(make_ranker("blend"))
    assert await _score(deployment, same) == pytest.approx(built_in, abs=0.01), "in any precision"

    worker.stop()
    worker.set(MATCHER_MODEL=other)
    worker.start()
    worker.wait_ready()
    deployment.settings = deployment.settings.model_copy(update={"model": other})
    await deployment.verified(sample=0)
    ranked = _offline(ranker_of(deployment.settings))
    assert abs(ranked - built_in) > 0.02
    assert await _score(deployment, other) == pytest.approx(ranked, abs=0.01), "ranked anew"

    worker.stop()
    changed = tmp_path / "registry" / other / "ranker.json"
    changed.write_bytes(changed.read_bytes().replace(b"20.0", b"21.0"))
    fresh = deployment.worker(MATCHER_MODEL=other, MATCHER_ENCODER_CACHE_DIR=str(tmp_path / "new"))
    fresh.start()
    wait_for(lambda: not fresh.alive, 60.0, "a version that was changed ends the start")
    assert fresh.exit_code == RefusedModel.exit_code
    assert f"La versión {other[:12]} no se usa: ranker.json no es" in fresh.tail()
    assert "Traceback" not in fresh.tail()


async def _score(deployment: Deployment, version: str) -> float:
    told = (await last_by_key(deployment.broker, deployment.names.matches))[b"p1"]
    event = orjson.loads(told.value or b"")
    assert version[:12] in event["ranker_version"]
    (entry,) = event["entries"]
    return float(entry["score"])


def _offline(ranker: Ranker) -> float:
    """What `matcher-stream rank` gives the pair."""
    person, job = Profile.model_validate(PERSON), Job.model_validate(JOB)
    (entry,) = rank_all([person], [job], encoder(), ranker, 10)["p1"]
    return float(entry["score"])
