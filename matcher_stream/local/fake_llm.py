"""A language model's server for tests and demos: OpenAI's Responses API, without a model.

It answers from the fields it is sent, so that its replies are grounded, and can misbehave in every
way that a real one does. It keeps each request that it saw. For nobody's production.

``python -m matcher_stream.local.fake_llm --port 8089 --mode ok``
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from aiohttp import web

MODES: Final = (
    "ok", "slow", "rate_limited", "server_error", "truncated", "refusal", "wrong_schema", "hang",
    "drop", "obeys", "not_json", "incomplete", "unauthorized", "invents",
)  # fmt: skip
"""What the server can be told to do with every request."""

_SECONDS_OF_HANG: Final = 3600.0
_BLOCK: Final = re.compile(r"<DATOS>\n(.*)\n</DATOS>", re.DOTALL)


@dataclass(slots=True)
class Seen:
    """One request as it arrived."""

    at: float
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class FakeLlm:
    """The server; change `mode` at any time.

    Attributes:
        mode: One of MODES.
        delay: Seconds before an answer, in mode `slow`.
        retry_after: Seconds told with a 429.
        tokens: Input and output tokens that an answer says it used.
        seen: Every request, in order of arrival.
        open_now: Requests being answered.
        most_open: The most that ever were at once.
    """

    mode: str = "ok"
    delay: float = 3.0
    retry_after: float = 1.0
    tokens: tuple[int, int] = (700, 120)
    seen: list[Seen] = field(default_factory=list)
    open_now: int = 0
    most_open: int = 0
    port: int = 0
    _ids: Any = field(default_factory=itertools.count)
    _runner: web.AppRunner | None = None

    @property
    def base_url(self) -> str:
        """What a client is given as the root of the API."""
        return f"http://127.0.0.1:{self.port}/v1"

    async def start(self, port: int = 0) -> None:
        """Listen on the loopback address; port 0 takes a free one."""
        app = web.Application()
        app.router.add_post("/v1/responses", self._respond)
        app.router.add_route("*", "/{path:.*}", self._unknown)
        self._runner = web.AppRunner(app, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        server = site._server
        assert isinstance(server, asyncio.Server)
        self.port = server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and drop what is open."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _unknown(self, request: web.Request) -> web.Response:
        await self._note(request)
        return _error(404, "invalid_request_error", "Unknown path.")

    async def _note(self, request: web.Request) -> bytes:
        body = await request.read()
        headers = dict(request.headers)
        self.seen.append(Seen(time.monotonic(), request.path_qs, headers, body))
        return body

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        body = await self._note(request)
        self.open_now += 1
        self.most_open = max(self.most_open, self.open_now)
        try:
            return await self._answer(request, orjson.loads(body))
        finally:
            self.open_now -= 1

    async def _answer(self, request: web.Request, asked: Mapping[str, Any]) -> web.StreamResponse:
        mode = self.mode
        if mode == "rate_limited":
            return _error(
                429,
                "rate_limit_exceeded",
                "Rate limit reached.",
                {"Retry-After": f"{self.retry_after:g}"},
            )
        if mode == "server_error":
            return _error(500, "server_error", "The server had an error.")
        if mode == "unauthorized":
            return _error(401, "invalid_api_key", "Incorrect API key provided.")
        if mode == "not_json":
            return web.Response(text="<html>Bad gateway</html>", content_type="text/html")
        if mode == "drop":
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        if mode in ("hang", "slow"):
            await asyncio.sleep(_SECONDS_OF_HANG if mode == "hang" else self.delay)
        return web.json_response(self._response(asked, mode))

    def _response(self, asked: Mapping[str, Any], mode: str) -> dict[str, Any]:
        text = orjson.dumps(self._reply(_fields(asked), mode)).decode()
        content: dict[str, Any] = {"type": "output_text", "text": text, "annotations": []}
        if mode == "truncated":
            content["text"] = text[: len(text) // 2]
        if mode == "refusal":
            content = {"type": "refusal", "refusal": "Lo siento, no puedo ayudar con eso."}
        cut = mode == "incomplete"
        number, (given, made) = next(self._ids), self.tokens
        return {
            "id": f"resp_{number:024x}", "object": "response", "created_at": int(time.time()),
            "status": "incomplete" if cut else "completed", "error": None,
            "incomplete_details": {"reason": "max_output_tokens"} if cut else None,
            "model": asked.get("model"), "instructions": asked.get("instructions"),
            "output": [{
                "type": "message", "id": f"msg_{number:024x}", "role": "assistant",
                "status": "incomplete" if cut else "completed", "content": [content],
            }],
            "parallel_tool_calls": True, "tool_choice": "auto", "tools": [], "store": False,
            "text": asked.get("text"), "reasoning": asked.get("reasoning"), "metadata": {},
            "usage": {
                "input_tokens": given, "input_tokens_details": {"cached_tokens": 0},
                "output_tokens": made, "output_tokens_details": {"reasoning_tokens": 0},
                "total_tokens": given + made,
            },
        }  # fmt: skip

    def _reply(self, fields: Mapping[str, str], mode: str) -> Any:
        if mode == "wrong_schema":
            return {"answer": "Es un buen trabajo."}
        if mode == "obeys":
            said = fields.get("puesto", "")
            return _sentences((f"Este trabajo: {said}. Soy el mejor, deposita S/ 50.", "puesto"))
        if mode == "invents":
            return _sentences(("Pagan S/ 9999 al mes.", "paga"))
        known = [(f"El trabajo es: {fields.get('puesto', '')}.", "puesto")]
        if "lugar" in fields:
            known.append((f"Queda en {fields['lugar']}.", "lugar"))
        if fields.get("paga", "").startswith(("S/", "de S/")):
            known.append((f"Pagan {fields['paga']}.", "paga"))
        return _sentences(*known)


def _sentences(*pairs: tuple[str, str]) -> dict[str, Any]:
    return {"sentences": [{"text": text, "fields": [name]} for text, name in pairs]}


def _fields(asked: Mapping[str, Any]) -> dict[str, str]:
    """The fields in a request's message, {} if it has no such block."""
    messages = asked.get("input")
    text = messages[0]["content"] if isinstance(messages, list) and messages else str(messages)
    block = _BLOCK.search(text)
    return dict(orjson.loads(block[1])) if block else {}


def _error(
    status: int, code: str, message: str, headers: Mapping[str, str] | None = None
) -> web.Response:
    kind = "server_error" if status >= 500 else "invalid_request_error"
    body = {"error": {"message": message, "type": kind, "param": None, "code": code}}
    return web.json_response(body, status=status, headers=headers)


async def serve(port: int, mode: str = "ok") -> None:
    """Serve until cancelled."""
    server = FakeLlm(mode)
    await server.start(port)
    try:
        await asyncio.Event().wait()
    finally:
        await server.stop()


def main() -> None:
    """Run from a command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--port", type=int, default=8089)
    parser.add_argument("--mode", choices=MODES, default="ok")
    options = parser.parse_args()
    try:
        asyncio.run(serve(options.port, options.mode))
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
