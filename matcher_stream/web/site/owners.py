"""Questions to the worker that owns a key: no page reads a table of another's partition.

Every worker serves every page. One that does not own the key asks the one that does, over HTTP,
with a signed question; who that is, Faust's group metadata says.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import orjson
from aiohttp import ClientError, ClientTimeout, web

from matcher_stream.config.contract import partition_for
from matcher_stream.runtime.parts import AppParts
from matcher_stream.web.site.problem import not_ready
from matcher_stream.web.site.signing import Signing
from schemas.errors import StaleGeneration

PATH: Final = "/interno/pregunta"
_MOST_BYTES: Final = 64 << 10
_SECONDS: Final = 5.0

#: Answers a question about a key with plain data.
Answer = Callable[..., Awaitable[Any]]


class Owners:
    """Asks owners, and answers for what this worker owns.

    Args:
        parts: The worker.
        signing: The workers' shared keys.
    """

    def __init__(self, parts: AppParts, signing: Signing) -> None:
        self._parts, self._signing = parts, signing
        self._answers: dict[str, Answer] = {}

    def answers(self, question: str, answer: Answer) -> None:
        """Register who answers a question; it is called with the key and the question's values."""
        if question in self._answers:
            raise ValueError(f"Two parts answer {question!r}")
        self._answers[question] = answer

    async def ask(self, question: str, key: str, *, wait: float = 0.0, **values: Any) -> Any:
        """The owner's answer.

        Args:
            question: One that was registered.
            key: A profile_id or job_id.
            wait: Seconds that the owner may take on purpose; given to it if it is not 0.
            values: JSON.

        Raises:
            Problem: nobody can answer now.
        """
        if wait:
            values["wait"] = wait
        partition = partition_for(key.encode(), self._parts.settings.partitions)
        if self._is_here(partition):
            try:
                return await self._answers[question](key, **values)
            except StaleGeneration:
                raise not_ready() from None
        url = self._url_of(partition)
        if url is None:
            raise not_ready()
        return await self._ask_at(url, {"q": question, "k": key, "v": values}, wait)

    async def ask_all(self, question: str, **values: Any) -> dict[str, Any]:
        """What every worker answers, by its address; None for one that does not.

        The question is answered without a key.
        """
        here = self._here()
        urls = {here, *self._addresses()}
        body = {"q": question, "k": None, "v": values}

        async def one(url: str) -> Any:
            try:
                if url == here:
                    return await self._answers[question](None, **values)
                return await self._ask_at(url, body, 0.0)
            except Exception:  # whatever is wrong there: the others' answers count
                return None

        order = sorted(urls)
        return dict(zip(order, await asyncio.gather(*map(one, order)), strict=True))

    async def handle(self, request: web.Request) -> web.Response:
        """The question of another worker."""
        if (request.content_length or _MOST_BYTES + 1) > _MOST_BYTES:
            raise web.HTTPNotFound
        body = self._signing.asked((await request.read()).decode("ascii", "replace"))
        if body is None:
            raise web.HTTPNotFound  # nothing here for anybody else
        key, answer = body["k"], self._answers.get(body["q"])
        if answer is None:  # a worker of another version
            return web.Response(status=501)
        if key is not None and not self._is_here(
            partition_for(key.encode(), self._parts.settings.partitions)
        ):
            return web.Response(status=503)
        try:
            told = await answer(key, **body["v"])
        except StaleGeneration:
            return web.Response(status=503)
        return web.Response(body=orjson.dumps(told), content_type="application/json")

    async def _ask_at(self, url: str, body: dict[str, Any], wait: float) -> Any:
        client, signed = self._parts.app.http_client, self._signing.question(body)
        limit = ClientTimeout(total=wait + _SECONDS)
        try:
            async with client.post(
                url.rstrip("/") + PATH, data=signed, timeout=limit, allow_redirects=False
            ) as answer:
                if answer.status != 200:
                    raise not_ready()
                return orjson.loads(await answer.read())
        except (ClientError, TimeoutError, OSError, orjson.JSONDecodeError):
            raise not_ready() from None

    def _is_here(self, partition: int) -> bool:
        return self._parts.fence.is_open and partition in self._parts.state.owned

    def _here(self) -> str:
        return str(self._parts.app.conf.canonical_url)

    def _tables(self) -> Any:
        return self._parts.app.router.tables_metadata()

    def _addresses(self) -> list[str]:
        return [str(url) for url, topics in self._tables().items() if any(topics.values())]

    def _url_of(self, partition: int) -> str | None:
        """Who else owns a partition; None while nobody does, or this worker is not ready."""
        here = self._here()
        for url, topics in self._tables().items():
            if str(url) != here and any(partition in owned for owned in topics.values()):
                return str(url)
        return None
