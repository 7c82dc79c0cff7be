"""What all rows share: the format number that each begins with, and vectors inside bytes."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from schemas.errors import EnvironmentFailure

FORMAT: Final = 4
#: The vector of a text that cannot be read, and of a grave marker.
NO_VECTOR: Final[NDArray[np.float16]] = np.zeros(0, np.float16)


def check_format(number: int) -> None:
    """Refuse a row that another version of this program wrote.

    Raises:
        EnvironmentFailure: it did.
    """
    if number != FORMAT:
        raise EnvironmentFailure(
            f"A table row has format {number}, this program writes {FORMAT}: start it under a new "
            "app id (MATCHER_ENCODER_VERSION) so that it rebuilds its tables."
        )


def vector_at(raw: bytes, start: int, length: int) -> NDArray[np.float16]:
    """The vector inside a row, float16 [length]."""
    return np.frombuffer(raw, np.float16, length, start) if length else NO_VECTOR
