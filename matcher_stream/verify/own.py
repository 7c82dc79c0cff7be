"""What one deployment said, be it the champion or in the shadow."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

from matcher_stream.config.contract import TopicNames
from matcher_stream.runtime.outputs import header
from matcher_stream.runtime.voice import read_champion
from matcher_stream.verify.reading import Rows, TopicReader


class OwnReader:
    """Reads topics as if one deployment were alone.

    The champion's own are the public topics, whole, whoever wrote them: consumers read no others.
    What a deployment in the shadow said is in its shadow topics, and what it said when it was the
    champion, in public ones.

    Args:
        reader: Reads the topics.
        names: As this deployment has them.
        speaks: Whether it is the champion.

    Attributes:
        mixed: Whether what it said lies in both, so that order was lost between them.
    """

    def __init__(self, reader: TopicReader, names: TopicNames, speaks: bool) -> None:
        self._reader, self._names, self._speaks = reader, names, speaks
        self.mixed = False

    async def records(self, topic: str, *, must_exist: bool = True) -> AsyncIterator[Any]:
        """As `TopicReader.records`."""
        names = self._names
        if self._speaks or topic not in (*names.spoken, *names.letters):
            async for record in self._reader.records(topic, must_exist=must_exist):
                yield record
            return
        found = [r async for r in self._reader.records(topic) if self._ours(topic, r)]
        self.mixed = self.mixed or any(record.value is not None for record in found)
        hidden = self._reader.records(names.shadow(topic), must_exist=False)
        found += [record async for record in hidden]
        for record in sorted(found, key=lambda record: int(record.timestamp)):
            yield record

    def _ours(self, topic: str, record: Any) -> bool:
        """Letters are anybody's, and so are nulls from before they said whose they are."""
        source = header(record, "ce_source")
        if topic in self._names.letters or (record.value is None and source is None):
            return True
        return source == self._names.source.encode()

    async def first_offsets(self, topic: str) -> dict[int, int]:
        """As `TopicReader.first_offsets`."""
        return await self._reader.first_offsets(topic)

    async def table(self, topic: str, keep: Callable[[bytes], Any]) -> Rows:
        """As `TopicReader.table`."""
        return await self._reader.table(topic, keep)


async def speaks(reader: TopicReader, names: TopicNames, shadow: bool) -> bool:
    """Whether a deployment is the champion.

    Args:
        reader: Reads the topics.
        names: As the deployment has them.
        shadow: Its setting, which counts where nobody was named.
    """
    alias = (await read_champion(reader.records(names.models))).alias
    return not shadow if alias is None else alias.deployment == names.source
