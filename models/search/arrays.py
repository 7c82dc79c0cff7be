"""The arrays that search, ranking and the indexes hand to each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float16]
"""As stored, sent and scored: one vector [dim], or several [n, dim]."""
Single = NDArray[np.float32]
Double = NDArray[np.float64]
"""Of scores and dot products, which are exact."""
Slots = NDArray[np.int64]
"""Rows of a matrix or an index, or the queries of a batch, by number."""
Mask = NDArray[np.bool_]
