"""Addresses of the pages for who looks for workers, and the sentences they share."""

from __future__ import annotations

from typing import Final

START: Final = "/ofrezco"
WHERE: Final = "/ofrezco/donde"
CHECK: Final = "/ofrezco/leimos"
MINE: Final = "/ofrezco/mis-avisos"
AD: Final = "/ofrezco/aviso/{job_id}"
LIVE: Final = "/ofrezco/vivo/{job_id}"
LINK: Final = "/ofrezco/enlace/{job_id}"
STATE: Final = "/ofrezco/estado/{job_id}"
EDIT: Final = "/ofrezco/cambiar/{job_id}"
CALL: Final = "/ofrezco/llamar/{job_id}"
OPEN: Final = "/a/{token}"

SAY_TITLE: Final = "Escribe primero a quién buscas."
SAY_WHERE: Final = "No conocemos ese lugar. Escríbelo de otra manera, o sigue sin decirlo."
SAY_PAY: Final = "Escribe el pago con números, por ejemplo 1300."
SAY_CONTACT: Final = "Escribe tu teléfono o el lugar donde te encuentran, sin enlaces."
NOT_OUT: Final = "Este aviso no se muestra ahora. Por eso no puedes llamar a nadie."
ANOTHER: Final = "Empezaste otro aviso en otra pestaña. Revisa este antes de publicar."
ASKED: Final = "Listo. Le avisamos. Esa persona decide si te llama."
ASKED_BEFORE: Final = "Ya le avisamos antes. Esa persona decide si te llama."
GONE: Final = "Esa persona ya no está en la lista."
ENOUGH: Final = "Ya avisaste a muchas personas por este aviso. Espera a que te respondan."
CONTACT_KEPT: Final = "Guardado. Ahora toca «Quiero que me llame» en cada persona."
