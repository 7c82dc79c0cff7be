"""Weights of words that tell risky ads from others."""

from __future__ import annotations

import math
from pathlib import Path

import orjson

from models.training.risk_words import example, judged_examples, learn
from models.vetting.alike import BIAS
from schemas.job import Job

RISKY = ("Deposita la garantía hoy", "Deposita 40 soles hoy", "Deposita tu cuota")
ORDINARY = ("Cocinar el menú hoy", "Lavar 40 platos", "Cocinar y lavar", "Cocinar en casa")


def _ad(text: str, risky: bool) -> dict[str, object]:
    return {"job_id": text[:9], "title": text, "risky": risky, "said": {"place": "x"}}


def test_words_of_risky_ads_weigh_more_and_those_of_others_less() -> None:
    texts = [(text, True) for text in RISKY] + [(text, False) for text in ORDINARY]
    ads = [example(Job(job_id="x", title=text), risky) for text, risky in texts]
    weights = learn(ads)
    assert weights["depos"] > 1 > 0 > weights["cocin"]
    assert weights["depos"] > abs(weights.get("hoy", 0.0)), "both have it"
    scores = [
        weights[BIAS] + sum(weights.get(name, 0.0) for name in ad.found) / math.sqrt(len(ad.found))
        for ad in ads
    ]
    assert min(scores[: len(RISKY)]) > max(scores[len(RISKY) :])
    assert learn(ads) == weights


def test_judged_ads_are_read_by_their_own_fields_alone(tmp_path: Path) -> None:
    rows = (_ad(RISKY[0], True), _ad(ORDINARY[0], False))
    (tmp_path / "jobs.jsonl").write_bytes(b"\n".join(orjson.dumps(row) for row in rows))
    first, second = judged_examples(tmp_path)
    assert (first.risky, second.risky) == (True, False)
    assert "depos" in first.found
    assert "x" not in first.found
