"""What explainers tell of themselves: another process, so its metrics are asked for now and then.

A view of the page asks nobody; where an explainer does not answer, its figures are not known.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

from aiohttp import ClientError, ClientTimeout
from prometheus_client.parser import text_string_to_metric_families

from matcher_stream.runtime.parts import AppParts
from matcher_stream.web.watch.sampling import Labels, by, plain, total

EVERY_SECONDS: Final = 5.0
_SECONDS: Final = 2.0
_MOST_BYTES: Final = 1 << 20


class Explainers:
    """Asks explainers for their metrics.

    Args:
        parts: The worker that asks.
        urls: Where explainers serve their pages.

    Attributes:
        told: By address, what each told last; None of one that does not answer.
    """

    def __init__(self, parts: AppParts, urls: Sequence[str]) -> None:
        self._parts, self._urls = parts, urls
        self.told: dict[str, dict[str, Any] | None] = dict.fromkeys(urls)

    async def ask(self) -> None:
        """Ask all of them."""
        answers = await asyncio.gather(*map(self._ask, self._urls))
        self.told = dict(zip(self._urls, answers, strict=True))

    async def _ask(self, url: str) -> dict[str, Any] | None:
        client, limit = self._parts.app.http_client, ClientTimeout(total=_SECONDS)
        try:
            async with client.get(f"{url}/metrics", timeout=limit) as answer:
                if answer.status != 200:
                    return None
                text = await answer.content.read(_MOST_BYTES)
            return figures(text.decode())
        except (ClientError, TimeoutError, OSError, ValueError):
            return None


def figures(text: str) -> dict[str, Any]:
    """An explainer's figures from its metrics; what is not among them is absent.

    Raises:
        ValueError: they cannot be read.
    """
    values: dict[str, dict[Labels, float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = tuple(sorted(sample.labels.items()))
            values.setdefault(sample.name, {})[labels] = sample.value
    return plain(
        {
            "budget": _one(values, "matcher_llm_budget_dollars"),
            "left": _one(values, "matcher_llm_budget_left_dollars"),
            "spent": _one(values, "matcher_llm_dollars_total"),
            "breaker": _one(values, "matcher_llm_breaker_open"),
            "waiting": _one(values, "matcher_llm_waiting"),
            "calls": by(values.get("matcher_llm_outcomes_total", {}), "outcome"),
            "writers": by(values.get("matcher_explanations_total", {}), "writer"),
        }
    )


def _one(values: Mapping[str, Mapping[Labels, float]], name: str) -> float | None:
    return total(values[name]) if name in values else None
