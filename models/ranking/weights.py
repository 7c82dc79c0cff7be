"""What the ranker learned, as it lies in the package."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

import orjson

from models.encoding.lexical import LEXICAL_WEIGHT
from models.ranking import evidence
from schemas.errors import MissingModel

WEIGHTS_FILE: Final = "ranker-5.json"


@dataclass(frozen=True, slots=True)
class Weights:
    """What was learned.

    Attributes:
        version: Name in every event.
        lexical: Weight of the lexical part of the vectors it was learned on; 0 for none.
        evidence: Most that each part of `evidence.NAMES` can move the dot product by; >= 0.
        slope, offset: Of the logistic scale; slope > 0.
        threshold: Least score of a match.
        send: Least score of a match that is worth a message.
    """

    version: str
    lexical: float
    evidence: tuple[float, ...]
    slope: float
    offset: float
    threshold: float
    send: float


@cache
def shipped_weights() -> Weights:
    """The weights in the package.

    Raises:
        MissingModel: they were learned for vectors that are made up otherwise.
    """
    raw = (resources.files("models.data") / WEIGHTS_FILE).read_bytes()
    fields = orjson.loads(raw)
    if fields["lexical"] != LEXICAL_WEIGHT:
        raise MissingModel(
            f"{WEIGHTS_FILE} was learned for another vector space (lexical weight "
            f"{fields['lexical']}, the program uses {LEXICAL_WEIGHT}): learn the weights anew."
        )
    return Weights(
        fields["version"],
        fields["lexical"],
        tuple(fields["evidence"][name] for name in evidence.NAMES),
        fields["slope"],
        fields["offset"],
        fields["threshold"],
        fields["send"],
    )
