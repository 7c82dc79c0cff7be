"""Headers of every answer: nothing from elsewhere, no frame, no cache, no address told on."""

from __future__ import annotations

from typing import Final

from aiohttp import web

POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # not no-referrer: browsers would send "Origin: null" with our own forms
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
    "Server": "matcher",
}
#: Where people come by https only.
HTTPS: Final = {"Strict-Transport-Security": "max-age=31536000"}


def dress(response: web.StreamResponse, https: bool) -> None:
    """Add what an answer has not set itself."""
    for name, value in {**HEADERS, **(HTTPS if https else {})}.items():
        response.headers.setdefault(name, value)
