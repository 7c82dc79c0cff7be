"""What happens around every page: rate, session, permission, form, headers, errors."""

from __future__ import annotations

import asyncio
import logging
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from matcher_stream.config.settings import Settings
from matcher_stream.web.site import entering, problem
from matcher_stream.web.site.config import site_config
from matcher_stream.web.site.roles import new_token
from matcher_stream.web.site.site import LINK_BURST, Site
from matcher_stream.web.site.visit import Visit
from schemas.errors import InvalidSettings
from tests.web.conftest import KEY, Browser, MakeVillage

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


class Notes:
    """A site of two pages: one with a form, one that takes it."""

    def __init__(self) -> None:
        self.taken: list[dict[str, str]] = []

    def serve(self, site: Site) -> None:
        entering.register(site)
        site.get("/nota", self.show)
        site.post("/nota", self.take, form_bytes=2000)
        site.get("/mia", self.show, needs=("person",))
        site.get("/solo", self.show, needs=("operator", "reviewer"))
        site.get("/falla", self.fail)
        site.get("/soy/{name}", self.become)

    async def show(self, visit: Visit) -> web.StreamResponse:
        return visit.page("entrar.html")

    async def take(self, visit: Visit) -> web.StreamResponse:
        self.taken.append(dict(visit.form))
        return visit.go("/nota", visit.form.text("words", 100))

    async def fail(self, visit: Visit) -> web.StreamResponse:
        raise RuntimeError("vivo en la calle tal")

    async def become(self, visit: Visit) -> web.StreamResponse:
        visit.session.begin_person(visit.request.match_info["name"], 2**40)
        return visit.go("/mia")


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
async def browser(make_village: MakeVillage, notes: Notes) -> Browser:
    return await (await make_village(notes.serve)).browser()


def _safe(headers: Any) -> None:
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/nota", "/solo", "/mia", "/nada", "/falla", "/%00", "/nota/x"])
async def test_every_answer_has_the_headers_and_is_not_kept(browser: Browser, path: str) -> None:
    page = await browser.get(path)
    _safe(page.answer.headers)
    assert page.answer.headers["Cache-Control"] == "no-store"
    assert "<h1>" in page.text


async def test_files_are_kept_for_ever_under_an_address_of_their_content(browser: Browser) -> None:
    page = await browser.get("/nota")
    addresses = [part.split('"')[0] for part in page.text.split('"/estatico/')[1:]]
    assert len(addresses) == 3
    for address in addresses:
        file = await browser.get(f"/estatico/{address}")
        assert file.status == 200
        assert "immutable" in file.answer.headers["Cache-Control"]
        _safe(file.answer.headers)


@pytest.mark.parametrize(
    "path",
    [
        "/estatico/../../../etc/passwd", "/estatico/%2e%2e/%2e%2e/setup.cfg", "//etc/passwd",
        "/estatico/sitio.css", "/templates/base.html", "/nota/../interno/pregunta", "/table/people",
        "/interno/pregunta", "/router/", "/graph", "/busco%0d%0aX-Evil:1",
    ],
)  # fmt: skip
async def test_tricks_with_paths_show_nothing(browser: Browser, path: str) -> None:
    reader, writer = await asyncio.open_connection(browser.client.host, browser.client.port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    assert int(head.split()[1]) in (400, 404, 405)
    assert b"x-evil" not in head.lower()
    assert b"root:" not in body
    assert b"[metadata]" not in body


async def test_a_form_of_ours_is_taken_once_shown(browser: Browser, notes: Notes) -> None:
    await browser.get("/nota")
    page = await browser.post("/nota", {"words": "hola ñandú"})
    assert notes.taken == [{"words": "hola ñandú"}]
    assert (page.status, page.path) == (200, "/nota")
    assert "hola ñandú" in page.words
    assert "hola" not in (await browser.get("/nota")).words


async def test_what_was_written_is_escaped(browser: Browser) -> None:
    await browser.get("/nota")
    page = await browser.post("/nota", {"words": HOSTILE})
    assert "<script>alert" not in page.text
    assert "<img" not in page.text
    assert HOSTILE in page.words or "alert(1)" in page.words


async def test_a_form_that_is_not_ours_is_refused(
    browser: Browser, notes: Notes, make_village: MakeVillage
) -> None:
    await browser.get("/nota")
    for token in ("", "x", "ñ", "a" * 500):
        assert (await browser.post("/nota", {"form_token": token})).status == 403
        await browser.get("/nota")
    other = await (await make_village(Notes().serve)).browser()
    page = await other.get("/nota")  # another session's token, the same keys
    theirs = page.text.split('name="form_token" value="')[1].split('"')[0]
    assert (await browser.post("/nota", {"form_token": theirs})).status == 403
    assert notes.taken == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"}, {"Origin": "null"},
    ],
)  # fmt: skip
async def test_a_form_sent_from_another_site_is_refused(
    browser: Browser, notes: Notes, headers: dict[str, str]
) -> None:
    await browser.get("/nota")
    assert (await browser.post("/nota", {"words": "x"}, headers=headers)).status == 403
    assert notes.taken == []


async def test_a_form_sent_from_here_says_so_or_nothing(browser: Browser, notes: Notes) -> None:
    await browser.get("/nota")
    host = f"http://{browser.client.host}:{browser.client.port}"
    for headers in ({"Sec-Fetch-Site": "same-origin", "Origin": host}, {}):
        assert (await browser.post("/nota", {"words": "x"}, headers=headers)).status == 200
    assert len(notes.taken) == 2


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"a=" + b"x" * 3000, "application/x-www-form-urlencoded", 413),
        (b"&".join(b"a=1" for _ in range(100)), "application/x-www-form-urlencoded", 400),
        (b"a=%00", "application/x-www-form-urlencoded", 400),
        (b"a=%FF", "application/x-www-form-urlencoded", 400),
        (b"a=\xff", "application/x-www-form-urlencoded", 400),
        (b'{"a": 1}', "application/json", 415),
        (b"--b\r\n\r\nx\r\n--b--", "multipart/form-data; boundary=b", 415),
        (b"a=1", "application/x-www-form-urlencoded", 403),
    ],
)
async def test_a_form_that_cannot_be_read_is_refused(
    browser: Browser, notes: Notes, body: bytes, kind: str, status: int
) -> None:
    await browser.get("/nota")
    async with browser.client.post("/nota", data=body, headers={"Content-Type": kind}) as answer:
        assert answer.status == status
        assert "<h1>No se pudo</h1>" in await answer.text()
    assert notes.taken == []


async def test_a_huge_form_that_hides_its_length_is_refused(browser: Browser) -> None:
    async def chunks() -> Any:
        for _ in range(100):
            yield b"a=1&" * 1000

    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    async with browser.client.post("/nota", data=chunks(), headers=kind) as answer:
        assert answer.status == 413


@pytest.mark.parametrize("cookie", ["x", "e30.x.y", "ñ", "a" * 3000, '"'])
async def test_a_forged_session_is_a_new_visitor(browser: Browser, cookie: str) -> None:
    headers = {"Cookie": f"matcher={cookie}"}
    page = await browser.get("/mia", headers=headers)
    assert page.status == 403
    assert problem.NO_LINK in page.words


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(browser: Browser) -> None:
    page = await browser.get("/nota")
    (cookie,) = SimpleCookie(page.answer.headers["Set-Cookie"]).values()
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert not cookie["max-age"]
    assert not cookie["expires"]


async def test_over_https_cookies_are_for_https_and_one_host(
    make_village: MakeVillage, notes: Notes
) -> None:
    village = await make_village(notes.serve, web_public_url="https://trabajo.example/")
    page = await (await village.browser()).get("/nota")
    (cookie,) = SimpleCookie(page.answer.headers["Set-Cookie"]).values()
    assert cookie.key == "__Host-matcher"
    assert cookie["secure"]
    assert "Strict-Transport-Security" in page.answer.headers


async def test_who_asks_too_often_waits(make_village: MakeVillage, notes: Notes) -> None:
    browser = await (await make_village(notes.serve, web_rate=1.0)).browser()
    statuses = [(await browser.get("/nota")).status for _ in range(14)]
    assert statuses[:10] == [200] * 10
    assert set(statuses[10:]) == {429}
    assert browser.page is not None
    assert problem.TOO_FAST in browser.page.words
    assert int(browser.page.answer.headers["Retry-After"]) >= 1
    assert (await browser.get("/nada")).status == 429  # looking for pages counts too


async def test_a_link_is_limited_whatever_address_it_is_opened_from(browser: Browser) -> None:
    await browser.get("/soy/ana")
    statuses = [(await browser.get("/mia")).status for _ in range(2 * int(LINK_BURST))]
    assert set(statuses) == {200, 429}
    assert (await browser.get("/soy/eva")).status in (200, 429)


async def test_only_a_proxy_that_is_named_is_believed(
    make_village: MakeVillage, notes: Notes
) -> None:
    alone = await (await make_village(notes.serve, web_rate=0.1)).browser()
    behind = await (
        await make_village(Notes().serve, web_rate=0.1, web_proxies="127.0.0.0/8, 10.0.0.1")
    ).browser()
    for who, last in ((alone, 429), (behind, 200)):
        for i in range(3):
            headers = {"X-Forwarded-For": f"9.9.9.9, 192.0.2.{i}, 10.0.0.1"}
            page = await who.get("/nota", headers=headers)
        assert page.status == last
    for _ in range(2):  # what the visitor itself wrote before the proxy's word counts nothing
        headers = {"X-Forwarded-For": f"{'evil,' * 1000} 192.0.2.1"}
        page = await behind.get("/nota", headers=headers)
    assert page.status == 429


async def test_an_error_tells_nobody_what_it_was_about(
    browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        page = await browser.get("/falla")
    assert page.status == 500
    assert problem.BROKEN in page.words
    assert "calle" not in page.text + caplog.text
    assert "RuntimeError in fail" in caplog.text


async def test_a_token_opens_what_its_role_may_see_until_it_is_revoked(
    make_village: MakeVillage, notes: Notes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "tokens"
    token, staff = new_token("reviewer", "rosa")
    wrong, publisher = new_token("publisher", "pedro")
    path.write_text(f"{staff.line}\n{publisher.line}\n")
    monkeypatch.setattr("matcher_stream.web.site.roles._LOOK_SECONDS", 0.0)
    village = await make_village(notes.serve, web_tokens=path)
    browser, other = await village.browser(), await village.browser()
    page = await browser.get("/solo")
    assert page.path == "/entrar"
    assert entering.WRONG in (await browser.post("/entrar", {"clave": "x"})).words
    await browser.post("/entrar", {"clave": token})
    page = await browser.get("/solo")
    assert (page.status, page.path) == (200, "/solo")
    assert "Entraste como rosa" in page.words
    await other.get("/entrar")
    await other.post("/entrar", {"clave": wrong})
    assert (await other.get("/solo")).status == 403
    path.write_text(f"{publisher.line}\n")
    assert (await browser.get("/solo")).path == "/entrar"


async def test_who_leaves_is_nobody(browser: Browser) -> None:
    await browser.get("/soy/ana")
    await browser.post("/salir", {})
    assert (await browser.get("/mia")).status == 403


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"web_pages": "busco,nada"}, "'nada' is none of"),
        ({"web_pages": "busco", "web_keys": ""}, "32 characters"),
        ({"web_pages": "busco", "web_keys": f"{KEY},short"}, "32 characters"),
        ({"web_proxies": "somewhere"}, "MATCHER_WEB_PROXIES"),
        ({"web_public_url": "trabajo.example"}, "MATCHER_WEB_PUBLIC_URL"),
        ({"web_explainers": "http://a:1,b:2"}, "MATCHER_WEB_EXPLAINERS"),
    ],
)
def test_settings_of_pages_that_cannot_be_used_are_told(
    settings: dict[str, Any], says: str
) -> None:
    with pytest.raises(InvalidSettings, match=says):
        site_config(Settings(**{"web_keys": KEY, **settings}))
