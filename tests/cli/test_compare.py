"""`matcher-stream models compare`: registered versions, and two topics on a broker."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import orjson
import pytest

from matcher_stream.config import model as config_model
from matcher_stream.config.contract import TopicNames, changelog_specs, shadow_specs
from matcher_stream.config.settings import get_settings
from matcher_stream.config.topics import create_topics
from matcher_stream.files.publish import producer
from models.compare.gates import Given, verdict
from tables.rows.trials import TRIAL
from tests.cli.conftest import Cli
from tests.models.compare.test_streams import event
from tests.support.versions import ranker_file, tuned_cache


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MATCHER_REGISTRY", str(tmp_path / "registry"))
    config_model._registered.cache_clear()
    return tmp_path / "registry"


@pytest.mark.weights
def test_what_ships_and_a_version_with_other_weights_are_compared_for_real(
    call: Cli, registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real encoder, on a few people of one folder: all parts of a report, none decides."""
    monkeypatch.setenv("MATCHER_ENCODER_CACHE_DIR", str(tuned_cache(tmp_path / "cache")))
    weights = tmp_path / "ranker.json"
    evidence = orjson.loads(ranker_file())["evidence"]
    weights.write_bytes(ranker_file(version="blend-far", evidence={**evidence, "travel": 1.5}))
    first = call("models", "import").out.split()[-1]
    second = call("models", "import", "--ranker", weights, "--parent", first).out.split()[-1]
    out, html = tmp_path / "compared.json", tmp_path / "compared.html"
    told = call("models", "compare", first[:8], second[:8], "--part", "A", "--people", "11",
                "--pairs", "1", "--json", out, "--html", html)  # fmt: skip
    assert told.code == 0, told.err
    found = orjson.loads(out.read_bytes())
    assert [found[side]["id"] for side in ("champion", "challenger")] == [first, second]
    assert found["champion"]["bytes"] > 1_000_000
    whole, words = found["quality"]["tasks"]
    assert whole["champion"] > 0.6, "the shipped version on judged people"
    assert (whole["people"], words["people"]) == (11, 11)
    assert found["changes"]["all"]["top 3 changed"]["count"] > 0
    assert found["latency"]["ratio"] < 2, "the same encoder, another weight"
    gates = {gate["gate"]: gate for gate in found["gates"]}
    assert gates["quality, all, group of regions: A: Lima, Ica, Callao"]["state"] in (
        "passed",
        "failed",
    )
    assert gates["missing"]["state"] == gates["person"]["state"] == "unknown"
    shown = " ".join(told.out.split())
    for part in ("Puertas", "Las dos versiones", "Calidad solo con palabras", "Exposición",
                 "blend-far", "Falta el nombre"):  # fmt: skip
        assert part in shown, part
    assert first[:12] in html.read_text()
    assert not verdict(found, Given(first, second, True, True, "Rosa")).passed


def _write(topic: str, records: list[tuple[str, Any]], source: str = "") -> None:
    headers = [("ce_source", source.encode())] if source else []

    async def write() -> None:
        async with producer(get_settings()) as client:
            for key, value in records:
                raw = None if value is None else orjson.dumps(value)
                await client.send_and_wait(topic, key=key.encode(), value=raw, headers=headers)

    asyncio.run(write())


def test_two_topics_are_compared_and_the_page_needs_nothing_from_elsewhere(
    call: Cli, broker_env: str, tmp_path: Path
) -> None:
    assert call("topics", "create").code == 0
    names = TopicNames(get_settings(), "")
    shadow = names.explanations  # any topic that is there: its name is what is given
    people = [f"persona-{i}" for i in range(8)]
    _write(names.profiles, [(name, {"profile_id": name, "text": "soy cocinera", "age": 30,
                                    "ubigeo": "080101"}) for name in people])  # fmt: skip
    _write(names.matches, [(name, event("a", "b", "c")) for name in people])
    _write(names.matches, [("se-fue", event("a")), ("se-fue", None)])
    _write(shadow, [(name, event("a", "b", "d", ranker="blend-6")) for name in people[:7]])
    out, html = tmp_path / "topics.json", tmp_path / "topics.html"
    told = call("models", "compare", "--told", names.matches, "--shadow", shadow, "--json", out,
                "--html", html)  # fmt: skip
    assert told.code == 0, told.err
    found = orjson.loads(out.read_bytes())["stream"]
    assert (found["events"], found["changes"]["people"]) == ([10, 7], 7)
    assert found["changes"]["only champion"] == 1
    rows = {row["slice"]: row["top 3 changed"]["count"] for row in found["changes"]["slices"]}
    assert rows["Cusco"] == rows["feminine"] == rows["25 to 44"] == 7
    assert "Personas con lista y sin lista de la candidata: 1" in " ".join(told.out.split())
    page = html.read_text()
    assert not re.search(r"(?i)<script|https?:|<link|<img|@import|url\(", page)
    assert "persona-" not in page + out.read_text() + told.out

    wrong = call("models", "compare", "--shadow", names.profiles)
    assert (wrong.code, "no tiene listas de personas" in wrong.err) == (2, True)
    gone = call("models", "compare", "--shadow", f"{broker_env}.nothing.v1")
    assert (gone.code, "Falta el tema" in gone.err) == (2, True)


def test_what_people_applied_to_is_added_up_over_partitions(
    call: Cli, broker_env: str, tmp_path: Path
) -> None:
    assert call("topics", "create").code == 0
    settings, new = get_settings(), TopicNames(get_settings(), f"{broker_env}-b")
    shadow, old = new.shadow(new.matches), f"{broker_env}-a"
    made = [*shadow_specs(new, settings), *changelog_specs([f"{old}-tallies-changelog"], settings)]
    asyncio.run(create_topics(settings, made))
    people = [f"persona-{i}" for i in range(8)]
    _write(new.matches, [("antes", event("a", "b"))], f"{broker_env}-before")
    _write(
        new.matches, [(name, event("a", "b", "c", challenger=new.source)) for name in people], old
    )
    _write(shadow, [(name, event("a", "b", "d", ranker="blend-6")) for name in people], new.source)
    counts = {"wins": 4, "losses": 1, "ties": 2, "shown": 30, "applied challenger": 5}
    for partition in ("\0\0", "\0\1"):
        rows = [(f"{partition}{TRIAL}{new.source}", counts), (f"{partition}{TRIAL}else", counts),
                (f"{partition}job:j1", {"shown": 7})]  # fmt: skip
        _write(f"{old}-tallies-changelog", rows)
    out = tmp_path / "applied.json"
    told = call("models", "compare", "--shadow", shadow, "--json", out)
    assert told.code == 0, told.err
    found = orjson.loads(out.read_bytes())
    applied = found["stream"]["interleaved"]
    assert (applied["wins"], applied["losses"], applied["ties"], applied["shown"]) == (8, 2, 4, 60)
    assert applied["needed"] == (194 - 10) * 6
    assert (found["stream"]["mixed"], found["stream"]["changes"]["people"]) == (8, 0)
    assert "Listas de las dos a la vez" in told.out
    (gate,) = [gate for gate in found["gates"] if gate["gate"] == "applied"]
    assert gate["state"] == "unknown"
    assert "persona-" not in out.read_text() + told.out


@pytest.mark.parametrize(
    ("args", "says"),
    [
        ((), "Diga las dos versiones"),
        (("ab12",), "Diga las dos versiones"),
        (("--told", "x"), "Diga las dos versiones"),
        (("ab12", "cd34", "--told", "x"), "Falta --shadow"),
        (("--told", "x", "--shadow", "x"), "son el mismo"),
        (("builtin", "0123abcd"), "No hay una versión 0123abcd"),
        (("builtin", "builtin", "--html", "nowhere/a.html"), "No se puede escribir"),
    ],
)
def test_what_cannot_be_compared_is_one_sentence(
    call: Cli, registry: Path, args: tuple[str, ...], says: str
) -> None:
    result = call("models", "compare", *args)
    assert result.code == 2, result
    assert says in result.err
    assert "Traceback" not in result.err
