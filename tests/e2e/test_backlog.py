"""A topic with far more records than an agent's share is paused and resumed, and loses none."""

from __future__ import annotations

import orjson
import pytest

from tests.e2e.conftest import Deploy
from tests.support.kafka_io import Send, publish_all

JOBS = 6000


@pytest.mark.kafka_only
async def test_a_backlog_is_read_to_its_last_record(deploy: Deploy) -> None:
    deployment = await deploy()
    (worker,) = deployment.start()
    # few different texts: how records are read is tried here, and not how fast texts are encoded
    jobs = [{"job_id": f"j{i}", "title": f"cocinero {i % 50}"} for i in range(JOBS)]
    await publish_all(
        deployment.broker,
        [Send(deployment.names.jobs, j["job_id"].encode(), orjson.dumps(j)) for j in jobs],
    )
    await deployment.drained(400)
    assert worker.metric("matcher_processed_total", agent="jobs") == JOBS
    assert worker.metric("matcher_jobs") == JOBS
