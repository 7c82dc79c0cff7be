"""What carries messages, as a notifier sees it: an HTTP endpoint with a memory and bad days."""

from __future__ import annotations

import json
import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BAD_ANSWERS = 2


@dataclass(frozen=True, slots=True)
class Taken:
    """A message that went out.

    Attributes:
        key: Its Idempotency-Key.
        to: The person.
        jobs: What it tells.
        text: Its words.
        day: What the test called the day.
    """

    key: str
    to: str
    jobs: tuple[str, ...]
    text: str
    day: str


class Gateway:
    """Sends each key once; early requests with a key it may answer badly, or put off.

    Args:
        seed: Of its moods.

    Attributes:
        day: Noted with what it takes from now on.
        attempts: Requests, repeated ones too.
        wrong: What no notifier may do.
    """

    def __init__(self, seed: int) -> None:
        self.day = ""
        self.attempts = 0
        self.wrong: list[str] = []
        self._moods = random.Random(seed)
        self._taken: dict[str, Taken] = {}
        self._seen: Counter[str] = Counter()
        self._lock = threading.Lock()
        self.url = ""

    @property
    def taken(self) -> list[Taken]:
        """What went out, in order."""
        with self._lock:
            return list(self._taken.values())

    def of(self, day: str) -> list[Taken]:
        """What went out on that day."""
        return [message for message in self.taken if message.day == day]

    def take(self, key: str, body: bytes) -> int | None:
        """A request; its status, None to break off without one."""
        said = json.loads(body)
        message = Taken(key, said["to"], tuple(said["jobs"]), said["text"], self.day)
        with self._lock:
            self.attempts += 1
            self._seen[key] += 1
            mood = self._moods.random() if self._seen[key] <= BAD_ANSWERS else 1.0
            if mood < 0.1:
                return 503
            known = self._taken.setdefault(key, message)
            if (known.to, known.jobs, known.text) != (message.to, message.jobs, message.text):
                self.wrong.append(f"{known} came again as {message}")
            if mood < 0.2:
                return None
            return 500 if mood < 0.3 else 200


@contextmanager
def gateway(seed: int) -> Iterator[Gateway]:
    """A gateway that listens."""
    made = Gateway(seed)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = made.take(self.headers["Idempotency-Key"], body)
            self.close_connection = True
            if status is not None:
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made.url = f"http://127.0.0.1:{server.server_address[1]}/messages"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
