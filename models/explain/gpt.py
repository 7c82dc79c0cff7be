"""A language model's words about a match, over the OpenAI Responses API.

Every call passes a breaker, a bucket of requests, a bucket of tokens and a budget, and every reply
is checked against the fields it was made from. Whatever fails, the caller keeps the template.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

import orjson

from models.explain.grounding import Ungrounded, check
from models.explain.limits import Breaker, Price, TokenBucket
from models.explain.prompt import INSTRUCTIONS, MAX_OUTPUT_TOKENS, PROMPT_VERSION, SCHEMA, message
from models.explain.replies import CallFailed, decoded, retry_after, usage

log = logging.getLogger(__name__)
CHARS_PER_TOKEN: Final = 3.0
"""Of Spanish text, a low guess: estimates come out high and are corrected after the call."""
_SCHEMA_TOKENS: Final = 150
_RETRIED: Final = frozenset({"timeout", "connection", "rate_limited", "server_error"})
_BREAKS: Final = _RETRIED | {"garbage", "truncated", "wrong_schema", "refused_by_server"}


class Purse(Protocol):
    """Where the money for one call comes from."""

    async def reserve(self, cost: float) -> bool:
        """Set dollars aside; False if there are none left today."""

    def settle(self, reserved: float, cost: float) -> None:
        """Replace what was set aside by what it cost."""


@dataclass(frozen=True, slots=True)
class GptOptions:
    """How to call.

    Attributes:
        model: Model id as the server knows it.
        base_url: Root of the API, "" for OpenAI's own.
        api_key: The key.
        effort: Reasoning effort; "" leaves it out, for servers that do not know it.
        timeout: Seconds one call may take.
        attempts: Calls for one explanation at most.
        concurrency: Calls at the same time.
        patience: Seconds an explanation may wait for a bucket or a Retry-After.
        price: Dollars for a million tokens.
    """

    model: str
    base_url: str
    api_key: str
    effort: str
    timeout: float
    attempts: int
    concurrency: int
    patience: float
    price: Price


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a request: a text, or one word for the reason why there is none."""

    text: str | None
    reason: str


class GptWriter:
    """Writes explanations with a model behind an OpenAI-compatible API.

    Args:
        options: How to call.
        requests: Bucket of requests.
        tokens: Bucket of tokens.
        breaker: Stops calls to what keeps failing.
        sleep: Waits; passed in by tests.
        jitter: A number from 0 to 1; passed in by tests.
    """

    def __init__(
        self,
        options: GptOptions,
        requests: TokenBucket,
        tokens: TokenBucket,
        breaker: Breaker,
        *,
        sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        from openai import AsyncOpenAI  # takes a second: only who has a key pays it

        self.options = options
        self.breaker = breaker
        self._requests = requests
        self._tokens = tokens
        self._sleep = sleep
        self._jitter = jitter
        self._slots = asyncio.Semaphore(options.concurrency)
        self._client = AsyncOpenAI(
            api_key=options.api_key,
            base_url=options.base_url or None,
            timeout=options.timeout,
            max_retries=0,  # one layer of retries: ours
        )

    @property
    def version(self) -> str:
        """Names model and prompt."""
        return f"{self.options.model}/{PROMPT_VERSION}"

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def write(self, fields: Mapping[str, str], purse: Purse) -> Outcome:
        """An explanation made of `fields`, or the reason why there is none; raises nothing."""
        async with self._slots:
            waited, asked, reason = 0.0, 0.0, ""
            for attempt in range(self.options.attempts):
                if attempt:
                    pause = self._pause(attempt, waited, asked)
                    if pause is None:
                        break
                    waited += pause
                    await self._sleep(pause)
                try:
                    text = await self._call(fields, purse, self.options.patience - waited)
                    return Outcome(text, "ok")
                except Ungrounded as failed:
                    return Outcome(None, failed.reason)
                except CallFailed as failed:
                    reason, asked = failed.reason, failed.retry_after
                    if reason not in _RETRIED:
                        break
            return Outcome(None, reason)

    def _pause(self, attempt: int, waited: float, asked: float) -> float | None:
        """Seconds before the next attempt (full jitter, not before Retry-After), None to stop."""
        pause = asked + min(8.0, 0.5 * 2**attempt) * self._jitter()
        return pause if waited + pause <= self.options.patience else None

    async def _call(self, fields: Mapping[str, str], purse: Purse, patience: float) -> str:
        content = message(fields)
        given = round((len(INSTRUCTIONS) + len(content)) / CHARS_PER_TOKEN) + _SCHEMA_TOKENS
        worst = self.options.price.cost(given, MAX_OUTPUT_TOKENS)
        if not self.breaker.allow():
            raise CallFailed("breaker_open")
        try:
            await self._admit(given + MAX_OUTPUT_TOKENS, patience)
            if not await purse.reserve(worst):
                raise CallFailed("no_budget")
        except BaseException:
            self.breaker.undecided()
            raise
        cost, used = worst, given + MAX_OUTPUT_TOKENS
        try:
            reply = await self._post(content)
            counted = usage(reply)
            if counted is not None:
                cost, used = self.options.price.cost(*counted), sum(counted)
            text = check(decoded(reply), fields)
        except asyncio.CancelledError:
            self.breaker.undecided()
            raise
        except (CallFailed, Ungrounded) as failed:
            if failed.reason in ("rate_limited", "refused_by_server", "connection"):
                cost, used = 0.0, 0
            self._judge(failed)
            raise
        finally:
            purse.settle(worst, cost)
            self._tokens.give_back(given + MAX_OUTPUT_TOKENS - used)
        self.breaker.success()
        return text

    def _judge(self, failed: CallFailed | Ungrounded) -> None:
        if failed.reason in _BREAKS:
            self.breaker.failure(getattr(failed, "retry_after", 0.0))
        else:
            self.breaker.success()

    async def _admit(self, tokens: int, patience: float) -> None:
        """Wait for both buckets, then take from both with no await between."""
        while (wait := max(self._requests.wait(), self._tokens.wait(tokens))) > 0:
            patience -= wait
            if patience < 0:
                raise CallFailed("no_rate")
            await self._sleep(wait)
        self._requests.take()
        self._tokens.take(tokens)

    async def _post(self, content: str) -> Any:
        """The decoded body of the answer."""
        import openai

        try:
            async with asyncio.timeout(self.options.timeout):
                raw = await self._client.responses.with_raw_response.create(**self._body(content))
                body = raw.http_response.content
        except (TimeoutError, openai.APITimeoutError):
            raise CallFailed("timeout") from None
        except openai.APIConnectionError:
            raise CallFailed("connection") from None
        except openai.RateLimitError as error:
            raise CallFailed("rate_limited", retry_after(error.response.headers)) from None
        except openai.InternalServerError as error:
            raise CallFailed("server_error", retry_after(error.response.headers)) from None
        except openai.APIStatusError as error:
            log.error(
                "The language model's server refuses our calls with status %d: check model, "
                "key and address",
                error.status_code,
            )
            raise CallFailed("refused_by_server") from None
        except Exception as error:  # whatever a broken server can make the client raise
            log.warning("The language model's answer cannot be read (%s)", type(error).__name__)
            raise CallFailed("garbage") from None
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError:
            raise CallFailed("garbage") from None

    def _body(self, content: str) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self.options.model,
            "instructions": INSTRUCTIONS,
            "input": [{"role": "user", "content": content}],
            "max_output_tokens": MAX_OUTPUT_TOKENS,
            "store": False,
            "text": {"format": {
                "type": "json_schema", "name": "explanation", "strict": True, "schema": SCHEMA,
            }},
        }  # fmt: skip
        if self.options.effort:
            body["reasoning"] = {"effort": self.options.effort}
        return body
