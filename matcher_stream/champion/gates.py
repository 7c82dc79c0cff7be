"""What must hold before a deployment is named champion: each gate says yes, or why not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from matcher_stream.config.connecting import connected
from matcher_stream.config.contract import TopicNames
from matcher_stream.config.security import client_options
from matcher_stream.config.settings import Settings
from matcher_stream.verify.run import verify

MOST_BEHIND: Final = 100
"""Records that a challenger under load may be behind."""
MOST_TOLD: Final = 3


@dataclass(frozen=True, slots=True)
class Case:
    """Who is to be named champion.

    Attributes:
        settings: Of the challenger.
        deployment: Its application id.
        champion: Whose place it takes; None where nobody speaks yet.
        by: Who answers for it.
    """

    settings: Settings
    deployment: str
    champion: str | None
    by: str


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


GATES: Final[Sequence[Gate]] = (named_person, caught_up, verified)


async def judge(case: Case, gates: Sequence[Gate] = GATES) -> list[Verdict]:
    """What each gate says, in order; the costly ones are not asked once one says no."""
    verdicts: list[Verdict] = []
    for gate in gates:
        verdicts.append(await gate(case))
        if not verdicts[-1].ok:
            break
    return verdicts
