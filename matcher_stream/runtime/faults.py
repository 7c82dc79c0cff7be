"""Deaths on demand: named points in the order of effects where a test can kill the process.

With ``MATCHER_FAULT=profiles.after_output:3`` the process is killed (SIGKILL, no clean-up) at the
third pass of that point. Without the setting a point costs one comparison.
"""

from __future__ import annotations

import os
import signal

from schemas.errors import InvalidSettings

#: Every point, in the order in which an event passes it.
POINTS = (
    "profiles.after_content",
    "profiles.after_index",
    "profiles.after_output",
    "profiles.after_ranking",
    "jobs.after_mark",
    "jobs.after_fanout",
    "jobs.after_row",
    "decisions.after_row",
    "postings.after_content",
    "postings.after_partials",
    "postings.after_output",
    "postings.after_ranking",
    "candidates.after_partials",
    "candidates.after_output",
    "feedback.after_outcome",
    "feedback.after_exclusion",
    "feedback.after_content",
    "feedback.after_output",
    "refresh.after_partials",
    "erasure.after_mark",
    "erasure.after_output",
    "exposure.after_fanout",
)
#: Of a hand-over to this deployment.
HANDOVER_POINTS = (
    "handover.after_output",
    "handover.after_ranking",
    "handover.after_lists",
    "handover.after_review",
    "handover.before_mark",
    "handover.after_mark",
)
#: Of another deployment's rankings that are drawn in.
INTERLEAVE_POINTS = (
    "interleave.after_rival",
    "interleave.after_output",
    "interleave.after_ranking",
)
#: The explainer's.
EXPLAINER_POINTS = (
    "explain.after_output",
    "explain.after_row",
    "explain.after_words",
    "explain.after_model_output",
)

_target = ""
_countdown = 0


def configure(spec: str) -> None:
    """Arm one point: ``POINT:N``; an empty text disarms.

    Raises:
        InvalidSettings: the point is not one of `POINTS` or N is not a positive number.
    """
    global _target, _countdown
    if not spec:
        _target, _countdown = "", 0
        return
    name, _, count = spec.partition(":")
    known = POINTS + HANDOVER_POINTS + INTERLEAVE_POINTS + EXPLAINER_POINTS
    if name not in known or not (count or "1").isdigit() or int(count or "1") < 1:
        raise InvalidSettings(
            f"MATCHER_FAULT must be POINT:N with POINT one of {', '.join(known)}."
        )
    _target, _countdown = name, int(count or "1")


def point(name: str) -> None:
    """Die here if this pass was asked for."""
    global _countdown
    if name != _target:
        return
    _countdown -= 1
    if _countdown == 0:
        kill()


def kill() -> None:
    """End the process as a power cut would: no clean-up, no last words."""
    os.kill(os.getpid(), signal.SIGKILL)
