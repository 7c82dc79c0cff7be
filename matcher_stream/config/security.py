"""How to talk to a secured broker, from settings: every client of ours gets it from here."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import faust

from matcher_stream.config.settings import Settings
from schemas.errors import InvalidSettings


def ssl_context(settings: Settings) -> ssl.SSLContext | None:
    """The TLS context of the settings, or None for a plain connection.

    A broker's certificate is always checked against the CA, and its host's name unless
    `ssl_check_hostname` says otherwise.

    Raises:
        InvalidSettings: a certificate or key cannot be used; the sentence names the variable.
    """
    if not settings.security_protocol.endswith("SSL"):
        return None
    with _read_from("MATCHER_SSL_CAFILE"):
        context = ssl.create_default_context(
            cafile=str(settings.ssl_cafile) if settings.ssl_cafile else None
        )
    context.check_hostname = settings.ssl_check_hostname
    if settings.ssl_certfile is not None:
        with _read_from("MATCHER_SSL_CERTFILE", "MATCHER_SSL_KEYFILE", "MATCHER_SSL_KEY_PASSWORD"):
            context.load_cert_chain(
                str(settings.ssl_certfile),
                str(settings.ssl_keyfile) if settings.ssl_keyfile else None,
                settings.ssl_key_password,  # an empty one too: OpenSSL would ask a terminal
            )
    return context


@contextmanager
def _read_from(*names: str) -> Iterator[None]:
    """Errors of files that these variables name, as one sentence."""
    try:
        yield
    except OSError as exc:  # SSLError is one
        why = getattr(exc, "reason", None) or exc.strerror or type(exc).__name__
        others = f" ({', '.join(names[1:])})" if names[1:] else ""
        raise InvalidSettings(f"The setting {names[0]}{others} cannot be used: {why}.") from None


def credentials(settings: Settings) -> Any:
    """What Faust calls broker credentials; None for a broker without security.

    Raises:
        InvalidSettings: see `ssl_context` and `_user`.
    """
    context = ssl_context(settings)
    if settings.security_protocol.startswith("SASL"):
        return faust.SASLCredentials(
            username=_user(settings),
            password=settings.sasl_password,
            mechanism=settings.sasl_mechanism,
            ssl_context=context,
        )
    return faust.SSLCredentials(context) if context else None


def client_options(settings: Settings) -> dict[str, Any]:
    """The same for clients made with aiokafka directly, with the broker's address.

    Raises:
        InvalidSettings: see `ssl_context` and `_user`.
    """
    options: dict[str, Any] = {
        "bootstrap_servers": settings.bootstrap_servers,
        "security_protocol": settings.security_protocol,
    }
    if (context := ssl_context(settings)) is not None:
        options["ssl_context"] = context
    if settings.security_protocol.startswith("SASL"):
        options["sasl_mechanism"] = settings.sasl_mechanism
        options["sasl_plain_username"] = _user(settings)
        options["sasl_plain_password"] = settings.sasl_password
    return options


def _user(settings: Settings) -> str:
    """The SASL user.

    Raises:
        InvalidSettings: none is named; aiokafka would say so by an assertion.
    """
    if not settings.sasl_username:
        raise InvalidSettings("The setting MATCHER_SASL_USERNAME cannot be used: it is empty.")
    return settings.sasl_username
