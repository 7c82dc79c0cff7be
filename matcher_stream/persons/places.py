"""Where the system keeps something about people, and which records there are about one of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import orjson

from matcher_stream.config import catalogue
from matcher_stream.config.contract import SPOKEN, TopicNames
from matcher_stream.config.settings import Settings
from matcher_stream.persons import rows
from tables.rows import erased_key, outcomes_of

#: Tells that a record is not about the person.
NOTHING: Final = object()
#: What of a record is about a person (id, key, value): `NOTHING`, or plain values.
Read = Callable[[str, bytes, bytes], Any]


@dataclass(frozen=True, slots=True)
class Holding:
    """What a topic or a table holds about people.

    Attributes:
        about: What it is, in Spanish.
        read: Says what of a record is about somebody.
        home: Whether all about a person lies in the partition of their id.
        taken_back: Whether an erasure takes back what stands there.
    """

    about: str
    read: Read
    home: bool = True
    taken_back: bool = True


@dataclass(frozen=True, slots=True)
class Place:
    """A topic that holds something about people: its full name, and what it is."""

    topic: str
    holds: Holding


def _keyed(name: str, key: bytes, value: bytes) -> Any:
    return _json(value) if key == name.encode() else NOTHING


def _explanation(name: str, key: bytes, value: bytes) -> Any:
    if not key.startswith(name.encode() + b":"):
        return NOTHING
    said = _json(value)
    return said if isinstance(said, dict) and said.get("profile_id") == name else NOTHING


def _listed(name: str, key: bytes, value: bytes) -> Any:
    if orjson.dumps(name) not in value:
        return NOTHING
    found = rows.safely(partial(rows.entry_of, name), value)
    return NOTHING if found is None else found


def _item(name: str, key: bytes, value: bytes) -> Any:
    if orjson.dumps(name) not in value:
        return NOTHING
    said = _json(value)
    return said if isinstance(said, dict) and said.get("id") == name else NOTHING


def _letter(name: str, key: bytes, value: bytes) -> Any:
    """A refused record: whoever's it is, if it names the person."""
    if key == name.encode():
        return _json(value)
    if key.startswith(name.encode() + b":") or orjson.dumps(name) in value:
        return {"refused_record_names_them": True}
    return NOTHING


def _row(unpack: Callable[[bytes], Any], name: str, key: bytes, value: bytes) -> Any:
    return rows.safely(unpack, value) if key[2:] == name.encode() else NOTHING


def _outcome(name: str, key: bytes, value: bytes) -> Any:
    return rows.safely(rows.outcomes, value) if key[2:].startswith(outcomes_of(name)) else NOTHING


def _mark(name: str, key: bytes, value: bytes) -> Any:
    return rows.safely(rows.erased, value) if key[2:] == erased_key(name) else NOTHING


def _json(value: bytes) -> Any:
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        return {"unreadable_bytes": len(value)}


#: Topics of the catalogue that hold something about people, by name. A record of an input may lie
#: in a wrong partition: it was refused, and is there all the same.
TOPICS: Final[dict[str, Holding]] = {
    "profiles": Holding("Perfil publicado", _keyed, home=False),
    "feedback": Holding("Qué pasó con trabajos", _keyed, home=False, taken_back=False),
    "invitations": Holding("Invitaciones de empleadores", _keyed, home=False, taken_back=False),
    "candidates-partial": Holding("Listas de candidatos por partes", _listed, home=False),
    "work": Holding("Plazos por vencer", _item, taken_back=False),
    "matches": Holding("Lista de trabajos enviada", _keyed),
    "candidates": Holding("Listas de candidatos de avisos", _listed, home=False),
    "explanations": Holding("Explicaciones enviadas", _explanation),
}
#: Tables that do, by name.
TABLES: Final[dict[str, Holding]] = {
    "people": Holding("Perfil aceptado y lo que se calculó", partial(_row, rows.people)),
    "exclusions": Holding("Trabajos que dejó de lado", partial(_row, rows.exclusions)),
    "outcomes": Holding("Qué pasó con lo que se le mostró", _outcome),
    "pending": Holding("Versiones por retirar de listas", partial(_row, rows.pending)),
    "rankings": Holding("Última lista enviada", partial(_row, rows.rankings)),
    "meta": Holding("Marca de que se borró, sin el id", _mark, taken_back=False),
    "lists": Holding("Listas de candidatos por partes", _listed, home=False),
    "explained": Holding("Qué se le explicó", partial(_row, rows.explained)),
    "words": Holding("Frases de un modelo de lenguaje", partial(_row, rows.words)),
}
_LETTERS: Final = Holding("Registros rechazados", _letter, home=False, taken_back=False)


def applications(prefix: str, there: Iterable[str]) -> list[str]:
    """Ids of the applications that have, or once had, tables: of every version.

    Args:
        prefix: Of the public topics.
        there: Every topic that the broker shows us.
    """
    pattern = re.compile(rf"({re.escape(prefix)}-.+)-(?:people|explained)-changelog")
    return sorted({found[1] for name in there if (found := pattern.fullmatch(name))})


def places(
    settings: Settings, apps: Iterable[str], there: Collection[str] | None = None
) -> list[Place]:
    """Where something about people is, public topics first, then tables.

    Args:
        settings: Give the prefix.
        apps: Ids of applications.
        there: Every topic that the broker shows us; None leaves none out.
    """
    named = [TopicNames(settings, app) for app in apps]
    public = TopicNames(settings, "")
    topics = {
        names.of(topic): TOPICS[topic.name]
        for topic in catalogue.TOPICS
        if topic.name in TOPICS
        for names in (named if topic.role == "internal" else [public])
    }
    read = {*public.inputs, public.matches, *(name for n in named for name in n.read)}
    topics |= {TopicNames.dlq(name): _LETTERS for name in sorted(read)}
    topics |= {
        names.shadow(names.of(topic)): TOPICS[topic.name]
        for names in named
        for topic in SPOKEN
        if topic.name in TOPICS
    }
    topics |= {names.shadow(name): _LETTERS for names in named for name in names.letters}
    tables = {
        f"{names.source}-{table}-changelog": holds
        for names in named
        for table, holds in TABLES.items()
    }
    found = (topics | tables).items()
    return [Place(name, holds) for name, holds in found if there is None or name in there]
