"""What a challenger thinks of a person, in terms of what this deployment holds and allows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import orjson

from models.feedback.drafting import Rival, Trial, admitted
from models.ranking.event_bodies import RankedJob
from models.ranking.ranker import Ranker
from models.search.pairing import exact_dots
from tables.index.jobs import JobIndex
from tables.index.pairs import pair_people, queries_of
from tables.index.people import PersonEntry


def heeds(trial: Trial | None, entry: PersonEntry | None, rival: Rival | None) -> bool:
    """Whether somebody's ranking is interleaved with what this challenger thinks of them.

    Args:
        trial: What is tried; None for nothing.
        entry: The person; None of somebody who is not held.
        rival: What a challenger said; None for nothing.
    """
    if trial is None or entry is None or rival is None or rival.deployment != trial.challenger:
        return False
    agreed = orjson.loads(entry.profile).get("consent_training") is True
    return trial.takes(entry.profile_id, agreed)


def rivals_of(
    jobs: JobIndex,
    partition: int,
    entry: PersonEntry,
    rival: Rival,
    own: Sequence[RankedJob],
    ranker: Ranker,
) -> list[RankedJob]:
    """A challenger's ranking of what we would show the person; runs in the scoring thread.

    Args:
        jobs: All that is active.
        partition: The person's.
        entry: The person, who takes part.
        rival: What the challenger said of them.
        own: Our ranking of them.
        ranker: Gives what is not in it its score.

    Returns:
        Jobs as we know and score them, in the challenger's order. What is not held, does not fit,
        is excluded or below the threshold is not among them.
    """
    slot_of, mask = jobs.jobs_of(partition), jobs.mask(partition, entry.attrs, entry.excluded)
    by_id = {job.job_id: job for job in own}
    own_signs = {name: jobs.entries[slot_of[name]].signature for name in by_id}
    found = [slot_of[name] for name in rival.jobs if name in slot_of and name not in by_id]
    slots = np.array([slot for slot in found if mask[slot]], np.int64)
    others: dict[str, bytes] = {}
    if len(slots):
        pairing, asking = pair_people(ranker, [entry], jobs), queries_of([entry])
        rows, held = np.zeros(len(slots), np.int64), jobs.matrix.view()
        scores = pairing.scores(rows, slots, exact_dots(asking, held[slots])).tolist()
        parts = pairing.components(rows, slots, asking, held)
        for slot, score, components in zip(slots.tolist(), scores, parts, strict=True):
            if score >= ranker.threshold:
                job = jobs.entries[slot]
                others[job.job_id] = job.signature
                by_id[job.job_id] = RankedJob(
                    job.job_id, score, job.version, job.card, job.attrs, components
                )
    return [by_id[name] for name in admitted(rival.jobs, own_signs, others)]
