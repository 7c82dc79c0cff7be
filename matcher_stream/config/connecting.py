"""Clients of the broker, started and closed, with its errors as one sentence."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiokafka.errors import KafkaError, UnknownTopicOrPartitionError

from matcher_stream.config.settings import Settings
from schemas.errors import BrokerUnavailable, TopicMismatch


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
        BrokerUnavailable: nobody answers, or the broker went away.
    """
    try:
        await client.start()
        yield client
    except UnknownTopicOrPartitionError as exc:
        raise TopicMismatch(
            "Falta un tema en el broker: créelo con 'matcher-stream topics create'."
        ) from exc
    except (KafkaError, OSError, TimeoutError) as exc:
        where = ",".join(settings.bootstrap_servers)
        if settings.security_protocol != "PLAINTEXT":
            raise BrokerUnavailable(
                f"El broker de Kafka en {where} no responde o no acepta la conexión segura: revise "
                "BROKER_URL, MATCHER_SECURITY_PROTOCOL y las variables MATCHER_SASL y MATCHER_SSL."
            ) from exc
        raise BrokerUnavailable(
            f"El broker de Kafka en {where} no responde: inícielo (por ejemplo con "
            "'matcher-stream broker') o corrija BROKER_URL."
        ) from exc
    finally:
        await close()
