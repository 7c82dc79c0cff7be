"""What a deployment states about its pages, checked once at start."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from matcher_stream.config.settings import Settings
from matcher_stream.web.site.arriving import Network, networks
from matcher_stream.web.site.signing import LEAST_KEY
from schemas.errors import InvalidSettings

PAGES: Final = ("busco", "ofrezco", "revisar", "vivo", "porque", "probar")
"""Groups of pages, as MATCHER_WEB_PAGES names them."""


@dataclass(frozen=True, slots=True)
class SiteConfig:
    """The settings that begin with MATCHER_WEB, as the pages use them.

    Attributes:
        pages: Groups that are served.
        keys: Secrets that sign, the newest first.
        proxies: Whose X-Forwarded-For is believed.
        public_url: What people open, without a slash at the end; "" if links are relative.
        explainers: Where explainers serve their pages, without slashes at their ends.
    """

    pages: frozenset[str]
    keys: tuple[str, ...]
    proxies: tuple[Network, ...]
    public_url: str
    explainers: tuple[str, ...]

    @property
    def https(self) -> bool:
        """Whether cookies and addresses are for https only."""
        return self.public_url.startswith("https://")

    @property
    def host(self) -> str:
        """Host and port that people open; "" if unknown."""
        return urlsplit(self.public_url).netloc


def site_config(settings: Settings) -> SiteConfig:
    """Read the settings of pages.

    Raises:
        InvalidSettings: one cannot be used; the sentence names it.
    """
    pages, keys = frozenset(_parts(settings.web_pages)), tuple(_parts(settings.web_keys))
    if unknown := pages - set(PAGES):
        raise InvalidSettings(
            f"The setting MATCHER_WEB_PAGES cannot be used: {min(unknown)!r} is none of "
            f"{', '.join(PAGES)}."
        )
    if any(len(key) < LEAST_KEY for key in keys) or (pages and not keys):
        raise InvalidSettings(
            f"The setting MATCHER_WEB_KEYS cannot be used: pages need a secret of {LEAST_KEY} "
            "characters at least, for example from 'openssl rand -hex 32'."
        )
    try:
        proxies = tuple(networks(settings.web_proxies))
    except (ValueError, ipaddress.AddressValueError) as error:
        raise InvalidSettings(f"The setting MATCHER_WEB_PROXIES cannot be used: {error}.") from None
    explainers = tuple(_url("EXPLAINERS", url) for url in _parts(settings.web_explainers))
    public_url = _url("PUBLIC_URL", settings.web_public_url)
    return SiteConfig(pages, keys, proxies, public_url, explainers)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _url(name: str, text: str) -> str:
    if text and (urlsplit(text).scheme not in ("http", "https") or not urlsplit(text).netloc):
        raise InvalidSettings(
            f"The setting MATCHER_WEB_{name} cannot be used: it is not http://HOST or https://HOST."
        )
    return text.rstrip("/")
