"""What every agent needs, made once by the application."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any, TypeVar
from zlib import crc32

from agents.vectors import TextVectors
from matcher_stream.config.contract import TopicNames, partition_for
from matcher_stream.config.model import model_of
from matcher_stream.config.settings import Settings
from matcher_stream.runtime import tracing
from matcher_stream.runtime.fence import Fence
from matcher_stream.runtime.flow import Reader
from matcher_stream.runtime.outputs import Outputs
from matcher_stream.runtime.rivals import Rivals
from matcher_stream.runtime.tail import Reading
from matcher_stream.runtime.turns import Turns
from matcher_stream.runtime.voice import Voice
from models.feedback.drafting import Trial
from models.hardware.streams import pool_of
from models.ranking.blend import make_ranker
from models.ranking.event_bodies import Versions, revision_of, rules_named
from models.ranking.ranker import Ranker
from models.ranking.unlocks import UNLOCKS_VERSION
from models.reading.facts.fact import READER_VERSION
from models.vetting.outcome import Gate
from tables.state import State

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Locks:
    """One writer per partition number follows from one lock per worker (ADR 0002).

    Whoever needs several takes them in this order.

    Attributes:
        people: Held from index insert to awaited output by whoever changes people or postings;
            who is waited for by a person asks for its first lane.
        jobs: The same for the jobs table and its fan-out.
        lists: The same for the lists of candidates.
    """

    people: Turns = field(default_factory=Turns)
    jobs: Turns = field(default_factory=Turns)
    lists: Turns = field(default_factory=Turns)


def ranker_of(settings: Settings) -> Ranker:
    """How this deployment scores pairs."""
    return make_ranker(
        settings.ranker, settings.score_threshold, settings.exposure, settings.send_threshold,
        model_of(settings).weights,
    )  # fmt: skip


def gate_of(settings: Settings) -> Gate:
    """What vets the ads of this deployment."""
    return Gate(settings.vetting, settings.law_wording)


def versions_of(encoder: str, ranker: Ranker, settings: Settings) -> Versions:
    """What an event says of the rules behind it: whatever changes a ranking changes a version."""
    counted = UNLOCKS_VERSION if settings.unlocks else ""
    rules = rules_named(ranker.version, settings.top_k, ranker.threshold, ranker.send, counted,
                        settings.swap_share)  # fmt: skip
    rules += trial_mark(settings)
    return Versions(encoder, rules)


def trial_mark(settings: Settings) -> str:
    """How a version ends where rankings are interleaved: with another challenger everybody is
    ranked anew.
    """
    if not settings.interleave_share:
        return ""
    return f"-i{settings.interleave_share:g}.{crc32(settings.interleave_with.encode()):08x}"


def trial_of(settings: Settings, app_id: str) -> Trial | None:
    """Which rankings a deployment interleaves with its own; None of which is not set, or if it is
    its own.
    """
    challenger = settings.interleave_with
    if not settings.interleave_share or challenger in ("", app_id):
        return None
    return Trial(settings.interleave_share, app_id, challenger)


def rivals_of(settings: Settings, names: TopicNames, reading: Reading) -> Rivals:
    """Reads the rankings of the challenger that the settings name."""
    return Rivals(names.rival, settings.interleave_with, settings.top_k, reading)


@dataclass(frozen=True, slots=True)
class Context:
    """The parts of one worker.

    Attributes:
        settings: The process's settings.
        names: Every topic's name.
        app: The Faust app.
        fence: Who may write; effects ask it themselves.
        outputs: Sends records.
        voice: Whether they are public.
        reading: Reads what lies in topics.
        rivals: What a challenger says, where its rankings are interleaved.
        state: Tables and indexes.
        versions: What an event says of the rules behind it.
        gate: Vets ads.
        vectors: Embeds texts.
        locks: Who may change what.
        scoring: The thread of the indexes: a matrix never changes under a product.
        inputs: Readers of what others wait for; background work gives way to them.
    """

    settings: Settings
    names: TopicNames
    app: Any
    fence: Fence
    outputs: Outputs
    voice: Voice
    reading: Reading
    rivals: Rivals
    state: State
    versions: Versions
    gate: Gate
    vectors: TextVectors
    locks: Locks = field(default_factory=Locks)
    scoring: Executor = field(default_factory=lambda: pool_of(1, 1, "score"))
    inputs: list[Reader] = field(default_factory=list)

    @property
    def vetted_by(self) -> str:
        """What ads that have not ended are vetted and read by; another name has it done anew."""
        return f"{self.gate.version}-{READER_VERSION}"

    async def score(self, function: Callable[..., T], *args: Any, events: Sequence[Any] = ()) -> T:
        """Run a question to the indexes in the scoring thread.

        Args:
            function: Asks.
            args: Its arguments.
            events: What the answer is for, on whose spans it is a step.
        """
        loop = asyncio.get_running_loop()
        with tracing.step("score", events):
            return await loop.run_in_executor(self.scoring, function, *args)

    def revision(self, partition: int, counter: int) -> int:
        """The revision of an event about somebody, or a job, of a partition."""
        return revision_of(self.voice.epoch(partition), counter)

    def partition_of(self, key: str) -> int:
        """The partition that a profile_id or job_id belongs to."""
        return partition_for(key.encode(), self.settings.partitions)

    def backlog(self) -> int:
        """Events that were fetched and wait in the inputs' agents."""
        return sum(reader.backlog for reader in self.inputs)
