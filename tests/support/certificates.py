"""Certificates of a test's own, made by openssl: an authority, a broker's, a client's."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

PASSWORD = "clave-de-prueba"


@dataclass(frozen=True, slots=True)
class Certificates:
    """Files in PEM.

    Attributes:
        authority: Signs the others.
        stranger: Another authority, which signed nothing.
        broker: Key and certificate for 127.0.0.1.
        client: A client's certificate.
        key: Its key.
        locked: The same key under `PASSWORD`.
        expired_broker: As `broker`, over since yesterday.
        expired_client: A client's certificate with its key, over since yesterday.
    """

    authority: Path
    stranger: Path
    broker: Path
    client: Path
    key: Path
    locked: Path
    expired_broker: Path
    expired_client: Path


def make_certificates(folder: Path) -> Certificates:
    """All of them, valid for a day; skips the test where there is no openssl."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not here")
    authority = _self_signed(folder, "authority")
    stranger = _self_signed(folder, "stranger")
    here = "subjectAltName=IP:127.0.0.1"
    for name, extension, days in (
        ("broker", here, 1), ("client", "", 1), ("broker-late", here, -1), ("client-late", "", -1),
    ):  # fmt: skip
        _request(folder, name)
        _signed(folder, name, extension, days)
    broker = _chained(folder, "broker", authority)
    locked = folder / "locked.key"
    _openssl(
        "pkcs8", "-topk8", "-in", folder / "client.key", "-out", locked, "-passout",
        f"pass:{PASSWORD}",
    )  # fmt: skip
    return Certificates(
        authority, stranger, broker, folder / "client.crt", folder / "client.key", locked,
        _chained(folder, "broker-late", authority), _chained(folder, "client-late", authority),
    )  # fmt: skip


def _chained(folder: Path, name: str, authority: Path) -> Path:
    """Key, certificate and authority in one file."""
    made = folder / f"{name}.pem"
    parts = (folder / f"{name}.key", folder / f"{name}.crt", authority)
    made.write_text("".join(part.read_text() for part in parts))
    return made


def _self_signed(folder: Path, name: str) -> Path:
    made = folder / f"{name}.crt"
    _openssl(
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", f"/CN={name}",
        "-keyout", folder / f"{name}.key", "-out", made,
    )  # fmt: skip
    return made


def _request(folder: Path, name: str) -> None:
    _openssl(
        "req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}",
        "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.csr",
    )  # fmt: skip


def _signed(folder: Path, name: str, extension: str, days: int) -> None:
    extensions = folder / f"{name}.ext"
    extensions.write_text(extension)
    _openssl(
        "x509", "-req", "-days", str(days), "-in", folder / f"{name}.csr", "-CA",
        folder / "authority.crt", "-CAkey", folder / "authority.key", "-CAcreateserial",
        "-extfile", extensions, "-out", folder / f"{name}.crt",
    )  # fmt: skip


def _openssl(*arguments: str | Path) -> None:
    done = subprocess.run(
        ["openssl", *map(str, arguments)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
