"""Signatures: links, sessions, form tokens, questions between workers, and names for one page.

itsdangerous signs with HMAC-SHA256; each use has its own salt, so that none passes for another.
The newest key signs, all verify: a key is retired by leaving it out once what it signed has ended.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from typing import Any, Final

from itsdangerous import BadData, Signer, TimestampSigner, URLSafeTimedSerializer

LINK_SECONDS: Final = 90 * 86_400
"""How long a link opens its person's page, and a session of it lasts."""
ASK_SECONDS: Final = 60
"""How old a question of another worker may be."""
LEAST_KEY: Final = 32
"""Characters of a key, at least."""
MARK: Final = 22
"""Characters that say whose an ad is: 132 bits."""


def new_id() -> str:
    """A name that nobody can guess: 128 random bits, 22 characters."""
    return secrets.token_urlsafe(16)


class Signing:
    """Signs and verifies.

    Args:
        keys: Secrets, the newest first.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        oldest_first = list(reversed(keys))
        how: dict[str, Any] = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
        self._links = TimestampSigner(oldest_first, salt="matcher.link", **how)
        self._ad_links = TimestampSigner(oldest_first, salt="matcher.ad", **how)
        self._forms = Signer(oldest_first, salt="matcher.form", **how)
        self._aliases = Signer(oldest_first, salt="matcher.alias", **how)
        self._marks = [Signer(key, salt="matcher.mark", **how) for key in keys]
        self._sessions = URLSafeTimedSerializer(
            oldest_first, salt="matcher.session", signer_kwargs=how
        )
        self._questions = URLSafeTimedSerializer(
            oldest_first, salt="matcher.question", signer_kwargs=how
        )

    def link(self, profile_id: str) -> str:
        """What opens one person's own page, for `LINK_SECONDS`."""
        return self._links.sign(profile_id).decode()

    def opened(self, token: str) -> tuple[str, int] | None:
        """Whose link it is and when it ends (epoch seconds); None if it is none or has ended."""
        return _opened(self._links, token)

    def ad_link(self, job_id: str) -> str:
        """What opens one ad for who posted it, for `LINK_SECONDS`; it opens no person's page."""
        return self._ad_links.sign(job_id).decode()

    def opened_ad(self, token: str) -> tuple[str, int] | None:
        """The same of an ad's link as `opened` says of a person's."""
        return _opened(self._ad_links, token)

    def alias(self, job_id: str, profile_id: str) -> str:
        """What a page calls a person in one ad's list: it tells nobody who they are, and another
        ad's page calls them otherwise.
        """
        return self._aliases.get_signature(f"{job_id}\0{profile_id}").decode()

    def is_alias(self, job_id: str, profile_id: str, alias: str) -> bool:
        """Whether a page called this person so."""
        return alias.isascii() and self._aliases.verify_signature(f"{job_id}\0{profile_id}", alias)

    def marks(self, name: str) -> list[str]:
        """How the ids of somebody's ads begin, by key, the newest first: who owns an ad follows
        from its id, and the name does not.
        """
        return [signer.get_signature(name).decode()[:MARK] + "-" for signer in self._marks]

    def seal(self, values: dict[str, Any]) -> str:
        """A session as its cookie."""
        return str(self._sessions.dumps(values))

    def unseal(self, cookie: str) -> dict[str, Any] | None:
        """The session of a cookie; None if it is none of ours or has ended."""
        return _dict(self._sessions, cookie, LINK_SECONDS)

    def form_token(self, nonce: str) -> str:
        """What a form must bring back in the session with this nonce."""
        return self._forms.get_signature(nonce).decode()

    def form_is_ours(self, nonce: str, token: str) -> bool:
        """Whether a form was made for the session that sends it."""
        return token.isascii() and self._forms.verify_signature(nonce, token)

    def question(self, body: dict[str, Any]) -> str:
        """A question for another worker."""
        return str(self._questions.dumps(body))

    def asked(self, text: str) -> dict[str, Any] | None:
        """The question of another worker; None if it is none or too old."""
        return _dict(self._questions, text, ASK_SECONDS)


def _opened(signer: TimestampSigner, token: str) -> tuple[str, int] | None:
    try:
        name, signed = signer.unsign(token, max_age=LINK_SECONDS, return_timestamp=True)
    except BadData:
        return None
    return name.decode(), int(signed.timestamp()) + LINK_SECONDS


def _dict(serializer: Any, text: str, seconds: int) -> dict[str, Any] | None:
    try:
        values = serializer.loads(text, max_age=seconds)
    except BadData:
        return None
    return values if isinstance(values, dict) else None
