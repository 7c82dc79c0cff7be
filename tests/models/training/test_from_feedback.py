"""Weights learned from deeds find a known taste, whatever the places, and keep what holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from agents.context import ranker_of, versions_of
from matcher_stream.config.settings import Settings
from models.evaluation.resampling import Estimate, Resampling
from models.feedback.dataset import Impression, load
from models.ranking import evidence
from models.ranking.weights import shipped_weights
from models.search.arrays import Double
from models.training.from_feedback import Learned, learn
from models.training.impressions import GAINS, Impressions, impressions
from models.training.left_out import verdict
from models.training.pair_loss import MOST
from models.training.pairwise import pairs_of
from models.training.scaling import judged_features, judged_quality, keeps_quality, rescaled, scores
from models.training.simulated_clicks import Habits, Taste, taste_ndcg, write
from models.training.simulated_clicks import impressions as simulated
from tests.support.tastes import PAY, VECTORS, judged, people_of, small, vectors

CHAMPION = shipped_weights()
RANKERS = {CHAMPION.version: CHAMPION}


def clicks(
    taste: Sequence[float] = PAY, seed: int = 1, regions: str = "AC", **habits: float
) -> list[Impression]:
    """What people of A and C did; nobody of D is asked."""
    how = Habits({"": Taste(tuple(taste))}, seed=seed, rankings=4, **habits)  # type: ignore[arg-type]
    return simulated(small(), people_of(regions), CHAMPION, how, VECTORS)


@cache
def of_pay() -> tuple[Impression, ...]:
    return tuple(clicks())


@cache
def some() -> tuple[Impression, ...]:
    """What people of A did: for what does not hang on how many there are."""
    return tuple(clicks(regions="A"))


def read(rows: Sequence[Impression]) -> Impressions:
    return impressions(rows, RANKERS, VECTORS)


def learned_from(rows: Sequence[Impression], corrected: bool = True) -> Learned:
    return learn(read(rows), CHAMPION.evidence, corrected)


def quality(weights: Sequence[float], taste: Sequence[float] = PAY) -> Double:
    """nDCG of people of D on that taste."""
    found = taste_ndcg(small(), people_of("D"), weights, {"": Taste(tuple(taste))})
    return found[~np.isnan(found)]


def gain(after: Double, before: Double) -> Estimate:
    return Resampling(range(len(after))).estimate(after - before)


def test_the_taste_is_found_for_people_of_other_regions_and_only_with_the_correction() -> None:
    corrected, naive = (learned_from(of_pay(), corrected) for corrected in (True, False))
    before = quality(CHAMPION.evidence)
    assert gain(quality(corrected.weights), before).low > 0.06
    assert gain(quality(corrected.weights), quality(naive.weights)).low > 0.02
    assert quality(corrected.weights).mean() > 0.98
    pay, travel = evidence.NAMES.index("pay"), evidence.NAMES.index("travel")
    assert abs(corrected.weights[pay] - PAY[pay]) < abs(naive.weights[pay] - PAY[pay])
    assert corrected.weights[travel] < 0.1 < naive.weights[travel]


def test_who_looks_at_every_place_needs_no_correction() -> None:
    rows = clicks(regions="A", eta=0.0)
    assert learned_from(rows).weights == learned_from(rows, corrected=False).weights


@pytest.mark.parametrize("seed", range(4))
def test_clicks_at_random_teach_nothing(seed: int) -> None:
    rows = clicks(seed=seed, noise=1.0, refusing=0.0)
    found = learned_from(rows)
    assert found.weights == CHAMPION.evidence
    assert found.surely < found.needed
    assert found.step == 0.0
    assert sum(row.outcome in GAINS for row in rows) > 500, "they clicked"


def test_no_part_counts_against_a_person_whatever_they_clicked() -> None:
    perverse = (0.0, -0.4, -0.4, -0.4)
    found = learned_from(clicks(perverse))
    assert found.weights[1:] == (0.0, 0.0, 0.0)
    assert found.step == 1.0
    way = Habits({"": Taste((0.0, 3.0, 0.0, 0.0), level=-0.2)}, rankings=4)
    far = learned_from(simulated(small(), people_of("AC"), CHAMPION, way, VECTORS))
    assert far.weights[1] == MOST


def test_a_part_that_rows_do_not_tell_keeps_its_weight() -> None:
    """Older events have no evidence, and what weighed nothing is in no component."""
    rows = [replace(row, evidence=None) for row in clicks(regions="ACD")]
    assert read(rows).known().tolist() == [True, True, False, False]
    found = learned_from(rows)
    assert found.held == ("pay", "experience")
    assert found.weights[2:] == CHAMPION.evidence[2:]
    assert found.weights[1] < CHAMPION.evidence[1], "travel is there to be learned"


def test_features_come_out_of_a_score_again() -> None:
    rows = of_pay()
    told, guessed = read(rows), read([replace(row, evidence=None) for row in rows])
    assert np.abs(told.features[:, 0] - guessed.features[:, 0]).max() < 2e-3
    assert np.abs(told.features[:, 2] - guessed.features[:, 2]).mean() < 2e-3  # travel
    weights = np.array(CHAMPION.evidence)
    total = told.features[:, 0] + told.features[:, 1:] @ weights
    again = 1 / (1 + np.exp(-(CHAMPION.slope * total + CHAMPION.offset)))
    ordered = sorted(rows, key=lambda row: (row.person, row.revision, row.surface, row.rank))
    assert np.abs(again - [row.score for row in ordered]).max() < 1e-4


def test_what_exposure_took_off_is_no_part_of_how_well_a_job_fits() -> None:
    row = of_pay()[0]
    assert row.score is not None
    exposed = replace(row, score=row.score - 0.05, ranker_version=f"{CHAMPION.version}-x0.05",
                      components={**row.components, "exposure": -0.05})  # fmt: skip
    assert np.allclose(read([row]).features, read([exposed]).features)


def test_rows_name_the_ranker_as_workers_do() -> None:
    row = of_pay()[0]
    for settings in (Settings(), Settings(top_k=5, swap_share=0.1, unlocks=False)):
        told = versions_of(VECTORS, ranker_of(settings), settings).ranker
        found = read([replace(row, ranker_version=told)])
        assert np.array_equal(found.features, read([row]).features), told


def test_rows_of_other_vectors_or_rankers_teach_nothing_and_are_counted() -> None:
    row = of_pay()[0]
    rows = [row, replace(row, encoder_version="another"), replace(row, ranker_version="another"),
            replace(row, score=None, components={}),
            replace(row, outcome="dismissed", reason="hours")]  # fmt: skip
    found = read(rows)
    assert len(found.gain) == 1
    assert dict(found.left_out) == {
        "of other vectors": 1, "of an unknown ranker": 1, "of a ranking that was gone": 1,
        "refused for what the ranker does not weigh": 1,
    }  # fmt: skip


def test_a_place_that_few_look_at_weighs_more_up_to_a_limit() -> None:
    first, second = [r for r in of_pay() if r.rank <= 2][:2]
    rows = [replace(first, outcome="none", propensity=1.0),
            replace(second, outcome="opened", propensity=0.25)]  # fmt: skip
    assert pairs_of(read(rows)).weight.tolist() == [4.0]
    assert pairs_of(read(rows), corrected=False).weight.tolist() == [1.0]
    rare = [rows[0], replace(rows[1], propensity=0.001)]
    assert pairs_of(read(rare)).weight.tolist() == [20.0]
    refused = [replace(rows[0], outcome="reported"), replace(rows[1], outcome="none")]
    assert pairs_of(read(refused)).weight.tolist() == [1.0]
    hired = [rows[0], replace(rows[1], outcome="hired")]
    assert pairs_of(read(hired)).weight.tolist() == [12.0]


def test_everybody_counts_alike_however_often_they_look() -> None:
    taken = next(row for row in of_pay() if row.outcome == "applied" and row.rank > 1)
    mine = [row for row in of_pay() if (row.person, row.revision) == (taken.person, taken.revision)]
    often = [replace(row, revision=revision) for revision in range(1, 9) for row in mine]
    once, many = (pairs_of(read(rows)).weight.sum() for rows in (mine, often))
    assert once == pytest.approx(many)
    assert once > 0


def test_the_order_of_rows_changes_nothing() -> None:
    rows = list(some())
    shuffled = [rows[i] for i in np.random.default_rng(0).permutation(len(rows))]
    assert learned_from(shuffled) == learned_from(rows)


def test_an_erasure_after_the_export_reaches_the_next_model_to_the_bit(tmp_path: Path) -> None:
    rows = list(some())
    gone = max({row.person for row in rows}, key=lambda name: sum(r.person == name for r in rows))
    exported = write(rows, tmp_path / "exports" / "monday")
    whole = learned_from(load(exported).rows)
    write([], tmp_path / "exports" / "tuesday", erased=[gone])
    after = load(exported)
    assert after.dropped == {gone}
    without = learned_from([row for row in rows if row.person != gone])
    assert learned_from(after.rows) == without
    assert whole.losses != without.losses, "that person had taught something"


def test_judged_quality_is_not_lost_beyond_its_interval() -> None:
    pairs = judged_features(judged(), *vectors())
    regions = np.array(judged().region_of_person)
    keeps = keeps_quality([pairs], CHAMPION, regions)
    free = learned_from(of_pay())
    assert not keeps(free.weights), "such a taste is not what officers graded"
    held = learn(read(of_pay()), CHAMPION.evidence, keeps=keeps)
    assert 0 < held.step < free.step == 1
    assert held.prior == free.prior
    between = np.array(held.weights) - CHAMPION.evidence
    way = np.array(free.weights) - CHAMPION.evidence
    assert between == pytest.approx(held.step * way, abs=1e-3)
    change = judged_quality(pairs, CHAMPION, rescaled(pairs, CHAMPION, held.weights, "held"))
    assert change["difference"].high >= 0
    assert gain(quality(held.weights), quality(CHAMPION.evidence)).low > 0.02, "and still learned"
    assert keeps(CHAMPION.evidence)


def test_the_largest_step_that_passes_is_taken_or_else_the_largest_that_keeps() -> None:
    rows = read(of_pay())
    travel = evidence.NAMES.index("travel")
    free = learn(rows, CHAMPION.evidence)
    half = (CHAMPION.evidence[travel] + free.weights[travel]) / 2
    near = learn(rows, CHAMPION.evidence, passes=lambda weights: weights[travel] >= half - 1e-3)
    assert near.step == 0.5
    refused = learn(rows, CHAMPION.evidence, passes=lambda weights: False)
    assert refused == free, "so that somebody can say why"
    nothing = learn(rows, CHAMPION.evidence, keeps=lambda weights: False)
    assert (nothing.weights, nothing.step) == (CHAMPION.evidence, 0.0)


def test_weights_that_nobody_changed_keep_their_scale() -> None:
    pairs = judged_features(judged(), *vectors())
    same = rescaled(pairs, CHAMPION, CHAMPION.evidence, CHAMPION.version)
    assert replace(same, send=CHAMPION.send) == CHAMPION
    assert same.send == pytest.approx(CHAMPION.send, abs=0.02)
    other = rescaled(pairs, CHAMPION, (0.05, 0.12, 0.05, 0.0), "other")
    right = pairs.grades >= 2
    before, after = scores(pairs, CHAMPION), scores(pairs, other)
    assert (after[right] >= other.threshold).mean() >= (before[right] >= CHAMPION.threshold).mean()
    assert right[after >= other.send].mean() >= right[before >= CHAMPION.send].mean()


def test_people_left_out_tell_whether_it_became_better() -> None:
    found = learned_from(of_pay())
    others = simulated(small(), people_of("D"), CHAMPION,
                       Habits({"": Taste(PAY)}, seed=2, rankings=12), VECTORS)  # fmt: skip
    told = verdict(read(others), CHAMPION.evidence, found.weights)
    assert told.gain.low > 0
    assert told.after.mean == pytest.approx(told.before.mean + told.gain.mean)
    nothing = verdict(read(others), CHAMPION.evidence, CHAMPION.evidence)
    assert nothing.gain == Estimate(0.0, 0.0, 0.0)
