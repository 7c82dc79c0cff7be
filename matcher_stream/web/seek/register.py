"""The group of pages ``busco``."""

from __future__ import annotations

from agents.context import Context
from matcher_stream.web.seek import details, keeping, own, steps
from matcher_stream.web.site.site import Site


def register(site: Site, context: Context) -> None:
    """Serve /busco."""
    steps.register(site)
    own.register(site)
    details.register(site)
    keeping.register(site, context)
