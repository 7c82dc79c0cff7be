"""Agents in memory: the real agents, tables, codecs, fence and batcher, on a broker of lists.

A `Cluster` holds the topics; a `MemoryWorker` on it is what a process would be, and dies like one.
Only three parts are stand-ins: the broker, the producer (it stores a record when somebody waits
for it, so that what nobody waits for is lost at the worst moment), and the encoder's vectors.
"""

from tests.support.harness.broker import Died, MemoryBroker, Record, Step
from tests.support.harness.cluster import Cluster
from tests.support.harness.events import TRACE, MemoryEvent, event_of
from tests.support.harness.journal import at, dies, encoded, here, history, phases, rows
from tests.support.harness.worker import MemoryWorker

__all__ = [
    "TRACE",
    "Cluster",
    "Died",
    "MemoryBroker",
    "MemoryEvent",
    "MemoryWorker",
    "Record",
    "Step",
    "at",
    "dies",
    "encoded",
    "event_of",
    "here",
    "history",
    "phases",
    "rows",
]
