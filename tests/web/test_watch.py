"""`/`: what every worker tells, together; what is not known reads so."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from matcher_stream.web.site.templates import Templates, static_files
from matcher_stream.web.watch.explainers import Explainers
from matcher_stream.web.watch.pages import FLOW, GUIDE
from matcher_stream.web.watch.sampling import (
    Sampler,
    buckets,
    by,
    quantile,
    share_within,
    total,
)
from matcher_stream.web.watch.whole import whole
from tests.support.harness.village import ad, profile
from tests.web.conftest import Browser, MakeVillage, Village

RUNBOOK = (Path(__file__).parents[2] / "docs" / "runbook.md").read_text()
#: Of the runbook, as links name them.
SECTIONS = {line[3:].lower() for line in RUNBOOK.splitlines() if line.startswith("## ")}
TOKEN = "clave-de-operador-0123456789"


class Registry:
    """A registry with a clock of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.done = Counter("done", "Done.", ["agent"], registry=self.registry)
        self.held = Gauge("held", "Held.", registry=self.registry)
        self.took = Histogram("took", "Took.", registry=self.registry, buckets=(1, 2, 4))
        self.now = 0.0
        names = ("done", "held", "took")
        self.sampler = Sampler(self.registry, names, lambda: self.now)

    def after(self, seconds: float) -> None:
        self.now += seconds
        self.sampler.take()


def test_growth_is_of_the_last_minute_only() -> None:
    told = Registry()
    told.done.labels("a").inc(100)
    told.after(0)
    told.done.labels("a").inc(6)
    told.after(30)
    told.done.labels("b").inc(4)
    told.after(30)
    assert by(told.sampler.grown("done_total"), "agent") == {"a": 6, "b": 4}
    told.after(30)
    assert by(told.sampler.grown("done_total"), "agent") == {"a": 0, "b": 4}
    assert told.sampler.seconds == 60
    told.held.set(7)
    told.after(1)
    assert total(told.sampler.now("held")) == 7


def test_nothing_is_known_before_the_second_sample() -> None:
    told = Registry()
    told.done.labels("a").inc()
    assert told.sampler.now("done_total") == {}
    told.after(0)
    assert told.sampler.grown("done_total") == {}
    assert told.sampler.seconds == 0


def test_quantiles_are_within_their_bucket() -> None:
    told = Registry()
    told.after(0)
    for value in (0.5, 0.5, 1.5, 1.5, 3, 3, 3, 3, 9, 9):
        told.took.observe(value)
    told.after(10)
    held = buckets(told.sampler.grown("took_bucket"))
    assert quantile(held, 0.2) == pytest.approx(1.0)
    assert quantile(held, 0.3) == pytest.approx(1.5)
    assert quantile(held, 0.6) == pytest.approx(3.0)
    assert quantile(held, 0.99) == 4.0
    assert share_within(held, 2.0) == pytest.approx(0.4)
    assert quantile([], 0.5) is None
    assert share_within([(1.0, 0.0)], 1.0) is None


def _told(**changes: Any) -> dict[str, Any]:
    step = {"done": 60.0, "lag": 0.0, "age": 0.0, "prepare": 0.1, "apply": 0.2}
    return {
        "phase": "working", "partitions": [0, 1], "seconds": 60.0,
        "agents": {"profiles": step, "candidates": step}, "latency": [[1.0, 9], [2.0, 10],
        [None, 10]], "loop": [[0.1, 10], [None, 10]], "refused": {}, "letters": [], "ads": {},
        "held": 0.0, "held_age": 0.0, "people": 5.0, "jobs": 3.0, "lists": 0.0, "start": {},
        "restarts": {}, "versions": {}, "explainers": {}, **changes,
    }  # fmt: skip


def test_workers_add_up() -> None:
    busy = {"profiles": {"done": 60.0, "lag": 7.0, "age": 3.0, "prepare": 0.4, "apply": 0.1}}
    found = whole({"a": _told(), "b": _told(partitions=[2, 3], agents=busy)}, 4)
    profiles = found.steps["profiles"]
    assert (profiles.rate, profiles.lag, profiles.age, profiles.busy) == (2.0, 7, 3.0, 0.4)
    assert found.owners == ["a", "a", "b", "b"]
    assert (found.people, found.jobs) == (10, 3)
    assert found.within == 1.0
    assert found.slow == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"agents": {"profiles": {"done": 0.0, "lag": 9.0, "age": 40.0}}}, "espera 40 s"),
        ({"agents": {"profiles": {"done": 1.0, "prepare": 0.97, "apply": 0.1}}}, "97 %"),
        ({"latency": [[2.0, 8], [10.0, 10], [None, 10]]}, "20 % de las respuestas"),
        ({"phase": "recovering", "partitions": [], "recovering": 77}, "faltan 77 registros"),
        ({"phase": "loading"}, "carga el modelo"),
        ({"lists": 33_000.0}, "33000 listas"),
        ({"held": 1.0, "held_age": 200_000.0}, "hace 2 días"),
        ({"loop": [[0.5, 0], [1.0, 10], [None, 10]]}, "bucle"),
        ({"partitions": [0]}, "1 particiones sin dueño"),
        ({"explainers": {"http://e": None}}, "http://e no responde"),
        ({"explainers": {"http://e": {"breaker": 1.0}}}, "dejó de llamar al modelo"),
        ({"explainers": {"http://e": {"budget": 5.0, "left": 0.0}}}, "gastó lo de hoy"),
    ],
)
def test_what_is_slow_is_named(changes: dict[str, Any], said: str) -> None:
    found = whole({"a": _told(**changes)}, 2)
    assert any(said in one.words for one in found.slow), found.slow
    assert {one.anchor for one in found.slow} <= SECTIONS


def test_a_worker_that_is_silent_comes_first() -> None:
    found = whole({"a": _told(agents={}), "b": None}, 4)
    assert "b no responde" in found.slow[0].words
    assert "2 particiones sin dueño" in found.slow[1].words
    assert len(whole({"b": None}, 4).slow) <= 3


@pytest.fixture
async def village(make_village: MakeVillage, tmp_path: Path) -> Village:
    tokens = tmp_path / "tokens"
    tokens.write_text(f"operator ana {hashlib.sha256(TOKEN.encode()).hexdigest()}\n")
    return await make_village(web_pages="vivo", web_tokens=tokens)


async def _entered(village: Village) -> Browser:
    browser = await village.browser()
    page = await browser.get("/")
    assert page.path == "/entrar"
    await browser.post("/entrar", {"clave": TOKEN})
    return browser


async def test_only_an_operator_sees_it(village: Village) -> None:
    browser = await village.browser()
    assert (await browser.get("/")).path == "/entrar"
    assert (await browser.get("/vivo/cambios")).path == "/entrar"
    browser = await _entered(village)
    assert (await browser.get("/")).status == 200


async def test_the_screen_tells_of_this_worker(village: Village) -> None:
    browser = await _entered(village)
    village.cluster.publish("jobs", "taxi", ad("taxi", 1))
    village.cluster.publish("jobs", "obra", ad("obra"))
    village.cluster.publish("profiles", "ana", profile("ana"))
    village.cluster.publish("profiles", "beto", b"{secreto")
    await village.rest()
    page = await browser.get("/")
    assert "Las 2 particiones tienen dueño" in page.words
    assert "invalid_json" in page.text
    (letter,) = village.cluster.letters("profiles")
    assert f"{letter['dlq_topic']} {letter['dlq_partition']}:{letter['dlq_offset']}" in page.words
    assert "secreto" not in page.text
    assert "n/d" in page.words
    assert village.context.versions.encoder in page.text
    assert not any(name in page.text for name in ("ana</", "beto", "obra"))


async def test_what_is_slow_leads_to_what_to_do(village: Village) -> None:
    browser = await _entered(village)
    village.context.fence.close()
    page = await browser.get("/")
    links = re.findall(r'href="(/vivo/guia)#(\w+)">Qué hacer', page.text)
    assert ("/vivo/guia", "matcherpartitionwithoutowner") in links
    assert len(links) <= 3
    page = await browser.get("/vivo/guia")
    assert set(re.findall(r'<section id="(\w+)"', page.text)) == SECTIONS
    said = (
        "A worker that is frozen (SIGSTOP, a suspended machine) answers nothing and is thrown out"
    )
    assert f"• {said}" in page.words
    assert "killed: no last word" in page.words
    assert (await (await village.browser()).get("/vivo/guia")).path == "/entrar"
    assert len(page.words) > 0.8 * len(RUNBOOK)


METRICS = b"""# HELP matcher_llm_budget_dollars x
# TYPE matcher_llm_budget_dollars gauge
matcher_llm_budget_dollars 5.0
# TYPE matcher_llm_budget_left_dollars gauge
matcher_llm_budget_left_dollars 1.5
# TYPE matcher_llm_breaker_open gauge
matcher_llm_breaker_open 1.0
# TYPE matcher_llm_outcomes_total counter
matcher_llm_outcomes_total{outcome="ok"} 7.0
matcher_llm_outcomes_total{outcome="timeout"} 3.0
"""


async def test_explainers_are_asked_beforehand_and_shown(village: Village) -> None:
    asked = []

    async def tell(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(body=b"{broken" if len(asked) > 1 else METRICS)

    app = web.Application()
    app.router.add_get("/metrics", tell)
    async with TestServer(app) as server:
        url, gone = str(server.make_url("")).rstrip("/"), "http://127.0.0.1:9"
        explainers = Explainers(village.context, (url, gone))
        assert explainers.told == {url: None, gone: None}
        await explainers.ask()
        told = explainers.told
        assert asked == ["/metrics"]
        await explainers.ask()
    assert explainers.told == {url: None, gone: None}
    assert told[gone] is None
    found = whole({"a": _told(explainers=told), "b": _told(explainers={url: None})}, 2)
    text = Templates({"files": static_files(), "groups": ()}).render(
        "vivo/inicio.html", found=found, flow=FLOW, promise=2.0, source="x", guide=GUIDE,
        told=None, staff=None, form_token="",
    )  # fmt: skip
    words = " ".join(re.sub(r"<[^>]+>", " ", text).split())
    assert "quedan 1.50 de 5.00 dólares" in words
    assert "falla: no se le llama" in words
    assert "ok 7 timeout 3" in words
    assert "Esperan sus palabras n/d" in words
    assert "n/d: no responde" in words


async def test_where_there_is_no_explainer_it_reads_so(village: Village) -> None:
    assert "n/d: es otro proceso" in (await (await _entered(village)).get("/")).words
