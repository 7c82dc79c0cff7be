"""Threads that each compute on one core, in place of operations that each use all cores.

An operation spread over all cores ends when its slowest core does: on a machine that also runs a
broker and an event loop, each of a forward pass's hundreds of operations waits for a thread that
is not scheduled (measured: ten times slower). Independent pieces of work, one core each, only
wait for each other at the end.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

import torch

T = TypeVar("T")
R = TypeVar("R")


def pool_of(count: int, threads: int, name: str) -> ThreadPoolExecutor:
    """A pool of `count` threads whose torch operations use `threads` threads each."""
    everywhere = torch.get_num_threads()
    ready = threading.Barrier(count)

    def begin() -> None:
        # OpenMP keeps this number per thread; torch also has one for new threads, which it
        # copies at a thread's first parallel operation, so that one is made here
        torch.set_num_threads(threads)
        torch.zeros(1 << 16).add_(1.0)
        ready.wait()

    pool = ThreadPoolExecutor(count, thread_name_prefix=name)
    for future in [pool.submit(begin) for _ in range(count)]:
        future.result()
    torch.set_num_threads(everywhere)
    return pool


class Streams:
    """A pool of `count` threads whose torch operations use `threads` threads each."""

    def __init__(self, count: int, threads: int, name: str) -> None:
        self.count = count
        self._pool = pool_of(count, threads, name)

    def map(self, work: Callable[[T], R], items: Sequence[T], pieces: int = 0) -> list[R]:
        """Results in order; the first error is raised after all work has stopped.

        Args:
            work: runs in the pool.
            items: one call each.
            pieces: hand the items over in so many runs of neighbours (for short work); 0 one by
                one, whoever is free takes the next.
        """
        size = -(-len(items) // pieces) if pieces else 1

        def run(start: int) -> list[R]:
            return [work(item) for item in items[start : start + size]]

        futures = [self._pool.submit(run, start) for start in range(0, len(items), max(1, size))]
        wait(futures)
        return [result for future in futures for result in future.result()]

    def close(self) -> None:
        """Stop the threads."""
        self._pool.shutdown()
