"""/ofrezco as an employer would, without JavaScript: three steps, the gate's words, the people."""

from __future__ import annotations

import re
import time
from html import unescape
from pathlib import Path
from typing import Any

import orjson
import pytest

from matcher_stream.config.catalogue import Catalogue, InputTopic
from matcher_stream.web.offer import access, ad, calling, fits, pages, people
from matcher_stream.web.offer.draft import Draft
from matcher_stream.web.offer.reading import _CHOICES, lines, mend
from matcher_stream.web.site.owners import Owners
from matcher_stream.web.site.problem import NO_LINK
from matcher_stream.web.site.publishing import Publisher
from matcher_stream.web.site.roles import new_token
from matcher_stream.web.site.session import Session
from matcher_stream.web.site.signing import LINK_SECONDS, Signing
from matcher_stream.web.site.site import LINK_BURST
from models.ranking.attrs import job_attrs, person_attrs
from models.reading.text import CARD_FIELDS
from models.vetting.gate import vet
from models.vetting.mending import ADD, INSTEAD, told
from models.vetting.words import CODES
from schemas import parse_invitation, parse_job
from schemas.job import Job
from tests.support.harness.village import COOK, MASON, decision, profile
from tests.web.conftest import KEY, NEVER, Browser, MakeVillage, Page, Village

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}"
TITLE = "Cocinera de menú"
WORDS = "Se cocina menú y sopas, de lunes a sábado. Pagamos S/ 1300 al mes. Brevete A-I"
FEE = "Deposita S/ 80 por Yape antes de la entrevista."
SECRET = "vivo en el pasaje Las Orquídeas 123, soy Rosaura, 999888777"
BYTES = 30_000


@pytest.fixture
async def village(make_village: MakeVillage, monkeypatch: pytest.MonkeyPatch) -> Village:
    monkeypatch.setattr(ad, "WAIT_SECONDS", NEVER)
    made = await make_village(web_pages="ofrezco")
    people = {
        "dni-40404040": profile(
            "dni-40404040", f"{COOK}, {SECRET}", experience_years=4, licence="A-IIb", age=33
        ),
        "beatriz-70707070": profile("beatriz-70707070", COOK, ubigeo="150101"),
        "luis": profile("luis", MASON),
    }
    for name, person in people.items():
        made.cluster.publish("profiles", name, person)
    await made.rest()
    return made


@pytest.fixture
async def boss(village: Village) -> Browser:
    return await village.browser()


async def _write(browser: Browser, title: str = TITLE, words: str = WORDS, **fields: str) -> Page:
    """The first two steps."""
    await browser.get("/ofrezco")
    await browser.post("/ofrezco", {"title": title, "words": words, **fields})
    page = await browser.post("/ofrezco/donde", {"place": "Comas, Lima"})
    if page.path == pages.WHERE:
        page = await browser.post("/ofrezco/donde", {"ubigeo": _value(page, "ubigeo")})
    return page


async def _post(browser: Browser, title: str = TITLE, words: str = WORDS, **fields: str) -> Page:
    page = await _write(browser, title, words, **fields)
    return await browser.post("/ofrezco/leimos", {"draft": _value(page, "draft"), "publish": "1"})


async def _mend(browser: Browser, choice: str, **fields: str) -> Page:
    assert browser.page is not None
    draft = _value(browser.page, "draft")
    return await browser.post("/ofrezco/leimos", {"draft": draft, "mend": choice, **fields})


def _value(page: Page, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page.text)
    assert found is not None, page.words
    return unescape(found[1])


def _values(page: Page, name: str) -> list[str]:
    return [unescape(found) for found in re.findall(rf'name="{name}" value="([^"]+)"', page.text)]


def _link(page: Page) -> str:
    found = re.search(r'"http://[^"/]+(/a/[^"]+)"', page.text)
    assert found is not None, page.words
    return found[1]


def _published(village: Village, topic: InputTopic) -> list[dict[str, Any]]:
    records = village.cluster.broker.records(village.context.names.of(topic))
    return [orjson.loads(record.value) for record in records if record.value]


async def test_an_ad_in_three_steps_and_its_people(village: Village, boss: Browser) -> None:
    page = await _write(boss, employer="Comedor Sol")
    assert page.path == pages.CHECK
    assert "El trabajo es en Comas, Lima" in page.words
    assert "Pagas S/ 1300 al mes." in page.words
    assert "Pides brevete A-I." in page.words
    assert "¿Qué horario?" in page.words
    page = await _mend(boss, "pay:si")
    assert "✓ Pagas S/ 1300 al mes." in page.words
    page = await _mend(boss, "shift:day")
    assert "✓ El horario es de día." in page.words
    page = await boss.post("/ofrezco/leimos", {"draft": _value(page, "draft"), "publish": "1"})
    (job,) = _published(village, Catalogue.jobs)
    assert parse_job(job["job_id"].encode(), orjson.dumps(job)).shift == "day"
    assert page.path == pages.AD.format(job_id=job["job_id"])
    assert job["ubigeo"] == "150110"
    assert (job["pay_min"], job["pay_period"]) == (1300, "month")
    assert len(job["job_id"]) == 22
    assert "Publicado." in page.words
    assert "Guarda tu enlace" in page.words
    await village.rest()
    page = await boss.get(page.path)
    assert "Guarda tu enlace" not in page.words
    assert "2 personas para este trabajo" in page.words
    assert "Tiene el brevete que pides." in page.words
    assert "Experiencia de 3 a 5 años" in page.words
    assert "No dice si puede de día." in page.words
    assert "Vive a menos de 5 km" in page.words
    event = village.cluster.told("candidates", job["job_id"])[-1]
    assert event is not None
    assert [entry["profile_id"] for entry in event["entries"]] == [
        "dni-40404040",
        "beatriz-70707070",
    ]


async def test_nothing_personal_is_on_the_page(village: Village, boss: Browser) -> None:
    page = await _post(boss)
    await village.rest()
    page = await boss.get(page.path)
    assert "Persona 1" in page.words
    secrets = ("dni-40404040", "beatriz-70707070", "Rosaura", "Orquídeas", "999888777")
    for secret in (*secrets, "150110", "sopas, lavo", "33 años", "A-IIb"):
        assert secret not in page.text, secret


def test_a_person_is_seen_in_bands_only() -> None:
    card = {**dict.fromkeys(CARD_FIELDS), "title": TITLE, "ubigeo": "150110",
            "experience_years": 5.0}  # fmt: skip
    far = person_attrs({"text": COOK, "ubigeo": "080101", "experience_years": 2, "relocate": True})
    job = job_attrs(card)
    assert fits.where(far, job, ()) == "a más de 50 km"
    assert fits._experience(far, job) == (False, ["Tiene menos experiencia de la que pides."])
    assert fits._band(4.9, fits._KM, "") == "a menos de 5 km"
    assert fits._band(5.0, fits._KM, "") == "de 5 a 10 km"


async def test_what_the_gate_says_is_told_at_once_and_helps(
    village: Village, boss: Browser
) -> None:
    page = await _write(boss, words=f"{WORDS}. {FEE}")
    assert "Este aviso pide dinero o una compra antes de trabajar: no se publicará." in page.words
    assert f"Si no es así, escríbelo así: «{INSTEAD['fee']}»" in page.words
    assert _published(village, Catalogue.jobs) == []
    page = await boss.post("/ofrezco/leimos", {"draft": _value(page, "draft"), "publish": "1"})
    await village.rest()
    page = await boss.get(page.path)
    assert "En revisión." in page.words
    assert "no se publicará" in page.words
    assert "personas para este trabajo" not in page.words
    page = await _write(boss, words="Solo mujeres de buena presencia. Pagamos S/ 1300 al mes")
    assert "Este aviso se publica, pero deja fuera a gente." in page.words
    assert "«vendedor o vendedora»" in page.words


@pytest.mark.parametrize("code", sorted(INSTEAD))
def test_what_is_proposed_passes_the_gate(code: str) -> None:
    job = Job(job_id="a", title="Ayudante", description=INSTEAD[code], employer="E", place="Comas")
    assert vet(job).action == "match"


def test_help_is_for_codes_there_are() -> None:
    assert set(INSTEAD) | set(ADD) <= set(CODES)
    held = vet(Job(job_id="a", title="Cocinera", description=FEE))
    said = told(held)
    assert said is not None
    assert "Yape" not in " ".join((said.headline, *said.wrong, *said.instead))
    assert told(vet(Job(job_id="a", title="Cocinera", employer="E", place="Comas"))) is None


async def test_an_invitation_leaves_contact_to_the_person(village: Village, boss: Browser) -> None:
    page = await _post(boss, employer="Comedor Sol")
    here = page.path
    await village.rest()
    page = await boss.get(here)
    who = _values(page, "who")[0]
    job_id = here.rsplit("/", 1)[1]
    call = pages.CALL.format(job_id=job_id)
    fee = "Deposita 80 soles por Yape antes de la entrevista"
    for wrong in ("", "escribe a https://evil.example", "correo a@b.pe", "evil.xyz", fee):
        page = await boss.post(call, {"who": who, "contact": wrong})
        assert pages.SAY_CONTACT in page.words
    assert _published(village, Catalogue.invitations) == []
    page = await boss.post(call, {"who": "", "contact": "999 111 222"})
    assert pages.CONTACT_KEPT in page.words
    page = await boss.post(call, {"who": who, "contact": "999 111 222"})
    assert pages.ASKED in page.words
    (sent,) = _published(village, Catalogue.invitations)
    assert parse_invitation(sent["profile_id"].encode(), orjson.dumps(sent)).job_id == job_id
    assert (sent["profile_id"], sent["contact"], sent["employer"]) == (
        "dni-40404040", "999 111 222", "Comedor Sol",
    )  # fmt: skip
    assert "Ya le avisamos que quieres que te llame." in page.words
    page = await boss.post(call, {"who": who, "contact": "999 111 222"})
    assert pages.ASKED_BEFORE in page.words
    page = await boss.post(call, {"who": "beatriz-70707070", "contact": "999 111 222"})
    assert pages.GONE in page.words
    assert len(_published(village, Catalogue.invitations)) == 1


async def test_a_wish_that_is_published_again_has_the_id_it_had(
    village: Village, boss: Browser
) -> None:
    page = await _post(boss)
    here, calls = page.path, pages.CALL.format(job_id=page.path.rsplit("/", 1)[1])
    await village.rest()
    who = _values(await boss.get(here), "who")
    owners = Owners(village.context, Signing([KEY]))  # as a worker that has started anew answers
    people.register(owners, village.context, Publisher(village.context))
    for name in who:
        await boss.post(calls, {"who": name, "contact": "999 111 222"})
    for sent in _published(village, Catalogue.invitations):
        said = {**sent, "contact": "888", "at": sent["at"] + 1}
        assert await owners.ask(people.INVITE, sent["profile_id"], invitation=said) == "sent"
    records = list(village.cluster.broker.records(village.context.names.invitations))
    ids: dict[bytes | None, set[bytes]] = {}
    for record in records:
        ids.setdefault(record.key, set()).add(dict(record.headers)["ce_id"])
    assert len(records) == 4
    assert [len(found) for found in ids.values()] == [1, 1]
    assert len(set.union(*ids.values())) == 2


async def test_nobody_is_called_for_an_ad_that_is_not_out(village: Village, boss: Browser) -> None:
    page = await _post(boss)
    here, job_id = page.path, page.path.rsplit("/", 1)[1]
    await village.rest()
    page = await boss.get(here)
    who = _values(page, "who")[0]
    await boss.post(pages.STATE.format(job_id=job_id), {"status": "closed"})
    await village.rest()
    page = await boss.post(pages.CALL.format(job_id=job_id), {"who": who, "contact": "999 111 222"})
    assert pages.NOT_OUT in page.words
    assert _published(village, Catalogue.invitations) == []


async def test_one_ad_invites_only_so_many(village: Village, boss: Browser) -> None:
    page = await _post(boss)
    await village.rest()
    page = await boss.get(page.path)
    call = pages.CALL.format(job_id=page.path.rsplit("/", 1)[1])
    who = _values(page, "who")
    assert who[0] != who[1]
    said = [
        (await boss.post(call, {"who": name, "contact": "999 111 222"})).words
        for name in [who[1]] * calling.AT_ONCE + [who[0]]
    ]
    assert pages.ASKED_BEFORE in said[-2]
    assert pages.ENOUGH in said[-1]
    assert len(_published(village, Catalogue.invitations)) == 1


async def test_close_fill_edit_and_again(village: Village, boss: Browser) -> None:
    page = await _post(boss)
    here, job_id = page.path, page.path.rsplit("/", 1)[1]
    state = pages.STATE.format(job_id=job_id)
    page = await boss.post(state, {"status": "filled"})
    assert "Ya encontraste a alguien." in page.words
    assert "Publicar otra vez" in page.words
    page = await boss.post(state, {"status": "open"})
    assert "Publicado." in page.words
    page = await boss.post(state, {"status": "closed"})
    assert "Cerrado." in page.words
    assert (await boss.post(state, {"status": "deleted"})).status == 400
    await boss.get(here)
    page = await boss.post(pages.EDIT.format(job_id=job_id), {})
    assert "Cambias un aviso" in page.words
    assert f'value="{TITLE}"' in page.text
    assert WORDS in page.words
    page = await _post(boss, "Cocinero o cocinera", WORDS)
    assert page.path == here
    assert "Publicado." in page.words
    versions = _published(village, Catalogue.jobs)
    assert {job["job_id"] for job in versions} == {job_id}
    assert [job["status"] for job in versions] == ["open", "filled", "open", "closed", "open"]
    assert versions[-1]["title"] == "Cocinero o cocinera"
    assert "Guarda tu enlace" not in page.words


async def test_a_link_opens_its_own_ad_and_nothing_else(village: Village, boss: Browser) -> None:
    page = await _post(boss)
    link, here = _link(page), page.path
    other = await village.browser()
    assert (await other.get(here)).status == 403
    page = await other.get(link)
    assert (page.status, page.path) == (200, here)
    page = await other.get(pages.MINE)
    assert TITLE in page.words
    stranger = await village.browser()
    mine = await _post(stranger, "Albañil", "Obra en Comas")
    assert (await stranger.get(here)).status == 403
    for path in (pages.STATE, pages.EDIT, pages.CALL):
        await stranger.get(mine.path)
        there = path.format(job_id=here.rsplit("/", 1)[1])
        page = await stranger.post(there, {"status": "closed", "who": "x", "contact": "999111222"})
        assert page.status == 403
        assert NO_LINK in page.words
    assert (await stranger.get(pages.LIVE.format(job_id=here.rsplit("/", 1)[1]))).status == 403
    assert {job["status"] for job in _published(village, Catalogue.jobs)} == {"open"}


async def test_a_link_opens_for_90_days(
    village: Village, boss: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await _post(boss)
    here, link = page.path, _link(page)
    later = time.time() + LINK_SECONDS + 60
    monkeypatch.setattr("matcher_stream.web.offer.access.time.time", lambda: later)
    assert (await boss.get(here)).status == 403
    other = await village.browser()
    assert (await other.get(link)).status == 403


async def test_an_ad_s_link_is_limited_and_strangers_use_none_of_it(
    village: Village, boss: Browser
) -> None:
    page = await _post(boss)
    link = pages.LINK.format(job_id=page.path.rsplit("/", 1)[1])
    stranger = await village.browser()
    refused = {(await stranger.get(link)).status for _ in range(int(LINK_BURST))}
    assert refused == {403}
    statuses = [(await boss.get(link)).status for _ in range(2 * int(LINK_BURST))]
    assert statuses[: int(LINK_BURST) // 2] == [200] * (int(LINK_BURST) // 2)
    assert set(statuses) == {200, 429}


async def test_an_ad_begins_anew(village: Village, boss: Browser) -> None:
    page = await _post(boss)
    job_id = page.path.rsplit("/", 1)[1]
    (job,) = _published(village, Catalogue.jobs)
    ended = {**job, "posted_at": "2020-01-01", "expires_at": "2020-01-31"}
    village.cluster.publish("jobs", job_id, ended)
    await village.rest()
    page = await boss.get(page.path)
    assert "Venció." in page.words
    page = await boss.post(pages.STATE.format(job_id=job_id), {"status": "open"})
    assert "Publicado." in page.words
    assert "expires_at" not in _published(village, Catalogue.jobs)[-1]
    village.cluster.publish("jobs", job_id, ended)
    await village.rest()
    await boss.post(pages.EDIT.format(job_id=job_id), {})
    assert "Publicado." in (await _post(boss)).words


async def test_forged_links_open_nothing(village: Village, boss: Browser) -> None:
    page = await _post(boss)
    job_id, link = page.path.rsplit("/", 1)[1], _link(page)
    ours, theirs = Signing([KEY]), Signing(["x" * 40])
    other = await village.browser()
    for token in (
        link[3:-2], theirs.ad_link(job_id), ours.link(job_id), job_id, "%0d%0aSet-Cookie:x=y",
        ours.form_token(job_id),
    ):  # fmt: skip
        page = await other.get(f"/a/{token}")
        assert page.status in (403, 404), token
    assert ours.opened(ours.ad_link(job_id)) is None
    assert (await other.get(pages.AD.format(job_id=job_id))).status == 403


async def test_a_publisher_has_their_own_ads_and_no_others(
    make_village: MakeVillage, tmp_path: Path
) -> None:
    path = tmp_path / "tokens"
    made = {name: new_token("publisher", name) for name in ("ong-sol", "ong-luna")}
    tokens = {name: token for name, (token, _) in made.items()}
    path.write_text("\n".join(staff.line for _, staff in made.values()))
    village = await make_village(web_pages="ofrezco", web_tokens=path)
    sol, luna = await village.browser(), await village.browser()
    for browser, name in ((sol, "ong-sol"), (luna, "ong-luna")):
        await browser.get("/entrar")
        assert (await browser.post("/entrar", {"clave": tokens[name]})).path == "/ofrezco"
    page = await _post(sol)
    here = page.path
    assert "ong-sol" not in here
    await village.rest()
    assert (await luna.get(here)).status == 403
    assert TITLE not in (await luna.get(pages.MINE)).words
    again = await village.browser()
    await again.get("/entrar")
    await again.post("/entrar", {"clave": tokens["ong-sol"]})
    assert TITLE in (await again.get(pages.MINE)).words
    assert (await again.get(here)).status == 200


async def test_what_people_write_is_shown_as_they_wrote_it(village: Village, boss: Browser) -> None:
    page = await _post(boss, HOSTILE, HOSTILE, employer=HOSTILE)
    texts = [page]
    await village.rest()
    texts.append(await boss.get(page.path))
    job_id = page.path.rsplit("/", 1)[1]
    texts.append(await boss.post(pages.CALL.format(job_id=job_id), {"contact": HOSTILE}))
    texts.append(await boss.get(pages.MINE))
    texts.append(await boss.get(pages.LINK.format(job_id=job_id)))
    texts.append(await boss.post(pages.EDIT.format(job_id=job_id), {}))
    texts.append(await boss.post("/ofrezco", {"title": HOSTILE, "words": HOSTILE}))
    texts.append(await boss.post("/ofrezco/donde", {"place": HOSTILE}))
    texts.append(await boss.get(pages.CHECK))
    for shown in texts:
        assert "<script>alert" not in shown.text
        assert "<img" not in shown.text
    assert HOSTILE in unescape(texts[1].text)


@pytest.mark.parametrize("host", ['x"><script>', "evil.example/a", "a\tb"])
async def test_a_forged_host_makes_no_link(village: Village, boss: Browser, host: str) -> None:
    page = await _post(boss)
    path = pages.LINK.format(job_id=page.path.rsplit("/", 1)[1])
    page = await boss.get(path, headers={"Host": host})
    assert "<script>" not in page.text.replace('<script src="/estatico', "")
    assert 'href="http://evil' not in page.text


async def test_too_long_is_told_and_two_tabs_do_not_mix(village: Village, boss: Browser) -> None:
    await boss.get("/ofrezco")
    page = await boss.post("/ofrezco", {"title": "x" * 101})
    assert page.status == 400
    page = await _write(boss)
    draft = _value(page, "draft")
    await _write(boss, "Albañil", "Obra")
    page = await boss.post("/ofrezco/leimos", {"draft": draft, "publish": "1"})
    assert pages.ANOTHER in page.words
    assert _published(village, Catalogue.jobs) == []


async def test_lines_are_mended_with_one_tap(village: Village, boss: Browser) -> None:
    await _write(boss)
    page = await _mend(boss, "pay:escrito", amount="S/ 1,500", period="month")
    assert "✓ Pagas S/ 1500 al mes." in page.words
    page = await _mend(boss, "pay:escrito", amount="mil", period="month")
    assert pages.SAY_PAY in page.words
    page = await _mend(boss, "pay:borrar")
    assert "Pagas S/ 1300 al mes." in page.words
    page = await _mend(boss, "pay:quitar")
    assert "¿Cuánto pagas?" in page.words
    assert "1300" not in page.words
    page = await _mend(boss, "licence:none")
    assert "✓ No pides brevete." in page.words
    for wrong in ("nothing:si", "shift:never", "pay:day", "licence:", ":"):
        assert (await _mend(boss, wrong)).status == 200


def test_every_choice_is_a_field_that_is_accepted() -> None:
    for field, choices in _CHOICES.items():
        for choice in choices:
            draft = Draft("Chofer")
            assert mend(draft, field, choice, ("", ""))
            found = {line.field: line for line in lines(draft)}
            assert found[field].stated
            assert found[field].sentence


async def test_every_page_weighs_at_most_30_kb(village: Village, boss: Browser) -> None:
    page = await _write(boss, "Cocinera " * 11, ("Pagamos S/ 1300 al mes. " + FEE) * 15)
    seen = [page, await boss.get("/ofrezco"), await boss.get("/ofrezco/donde")]
    page = await _post(boss)
    await village.rest()
    seen += [await boss.get(page.path), await boss.get(pages.MINE)]
    for shown in seen:
        total = len(shown.text.encode())
        for address in re.findall(r'"(/estatico/[^"]+)"', shown.text):
            total += len((await boss.get(address)).text.encode())
        assert total <= BYTES, shown.path


async def test_a_rejected_ad_says_so(village: Village, boss: Browser) -> None:
    page = await _post(boss, words=f"{WORDS}. {FEE}")
    (job,) = _published(village, Catalogue.jobs)
    await village.rest()
    said = {**decision(job, "reject"), "reviewer": "rosa", "note": "nota para adentro"}
    village.cluster.publish("decisions", job["job_id"], said)
    await village.rest()
    page = await boss.get(page.path)
    assert "No se publicó." in page.words
    assert "nota para adentro" not in page.text
    assert "rosa" not in page.words


def test_a_session_holds_only_so_many_ads() -> None:
    session = Session(None)
    for number in range(access.MOST_ADS + 3):
        access.begin_ad(session, f"ad-{number}")
    access.begin_ad(session, "ad-5")
    access.begin_ad(session, "ended", until=1)
    assert "ended" not in access.opened(session)
    access.begin_ad(session, "ad-6")
    access.begin_ad(session, "ad-5")
    held = list(access.opened(session))
    assert len(held) == access.MOST_ADS - 1  # one made room for the one that had ended
    assert (held[-2], held[-1]) == ("ad-6", "ad-5")
