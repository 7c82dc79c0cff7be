"""What a visitor is told when a page cannot do what was asked: one plain Spanish sentence."""

from __future__ import annotations

from typing import Final

TOO_FAST: Final = "Vas muy rápido. Espera un momento y vuelve a intentar."
NOT_READY: Final = "Estamos acomodando los datos. Espera unos segundos y vuelve a intentar."
NOT_SAVED: Final = "No pudimos guardar lo que mandaste. Vuelve a intentar en un momento."
NO_LINK: Final = "Este enlace ya no abre nada. Puedes empezar de nuevo."
NO_SESSION: Final = "Pasó mucho tiempo o tu navegador no guarda cookies. Vuelve a empezar."
NOT_READ: Final = "Algo de lo que escribiste no se puede leer. Revísalo y vuelve a intentar."
TOO_LONG: Final = "Es muy largo. Cuéntalo en menos palabras."
NOT_HERE: Final = "Esta página no existe."
NOT_YOURS: Final = "No tienes permiso para ver esta página."
IN_SHADOW: Final = "Esto es una prueba que todavía no usa nadie. Abre la página de siempre."
BROKEN: Final = "Algo falló de nuestro lado. Vuelve a intentar en un momento."


class Problem(Exception):
    """Ends a request with an error page.

    Args:
        status: HTTP status.
        sentence: What the visitor reads; never anything that they or others wrote.
        retry: Seconds after which trying again makes sense, 0 if it does not.
    """

    def __init__(self, status: int, sentence: str, retry: int = 0) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.retry = retry


def not_ready() -> Problem:
    """Whoever could answer is starting, or its partitions move."""
    return Problem(503, NOT_READY, retry=3)
