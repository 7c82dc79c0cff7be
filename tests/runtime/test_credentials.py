"""A secured broker is spoken to with what the settings say, and with nobody in between."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import certifi
import faust
import pytest

from matcher_stream.config.security import client_options, credentials, ssl_context
from matcher_stream.config.settings import Settings
from matcher_stream.config.worker_options import worker_options

USER: dict[str, Any] = {
    "sasl_mechanism": "SCRAM-SHA-256", "sasl_username": "lima", "sasl_password": "secreto",
}  # fmt: skip


def _settings(protocol: str, **more: Any) -> Settings:
    return Settings(security_protocol=protocol, **more)


@pytest.mark.parametrize("protocol", ["SSL", "SASL_SSL"])
def test_the_brokers_certificate_is_verified(protocol: str) -> None:
    settings = _settings(protocol, **USER)
    worker = credentials(settings)
    of_worker = worker.ssl_context if protocol == "SASL_SSL" else worker.context
    for context in (ssl_context(settings), of_worker, client_options(settings)["ssl_context"]):
        assert context is not None
        assert context.verify_mode is ssl.CERT_REQUIRED
        assert context.check_hostname


def test_its_certificate_is_signed_by_whom_the_settings_name(tmp_path: Path) -> None:
    pem = "-----BEGIN CERTIFICATE-----" + certifi.contents().split("-----BEGIN CERTIFICATE-----")[1]
    (tmp_path / "ca.pem").write_text(pem)
    context = ssl_context(_settings("SSL", ssl_cafile=tmp_path / "ca.pem"))
    assert context is not None
    assert len(context.get_ca_certs()) == 1, "and by nobody else"


@pytest.mark.parametrize("protocol", ["PLAINTEXT", "SASL_PLAINTEXT"])
def test_a_plain_connection_has_no_tls(protocol: str) -> None:
    settings = _settings(protocol, **USER)
    assert ssl_context(settings) is None
    assert "ssl_context" not in client_options(settings)


@pytest.mark.parametrize("protocol", ["SASL_PLAINTEXT", "SASL_SSL"])
def test_who_we_are_is_told_to_the_broker(protocol: str) -> None:
    settings = _settings(protocol, **USER)
    made = worker_options(settings)["broker_credentials"]
    assert isinstance(made, faust.SASLCredentials)
    assert (made.mechanism.value, made.username, made.password) == (
        "SCRAM-SHA-256", "lima", "secreto",
    )  # fmt: skip
    assert (made.ssl_context is not None) == protocol.endswith("SSL")
    assert made.protocol.value == protocol
    options = client_options(settings)
    assert options["security_protocol"] == protocol
    assert options["bootstrap_servers"] == settings.bootstrap_servers
    assert {name: options[f"sasl_{name}"] for name in ("mechanism", "plain_username")} == {
        "mechanism": "SCRAM-SHA-256", "plain_username": "lima",
    }  # fmt: skip
    assert options["sasl_plain_password"] == "secreto"


def test_without_sasl_nobody_is_told_who_we_are() -> None:
    assert isinstance(credentials(_settings("SSL", **USER)), faust.SSLCredentials)
    assert credentials(_settings("PLAINTEXT", **USER)) is None
    assert not [name for name in client_options(_settings("SSL", **USER)) if "sasl" in name]
