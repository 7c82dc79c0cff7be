"""Dead letters that were written in the shadow: the public gets those that it lacks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agents.context import Context
from matcher_stream.runtime.outputs import Record, header
from matcher_stream.runtime.tail import OpenTail

_WHERE = ("dlq_topic", "dlq_partition", "dlq_offset")


async def repeat_letters(
    context: Context, opening: OpenTail, partition: int, events: Sequence[Any]
) -> int:
    """Send letters of our own shadow that nobody sent in public.

    The deployment before may have been behind us: what we refused in the shadow, it refuses in its
    own by now. Both refuse it, and the public must hear it from one.

    Args:
        context: The worker's parts.
        opening: Opens topics.
        partition: Of the inputs.
        events: The input events behind it.

    Returns:
        How many letters were sent.
    """
    names, sent = context.names, 0
    for topic in names.letters:
        ours = await _letters(opening, names.shadow(topic), partition)
        if ours:
            known = await _letters(opening, topic, partition)
            missing: list[Record] = [
                (topic, partition, letter.key, letter.value, list(letter.headers))
                for where, letter in ours.items()
                if where not in known
            ]
            await context.outputs.send(missing, events)
            sent += len(missing)
    return sent


async def _letters(opening: OpenTail, topic: str, partition: int) -> dict[Any, Any]:
    """The letters of a partition by what they are about."""
    letters = opening(topic, partition).news()
    return {tuple(header(letter, name) for name in _WHERE): letter async for letter in letters}
