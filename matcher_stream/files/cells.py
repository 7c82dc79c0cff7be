"""A cell's text as a value: numbers, sums, dates, yes or no, lists, as offices in Peru write them.

What cannot be read for sure is refused with a sentence; nothing is guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from matcher_stream.files.dates import Moment, read_date
from matcher_stream.files.markup import clean
from models.reading.facts.numbers import numbers_in
from models.reading.facts.terms.money import period
from schemas.vocab import plain

_YES: Final = {"true", "1", "si", "yes", "x", "verdadero", "s", "v"}
_NO: Final = {"false", "0", "no", "", "falso", "n", "f"}
_EMPTY: Final = frozenset({"", "-", "--", "—", "n/a", "#n/a", "null", "nan", "nat", "#ref!"})
"""Cells that say nothing, whatever the field."""
_UNSAID: Final = _EMPTY | {
    "na", "none", "s/n", "s/d", "nd", "n/d", "no aplica", "no indica", "no especifica",
    "no definido", "sin especificar", "sin dato", "sin datos", "ninguno", "ninguna",
    "a convenir", "por convenir", "a tratar", "a acordar", "por definir", "segun mercado",
    "negociable",
}  # fmt: skip
"""And these where a number, a date, yes or no is asked."""
_LONGEST_UNSAID: Final = 24
_LONGEST_AMOUNT: Final = 200
_TOKEN: Final = re.compile(r"(?<!\w)(?<!\d[.,])\d(?:[\d.,'’]|[ \u00a0\u202f](?=\d{3}(?!\d)))*")
_THOUSANDS: Final = re.compile(r"\d{1,3}(?:[,.'’ \u00a0\u202f]\d{3})+")
_BETWEEN: Final = re.compile(
    r"(?: ?(?:nuevos )?soles)? ?(?:-|–|—|a|al|hasta|y|/) ?(?:s/\.? ?|s\. ?/ ?|pen )?"
)
_FOREIGN: Final = re.compile(r"us\$|(?<!s/)\$|\busd\b|\bdolar|€|\beuros?\b|%")
_MINUS: Final = re.compile(r"(?:s/\.?|s\.|pen|[^\w-])*[-−] ?")
_TIMES: Final = re.compile(r" ?(?:mil|k)\b")


class CellError(Exception):
    """A cell is not of its field's kind; one Spanish sentence.

    Attributes:
        field: Which field, empty if it is the whole row.
    """

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(slots=True)
class Reader:
    """What is known of a file's cells while its rows are read.

    Attributes:
        month_first: Fields whose dates look like month/day.
        notes: What was mended in the present row: ``html``, ``letters``, ``period``, ``range``.
        period: Of the sum that the row's pay names, if it says one.
        most: The upper end of the sums that the row's least pay names.
    """

    month_first: frozenset[str] = frozenset()
    notes: list[str] = field(default_factory=list)
    period: str | None = None
    most: float | None = None

    def begin(self) -> None:
        """Forget the row before."""
        self.notes = []
        self.period = self.most = None

    def add_pay(self, fields: dict[str, Any], has_period: bool) -> None:
        """What the cells of pay said beside their number, where no field says it."""
        if self.most is not None and fields.get("pay_max") is None:
            fields["pay_max"] = self.most
            self.notes.append("range")
        if self.period is not None and not has_period and fields.get("pay_period") != self.period:
            fields["pay_period"] = self.period
            self.notes.append("period")

    def text(self, value: str) -> str:
        """A text without what exports leave in it."""
        return clean(value, self.notes)

    def date(self, name: str, text: str, form: str = "") -> Moment:
        """A date; `form` is what strptime reads it by, if the file's columns say so.

        Raises:
            CellError: it is none, or could be two.
        """
        try:
            return read_date(text[:_LONGEST_AMOUNT], form, name in self.month_first)
        except ValueError as error:
            raise CellError(f"el campo {name} {error}", name) from None

    def convert(self, name: str, value: Any, kind: str, form: str = "") -> Any:
        """A cell as a value of its kind; None if it says nothing.

        Args:
            name: The field.
            value: A text, or what a spreadsheet or JSON holds.
            kind: id, text, number, integer, boolean, list or date.
            form: strptime format of a date.

        Raises:
            CellError: it is not of that kind.
        """
        if not isinstance(value, str):
            numbered = kind == "date" and isinstance(value, int | float)
            return self.date(name, str(value), form) if numbered else _typed(value, kind)
        text = value.strip()
        if kind == "id":
            return text
        if kind == "text":
            return self._text(name, text)
        said = plain(text[:_LONGEST_UNSAID])
        if said in (_EMPTY if kind == "list" else _UNSAID):
            return None
        if kind in ("number", "integer"):
            return self._number(name, text, kind)
        if kind == "date":
            return self.date(name, text, form)
        if kind == "boolean":
            if said not in _YES | _NO:
                raise CellError(f"el campo {name} debe ser sí o no", name)
            return said in _YES
        sign = r"[|;]" if re.search(r"[|;]", text) else r"[,\n]"
        return [item for part in re.split(sign, text) if (item := self.text(part.strip()))]

    def _text(self, name: str, text: str) -> str | None:
        if len(text) < _LONGEST_UNSAID and text.lower() in _EMPTY:
            return None
        if name == "pay_period" and (found := period("", plain(text))):
            return found.name
        return self.text(text)

    def _number(self, name: str, text: str, kind: str) -> float | int:
        amount = read_amount(name, text[:_LONGEST_AMOUNT], "pay" in name, kind == "integer")
        number = amount.high if name.endswith("_max") else amount.low
        self.period = self.period or amount.period
        self.most = amount.high if name == "pay_min" and amount.high > amount.low else self.most
        if kind == "integer" and number != int(number):
            raise CellError(f"el campo {name} debe ser un número entero", name)
        return int(number) if kind == "integer" else number


def _typed(value: Any, kind: str) -> Any:
    """A value that has a type already: only what is the same number is changed."""
    if isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer() and kind != "number":
        value = int(value)
    if isinstance(value, int | float) and kind in ("id", "text", "list"):
        return [str(value)] if kind == "list" else str(value)
    return value


@dataclass(frozen=True, slots=True)
class Amount:
    """One number or a range, and the period of pay that stands beside it (None if none does)."""

    low: float
    high: float
    period: str | None


@lru_cache(maxsize=4096)
def read_amount(name: str, text: str, money: bool, whole: bool = False) -> Amount:
    """A number cell: "S/. 1,289.19", "1.289,19", "1200 soles", "1,500.00 - 2,000.00".

    Args:
        name: The field, for the sentence.
        text: The cell.
        money: Sums of soles: three digits behind a sign are thousands, other currencies refused.
        whole: Only whole numbers make sense, so the same of the sign.

    Raises:
        CellError: there is no number, or it is not clear which.
    """
    folded = plain(text)
    if money and _FOREIGN.search(folded):
        raise CellError(f"el campo {name} no está en soles", name)
    tokens = list(_TOKEN.finditer(folded))
    if not tokens:
        words = numbers_in(folded)
        if len(words) != 1:
            raise CellError(f"el campo {name} debe ser un número", name)
        number = float(words[0][2])
        return Amount(number, number, _period(folded, words[0][0], words[0][1]))
    first, last = tokens[0], tokens[-1]
    low, high = (_value(name, folded, token, money or whole) for token in (first, last))
    if _MINUS.fullmatch(folded, 0, first.start()):
        low = high = -low
    between = folded[first.end() : last.start()] if len(tokens) > 1 else ""
    if len(tokens) > 2 or (between and (not _BETWEEN.fullmatch(between) or low > high)):
        raise CellError(f"el campo {name} tiene varios números y no se sabe cuál vale", name)
    return Amount(low, high, _period(folded, first.start(), last.end()))


def _period(folded: str, start: int, end: int) -> str | None:
    rest = re.sub(r"^(?: ?(?:mil|k)\b)?( ?soles)? ?/ ?", r"\1 por ", folded[end:])
    found = period(folded[:start], rest)
    return found.name if found else None


def _value(name: str, folded: str, token: re.Match[str], thousands: bool) -> float:
    told = token[0].rstrip(".,'’")
    times = 1000.0 if _TIMES.match(folded, token.start() + len(told)) else 1.0
    return times * _number(name, told, thousands or times > 1)


def _number(name: str, told: str, thousands: bool) -> float:
    """One number; the last sign of two kinds is the decimal one."""
    commas, dots = told.count(","), told.count(".")
    whole, decimals = told, ""
    if commas and dots:
        whole, _, decimals = told.rpartition("," if told.rfind(",") > told.rfind(".") else ".")
        if "," in whole and "." in whole:
            raise CellError(f"el campo {name} debe ser un número", name)
    elif commas + dots == 1:
        whole, sign, decimals = re.split(r"([.,])", told)
        if len(decimals) == 3 and re.fullmatch(r"[1-9]\d{0,2}", whole):
            if not thousands:
                raise CellError(
                    f"el campo {name} no deja claro si son miles o decimales: escriba {whole}"
                    f"{decimals} o {whole}.{decimals.rstrip('0') or '0'}".replace(sign, "."),
                    name,
                )
            whole, decimals = told, ""
    if not (whole.isdigit() or _THOUSANDS.fullmatch(whole)) or not (decimals or "0").isdigit():
        raise CellError(f"el campo {name} debe ser un número", name)
    return float(re.sub(r"\D", "", whole) + "." + (decimals or "0"))
