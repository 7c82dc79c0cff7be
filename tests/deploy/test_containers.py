"""The image and deploy/docker-compose.yml, built and started: minutes, on a container engine.

`make test-containers` runs them. MATCHER_TEST_IMAGE names an image that is built already;
DOCKER_BUILD_ARGS what a build of one takes (``--build-arg TORCH_BACKEND=`` where PyTorch's index is
out of reach). `apache/kafka` and `prom/prometheus` come from a registry unless the engine has them.
"""

from __future__ import annotations

import json
import os
import shlex
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import orjson
import pytest

from matcher_stream.config.contract import TopicNames
from matcher_stream.config.settings import Settings
from matcher_stream.files.publish import producer
from matcher_stream.local.processes import free_port
from tests.deploy.containers import compose_program, docker, ok, run
from tests.support.brokers import ROOT
from tests.support.kafka_io import last_by_key, wait_until
from tests.support.processes import wait_for

pytestmark = pytest.mark.containers
#: The least of a safe container, as the chart and compose start it.
SAFE: Final = (
    "--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt",
    "no-new-privileges:true",
)  # fmt: skip
MOST_BYTES: Final = 1_900_000_000
START_SECONDS: Final = 600.0
#: All but Grafana, which only shows what is tested elsewhere.
STARTED: Final = ("kafka", "topics", "matcher", "explainer", "prometheus")


@pytest.fixture(scope="module")
def image() -> str:
    if named := os.environ.get("MATCHER_TEST_IMAGE"):
        return named
    arguments = shlex.split(os.environ.get("DOCKER_BUILD_ARGS", ""))
    ok([docker(), "build", "--tag", "matcher-stream-test", *arguments, str(ROOT)], 1800)
    return "matcher-stream-test"


def _inspected(image: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(ok([docker(), "image", "inspect", image]))[0]
    return told


def test_the_image_says_what_it_is_and_is_small(image: str) -> None:
    told = _inspected(image)
    config = told["Config"]
    assert config["User"] == "10001"
    assert config["Labels"]["org.opencontainers.image.licenses"] == "Apache-2.0"
    assert "/live" in " ".join(config["Healthcheck"]["Test"])
    assert told["Size"] < MOST_BYTES
    print(f"{image}: {told['Size'] / 1e9:.2f} GB")


def test_it_ranks_as_the_code_here_does(image: str, tmp_path: Path) -> None:
    """Weights, vocabulary and torch are whole: the same jobs in the same order, the same scores."""
    people, jobs = tmp_path / "people.jsonl", tmp_path / "jobs.jsonl"
    people.write_text('{"profile_id": "ana", "text": "albañil, asiento ladrillo, tarrajeo"}\n')
    jobs.write_text(
        '{"job_id": "obra", "title": "Albañil para asentar ladrillo"}\n'
        '{"job_id": "pintor", "title": "Pintor de casas"}\n'
        '{"job_id": "chofer", "title": "Chofer de camión"}\n'
    )
    tmp_path.chmod(0o755)
    rank = "matcher-stream rank --profiles {0}/people.jsonl --jobs {0}/jobs.jsonl --out {1}"
    there = [docker(), "run", "--rm", *SAFE, "--tmpfs", "/data:uid=10001", "--volume",
             f"{tmp_path}:/in:ro", image, "sh", "-c"]  # fmt: skip
    told = ok([*there, f"{rank.format('/in', '/tmp/out')} >&2 && cat /tmp/out"], 300)
    inside = orjson.loads(told)
    target = tmp_path / "out.jsonl"
    ok([str(Path(sys.executable).parent / "matcher-stream"),
        *rank.format(tmp_path, target).split()[1:]], 300)  # fmt: skip
    outside = orjson.loads(target.read_bytes())
    said = [[entry["job_id"] for entry in each["entries"]] for each in (inside, outside)]
    assert said[0] == said[1] != []
    for one, other in zip(inside["entries"], outside["entries"], strict=True):
        assert one["score"] == pytest.approx(other["score"], abs=5e-3)  # precisions may differ


def test_the_demo_runs_where_nothing_can_be_written(image: str) -> None:
    """The embedded broker writes into no home folder."""
    command = [docker(), "run", "--rm", *SAFE, "--tmpfs", "/data:uid=10001", image]
    told = ok([*command, "matcher-stream", "dev", "--once"], START_SECONDS)
    assert "personas (" in told.splitlines()[-1]


class Compose:
    """The compose file as a project of its own, on ports of its own."""

    def __init__(self, image: str) -> None:
        self.kafka_port, self.prometheus_port = free_port(), free_port()
        self._env = {
            "MATCHER_IMAGE": image,
            "MATCHER_KAFKA_PORT": str(self.kafka_port),
            "MATCHER_PROMETHEUS_PORT": str(self.prometheus_port),
        }
        self._call = [
            *compose_program(), "-p", f"matcher-test-{os.getpid()}", "-f",
            str(ROOT / "deploy" / "docker-compose.yml"),
        ]  # fmt: skip

    @property
    def url(self) -> str:
        """HOST:PORT of Kafka, from outside."""
        return f"127.0.0.1:{self.kafka_port}"

    def __call__(self, *arguments: str, seconds: float = 120) -> str:
        return ok([*self._call, *arguments], seconds, **self._env)

    def states(self, service: str) -> list[dict[str, Any]]:
        """Every container of a service."""
        lines = self("ps", "--all", "--format", "json", service).splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def down(self) -> None:
        """Remove everything."""
        run([*self._call, "down", "--volumes", "--timeout", "5"], 180, **self._env)


@pytest.fixture(scope="module")
def town(image: str) -> Iterator[Compose]:
    compose = Compose(image)
    started = time.monotonic()
    try:
        compose(
            "up", "--detach", "--no-build", "--wait", "--wait-timeout", "600", *STARTED, seconds=700
        )
        print(f"healthy after {time.monotonic() - started:.0f} s")
        yield compose
    finally:
        print(compose("logs", "--tail", "15"))
        compose.down()


class _Outside:
    """What tests' helpers want of a broker."""

    kind = "kafka"

    def __init__(self, url: str) -> None:
        self.url = url


async def _publish(town: Compose, key: str, text: str) -> None:
    settings = Settings(broker_url=f"kafka://{town.url}")
    topic = TopicNames(settings, "").profiles
    async with producer(settings) as sender:
        value = orjson.dumps({"profile_id": key, "text": text})
        await sender.send_and_wait(topic, value, key=key.encode())


async def _matched(town: Compose, key: str) -> None:
    """Wait until a person has a ranking with something in it."""
    outside: Any = _Outside(town.url)
    topic = TopicNames(Settings(), "").matches

    async def there() -> bool:
        record = (await last_by_key(outside, topic)).get(key.encode())
        return record is not None and bool(record.json["entries"])

    print(f"{key} matched after {await wait_until(there, 240, f'a match of {key}'):.1f} s")


async def test_who_is_published_from_outside_is_matched(town: Compose) -> None:
    settings = Settings(broker_url=f"kafka://{town.url}")
    async with producer(settings) as sender:
        value = orjson.dumps({"job_id": "obra", "title": "Albañil para asentar ladrillo"})
        await sender.send_and_wait(TopicNames(settings, "").jobs, value, key=b"obra")
    await _publish(town, "ana", "albañil, asiento ladrillo")
    await _matched(town, "ana")


async def test_a_worker_killed_is_made_up_for(town: Compose) -> None:
    """The other one takes its partitions; people of all of them are matched meanwhile."""
    victim = town.states("matcher")[0]["Name"]
    ok([docker(), "kill", "--signal", "KILL", victim])
    for number in range(8):  # as many as there are partitions: some were the victim's
        await _publish(town, f"beto{number}", "albañil con experiencia en ladrillo")
    for number in range(8):
        await _matched(town, f"beto{number}")


def test_prometheus_sees_both_applications(town: Compose) -> None:
    url = f"http://127.0.0.1:{town.prometheus_port}/api/v1/query?query=up"

    def up() -> bool:
        with urllib.request.urlopen(url, timeout=10) as answer:
            found = orjson.loads(answer.read())["data"]["result"]
        jobs = [each["metric"]["job"] for each in found if each["value"][1] == "1"]
        return "explainer" in jobs and "matcher" in jobs

    wait_for(up, 120, "both applications in Prometheus")
    with urllib.request.urlopen(url.replace("query?query=up", "rules"), timeout=10) as answer:
        groups = orjson.loads(answer.read())["data"]["groups"]
    assert {rule["health"] for group in groups for rule in group["rules"]} <= {"ok", "unknown"}
    assert groups
