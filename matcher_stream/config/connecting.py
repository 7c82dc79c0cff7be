"""Clients of the broker, started and closed, with its errors as one sentence."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    KafkaError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
)

from matcher_stream.config.refusals import why_refused
from matcher_stream.config.settings import Settings
from schemas.errors import BrokerUnavailable, NotAllowed, TopicMismatch

_FORBIDDEN = (
    TopicAuthorizationFailedError,
    GroupAuthorizationFailedError,
    ClusterAuthorizationFailedError,
)


def not_allowed(settings: Settings, what: str) -> NotAllowed:
    """The error of an account that lacks a right.

    Args:
        settings: Name the account.
        what: What it may not do, in Spanish.
    """
    who = settings.sasl_username or "con que este programa se identifica"
    return NotAllowed(
        f"La cuenta {who} no puede {what}: dele los permisos que muestra 'matcher-stream topics "
        "acls'."
    )


@asynccontextmanager
async def connected(
    settings: Settings, client: Any, close: Callable[[], Awaitable[None]]
) -> AsyncIterator[Any]:
    """A client, started, and closed at the end.

    Args:
        settings: Where the broker is, for the sentence.
        client: aiokafka's producer, consumer or admin client, not started.
        close: Ends it.

    Raises:
        TopicMismatch: the broker does not know a topic.
        NotAllowed: this account may not do that.
        BrokerUnavailable: nobody answers, the broker went away, or it does not let us in.
    """
    try:
        await client.start()
        yield client
    except UnknownTopicOrPartitionError as exc:
        raise TopicMismatch(
            "Falta un tema en el broker: créelo con 'matcher-stream topics create'."
        ) from exc
    except _FORBIDDEN as exc:
        raise not_allowed(settings, f"hacer esto ({type(exc).__name__})") from exc
    except (KafkaError, OSError, TimeoutError) as exc:
        where = ",".join(settings.bootstrap_servers)
        if settings.security_protocol != "PLAINTEXT":
            why = await why_refused(settings) or (
                "no responde o no acepta la conexión segura: revise BROKER_URL, "
                "MATCHER_SECURITY_PROTOCOL y las variables MATCHER_SASL y MATCHER_SSL"
            )
            raise BrokerUnavailable(f"El broker de Kafka en {where} {why}.") from exc
        raise BrokerUnavailable(
            f"El broker de Kafka en {where} no responde: inícielo (por ejemplo con "
            "'matcher-stream broker') o corrija BROKER_URL."
        ) from exc
    finally:
        await close()
