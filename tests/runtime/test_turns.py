"""Who goes next: people first, nobody never."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from matcher_stream.runtime.turns import Pace, Turns


class Scene:
    """Tasks that ask for turns one after the other, and the order in which they had them."""

    def __init__(self, patience: float = 1.0) -> None:
        self.now = 0.0
        self.turns = Turns(patience, lambda: self.now)
        self.had: list[str] = []

    async def ask(self, name: str, first: bool) -> asyncio.Task[None]:
        """A task that waits for its turn, asleep."""

        async def wait() -> None:
            async with self.turns.turn(first):
                self.had.append(name)

        task = asyncio.ensure_future(wait())
        await asyncio.sleep(0)
        return task


async def _held(scene: Scene, then: Callable[[], object] = lambda: None) -> list[str]:
    tasks = []
    async with scene.turns.turn():
        for name, first in (("bulk", False), ("ana", True), ("more", False), ("beto", True)):
            tasks.append(await scene.ask(name, first))
        then()
    await asyncio.gather(*tasks)
    return scene.had


async def test_people_go_ahead_of_bulk_each_in_order() -> None:
    assert await _held(Scene()) == ["ana", "beto", "bulk", "more"]


async def test_bulk_that_has_waited_long_enough_goes_next() -> None:
    scene = Scene(patience=1.0)

    def later() -> None:
        scene.now = 1.5

    assert await _held(scene, later) == ["bulk", "more", "ana", "beto"]


async def test_one_at_a_time() -> None:
    turns, inside, most = Turns(), 0, 0

    async def work(first: bool) -> None:
        nonlocal inside, most
        async with turns.turn(first):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(work(i % 2 == 0) for i in range(50)))
    assert most == 1


@pytest.mark.parametrize("granted", [False, True], ids=["waiting", "granted"])
async def test_who_gives_up_holds_nobody_up(granted: bool) -> None:
    scene = Scene()
    async with scene.turns.turn():
        gone = await scene.ask("gone", True)
        rest = await scene.ask("rest", False)
        if not granted:
            gone.cancel()
    if granted:
        gone.cancel()  # its turn was given to it and it has not run yet
    await asyncio.gather(gone, rest, return_exceptions=True)
    assert scene.had == ["rest"]
    async with asyncio.timeout(1), scene.turns.turn():
        pass


async def test_a_turn_that_fails_is_passed_on() -> None:
    turns = Turns()
    with pytest.raises(RuntimeError):
        async with turns.turn():
            raise RuntimeError
    async with asyncio.timeout(1), turns.turn():
        pass


async def test_as_a_lock_it_gives_turns_of_the_second_lane() -> None:
    scene = Scene()
    async with scene.turns:
        assert scene.turns.locked()
        bulk = asyncio.ensure_future(_locked(scene))
        await asyncio.sleep(0)
        person = await scene.ask("ana", first=True)
        assert scene.turns.waiting() == 2
    await asyncio.gather(bulk, person)
    assert scene.had == ["ana", "lock"]
    assert not scene.turns.locked()
    assert scene.turns.waiting() == 0


async def _locked(scene: Scene) -> None:
    async with scene.turns:
        scene.had.append("lock")


async def test_it_is_attended_for_a_while_after_somebody_asked() -> None:
    scene = Scene()
    async with scene.turns:
        assert not scene.turns.attended(2.0), "work in bulk is nobody who waits"
    async with scene.turns.turn(first=True):
        pass
    scene.now = 1.9
    assert scene.turns.attended(2.0)
    scene.now = 2.0
    assert not scene.turns.attended(2.0)


async def test_several_places_are_given_at_once_and_no_more() -> None:
    turns, inside, most = Turns(places=2), 0, 0

    async def work() -> None:
        nonlocal inside, most
        async with turns:
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(work() for _ in range(9)))
    assert most == 2
    assert not turns.locked()


def test_a_turn_takes_about_as_long_on_every_machine() -> None:
    pace = Pace(8, 128)
    assert pace.fitting(0.25) == 8, "nothing is known yet"
    for _ in range(9):
        pace.note(pace.fitting(0.25), 0.001 * pace.fitting(0.25))
    assert pace.fitting(0.25) == 128
    assert pace.fitting(0.1) == 100
    for _ in range(9):
        pace.note(pace.fitting(0.25), 0.02 * pace.fitting(0.25))
    assert pace.fitting(0.25) == int(0.25 / 0.02)
    pace.note(1, 3.0)
    assert pace.fitting(0.25) == 8
    pace.note(8, 0.001)
    assert pace.fitting(0.25) == 16, "twice at most"


class Keyed(Scene):
    """The same, with turns that last until they are let go."""

    def __init__(self, patience: float = 1.0) -> None:
        super().__init__(patience)
        self.ends: dict[str, asyncio.Event] = {}

    async def begin(self, name: str, keys: str | None, first: bool = True) -> asyncio.Future[None]:
        """A turn for some keys, a letter each."""
        end = self.ends[name] = asyncio.Event()

        async def wait() -> None:
            async with self.turns.turn(first, None if keys is None else frozenset(keys)):
                self.had.append(name)
                await end.wait()

        task = asyncio.ensure_future(wait())
        for _ in range(3):
            await asyncio.sleep(0)
        return task

    async def end(self, *names: str) -> None:
        """Let turns end, and those begin that waited for them."""
        for name in names:
            self.ends[name].set()
            for _ in range(5):
                await asyncio.sleep(0)


async def test_turns_for_different_keys_are_had_side_by_side() -> None:
    scene = Keyed()
    tasks = [await scene.begin(name, keys) for name, keys in (("1", "ab"), ("2", "c"), ("3", "bd"))]
    assert scene.had == ["1", "2"], "the third is for one of the first's"
    assert scene.turns.locked()
    await scene.end("2")
    assert scene.had == ["1", "2"]
    await scene.end("1")
    assert scene.had == ["1", "2", "3"]
    await scene.end("3")
    await asyncio.gather(*tasks)
    assert not scene.turns.locked()


async def test_a_turn_for_everything_is_had_alone() -> None:
    scene = Keyed()
    tasks = [await scene.begin("1", "a"), await scene.begin("all", None)]
    tasks.append(await scene.begin("2", "b"))
    assert scene.had == ["1"], "nobody overtakes who waits in the same lane"
    await scene.end("1")
    assert scene.had == ["1", "all"]
    await scene.end("all")
    assert scene.had == ["1", "all", "2"]
    await scene.end("2")
    await asyncio.gather(*tasks)


async def test_people_who_keep_coming_hold_bulk_up_for_so_long_and_no_longer() -> None:
    scene = Keyed(patience=1.0)
    tasks = [await scene.begin("1", "a"), await scene.begin("bulk", None, first=False)]
    tasks.append(await scene.begin("2", "b"))
    assert scene.had == ["1", "2"], "bulk has not waited for long"
    scene.now = 1.0
    tasks.append(await scene.begin("3", "c"))
    assert scene.had == ["1", "2"], "bulk is next"
    await scene.end("1", "2")
    assert scene.had == ["1", "2", "bulk"]
    await scene.end("bulk", "3")
    await asyncio.gather(*tasks)
    assert scene.had == ["1", "2", "bulk", "3"]


async def test_who_gives_up_lets_those_begin_who_waited_behind() -> None:
    scene = Keyed()
    first, gone = await scene.begin("1", "a"), await scene.begin("all", None)
    last = await scene.begin("2", "b")
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    await scene.end("2", "1")
    await asyncio.gather(first, last)
    assert scene.had == ["1", "2"]


async def test_bulk_goes_beside_people_whom_it_leaves_alone() -> None:
    scene = Keyed()
    tasks = [await scene.begin("1", "a"), await scene.begin("lists", "xy", first=False)]
    tasks.append(await scene.begin("2", "b"))
    assert scene.had == ["1", "lists", "2"]
    await scene.end("1", "lists", "2")
    await asyncio.gather(*tasks)
