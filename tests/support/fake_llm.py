"""The language model's stand-in, as tests start it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from matcher_stream.local.fake_llm import MODES, FakeLlm, Seen

__all__ = ["MODES", "FakeLlm", "Seen", "fake_llm"]


@contextlib.asynccontextmanager
async def fake_llm(mode: str = "ok") -> AsyncIterator[FakeLlm]:
    """A server on a free port of the loopback address."""
    server = FakeLlm(mode)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
