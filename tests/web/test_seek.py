"""/busco as a person would, without JavaScript: three steps, a ranking, and what they say of it."""

from __future__ import annotations

import asyncio
import re
from html import unescape
from typing import Any
from urllib.parse import unquote

import orjson
import pytest

from matcher_stream.config.catalogue import Catalogue, InputTopic
from matcher_stream.web.seek import pages
from matcher_stream.web.site.problem import NO_LINK, NO_SESSION
from schemas import parse_feedback, parse_profile
from tests.support.harness.village import ad
from tests.web.conftest import NEVER, Browser, MakeVillage, Page, Village

WORDS = "cocino menú y sopas, vivo en Comas, brevete A2b, de noche no puedo"
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}"


@pytest.fixture
async def village(make_village: MakeVillage) -> Village:
    made = await make_village()
    where = {"ubigeo": "150110", "pay_min": 1200, "pay_period": "month"}
    made.cluster.publish("jobs", "cocina", ad("cocina") | where | {"employer": "Comedor Sol"})
    made.cluster.publish("jobs", "obra", ad("obra"))
    await made.rest()
    return made


@pytest.fixture
async def ana(village: Village) -> Browser:
    return await village.browser()


async def _find(browser: Browser, words: str = WORDS, place: str = "Comas, Lima") -> Page:
    """All three steps."""
    await browser.get("/busco")
    await browser.post("/busco", {"words": words})
    page = await browser.post("/busco/donde", {"place": place})
    if page.path == pages.WHERE:
        page = await browser.post("/busco/donde", {"skip": "1"})
    return await browser.post("/busco/leimos", {})


def _published(village: Village, topic: InputTopic) -> list[dict[str, Any] | None]:
    records = village.cluster.broker.records(village.context.names.of(topic))
    return [None if record.value is None else orjson.loads(record.value) for record in records]


def _buttons(page: Page) -> list[str]:
    return [unescape(value) for value in re.findall(r'name="say" value="([^"]*)"', page.text)]


def _link(page: Page) -> str:
    found = re.search(r'"http://[^"]*(/m/[^"]+)"', page.text)
    assert found
    return found[1]


async def test_from_one_s_own_words_to_a_ranking(village: Village, ana: Browser) -> None:
    page = await ana.get("/busco")
    assert "¿Qué sabes hacer?" in page.words
    page = await ana.post("/busco", {"words": WORDS})
    assert page.path == pages.WHERE
    assert "Leímos: Vives en Comas, Lima." in page.words
    page = await ana.post("/busco/donde", {"place": "comas"})
    assert 1 < page.text.count('name="ubigeo"') <= 6
    page = await ana.post("/busco/donde", {"ubigeo": "150110"})
    assert page.path == pages.READ
    for said in ("Vives en Comas, Lima.", "Tienes brevete A-IIb.", "Puedes trabajar de día."):
        assert said in page.words
    assert _published(village, Catalogue.profiles) == []
    page = await ana.post("/busco/leimos", {})
    assert page.path == pages.LIST
    for said in (
        "Cocinera de menú", "Comedor Sol", "en tu distrito", "S/ 1200 al mes", "Lleva tu documento",
        "No es para mí", "Me da mala espina", "Guarda tu enlace",
        "Esta lista la arma un programa.",
    ):  # fmt: skip
        assert said in page.words, said
    (profile,) = _published(village, Catalogue.profiles)
    assert profile is not None
    event = parse_profile(profile["profile_id"].encode(), orjson.dumps(profile))
    assert (event.text, event.ubigeo, event.status) == (WORDS, "150110", "searching")
    assert len(event.profile_id) == 22


async def test_what_was_read_wrong_is_mended_by_a_tap(village: Village, ana: Browser) -> None:
    await ana.get("/busco")
    await ana.post("/busco", {"words": WORDS + ", quiero ganar 1500 al mes"})
    await ana.post("/busco/donde", {"skip": "1"})
    page = await ana.post("/busco/leimos", {"mend": "licence:none"})
    assert page.path == pages.READ
    assert "Tienes brevete" not in page.words
    page = await ana.post("/busco/leimos", {"mend": "shifts:all"})
    assert "Puedes trabajar" not in page.words
    page = await ana.post("/busco/leimos", {"mend": "min_pay:quitar"})
    assert "Quieres ganar" not in page.words
    for nothing in ("licence:Z", "nada:quitar", "min_pay:quitar", "refused:quitar", ":", "x"):
        assert (await ana.post("/busco/leimos", {"mend": nothing})).status == 200
    await ana.post("/busco/leimos", {})
    (profile,) = _published(village, Catalogue.profiles)
    assert profile is not None
    assert profile["licence"] == "none"
    assert len(profile["shifts"]) == 5
    assert "1500" not in profile["text"]


@pytest.mark.parametrize(
    ("said", "kind", "reason"),
    [
        ("applied::1:cocina", "applied", None), ("reported::1:cocina", "reported", None),
        ("dismissed:too_far:1:cocina", "dismissed", "too_far"),
    ],
)  # fmt: skip
async def test_what_one_says_of_a_job_takes_it_out(
    village: Village, ana: Browser, said: str, kind: str, reason: str | None
) -> None:
    page = await _find(ana)
    assert said in _buttons(page)
    revision = re.search(r'name="revision" value="(\d+)"', page.text)
    assert revision
    page = await ana.post(pages.ANSWER, {"say": said, "revision": revision[1]})
    assert page.path == pages.LIST
    assert "Comedor Sol" not in page.words
    feedback = [f for f in _published(village, Catalogue.feedback) if f and f["kind"] == kind]
    event = parse_feedback(feedback[0]["profile_id"].encode(), orjson.dumps(feedback[0]))
    assert (event.job_id, event.reason, event.rank) == ("cocina", reason, 1)
    assert (event.revision, event.surface) == (int(revision[1]), "web")


async def test_what_was_shown_is_published_once_a_revision(village: Village, ana: Browser) -> None:
    await _find(ana)
    await ana.get(pages.LIST)
    await ana.get(pages.LIST)
    shown = [f for f in _published(village, Catalogue.feedback) if f]
    assert {f["kind"] for f in shown} == {"shown"}
    assert [(f["job_id"], f["rank"]) for f in shown] == [("cocina", 1), ("obra", 2)][: len(shown)]


def _jobs(page: Page) -> list[str]:
    return re.findall(r'<h3><a [^>]*href="([^"]+)"', page.text)


async def test_what_was_opened_is_published_once_a_visit(village: Village, ana: Browser) -> None:
    page = await _find(ana)
    link, first = _link(page), _jobs(page)[0]
    assert "cocina" not in first
    for _ in range(3):
        page = await ana.get(first)
        assert page.status == 200
    for said in ("Comedor Sol", "en tu distrito", "S/ 1200 al mes", "Para mandarlo"):
        assert said in page.words
    again = await village.browser()  # another phone
    await again.get(link, allow_redirects=False)
    await again.get(first)
    notes = [f for f in _published(village, Catalogue.feedback) if f and f["job_id"] == "cocina"]
    assert [note["kind"] for note in notes] == ["shown", "opened", "shown", "opened"]
    assert notes[:2] == notes[2:]
    assert (notes[1]["rank"], notes[1]["surface"]) == (1, "web")
    assert notes[1]["revision"] == int(_revision(await ana.get(pages.LIST)))
    records = list(village.cluster.broker.records(village.context.names.feedback))
    ids = [dict(r.headers)["ce_id"] for r in records if b'"cocina"' in (r.value or b"")]
    assert ids[:2] == ids[2:]
    assert ids[0] != ids[1]


async def test_a_job_is_opened_by_whose_list_it_is_in(village: Village, ana: Browser) -> None:
    page = await _find(ana)
    first, button = _jobs(page)[0], _buttons(page)[0]
    eva = await village.browser()
    assert (await eva.get(first)).status == 403
    assert _jobs(await _find(eva))[0] != first
    page = await eva.get(first)
    assert (page.path, pages.LEFT in page.words) == (pages.LIST, True)
    page = await ana.get(first)
    await ana.post(pages.ANSWER, {"say": button, "revision": _revision(page)})
    assert pages.LEFT in (await ana.get(first)).words
    for name in ("x", "cocina", "%0d%0aX-Evil:1", "ñ"):
        assert (await ana.get(pages.JOB.format(name=name))).path == pages.LIST


async def test_a_broker_that_is_away_keeps_nobody_from_reading(
    village: Village, ana: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = _jobs(await _find(ana))[0]

    async def refuse(*_: Any) -> None:
        raise ConnectionError("somewhere")

    with monkeypatch.context() as away:
        away.setattr(village.context.app._producer, "send", refuse)
        assert (await ana.get(first)).status == 200
    assert (await ana.get(first)).status == 200
    opened = [f for f in _published(village, Catalogue.feedback) if f and f["kind"] == "opened"]
    assert len(opened) == 1


@pytest.mark.parametrize(
    "say",
    ["", "applied", "hired::1:cocina", "shown::1:cocina", "dismissed::1:cocina", "applied:x:1:a",
     "dismissed:nada:1:cocina", "applied::0:cocina", "applied::-1:cocina", "applied::1:",
     "applied::1:\r\nX-Evil: 1", "applied::١:cocina"],
)  # fmt: skip
async def test_an_answer_that_no_button_has_is_refused(
    village: Village, ana: Browser, say: str
) -> None:
    await _find(ana)
    page = await ana.post(pages.ANSWER, {"say": say, "revision": "1"})
    assert page.status == 400
    assert "X-Evil" not in page.answer.headers
    kinds = {f["kind"] for f in _published(village, Catalogue.feedback) if f}
    assert kinds <= {"shown"}


async def test_the_link_is_shown_once_and_opens_only_its_own_page(
    village: Village, ana: Browser
) -> None:
    page = await _find(ana)
    link = _link(page)
    assert "Guarda tu enlace" not in (await ana.get(pages.LIST)).words
    other = await village.browser()
    assert (await other.get(pages.LIST)).status == 403
    page = await other.get(link)
    assert page.path == pages.LIST  # the address holds no token any more
    assert "Cocinera de menú" in page.words
    eva = await village.browser()
    page = await _find(eva, "cuido niños", "Yarinacocha")
    assert _link(page) != link
    forged = await (await village.browser()).get(link[:-3] + "AAA")
    assert forged.status == 403
    assert NO_LINK in forged.words


async def test_erasing_ends_everything(village: Village, ana: Browser) -> None:
    link = _link(await _find(ana))
    profile_id = unquote(link.removeprefix("/m/")).split(".")[0]
    page = await ana.get(pages.ERASE)
    assert "En 7 días" in page.words
    page = await ana.post(pages.ERASE, {})
    assert "Tus datos se borraron" in page.words
    assert _published(village, Catalogue.profiles)[-1] is None
    await village.rest()
    assert village.cluster.told("matches", profile_id)[-1] is None
    assert (await ana.get(pages.LIST)).status == 403
    replayed = await (await village.browser()).get(link)
    assert replayed.status == 404
    assert NO_LINK in replayed.words
    again = await village.browser()
    await again.get(link)
    await again.get("/busco")  # has the session of the dead link
    assert (await again.post(pages.EDIT, {})).status == 404
    assert (await again.post(pages.PAUSE, {})).status in (403, 404)


async def test_pausing_and_searching_again(village: Village, ana: Browser) -> None:
    page = await _find(ana)
    page = await ana.post(pages.PAUSE, {"revision": _revision(page)})
    assert "Tu búsqueda está en pausa. Avísanos" in page.words
    assert "Cocinera" not in page.words
    page = await ana.post(pages.PAUSE, {"again": "1", "revision": _revision(page)})
    assert "Cocinera de menú" in page.words


def _revision(page: Page) -> str:
    found = re.search(r'name="revision" value="(\d+)"', page.text)
    assert found
    return found[1]


async def test_changing_one_s_words_keeps_who_one_is(village: Village, ana: Browser) -> None:
    await _find(ana)
    page = await ana.post(pages.EDIT, {})
    assert page.path == pages.START
    assert "cocino menú" in page.words
    await ana.post("/busco", {"words": "albañil, asiento ladrillo"})
    await ana.post("/busco/donde", {"ubigeo": "150110"})
    page = await ana.post("/busco/leimos", {})
    assert "Guarda tu enlace" not in page.words
    first, second = _published(village, Catalogue.profiles)
    assert first is not None
    assert second is not None
    assert first["profile_id"] == second["profile_id"]
    assert second["text"] == "albañil, asiento ladrillo"


async def test_steps_cannot_be_jumped_and_too_much_is_told(ana: Browser) -> None:
    for path in (pages.WHERE, pages.READ):
        assert (await ana.get(path)).path == pages.START
    page = await ana.post("/busco", {"words": "   "})
    assert pages.SAY_SOMETHING in page.words
    assert (await ana.post("/busco", {"words": "x" * 1501})).status == 400
    await ana.get("/busco")
    await ana.post("/busco", {"words": "cocino"})
    assert pages.SAY_WHERE in (await ana.post("/busco/donde", {"place": "xxqqzz"})).words
    assert (await ana.post("/busco/donde", {"ubigeo": "999999"})).path == pages.WHERE
    assert (await ana.post("/busco/donde", {"ubigeo": "1" * 50})).status == 400


async def test_hostile_words_are_only_words(village: Village, ana: Browser) -> None:
    village.cluster.publish(
        "jobs", "malo", {"job_id": "malo", "title": f"Cocinera {HOSTILE}", "employer": HOSTILE}
    )
    village.cluster.publish(
        "jobs", f'a"><b {HOSTILE}'[:60], ad("cocina") | {"job_id": f'a"><b {HOSTILE}'[:60]}
    )
    await village.rest()
    await ana.get("/busco")
    page = await ana.post("/busco", {"words": f"cocino {HOSTILE}"})
    shown = [page, await ana.post("/busco/donde", {"place": HOSTILE})]
    shown += [await ana.get(pages.WHERE), await ana.get("/busco")]
    await ana.get(pages.WHERE)
    shown.append(await ana.post("/busco/donde", {"skip": "1"}))
    shown.append(await ana.post("/busco/leimos", {}))
    assert "Cocinera" in shown[-1].words
    for page in shown:
        assert "<img" not in page.text
        assert "<b " not in page.text
        assert "<script>" not in page.text
        assert "}" not in page.text or "{{7*7}}" in page.text


async def test_without_a_session_nothing_is_taken(village: Village) -> None:
    browser = await village.browser()
    for path in (pages.START, pages.WHERE, pages.READ, pages.ANSWER, pages.ERASE, pages.PAUSE):
        async with browser.client.post(path, data={"words": "cocino"}) as answer:
            assert answer.status == 403
            assert NO_SESSION in await answer.text()
    assert _published(village, Catalogue.profiles) == []


async def test_nothing_of_the_person_is_in_addresses_titles_or_logs(
    village: Village, ana: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG"):
        await _find(ana)
        page = await ana.get(pages.LIST)
    title = re.search(r"<title>(.*?)</title>", page.text)
    assert title
    assert title[1] == "Mi lista"
    assert not page.answer.url.query
    ours = [record for record in caplog.records if "aiohttp" not in record.name]
    assert "cocino" not in " ".join(record.getMessage() for record in ours)


async def test_a_page_of_a_full_ranking_weighs_thirty_kilobytes_at_most(
    make_village: MakeVillage,
) -> None:
    village = await make_village(top_k=10)
    text = "Atender comensales, preparar desayunos y almuerzos, lavar ollas. " * 5
    for number in range(14):
        village.cluster.publish("jobs", f"job-{number}", {
            "job_id": f"job-{number}", "title": f"Cocinera de menú y repostería {number} " * 3,
            "employer": f"Comedor Popular Señor de los Milagros número {number}",
            "description": text, "ubigeo": "150103",
            "pay_min": 1130, "pay_max": 1800 + number, "pay_period": "month",
            "licence": "A-IIb", "languages": ["es", "qu"], "min_age": 18, "vacancies": 3,
            "education": "tecnica", "shift": "day", "experience_years": 2, "lodging": True,
            "travel_paid": True,
        })  # fmt: skip
    await village.rest()
    ana = await village.browser()
    page = await _find(ana)
    assert page.text.count("<article") >= 5
    files = [await ana.get(path) for path in re.findall(r'"(/estatico/[^"]+)"', page.text)]
    weight = len(page.text.encode()) + sum(len(file.text.encode()) for file in files)
    print(f"{page.text.count('<article')} jobs: {weight} bytes with {len(files)} files")
    assert weight <= 30_000
    alone = await ana.get(_jobs(page)[0])
    assert weight - len(page.text.encode()) + len(alone.text.encode()) <= 30_000
    assert len(next(f.text for f in files if f.path.endswith(".js")).encode()) <= 3_000


async def test_the_live_part_tells_of_a_new_job(village: Village, ana: Browser) -> None:
    await _find(ana)
    await ana.get(pages.LIST)
    async with ana.client.get(pages.LIVE) as stream:
        assert stream.headers["Content-Type"] == "text/event-stream"
        assert stream.headers["Cache-Control"] == "no-store"
        village.cluster.publish("jobs", "otra", ad("cocina") | {"job_id": "otra"})
        async with asyncio.timeout(NEVER):
            while not (line := await stream.content.readline()).startswith(b"data:"):
                pass
        assert line.removeprefix(b"data: ").strip().isdigit()
    assert (await (await village.browser()).get(pages.LIVE)).status == 403
