"""The programs of deploy/clients where everybody signs in: TLS, SCRAM and a list of rights."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from matcher_stream.local.processes import free_port
from schemas.matches import Matches
from tests.support.accounts import Town, opened, send
from tests.support.brokers import ROOT
from tests.support.certificates import PASSWORD
from tests.support.clients.gateway import gateway
from tests.support.clients.languages import LANGUAGES, Language, language
from tests.support.clients.telling import Telling
from tests.support.kafka_io import last_by_key

pytestmark = [pytest.mark.kafka_only, pytest.mark.parametrize("name", LANGUAGES)]
WRONG = "no-es-esta-clave"
PEOPLE = [{"profile_id": f"persona-{n}", "text": "albañil, 5 años"} for n in range(5)]
#: How long a program may take to give up; a library's own retries would take longer.
SECONDS = 30.0


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with opened(tmp_path_factory) as found:
        found.admit("publisher", "notifier")
        asyncio.run(found.plain.create_topics())
        yield found


def _env(town: Town, role: str) -> dict[str, str]:
    """What its environment says of a cluster and an account; one of the brokers is down."""
    return {
        "KAFKA_BROKERS": f"127.0.0.1:{free_port()},127.0.0.1:{town.broker.scram_port}",
        "KAFKA_USER": town.user(role), "KAFKA_PASSWORD": PASSWORD,
        "KAFKA_CA": str(town.made.authority), "TOPIC_PREFIX": town.prefix,
    }  # fmt: skip


def _matches(who: str) -> bytes:
    """The example of the documents, as that person's."""
    event = orjson.loads((ROOT / "matcher_stream/samples/events/Matches.json").read_bytes())
    event |= {"profile_id": who, "event_id": f"e-{who}"}
    Matches.model_validate(event)
    return orjson.dumps(event)


async def test_each_does_its_job_with_its_account(town: Town, tmp_path: Path, name: str) -> None:
    """The publisher's people come, and the notifier hands over what it reads."""
    spoken = language(name)
    with gateway(0) as sms:
        told = Telling(spoken, town.broker, town.prefix, tmp_path, sms, _env(town, "publisher"))
        mine = [{**person, "profile_id": f"{name}-{person['profile_id']}"} for person in PEOPLE]
        told.publish("profiles", mine)
        told.take_back("profiles", mine[0]["profile_id"])
        found = await last_by_key(town.broker, town.names.profiles)
        held = {person["profile_id"]: found[person["profile_id"].encode()].json for person in mine}
        assert held == {
            **{person["profile_id"]: person for person in mine},
            f"{name}-persona-0": None,
        }

        await send(town, town.names.matches, name.encode(), _matches(name))
        env = {**_env(town, "notifier"), "SENTENCE_SECONDS": "0"}
        told = Telling(spoken, town.broker, town.prefix, tmp_path, sms, env)
        try:
            told.go_to(1, 9, 2)
            await told.until_taken_in()
            await told.until_told()
        finally:
            told.reap()
        assert name in {message.to for message in sms.taken}
    assert PASSWORD not in "".join(process.tail(10_000) for process in told.running)


def _ends(spoken: Language, town: Town, what: str, env: dict[str, str], tmp_path: Path) -> str:
    """The last line that one of its programs says before it ends, which must be soon and code 2."""
    arguments = ("profiles",) if what == "publish" else ()
    given = "".join(f"{orjson.dumps(person).decode()}\n" for person in PEOPLE)
    more = {
        "SENDER_URL": "http://127.0.0.1:1", "STORE": str(tmp_path / "store.db"),
        "KAFKA_GROUP": f"{town.prefix}-notifier-x", "NODE_NO_WARNINGS": "1",
    }  # fmt: skip
    done = subprocess.run(
        spoken.command(what, *arguments), input=given, capture_output=True, text=True,
        check=False, timeout=SECONDS, env={**os.environ, **more, **env},
    )  # fmt: skip
    said = done.stdout + done.stderr
    assert done.returncode == 2, said
    assert "Traceback" not in said
    assert "node_modules" not in said
    assert PASSWORD not in said
    assert WRONG not in said
    lines = done.stderr.strip().splitlines()
    assert what == "notifier" or len(lines) == 1, said  # a notifier logs what it does
    return lines[-1]


@pytest.mark.parametrize("what", ["publish", "notifier"])
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"KAFKA_PASSWORD": WRONG}, "does not take KAFKA_USER with KAFKA_PASSWORD."),
        ({"KAFKA_CA": "{stranger}"}, "KAFKA_CA does not vouch for 127.0.0.1:"),
        ({"KAFKA_CA": "/no/such/file"}, "KAFKA_CA cannot be read: "),
        ({"KAFKA_BROKERS": "127.0.0.1:{expired}"}, "KAFKA_CA does not vouch for 127.0.0.1:"),
        ({"KAFKA_BROKERS": "127.0.0.1:{dead},127.0.0.1:{dead}"}, "No broker answers at 127.0.0.1:"),
        ({"KAFKA_PASSWORD": ""}, "Set KAFKA_PASSWORD."),
    ],
)
def test_who_is_not_let_in_says_why_and_ends(
    town: Town, tmp_path: Path, name: str, what: str, wrong: dict[str, str], said: str
) -> None:
    """One sentence and code 2: no loop, no traceback, no secret."""
    spoken = language(name)
    places: dict[str, Any] = {
        "stranger": town.made.stranger,
        "expired": town.broker.expired_port,
        "dead": free_port(),
    }
    role = "publisher" if what == "publish" else "notifier"
    env = {**_env(town, role), **{key: text.format(**places) for key, text in wrong.items()}}
    assert said in _ends(spoken, town, what, env, tmp_path)


@pytest.mark.parametrize(
    ("what", "role", "env", "said"),
    [
        ("publish", "notifier", {}, "may not use"),
        ("notifier", "publisher", {}, "may not use"),
        ("notifier", "notifier", {"KAFKA_GROUP": "another"}, "may not use"),
    ],
)
def test_an_account_without_the_right_says_so_and_ends(
    town: Town, tmp_path: Path, name: str, what: str, role: str, env: dict[str, str], said: str
) -> None:
    line = _ends(language(name), town, what, {**_env(town, role), **env}, tmp_path)
    assert line.startswith(f"The account {town.user(role)} {said}")


async def test_a_notifier_whose_rights_are_taken_away_ends(
    town: Town, tmp_path: Path, name: str
) -> None:
    """In mid-work, signed in and let in long before: it does not try for ever."""
    env = {**_env(town, "notifier"), "KAFKA_GROUP": f"{town.prefix}-notifier-{name}-2"}
    await send(town, town.names.matches, name.encode(), _matches(name))
    with gateway(0) as sms:
        told = Telling(language(name), town.broker, town.prefix, tmp_path, sms, env)
        told.go_to(1, 9, 1)
        (process,) = told.running
        try:
            await told.until_taken_in()
            town.change("notifier", 0, "--remove")
            assert process.wait_end(SECONDS) == 2
        finally:
            told.reap()
            town.change("notifier", 0, "--add")
    last = process.tail(1).splitlines()[-1]
    assert last.startswith(f"The account {town.user('notifier')} may not use")
