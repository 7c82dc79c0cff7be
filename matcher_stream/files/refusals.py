"""Why a row is refused, for the person who wrote it."""

from __future__ import annotations

import re
from typing import Final

from schemas.errors import InputError

_FIELD: Final = re.compile(r"The field (\S+) (.+)\.")
_WHAT: Final = {
    "is missing": "falta",
    "holds a NUL character": "contiene un carácter nulo",
    "holds characters that cannot be printed": "contiene caracteres que no se pueden imprimir",
    "is not a date between 2000 and 2100": "no es una fecha entre 2000 y 2100",
    "is too long": "es demasiado largo",
    "has too many items": "tiene demasiados elementos",
    "must be a string": "debe ser un texto",
    "is empty": "está vacío",
    "must be a whole number": "debe ser un número entero",
    "must be a number": "debe ser un número",
    "must be a finite number": "debe ser un número finito",
    "must be true or false": "debe ser verdadero o falso",
    "must be a list": "debe ser una lista",
    "is not one of the allowed words": "no es una de las palabras permitidas",
    "is too small": "es demasiado pequeño",
    "is too large a number": "es un número demasiado grande",
}
_OTHER: Final = {
    "invalid_json": "no es un objeto JSON",
    "invalid_encoding": "no está en UTF-8 o contiene un carácter nulo",
    "missing_id": "no tiene identificador",
    "key_mismatch": "el identificador no coincide con la clave",
    "too_large": "es demasiado grande",
    "too_deep": "tiene demasiados niveles",
    "invalid_date": "tiene una fecha que no se puede leer",
}


def in_spanish(error: InputError) -> tuple[str, str]:
    """What is wrong with a row, never quoting it, and with which field (empty: with all of it)."""
    if found := _FIELD.fullmatch(str(error)):
        field, what = found.groups()
        if what in _WHAT:
            return f"el campo {field} {_WHAT[what]}", field
        if error.code == "too_large":
            return f"el campo {field} es demasiado largo", field
    return _OTHER.get(error.code, "tiene un valor que no sirve"), ""
