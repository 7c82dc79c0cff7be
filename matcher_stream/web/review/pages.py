"""Addresses of the pages for reviewers, and the sentences they share."""

from __future__ import annotations

from typing import Final

NEXT: Final = "/revisar"
DECIDE: Final = "/revisar/decidir"
CHOOSE: Final = "/revisar/abrir"
PAST: Final = "/revisar/decisiones"

DECISIONS: Final = {"release": "liberar", "reject": "rechazar"}
DONE: Final = {
    "release": "Guardado: el aviso se publica.",
    "reject": "Guardado: el aviso no se publica.",
}
LATER: Final = "Lo dejaste para después."
EDITED: Final = "El aviso cambió mientras lo leías. Lo tuyo no se guardó: léelo otra vez."
DECIDED: Final = (
    "Mientras lo leías, {who} decidió {what}. Lo tuyo no se guardó: míralo, y decide otra vez si "
    "hace falta."
)
GONE: Final = "Ese aviso ya no existe."
SOMEBODY: Final = "otra persona"
