"""A comparison as tables of words, for the console and for the page; in Spanish."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from models.compare.verdicts import State, Verdict
from models.compare.words import FACETS, FIELDS, STATES, slice_name


class Section(NamedTuple):
    """One table; the first column is words, the others figures."""

    title: str
    about: str
    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


def sections(comparison: Mapping[str, Any], verdict: Verdict, brief: bool = False) -> list[Section]:
    """All that there is to tell, the gates first.

    Args:
        comparison: What was measured.
        verdict: Of it.
        brief: Counts the gates that pass, in place of telling each.
    """
    found = [_gates(verdict, brief)]
    if "quality" in comparison:
        found += [_versions(comparison), *_quality(comparison["quality"])]
        found.append(_harms(comparison))
        found += _people("Qué cambia, solo con palabras", comparison["changes"])
        found += _exposure("Exposición", comparison["exposure"])
    if "stream" in comparison:
        stream = comparison["stream"]
        found.append(_streams(stream))
        if "interleaved" in stream:
            found.append(_interleaved(stream["interleaved"]))
        found += _people("Qué cambia para quien ya recibe listas", stream["changes"])
        found += _exposure("Exposición de lo publicado", stream["exposure"])
    return [section for section in found if section.rows]


def _gates(verdict: Verdict, brief: bool) -> Section:
    told: tuple[State, ...] = ("failed", "unknown") if brief else ("failed", "unknown", "passed")
    rows = [
        (gate.says, STATES[gate.state] + (f", lo acepta {gate.accepted}" if gate.accepted else ""))
        for state in told
        for gate in verdict.those(state)
    ]
    if brief:
        rows.append((f"{len(verdict.those('passed'))} puertas más", STATES["passed"]))
    return Section("Puertas", "Lo que no se sabe no pasa.", ("pregunta", "respuesta"), rows)


def _versions(comparison: Mapping[str, Any]) -> Section:
    sides = [comparison["champion"], comparison["challenger"]]
    time = comparison["latency"]
    rows = [
        ("versión", *(str(side["id"])[:12] for side in sides)),
        ("ordenador", *(side["ranker"] for side in sides)),
        ("vectores", *(side["vectors"] for side in sides)),
        ("tamaño, MB", *(_number(side["bytes"] and side["bytes"] / 1e6, 1) for side in sides)),
        ("leer las palabras, ms por persona", *(_number(ms, 1) for ms in time["encode ms"])),
        (f"ordenar {time['jobs']} avisos, ms por persona",
         *(_number(ms, 2) for ms in time["rank ms"])),
    ]  # fmt: skip
    about = (
        f"Tiempo del procesador, una tras otra, {time['rounds']} veces; la candidata tarda "
        f"{time['ratio']:.2f} veces lo que la otra."
    )
    return Section("Las dos versiones", about, ("", "en uso", "candidata"), rows)


def _quality(quality: Mapping[str, Any]) -> Iterator[Section]:
    about = (
        f"{quality['metric']} de las mismas personas con los mismos avisos. El intervalo de cada "
        f"diferencia es de {100 * quality['level']:.2f} %, para que las {quality['tests']} "
        "comparaciones juntas valgan al 95 %."
    )
    for task in quality["tasks"]:
        rows = [_difference("todas", task)]
        rows += [
            _difference(f"{FACETS[row['facet']]}: {slice_name(row['slice'])}", row)
            for row in task["slices"]
        ]
        head = ("personas", "cuántas", "en uso", "candidata", "diferencia")
        yield Section(f"Calidad {FIELDS[task['fields']]}", about, head, rows)


def _difference(name: str, row: Mapping[str, Any]) -> tuple[str, ...]:
    found = row["difference"]
    told = f"{found['mean']:+.3f} ({found['low']:+.3f} a {found['high']:+.3f})"
    return (name, str(row["people"]), _number(row["champion"]), _number(row["challenger"]), told)


def _harms(comparison: Mapping[str, Any]) -> Section:
    rows = []
    for task in comparison["quality"]["tasks"]:
        for name, key in (("avisos mostrados", "shown"), ("que incumplen un requisito", "broken"),
                          ("riesgosos", "risky")):  # fmt: skip
            rows.append((f"{name}, {FIELDS[task['fields']]}", *map(str, task[key])))
    if (gender := comparison["gender"]) is not None:
        sides = (gender["systems"][side]["mean"] for side in ("champion", "challenger"))
        rows.append(("listas iguales si solo cambia el género", *map(_number, sides)))
    return Section("Daños", "Entre los diez primeros.", ("", "en uso", "candidata"), rows)


def _people(title: str, found: Mapping[str, Any]) -> Iterator[Section]:
    head = ("personas", "cuántas", "otros tres primeros", "otro primero", "mismos, otro orden",
            "entran", "salen", "puntaje")  # fmt: skip
    rows = [_changed("todas", found["all"])]
    rows += [
        _changed(f"{FACETS.get(row['facet'], row['facet'])}: {slice_name(row['slice'])}", row)
        for row in found["slices"]
    ]
    about = (
        f"{found['people']} personas con lista de las dos; {found['only champion']} solo de la que "
        f"está en uso, {found['only challenger']} solo de la candidata. {found['all']['emptied']} "
        "se quedan sin ningún aviso. Entran y salen: avisos por persona."
    )
    yield Section(title, about, head, rows)


def _changed(name: str, row: Mapping[str, Any]) -> tuple[str, ...]:
    top = row["top 3 changed"]
    told = "–" if top["share"] is None else (
        f"{_percent(top['share'])} ({_percent(top['low'])} a {_percent(top['high'])})"
    )  # fmt: skip
    shift = "–" if row["score shift"] is None else f"{row['score shift']:+.3f}"
    return (name, str(row["people"]), told, _percent(row["first changed"]["share"]),
            _percent(row["only order changed"]["share"]), _number(row["entered"], 2),
            _number(row["left"], 2), shift)  # fmt: skip


def _exposure(title: str, found: Mapping[str, Any]) -> Iterator[Section]:
    rows = [
        (f"{what} {slice_name(row['slice'])}", *map(_percent, row["shares"]))
        for what, key in (("región", "by region"), ("empleador con", "by employer size"))
        for row in found[key]
    ]
    rows += [
        ("desigualdad entre avisos (Gini)", *map(_number, found["gini"])),
        ("décima parte de avisos más mostrada", *map(_percent, found["top tenth"])),
        ("avisos que ve alguien", *map(_percent, found["coverage"])),
    ]
    about = "A quién van los tres primeros puestos de cada persona."
    yield Section(title, about, ("", "en uso", "candidata"), rows)


def _streams(stream: Mapping[str, Any]) -> Section:
    rows: list[tuple[str, ...]] = [("eventos", *map(str, stream["events"]))]
    for name in ("encoder", "ranker", "reader"):
        rows.append((name, *(", ".join(dict.fromkeys(row[name] for row in side)) or "–"
                             for side in stream["versions"])))  # fmt: skip
    for status in sorted({status for side in stream["status"] for status in side}):
        told = (str(side.get(status, 0)) for side in stream["status"])
        rows.append((f"personas «{status}»", *told))
    for mark in ("p50", "p95", "p99"):
        waits = (_number(side.get(mark), 0) for side in stream["latency"])
        rows.append((f"espera {mark}, ms", *waits))
    counted = " y ".join(str(side["people"]) for side in stream["latency"])
    about = (
        "Espera: del perfil publicado a su lista, desde que las dos versiones trabajan "
        f"({counted} personas)."
    )
    return Section("Los dos temas", about, ("", "en uso", "candidata"), rows)


def _interleaved(found: Mapping[str, Any]) -> Section:
    applied = found["applied"]
    rows = [
        ("avisos mostrados que puso una de las dos", str(found["shown"])),
        ("postulaciones a los de la versión en uso", str(applied["champion"])),
        ("postulaciones a los de la candidata", str(applied["challenger"])),
        ("personas que prefirieron la candidata", str(found["wins"])),
        ("personas que prefirieron la versión en uso", str(found["losses"])),
        ("personas sin preferencia", str(found["ties"])),
        ("parte que prefirió la candidata, de quienes prefirieron",
         "–" if found["share"] is None else
         f"{_percent(found['share'])} ({_percent(found['low'])} a {_percent(found['high'])})"),
        ("avisos por mostrar antes de poder decidir",
         "no se sabe" if found["needed"] is None else str(found["needed"])),
    ]  # fmt: skip
    about = {
        "challenger": "Se postula más a los avisos de la candidata (p < 0,05).",
        "champion": "Se postula más a los avisos de la versión en uso (p < 0,05).",
        None: "No se sabe a los de cuál se postula más.",
    }[found["better"]]
    return Section("Listas de las dos a la vez", about, ("", ""), rows)


def _number(value: float | None, decimals: int = 3) -> str:
    return "–" if value is None else f"{value:.{decimals}f}"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.0f} %"
