"""Texts on which a smaller encoder learns to give a larger one's vectors; no label is needed.

Titles, skills and descriptions of occupations of the train split, street names as messages, public
vacancies and invented people. Judged people and ads are not among them, so they can measure it.
"""

from __future__ import annotations

import csv
import gzip
import random
from pathlib import Path
from typing import Final

from models.evaluation.noise import as_message, misspell
from models.evaluation.splits import split_of
from models.reading.districts import DISTRICTS
from models.reading.occupations import trades as known_trades
from models.reading.text import job_text
from models.training import pairs
from models.training.train import Recipe, gather

Text = tuple[str, str]
"""``query`` or ``passage``, and what is said."""
PEOPLE: Final = 6000
VACANCIES: Final = 6000
_GREETINGS: Final = ("", "", "hola", "buenas", "ola", "buenos dias", "señorita", "disculpe")
_WHERE: Final = (
    "vivo en {}", "soy de {}", "estoy en {}", "por {}", "x {}", "cerca de {}", "aca en {}",
)  # fmt: skip
_MORE: Final = (
    "tengo {n} años de experiencia", "{n} años trabajando", "no tengo experiencia", "tengo brevete",
    "no tengo brevete", "solo de dia", "de noche tambien", "puedo empezar ya",
    "secundaria completa",
    "primaria completa", "no termine el colegio", "tengo hijos chiquitos", "medio tiempo",
    "quiero ganar {n}00 soles", "{n}0 soles el dia", "pago semanal", "puedo viajar",
    "no puedo ir lejos", "tengo mi moto", "se leer y escribir", "hablo quechua", "cama adentro",
    "cama afuera", "con contrato", "soy responsable y puntual", "tengo {n} hijos", "soy joven",
    "he trabajado en minas", "he trabajado en casas", "tengo mis herramientas", "necesito trabajo",
    "lo que sea", "estudio de noche", "soy mama soltera", "llegue hace poco", "aprendo rapido",
)  # fmt: skip
_JOINS: Final = (". ", ", ", " ", " y ", "; ")


def gather_texts(folder: Path, seed: int) -> list[list[Text]]:
    """Texts in units of one or two that mean the same; the same seed gives the same ones.

    Args:
        folder: The shared data.
        seed: Of what is drawn.
    """
    rng = random.Random(seed)
    found: list[list[Text]] = [
        [("query", pair.query), ("passage", pair.passage)]
        for pair in gather(
            folder, Recipe(seed=seed, titles=6, vacancies=3000, skills=4000, trades=2)
        )
    ]
    found += [[(rng.choice(("query", "passage")), text)] for text in vacancies(folder, rng)]
    found += [[("query", text)] for text in people(folder, rng)]
    found += [[("query", text)] for text in andean(folder, rng)]
    return found


def vacancies(folder: Path, rng: random.Random, most: int = VACANCIES) -> list[str]:
    """Public vacancies of the train split as the stream reads them."""
    with gzip.open(folder / pairs.SERVIR, "rt", encoding="utf-8", newline="") as file:
        rows = [
            row
            for row in csv.DictReader(file)
            if split_of(row["job_title"].strip().lower()) == "train"
        ]
    return [
        job_text(
            {
                "title": row["job_title"],
                "description": f"{row['required_knowledge']}. {row['skills']}",
                "requirements": f"{row['required_experience']}. {row['educational_background']}",
            }
        )
        for row in rng.sample(rows, min(most, len(rows)))
    ]


def people(folder: Path, rng: random.Random, most: int = PEOPLE) -> list[str]:
    """Invented people: one or two trades or titles, where they live, what else they say."""
    street = [trade.words for trade in known_trades()]
    titles = [p.query for p in pairs.titles(folder, rng, 1, 0.0)]
    places = [district.name for district in DISTRICTS]
    return [_person(street, titles, places, rng) for _ in range(most)]


def _person(street: list[str], titles: list[str], places: list[str], rng: random.Random) -> str:
    wanted = [rng.choice(street if rng.random() < 0.7 else titles)]
    if rng.random() < 0.4:
        wanted.append(rng.choice(street))
    parts = [as_message(work, rng) for work in wanted]
    if rng.random() < 0.6:
        parts.append(rng.choice(_WHERE).format(rng.choice(places).lower()))
    extra = rng.sample(_MORE, rng.randrange(4))
    parts += [said.format(n=rng.randrange(1, 16)) for said in extra]
    rng.shuffle(parts)
    text = rng.choice(_JOINS).join(filter(None, (rng.choice(_GREETINGS), *parts)))
    return misspell(text, rng) if rng.random() < 0.4 else text


def andean(folder: Path, rng: random.Random, most: int = 1500) -> list[str]:
    """Sentences in Quechua and Aymara."""
    found: list[str] = []
    for path in sorted((folder / "languages").glob("*")):
        if path.suffix in (".quy", ".aym") or path.name.startswith("quechua-spanish_dev.qu"):
            found += path.read_text("utf-8").splitlines()
    said = sorted({" ".join(line.split()) for line in found} - {""})
    return rng.sample(said, min(most, len(said)))
