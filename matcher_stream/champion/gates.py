"""What must hold before a deployment is named champion: each gate says yes, or why not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from matcher_stream.champion.running import UNREGISTERED, told_as
from matcher_stream.config.connecting import connected
from matcher_stream.config.contract import TopicNames
from matcher_stream.config.model import BUILT_IN
from matcher_stream.config.security import client_options
from matcher_stream.config.settings import Settings
from matcher_stream.verify.run import verify
from models.compare.figures import rows, value
from models.compare.gates import Given
from models.compare.gates import verdict as held_against_limits

MOST_BEHIND: Final = 100
"""Records that a challenger under load may be behind."""
MOST_TOLD: Final = 3
COMPARED: Final = "comparación"
SETTINGS: Final = "settings"
"""Among the gates of a comparison: whether it heard what other settings do."""


@dataclass(frozen=True, slots=True)
class Case:
    """Who is to be named champion.

    Attributes:
        settings: Of the challenger.
        deployment: Its application id.
        champion: Whose place it takes; None where nobody speaks yet.
        by: Who answers for it.
        versions: Of models, the champion's and its own; None where it is not known.
        changed: Settings that change what people are told and differ from the champion's, as
            sentences; None where the champion's are not known.
        comparison: Of those two, as `models compare --json` writes it.
        accepted: Names of its gates that the person accepts to know nothing of.
    """

    settings: Settings
    deployment: str
    champion: str | None
    by: str
    versions: tuple[str | None, str | None] = (BUILT_IN, BUILT_IN)
    changed: tuple[str, ...] | None = ()
    comparison: Mapping[str, Any] | None = None
    accepted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a gate says.

    Attributes:
        gate: Its name.
        ok: Whether it lets the challenger through.
        why: One sentence, in Spanish.
    """

    gate: str
    ok: bool
    why: str


Gate = Callable[[Case], Awaitable[Verdict]]


async def named_person(case: Case) -> Verdict:
    """Somebody answers for it."""
    ok = bool(case.by.strip())
    why = f"responde {case.by}" if ok else "falta el nombre de quien responde (--by)"
    return Verdict("persona", ok, why)


async def compared(case: Case) -> Verdict:
    """What it tells people was held against what they are told now, and no gate stands in its way;
    needed where its models are other ones, or settings that change what people are told.
    """
    champion, challenger = case.versions
    same = champion == challenger is not None
    if case.comparison is None or _unregistered(champion, same):
        if same and case.changed == ():
            why = f"los modelos y los ajustes son los mismos ({challenger})"
            return Verdict(COMPARED, True, why)
        why = _missing(case)
        if COMPARED in case.accepted:
            return Verdict(COMPARED, True, f"{why}; {case.by} acepta no saberlo")
        return Verdict(COMPARED, False, why)
    # the two that are asked of a running deployment are gates of their own here
    given = Given(champion, challenger, True, True, case.by, case.accepted)
    found = held_against_limits(case.comparison, given).gates
    wrong = [f"«{gate.name}» {gate.says}" for gate in found
             if gate.state != "passed" and not gate.accepted]  # fmt: skip
    if SETTINGS not in case.accepted and not _heard(case):
        wrong.append(f"«{SETTINGS}» {_changed(case)} y no se comparó lo que dice (--shadow)")
    if not wrong:
        return Verdict(COMPARED, True, f"pasa las {len(found)} puertas")
    told = "; ".join(says.rstrip(".") for says in wrong[:MOST_TOLD])
    return Verdict(COMPARED, False, f"no pasa {len(wrong)} de {len(found) + 1}: {told}")


def _unregistered(champion: str | None, same: bool) -> bool:
    """Whether nothing can have been compared with what is in use."""
    return champion is not None and champion.startswith(UNREGISTERED) and not same


def _heard(case: Case) -> bool:
    """Whether settings are the same, or the comparison has read what it says with its own: judged
    people are ranked with no deployment's settings.
    """
    if case.changed == ():
        return True
    versions = value(case.comparison, "stream", "versions")
    _, shadow = versions if isinstance(versions, list) and len(versions) == 2 else (None, None)
    told = told_as(case.settings)
    return any(value(row, "ranker") == told for row in rows({"of": shadow}, "of"))


def _changed(case: Case) -> str:
    if case.changed is None:
        return "no se sabe con qué ajustes habla el campeón"
    return f"cambian ajustes ({', '.join(case.changed)})"


def _missing(case: Case) -> str:
    """What to do where nothing was compared."""
    champion, challenger = case.versions
    if _unregistered(champion, champion == challenger):
        return (
            f"lo que está en uso ({champion}) no está registrado y no se puede comparar: use "
            f"'models import' con esas partes y compare con esa versión"
        )
    if challenger is None or _unregistered(challenger, champion == challenger):
        return "sus modelos no están registrados: use 'models import' y MATCHER_MODEL"
    names = TopicNames(case.settings, case.deployment)
    asked = (
        f"matcher-stream models compare {champion or 'EN-USO'} {challenger} "
        f"--shadow {names.shadow(names.matches)} --json ARCHIVO"
    )
    why = "falta" if champion != challenger else f"falta, pues {_changed(case)}"
    return f"{why}: haga `{asked}` y diga --compared ARCHIVO"


async def caught_up(case: Case) -> Verdict:
    """The challenger has read nearly all that there is."""
    names, settings = TopicNames(case.settings, case.deployment), case.settings
    client = AIOKafkaConsumer(
        **client_options(settings), group_id=case.deployment, enable_auto_commit=False
    )
    left = 0
    async with connected(settings, client, client.stop):
        for topic in names.read:
            parts = [TopicPartition(topic, number) for number in range(settings.partitions)]
            ends = await client.end_offsets(parts)
            for part in parts:
                left += ends[part] - (await client.committed(part) or 0)
    ok = left <= MOST_BEHIND
    return Verdict("al día", ok, f"le faltan {left} registros por leer (máximo {MOST_BEHIND})")


async def verified(case: Case) -> Verdict:
    """What it says of everybody in the shadow follows from the inputs."""
    report = await verify(case.settings, case.deployment)
    found = [f"{d.where}: {d.what}" for d in report.differences[:MOST_TOLD]]
    people = report.counts["matches events"]
    good = f"todo coincide ({people} listas emitidas)"
    bad = f"{len(report.differences)} diferencias, por ejemplo {'; '.join(found)}"
    return Verdict("verify", report.ok, good if report.ok else bad)


GATES: Final[Sequence[Gate]] = (named_person, compared, caught_up, verified)


async def judge(case: Case, gates: Sequence[Gate] = GATES) -> list[Verdict]:
    """What each gate says, in order; the costly ones are not asked once one says no."""
    verdicts: list[Verdict] = []
    for gate in gates:
        verdicts.append(await gate(case))
        if not verdicts[-1].ok:
            break
    return verdicts
