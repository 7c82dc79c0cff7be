"""How often work lets others have the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine
from contextvars import Context
from types import TracebackType
from typing import Any


class _Counted(Coroutine[Any, Any, Any]):
    """A coroutine that notes each bare yield, as of `sleep(0)`; a wait for a thread is none."""

    def __init__(self, inner: Coroutine[Any, Any, Any], notes: list[None]) -> None:
        self._inner = inner
        self._notes = notes

    def send(self, value: Any) -> Any:
        return self._noted(self._inner.send(value))

    def throw(self, typ: Any, val: Any = None, tb: TracebackType | None = None) -> Any:
        return self._noted(self._inner.throw(typ, val, tb))

    def close(self) -> None:
        self._inner.close()

    def __await__(self) -> Any:
        raise NotImplementedError("a task drives it")

    def _noted(self, yielded: Any) -> Any:
        if yielded is None:
            self._notes.append(None)
        return yielded


async def turns(work: Awaitable[object]) -> int:
    """Do work; returns how often it, and the tasks it began, let others have a turn.

    What others had while a thread worked is not counted: that is the machine's doing.
    """
    loop = asyncio.get_running_loop()
    notes: list[None] = []

    def counted(
        at: asyncio.AbstractEventLoop, inner: Any, context: Context | None = None
    ) -> asyncio.Task[Any]:
        return asyncio.Task(_Counted(inner, notes), loop=at, context=context)

    async def whole() -> None:
        await work

    before = loop.get_task_factory()
    loop.set_task_factory(counted)
    try:
        await asyncio.ensure_future(whole())
    finally:
        loop.set_task_factory(before)
    return len(notes)
