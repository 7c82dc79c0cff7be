"""How evenly impressions are spread over jobs, employers and regions.

The Gini index says how far shares are from equal (0: all alike; Gini 1912); the share of the top
tenth is what is easier to picture. Few impressions over many jobs are uneven by chance alone, so
beside both stands what an even spread of as many impressions would give.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from models.evaluation.congestion import gini
from models.feedback.rates import Values
from models.report.cells import suppressed
from models.report.frame import UNKNOWN, Frame, Numbers

CHANCE_DRAWS: Final = 200
SEED: Final = 0


def top_tenth(amounts: Values) -> float:
    """Share of the largest tenth of the amounts (at least one) of all; of nothing 0."""
    total = float(amounts.sum())
    most = max(1, len(amounts) // 10)
    return float(np.sort(amounts)[-most:].sum() / total) if total else 0.0


def spread(counts: Numbers) -> dict[str, Any]:
    """How impressions are spread over things that could have them.

    Args:
        counts: Impressions of each thing, zeros too, [n], n > 0.

    Returns:
        Gini and the share of the top tenth, and the means of both were every impression given to
        any of the things alike (multinomial draws).
    """
    rng = np.random.default_rng(SEED)
    n, total = len(counts), int(counts.sum())
    even = rng.multinomial(total, np.full(n, 1.0 / n), size=CHANCE_DRAWS).astype(np.float64)
    amounts = counts.astype(np.float64)
    return {
        "things": n,
        "never": int((counts == 0).sum()),
        "impressions": total,
        "gini": round(gini(amounts), 4),
        "gini by chance": round(float(np.mean([gini(draw) for draw in even])), 4),
        "top tenth": round(top_tenth(amounts), 4),
        "top tenth by chance": round(float(np.mean([top_tenth(draw) for draw in even])), 4),
    }


def over_jobs(frame: Frame, offered: Sequence[str] | None) -> dict[str, Any]:
    """Over jobs: those that were offered (their ids), else those that were shown to somebody."""
    counts = np.bincount(frame.job, minlength=len(frame.jobs))
    shown = set(frame.jobs)
    never = sum(job not in shown for job in offered or ())
    return spread(np.concatenate([counts, np.zeros(never, np.int64)]))


def over_names(frame: Frame, names: Mapping[str, str | None]) -> dict[str, Any] | None:
    """Over what jobs have in common (their employer): impressions of each name.

    Args:
        frame: What was shown.
        names: By job id; None where it is not known. What was never shown counts as nothing.

    Returns:
        None where no name is known.
    """
    number: dict[str, int] = {}
    for name in names.values():
        if name is not None:
            number.setdefault(name, len(number))
    if not number:
        return None
    counts = np.zeros(len(number), np.int64)
    for job, count in zip(frame.jobs, np.bincount(frame.job), strict=True):
        if (name := names.get(job)) is not None:
            counts[number[name]] += int(count)
    return spread(counts)


def over_regions(
    frame: Frame, regions: Mapping[str, str | None], fewest: int
) -> list[dict[str, Any]]:
    """Share of impressions beside the share of the ads, by the region of the job.

    Args:
        frame: What was shown.
        regions: Of every job that was offered, by id; None where it is not known.
        fewest: People that a region must have been shown to.

    Returns:
        One row a region; None for what may not be told.
    """
    held = [regions.get(job) or UNKNOWN for job in frame.jobs]
    names = sorted({name or UNKNOWN for name in regions.values()} | set(held),
                   key=lambda name: (name == UNKNOWN, name))  # fmt: skip
    number = {name: i for i, name in enumerate(names)}
    row_region = np.array([number[name] for name in held], np.int64)[frame.job]
    impressions = np.bincount(row_region, minlength=len(names))
    pairs = np.unique(np.stack([row_region, frame.person]), axis=1)
    people = np.bincount(pairs[0], minlength=len(names))
    ads = np.bincount([number[n or UNKNOWN] for n in regions.values()], minlength=len(names))
    hidden = suppressed(people, fewest)
    return [
        {
            "group": name,
            "ads": round(float(ads[i] / max(ads.sum(), 1)), 4),
            "impressions": None if hidden[i] else round(float(impressions[i] / len(frame.rows)), 4),
        }
        for i, name in enumerate(names)
    ]
