"""Rankings that another deployment's was drawn into: the draft must be the one that follows.

What is recorded is enough to make it again: the champion's own ranking, and what the challenger
said. The former is held against brute force like any; of the latter counts what brute force allows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from matcher_stream.verify.held import Held
from matcher_stream.verify.rankings import TOLERANCE, BruteForce
from matcher_stream.verify.report import Report
from models.feedback.drafting import Placed, Trial, admitted, drafted
from models.ranking.ranker import Place
from tables.rows import RankingRow


@dataclass(frozen=True, slots=True)
class Drafts:
    """What is tried, and what brute force says of it.

    Attributes:
        trial: Whose rankings are drawn into whose; None where none are.
        mark: How the version in our events ends because of that.
    """

    trial: Trial | None
    mark: str

    def own_places(
        self,
        held: Held,
        name: str,
        event: dict[str, Any],
        brute: BruteForce,
        report: Report,
    ) -> list[Place]:
        """The champion's own ranking behind what somebody was told; notes what is wrong with it.

        Args:
            held: The tables.
            name: The person.
            event: What they were told.
            brute: Every pair's score.
            report: Takes the differences.
        """
        told, row = event["entries"], held.rankings.get(name)
        plain = [
            Place(entry["job_id"], float(entry["score"]), tuple(entry.get("similar", ())))
            for entry in told
        ]
        if row is None:
            return plain
        if event["ranker_version"].endswith(self.mark):  # else another deployment said the same
            teams = [entry.get("team", "") for entry in told]
            if (row.teams or [""] * len(told)) != teams:
                report.differ("matches", name, "names other teams than the table does")
            if bool(row.teams) != ("challenger" in event):
                report.differ("matches", name, "does not say whether two rankings were drafted")
        own = [Place(i, score, tuple(similar)) for i, score, similar in row.own] or plain
        self._check(held, name, plain, own, row, event["as_of"], brute, report)
        return own

    def _check(
        self,
        held: Held,
        name: str,
        told: list[Place],
        own: list[Place],
        row: RankingRow,
        as_of: str,
        brute: BruteForce,
        report: Report,
    ) -> None:
        trial, rival = self.trial, row.challenger
        agreed = held.people[name].profile.get("consent_training") is True
        fit = rival is not None and rival.at >= held.people[name].record_ts
        if trial is None or rival is None or not fit or not trial.takes(name, agreed):
            if row.teams:
                report.differ("matches", name, "is a draft, and must be the champion's ranking")
            return
        names, scores = [place.job_id for place in own], brute.scores(name, rival.jobs)
        placed = [
            Placed(place.job_id, team or None)  # type: ignore[arg-type]
            for place, team in zip(told, row.teams or [""] * len(told), strict=True)
        ]
        floor, signs = brute.ranker.threshold, brute.signatures
        drafts = []
        for least in (floor, floor - TOLERANCE, floor + TOLERANCE):
            others = {i: signs[i] for i, s in scores.items() if s >= least and i not in names}
            ranked = admitted(rival.jobs, {i: signs.get(i, b"") for i in names}, others)
            drafts.append(drafted(names, ranked, trial.seed(name, as_of)))
        if placed not in drafts:
            report.differ("matches", name, "is another draft than the two rankings make")
        right = {place.job_id: place.score for place in own}
        for place in told:
            score = right.get(place.job_id, scores.get(place.job_id))
            if score is None or abs(score - place.score) > TOLERANCE:
                report.differ("matches", name, f"gives {place.job_id} {place.score:.4f}")
        report.counts["rankings with another drawn in"] += bool(row.teams)
