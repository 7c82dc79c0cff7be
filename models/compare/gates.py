"""Whether a challenger may take the champion's place: named gates over a comparison.

A gate that nothing is known of is `unknown` and does not pass: somebody with a name may accept
that it is not known, never that it failed. A comparison may come from a file: whatever is missing
or no number in it is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from models.compare.figures import number, pair, rows, value
from models.compare.verdicts import Gate, Given, Limits, State, Verdict
from models.compare.words import FACETS, FIELDS, slice_name

__all__ = ["Gate", "Given", "Limits", "State", "Verdict", "verdict"]

NEEDED: Final = ("group of regions", "sex", "style", "language")
"""Facets of which every slice must be known. A region of few people is in its group's figure."""


def verdict(
    comparison: Mapping[str, Any], given: Given | None = None, limits: Limits | None = None
) -> Verdict:
    """Hold a comparison against the limits.

    Args:
        comparison: From `offline.compare`, with `streams.compare_streams` as ``stream``.
        given: What is known beside it; default: nothing.
        limits: Default: those of `Limits`.
    """
    known, most = given or Given(), limits or Limits()
    found = (
        *_versions(comparison, known),
        *_quality(comparison, most),
        *_harms(comparison, most),
        *_fair(comparison, most),
        *_taken(comparison),
        *_running(comparison, known, most),
    )
    return Verdict(tuple(_accepted(gate, known) for gate in found))


def _accepted(gate: Gate, given: Given) -> Gate:
    person = given.person.strip()
    if gate.state == "unknown" and person and gate.name in given.accepted:
        return replace(gate, accepted=person)
    return gate


def _at_most(name: str, found: float | None, limit: float, says: str, decimals: int = 3) -> Gate:
    """Passes up to a limit. `says` names what was measured, then has {figure} and {limit}."""
    if found is None:
        return Gate(name, "unknown", None, limit, f"{says.split(':')[0]}: no se midió.")
    text = says.format(figure=f"{found:.{decimals}f}", limit=f"{limit:.{decimals}f}")
    return Gate(name, "passed" if found <= limit else "failed", found, limit, text)


def _versions(comparison: Mapping[str, Any], given: Given) -> Iterator[Gate]:
    """Figures of other versions decide nothing about these."""
    compared = [value(comparison, side, "id") for side in ("champion", "challenger")]
    wanted = [given.champion, given.challenger]
    name = "versions"
    if None in compared or None in wanted:
        yield Gate(name, "unknown", None, None, "No se sabe si se comparó lo que se va a cambiar.")
    elif compared == wanted:
        yield Gate(name, "passed", None, None, "Se comparó lo que se va a cambiar.")
    else:
        yield Gate(name, "failed", None, None, "Se compararon otras versiones que las del cambio.")


def _quality(comparison: Mapping[str, Any], limits: Limits) -> Iterator[Gate]:
    """Not surely worse, and not by much even if unsure; in all and in every slice."""
    tasks = {str(value(task, "fields")): task for task in rows(comparison, "quality", "tasks")}
    tests = number(comparison, "quality", "tests")
    for fields, words in FIELDS.items():
        task = tasks.get(fields, {})
        yield _no_worse(f"quality, {fields}", f"Calidad {words}", task, limits.lost, tests, limits)
        for facet, spanish in FACETS.items():
            found = [row for row in rows(task, "slices") if value(row, "facet") == facet]
            if not found and facet in NEEDED:
                what = f"No se midió la calidad {words} por {spanish}."
                yield Gate(f"quality, {fields}, {facet}", "unknown", None, None, what)
            for row in found:
                enough = (number(row, "people") or 0) >= limits.fewest
                if not enough and facet not in NEEDED:
                    continue
                part = str(value(row, "slice"))
                name = f"quality, {fields}, {facet}: {part}"
                what = f"Calidad {words}, {spanish} {slice_name(part)}"
                yield _no_worse(name, what, row, limits.lost_slice, tests, limits)


def _no_worse(
    name: str, what: str, row: Mapping[str, Any], lost: float, tests: float | None, limits: Limits
) -> Gate:
    mean, low, high = (number(row, "difference", end) for end in ("mean", "low", "high"))
    people = number(row, "people") or 0
    if mean is None or low is None or high is None or tests is None:
        return Gate(name, "unknown", None, -lost, f"{what}: no se midió.")
    told = f"{what}: {mean:+.3f} ({low:+.3f} a {high:+.3f}, {people:.0f} personas"
    if people < limits.fewest:
        few = f"{told}): son menos de {limits.fewest} y no dicen nada."
        return Gate(name, "unknown", mean, -lost, few)
    if high < 0:
        text = f"{told}): es peor con seguridad, aun contando {tests:.0f} comparaciones."
        return Gate(name, "failed", mean, -lost, text)
    if mean < -lost:
        return Gate(name, "failed", mean, -lost, f"{told}): baja más de {lost:g}.")
    return Gate(name, "passed", mean, -lost, f"{told}): no se ve que sea peor.")


def _harms(comparison: Mapping[str, Any], limits: Limits) -> Iterator[Gate]:
    tasks = {str(value(task, "fields")): task for task in rows(comparison, "quality", "tasks")}
    whole, words = tasks.get("all", {}), tasks.get("words", {})
    yield _at_most("violations, all", number(whole, "newly broken"), 0,
                   "Avisos que la persona no puede tomar y antes no salían: {figure}, se admiten "
                   "{limit}.", 0)  # fmt: skip
    shares = [_ratio(words, side) for side in (0, 1)]
    grown = None if None in shares else (shares[1] or 0.0) - (shares[0] or 0.0)
    yield _at_most("violations, words", grown, limits.broken_share,
                   "Parte de lo mostrado que incumple un requisito, solo con palabras: cambia en "
                   "{figure}, se admite {limit}.")  # fmt: skip
    for fields, spanish in FIELDS.items():
        counts = pair(tasks.get(fields, {}), "risky")
        yield _at_most(f"risky, {fields}", counts and counts[1], 0,
                       f"Avisos riesgosos entre los diez primeros {spanish}: {{figure}}, se "
                       "admiten {limit}.", 0)  # fmt: skip


def _ratio(task: Mapping[str, Any], side: int) -> float | None:
    broken, shown = pair(task, "broken"), pair(task, "shown")
    return broken[side] / shown[side] if broken and shown and shown[side] else None


def _fair(comparison: Mapping[str, Any], limits: Limits) -> Iterator[Gate]:
    overlap = number(comparison, "gender", "systems", "challenger", "mean")
    what = "Listas iguales cuando solo cambia el género de las palabras"
    if overlap is None:
        yield Gate("gender", "unknown", None, limits.gender, f"{what}: no se midió.")
    else:
        text = f"{what}: {overlap:.3f}, se quiere {limits.gender:g} o más."
        state: State = "passed" if overlap >= limits.gender else "failed"
        yield Gate("gender", state, overlap, limits.gender, text)
    for key, what in (("by region", "una región"), ("by employer size", "un tamaño de empleador")):
        shares = [pair(row, "shares") for row in rows(comparison, "exposure", key)]
        grown = [both[1] - both[0] for both in shares if both is not None]
        says = f"Lo que más crece la parte de {what} en los primeros puestos: {{figure}}, "
        most = max(grown) if grown and None not in shares else None
        yield _at_most(f"exposure, {key}", most, limits.share, says + "se admite {limit}.")
    tenth = pair(value(comparison, "exposure"), "top tenth")
    yield _at_most("exposure, top tenth", tenth and tenth[1] - tenth[0], limits.share,
                   "Parte de los primeros puestos que toma la décima parte de avisos más mostrada: "
                   "cambia en {figure}, se admite {limit}.")  # fmt: skip


def _taken(comparison: Mapping[str, Any]) -> Iterator[Gate]:
    """What people applied to, where both rankings were interleaved; else there is no such gate."""
    found = value(comparison, "stream", "interleaved")
    if found is None:
        return
    share, low, high, needed = (number(found, name) for name in ("share", "low", "high", "needed"))
    name, even = "applied", 0.5
    if share is None or low is None or high is None:
        yield Gate(
            name, "unknown", None, even, "A los avisos de cuál se postula más: nadie lo dijo."
        )
        return
    told = f"Prefiere los avisos de la candidata {share:.3f} ({low:.3f} a {high:.3f})"
    if high < even:
        yield Gate(name, "failed", share, even, f"{told}: con seguridad, menos de la mitad.")
    elif low > even or needed == 0:
        yield Gate(name, "passed", share, even, f"{told}: no se ve que sea menos de la mitad.")
    else:
        more = "más" if needed is None else f"{needed:.0f} más"
        yield Gate(name, "unknown", share, even, f"{told}: faltan {more} por mostrar.")


def _running(comparison: Mapping[str, Any], given: Given, limits: Limits) -> Iterator[Gate]:
    yield _at_most("latency", number(comparison, "latency", "ratio"), limits.slower,
                   "Tiempo por persona: {figure} veces el de antes, se admite "
                   "{limit}.")  # fmt: skip
    yield _at_most("missing", number(comparison, "stream", "changes", "only champion"),
                   limits.missing, "Personas con lista y sin lista de la candidata: {figure}, se "
                   "admiten {limit}.", 0)  # fmt: skip
    for name, known, yes, no, what in (
        ("verify", given.verified, "verify no halla diferencias.", "verify halla diferencias.",
         "No se sabe si verify halla diferencias."),
        ("caught up", given.caught_up, "La candidata leyó todo.",
         "La candidata no ha leído todo.", "No se sabe si la candidata leyó todo."),
    ):  # fmt: skip
        if known is None:
            yield Gate(name, "unknown", None, None, what)
        else:
            yield Gate(name, "passed" if known else "failed", None, None, yes if known else no)
    if person := given.person.strip():
        yield Gate("person", "passed", None, None, f"Lo decide {person}.")
    else:
        yield Gate("person", "unknown", None, None, "Falta el nombre de quien lo decide.")
