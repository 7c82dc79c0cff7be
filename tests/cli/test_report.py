"""`matcher-stream models report`, as an analyst uses it."""

from __future__ import annotations

import json
from pathlib import Path

import orjson
import pytest

from tests.cli.conftest import Cli
from tests.support.impressions import population, write_export


@pytest.fixture
def export(tmp_path: Path) -> Path:
    return write_export(tmp_path / "exports" / "now", population(300, taste={"f": 0.1, "m": 0.3}))


@pytest.fixture
def texts(tmp_path: Path) -> tuple[Path, Path]:
    people: list[dict[str, object]] = [
        {"profile_id": f"p{i}", "text": "soy cocinera y cuido niños",
         "consent_training": (True, False, None)[i % 3]}
        for i in range(60)
    ]  # fmt: skip
    jobs: list[dict[str, object]] = [
        {"job_id": f"trabajo-{i}", "title": "Cocinera", "employer": f"Casa {i % 7}"}
        for i in range(210)
    ]
    paths = tmp_path / "personas.jsonl", tmp_path / "avisos.jsonl"
    for path, rows in zip(paths, (people, jobs), strict=True):
        path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    return paths


def test_page_and_json_say_the_same_as_the_terminal(
    call: Cli, export: Path, tmp_path: Path
) -> None:
    before = write_export(tmp_path / "exports" / "before", population(200, seed=4, score=0.6))
    html, as_json = tmp_path / "informe.html", tmp_path / "informe.json"
    done = call("models", "report", "--feedback", export, "--html", html, "--json", as_json,
                "--reference", before)  # fmt: skip
    assert done.code == 0, done
    made = json.loads(as_json.read_text())
    assert made["people"] == 300
    assert made["drift"]["reference"]["kind"] == "export"
    assert "300 personas, 3,000 veces" in done.out
    assert "Sexo: Mujeres: piden 0." in done.out
    assert "Cambió más de lo normal (del 2025-11-24 al" in done.out
    assert "Puntaje de lo mostrado" in done.out
    assert "<h1>Qué se mostró y qué se pidió</h1>" in html.read_text()


def test_words_are_of_who_consents_and_ads_of_all(
    call: Cli, export: Path, texts: tuple[Path, Path], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    from matcher_stream.cli import reporting
    from models.report import measures
    from models.report.measures import Measures, job_measures, people_measures

    people, jobs = texts
    seen, ads = reporting._from_files(people, jobs)
    assert seen is not None
    assert ads is not None
    learned: Measures = {**people_measures(seen), **job_measures(ads)}
    assert [person.profile_id for person in seen] == [f"p{i}" for i in range(0, 60, 3)]
    # the encoder is slow to load, and no part of this
    monkeypatch.setattr(reporting, "load_model", lambda settings: None)
    monkeypatch.setattr(measures, "judged_measures", lambda encoder, ranker: learned)
    as_json = tmp_path / "informe.json"
    done = call("models", "report", "--feedback", export, "--json", as_json,
                "--profiles", people, "--jobs", jobs)  # fmt: skip
    assert done.code == 0, done
    made = json.loads(as_json.read_text())
    assert made["drift"]["without"] == []
    assert made["drift"]["reference"]["kind"] == "judged"
    units = {row["measure"]: row["units"] for row in made["drift"]["measures"]}
    assert (units["people characters"], units["jobs characters"]) == (20, 210)
    assert made["exposure"]["employers"]["things"] == 7


def test_the_broker_s_people_and_ads_are_those_that_stand(
    call: Cli, texts: tuple[Path, Path], broker_env: str
) -> None:
    from matcher_stream.cli import reporting
    from matcher_stream.config.settings import get_settings

    people, jobs = texts
    assert call("topics", "create").code == 0
    assert call("publish", "profiles", people).code == 0
    assert call("publish", "jobs", jobs).code == 0
    found = reporting._from_broker(get_settings())
    assert found[0] is not None
    assert found[1] is not None
    assert {person.profile_id for person in found[0]} == {f"p{i}" for i in range(0, 60, 3)}
    assert len(found[1]) == 210


@pytest.mark.parametrize(
    ("people", "args", "says"),
    [
        (0, (), "no tiene filas"),
        (9, (), "menos de 10 personas"),
        (30, ("--min-people", "31"), "menos de 31 personas"),
        (30, ("--broker", "--jobs", "x"), "quite --broker"),
        (30, ("--html", "/nowhere/x.html"), "No se puede escribir"),
        (30, ("--reference", "/nowhere"), "no tiene manifiesto"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    call: Cli, tmp_path: Path, people: int, args: tuple[str, ...], says: str
) -> None:
    folder = write_export(tmp_path / "now", population(people))
    done = call("models", "report", "--feedback", folder, *args)
    assert done.code == 2, done
    (line,) = (line for line in done.err.splitlines() if line.startswith("Error: "))
    assert says in line
    assert "Traceback" not in done.err
