"""Team-draft interleaving: fair, the same everywhere, and quicker than half and half."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.compare.interleaving import credit, deciders_needed, interleaved, outcome
from models.feedback.drafting import (
    Placed,
    Seed,
    Trial,
    admitted,
    drafted,
    takes_part,
    team_draft,
)

IDS = st.lists(st.sampled_from([f"j{i}" for i in range(12)]), unique=True)
SEED = Seed("ana", "2026-11-27", "blend-5", "blend-6")


def of(person: int) -> Seed:
    return SEED._replace(profile_id=f"p{person}")


@given(IDS, IDS, st.integers(0, 15), st.integers(0, 9))
def test_a_list_is_made_of_both_and_teams_have_as_many_turns(
    champion: list[str], challenger: list[str], k: int, person: int
) -> None:
    made = team_draft(champion, challenger, k, of(person))
    names = [place.job_id for place in made]
    assert len(set(names)) == len(names) == min(k, len({*champion, *challenger}))
    assert made == team_draft(champion, challenger, k, of(person))
    teams = Counter(place.team for place in made)
    assert abs(teams["champion"] - teams["challenger"]) <= 1
    for team, ranking in (("champion", champion), ("challenger", challenger)):
        places = [ranking.index(place.job_id) for place in made if place.team == team]
        assert all(one < next_one for one, next_one in pairwise(places)), "in the ranking's order"


@given(IDS, st.integers(0, 12))
def test_the_same_ranking_twice_is_nobody_s(ranking: list[str], k: int) -> None:
    made = team_draft(ranking, ranking, k, SEED)
    assert made == [Placed(name, None) for name in ranking[:k]]


def test_what_both_begin_with_is_nobody_s_and_the_rest_is_drafted() -> None:
    made = team_draft(["a", "b", "c", "d"], ["a", "c", "x"], 5, SEED)
    assert made[0] == Placed("a", None)
    assert {place.team for place in made[1:3]} == {"champion", "challenger"}
    assert {place.job_id for place in made} == {"a", "b", "c", "d", "x"}


def test_each_begins_half_of_the_time_and_by_nothing_but_the_seed() -> None:
    first = [team_draft(["a"], ["b"], 2, of(i))[0].team for i in range(2_000)]
    assert 900 < first.count("challenger") < 1_100
    again = [SEED._replace(**{name: "other"}) for name in Seed._fields]
    lists = [tuple(team_draft("abcdef", "fedcba", 6, seed)) for seed in again]
    assert len(set(lists)) > 1, "every field counts"


def test_only_who_consented_takes_part_and_of_them_a_share() -> None:
    asked = [takes_part(of(i), 0.2, consented=True) for i in range(5_000)]
    assert 900 < sum(asked) < 1_100
    assert not any(takes_part(of(i), 1.0, consented=False) for i in range(100))
    assert all(takes_part(of(i), 1.0, consented=True) for i in range(100))
    assert not any(takes_part(of(i), 0.0, consented=True) for i in range(100))
    tomorrow = [takes_part(of(i)._replace(as_of="2026-11-28"), 0.2, consented=True)
                for i in range(5_000)]  # fmt: skip
    assert asked == tomorrow, "the same people every day"


def test_credit_goes_to_who_picked_what_was_applied_to() -> None:
    made = [Placed("both", None), Placed("a", "champion"), Placed("b", "challenger"),
            Placed("c", "champion")]  # fmt: skip
    assert credit(made, {"b"}) == 1
    assert credit(made, {"a", "c", "b"}) == -1
    assert credit(made, {"both"}) == credit(made, {"a", "b"}) == credit(made, ()) == 0


def test_the_outcome_is_the_sign_test() -> None:
    # 8 of 9: two-sided p = 2 (1 + 9) / 512
    found = outcome([1] * 8 + [-1] + [0] * 20)
    assert (found["wins"], found["losses"], found["ties"]) == (8, 1, 20)
    assert found["p"] == pytest.approx(20 / 512)
    assert found["better"] == "challenger"
    assert outcome([-1] * 9)["better"] == "champion"
    assert outcome([1, -1])["better"] is None
    assert outcome([0, 0])["p"] is None


def test_how_many_are_still_needed_follows_from_how_many_decided() -> None:
    need = deciders_needed()
    assert need == 194  # ((1.96 / 2 + 0.8416 * 0.4899) / 0.1) ** 2 = 193.9
    found = interleaved({"wins": 60, "losses": 40, "ties": 900, "shown": 5_000,
                         "applied champion": 41, "applied challenger": 66})  # fmt: skip
    assert found["needed"] == (need - 100) * 50
    assert found["applied"] == {"champion": 41, "challenger": 66}
    assert (found["share"], found["better"]) == (0.6, None)
    assert found["low"] < 0.5 < found["high"]
    assert interleaved({"wins": 150, "losses": 100, "shown": 9})["needed"] == 0
    assert interleaved({"ties": 7, "shown": 9})["needed"] is None


def test_so_many_deciders_find_it_in_four_of_five_trials() -> None:
    rng = np.random.default_rng(5)
    need, found = deciders_needed(), 0
    for wins in rng.binomial(need, 0.6, 1_000):
        found += outcome([1] * wins + [-1] * (need - wins))["better"] == "challenger"
    assert 740 < found < 860


def test_a_near_duplicate_stands_for_what_the_champion_shows() -> None:
    key, one = b"k" * 8, b"\0" * 16
    sign, near, other = key + one, key + one[:-1] + b"\1", key + b"\xff" * 16
    own = {"a": sign, "b": b""}
    others = {"a2": near, "c": other, "c2": other, "d": b"", "e": b""}
    assert admitted(["x", "a2", "a", "c", "c2", "e", "b"], own, others) == ["a", "c", "e", "b"]


@given(IDS, IDS, st.integers(0, 9))
def test_a_draft_is_as_long_as_the_champions_ranking(
    champion: list[str], challenger: list[str], person: int
) -> None:
    rival = [name for name in challenger if name in champion][:6]
    made = drafted(champion, rival, of(person))
    assert sorted(place.job_id for place in made) == sorted(champion)
    if not any(place.team for place in made):
        assert made == [Placed(name, None) for name in champion]
    assert drafted(champion, rival, of(person)._replace(as_of="")) == [
        Placed(name, None) for name in champion
    ]


def test_the_draw_is_the_same_for_a_week_and_the_people_always() -> None:
    trial = Trial(0.3, "a", "b")
    days = [f"2026-11-{day}" for day in (23, 26, 29)]  # from Monday to Sunday
    assert len({trial.seed("ana", day) for day in days}) == 1
    assert trial.seed("ana", "2026-11-30") != trial.seed("ana", "2026-11-29")
    taking = [trial.takes(f"p{i}", consented=True) for i in range(1_000)]
    assert 250 < sum(taking) < 350
    assert taking != [Trial(0.3, "a", "c").takes(f"p{i}", consented=True) for i in range(1_000)]
    assert not any(trial.takes(f"p{i}", consented=False) for i in range(50))


class Population:
    """People whose taste is known, who look at places less the lower they stand.

    What one would apply to differs much between people; of 30 jobs the better ranking sees the
    taste with less noise.
    """

    JOBS, TOP = 30, 6

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.looks = 1 / np.log2(np.arange(2, self.TOP + 2))

    def person(self) -> tuple[np.ndarray, list[str], list[str]]:
        keen = self.rng.beta(0.5, 3)
        taste = self.rng.random(self.JOBS)
        rankings = [
            [str(j) for j in np.argsort(-(taste + self.rng.normal(0, noise, self.JOBS)))[:12]]
            for noise in (0.6, 0.3)
        ]
        return keen * taste**2, rankings[0], rankings[1]

    def applied(self, wants: np.ndarray, shown: list[str]) -> set[str]:
        drawn = self.rng.random(len(shown))
        return {
            name
            for place, name in enumerate(shown)
            if drawn[place] < wants[int(name)] * self.looks[place]
        }


def _interleaved(population: Population, people: int) -> bool:
    found = []
    for i in range(people):
        wants, worse, better = population.person()
        made = team_draft(worse, better, Population.TOP, of(i))
        found.append(credit(made, population.applied(wants, [place.job_id for place in made])))
    return bool(outcome(found)["better"] == "challenger")


def _half_and_half(population: Population, people: int) -> bool:
    from scipy.stats import mannwhitneyu

    counts: tuple[list[int], list[int]] = ([], [])
    for i in range(people):
        wants, *rankings = population.person()
        shown = rankings[i % 2][: Population.TOP]
        counts[i % 2].append(len(population.applied(wants, shown)))
    test = mannwhitneyu(counts[1], counts[0])
    return bool(test.pvalue < 0.05 and np.mean(counts[1]) > np.mean(counts[0]))


def test_the_better_ranking_is_found_with_fewer_impressions_than_half_and_half() -> None:
    runs = 40
    few = sum(_interleaved(Population(seed), 1_200) for seed in range(runs)) / runs
    many = sum(_half_and_half(Population(seed), 1_800) for seed in range(runs)) / runs
    assert few >= 0.5, few
    assert few > many, "with two thirds of the impressions"


def test_equal_rankings_are_seldom_told_apart() -> None:
    wrong = 0
    for seed in range(60):
        population, found = Population(seed), []
        for i in range(100):
            wants, one, _ = population.person()
            other = [str(j) for j in population.rng.permutation([int(j) for j in one])]
            lists = (one, other) if population.rng.random() < 0.5 else (other, one)
            made = team_draft(*lists, Population.TOP, of(i))
            found.append(credit(made, population.applied(wants, [p.job_id for p in made])))
        wrong += outcome(found)["better"] is not None
    assert wrong <= 8, "5 % of 60 are 3; 9 and more have a chance of 0.3 %"
