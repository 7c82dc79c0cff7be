"""Why a secured broker lets nobody in: asked anew, since aiokafka only logs it."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from typing import Final

from aiokafka.conn import create_conn
from aiokafka.errors import (
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)

from matcher_stream.config.security import client_options, ssl_context
from matcher_stream.config.settings import Settings

_SECONDS: Final = 10.0
#: How long a broker has to complain of our certificate: in TLS 1.3 it does so after the handshake.
_COMPLAINT_SECONDS: Final = 1.0
#: X509_V_ERR_... of OpenSSL.
_EXPIRED: Final = (9, 10)
_OTHER_HOST: Final = (62, 64)


async def why_refused(settings: Settings) -> str:
    """What to look at, as the rest of a sentence; empty where no broker says why.

    Args:
        settings: Of a connection with TLS or SASL that failed.
    """
    for server in settings.bootstrap_servers:
        host, _, port = server.rpartition(":")
        with contextlib.suppress(OSError, TimeoutError, KafkaError, ValueError):
            async with asyncio.timeout(_SECONDS):
                if why := await _ask(settings, host, int(port)):
                    return why
    return ""


async def _ask(settings: Settings, host: str, port: int) -> str:
    """One broker's reason, empty if it has none."""
    if (context := ssl_context(settings)) is not None:
        try:
            await _handshake(host, port, context)
        except ssl.SSLCertVerificationError as error:
            return _broker_s(error.verify_code)
        except ssl.SSLError:
            return (
                "no acepta el certificado de este programa: revise MATCHER_SSL_CERTFILE y "
                "MATCHER_SSL_KEYFILE, y hasta cuándo vale"
            )
    if not settings.security_protocol.startswith("SASL"):
        return ""
    options = client_options(settings)
    del options["bootstrap_servers"]
    try:
        connection = await create_conn(host, port, **options)
    except SaslAuthenticationFailed:
        return (
            "no acepta el usuario o la contraseña: revise MATCHER_SASL_USERNAME y "
            "MATCHER_SASL_PASSWORD"
        )
    except UnsupportedSaslMechanismError:
        return "no conoce este modo de identificarse: revise MATCHER_SASL_MECHANISM"
    connection.close()
    return ""


async def _handshake(host: str, port: int, context: ssl.SSLContext) -> None:
    """Greet each other and wait a moment for complaints.

    Raises:
        ssl.SSLError: one of the two does not like the other's certificate.
    """
    reader, writer = await asyncio.open_connection(host, port, ssl=context)
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_COMPLAINT_SECONDS):
                await reader.read(1)
    finally:
        writer.close()


def _broker_s(code: int) -> str:
    """What is wrong with the broker's certificate."""
    if code in _EXPIRED:
        return "muestra un certificado vencido: hay que renovar el certificado del broker"
    if code in _OTHER_HOST:
        return (
            "muestra un certificado con otro nombre: use en BROKER_URL el nombre del certificado, "
            "o MATCHER_SSL_CHECK_HOSTNAME=false"
        )
    return "muestra un certificado de una autoridad desconocida: revise MATCHER_SSL_CAFILE"
