"""The way of every request: rate, session, permission, form, handler, headers, cookie.

Pages register a handler; all of this happens around it, so that no page can forget it.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from matcher_stream.runtime import metrics
from matcher_stream.runtime.parts import AppParts
from matcher_stream.web.site import owners, problem
from matcher_stream.web.site.arriving import Form, address_of, check_origin, read_form
from matcher_stream.web.site.config import site_config
from matcher_stream.web.site.headers import dress
from matcher_stream.web.site.live import Live
from matcher_stream.web.site.problem import Problem
from matcher_stream.web.site.publishing import Publisher
from matcher_stream.web.site.rates import Buckets
from matcher_stream.web.site.roles import Tokens
from matcher_stream.web.site.session import Session
from matcher_stream.web.site.signing import Signing
from matcher_stream.web.site.templates import Templates, static_files
from matcher_stream.web.site.visit import Tools, Visit
from schemas.errors import InputError

log = logging.getLogger(__name__)

FORM_BYTES: Final = 32 << 10
UNGUARDED: Final = frozenset({"/metrics", "/ready", "/live", owners.PATH})
"""Asked by machines, often, and without a session."""
LINK_RATE, LINK_BURST = 2.0, 60.0
"""Requests a second with one person's or one ad's link, and at once."""
FOR_PEOPLE: Final = ("/busco", "/ofrezco", "/revisar")
"""Pages that only the deployment that speaks to the public serves."""
_FOR_EVER: Final = "public, max-age=31536000, immutable"

Handler = Callable[[Visit], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Route:
    """A page's handler, with what it asks of visitors.

    Attributes:
        handler: Makes the answer.
        needs: "person" or roles, any of which opens it; empty opens it to everybody.
        form_bytes: Most of a POST's body.
        cost: What a request takes out of the address's bucket.
        public: Whether a deployment in the shadow refuses it.
    """

    handler: Handler
    needs: frozenset[str]
    form_bytes: int
    cost: float
    public: bool


class Site:
    """The pages of one worker for people.

    Args:
        parts: The worker.
        in_shadow: Whether what it says is not for the public.

    Attributes:
        tools: What pages use.

    Raises:
        InvalidSettings: the settings of pages cannot be used.
    """

    def __init__(self, parts: AppParts, in_shadow: Callable[[], bool] = lambda: False) -> None:
        settings, self._in_shadow = parts.settings, in_shadow
        config, files = site_config(settings), static_files()
        signing = Signing(config.keys)
        self.tools = Tools(
            parts,
            config,
            signing,
            Tokens(settings.web_tokens),
            Templates({"files": files, "groups": config.pages}),
            Publisher(parts),
            owners.Owners(parts, signing),
            Live(),
            Buckets(LINK_RATE, LINK_BURST),
        )
        self._addresses = Buckets(settings.web_rate, 10 * settings.web_rate)
        self._cookie = "__Host-matcher" if config.https else "matcher"
        web_app = parts.app.web.web_app
        web_app.middlewares.append(self._middleware())
        web_app.on_response_prepare.append(self._dress)
        web_app.on_shutdown.append(self._stop)
        self._router = web_app.router
        self._router.add_route("POST", owners.PATH, self.tools.owners.handle)
        for file in files.values():
            self._router.add_route("GET", file.address, _serving(file.content, file.content_type))

    def serves(self, group: str) -> bool:
        """Whether MATCHER_WEB_PAGES names a group of pages."""
        return group in self.tools.config.pages

    def get(self, path: str, handler: Handler, **how: Any) -> None:
        """Serve a page; for `how` see `_route`."""
        self._route("GET", path, handler, **how)

    def post(self, path: str, handler: Handler, **how: Any) -> None:
        """Take a form; it ends with `Visit.go`. For `how` see `_route`."""
        self._route("POST", path, handler, **how)

    def _route(
        self,
        method: str,
        path: str,
        handler: Handler,
        *,
        needs: tuple[str, ...] = (),
        form_bytes: int = FORM_BYTES,
        cost: float = 1.0,
    ) -> None:
        public = path.startswith(FOR_PEOPLE)
        route = Route(handler, frozenset(needs), form_bytes, cost, public)

        async def answer(request: web.Request) -> web.StreamResponse:
            return await self._answer(request, route)

        self._router.add_route(method, path, answer)

    def _middleware(self) -> Any:
        @web.middleware
        async def guard(
            request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
        ) -> web.StreamResponse:
            if request.path in UNGUARDED:
                return await handler(request)
            try:
                self._addresses.spend(address_of(request, self.tools.config.proxies))
                response = await handler(request)
            except Problem as found:
                response = self._sorry(found)
            except web.HTTPException as found:
                response = self._sorry(Problem(found.status, problem.NOT_HERE))
            except InputError:
                response = self._sorry(Problem(400, problem.NOT_READ))
            except Exception as error:
                _log(error)
                response = self._sorry(Problem(500, problem.BROKEN))
            metrics.PAGES.labels("answer", f"{response.status // 100}xx").inc()
            return response

        return guard

    async def _answer(self, request: web.Request, route: Route) -> web.StreamResponse:
        if route.public and self._in_shadow():
            raise Problem(503, problem.IN_SHADOW)
        cookie = request.cookies.get(self._cookie)
        session = Session(self.tools.signing.unseal(cookie) if cookie else None)
        staff = self.tools.tokens.of_digest(session.staff) if session.staff else None
        if route.cost > 1:
            self._addresses.spend(address_of(request, self.tools.config.proxies), route.cost)
        if session.person is not None:
            self.tools.links.spend(session.person)
        form = Form()
        if request.method == "POST":
            check_origin(request, self.tools.config.host)
            form = await read_form(request, route.form_bytes)
            token = form.pop("form_token", "")
            if not session.known or not self.tools.signing.form_is_ours(session.nonce, token):
                raise Problem(403, problem.NO_SESSION)
        visit = Visit(self.tools, request, session, form, staff)
        if route.needs and not self._allowed(visit, route.needs):
            return self._refused(visit, route.needs)
        response = await route.handler(visit)
        if session.changed and not response.prepared:
            response.set_cookie(
                self._cookie, session.sealed(self.tools.signing), path="/", httponly=True,
                secure=self.tools.config.https, samesite="Lax",
            )  # fmt: skip
        return response

    @staticmethod
    def _allowed(visit: Visit, needs: frozenset[str]) -> bool:
        person = "person" in needs and visit.session.person is not None
        return person or (visit.staff is not None and visit.staff.role in needs)

    @staticmethod
    def _refused(visit: Visit, needs: frozenset[str]) -> web.StreamResponse:
        if "person" in needs:
            raise Problem(403, problem.NO_LINK)
        if visit.staff is not None:
            raise Problem(403, problem.NOT_YOURS)
        return visit.go("/entrar")

    def _sorry(self, found: Problem) -> web.Response:
        text = self.tools.templates.render(
            "problema.html", sentence=found.sentence, staff=None, told=None, form_token=""
        )
        headers = {"Retry-After": str(found.retry)} if found.retry else {}
        return web.Response(
            text=text, status=found.status, content_type="text/html", headers=headers
        )

    async def _dress(self, _: web.Request, response: web.StreamResponse) -> None:
        dress(response, self.tools.config.https)

    async def _stop(self, _: web.Application) -> None:
        self.tools.live.stop()


def _serving(content: bytes, content_type: str) -> Callable[[web.Request], Any]:
    async def file(_: web.Request) -> web.Response:
        return web.Response(
            body=content,
            content_type=content_type,
            charset="utf-8",
            headers={"Cache-Control": _FOR_EVER},
        )

    return file


def _log(error: BaseException) -> None:
    """What failed and where, without a word of what was in it: pages handle people's words."""
    where = traceback.extract_tb(error.__traceback__)[-3:]
    steps = " < ".join(f"{step.name}:{step.lineno}" for step in reversed(where))
    log.error("A page failed with %s in %s", type(error).__name__, steps)
