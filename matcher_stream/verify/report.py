"""What a verification found."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from matcher_stream.verify.held import Held
from matcher_stream.verify.reading import Coordinates


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it must be.

    Attributes:
        kind: What sort of thing, as in `KINDS`.
        where: The key or the coordinates it was found at; ids only, nothing personal.
        what: One sentence.
    """

    kind: str
    where: str
    what: str


#: Every kind of difference and what it means.
KINDS: dict[str, str] = {
    "input": "the last accepted input of a key is not what the tables hold",
    "erased": "an erased person or a withdrawn job left something behind",
    "dlq": "a refused record is not in its dead-letter topic as it was sent",
    "feedback": "an exclusion differs from the feedback that was accepted",
    "vetting": "an ad's state does not follow from ad, decision and gate, or reviewers see another",
    "due": "something has expired and is still in force",
    "posting": "a partition does not hold exactly the active jobs",
    "vector": "a stored vector is not its text's",
    "matches": "a person's last ranking is not the brute-force ranking",
    "unlocks": "what one step would open is not what brute force counts",
    "candidates": "a job's last list is not the brute-force list",
    "history": "the events of one key contradict each other",
}


@dataclass(slots=True)
class Report:
    """Counts and differences; `ok` is the verdict.

    Attributes:
        counts: How many of everything.
        swaps: Places where rounding excuses another order.
        differences: What is not as it must be.
        seconds: How long each part took.
        refused: Every input record that the parsers refuse.
        held: The tables as the changelogs have them.
    """

    counts: Counter[str] = field(default_factory=Counter)
    swaps: int = 0
    differences: list[Difference] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    refused: set[Coordinates] = field(default_factory=set)
    held: Held | None = None

    @property
    def ok(self) -> bool:
        """Whether nothing differs; swaps within the tolerance do not count."""
        return not self.differences

    def differ(self, kind: str, where: str, what: str) -> None:
        """Note a difference."""
        self.differences.append(Difference(kind, where, what))

    def by_kind(self) -> Counter[str]:
        """How many differences of each kind."""
        return Counter(difference.kind for difference in self.differences)

    def lines(self, most: int = 20) -> list[str]:
        """The report as text: counts, swaps, then the first differences."""
        out = [f"{name}: {number}" for name, number in sorted(self.counts.items())]
        out.append(f"swaps within the tolerance: {self.swaps}")
        out += [f"seconds to {name}: {took:.1f}" for name, took in self.seconds.items()]
        out.append(f"differences: {len(self.differences)}")
        for kind, number in self.by_kind().most_common():
            out.append(f"  {number} x {kind}: {KINDS[kind]}")
        for one in self.differences[:most]:
            out.append(f"  {one.kind} {one.where}: {one.what}")
        if len(self.differences) > most:
            out.append(f"  ... and {len(self.differences) - most} more")
        return out
