"""Deployments for end-to-end tests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.brokers import Broker
from tests.support.deployment import Deployment

Deploy = Callable[..., Awaitable[Deployment]]


@pytest.fixture
def deploy(broker: Broker, tmp_path: Path) -> Iterator[Deploy]:
    """Makes deployments with their topics; every worker of theirs is gone after the test."""
    made: list[Deployment] = []

    async def _deploy(on: Broker | None = None, **settings: Any) -> Deployment:
        deployment = Deployment(on or broker, tmp_path, **settings)
        made.append(deployment)
        await deployment.create_topics()
        return deployment

    try:
        yield _deploy
    finally:
        for deployment in made:
            deployment.reap()
