"""How many examples a property is tried on: `make check` takes some, `make test` takes all."""

from __future__ import annotations

import os

QUICK = "MATCHER_TEST_QUICK"


def examples(full: int) -> int:
    """Examples of one property.

    Args:
        full: How many `make test` takes.
    """
    return max(5, full // 8) if os.environ.get(QUICK) else full
