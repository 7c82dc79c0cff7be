"""What all workers tell, together: the flow, who owns what, and what is slow now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from matcher_stream.runtime.metrics import PROMISE_SECONDS
from matcher_stream.web.watch.sampling import quantile, share_within

SLOW_AGE: Final = 5.0
SLOW_LOOP: Final = 0.5
FULL: Final = 0.9
MANY_LISTS: Final = 1_000
HELD_LONG: Final = 86_400.0
_MOST_SLOW: Final = 3
_MOST_LETTERS: Final = 5


@dataclass(frozen=True, slots=True)
class Step:
    """One agent over all workers; None is not known."""

    name: str
    rate: float | None
    lag: int | None
    age: float | None
    busy: float | None


@dataclass(frozen=True, slots=True)
class Slow:
    """Something that is slow, in words, with the runbook's section about it."""

    words: str
    anchor: str
    weight: float


@dataclass(frozen=True, slots=True)
class Whole:
    """All workers together.

    Attributes:
        workers: Each worker's figures by its address; None of one that does not answer.
        steps: By agent.
        owners: Address of each partition's owner, None where nobody works on it.
        median, late_most, within: Of the last minute's answers: seconds at the median and at 99 in
            100, and the share within the promise; None where there were none.
        refused: Records refused since the workers started, by class.
        letters: The last refused: topic, partition, offset, class, seconds ago.
        ads: What became of job ads since the workers started.
        explainers: Each explainer's figures by its address; None of one that does not answer.
        slow: What is slow now, the worst first.
    """

    workers: Mapping[str, Mapping[str, Any] | None]
    steps: Mapping[str, Step]
    owners: Sequence[str | None]
    median: float | None
    late_most: float | None
    within: float | None
    refused: Mapping[str, int]
    letters: Sequence[Sequence[Any]]
    ads: Mapping[str, int]
    held: int
    held_age: float
    people: int
    jobs: int
    lists: int
    explainers: Mapping[str, Mapping[str, Any] | None]
    slow: Sequence[Slow] = ()


def whole(workers: Mapping[str, Mapping[str, Any] | None], partitions: int) -> Whole:
    """Put the workers' figures together.

    Args:
        workers: From `figures.figures`, by address; None of one that does not answer.
        partitions: Of every topic.
    """
    told = {url: said for url, said in workers.items() if said is not None}
    names = dict.fromkeys(name for said in told.values() for name in said["agents"])
    steps = {name: _step(name, list(told.values())) for name in names}
    owners: list[str | None] = [None] * partitions
    for url, said in told.items():
        for partition in said["partitions"]:
            if partition < partitions:
                owners[partition] = url
    latency = _added(said["latency"] for said in told.values())
    letters = sorted((one for said in told.values() for one in said["letters"]), key=lambda x: x[4])
    found = Whole(
        workers,
        steps,
        owners,
        quantile(latency, 0.5),
        quantile(latency, 0.99),
        share_within(latency, PROMISE_SECONDS),
        _sums(said["refused"] for said in told.values()),
        letters[:_MOST_LETTERS],
        _sums(said["ads"] for said in told.values()),
        int(sum(said["held"] for said in told.values())),
        max((said["held_age"] for said in told.values()), default=0.0),
        int(sum(said["people"] for said in told.values())),
        int(max((said["jobs"] for said in told.values()), default=0)),
        int(sum(said["lists"] for said in told.values())),
        _explainers(told.values()),
    )
    slow = sorted(_slow(found), key=lambda one: -one.weight)
    return replace(found, slow=slow[:_MOST_SLOW])


def _explainers(
    told: Iterable[Mapping[str, Any]],
) -> dict[str, Mapping[str, Any] | None]:
    """What any worker was told: they all ask the same ones."""
    found: dict[str, Mapping[str, Any] | None] = {}
    for said in told:
        for url, figures in said.get("explainers", {}).items():
            found[url] = figures or found.get(url)
    return dict(sorted(found.items()))


def _step(name: str, told: Sequence[Mapping[str, Any]]) -> Step:
    held = [(said["agents"][name], said["seconds"]) for said in told if name in said["agents"]]
    rates = [one["done"] / seconds for one, seconds in held if "done" in one and seconds]
    lags = [one["lag"] for one, _ in held if "lag" in one]
    ages = [one["age"] for one, _ in held if "age" in one]
    busy = [max(one["prepare"], one["apply"]) for one, _ in held if "prepare" in one]
    return Step(
        name,
        sum(rates) if rates else None,
        int(sum(lags)) if lags else None,
        max(ages) if ages else None,
        max(busy) if busy else None,
    )


def _added(histograms: Iterable[Sequence[Sequence[Any]]]) -> list[tuple[float, float]]:
    found: dict[float, float] = {}
    for held in histograms:
        for bound, count in held:
            at = float("inf") if bound is None else float(bound)
            found[at] = found.get(at, 0.0) + count
    return sorted(found.items())


def _sums(counts: Iterable[Mapping[str, float]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in counts:
        for name, value in one.items():
            found[name] = found.get(name, 0) + int(value)
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def _slow(found: Whole) -> Iterator[Slow]:
    """What an operator would look at first; weights are about how much of the service it takes."""
    for url, said in found.workers.items():
        if said is None:
            yield Slow(f"{url} no responde.", "matcherpartitionwithoutowner", 1000.0)
        elif said["phase"] == "recovering":
            left = said.get("recovering")
            rest = f": faltan {left} registros" if left else ""
            yield Slow(f"{url} recupera sus datos{rest}.", "matcherpartitionwithoutowner", 500.0)
        elif said["phase"] == "loading":
            yield Slow(f"{url} carga el modelo.", "matcherpartitionwithoutowner", 400.0)
        elif (delay := quantile(_added([said["loop"]]), 0.99) or 0.0) >= SLOW_LOOP:
            yield Slow(f"{url}: su bucle se atrasa {delay:.1f} s.", "matcherslow", 50.0 + delay)
    orphans = sum(owner is None for owner in found.owners)
    if orphans:
        yield Slow(f"{orphans} particiones sin dueño.", "matcherpartitionwithoutowner", 900.0)
    for step in found.steps.values():
        if step.age is not None and step.age >= SLOW_AGE and step.name != "candidates":
            words = f"{step.name}: el registro más antiguo espera {step.age:.0f} s."
            yield Slow(words, "matcherrecordswait", min(step.age, 300.0))
        if step.busy is not None and step.busy >= FULL:
            words = f"{step.name} trabaja {100 * step.busy:.0f} % del tiempo: no le queda más."
            yield Slow(words, "matcherlagrises", 40.0 * step.busy)
    if found.within is not None and found.within < 0.99 and found.late_most is not None:
        late = 100 * (1 - found.within)
        words = f"{late:.0f} % de las respuestas pasó de {PROMISE_SECONDS:.0f} s."
        yield Slow(words, "matcherslow", 100.0 * (1 - found.within))
    if found.lists >= MANY_LISTS:
        yield Slow(f"{found.lists} listas de personas por actualizar.", "matcherslow", 5.0)
    for url, one in found.explainers.items():
        if one is None:
            yield Slow(f"{url} no responde: no se sabe si explica.", "explainerwithoutmodel", 30.0)
        elif one.get("breaker"):
            yield Slow(f"{url} dejó de llamar al modelo, que falla.", "explainerwithoutmodel", 15.0)
        elif one.get("budget") and one.get("left", 1.0) <= 0:
            yield Slow(f"{url} gastó lo de hoy.", "explainerwithoutmodel", 10.0)
    if found.held_age >= HELD_LONG:
        days = found.held_age / 86_400
        yield Slow(
            f"Un aviso espera revisión hace {days:.0f} días.", "matcherheldadswait", 20.0 + days
        )
