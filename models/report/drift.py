"""Whether what comes in now is like what was learned from, and what "like" is.

Two measures of how far two distributions over the same bins are apart:

* the population stability index, sum of (p - q) ln(p / q) (Siddiqi 2006, "Credit Risk Scorecards",
  whose limits of 0.1 and 0.25 know nothing of how many people there are);
* the Jensen-Shannon distance, the root of their divergence in bits, 0 to 1 (Lin 1991, "Divergence
  measures based on the Shannon entropy"; Endres and Schindelin 2003).

Both grow with chance alone the fewer people there are (Yurdakul and Naranjo 2020, "Statistical
properties of the population stability index"). So normal is what two samples of the reference
itself give, one as large as the reference and one as large as what is held against it: its people
are drawn anew, with all that is theirs (the cluster bootstrap).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.feedback.rates import Values
from models.report.cells import suppressed
from models.report.frame import Numbers

DRAWS: Final = 500
NORMAL: Final = 95.0
"""Percentile of the draws up to which a figure is normal: one in twenty is above without cause."""
SEED: Final = 0
MOST_UNITS: Final = 10_000
"""Of a reference; from a larger one as many are drawn."""
_BINS: Final = 10
_DISCRETE: Final = 10
"""Numbers that take at most so many values are categories."""
_SMOOTH: Final = 0.5
"""Added to every bin (Jeffreys): an empty one would make the index infinite."""

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing that was measured, on people or on ads.

    Attributes:
        unit: Number of the person or ad of each value, from 0, [n].
        values: Numbers or names, [n].
        units: How many people or ads there are, with or without a value.
    """

    unit: Numbers
    values: Sequence[float] | Sequence[str]
    units: int

    @property
    def numbers(self) -> bool:
        """Whether it is a quantity."""
        return not any(isinstance(value, str) for value in self.values)


def psi(p: Values, q: Values) -> Values:
    """Population stability index of distributions over bins, [..., bins], none zero."""
    found: Values = ((p - q) * np.log(p / q)).sum(axis=-1)
    return found


def jensen_shannon(p: Values, q: Values) -> Values:
    """Jensen-Shannon distance of distributions over bins, [..., bins]; 0 the same, 1 disjoint."""
    middle = (p + q) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        one = np.where(p > 0, p * np.log2(p / middle), 0.0).sum(axis=-1)
        other = np.where(q > 0, q * np.log2(q / middle), 0.0).sum(axis=-1)
    found: Values = np.sqrt(np.maximum((one + other) / 2, 0.0))
    return found


def compare(
    reference: Measure, now: Measure, fewest: int, *, people: bool = True
) -> dict[str, Any] | None:
    """One measure now, held against the reference.

    Args:
        reference, now: The same measure of both.
        fewest: People that a bin must have to be told.
        people: Whether units are people; ads are no secret.

    Returns:
        None where either has no value, or fewer people than may be told.
    """
    reference = _fewer(reference)
    if not len(reference.values) or not len(now.values):
        return None
    if people and len(set(now.unit.tolist())) < fewest:
        return None
    names, bin_of = _bins(reference, now)
    before, after = (_table(of, bin_of, len(names)) for of in (reference, now))
    p, q = _smooth(before.sum(axis=0)), _smooth(after.sum(axis=0))
    draws = _draws(before, now.units)
    held = (after > 0).sum(axis=0).astype(np.int64)
    hidden = suppressed(held, fewest) if people else np.zeros(len(names), np.bool_)
    found: dict[str, Any] = {"reference units": reference.units, "units": now.units}
    for name, of in (("psi", psi), ("jsd", jensen_shannon)):
        value, normal = float(of(p, q)), float(np.percentile(of(*draws), NORMAL))
        found |= {name: round(value, 4), f"{name} normal": round(normal, 4)}
    found["changed"] = found["psi"] > found["psi normal"] and found["jsd"] > found["jsd normal"]
    was, is_now = before.sum(axis=0) / before.sum(), after.sum(axis=0) / after.sum()
    found["bins"] = [
        {"bin": name, "reference": round(float(was[i]), 4),
         "now": None if hidden[i] else round(float(is_now[i]), 4)}
        for i, name in enumerate(names)
    ]  # fmt: skip
    return found


def _fewer(of: Measure) -> Measure:
    if of.units <= MOST_UNITS:
        return of
    chosen = np.random.default_rng(SEED).choice(of.units, MOST_UNITS, replace=False)
    number = np.full(of.units, -1, np.int64)
    number[chosen] = np.arange(MOST_UNITS)
    kept = number[of.unit] >= 0
    values = [value for value, keep in zip(of.values, kept, strict=True) if keep]
    return Measure(number[of.unit[kept]], values, MOST_UNITS)  # type: ignore[arg-type]


def _bins(reference: Measure, now: Measure) -> tuple[list[str], Any]:
    """Names of the bins, and what puts values into them: tenths of the reference, or categories."""
    values = np.asarray(reference.values)
    if reference.numbers and now.numbers and len(set(reference.values)) > _DISCRETE:
        tenths = np.quantile(values, np.arange(1, _BINS) / _BINS)
        edges = np.unique(tenths)
        named = [f"{edge:.3g}" for edge in edges]
        names = [f"≤ {named[0]}"]
        names += [f"{a} – {b}" for a, b in pairwise(named)]
        names.append(f"> {named[-1]}")
        return names, lambda found: np.searchsorted(edges, found, side="left")
    both = {*reference.values, *now.values}
    ordered = sorted(both, key=lambda value: (isinstance(value, str), value))
    number = {value: i for i, value in enumerate(ordered)}
    names = [value if isinstance(value, str) else f"{value:g}" for value in ordered]
    return names, lambda found: np.array([number[value] for value in found], np.int64)


def _table(of: Measure, bin_of: Any, bins: int) -> Matrix:
    """How many values each unit has in each bin, [units, bins]."""
    table = np.zeros((of.units, bins))
    np.add.at(table, (of.unit, bin_of(of.values)), 1.0)
    return table


def _draws(table: Matrix, units: int) -> tuple[Matrix, Matrix]:
    """Distributions of two samples of the reference, [DRAWS, bins] each: of its size and `units`.

    Units are drawn by their rows: those with the same row are one kind, so that a large sample
    costs no more than a small one.
    """
    rng = np.random.default_rng(SEED)
    kinds, counts = np.unique(table, axis=0, return_counts=True)
    shares = counts / counts.sum()
    one = rng.multinomial(len(table), shares, size=DRAWS) @ kinds
    other = rng.multinomial(units, shares, size=DRAWS) @ kinds
    return _smooth(one), _smooth(other)


def _smooth(counts: Matrix) -> Matrix:
    """Shares of counts over bins, [..., bins], none zero."""
    more = counts + _SMOOTH
    shares: Matrix = more / more.sum(axis=-1, keepdims=True)
    return shares
