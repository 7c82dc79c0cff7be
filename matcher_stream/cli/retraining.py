"""What `matcher-stream models retrain` does, step by step."""

from __future__ import annotations

import fcntl
import hashlib
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from matcher_stream.cli.comparing import offline
from matcher_stream.cli.feedback import export_command
from matcher_stream.cli.registering import CODE, Given, imported, judged_files, listed
from matcher_stream.config.model import BUILT_IN, Model, model_of, registered_as
from matcher_stream.config.settings import Settings
from matcher_stream.registry.store import Registry
from models.compare.gates import Given as Known
from models.compare.gates import Verdict, verdict
from models.encoding.embedder import vector_version
from models.evaluation.assemble import RANKER, Asked, Models, evaluate
from models.evaluation.judged import PARTS, Fields, load
from models.feedback import dataset
from models.ranking.weights import Weights, read_weights, shipped_weights
from models.reading.text import job_text, person_text
from models.registry import version as versions
from models.registry.making import Ingredients, make_version
from models.registry.manifest import SHORT_CHARS
from models.search.matrix import quantise
from models.training.judged_pairs import JudgedPairs
from models.training.retraining import Retrained, retrain, weights_file
from models.training.scaling import judged_features
from schemas.errors import MissingModel, RefusedModel, UsageError

GIVEN: Final[tuple[Fields, ...]] = ("all", "words")
LOCK: Final = ".retrain.lock"
Tell = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a run came to.

    Attributes:
        found: What was learned.
        version: The id that it was registered under; None if nothing was.
        parent: The version that it came from; None likewise.
        gates: Between the two; None likewise.
    """

    found: Retrained
    version: str | None = None
    parent: str | None = None
    gates: Verdict | None = None

    @property
    def proposed(self) -> bool:
        """Whether somebody should look at it: registered, and no gate failed."""
        return self.gates is not None and not self.gates.those("failed")

    def lines(self) -> list[str]:
        """In plain Spanish."""
        found = self.found
        used = f"Filas que enseñan: {found.rows} de {found.people} personas."
        if self.version is None or self.gates is None or found.left_out is None:
            return [used, f"Nada que proponer: {found.why}."]
        gain, judged = found.left_out.gain, found.judged["difference"]
        told = [
            used,
            f"Registrada: {self.version}",
            f"Personas apartadas ({found.left_out.people}): {gain.mean:+.3f} de pares en buen "
            f"orden (95 %: {gain.low:+.3f} a {gain.high:+.3f}).",
            f"Personas juzgadas, nDCG@10: {judged.mean:+.3f} ({judged.low:+.3f} a "
            f"{judged.high:+.3f}).",
        ]
        if failed := self.gates.those("failed"):
            return [*told, "No se propone:", *(f"  {gate.says}" for gate in failed)]
        unknown = self.gates.those("unknown")
        if unknown:
            told += ["Falta saber antes de promoverla:", *(f"  {gate.says}" for gate in unknown)]
        short = self.version[:SHORT_CHARS]
        return [
            *told,
            f"Propuesta: pruébela en la sombra con MATCHER_MODEL={short} y después use "
            "matcher-stream models promote (docs/champion.md).",
        ]

    def told(self) -> dict[str, Any]:
        """As JSON."""
        gates = self.gates and self.gates.told()
        return {"proposed": self.proposed, "why": self.found.why, "version": self.version,
                "parent": self.parent, "gates": gates, **self.found.told()}  # fmt: skip


@contextmanager
def alone(url: str) -> Iterator[bool]:
    """Whether no other run on this machine works for this registry, nor will in the block.

    A lock of the system: it is gone with the process, however that ends. Machines that share a
    registry need a scheduler that starts one (`concurrencyPolicy: Forbid`); two versions would be
    registered, and none is in use before somebody promotes it.
    """
    folder = Path(url.removeprefix("file://"))
    if "://" in str(folder):
        name = hashlib.sha256(url.encode()).hexdigest()[:16]
        path = Path(tempfile.gettempdir()) / f"matcher-{name}{LOCK}"
    else:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / LOCK
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


@contextmanager
def exported(feedback: Path | None, keep: Path | None) -> Iterator[Path]:
    """The export to learn from: the one named, or one that is made now.

    Args:
        feedback: A folder that somebody exported.
        keep: Where a new one stays; None: it is deleted at the end, since it is about people.
    """
    if feedback is not None:
        yield feedback
        return
    with tempfile.TemporaryDirectory(prefix="matcher-feedback-") as name:
        stamp = f"{datetime.now(UTC):%Y%m%d-%H%M%S}"
        folder = (keep or Path(name)) / stamp
        assert export_command.callback is not None
        export_command.callback(folder)
        yield folder


def retrained(
    settings: Settings, folder: Path, fewest: int, people: int | None, tell: Tell
) -> Proposal:
    """Learn, measure, register, and hold against the gates.

    Args:
        settings: Say what is in use, and where versions are.
        folder: The export.
        fewest: People who must have taught.
        people: Judged people of each folder that the gates look at; None for all.
        tell: Called with what is going on.

    Raises:
        MatcherError: something is not there or cannot be used; the sentence says what.
    """
    registry, model = Registry(settings.registry), _in_use(settings)
    champion = model.weights or shipped_weights()
    vectors = vector_version(model.encoder, model.adapter)
    data = dataset.load(folder)
    rankers = {**_rankers(registry, vectors), champion.version: champion}
    models = Models(model.encoder, settings.encoder_precision, model.adapter, champion)
    tell("Leyendo personas y avisos juzgados")
    pairs, regions = _judged(models)
    tell("Aprendiendo de lo que hicieron")
    found = retrain(data, champion, rankers, vectors, pairs, regions, fewest)
    if found.weights is None:
        return Proposal(found)
    tell("Midiendo")
    report = _measured(models, model, settings, found, found.weights, tell)
    parent = _parent(registry, settings, model)
    version = _registered(registry, model, parent, found, found.weights, folder, report)
    tell("Comparando con lo que está en uso")
    compared = offline(settings, (model.id, version), PARTS["dev"], people, people, tell)
    known = Known(champion=model.id, challenger=version)
    return Proposal(found, version, parent, verdict(compared, known))


def _in_use(settings: Settings) -> Model:
    if registered_as(settings) is None:
        raise UsageError(
            "Registre primero lo que está en uso con «matcher-stream models import» y póngalo en "
            "MATCHER_MODEL: una versión dice de cuál viene."
        )
    return model_of(settings)


def _judged(models: Models) -> tuple[list[JudgedPairs], NDArray[np.str_]]:
    """The judged pairs, with all fields and with words alone, and the folder of each person."""
    pairs, regions = [], np.zeros(0, np.str_)
    for fields in GIVEN:
        judged = load(fields)
        asked = quantise(models.current.encode([person_text(p) for p in judged.people], "query"))
        offered = quantise(models.current.encode([job_text(j) for j in judged.jobs], "passage"))
        pairs.append(judged_features(judged, asked, offered))
        regions = np.array(judged.region_of_person)
    return pairs, regions


def _rankers(registry: Registry, vectors: str) -> dict[str, Weights]:
    """The weights behind each name in `ranker_version`, of all that rank by these vectors."""
    found = {shipped_weights().version: shipped_weights()}
    for name in registry.ids():
        try:
            if registry.metadata(name).encoder.vectors == vectors:
                weights = read_weights(registry.text(name, versions.RANKER), versions.RANKER)
                found[versions.named(weights, name).version] = weights
        except (RefusedModel, MissingModel):
            continue  # damaged, or of another program: `models list` says so
    return found


def _measured(
    models: Models, model: Model, settings: Settings, found: Retrained, weights: Weights, tell: Tell
) -> Mapping[str, Any]:
    """The report of `models evaluate` on judged people, and those who were left out."""
    new = Models(model.encoder, settings.encoder_precision, model.adapter, weights)
    new.adapter = models.adapter  # what it encoded once need not be encoded again
    report = evaluate(Asked(("judged",), (RANKER,), None, "dev", 0, False), new, tell)
    report["tasks"].append(found.task())
    return report


def _parent(registry: Registry, settings: Settings, model: Model) -> str:
    """The id of what is in use; what ships is registered if it was not."""
    if model.id != BUILT_IN:
        return model.id
    rows = (row.id for row in listed(registry, settings) if row.use == "builtin")
    return next(rows, None) or imported(registry, None, Given())[0]


def _registered(
    registry: Registry,
    model: Model,
    parent: str,
    found: Retrained,
    weights: Weights,
    folder: Path,
    report: Mapping[str, Any],
) -> str:
    data = {f"feedback/{name}": folder / name for name in (dataset.ROWS, dataset.MANIFEST)}
    of = Ingredients(
        encoder=model.encoder,
        adapter=model.adapter,
        ranker=weights_file(weights, parent),
        licence=registry.metadata(parent).licence,
        code=CODE,
        created=datetime.now(UTC).replace(microsecond=0),
        about=f"aprendida de {found.people} personas sobre {parent[:SHORT_CHARS]}",
        parent=parent,
        report=orjson.dumps(report, option=orjson.OPT_INDENT_2),
        data={**judged_files(), **data},
        recipe=found.recipe(),
    )
    with tempfile.TemporaryDirectory(prefix="matcher-retrain-") as name:
        made = Path(name)
        make_version(made, of)
        return registry.put(made)[0]
