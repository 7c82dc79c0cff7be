"""Which cells of a table are left out, so that a report tells nothing of anybody.

A cell of fewer than k people is not shown (k-anonymity: Sweeney 2002, "k-anonymity: a model for
protecting privacy"). Cells add up to a total that is shown, so one that is left out alone could be
computed; then more are left out, the smallest first, until what subtraction gives is of at least k
people in at least two cells (complementary suppression: Cox 1980, "Suppression methodology and
statistical disclosure control").
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.search.arrays import Mask

FEWEST: Final = 10
"""People that a cell must have unless told otherwise."""
Counts = NDArray[np.int64]


def suppressed(people: Counts, fewest: int, already: Mask | None = None) -> Mask:
    """Which cells of a table with a known total must not be shown, bool [n].

    Args:
        people: Different people in each cell, each in one cell only, [n]. A zero is no secret.
        fewest: People that a cell must have, and all cells left out together.
        already: Cells that are left out whatever they hold, [n]: rows that were left out of
            another column of the same table.

    Returns:
        All of them where no choice would keep the secret: then only the total may be shown.
    """
    hidden = (people > 0) & (people < fewest)
    if already is not None:
        hidden |= already
    order = [int(i) for i in np.argsort(people, kind="stable") if people[i] and not hidden[i]]
    while not _kept(people[hidden], fewest) and order:
        hidden[order.pop(0)] = True
    if not _kept(people[hidden], fewest):
        hidden[:] = True
    return hidden


def _kept(hidden: Counts, fewest: int) -> bool:
    """Whether subtraction from the total tells nothing of fewer than so many people."""
    total = int(hidden.sum())
    return not total or (total >= fewest and int((hidden > 0).sum()) > 1)
