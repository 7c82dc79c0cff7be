"""Does what the matcher said follow from what it was told? Answered from topics alone.

`run_verify` reads the inputs, the tables' changelogs and the outputs from the beginning, computes
every ranking anew by brute force in this one process, and compares. It is meant for a quiet
moment: what is in flight while it reads shows up as a difference.
"""

from matcher_stream.verify.report import KINDS, Difference, Report
from matcher_stream.verify.run import DUE_GRACE_SECONDS, run_verify, verify, verify_with

__all__ = [
    "DUE_GRACE_SECONDS",
    "KINDS",
    "Difference",
    "Report",
    "run_verify",
    "verify",
    "verify_with",
]
