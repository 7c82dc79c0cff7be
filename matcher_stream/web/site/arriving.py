"""What arrives with a request: whose address, from which site, and a form within its limits."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Sequence
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from aiohttp import web

from matcher_stream.web.site.problem import NOT_READ, NOT_YOURS, TOO_LONG, Problem

FIELDS: Final = 60
READ_SECONDS: Final = 10.0
_FORM: Final = "application/x-www-form-urlencoded"
_BREAKS: Final = "\r\n\t"

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def networks(text: str) -> list[Network]:
    """Addresses and networks, separated by commas.

    Raises:
        ValueError: one of them is none.
    """
    return [ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip()]


def address_of(request: web.Request, proxies: Sequence[Network]) -> str:
    """Who asks: the peer, or whom the last known proxy names; of IPv6 the network of 64 bits."""
    peer = _address(request.remote or "")
    forwarded = ",".join(request.headers.getall("X-Forwarded-For", []))
    hops = [part.strip() for part in forwarded[-500:].split(",") if part.strip()]
    while hops and peer is not None and any(peer in network for network in proxies):
        named = _address(hops.pop())
        if named is None:
            break
        peer = named
    if isinstance(peer, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((peer, 64), strict=False))
    return str(peer)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = getattr(found, "ipv4_mapped", None)
    return mapped or found


def check_origin(request: web.Request, public_host: str) -> None:
    """Refuse what another site sent; browsers that say nothing are held by token and cookie.

    Raises:
        Problem: the request began elsewhere.
    """
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get("Origin")
    ours = {host for host in (public_host, request.host) if host}
    elsewhere = origin is not None and urlsplit(origin).netloc not in ours
    if site not in ("same-origin", "none") or elsewhere:
        raise Problem(403, NOT_YOURS)


class Form(dict[str, str]):
    """The fields of a form; of several with one name the last."""

    def text(self, name: str, most: int) -> str:
        """A field without space around it.

        Raises:
            Problem: it has more than `most` characters.
        """
        value = self.get(name, "").strip()
        if len(value) > most:
            raise Problem(400, TOO_LONG)
        return value


async def read_form(request: web.Request, most: int) -> Form:
    """The form that a request brings.

    Args:
        request: A POST.
        most: Bytes of its body.

    Raises:
        Problem: it is no form, too large, too slow, or not UTF-8.
    """
    if request.content_type != _FORM:
        raise Problem(415, NOT_READ)
    if (request.content_length or 0) > most:
        raise Problem(413, TOO_LONG)
    body = b""
    try:
        async with asyncio.timeout(READ_SECONDS):
            async for chunk in request.content.iter_chunked(1 << 16):
                body += chunk
                if len(body) > most:
                    raise Problem(413, TOO_LONG)
    except TimeoutError:
        raise Problem(408, NOT_READ) from None
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=FIELDS
        )
    except ValueError:  # UnicodeDecodeError is one
        raise Problem(400, NOT_READ) from None
    if any(not _readable(part) for pair in pairs for part in pair):
        raise Problem(400, NOT_READ)
    return Form(pairs)


def _readable(text: str) -> bool:
    """Whether a text has no control characters but breaks."""
    return not any(ord(char) < 32 and char not in _BREAKS for char in text) and "\x7f" not in text
