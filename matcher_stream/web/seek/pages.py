"""Addresses of the pages for who looks for work, and the sentences they share."""

from __future__ import annotations

from typing import Final

START: Final = "/busco"
WHERE: Final = "/busco/donde"
READ: Final = "/busco/leimos"
LIST: Final = "/busco/lista"
JOB: Final = "/busco/trabajo/{name}"
LIVE: Final = "/busco/vivo"
ANSWER: Final = "/busco/respuesta"
EDIT: Final = "/busco/cambiar"
PAUSE: Final = "/busco/pausa"
LINK: Final = "/busco/enlace"
ERASE: Final = "/busco/borrar"
ERASED: Final = "/busco/borrado"
OPEN: Final = "/m/{token}"

SAY_SOMETHING: Final = "Escribe primero qué sabes hacer."
SAY_WHERE: Final = "No conocemos ese lugar. Escríbelo de otra manera, o sigue sin decirlo."
LEFT: Final = "Ese trabajo ya no está en tu lista."
PAUSED: Final = "Tu búsqueda está en pausa."
SEARCHING: Final = "Otra vez buscamos para ti."
