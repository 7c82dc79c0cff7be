"""The clock of the people who are told: Peru has one zone and no summer time."""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone

LIMA = timezone(timedelta(hours=-5))
SILENT_FROM, SILENT_TO = map(int, os.environ.get("QUIET_HOURS", "21-8").split("-"))


def lima(now: float) -> datetime:
    """That moment (seconds since 1970) on a clock in Lima."""
    return datetime.fromtimestamp(now, LIMA)


def day(now: float) -> str:
    """The date there."""
    return str(lima(now).date())


def quiet(now: float) -> bool:
    """Whether nobody is to be woken."""
    hour = lima(now).hour
    if SILENT_FROM <= SILENT_TO:
        return SILENT_FROM <= hour < SILENT_TO
    return hour >= SILENT_FROM or hour < SILENT_TO


def tomorrow(now: float) -> float:
    """When the next day's messages may go out."""
    morning = lima(now).replace(hour=SILENT_TO, minute=0, second=0, microsecond=0)
    return (morning + timedelta(days=1)).timestamp()
