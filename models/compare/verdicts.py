"""What a gate, a verdict and their limits are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

State = Literal["passed", "failed", "unknown"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a challenger may differ by.

    Attributes:
        lost: Most that the mean quality may fall, in all.
        lost_slice: Most that it may fall for some of the people, however unsure it is.
        fewest: People without whom a figure says nothing.
        broken_share: Most that the share of what is shown and breaks a rule may grow, where words
            alone are given and a rule is broken by misreading.
        gender: Least overlap of rankings when only grammatical gender changes.
        share: Most that one region's, one class of employers' or the tenth of ads' share of first
            places may grow.
        slower: Most that the time for a person may grow by, as a ratio.
        missing: Most people who have a ranking in use and none of the challenger.
    """

    lost: float = 0.01
    lost_slice: float = 0.05
    fewest: int = 10
    broken_share: float = 0.02
    gender: float = 0.95
    share: float = 0.05
    slower: float = 1.25
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Given:
    """What is known beside the comparison; None for what is not.

    Attributes:
        champion, challenger: Ids of what is in use and of what is to take its place.
        verified: Whether `verify` found nothing.
        caught_up: Whether the challenger has read all that there is.
        person: Who decides.
        accepted: Names of gates that this person accepts to know nothing of.
    """

    champion: str | None = None
    challenger: str | None = None
    verified: bool | None = None
    caught_up: bool | None = None
    person: str = ""
    accepted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate.

    Attributes:
        name: Always the same for the same question.
        state: Of it.
        figure: What was measured; None if it is no number or not known.
        limit: What it was held against.
        says: One sentence, in Spanish.
        accepted: By whom it was accepted that it is not known; empty otherwise.
    """

    name: str
    state: State
    figure: float | None
    limit: float | None
    says: str
    accepted: str = ""

    def told(self) -> dict[str, Any]:
        """As JSON."""
        told = {
            "gate": self.name,
            "state": self.state,
            "figure": self.figure,
            "limit": self.limit,
            "says": self.says,
        }
        return {**told, "accepted": self.accepted} if self.accepted else told


@dataclass(frozen=True, slots=True)
class Verdict:
    """All gates, in a fixed order of questions."""

    gates: tuple[Gate, ...]

    @property
    def passed(self) -> bool:
        """Whether every gate passed, or is unknown and somebody with a name accepted that."""
        return all(gate.state == "passed" or gate.accepted for gate in self.gates)

    def those(self, state: State) -> list[Gate]:
        """The gates in this state."""
        return [gate for gate in self.gates if gate.state == state]

    def told(self) -> list[dict[str, Any]]:
        """As JSON: `gates` of an alias record, and of a report."""
        return [gate.told() for gate in self.gates]
