"""Who speaks to the public: the champion's workers, each on a lease that it renews by reading.

What a worker knows of the alias is as old as the moment before it asked where the topic ends. It
may write to a public topic for `alias_lease` seconds from then on, and only for partitions that
were handed over to its deployment under the very record that it knows. Whoever becomes champion
waits, from the moment it reads its record, for longer than any lease that could have begun before
that record was there: so no clocks are compared (ADR 0047).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from typing import Any, Final, NamedTuple

from aiokafka.errors import KafkaError

from matcher_stream.config.contract import TopicNames, partition_for
from matcher_stream.config.settings import Settings
from matcher_stream.runtime import vitals
from matcher_stream.runtime.fence import die
from matcher_stream.runtime.tail import Reading, Tail
from schemas.alias import Alias, parse_alias
from schemas.errors import InputError

log = logging.getLogger(__name__)

CHAMPION: Final = b"champion"
MARGIN_SECONDS: Final = 2.0
"""Over the lease: what was handed to a producer under the last of it has arrived."""
_AGAIN_SECONDS: Final = 0.2
_NOBODY: Final = -1


class Handed(NamedTuple):
    """Under which record a partition was handed over to this deployment, and its epoch."""

    record: int
    epoch: int


class View(NamedTuple):
    """What was read last: the offset of the champion's record (-1: there is none), and it."""

    record: int
    alias: Alias | None


class Voice:
    """Where what a worker says goes.

    Args:
        names: Every topic's name.
        settings: `shadow`, `epoch` and `alias_lease`.
        reading: Reads the champion's partition of the models topic.
        clock: Seconds that never go back, also while the process is frozen.

    Attributes:
        handed: By partition that this worker owns; those never handed over are missing.
    """

    def __init__(
        self,
        names: TopicNames,
        settings: Settings,
        reading: Reading,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._names, self._settings, self._clock = names, settings, clock
        self._spoken, self._letters = frozenset(names.spoken), frozenset(names.letters)
        self._reading, self._opened = reading, AsyncExitStack()
        self._tail: Tail | None = None
        self._asking = asyncio.Lock()
        self._view: View | None = None
        self._seen = self._confirmed = -1e9
        self.handed: dict[int, Handed] = {}

    # -- what follows from what is known ---------------------------------------------------

    @property
    def view(self) -> View | None:
        """What is known of the alias; None before it was read."""
        return self._view

    @property
    def champion(self) -> bool:
        """Whether this deployment is the champion, as far as is known."""
        if self._view is None:
            return False
        alias = self._view.alias
        return not self._settings.shadow if alias is None else self._is_us(alias)

    def where(self, topic: str, partition: int) -> str | None:
        """The topic that a record for `topic` goes to now; None while nobody can say.

        Ask with no await before the record is handed to the producer.
        """
        letter = topic in self._letters
        if not letter and topic not in self._spoken:
            return topic
        if self._view is None:
            return None
        if not (self.champion if letter else self.speaks(partition)):
            return self._names.shadow(topic)
        # a letter that two send does no harm, one that nobody sends would
        return topic if letter or self._leased() else None

    def speaks(self, partition: int) -> bool:
        """Whether a partition's events are public, if what is known still holds."""
        return self.champion and self.record == self._handed(partition).record

    def epoch(self, partition: int) -> int:
        """High bits of the revisions of a partition's events."""
        handed = self._handed(partition)
        return handed.epoch if handed.record == self.record else self.least_epoch()

    def least_epoch(self) -> int:
        """High bits that the record which is in force gives at least."""
        return self._settings.epoch + self.record + 1

    def due(self, partition: int) -> bool:
        """Whether a partition is to be handed over: it is ours, and its old voice is silent."""
        silent = self._clock() - self._seen >= self._settings.alias_lease + MARGIN_SECONDS
        return self.champion and not self.speaks(partition) and self._leased() and silent

    def _leased(self) -> bool:
        return self._clock() - self._confirmed < self._settings.alias_lease

    def own(self, handed: Mapping[int, tuple[int, int]]) -> None:
        """These partitions are this worker's, as their marks say; it knows of no others."""
        self.handed = {partition: Handed(*mark) for partition, mark in handed.items()}

    @contextmanager
    def handing(self, partition: int, epoch: int) -> Iterator[Handed]:
        """While a partition is handed over, what is said of it is public already.

        The caller keeps all others from saying anything of it, and writes down what this gives;
        if it does not come to the end, the partition is as it was.
        """
        before = self.handed.get(partition)
        handed = self.handed[partition] = Handed(self.record, epoch)
        try:
            yield handed
        except BaseException:
            self.handed.pop(partition, None)
            if before is not None:
                self.handed[partition] = before
            raise

    @property
    def record(self) -> int:
        """Offset of the champion's record; -1 where there is none."""
        return _NOBODY if self._view is None else self._view.record

    def _handed(self, partition: int) -> Handed:
        return self.handed.get(partition, Handed(_NOBODY, self._settings.epoch))

    def _is_us(self, alias: Alias) -> bool:
        return alias.deployment == self._names.source

    # -- reading ---------------------------------------------------------------------------

    async def refresh(self) -> None:
        """Read the alias to its end; from the moment before, the lease begins anew.

        Raises:
            KafkaError: the broker does not answer.
        """
        async with self._asking:
            asked = self._clock()
            view = self._view or View(_NOBODY, None)
            tail = await self._reader()
            async for record in tail.news():
                view = _taken(view, record)
            if view != self._view:
                self._view, self._seen = view, self._clock()
                self._tell()
            self._confirmed = asked

    async def _reader(self) -> Tail:
        if self._tail is None:
            opening = await self._opened.enter_async_context(self._reading())
            home = partition_for(CHAMPION, self._settings.partitions)
            self._tail = opening(self._names.models, home)
        return self._tail

    async def heard(self) -> None:
        """Wait a moment for an answer of the broker; who asks looks again then."""
        try:
            await self.refresh()
        except (KafkaError, OSError):
            await asyncio.sleep(_AGAIN_SECONDS)

    async def keep(self) -> None:
        """Renew the lease for ever; ends the process if the broker does not answer for long."""
        lease, patience = self._settings.alias_lease, self._settings.request_timeout
        since = self._clock()
        try:
            while True:
                try:
                    await self.refresh()
                    since = self._clock()
                except (KafkaError, OSError) as error:
                    log.warning("The aliases cannot be read (%s)", type(error).__name__)
                    if self._clock() - since > patience:
                        die("the aliases could not be read")
                await asyncio.sleep(min(1.0, lease / 5))
        finally:
            await self._opened.aclose()

    def _tell(self) -> None:
        alias = None if self._view is None else self._view.alias
        vitals.tell_role(self._names.source, self.champion)
        role = "the champion" if self.champion else "in the shadow"
        log.info("This deployment is %s; the alias names %s", role, alias and alias.deployment)


async def read_champion(records: AsyncIterator[Any]) -> View:
    """What a topic of aliases says, read from its beginning."""
    view = View(_NOBODY, None)
    async for record in records:
        view = _taken(view, record)
    return view


def _taken(view: View, record: Any) -> View:
    """What is known after one more record; what is no alias of a champion changes nothing."""
    if record.key != CHAMPION:
        return view
    if record.value is None:
        return View(_NOBODY, None)
    try:
        return View(record.offset, parse_alias(record.key, record.value))
    except InputError as error:
        log.error("Record %d of the models topic is no alias: %s", record.offset, error)
        return view
