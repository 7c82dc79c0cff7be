"""One person asks for everything, and to be erased: real workers, the command as it is typed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import orjson
import pytest

from tests.e2e.conftest import Deploy
from tests.support.accounts import run_cli
from tests.support.explainer import ExplainerProcess
from tests.support.kafka_io import Send, last_by_key, publish_all, wait_until

pytestmark = pytest.mark.embedded_only
WORDS = "asiento ladrillo y tarrajeo"


async def test_a_person_is_shown_exported_and_erased(deploy: Deploy, tmp_path: Path) -> None:
    town = await deploy()
    explainer = ExplainerProcess("explainer", tmp_path, town._env)
    names = town.names
    try:
        explainer.start()
        town.start()
        explainer.wait_ready()
        ad = {"job_id": "obra", "title": "Albañil para asentar ladrillo"}
        ana, beto = ({"profile_id": name, "text": f"albañil, {WORDS}"} for name in ("ana", "beto"))
        sends = [Send(names.jobs, b"obra", orjson.dumps(ad))]
        sends += [Send(names.profiles, p["profile_id"].encode(), orjson.dumps(p))
                  for p in (ana, beto)]  # fmt: skip
        await publish_all(town.broker, sends)

        async def explained() -> bool:
            told = await last_by_key(town.broker, names.explanations)
            return {b"ana:obra", b"beto:obra"} <= told.keys()

        await wait_until(explained, 60, "both are explained")
        await town.drained()

        async def person(*words: str) -> tuple[int, str]:
            done = await asyncio.to_thread(run_cli, town._env, "person", *words)
            assert "Traceback" not in done.stderr
            return done.returncode, done.stdout + done.stderr

        code, text = await person("show", "ana")
        assert code == 0, text
        for part in (
            "Perfil publicado", "Perfil aceptado", "Lista de trabajos enviada",
            "Explicaciones enviadas", "Listas de candidatos de avisos", WORDS,
        ):  # fmt: skip
            assert part in text, part
        assert "beto" not in text
        path = tmp_path / "suyo.json"
        assert (await person("export", "ana", "--out", str(path)))[0] == 0
        assert WORDS in path.read_text()
        assert "beto" not in path.read_text()

        code, text = await person("erase", "ana")
        assert code == 0, text + town.tails()
        assert "Borrada en" in text
        for topic, key in ((names.matches, b"ana"), (names.explanations, b"ana:obra")):
            assert (await last_by_key(town.broker, topic))[key].value is None
        people = (await last_by_key(town.broker, names.candidates))[b"obra"].json
        assert [entry["profile_id"] for entry in people["entries"]] == ["beto"]
        code, text = await person("show", "ana")
        assert code == 0
        assert "Perfil publicado (" in text.split("queda, hasta que")[1]
        assert WORDS not in text, "what logs still have is counted, not shown"
        code, text = await person("erase", "ana")
        assert (code, "Ya estaba borrada." in text) == (0, True), text
        assert (await last_by_key(town.broker, names.matches))[b"beto"].json["entries"]
    finally:
        explainer.reap()
