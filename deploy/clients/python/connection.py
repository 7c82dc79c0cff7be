"""How to reach the cluster, from the environment.

KAFKA_BROKERS  HOST:PORT, several with commas: those that are down are passed over
KAFKA_USER, KAFKA_PASSWORD  an account, by SCRAM-SHA-512 over TLS; without it nothing is encrypted
KAFKA_CA  the authority that the brokers' certificates are signed by
TOPIC_PREFIX  "matcher" unless told otherwise
KAFKA_EMBEDDED  1: the laptop's broker, which knows no idempotence and one record a batch
"""

from __future__ import annotations

import os
from typing import Any

from aiokafka.helpers import create_ssl_context

EMBEDDED = os.environ.get("KAFKA_EMBEDDED") == "1"


def connection() -> dict[str, Any]:
    """What aiokafka's producers and consumers need to connect."""
    options: dict[str, Any] = {"bootstrap_servers": os.environ["KAFKA_BROKERS"].split(",")}
    if user := os.environ.get("KAFKA_USER"):
        options |= {
            "security_protocol": "SASL_SSL",
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": user,
            "sasl_plain_password": os.environ["KAFKA_PASSWORD"],
            "ssl_context": create_ssl_context(cafile=os.environ.get("KAFKA_CA")),
        }
    return options


def topic(name: str) -> str:
    """The full name of one of matcher's topics."""
    return f"{os.environ.get('TOPIC_PREFIX', 'matcher')}.{name}.v1"
