"""`/probar`: paste an event and see what would become of it; nothing is published or kept."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from agents.context import Context
from matcher_stream.config.catalogue import INPUTS
from matcher_stream.web.site.problem import NOT_READ, Problem
from matcher_stream.web.site.site import Site
from matcher_stream.web.site.visit import Visit
from matcher_stream.web.tryout.reference import entries, example
from matcher_stream.web.tryout.trial import MOST_BYTES, tried
from models.vetting.outcome import Gate
from schemas.base import MAX_ID_CHARS

#: What one trial takes out of an address's bucket.
COST: Final = 3.0
_FIRST: Final = "profiles"


def register(site: Site, context: Context) -> None:
    """Serve the pages."""
    pages = _Pages(context.gate, context.settings.topic_prefix)
    site.get("/probar", pages.ask)
    site.post("/probar", pages.answer, form_bytes=3 * MOST_BYTES + 1024, cost=COST)
    site.get("/probar/contrato", pages.contract)


class _Pages:
    def __init__(self, gate: Gate, prefix: str) -> None:
        self._gate, self._prefix = gate, prefix

    async def ask(self, visit: Visit) -> web.StreamResponse:
        """The form, with an example of the kind that was asked for."""
        name = visit.request.query.get("tema", _FIRST)
        if name not in INPUTS:
            raise Problem(404, NOT_READ)
        shown = next(e.example for e in entries(self._prefix) if e.topic.name == name)
        return self._page(visit, name, "", shown, None)

    async def answer(self, visit: Visit) -> web.StreamResponse:
        """What would become of it. No redirect: what was pasted is in no address and no cookie."""
        name, key = visit.form.text("tema", 40), visit.form.text("llave", MAX_ID_CHARS)
        text = visit.form.text("evento", MOST_BYTES)
        if name not in INPUTS:
            raise Problem(400, NOT_READ)
        trial = tried(INPUTS[name], key, text, self._gate)
        return self._page(visit, name, key, text, trial)

    def _page(
        self, visit: Visit, name: str, key: str, text: str, trial: object
    ) -> web.StreamResponse:
        field = INPUTS[name].key
        return visit.page(
            "probar/evento.html", topics=INPUTS, chosen=name, key=key, text=text, trial=trial,
            key_field=field, example_key=example(INPUTS[name].event).get(field, ""),
        )  # fmt: skip

    async def contract(self, visit: Visit) -> web.StreamResponse:
        """Every public topic with its fields and an example."""
        return visit.page("probar/contrato.html", entries=entries(self._prefix))
