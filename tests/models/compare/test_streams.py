"""What two topics say of the same people: the last event of each counts, nothing personal stays."""

from __future__ import annotations

from typing import Any

import orjson

from models.compare.gates import Given, verdict
from models.compare.interleaving import interleaved
from models.compare.page import page
from models.compare.sections import sections
from models.compare.streams import Topic, compare_streams, person_of
from schemas.profile import Profile

PEOPLE = 12


def event(*ids: str, score: float = 0.8, ranker: str = "blend-5", **fields: Any) -> dict[str, Any]:
    """As much of a Matches event as is read."""
    entries = [
        {"job_id": name, "score": score - i / 10,
         "job": {"title": name, "employer": f"e-{name}", "ubigeo": "150101"}}
        for i, name in enumerate(ids)
    ]  # fmt: skip
    return {
        "status": "ok" if ids else "no_match",
        "encoder_version": "e5",
        "ranker_version": ranker,
        "reader_version": "r1",
        "cause": "profile_updated",
        "entries": entries,
        **fields,
    }


def profile(name: str, woman: bool) -> Profile:
    text = "soy cocinera en Lima" if woman else "soy cocinero en Lima"
    return Profile(profile_id=name, text=text, ubigeo="150101", age=30 if woman else 50)


def two() -> tuple[Topic, Topic, dict[str, Any]]:
    """Twelve people on both; of the women's rankings each has another job in the shadow."""
    told, shadow = Topic(), Topic()
    people = {}
    for i in range(PEOPLE):
        name, woman = f"persona-{i}", i % 2 == 0
        people[name] = person_of(profile(name, woman), 10_000 + i)
        told.add(name, event("z"), 500)
        told.add(name, event("a", "b", "c"), 10_100 + i)
        ids = ("a", "b", "x") if woman else ("a", "b", "c")
        shadow.add(name, event(*ids, score=0.7, ranker="blend-6"), 10_400 + i)
    shadow.first = 9_000
    return told, shadow, people


def test_who_is_told_a_draft_of_both_counts_for_neither() -> None:
    told, shadow, people = two()
    plain = compare_streams(told, shadow, people)
    assert plain["mixed"] == 0
    for i in range(PEOPLE, PEOPLE + 3):
        told.add(f"persona-{i}", event("q", "r", challenger="b"), 10_100)
        shadow.add(f"persona-{i}", event("s"), 10_100)
    told.add(f"persona-{PEOPLE + 1}", None, 10_200)
    told.add(f"persona-{PEOPLE + 2}", event("a", "b", "c"), 10_200)
    shadow.add(f"persona-{PEOPLE + 2}", event("a", "b", "c"), 10_200)
    found = compare_streams(told, shadow, people)
    assert found["mixed"] == 1
    assert found["changes"]["people"] == plain["changes"]["people"] + 1
    assert found["changes"]["only challenger"] == plain["changes"]["only challenger"] + 1


def test_what_people_applied_to_is_told_in_words() -> None:
    counts = {"wins": 8, "losses": 1, "ties": 3, "shown": 90, "applied challenger": 9,
              "applied champion": 2}  # fmt: skip
    stream = {**compare_streams(*two()), "interleaved": interleaved(counts)}
    told = sections({"stream": stream}, verdict({"stream": stream}))
    (section,) = [each for each in told if each.title == "Listas de las dos a la vez"]
    assert "Se postula más a los avisos de la candidata" in section.about
    rows = {row[0]: row[1] for row in section.rows}
    assert rows["personas que prefirieron la candidata"] == "8"
    assert rows["avisos por mostrar antes de poder decidir"] == str((194 - 9) * 10)
    few = {**stream, "interleaved": interleaved({"ties": 1})}
    assert "no se sabe" in page({"stream": few}, verdict({"stream": few}))


def test_who_would_be_told_something_else_by_slice() -> None:
    found = compare_streams(*two())
    assert found["events"] == [2 * PEOPLE, PEOPLE]
    assert [side[0]["ranker"] for side in found["versions"]] == ["blend-5", "blend-6"]
    rows = {(row["facet"], row["slice"]): row["top 3 changed"]["share"]
            for row in found["changes"]["slices"]}  # fmt: skip
    assert rows["sex", "feminine"] == rows["age", "25 to 44"] == 1.0
    assert rows["sex", "masculine"] == rows["age", "45 and more"] == 0.0
    assert rows["region", "Lima"] == 0.5
    assert found["changes"]["all"]["score shift"] == -0.1
    assert found["latency"] == [
        {"people": PEOPLE, "p50": 100, "p95": 100, "p99": 100},
        {"people": PEOPLE, "p50": 400, "p95": 400, "p99": 400},
    ]
    assert found["exposure"]["by region"] == [{"slice": "Lima", "shares": [1.0, 1.0]}]


def test_latency_counts_what_was_published_while_both_ran_and_has_a_known_cause() -> None:
    told, shadow, people = two()
    shadow.first = 10_006
    found = compare_streams(told, shadow, people)
    assert [side["people"] for side in found["latency"]] == [PEOPLE - 6, PEOPLE - 6]
    shadow.add("persona-9", event("a", cause="job_posted"), 10_500)
    assert compare_streams(told, shadow, people)["latency"][1]["people"] == PEOPLE - 7
    assert compare_streams(told, Topic(), people)["latency"][0] == {"people": 0}


def test_people_on_one_side_only_stop_the_challenger() -> None:
    told, shadow, people = two()
    shadow.add("persona-3", None, 10_500)
    told.add("persona-4", None, 10_500)
    found = compare_streams(told, shadow, people)
    assert found["changes"]["only champion"] == 1
    assert found["changes"]["only challenger"] == 1
    gates = {gate.name: gate for gate in verdict({"stream": found}, Given()).gates}
    assert gates["missing"].state == "failed"
    assert "sin lista de la candidata: 1" in gates["missing"].says


def test_what_is_told_has_no_person_and_no_words_of_theirs() -> None:
    found = compare_streams(*two())
    comparison = {"stream": found}
    made = page(comparison, verdict(comparison))
    told = orjson.dumps(found).decode() + made
    assert "persona-" not in told
    assert "cociner" not in told
    titles = [section.title for section in sections(comparison, verdict(comparison))]
    assert titles[1:] == ["Los dos temas", "Qué cambia para quien ya recibe listas",
                          "Exposición de lo publicado"]  # fmt: skip
    kept = person_of(profile("persona-1", woman=True), 1)
    assert "cociner" not in str(kept)
    assert kept.facets["sex"] == "feminine"


def test_nobody_on_either_side_is_no_error() -> None:
    found = compare_streams(Topic(), Topic(), {})
    assert found["changes"]["people"] == 0
    assert page({"stream": found}, verdict({"stream": found}))
