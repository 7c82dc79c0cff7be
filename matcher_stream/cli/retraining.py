"""What `matcher-stream models retrain` does, step by step."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from matcher_stream.cli.comparing import offline
from matcher_stream.cli.proposal import Proposal
from matcher_stream.cli.registering import CODE, Given, imported, judged_files, listed
from matcher_stream.config.model import BUILT_IN, Model, model_of, registered_as
from matcher_stream.config.settings import Settings
from matcher_stream.registry.store import Registry
from models.compare.gates import Given as Known
from models.compare.gates import verdict
from models.compare.ranked import JudgedPeople
from models.encoding.embedder import vector_version
from models.evaluation.assemble import RANKER, Asked, evaluate
from models.evaluation.encoders import Models
from models.evaluation.judged import PARTS, Fields, load
from models.feedback import dataset
from models.ranking.weights import Weights, read_weights, shipped_weights, weights_file
from models.reading.text import job_text, person_text
from models.registry import version as versions
from models.registry.making import Ingredients, make_version
from models.registry.manifest import SHORT_CHARS
from models.search.matrix import quantise
from models.training.judged_pairs import JudgedPairs
from models.training.retraining import Retrained, retrain
from models.training.scaling import judged_features
from schemas.errors import MissingModel, RefusedModel, UsageError

GIVEN: Final[tuple[Fields, ...]] = ("all", "words")
Tell = Callable[[str], object]


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
    allowed = _allowed(models, champion, people)
    found = retrain(data, champion, rankers, vectors, pairs, regions, fewest, allowed)
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


def _allowed(models: Models, champion: Weights, people: int | None) -> Callable[[Weights], bool]:
    """Whether weights pass the gates that hang on them alone, as those of promotion will be asked;
    what the champion fails by itself no weights mend.
    """
    judged = JudgedPeople(people=people)
    before = judged.ranked(models.current, champion)
    own = set(judged.failed(before, before))

    def allowed(weights: Weights) -> bool:
        return not set(judged.failed(before, judged.ranked(models.current, weights))) - own

    return allowed


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
        ranker=weights_file(weights, f"matcher-stream models retrain, from {parent}."),
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
