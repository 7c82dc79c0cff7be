"""How to reach the cluster, from the environment, and what to say where it lets nobody in.

KAFKA_BROKERS  HOST:PORT, several with commas: those that are down are passed over
KAFKA_USER, KAFKA_PASSWORD  an account, by SCRAM-SHA-512 over TLS; without it nothing is encrypted
KAFKA_CA  the authority that the brokers' certificates are signed by
TOPIC_PREFIX  "matcher" unless told otherwise
KAFKA_EMBEDDED  1: the laptop's broker, which knows no idempotence and one record a batch
"""

from __future__ import annotations

import os
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiokafka.conn import create_conn
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    KafkaError,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
)
from aiokafka.helpers import create_ssl_context

EMBEDDED = os.environ.get("KAFKA_EMBEDDED") == "1"
NOT_LET_IN = 2  # exit code
FORBIDDEN = (TopicAuthorizationFailedError, GroupAuthorizationFailedError)


class NotLetIn(Exception):
    """The cluster cannot be used; its text says why."""


def connection() -> dict[str, Any]:
    """What aiokafka's producers and consumers need to connect."""
    options: dict[str, Any] = {"bootstrap_servers": _asked("KAFKA_BROKERS").split(",")}
    if user := os.environ.get("KAFKA_USER"):
        try:
            trusted = create_ssl_context(cafile=os.environ.get("KAFKA_CA"))
        except OSError as error:
            raise NotLetIn(f"KAFKA_CA cannot be read: {error.strerror}.") from None
        options |= {
            "security_protocol": "SASL_SSL",
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": user,
            "sasl_plain_password": _asked("KAFKA_PASSWORD"),
            "ssl_context": trusted,
        }
    return options


def topic(name: str) -> str:
    """The full name of one of matcher's topics."""
    return f"{os.environ.get('TOPIC_PREFIX', 'matcher')}.{name}.v1"


async def knock() -> None:
    """See that some broker lets us in: aiokafka itself would only log why none does.

    Raises:
        NotLetIn: none does.
    """
    options = connection()
    servers = options.pop("bootstrap_servers")
    why = f"No broker answers at {','.join(servers)}."
    for server in servers:
        host, _, port = server.rpartition(":")
        try:
            (await create_conn(host, int(port), request_timeout_ms=10_000, **options)).close()
            return
        except SaslAuthenticationFailed:
            why = f"{server} does not take KAFKA_USER with KAFKA_PASSWORD."
        except ssl.SSLCertVerificationError as error:
            why = f"KAFKA_CA does not vouch for {server}: {error.verify_message}."
        except (OSError, TimeoutError, KafkaError):
            continue
    raise NotLetIn(why)


@contextmanager
def one_sentence() -> Iterator[None]:
    """Around a whole program: what keeps it from the cluster ends it with a sentence."""
    try:
        yield
    except* (NotLetIn, *FORBIDDEN) as errors:
        print(_sentence(_first(errors)), file=sys.stderr)
        raise SystemExit(NOT_LET_IN) from None


def _asked(name: str) -> str:
    if value := os.environ.get(name):
        return value
    raise NotLetIn(f"Set {name}.")


def _first(errors: BaseExceptionGroup[Any]) -> BaseException:
    inner = errors.exceptions[0]
    return _first(inner) if isinstance(inner, BaseExceptionGroup) else inner


def _sentence(error: BaseException) -> str:
    if isinstance(error, NotLetIn):
        return str(error)
    kind = "group" if isinstance(error, GroupAuthorizationFailedError) else "topic"
    named = ", ".join(str(name) for name in error.args)
    return f"The account {os.environ.get('KAFKA_USER', '')} may not use the {kind} {named}."
