"""Whether, and how far, a person would go for work."""

from __future__ import annotations
