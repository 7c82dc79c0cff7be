"""Diagrams are drawn when the site is built: the theme would ask a CDN for what draws them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import mermaidx


def drawn(
    source: str, language: str, css_class: str, options: Mapping[str, Any], md: Any, **_: Any
) -> str:
    """A fence of pymdownx.superfences: Mermaid's text as an SVG in the page.

    Args:
        source: What stands between the fences.
        language: The fence's word.
        css_class: As the site's configuration names it.
        options: None are known.
        md: The Markdown converter.

    Returns:
        HTML.
    """
    svg = mermaidx.render(source).svg()
    return f'<div class="{css_class}">{svg}</div>'
