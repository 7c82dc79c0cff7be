"""Reading what a server of the Responses API answers, whatever it answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import orjson


class CallFailed(Exception):
    """A call brought no reply; `reason` is one of a few words, fit for a metric."""

    def __init__(self, reason: str, retry_after: float = 0.0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after


def retry_after(headers: Mapping[str, str], now: Callable[[], float] = time.time) -> float:
    """Seconds that a server asks for (Retry-After-Ms or Retry-After), 0 if it does not."""
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        value = headers.get(name, "")
        try:
            return max(0.0, float(value) / unit)
        except ValueError:
            pass
    try:
        return max(0.0, parsedate_to_datetime(headers.get("retry-after", "")).timestamp() - now())
    except ValueError:
        return 0.0


def usage(reply: Any) -> tuple[int, int] | None:
    """Input and output tokens that the server counted, None if it does not say."""
    counted = reply.get("usage") if isinstance(reply, dict) else None
    if not isinstance(counted, dict):
        return None
    given, made = counted.get("input_tokens"), counted.get("output_tokens")
    return (given, made) if isinstance(given, int) and isinstance(made, int) else None


def decoded(reply: Any) -> Any:
    """The JSON that the model wrote.

    Raises:
        CallFailed: the server's answer holds none that is whole.
    """
    if not isinstance(reply, dict) or not isinstance(reply.get("output"), list):
        raise CallFailed("garbage")
    parts = [
        part
        for item in reply["output"]
        if isinstance(item, dict) and item.get("type") == "message"
        for part in item.get("content") or ()
        if isinstance(part, dict)
    ]
    if any(part.get("type") == "refusal" for part in parts):
        raise CallFailed("refusal")
    if reply.get("status") != "completed":
        raise CallFailed("truncated")
    text = "".join(str(p.get("text", "")) for p in parts if p.get("type") == "output_text")
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise CallFailed("truncated") from None
