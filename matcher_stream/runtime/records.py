"""What a record is to those who send it."""

from __future__ import annotations

Headers = list[tuple[str, bytes]]
#: Topic, partition, key, value, headers.
Record = tuple[str, int, bytes | None, bytes | None, Headers]
