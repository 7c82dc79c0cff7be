"""What the handler of a page has: the request, its session and form, and the site's tools."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from matcher_stream.runtime.parts import AppParts
from matcher_stream.web.site.arriving import Form
from matcher_stream.web.site.config import SiteConfig
from matcher_stream.web.site.live import Live
from matcher_stream.web.site.owners import Owners
from matcher_stream.web.site.problem import NO_LINK, Problem
from matcher_stream.web.site.publishing import Publisher
from matcher_stream.web.site.rates import Buckets
from matcher_stream.web.site.roles import Staff, Tokens
from matcher_stream.web.site.session import Session
from matcher_stream.web.site.signing import Signing
from matcher_stream.web.site.templates import Templates

_HOST: Final = re.compile(r"[A-Za-z0-9.\-]+(:\d+)?|\[[0-9A-Fa-f:]+\](:\d+)?")


@dataclass(frozen=True, slots=True)
class Tools:
    """What pages use, made once.

    Attributes:
        parts: The worker.
        config: What the deployment states.
        signing: Links, sessions and form tokens.
        tokens: Who has a role.
        templates: HTML.
        publisher: Publishes to input topics.
        owners: Asks the worker that owns a key.
        live: Tells pages that there is something new.
        links: How often each link may ask, by the name that it opens.
    """

    parts: AppParts
    config: SiteConfig
    signing: Signing
    tokens: Tokens
    templates: Templates
    publisher: Publisher
    owners: Owners
    live: Live
    links: Buckets


@dataclass(slots=True)
class Visit:
    """One request, as the handler of a page sees it.

    Attributes:
        tools: The site's.
        request: aiohttp's.
        session: What the visitor's cookie says.
        form: Fields of a POST; empty for a GET.
        staff: Who gave a token, if somebody did.
    """

    tools: Tools
    request: web.Request
    session: Session
    form: Form
    staff: Staff | None

    @property
    def person(self) -> str:
        """The profile_id of a visitor whose page needs one.

        Raises:
            Problem: there is none.
        """
        if self.session.person is None:
            raise Problem(403, NO_LINK)
        return self.session.person

    def whole(self, path: str) -> str:
        """The whole address of one of the site's paths; "" where ours is not known."""
        address, request = self.tools.config.public_url, self.request
        if not address:
            if not _HOST.fullmatch(request.host):
                return ""
            address = f"{request.scheme}://{request.host}"
        return f"{address}{path}"

    def page(self, template: str, *, status: int = 200, **values: Any) -> web.Response:
        """A page from a template; everything in it is escaped."""
        tools = self.tools
        text = tools.templates.render(
            template,
            form_token=tools.signing.form_token(self.session.nonce),
            told=self.session.pop("told"),
            staff=self.staff,
            **values,
        )
        return web.Response(text=text, status=status, content_type="text/html")

    def go(self, path: str, told: str | None = None) -> web.Response:
        """Redirect after a POST, with a sentence that the next page shows once.

        Args:
            path: One of the site's own, never something that arrived.
            told: Plain Spanish.
        """
        if told is not None:
            self.session.put("told", told)
        return web.Response(status=303, headers={"Location": path})
