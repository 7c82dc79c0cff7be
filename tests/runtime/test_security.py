"""What settings say of a secured broker arrives in every client that we make."""

from __future__ import annotations

import contextlib
import ssl
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiokafka
import pytest

from matcher_stream.config import topics
from matcher_stream.config.security import client_options, ssl_context
from matcher_stream.config.settings import Settings
from matcher_stream.config.worker_options import worker_options
from matcher_stream.files import publish, reading
from matcher_stream.runtime.app import StreamApp
from matcher_stream.verify import reading as verifying
from schemas.errors import InvalidSettings
from tests.cli.conftest import Cli
from tests.cli.conftest import call as call
from tests.support.brokers import ROOT
from tests.support.certificates import PASSWORD, Certificates, make_certificates

Options = dict[str, Any]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


def _secured(made: Certificates, **settings: Any) -> Settings:
    return Settings(
        broker_url="kafka://127.0.0.1:9", sasl_username="lector", sasl_password="secreta",
        ssl_cafile=made.authority, **settings,
    )  # fmt: skip


class Asked(Exception):
    """A client was made."""


def _recorder(monkeypatch: pytest.MonkeyPatch, *places: tuple[Any, str]) -> Options:
    """What the next client is made with."""
    options: Options = {}

    def make(*_: Any, **given: Any) -> Any:
        options.update(given)
        raise Asked

    for module, name in places:
        monkeypatch.setattr(module, name, make)
    return options


async def _reader(settings: Settings) -> None:
    async with reading.following(settings, ["a"], from_beginning=True):
        pass


async def _verifier(settings: Settings) -> None:
    async with verifying.broker_reader(settings):
        pass


def _faust(settings: Settings) -> Any:
    return StreamApp("app", **{**worker_options(settings), "store": "memory://"})


async def _faust_consumer(settings: Settings) -> None:
    app = _faust(settings)
    thread = app.consumer._thread
    try:
        thread._create_worker_consumer(app.transport)
    finally:
        thread.thread_loop.close()


async def _faust_producer(settings: Settings) -> None:
    """Events, changelogs and dead letters go through it."""
    producer = _faust(settings).transport.create_producer()
    producer._new_producer()


async def _admin(settings: Settings) -> None:
    topics.admin_client(settings)


async def _publisher(settings: Settings) -> None:
    publish.producer(settings)


CLIENTS: dict[str, tuple[Callable[[Settings], Any], Any, str]] = {
    "admin": (_admin, topics, "AIOKafkaAdminClient"),
    "publish": (_publisher, publish, "AIOKafkaProducer"),
    "watch, review": (_reader, reading, "AIOKafkaConsumer"),
    "verify": (_verifier, verifying, "AIOKafkaConsumer"),
    "a worker's consumer": (_faust_consumer, aiokafka, "AIOKafkaConsumer"),
    "a worker's producer": (_faust_producer, aiokafka, "AIOKafkaProducer"),
}


@pytest.mark.parametrize("client", sorted(CLIENTS))
@pytest.mark.parametrize("protocol", ["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"])
async def test_every_client_has_the_credentials(
    monkeypatch: pytest.MonkeyPatch, made: Certificates, client: str, protocol: Any
) -> None:
    make, module, name = CLIENTS[client]
    options = _recorder(monkeypatch, (module, name))
    with pytest.raises(Asked):
        await make(_secured(made, security_protocol=protocol))
    assert options["security_protocol"] == protocol
    context = options.get("ssl_context")
    assert isinstance(context, ssl.SSLContext) == protocol.endswith("SSL")
    if protocol.startswith("SASL"):
        assert options["sasl_mechanism"] == "SCRAM-SHA-512"
        assert options["sasl_plain_username"] == "lector"
        assert options["sasl_plain_password"] == "secreta"
    if context is not None:
        assert context.verify_mode == ssl.CERT_REQUIRED
        assert context.check_hostname
        (authority,) = context.get_ca_certs()
        assert (("commonName", "authority"),) in authority["subject"]


def test_no_client_is_made_without_them() -> None:
    """A module that makes a client of aiokafka takes its options from here."""
    for path in (ROOT / "matcher_stream").rglob("*.py"):
        text = path.read_text()
        makes = [w for w in ("AIOKafkaConsumer(", "AIOKafkaProducer(", "AdminClient(") if w in text]
        if makes and path.name != "broker.py":  # that of a laptop listens on the loopback only
            assert text.count("**client_options(settings)") == len(makes), path


def test_the_host_is_checked_unless_told_otherwise(made: Certificates) -> None:
    context = ssl_context(_secured(made, security_protocol="SSL", ssl_check_hostname=False))
    assert context is not None
    assert not context.check_hostname
    assert context.verify_mode == ssl.CERT_REQUIRED, "its authority still is"


@pytest.mark.parametrize("kind", ["key", "locked", "together"])
def test_a_client_s_certificate_is_shown(made: Certificates, tmp_path: Path, kind: str) -> None:
    """By a handshake in memory with a server that asks for it."""
    certificate, key, password = made.client, made.key, ""
    if kind == "locked":
        key, password = made.locked, PASSWORD
    elif kind == "together":
        certificate = tmp_path / "both.pem"
        certificate.write_text(made.client.read_text() + made.key.read_text())
    context = ssl_context(
        _secured(
            made, security_protocol="SSL", ssl_certfile=certificate,
            ssl_keyfile=None if kind == "together" else key, ssl_key_password=password,
        )
    )  # fmt: skip
    assert context is not None
    assert _shown(context, made)["subject"] == ((("commonName", "client"),),)


def test_without_one_the_server_sees_none(made: Certificates) -> None:
    context = ssl_context(_secured(made, security_protocol="SSL"))
    assert context is not None
    with pytest.raises(ssl.SSLError, match=r"(?i)peer.did.not.return.a.certificate"):
        _shown(context, made)


def _shown(context: ssl.SSLContext, made: Certificates) -> dict[str, Any]:
    """The certificate that a server is shown by a client with this context."""
    asking = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(made.authority))
    asking.verify_mode = ssl.CERT_REQUIRED
    asking.load_cert_chain(str(made.broker))
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = asking.wrap_bio(to_server, to_client, server_side=True)
    client = context.wrap_bio(to_client, to_server, server_hostname="127.0.0.1")
    done: set[ssl.SSLObject] = set()
    for _ in range(10):
        for side in (client, server):
            with contextlib.suppress(ssl.SSLWantReadError):
                side.do_handshake()
                done.add(side)
        if len(done) == 2:
            return dict(server.getpeercert() or {})
    raise AssertionError("no handshake")


@pytest.mark.parametrize(
    ("names", "says"),
    [
        ({"ssl_cafile": "missing"}, "MATCHER_SSL_CAFILE cannot be used: No such file"),
        ({"ssl_cafile": "junk"}, "MATCHER_SSL_CAFILE cannot be used: NO_CERT"),
        ({"ssl_cafile": "folder"}, "MATCHER_SSL_CAFILE cannot be used: "),
        ({"ssl_certfile": "missing"}, "MATCHER_SSL_CERTFILE .*cannot be used: No such file"),
        ({"ssl_certfile": "client"}, "MATCHER_SSL_KEYFILE"),
        ({"ssl_certfile": "client", "ssl_keyfile": "missing"}, "MATCHER_SSL_KEYFILE"),
        ({"ssl_certfile": "client", "ssl_keyfile": "locked"}, "MATCHER_SSL_KEY_PASSWORD"),
        ({"ssl_certfile": "client", "ssl_keyfile": "broker"}, "KEY_VALUES_MISMATCH"),
        ({"sasl_username": ""}, "MATCHER_SASL_USERNAME"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(
    made: Certificates, tmp_path: Path, names: dict[str, str], says: str
) -> None:
    (tmp_path / "junk").write_text("no es un certificado")
    (tmp_path / "folder").mkdir()
    files = {
        name: getattr(made, value, tmp_path / value) if value else ""
        for name, value in names.items()
    }
    settings = _secured(made, security_protocol="SASL_SSL").model_copy(update=files)
    with pytest.raises(InvalidSettings, match=says) as told:
        client_options(settings)
    assert str(told.value).startswith("The setting MATCHER_S")
    assert str(told.value).endswith(".")
    assert "\n" not in str(told.value)


def test_passwords_are_not_shown() -> None:
    settings = Settings(sasl_password="secreta", ssl_key_password="otra")
    assert "secreta" not in repr(settings)
    assert "otra" not in repr(settings)


def test_the_command_line_says_so_in_one_sentence(
    call: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MATCHER_SECURITY_PROTOCOL", "SSL")
    monkeypatch.setenv("MATCHER_SSL_CAFILE", "/no/hay.pem")
    result = call("topics", "create")
    assert result.code == 2
    assert "MATCHER_SSL_CAFILE" in result.err
    assert len(result.err.splitlines()) == 1


@pytest.mark.parametrize("app", ["matcher_stream.app", "matcher_stream.explainer"])
def test_a_worker_says_so_in_one_sentence(app: str) -> None:
    command = [sys.executable, "-m", "faust", "-A", app, "worker", "--web-port", "6069"]
    env = {"MATCHER_SECURITY_PROTOCOL": "SSL", "MATCHER_SSL_CAFILE": "/no/hay.pem"}
    done = subprocess.run(
        command, env=env, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == InvalidSettings.exit_code
    assert done.stderr.splitlines() == [
        "The setting MATCHER_SSL_CAFILE cannot be used: No such file or directory."
    ]
