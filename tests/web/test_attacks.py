"""Who means ill: every form and every address of every page, with all rights but the one it takes.

What busco alone does is in test_seek.py, and what stands around pages in test_site.py.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Iterable
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import orjson
import pytest

from matcher_stream.config.catalogue import INPUTS, Catalogue, InputTopic
from matcher_stream.web.offer import ad as ad_page
from matcher_stream.web.offer import pages as offer
from matcher_stream.web.review import pages as review
from matcher_stream.web.review import past
from matcher_stream.web.seek import pages as seek
from matcher_stream.web.site import owners
from matcher_stream.web.site.config import PAGES
from matcher_stream.web.site.roles import ROLES, new_token
from matcher_stream.web.site.signing import LINK_SECONDS, Signing, new_id
from schemas.errors import InputError
from tests.support.harness.village import COOK, ad, decision, profile
from tests.web.conftest import KEY, NEVER, Browser, MakeVillage, Page, Village

HOSTILE: Final = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*191919}}"
BREAKS: Final = "x\r\nX-Evil: 1\r\nSet-Cookie: evil=1\r\n\r\n<b>"
FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}
FEE: Final = "Deposita S/ 80 por Yape antes de la entrevista."
#: What a form of each address holds where it is used as it should be.
FIELDS: Final[dict[str, dict[str, str]]] = {
    seek.START: {"words": "cocino"}, seek.WHERE: {"place": "Comas"}, seek.READ: {},
    seek.ANSWER: {"say": "applied::1:cocina", "revision": "1"}, seek.EDIT: {}, seek.PAUSE: {},
    seek.ERASE: {}, offer.START: {"title": "Cocinera"}, offer.WHERE: {"ubigeo": "150110"},
    offer.CHECK: {"publish": "1"}, offer.STATE: {"status": "closed"}, offer.EDIT: {},
    offer.CALL: {"who": "x", "contact": "999 111 222"},
    review.DECIDE: {"job_id": "taxi", "content": "0", "seen": "-1", "say": "release"},
    review.CHOOSE: {"job_id": "taxi"}, "/probar": {"tema": "profiles", "evento": "{}"},
    "/entrar": {"clave": "x"}, "/salir": {},
}  # fmt: skip


class Tags(HTMLParser):
    """What a page's HTML does: names of elements, names of attributes, and where scripts are."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.scripts: set[str | None] = set()
        self.addresses: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}
        given = dict(attrs)
        self.addresses |= {given.get(name) or "" for name in ("href", "action", "src")}
        if tag == "script":
            self.scripts.add(given.get("src"))


def _harmless(page: Page) -> None:
    tags = Tags(page.text)
    assert not tags.elements & {"img", "iframe", "object", "b8", "style"}, page.path
    assert not {name for name in tags.attributes if name.startswith("on")}, page.path
    assert all(src and src.startswith("/estatico/") for src in tags.scripts), page.path
    assert not {a for a in tags.addresses if a.lower().startswith(("javascript:", "data:"))}
    assert "1343433" not in page.text, page.path
    assert not {"X-Evil", "x-evil"} & set(page.answer.headers)
    assert "evil=" not in page.answer.headers.get("Set-Cookie", "")


class Town:
    """A village with all pages, and somebody in each role.

    Attributes:
        village: The worker.
        ana: Looks for work; `link` opens her list.
        boss: Has an ad out, and is nobody else.
        job_id: That ad.
        staff: By role.
    """

    def __init__(self, village: Village, tokens: dict[str, str], file: Path) -> None:
        self.village, self.tokens, self.file = village, tokens, file
        self.staff: dict[str, Browser] = {}
        self.link = self.job_id = self.ad_link = ""

    async def open(self) -> None:
        self.village.cluster.publish("jobs", "cocina", ad("cocina"))
        self.village.cluster.publish("jobs", "taxi", ad("taxi", 1))
        await self.village.rest()
        self.ana, self.boss = await self.village.browser(), await self.village.browser()
        page = await seek_work(self.ana, COOK)
        self.link = _first(r'"http://[^"/]+(/m/[^"]+)"', page.text)
        page = await post_ad(self.boss, "Cocinera de menú", "Se cocina menú y sopas")
        self.job_id = page.path.rsplit("/", 1)[1]
        self.ad_link = _first(r'"http://[^"/]+(/a/[^"]+)"', page.text)
        for role, token in self.tokens.items():
            self.staff[role] = await self.enter(token)
        await self.village.rest()

    async def enter(self, token: str) -> Browser:
        browser = await self.village.browser()
        await browser.get("/entrar")
        await browser.post("/entrar", {"clave": token})
        return browser

    def published(self) -> dict[str, int]:
        """How many records each input topic has."""
        broker, names = self.village.cluster.broker, self.village.context.names
        return {name: len(list(broker.records(names.of(topic)))) for name, topic in INPUTS.items()}

    def values(self, topic: InputTopic) -> list[dict[str, Any]]:
        records = self.village.cluster.broker.records(self.village.context.names.of(topic))
        return [orjson.loads(record.value) for record in records if record.value]

    def routes(self, method: str) -> list[str]:
        """Every address of pages, with our ad in it."""
        router = self.village.context.app.web.web_app.router
        paths = {route.resource.canonical for route in router.routes() if route.method == method}
        return sorted(paths - {owners.PATH} - {path for path in paths if "/estatico/" in path})

    def whose(self, path: str) -> Browser:
        """Who may use an address."""
        if path.startswith("/revisar"):
            return self.staff["reviewer"]
        if path.startswith("/ofrezco"):
            return self.boss
        return self.staff["operator"] if path in ("/", "/vivo/cambios") else self.ana

    def at(self, path: str) -> str:
        return path.format(job_id=self.job_id, token="x.y.z", name="x")


def _first(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found is not None, text[:500]
    return unescape(found[1])


async def seek_work(browser: Browser, words: str, place: str = "Comas, Lima") -> Page:
    await browser.get(seek.START)
    await browser.post(seek.START, {"words": words})
    page = await browser.post(seek.WHERE, {"place": place})
    if page.path == seek.WHERE:
        await browser.post(seek.WHERE, {"ubigeo": "150110"})
    return await browser.post(seek.READ, {})


async def post_ad(browser: Browser, title: str, words: str, **fields: str) -> Page:
    await browser.get(offer.START)
    await browser.post(offer.START, {"title": title, "words": words, **fields})
    page = await browser.post(offer.WHERE, {"ubigeo": "150110"})
    draft = _first(r'name="draft" value="([^"]+)"', page.text)
    return await browser.post(offer.CHECK, {"draft": draft, "publish": "1"})


@pytest.fixture
async def town(make_village: MakeVillage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Town:
    monkeypatch.setattr(ad_page, "WAIT_SECONDS", NEVER)
    monkeypatch.setattr(past, "FRESH_SECONDS", 0.0)
    monkeypatch.setattr("matcher_stream.web.site.roles._LOOK_SECONDS", 0.0)
    monkeypatch.setattr("matcher_stream.web.site.site.LINK_BURST", 10_000.0)
    made = {role: new_token(role, role) for role in ROLES}
    file = tmp_path / "tokens"
    file.write_text("\n".join(staff.line for _, staff in made.values()))
    village = await make_village(web_pages=",".join(PAGES), web_tokens=file, web_rate=100_000.0)
    town = Town(village, {role: token for role, (token, _) in made.items()}, file)
    await town.open()
    return town


async def test_every_form_is_one_that_is_attacked_here(town: Town) -> None:
    assert set(town.routes("POST")) == set(FIELDS)
    assert len(town.routes("GET")) > 20


async def _token(browser: Browser) -> str:
    """The token of the forms of this visitor's session."""
    return _first(r'name="form_token" value="([^"]+)"', (await browser.get("/entrar")).text)


async def test_no_form_is_taken_from_elsewhere_or_without_its_token(town: Town) -> None:
    before = town.published()
    theirs = await _token(town.staff["publisher"])
    for path, fields in FIELDS.items():
        browser = town.whose(path)
        good = await _token(browser)
        for token, headers in (
            (good, {"Sec-Fetch-Site": "cross-site"}), (good, {"Sec-Fetch-Site": "same-site"}),
            (good, {"Origin": "https://evil.example"}), (good, {"Origin": "null"}),
            (theirs, {}), ("", {}), (good[:-1], {}),
        ):  # fmt: skip
            sent = {**fields, "form_token": token}
            page = await browser.post(town.at(path), sent, headers=headers)
            assert page.status == 403, (path, token, headers)
        stranger = await town.village.browser()  # the token without its session
        await stranger.get("/entrar")
        async with stranger.client.post(
            town.at(path), data={**fields, "form_token": good}, allow_redirects=False
        ) as answer:
            assert answer.status == 403, path
    assert town.published() == before


async def test_no_form_is_taken_that_is_huge_or_no_form(town: Town) -> None:
    before = town.published()

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(300):
            yield b"a=1&" * 1000

    for path in FIELDS:
        browser, here = town.whose(path), town.at(path)
        many = b"&".join(b"a%d=1" % number for number in range(200))
        for body, kind, status in (
            (b"words=" + b"x" * 300_000, FORM, 413), (chunks(), FORM, 413), (many, FORM, 400),
            (b"a=%00", FORM, 400), (b"a=%ff", FORM, 400),
            (b'{"a": 1}', {"Content-Type": "application/json"}, 415),
            (b"--b\r\n\r\nx\r\n--b--", {"Content-Type": "multipart/form-data; boundary=b"}, 415),
        ):  # fmt: skip
            async with browser.client.post(here, data=body, headers=kind) as answer:
                assert answer.status == status, (path, kind)
    assert town.published() == before


async def test_what_others_have_is_not_opened_by_what_one_has(town: Town) -> None:
    """Every page with a person's, an employer's and each role's session, but the right one."""
    before = town.published()
    everybody = {"ana": town.ana, "boss": town.boss, **town.staff}
    eva = await town.village.browser()
    await post_ad(eva, "Albañil", "Obra en Comas")
    before = town.published()
    for path, roles in (
        (seek.LIST, {"ana"}), (seek.LIVE, {"ana"}), (seek.LINK, {"ana"}), (seek.ERASE, {"ana"}),
        (seek.JOB, {"ana"}), (offer.AD, {"boss"}), (offer.LINK, {"boss"}), (offer.LIVE, {"boss"}),
        (review.NEXT, {"reviewer"}), (review.PAST, {"reviewer"}), ("/", {"operator"}),
        ("/vivo/cambios", {"operator"}), ("/porque", {"ana", "operator"}),
    ):  # fmt: skip
        for name, browser in {**everybody, "eva": eva}.items():
            if name in roles:
                continue
            page = await browser.get(town.at(path))
            assert page.status == 403 or page.path == "/entrar", (path, name)
            assert "Se cocina menú" not in page.text, (path, name)
    for path in (offer.STATE, offer.EDIT, offer.CALL):
        await eva.get(offer.START)
        assert (await eva.post(town.at(path), FIELDS[path])).status == 403
    for name in ("publisher", "operator"):
        browser = town.staff[name]
        await browser.get("/entrar")
        for path in (review.DECIDE, review.CHOOSE):
            assert (await browser.post(path, FIELDS[path])).status == 403
    assert town.published() == before


async def test_forged_and_foreign_links_open_nothing(town: Town) -> None:
    ours, theirs = Signing([KEY]), Signing(["x" * 40])
    person = town.values(Catalogue.profiles)[0]["profile_id"]
    stamp = town.ad_link.rsplit(".", 2)[1]
    for kind, tokens in (
        ("/a/", (town.ad_link[3:-2], theirs.ad_link(town.job_id), ours.link(town.job_id),
                 town.link[3:], f"{new_id()}.{stamp}.{town.ad_link.rsplit('.', 1)[1]}",
                 ours.form_token(town.job_id), town.job_id, "%0d%0aX-Evil:1", "a" * 5000)),
        ("/m/", (town.link[3:-2], theirs.link(person), ours.ad_link(person), town.ad_link[3:],
                 person)),
    ):  # fmt: skip
        for token in tokens:
            stranger = await town.village.browser()
            page = await stranger.get(kind + token)
            assert page.status in (400, 403, 404), (kind, token)
            assert (await stranger.get(town.at(offer.AD))).status == 403
            assert (await stranger.get(seek.LIST)).status == 403


async def test_links_and_sessions_end(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + LINK_SECONDS + 60)
    before = town.published()
    for link in (town.link, town.ad_link):
        assert (await (await town.village.browser()).get(link)).status == 403
    for browser, path in ((town.ana, seek.LIST), (town.boss, offer.AD)):
        assert (await browser.get(town.at(path))).status == 403
    assert (await town.staff["reviewer"].get(review.NEXT)).path == "/entrar"
    monkeypatch.undo()
    assert town.published() == before


async def test_a_token_that_is_revoked_decides_nothing(town: Town) -> None:
    reviewer = town.staff["reviewer"]
    page = await reviewer.get(review.NEXT)
    assert page.status == 200
    town.file.write_text("")
    said = {name: _first(rf'name="{name}" value="([^"]*)"', page.text)
            for name in ("form_token", "job_id", "content", "seen")}  # fmt: skip
    page = await reviewer.post(review.DECIDE, {**said, "say": "release"})
    assert page.path == "/entrar"
    assert town.values(Catalogue.decisions) == []


async def test_a_form_sent_twice_does_once(town: Town) -> None:
    eva, reviewer = await town.village.browser(), town.staff["reviewer"]
    await eva.get(offer.START)
    await eva.post(offer.START, {"title": "Albañil", "words": "Asienta ladrillo"})
    page = await eva.post(offer.WHERE, {"ubigeo": "150110"})
    sent = {name: _first(rf'name="{name}" value="([^"]+)"', page.text)
            for name in ("form_token", "draft")}  # fmt: skip
    before = town.published()
    for _ in range(3):
        await eva.post(offer.CHECK, {**sent, "publish": "1"})
    assert town.published()["jobs"] == before["jobs"] + 1
    page = await reviewer.get(review.NEXT)
    said = {name: _first(rf'name="{name}" value="([^"]*)"', page.text)
            for name in ("form_token", "job_id", "content", "seen")}  # fmt: skip
    for _ in range(3):
        await reviewer.post(review.DECIDE, {**said, "say": "reject"})
        await town.village.rest()
    assert len(town.values(Catalogue.decisions)) == 1
    page = await town.boss.get(town.at(offer.AD))
    who = _first(r'name="who" value="([^"]+)"', page.text)
    for _ in range(3):
        await town.boss.post(town.at(offer.CALL), {"who": who, "contact": "999 111 222"})
    assert len(town.values(Catalogue.invitations)) == 1


def _hostile(topic: InputTopic, said: dict[str, Any]) -> dict[str, Any]:
    """An event with every field that takes a text, alone or in a list, hostile."""
    key = said[topic.key].encode()
    for name in topic.event.model_fields:
        for value in (HOSTILE, [HOSTILE]):
            changed = {**said, name: value}
            if name not in said and _accepted(topic, key, changed):
                said = changed
    return said


def _accepted(topic: InputTopic, key: bytes, event: dict[str, Any]) -> bool:
    try:
        topic.parse(key, orjson.dumps(event))
    except InputError:
        return False
    return True


async def _crawl(town: Town, people: Iterable[str], jobs: Iterable[str]) -> list[Page]:
    """Every page that shows what others wrote."""
    await town.village.rest()
    ana, boss = town.ana, town.boss
    page = await ana.get(seek.LIST)
    found = [page, *[await ana.get(path) for path in re.findall(r'"(/busco/trabajo/[^"]+)"',
                                                                page.text)]]  # fmt: skip
    found += [await boss.get(town.at(offer.AD)), await boss.get(offer.MINE)]
    reviewer, operator = town.staff["reviewer"], town.staff["operator"]
    for job_id in jobs:
        await reviewer.get(review.NEXT)
        found.append(await reviewer.post(review.CHOOSE, {"job_id": job_id}))
        for person in people:
            asked = f"?persona={quote(person, safe='')}&trabajo={quote(job_id, safe='')}"
            found.append(await operator.get("/porque" + asked))
    return [*found, await reviewer.get(review.PAST), await operator.get("/")]


async def test_no_text_of_an_event_is_markup(town: Town) -> None:
    """Every text field of every input, hostile, on every page that shows events."""
    sly, publish = f'a"><b8 {HOSTILE}'[:60], town.village.cluster.publish
    fair = _hostile(Catalogue.jobs, ad("cocina", job_id=sly, title=f"Cocinera de menú {HOSTILE}"))
    held = _hostile(Catalogue.jobs, ad("taxi", job_id="held", title=f"Taxi {HOSTILE}",
                                       description=f"{FEE} {HOSTILE}"))  # fmt: skip
    person = _hostile(Catalogue.profiles, profile(sly, f"{COOK} {HOSTILE}"))
    for said in (fair, held, person):
        assert sum(HOSTILE in str(value) for value in said.values()) >= 3, said
    publish("jobs", sly, fair)
    publish("jobs", "held", held)
    publish("profiles", sly, person)
    await town.village.rest()
    noted = {**decision(held, "reject"), "reviewer": HOSTILE, "note": HOSTILE}
    publish("decisions", "held", noted)
    publish("profiles", f"{sly}2", f"{{{HOSTILE}".encode())  # refused: its letter is shown
    found = await _crawl(town, ("held", sly), (sly, "held"))
    assert sum(HOSTILE in unescape(page.text) for page in found) >= 5
    for page in found:
        assert page.status == 200, page.path
        _harmless(page)


async def test_no_text_of_a_form_is_markup_or_a_header(town: Town) -> None:
    """Every field of every form, hostile, with all that is said of it afterwards."""
    names = ("words", "place", "ubigeo", "mend", "say", "revision", "title", "employer", "draft",
             "amount", "period", "status", "who", "contact", "job_id", "content", "seen", "note",
             "tema", "llave", "evento", "clave", "publish", "skip", "again", "new")  # fmt: skip
    for evil in (HOSTILE, BREAKS, f"a:{BREAKS}", f"applied::1:{BREAKS}", f"pay:{HOSTILE}"):
        for path, fields in FIELDS.items():
            if path in (seek.ERASE, "/salir"):
                continue  # they end the session that others need
            browser = town.whose(path)
            good = await _token(browser)
            for name in names:
                if name not in fields and name not in ("mend", "note", "place", "employer"):
                    continue
                sent = {**fields, name: evil, "form_token": good}
                page = await browser.post(town.at(path), sent)
                assert page.status < 500, (path, name)
                _harmless(page)
    for event in (*town.values(Catalogue.feedback), *town.values(Catalogue.invitations)):
        assert "X-Evil" not in str(event)
    assert town.values(Catalogue.decisions) == []


async def test_a_publisher_opens_only_ids_that_were_made_here(town: Town) -> None:
    publisher = town.staff["publisher"]
    mark = Signing([KEY]).marks("publisher")[0]
    before = town.published()
    for name in (f"{mark}x", f"{mark}%0d%0aX-Evil:%201", f"{mark}..%2f..%2fmetrics", f"{mark}ñ",
                 f"{mark}%3Cscript%3E", mark + "x" * 5000):  # fmt: skip
        for path in (offer.AD, offer.LINK, offer.LIVE):
            page = await publisher.get(path.format(job_id=name))
            assert page.status in (400, 403, 404), (path, name)
            _harmless(page)
        await publisher.get("/entrar")
        page = await publisher.post(offer.STATE.format(job_id=name), {"status": "closed"})
        assert page.status in (400, 403, 404)
    assert town.published() == before


TRICKS: Final = (
    "/ofrezco/aviso/../../interno/pregunta", "/ofrezco/aviso/..%2f..%2f..%2fetc%2fpasswd",
    "/ofrezco/aviso/%00", "/ofrezco/aviso/%ff", "/ofrezco/aviso/%0d%0aX-Evil:1", "/a/%2e%2e",
    "/a/..%2f..%2fetc%2fpasswd", "/a/%0d%0aX-Evil:1", "/a/" + "x" * 6000, "/ofrezco//aviso/x",
    "/revisar/../interno/pregunta", "/revisar/..%2finterno%2fpregunta", "/revisar//decisiones",
    "/revisar/decidir", "/revisar/%2e%2e/metrics", "/REVISAR", "/revisar/decisiones/",
    "/busco/trabajo/..%2f..%2fmetrics", "/busco/trabajo/%0d%0aX-Evil:1", "//evil.example/a/b",
    "/vivo/guia/../../../setup.cfg",
)  # fmt: skip


async def test_tricks_with_paths_show_nothing(town: Town) -> None:
    client = town.boss.client
    jar = "; ".join(f"{cookie.key}={cookie.value}" for cookie in client.session.cookie_jar)
    for path in TRICKS:
        reader, writer = await asyncio.open_connection(client.host, client.port)
        asked = f"GET {path} HTTP/1.1\r\nHost: x\r\nCookie: {jar}\r\nConnection: close\r\n\r\n"
        writer.write(asked.encode())
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        await writer.wait_closed()
        assert int(head.split()[1]) in (303, 400, 403, 404, 405), path
        assert b"x-evil" not in head.lower(), path
        for secret in (b"root:", b"[metadata]", b"matcher_processed", b"# HELP"):
            assert secret not in body, path
