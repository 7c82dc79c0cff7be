"""What systems, tasks and figures are called for readers who measure no rankings for a living."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from models.evaluation.facts_read import GOALS

SYSTEMS: Final = {
    "bm25": ("BM25", "counts the words that both texts share, rare words more (Robertson)"),
    "tfidf": ("letter groups (TF-IDF)", "compares groups of 3 to 5 letters, rare ones more"),
    "zero-shot": ("encoder as it comes", "the language model before anything was learned here"),
    "lexical": ("spelling alone", "the part of the vectors that knows how words are spelt"),
    "adapter": ("encoder with adapter", "the language model after training on job titles"),
    "current": ("vectors in use", "adapter and spelling together, street words explained"),
    "ranker": ("whole ranker", "what people get: vectors in use, then hard filters, review of "
               "risky ads, duplicates put together, evidence of trade, travel, pay and experience"),
}  # fmt: skip
"""Short name and explanation of each system."""

TASKS: Final = {
    "graded": "People and jobs judged by hand",
    "judged": "People and jobs of other hands, by groups of regions",
    "filtered": "The same, with impossible jobs taken out for every system",
    "titles": "Job titles that mean the same",
    "misspelled": "Job titles, misspelled",
    "kin": "Job titles of the same unit group",
    "among all": "Job titles, among ten times as many",
    "known items": "Finding a public vacancy by its title (silver)",
}
"""Headings by a task's kind."""

METRICS: Final = {
    "nDCG@10": "how good the order of the first ten is, the first places counting most. 1 is the "
    "best order there is; a job graded g is worth 2^g - 1 (so 0, 1, 3 or 7).",
    "MAP": "mean average precision: how far all right answers come before the wrong ones. 1 is all "
    "before any wrong one. A job is right from grade 2 on.",
    "MRR": "one over the place of the first right answer, on average: 1 is always the first place, "
    "0.5 is the second.",
    "P@5": "share of right answers among the first five places.",
    "hard violations in the top 10": "jobs in a person's first ten that ask for what the person "
    "does not have: age, licence, schooling, a shift, a distance. Should be none.",
    "risky ads in the top 10": "ads that look like fraud or trafficking in a person's first ten. "
    "Should be none.",
}
"""Explanation of each figure."""

INTERVAL: Final = (
    "The range behind a figure is where 95 of 100 figures would lie if people (or occupations) "
    "were drawn anew from these, with replacement, 1,000 times: the bootstrap. Where two systems "
    "are compared, both are measured on the same draws; a difference whose range does not hold 0 "
    "is more than luck."
)
EXPOSURE: Final = {
    "largest penalty": "no job loses more than this of its score, which goes from 0 to 1; 0.00 is "
    "without penalties",
    "gini": "inequality of attention for a vacancy: 0 is all alike, 1 is one job that has it all",
    "coverage": "share of jobs that are in at least one person's first places",
    "top tenth": "share of all first places that goes to the tenth of jobs shown most",
    "changed": "share of first places held by other jobs than without penalties",
    "quality": "how good the rankings still are; what it is stands above the plots",
}
"""Explanation of each column of the exposure table."""


def system(name: str) -> str:
    """Short name of a system."""
    return SYSTEMS[name][0] if name in SYSTEMS else name


def estimate(figure: dict[str, float | None] | None, signed: bool = False) -> str:
    """A mean with its range; a dash where there is none."""
    if figure is None or figure["mean"] is None:
        return "–"
    sign = "+" if signed else ""
    return f"{figure['mean']:{sign}.3f} ({figure['low']:{sign}.3f} to {figure['high']:{sign}.3f})"


def read_shares(row: Mapping[str, Any]) -> tuple[str, str, str]:
    """Precision and recall of a reading with their ranges, and the goal of both."""

    def share(name: str, of: int) -> str:
        low, high = row[f"{name} interval"]
        return f"{row[name]:.3f} ({low:.2f} to {high:.2f}), {row['right']} of {of}"

    goal = GOALS.get(row["fact"])
    wanted = "" if goal is None else f"{goal[0]:.2f} / {goal[1]:.2f}"
    return share("precision", row["read"]), share("recall", row["said"]), wanted
