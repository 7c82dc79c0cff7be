"""Places, moving and offers in invented texts, and in the names of all districts."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.reading.districts import ALL
from models.reading.facts.canonical import canonical
from models.reading.facts.job import JobFacts, job_facts
from models.reading.facts.person import person_facts
from models.reading.facts.where import home

_HERE = Path(__file__).parent
_OFFERS = {"lodging": "lodging", "travel": "travel_paid", "meals": "meals", "remote": "remote"}


def rows(name: str) -> list[list[str]]:
    lines = (_HERE / name).read_text("utf-8").splitlines()
    return [line.split("\t") for line in lines if not line.startswith("#")][1:]


class Count:
    """Readings, gold and readings that are right."""

    def __init__(self) -> None:
        self.read = self.said = self.right = 0
        self.errors: list[tuple[str, str, str]] = []

    def add(self, gold: str, got: str, text: str) -> None:
        self.read += got != "-"
        self.said += gold != "-"
        self.right += got != "-" and got == gold
        if gold != got:
            self.errors.append((gold, got, text))

    def check(self, precision: float, recall: float) -> None:
        assert self.right >= precision * self.read, self.errors
        assert self.right >= recall * self.said, self.errors


def test_homes_and_moving_of_people() -> None:
    homes, moves = Count(), Count()
    for _, text, home_code, relocate in rows("where_people.tsv"):
        facts = person_facts(text.replace("\\n", "\n"))
        place = facts.ubigeo or facts.region
        homes.add(home_code, place.value if place else "-", text)
        move = "-"
        if facts.relocate is not None:
            move = "yes" if facts.relocate.value else "no"
        moves.add(relocate, move, text)
    assert homes.said > 180
    homes.check(0.97, 0.97)
    moves.check(0.97, 0.95)


def test_places_and_offers_of_ads() -> None:
    places, offers = Count(), Count()
    for _, title, description, place, said in rows("where_ads.tsv"):
        facts = job_facts(title, description, None)
        places.add(place, facts.ubigeo.value if facts.ubigeo else "-", description)
        for name, field in _OFFERS.items():
            given = getattr(facts, field) is not None
            offers.add(name if name in said.split() else "-", name if given else "-", description)
    assert places.said > 90
    places.check(0.97, 0.95)
    offers.check(0.98, 0.95)


@pytest.mark.parametrize(
    "spelt", ["vivo en {d}, {p}, {r}", "{d}, {p}\nCocinera", "vivo en el distrito de {d}, {p}"]
)
def test_every_district_is_read_where_its_province_stands_beside(spelt: str) -> None:
    wrong, right = [], 0
    for d in ALL:
        text = spelt.format(d=d.name, p=d.province, r=d.region)
        fact, _ = home.person(canonical(text))
        right += fact is not None and fact.value == d.ubigeo
        if fact is not None and fact.value != d.ubigeo:
            wrong.append((d.name, fact.value))
    assert len(wrong) <= 4, wrong
    assert right >= 0.985 * len(ALL)


def test_a_name_alone_is_seldom_taken_for_a_namesake() -> None:
    read = right = people = meant = 0
    for d in ALL:
        fact, _ = home.person(canonical(f"vivo en {d.name}"))
        people += d.population
        read += fact is not None
        right += fact is not None and fact.value == d.ubigeo
        meant += d.population if fact is not None and fact.value == d.ubigeo else 0
    assert right >= 0.97 * read
    assert meant >= 0.85 * people


def test_facts_name_the_piece_of_text_they_come_from() -> None:
    text = "Tengo 2 hijos, x eso toy en  Tumán,  Lambayeque y no m puedo mudar"
    facts = person_facts(text)
    assert facts.ubigeo is not None
    assert facts.relocate is not None
    assert (facts.ubigeo.value, facts.ubigeo.said) == ("140120", "Tumán,  Lambayeque")
    assert text[facts.ubigeo.start : facts.ubigeo.end] == facts.ubigeo.said
    assert (facts.relocate.value, facts.relocate.said) == (False, "no m puedo mudar")


def test_what_an_ad_does_not_say_is_open() -> None:
    facts = job_facts("Ayudante", "Buscamos personal con ganas.", "Secundaria completa")
    assert facts == JobFacts(education=facts.education)
