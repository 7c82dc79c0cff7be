"""The worker's status page, in Spanish, for whoever watches a demo."""

from __future__ import annotations

from html import escape
from typing import Any

_PAGE = """<!doctype html>
<html lang="es"><head><meta charset="utf-8"><meta http-equiv="refresh" content="5">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Emparejador de empleo</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 2rem auto }}
dl {{ display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.5rem }}
dt {{ color: #555 }} dd {{ margin: 0; font-weight: 600 }}
</style></head>
<body><h1>Emparejador de empleo</h1><p>{state}</p><dl>{facts}</dl>
<p><a href="metrics">Métricas</a> · <a href="ready">Listo</a> · <a href="live">Vivo</a></p>
</body></html>
"""


def status_page(source: str, facts: dict[str, Any]) -> str:
    """The page as HTML.

    Args:
        source: Name of the deployment.
        facts: What `readiness` tells.
    """
    if facts["ready"]:
        state = "Este trabajador está funcionando."
    elif facts["encoder"] == "loading":
        state = "Cargando el modelo de lenguaje…"
    else:
        state = "Recuperando los datos…"
    rows = {
        "Sistema": source,
        "Habla al público": "sí" if facts["champion"] else "no: está en la sombra",
        "Personas": facts["people"],
        "Trabajos activos": facts["jobs"],
        "Listas por actualizar": facts["lists_waiting"],
        "Particiones": ", ".join(map(str, facts["partitions"])) or "ninguna",
    }
    cells = "".join(f"<dt>{escape(k)}</dt><dd>{escape(str(v))}</dd>" for k, v in rows.items())
    return _PAGE.format(state=state, facts=cells)
