"""What became of every row of a file: none is lost, since what comes in equals what is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from matcher_stream.files.repeats import Repeat
from matcher_stream.files.rows import BadRow, Row

NOTES = {
    "html": "se quitó HTML",
    "letters": "se corrigieron letras mal decodificadas",
    "period": "el período de pago se leyó junto al monto",
    "range": "el pago máximo se leyó junto al mínimo",
}
"""What each note of a row means, in Spanish."""


@dataclass(slots=True)
class Tally:
    """Counts of one file's rows.

    Attributes:
        read: Rows that came in.
        good: Published, or that would be.
        repeated: With the content of an earlier row of the same id.
        refused: That cannot be used.
        replacing: Good ones whose id was there before with other content.
        reasons: Refused rows by reason.
        notes: Good rows by what was mended.
        unread: Good rows by field whose words are in no list of ours.
        placed: Good rows whose district is known.
        fields: Good rows by field that has a value.
    """

    read: int = 0
    good: int = 0
    repeated: int = 0
    refused: int = 0
    replacing: int = 0
    placed: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    unread: Counter[str] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)

    def through(
        self, rows: Iterable[Row | BadRow | Repeat], places: bool = False
    ) -> Iterator[Row | BadRow | Repeat]:
        """The same rows, counted; with `places` also where they are and what they state."""
        for row in rows:
            self.read += 1
            if isinstance(row, Repeat):
                self.repeated += 1
            elif isinstance(row, BadRow):
                self.refused += 1
                self.reasons[row.reason] += 1
            else:
                self.good += 1
                self.replacing += bool(row.replaces)
                self.notes.update(set(row.notes))
                if places:
                    self.unread.update(row.event.unread)
                    self.fields.update(row.event.model_fields_set)
                    self.placed += district(row) >= 0
            yield row

    def said(self) -> str:
        """One line for people."""
        more = f" Repetidos sin cambios: {self.repeated}." if self.repeated else ""
        if self.replacing:
            more += f" Con id repetido y otro contenido (vale el último): {self.replacing}."
        return more


def district(row: Row) -> int:
    """Row of the district of a person or job, -1 if it is not known."""
    from models.reading.geo import district_index  # numpy takes a while

    ubigeo, place = getattr(row.event, "ubigeo", None), getattr(row.event, "place", None)
    return district_index(ubigeo, place)
