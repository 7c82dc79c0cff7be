"""The group of pages ``revisar``."""

from __future__ import annotations

from agents.context import Context
from matcher_stream.web.review import asking, show
from matcher_stream.web.site.site import Site


def register(site: Site, context: Context) -> None:
    """Serve /revisar."""
    asking.register(site.tools.owners, context, site.tools.publisher)
    show.register(site)
