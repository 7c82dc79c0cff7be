"""How well the gate tells risky ads from ordinary ones: precision and recall, with intervals.

    python -m models.evaluation.vetting dev|made|other|third|fourth|held|apart [--misses]

``held`` and ``apart`` are for the last figure only: whoever looks at their ads one by one spends
them.
"""

from __future__ import annotations

import argparse
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Final, Literal, get_args

import orjson

from models.vetting.gate import GATE_VERSION, Action, vet
from schemas.job import Job, parse_job

Half = Literal["dev", "held", "apart", "other", "made", "third", "fourth"]
_WANTED: Final[dict[str, Action]] = {"risky": "hold", "advise": "advise", "ordinary": "match"}
Z: Final = 1.959964
"""Standard normal quantile of a 95 % interval."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """One ad with what the gate should do with it.

    Attributes:
        want: What the gate should say.
        kind: One word for the slice; before a colon, the slice that it is of.
        job: The ad.
    """

    want: Action
    kind: str
    job: Job

    @property
    def risky(self) -> bool:
        """Whether it should be held."""
        return self.want == "hold"

    @property
    def lookalike(self) -> bool:
        """Whether it is honest and was written to look risky."""
        return self.kind.partition(":")[0] == "lookalike"


def wilson(p: float, n: float) -> tuple[float, float]:
    """95 % interval of a share p of n > 0 (or as good as n) that were drawn.

    Wilson 1927, "Probable inference, the law of succession, and statistical inference".
    """
    middle = p + Z * Z / (2 * n)
    half = Z * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
    scale = 1 + Z * Z / n
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `of`, with Wilson's 95 % interval; all NaN of none."""

    hits: int
    of: int

    @property
    def value(self) -> float:
        """The share itself."""
        return self.hits / self.of if self.of else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """Low and high end."""
        return wilson(self.value, self.of) if self.of else (math.nan, math.nan)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.hits} of {self.of} = {self.value:.3f} ({low:.3f} to {high:.3f})"


@dataclass(frozen=True, slots=True)
class Result:
    """What the gate did with labelled ads.

    Attributes:
        precision: Of the ads held, those that are risky.
        recall: Of the risky ads, those held.
        false_alarms: Of the others, those held.
        missed: How many risky ads passed, by kind.
    """

    precision: Share
    recall: Share
    false_alarms: Share
    missed: dict[str, int]


def labelled(half: Half) -> Iterator[Labelled]:
    """The ads of one half, as shipped."""
    raw = (resources.files("models.data") / "vetting" / f"{half}.jsonl").read_bytes()
    for line in raw.splitlines():
        row = orjson.loads(line)
        job = parse_job(row["job"]["job_id"].encode(), orjson.dumps(row["job"]))
        yield Labelled(_WANTED[row["label"]], row["kind"], job)


def measure(ads: Iterable[Labelled], held: Callable[[Job], bool]) -> Result:
    """Compare what a gate holds with the labels.

    Args:
        ads: Labelled ads.
        held: Whether the gate holds an ad.
    """
    counts: Counter[tuple[bool, bool]] = Counter()
    missed: Counter[str] = Counter()
    for ad in ads:
        stopped = held(ad.job)
        counts[ad.risky, stopped] += 1
        if ad.risky and not stopped:
            missed[ad.kind] += 1
    caught, risky = counts[True, True], counts[True, True] + counts[True, False]
    alarms, ordinary = counts[False, True], counts[False, True] + counts[False, False]
    return Result(
        precision=Share(caught, caught + alarms),
        recall=Share(caught, risky),
        false_alarms=Share(alarms, ordinary),
        missed=dict(missed),
    )


def wrong(ads: Iterable[Labelled], held: Callable[[Job], bool]) -> Iterator[Labelled]:
    """The ads that a gate judges otherwise than their label, for whoever mends its rules."""
    return (ad for ad in ads if held(ad.job) != ad.risky)


def main() -> None:
    """Print the figures of one half; single ads only of those that the rules were set by."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("half", choices=get_args(Half))
    parser.add_argument("--misses", action="store_true", help="name the ads judged wrongly")
    options = parser.parse_args()
    if options.misses and options.half in ("held", "apart"):
        parser.error("the ads of held and apart are not shown one by one")
    ads = list(labelled(options.half))
    result = measure(ads, lambda job: vet(job).held)
    print(f"{GATE_VERSION} on {options.half}, {len(ads)} ads (95 % intervals by Wilson)")
    print(f"precision    {result.precision}")
    print(f"recall       {result.recall}")
    print(f"false alarms {result.false_alarms}")
    alike = measure((ad for ad in ads if ad.lookalike), lambda job: vet(job).held)
    if alike.false_alarms.of:
        print(f"of look-alikes {alike.false_alarms}")
    for want in ("advise", "match"):
        these = [ad for ad in ads if ad.want == want]
        told = Share(sum(vet(ad.job).action == "advise" for ad in these), len(these))
        print(f"advised of those to {want} {told}")
    if options.misses:
        for ad in wrong(ads, lambda job: vet(job).held):
            kind = ad.kind.rpartition(":")[2]
            print(f"{'risky' if ad.risky else 'ordinary'} {kind} {ad.job.job_id} {ad.job.title}")


if __name__ == "__main__":
    main()
