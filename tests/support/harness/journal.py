"""What a worker did, in the order in which it became durable, and what it holds."""

from __future__ import annotations

from collections import Counter

from matcher_stream.config.catalogue import Catalogue, Topic
from matcher_stream.config.contract import partition_for
from tests.support.harness.broker import Died, Step
from tests.support.harness.cluster import Cluster
from tests.support.harness.worker import APP_ID

_CHANGELOG = "-changelog"
_KINDS = [kind for kind, topic in vars(Catalogue).items() if isinstance(topic, Topic)]


def at(cluster: Cluster, key: str) -> int:
    """Partition of a key."""
    return partition_for(key.encode(), cluster.settings.partitions)


def here(cluster: Cluster) -> int:
    """Where the journal ends now; `phases` reads on from there."""
    return len(cluster.broker.steps)


def phases(cluster: Cluster, since: int = 0) -> list[str]:
    """What was done together, and what only after all before it was stored.

    A phase holds the records that were under way at once, by topic: ``row:people`` is a row of
    that table, ``matches`` a record of that topic. Acknowledgements are ``ack`` with their topic.
    Two phases that are one here were not waited for.
    """
    out: list[str] = []
    under_way: Counter[str] = Counter()
    phase: set[str] = set()
    for step in cluster.broker.steps[since:]:
        name = _short(cluster, step)
        if step.what == "sent":
            under_way[name] += 1
            phase.add(name)
        elif step.what == "stored" and under_way[name]:  # else a publisher's
            under_way[name] -= 1
            if not under_way.total():
                out.append(" ".join(sorted(phase)))
                phase = set()
        elif step.what == "acked":
            out.append(f"ack {name}")
    if phase:
        out.append("never stored: " + " ".join(sorted(phase)))
    return [
        name for i, name in enumerate(out) if i == 0 or name != out[i - 1] or name[:4] != "ack "
    ]


def _short(cluster: Cluster, step: Step) -> str:
    topic = step.topic
    if topic.endswith(_CHANGELOG):
        return "row:" + topic.removeprefix(f"{APP_ID}-").removesuffix(_CHANGELOG)
    kinds = {getattr(cluster.names, kind): kind for kind in _KINDS}
    return kinds.get(topic) or kinds[topic.removesuffix(".dlq")] + ".dlq"


def rows(cluster: Cluster, table: str) -> dict[str, bytes]:
    """The rows of a table by key, over all partitions."""
    held = cluster.worker.context.state.tables.made[table]
    return {
        key.decode(): raw
        for partition in range(cluster.settings.partitions)
        for key, raw in held.rows(partition)
    }


def history(cluster: Cluster, table: str, key: str) -> list[bytes | None]:
    """Every row that a key had, oldest first, as the changelog tells; None where it was deleted."""
    topic = cluster.worker.context.state.tables.made[table].changelog_topic_name
    return [
        record.value
        for record in cluster.broker.records(topic)
        if record.key is not None and record.key[2:] == key.encode()
    ]


def encoded(cluster: Cluster) -> list[str]:
    """The texts that this worker's encoder was given."""
    encoder: object = cluster.worker.context.vectors.encoder.result().encoder
    return list(encoder.encoded)  # type: ignore[attr-defined]


async def dies(cluster: Cluster, agent: str, records: int) -> bool:
    """Let an agent work until the process dies after so many records; another worker follows.

    Returns:
        Whether it died at all: False once the agent needs no more records than that.
    """
    cluster.worker.producer.left = records
    try:
        await cluster.run(agent)
    except Died:
        cluster.start()
        return True
    cluster.worker.producer.left = None
    return False
