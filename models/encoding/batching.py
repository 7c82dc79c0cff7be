"""Which texts share a forward pass: little padding, few groups, a bounded number of tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

GROUP_COST: Final = 12  # tokens of work that one more attention group costs; fits CPUs measured

_WORTHWHILE: Final = 64  # tokens that are worth a stream of their own


@dataclass(frozen=True, slots=True)
class Group:
    """Consecutive texts padded to one length."""

    texts: int
    length: int

    @property
    def tokens(self) -> int:
        """Rows it takes in the batch's matrix, padding included."""
        return self.texts * self.length


@dataclass(frozen=True, slots=True)
class Batch:
    """One forward pass: `texts` are indices into the caller's list, in the groups' order."""

    texts: list[int]
    groups: list[Group]


def plan(
    lengths: Sequence[int], budget: int, streams: int = 1, cost: int = GROUP_COST
) -> list[Batch]:
    """Split texts of the given token counts into equal batches of about `budget` tokens at most.

    Texts are taken by falling length, so that a batch holds similar ones. The number of batches
    is a multiple of `streams` wherever the work is enough for that. `cost`: see group.
    """
    order = sorted(range(len(lengths)), key=lambda i: -lengths[i])
    total = sum(lengths)
    count = max(1, -(-total // budget))
    if total >= streams * _WORTHWHILE:
        count = -(-count // streams) * streams
    share = total / count
    parts: list[list[int]] = [[] for _ in range(count)]
    before = 0
    for index in order:
        middle = before + lengths[index] / 2
        parts[min(count - 1, int(middle / share))].append(index)
        before += lengths[index]
    return [_batch(part, lengths, cost) for part in parts if part]


def _batch(texts: list[int], lengths: Sequence[int], cost: int) -> Batch:
    return Batch(texts, group([lengths[i] for i in texts], cost))


def group(lengths: Sequence[int], cost: int = GROUP_COST) -> list[Group]:
    """Cheapest cut of falling lengths into groups: padding tokens plus `cost` for each group.

    Exact, by dynamic programming over the places where the length changes (at most the token
    limit, so at most some thousands of steps).
    """
    edges = [i for i in range(len(lengths)) if i == 0 or lengths[i] != lengths[i - 1]]
    edges.append(len(lengths))
    sums = [0]
    for length in lengths:
        sums.append(sums[-1] + length)
    best: list[tuple[int, int]] = [
        (0, 0)
    ]  # cost of the texts before edge j, where its group starts
    for j in range(1, len(edges)):
        end = edges[j]
        options = (
            (
                best[i][0]
                + lengths[edges[i]] * (end - edges[i])
                - (sums[end] - sums[edges[i]])
                + cost,
                i,
            )
            for i in range(j)
        )
        best.append(min(options))
    groups: list[Group] = []
    j = len(edges) - 1
    while j > 0:
        i = best[j][1]
        groups.append(Group(edges[j] - edges[i], lengths[edges[i]]))
        j = i
    return groups[::-1]
