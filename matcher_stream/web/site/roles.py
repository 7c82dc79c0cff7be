"""Who may see pages that are not everybody's: tokens of operators, reviewers and publishers.

The file has a line a token, ``ROLE NAME SHA256``; a line taken out ends its sessions at once. A
token is 256 random bits, so a plain hash of it tells nothing.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

from schemas.errors import InvalidSettings

Role = Literal["operator", "reviewer", "publisher"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)
_LOOK_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody with a token.

    Attributes:
        role: What they may do.
        name: How decisions name them; no spaces.
        digest: SHA-256 of the token, hexadecimal.
    """

    role: Role
    name: str
    digest: str

    @property
    def line(self) -> str:
        """As the file has it."""
        return f"{self.role} {self.name} {self.digest}"


def new_token(role: Role, name: str) -> tuple[str, Staff]:
    """A token, which is shown once, and what the file keeps of it.

    Raises:
        ValueError: the name has spaces or is empty.
    """
    if not name or len(name.split()) != 1:
        raise ValueError("a name has no spaces")
    token = secrets.token_urlsafe(32)
    return token, Staff(role, name, _digest(token))


class Tokens:
    """The file of tokens, read again when it changes.

    Args:
        path: The file; None where nobody has a token.

    Raises:
        InvalidSettings: the file cannot be read.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._by_digest: dict[str, Staff] = {}
        self._stamp: tuple[int, int] | None = None
        self._looked = 0.0
        if path is not None:
            try:
                self._read(path)
            except (OSError, ValueError) as error:
                raise InvalidSettings(
                    f"The setting MATCHER_WEB_TOKENS cannot be used: {error}."
                ) from None

    def of_token(self, token: str) -> Staff | None:
        """Whose token it is."""
        return self.of_digest(_digest(token))

    def of_digest(self, digest: str) -> Staff | None:
        """The same by what a session keeps."""
        self._refresh()
        return self._by_digest.get(digest)

    def _refresh(self) -> None:
        now = time.monotonic()
        if self._path is None or now - self._looked < _LOOK_SECONDS:
            return
        self._looked = now
        try:
            self._read(self._path)
        except (OSError, ValueError):
            self._by_digest, self._stamp = {}, None  # who cannot be checked is let in nowhere

    def _read(self, path: Path) -> None:
        stat = path.stat()
        stamp = stat.st_mtime_ns, stat.st_size
        if stamp == self._stamp:
            return
        found = (_staff(line) for line in path.read_text("utf-8").splitlines())
        self._by_digest = {staff.digest: staff for staff in found if staff is not None}
        self._stamp = stamp


def _staff(line: str) -> Staff | None:
    parts = line.partition("#")[0].split()
    if not parts:
        return None
    for role in ROLES:
        if len(parts) == 3 and parts[0] == role and len(parts[2]) == 64:
            return Staff(role, parts[1], parts[2].lower())
    raise ValueError("a line is not ROLE NAME SHA256")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
