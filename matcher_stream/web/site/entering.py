"""Where somebody with a token says so: /entrar and /salir."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from matcher_stream.web.site.site import Site
from matcher_stream.web.site.visit import Visit

WRONG: Final = "Esa clave no vale. Pide otra a quien te la dio."
#: Where each role begins, with its group of pages.
HOME: Final = {
    "operator": ("vivo", "/"), "reviewer": ("revisar", "/revisar"),
    "publisher": ("ofrezco", "/ofrezco"),
}  # fmt: skip


def register(site: Site) -> None:
    """Serve the pages."""
    site.get("/entrar", _ask)
    site.post("/entrar", _enter, cost=10.0)
    site.post("/salir", _leave)


async def _ask(visit: Visit) -> web.StreamResponse:
    return visit.page("entrar.html")


async def _enter(visit: Visit) -> web.StreamResponse:
    staff = visit.tools.tokens.of_token(visit.form.text("clave", 200))
    if staff is None:
        return visit.go("/entrar", WRONG)
    visit.session.begin_staff(staff.digest)
    group, path = HOME[staff.role]
    return visit.go(path if group in visit.tools.config.pages else "/entrar")


async def _leave(visit: Visit) -> web.StreamResponse:
    visit.session.end()
    return visit.go("/busco" if "busco" in visit.tools.config.pages else "/entrar")
