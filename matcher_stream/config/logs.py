"""How a worker logs: lines for people or JSON for machines, and no word of anybody in either.

Three rules keep people out of the logs, whichever format: an exception's own sentence is shown only
if its class never quotes what it was given (others are named, with the places in the code); ids are
hashed with a key; and what other libraries say below INFO is dropped, since it quotes records
(aiokafka: "Sending (key=... value=...)").
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import secrets
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from aiokafka.errors import KafkaError
from mode.utils.logging import DEFAULT_FORMATTERS, ExtensionFormatter

from matcher_stream.config.settings import Settings
from schemas.errors import MatcherError

FIELDS: Final = ("agent", "topic", "partition", "offset", "key", "trace_id", "outcome")
"""What a line may say of the record behind it (`extra={"data": {...}}`); others are left out."""
OURS: Final = ("agents", "matcher_stream", "models", "schemas", "tables")
#: Their sentences are ours, or name files, hosts and topics only.
_SPEAKABLE: Final = (MatcherError, OSError, KafkaError, ImportError, MemoryError)
_FAUSTS: Final[dict[str, Any]] = DEFAULT_FORMATTERS
_MOST_CAUSES: Final = 8
_BEHIND: ContextVar[Mapping[str, Any]] = ContextVar("behind", default={})  # noqa: B039  read only
_key = secrets.token_bytes(32)

log = logging.getLogger(__name__)


def pseudonym(name: bytes | str) -> str:
    """A name for an id, the same for the same id under one key, and of no use without it.

    Keyed BLAKE2b of 64 bits: of a plain hash, all DNI numbers could be tried in seconds.
    """
    raw = name.encode() if isinstance(name, str) else name
    return hashlib.blake2b(raw, key=_key, digest_size=8).hexdigest()


def behind(data: Mapping[str, Any]) -> None:
    """Every line of this task is about this record from now on.

    Args:
        data: Of `FIELDS`.
    """
    _BEHIND.set(data)


def config_of(settings: Settings, service: str) -> dict[str, Any]:
    """What Faust merges into its own logging configuration, so that its `-l` and `-f` still hold.

    Args:
        settings: Say the format and the key of hashed ids.
        service: Which application it is.
    """
    global _key
    if settings.log_key:
        _key = hashlib.sha256(settings.log_key.encode()).digest()
    formatters: dict[str, dict[str, Any]]
    if settings.log_format == "json":
        _print_nothing()
        made = {"()": "matcher_stream.config.logs.JsonLines", "service": service}
        formatters = dict.fromkeys(_FAUSTS, made)
    else:
        formatters = {
            name: {**options, "()": "matcher_stream.config.logs.TextLines"}
            for name, options in _FAUSTS.items()
        }
    return {"merge": True, "formatters": formatters}


def _print_nothing() -> None:
    """Faust's banner comes before logging is set up, and its `--quiet` has no setting."""
    from faust.cli.worker import worker

    command: Any = worker

    def created(_: Any, worker: Any) -> None:
        worker.quiet, worker.spinner = True, None

    command.on_worker_created = created


def told(sentence: object, service: str) -> str:
    """A line of a process that ends before it has logging, or settings that could be used.

    Args:
        sentence: What it has to say.
        service: Which application it is.
    """
    if os.environ.get("MATCHER_LOG_FORMAT") != "json":
        return str(sentence)
    said = (__name__, logging.CRITICAL, "", 0, str(sentence), None, None)
    return JsonLines(service).format(logging.LogRecord(*said))


def begin() -> None:
    """From here on whatever this process has to say goes by these rules; called in its event loop,
    once Faust has set logging up.
    """
    logging.captureWarnings(True)
    logging.raiseExceptions = False  # a line that cannot be made would be told with its arguments
    for handler in logging.root.handlers:
        handler.addFilter(_ours_or_important)
    logging.getLogger("aiohttp.server").addFilter(_without_address)
    sys.excepthook = lambda _, error, __: _log_uncaught("the process", error)
    threading.excepthook = lambda hook: _log_uncaught(
        f"thread {hook.thread.name}" if hook.thread else "a thread", hook.exc_value
    )
    asyncio.get_running_loop().set_exception_handler(_log_unawaited)


def _ours_or_important(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.INFO or record.name.partition(".")[0] in OURS


def _without_address(record: logging.LogRecord) -> bool:
    """Aiohttp names who asked ("Error handling request from %s"): of pages that is a person."""
    if record.args:
        record.args = ("a client",)
    return True


def _log_uncaught(where: str, error: BaseException | None) -> None:
    log.critical("Nobody caught an error in %s", where, exc_info=error)


def _log_unawaited(_: Any, context: Mapping[str, Any]) -> None:
    """Asyncio's own handler writes the future out, and with it what its exception says."""
    error = context.get("exception")
    log.error("asyncio: %s", str(context["message"]).partition("\n")[0], exc_info=error)


class TextLines(ExtensionFormatter):
    """Faust's lines, under our rules."""

    def __init__(self, format: str, **options: Any) -> None:
        super().__init__(fmt=format, **options)

    def format(self, record: logging.LogRecord) -> str:
        """One record; mode prints what it finds in `data`."""
        record.data = known(record)
        return str(super().format(record))

    def format_arg(self, arg: Any, record: logging.LogRecord) -> Any:
        """An argument of a line as it may be shown."""
        return super().format_arg(_shown(arg), record)

    def formatException(self, ei: Any) -> str:
        """A traceback as it may be shown."""
        return described(ei[1])


class JsonLines(logging.Formatter):
    """One JSON object a line.

    Args:
        service: Which application it is.
    """

    def __init__(self, service: str, **_: Any) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """One record; `time` is RFC 3339 in UTC."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        said = {
            "time": at.replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": _message(record),
            "service": self._service,
            **known(record),
        }
        if record.exc_info and record.exc_info[1] is not None:
            said["traceback"] = described(record.exc_info[1])
        return orjson.dumps(said, default=str).decode()


def known(record: logging.LogRecord) -> dict[str, Any]:
    """What a line says of the record behind it."""
    data = {**_BEHIND.get(), **getattr(record, "data", {})}
    return {name: data[name] for name in FIELDS if data.get(name) is not None}


def _message(record: logging.LogRecord) -> str:
    message, args = str(record.msg), record.args
    try:
        if isinstance(args, Mapping):
            return message % {name: _shown(arg) for name, arg in args.items()}
        return message % tuple(map(_shown, args)) if args else message
    except (TypeError, ValueError, KeyError):
        return message  # a line that was written wrong is a line all the same


class _Name(str):
    """Stands where an exception stood, under %s and %r alike."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _shown(arg: Any) -> Any:
    return _Name(_sentence(arg)) if isinstance(arg, BaseException) else arg


def _sentence(error: BaseException) -> str:
    name = type(error).__qualname__
    return f"{name}: {error}" if isinstance(error, _SPEAKABLE) else name


def described(error: BaseException) -> str:
    """A traceback in which only the code speaks, the cause first, as Python orders them."""
    chain = [
        "Traceback (most recent call last):\n"
        + "".join(traceback.format_tb(cause.__traceback__))
        + _sentence(cause)
        for cause in _causes(error)
    ]
    return "\n\n".join(reversed(chain))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, then what it came from; a group's parts count as what it came from."""
    waiting, seen = [error], 0
    while waiting and seen < _MOST_CAUSES:
        cause, seen = waiting.pop(0), seen + 1
        yield cause
        if isinstance(cause, BaseExceptionGroup):
            waiting += cause.exceptions
        before = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
        if before is not None:
            waiting.append(before)
