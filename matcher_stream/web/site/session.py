"""One visitor between two requests: a signed cookie, and nothing kept in the worker.

It ends with the browser, so that a borrowed phone forgets; whoever wants to come back has a link.
"""

from __future__ import annotations

import time
from typing import Any, Final

from matcher_stream.web.site.problem import TOO_LONG, Problem
from matcher_stream.web.site.signing import Signing, new_id

COOKIE_BYTES: Final = 3_800
"""Browsers keep 4,096 of name, value and attributes."""
_NONCE, _PERSON, _UNTIL, _STAFF = "n", "p", "u", "s"


class Session:
    """What a cookie says.

    Args:
        values: Its values; none for a visitor without one.

    Attributes:
        values: JSON; pages keep theirs under names of more than one letter.
        changed: Whether the cookie must be sent again.
    """

    def __init__(self, values: dict[str, Any] | None) -> None:
        self.known = values is not None and isinstance(values.get(_NONCE), str)
        self.values: dict[str, Any] = values if values and self.known else {_NONCE: new_id()}
        self.changed = not self.known

    @property
    def nonce(self) -> str:
        """What form tokens are made for."""
        return str(self.values[_NONCE])

    @property
    def person(self) -> str | None:
        """The profile whose link was opened or that was made here, until the link's end."""
        ends = self.values.get(_UNTIL, 0)
        return self.values.get(_PERSON) if time.time() < ends else None

    @property
    def staff(self) -> str | None:
        """The digest of the token that was given."""
        return self.values.get(_STAFF)

    def begin_person(self, profile_id: str, until: int) -> None:
        """This visitor is that person from now on; forms of before are void.

        Args:
            profile_id: Whose pages are opened.
            until: Epoch seconds at which that ends.
        """
        self._renew({_PERSON: profile_id, _UNTIL: until}, (_STAFF,))

    def begin_staff(self, digest: str) -> None:
        """This visitor has given a token; forms of before are void."""
        self._renew({_STAFF: digest}, (_PERSON, _UNTIL))

    def end(self) -> None:
        """Nothing is known of this visitor any more."""
        self._renew({}, ())

    def put(self, name: str, value: Any) -> None:
        """Keep a value of JSON under a name."""
        if self.values.get(name) != value:
            self.values[name] = value
            self.changed = True

    def pop(self, name: str) -> Any:
        """Take a value out; None if there is none."""
        if name in self.values:
            self.changed = True
        return self.values.pop(name, None)

    def sealed(self, signing: Signing) -> str:
        """The cookie's value.

        Raises:
            Problem: it is larger than browsers keep.
        """
        sealed = signing.seal(self.values)
        if len(sealed) > COOKIE_BYTES:
            raise Problem(400, TOO_LONG)
        return sealed

    def _renew(self, values: dict[str, Any], kept: tuple[str, ...]) -> None:
        old = {name: self.values[name] for name in kept if name in self.values}
        self.values = {_NONCE: new_id(), **old, **values}
        self.changed = True
