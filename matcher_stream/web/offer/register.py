"""The group of pages ``ofrezco``."""

from __future__ import annotations

from agents.context import Context
from matcher_stream.web.offer import ad, mine, people
from matcher_stream.web.offer.calling import Calling
from matcher_stream.web.offer.steps import Steps
from matcher_stream.web.site.site import Site


def register(site: Site, context: Context) -> None:
    """Serve /ofrezco."""
    Steps(context.gate).register(site)
    ad.register(site)
    mine.register(site, context)
    Calling(context.gate).register(site)
    people.register(site.tools.owners, context, site.tools.publisher)
