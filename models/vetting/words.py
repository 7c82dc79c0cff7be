"""Reasons in plain Spanish, for reviewers."""

from __future__ import annotations

from models.vetting.gate import Reason

_WORDS = {"fee": "Pide dinero o documentos antes de trabajar."}


def words(reason: Reason) -> str:
    """One sentence."""
    return _WORDS[reason.code]
