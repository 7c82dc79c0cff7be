"""How every worker of ours runs on Faust, whichever app it is."""

from __future__ import annotations

import socket
from typing import Any, Final

from matcher_stream.config import logs, security
from matcher_stream.config.settings import Settings
from tables.base import PartitionedTable

MAX_MESSAGE: Final = 9_000_000
"""Bytes; above the topics' limit, so that what is too large still gets to a dead-letter topic."""
EVERYWHERE: Final = frozenset({"0.0.0.0", "::"})
"""Hosts that say "all addresses" when listening, and nothing when asked."""


def worker_options(settings: Settings, service: str = "matcher") -> dict[str, Any]:
    """Arguments of a Faust app.

    Args:
        settings: The process's settings.
        service: What its log lines name it.
    """
    return {
        "broker": settings.faust_broker_url,
        "store": f"{settings.store}://",
        "datadir": str(settings.data_dir),
        "Table": PartitionedTable,
        "TableManager": "matcher_stream.runtime.recovery:BulkTableManager",
        "topic_partitions": settings.partitions,
        "topic_replication_factor": settings.replication_factor,
        "topic_disable_leader": True,
        # a standby that missed records counts as up to date: takers recover from the changelog
        "table_standby_replicas": 0,
        "stream_wait_empty": False,
        "broker_session_timeout": settings.session_timeout,
        "broker_heartbeat_interval": max(0.5, settings.session_timeout / 10),
        "broker_request_timeout": max(90.0, settings.session_timeout + 30),
        "broker_credentials": security.credentials(settings),
        "consumer_max_fetch_size": MAX_MESSAGE,
        "broker_commit_interval": 1.0,
        "consumer_auto_offset_reset": "earliest",
        "producer_acks": -1,  # every replica in step
        "producer_max_batch_size": settings.producer_batch,
        "producer_max_request_size": MAX_MESSAGE,
        "producer_linger": settings.producer_linger_ms / 1000,
        "producer_request_timeout": settings.request_timeout,
        "web_host": settings.web_host,
        "web_bind": settings.web_host,
        "web_port": settings.web_port,
        **_address(settings),
        "web_tables_enabled": False,
        "web_router_enabled": False,
        "worker_redirect_stdouts": False,
        "logging_config": logs.config_of(settings, service),
    }


def _address(settings: Settings) -> dict[str, str]:
    """Where other workers reach this one, if Faust's own guess, http://HOST:PORT, is none."""
    if settings.web_url:
        return {"canonical_url": settings.web_url}
    if settings.web_host not in EVERYWHERE:
        return {}
    try:
        own = socket.gethostbyname(socket.gethostname())
    except OSError:  # nobody else knows the name either
        return {}
    return {"canonical_url": f"http://{own}:{settings.web_port}"}
