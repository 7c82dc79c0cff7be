"""HTML from templates, with everything escaped, and the files that pages load."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_ROOT: Final = Path(__file__).resolve().parents[1]
_TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


class Static(NamedTuple):
    """A file that pages load; its address changes with its content, so it may be kept for ever."""

    address: str
    content: bytes
    content_type: str


def _load(path: Path) -> Static:
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()[:10]
    return Static(f"/estatico/{path.stem}.{digest}{path.suffix}", content, _TYPES[path.suffix])


def static_files() -> dict[str, Static]:
    """All of them by file name."""
    return {path.name: _load(path) for path in sorted((_ROOT / "static").iterdir())}


class Templates:
    """Renders templates of ``web/templates``.

    Args:
        shared: Values that every template may use.
    """

    def __init__(self, shared: Mapping[str, Any]) -> None:
        self._env = Environment(
            loader=FileSystemLoader(_ROOT / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._env.globals.update(shared)

    def render(self, name: str, **values: Any) -> str:
        """A page as text."""
        return self._env.get_template(name).render(**values)
