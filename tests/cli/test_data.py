"""Files on the command line: what is published, what a check says of every row, exit codes."""

from __future__ import annotations

import asyncio
import csv
import gzip
import random
import re
import shlex
from pathlib import Path
from typing import Any

import orjson
import pytest

from matcher_stream.config.catalogue import INPUTS
from matcher_stream.config.contract import TopicNames
from matcher_stream.config.settings import get_settings
from matcher_stream.files.reading import following
from tests.cli.conftest import Cli
from tests.support.events import least

ROWS = (
    "profile_id,text,age,place,Celular\n"
    'ana,"<p>Alba&ntilde;il</p>",30,"Comas, Lima",999\n'
    'ana,"<p>Alba&ntilde;il</p>",30,"Comas, Lima",999\n'
    "beto,Chofer,quizá,,\n"
    "ana,AlbaÃ±il y gasfitero,31,Comas,999\n"
    "carla,Cocinera,,No existe,\n"
)


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(ROWS)
    return path


def _published(topic: str) -> list[Any]:
    async def read() -> list[Any]:
        found: list[Any] = []
        async with following(get_settings(), [topic]) as reader:
            while not await reader.caught_up():
                found += await reader.batch(200)
        return found

    return asyncio.run(read())


def test_publish_tells_of_every_row_and_keeps_the_refused(
    call: Cli, broker_env: str, people: Path
) -> None:
    assert call("topics", "create").code == 0
    done = call("publish", "profiles", people)
    assert done.code == 1, done
    assert "Publicados: 3. Rechazados: 1. Repetidos sin cambios: 1." in done.out
    assert "Con id repetido y otro contenido (vale el último): 1." in done.out
    assert "línea 4: rechazada, el campo age debe ser un número" in done.err
    assert "línea 5: mismo id que la línea 2; vale esta" in done.err
    values = [orjson.loads(r.value) for r in _published(TopicNames(get_settings(), "").profiles)]
    texts = [value["text"] for value in values if value["profile_id"] == "ana"]
    assert texts == ["Albañil", "Albañil y gasfitero"]
    kept = people.with_name("people.rechazadas.csv")
    assert str(kept) in done.err
    (refused,) = csv.DictReader(kept.read_text("utf-8-sig").splitlines())
    assert (refused["fila"], refused["profile_id"], refused["age"]) == ("4", "beto", "quizá")
    mended = call("publish", "profiles", kept)
    assert mended.code == 1  # nobody has mended it yet
    kept.write_text(kept.read_text("utf-8-sig").replace("quizá", "40"))
    assert call("publish", "profiles", kept).code == 0


def test_a_file_that_breaks_off_says_how_much_was_published(
    call: Cli, broker_env: str, tmp_path: Path
) -> None:
    path = tmp_path / "people.csv.gz"
    rows = [f"p{n},{random.Random(n).randbytes(40).hex()}" for n in range(3_000)]
    path.write_bytes(gzip.compress("\n".join(["profile_id,text", *rows]).encode())[:-6])
    assert call("topics", "create").code == 0
    done = call("publish", "profiles", path)
    assert done.code == 2, done
    found = re.search(r"Se detuvo antes del final. Publicados: (\d+).", done.out)
    assert found, done
    topic = TopicNames(get_settings(), "").profiles
    assert 0 < int(found[1]) == len(_published(topic))
    assert ".gz completo" in done.err


def test_check_says_what_becomes_of_every_row(call: Cli, people: Path, tmp_path: Path) -> None:
    told = call("data", "check", people, "--rows", "--out", tmp_path / "out.jsonl")
    assert told.code == 1, told
    lines = told.out.splitlines()
    assert lines[0] == "línea 2: se publica ana (se quitó HTML; Comas, Lima)"
    assert lines[1] == "línea 3: igual a la línea 2, no se repite"
    assert lines[2] == "línea 4: rechazada, el campo age debe ser un número"
    assert "reemplaza a la línea 2" in lines[3]
    assert "letras mal decodificadas" in lines[3]
    assert lines[4] == "línea 6: se publica carla (sin distrito)"
    assert "profiles: csv, separador «,», texto en ascii, utf-8" in told.out
    assert "Columnas que no se leen: Celular." in told.out
    assert "Filas: 5. Se publican: 3. Rechazadas: 1. Repetidos sin cambios: 1." in told.out
    assert "Con distrito: 2 de 3 (66.7%)." in told.out
    rows = [orjson.loads(line) for line in (tmp_path / "out.jsonl").read_bytes().splitlines()]
    results = [row["resultado"] for row in rows]
    assert results == ["publicada", "repetida", "rechazada", "publicada", "publicada"]
    assert rows[2]["campo"] == "age"
    assert rows[0]["evento"]["text"] == "Albañil"


def test_check_of_a_clean_file_and_of_none(call: Cli, people: Path, tmp_path: Path) -> None:
    people.write_text("profile_id,text\nana,Chofer\n")
    assert call("data", "check", people).code == 0
    assert call("data", "check", people, "--kind", "jobs").code == 2
    missing = call("data", "check", tmp_path / "no.csv")
    assert missing.code == 2
    assert "No existe" in missing.err
    people.write_text("a,b\n1,2\n")
    unknown = call("data", "check", people)
    assert unknown.code == 2
    assert "--kind" in unknown.err


def test_check_of_a_file_that_breaks_off(call: Cli, tmp_path: Path) -> None:
    path = tmp_path / "people.json"
    path.write_text('[{"profile_id": "ana", "text": "Chofer"}, {"profile_id": ')
    told = call("data", "check", path, "--kind", "profiles")
    assert told.code == 2
    assert "Se detuvo antes del final" in told.out
    assert "Se publican: 1." in told.out
    assert "después del elemento 1" in told.err


@pytest.mark.parametrize("kind", INPUTS)
def test_check_knows_what_rows_are_for(call: Cli, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(orjson.dumps(least(INPUTS[kind])))
    told = call("data", "check", path)
    assert told.code == 0, told
    assert f"{kind}: jsonl" in told.out


GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "files.md").read_text()


def test_what_the_guide_shows_is_what_is_printed(
    call: Cli, broker_env: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert call("topics", "create").code == 0
    blocks = re.findall(r"^```(\w+)\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE)
    ran = []
    for language, text in blocks:
        if language in ("csv", "toml"):
            name, _, content = text.partition("\n")
            (tmp_path / name.removeprefix("# ")).write_text(content)
        if language == "console":
            for shown in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
                command, _, lines = shown.partition("\n")
                program, *args = shlex.split(command)
                assert program == "matcher-stream"
                done = call(*args)
                missing = set(lines.split("\n")) - set((done.out + done.err).split("\n"))
                assert missing <= {""}, (command, missing, done)
                ran.append((args[0], done.code))
    assert ran == [("data", 1), ("publish", 1), ("data", 0)]
