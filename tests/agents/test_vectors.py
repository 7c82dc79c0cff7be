"""Texts are embedded once, in a thread of their own, and a bounded memory of it."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import pytest

from agents import vectors as module
from agents.context import Context
from agents.vectors import TextVectors
from models.encoding.encoder import TextKind
from tests.support.harness import Cluster, encoded
from tests.support.harness.village import ad, profile

TEXTS = [(bytes([i]) * 16, f"texto número {i}") for i in range(4)]


@pytest.fixture
def context(cluster: Cluster) -> Context:
    """The parts of a worker in memory."""
    return cluster.worker.context


async def test_a_text_is_encoded_once_however_often_it_comes(
    context: Context, cluster: Cluster
) -> None:
    first = await context.vectors.embed([TEXTS[0], TEXTS[1], TEXTS[0]], "query", {})
    assert len(encoded(cluster)) == 2
    again = await context.vectors.embed([TEXTS[1], TEXTS[2]], "query", {})
    assert len(encoded(cluster)) == 3
    assert np.array_equal(first[TEXTS[1][0]], again[TEXTS[1][0]])


async def test_a_vector_that_a_table_has_is_taken_from_there(
    context: Context, cluster: Cluster
) -> None:
    known = np.ones(context.vectors.encoder.result().dim, np.float16)
    vectors = await context.vectors.embed([TEXTS[0]], "passage", {TEXTS[0][0]: known})
    assert vectors[TEXTS[0][0]] is known
    assert encoded(cluster) == []


async def test_nothing_to_encode_asks_for_no_encoder(context: Context) -> None:
    """A worker may start before its encoder is loaded."""
    context.vectors.encoder = Future()
    assert await context.vectors.embed([], "query", {}) == {}


async def test_vectors_are_as_the_matrix_holds_them(context: Context) -> None:
    vectors = await context.vectors.embed([TEXTS[0]], "query", {})
    (vector,) = vectors.values()
    assert vector.dtype == np.float16
    assert vector.shape == (context.vectors.encoder.result().dim,)
    assert vector.base is None, "a view would keep its whole batch alive"


async def test_the_memory_of_recent_texts_is_bounded_and_forgets_the_oldest(
    context: Context, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RECENT_TEXTS", 2)
    await context.vectors.embed(TEXTS[:3], "query", {})
    before = len(encoded(cluster))
    await context.vectors.embed(TEXTS[1:3], "query", {})
    assert len(encoded(cluster)) == before
    await context.vectors.embed(TEXTS[:1], "query", {})
    assert len(encoded(cluster)) == before + 1


def test_a_texts_hash_tells_all_that_its_vector_depends_on(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds: tuple[TextKind, ...] = ("query", "passage")
    hashes = {context.vectors.hash(text, kind) for text in ("a", "b") for kind in kinds}
    assert len(hashes) == 4
    assert context.vectors.hash("a", "query") in hashes
    monkeypatch.setattr(module, "TEXT_VERSION", "text-other")
    assert context.vectors.hash("a", "query") not in hashes
    monkeypatch.undo()
    other = TextVectors(context.vectors.encoder, "other")
    assert other.hash("a", "query") not in hashes


def test_vectors_in_rows_of_before_are_known_by_their_texts(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another hash of the same text would have everybody's embedded anew after an upgrade."""
    monkeypatch.setattr(module, "TEXT_VERSION", "text-9")
    known = TextVectors(context.vectors.encoder, "v").hash("a", "query")
    assert known.hex() == "be41746b579a9f35089d83c250e4564e"


def test_a_text_that_is_no_unicode_has_a_hash_all_the_same(context: Context) -> None:
    assert len(context.vectors.hash("\ud800", "query")) == 16


async def test_encoding_leaves_the_event_loop_to_others(context: Context) -> None:
    embedder, seen = context.vectors.encoder.result(), []
    inner = embedder.encode

    def encode(*args: object) -> object:
        seen.append(threading.current_thread().name)
        return inner(*args)  # type: ignore[arg-type]

    embedder.encode = encode  # type: ignore[method-assign, assignment]
    with ThreadPoolExecutor(1, "given") as thread:
        await TextVectors(context.vectors.encoder, "fixed", thread).embed(TEXTS, "query", {})
    (name,) = seen  # one call for all that is missing
    assert name.startswith("given")


async def test_two_pieces_are_encoded_at_once_and_no_third(context: Context) -> None:
    """Two keep all cores busy while one of them ends; more would only take memory."""
    embedder, go_on = context.vectors.encoder.result(), threading.Event()
    inner, begun, at_once = embedder.encode, [0], list[int]()

    def encode(*args: object) -> object:
        begun[0] += 1
        at_once.append(begun[0])
        go_on.wait(5)
        begun[0] -= 1
        return inner(*args)  # type: ignore[arg-type]

    embedder.encode = encode  # type: ignore[method-assign, assignment]
    vectors = TextVectors(context.vectors.encoder, "fixed")
    people = [(i.to_bytes(16, "big"), f"busco chamba {i}") for i in range(6)]
    each = [asyncio.ensure_future(vectors.embed([text], "query", {})) for text in people]
    async with asyncio.timeout(10):
        while len(at_once) < 2:
            await asyncio.sleep(0)
    go_on.set()
    assert [len(found) for found in await asyncio.gather(*each)] == [1] * 6
    assert max(at_once) == 2


async def test_a_batch_of_people_follows_the_last_piece_of_the_one_before(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    vectors, begun = context.vectors, list[str]()
    inner = vectors.encoder.result().encode

    def encode(texts: list[str], kind: TextKind) -> object:
        begun.extend(texts)
        return inner(texts, kind)

    monkeypatch.setattr(vectors.encoder.result(), "encode", encode)
    monkeypatch.setattr(vectors._pace, "fitting", lambda _: 2)
    batches = [[(f"{b}{i}".encode(), f"busco {b}{i}") for i in range(5)] for b in "abc"]
    await asyncio.gather(*(vectors.embed(batch, "query", {}) for batch in batches))
    assert begun == [text for batch in batches for _, text in batch]


async def test_what_could_not_be_encoded_is_tried_again_by_who_waits_for_it(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    vectors, embedder = context.vectors, context.vectors.encoder.result()
    inner, calls = embedder.encode, list[int]()

    def encode(texts: list[str], kind: TextKind) -> object:
        calls.append(len(texts))
        if len(calls) == 1:
            raise MemoryError
        return inner(texts, kind)

    monkeypatch.setattr(embedder, "encode", encode)
    both = [vectors.embed(TEXTS[:1], "query", {}) for _ in range(2)]
    async with asyncio.timeout(10):
        failed, found = await asyncio.gather(*both, return_exceptions=True)
    assert isinstance(failed, MemoryError)
    assert isinstance(found, dict)
    assert list(found) == [TEXTS[0][0]]
    assert calls == [1, 1]


@pytest.mark.parametrize(("another", "ahead"), [(True, 1), (False, 2)])
async def test_a_person_waits_for_a_piece_of_the_ads_not_for_all(
    context: Context, another: bool, ahead: int
) -> None:
    """For one where somebody was there a moment ago, else for the two that the thread has."""
    if another:
        await context.vectors.embed(TEXTS[1:2], "query", {})
    embedder = context.vectors.encoder.result()
    inner, calls = embedder.encode, list[tuple[str, int]]()
    begun, go_on = threading.Event(), threading.Event()

    def encode(texts: list[str], kind: TextKind) -> object:
        calls.append((kind, len(texts)))
        begun.set()
        assert go_on.wait(20)
        return inner(texts, kind)

    embedder.encode = encode  # type: ignore[method-assign, assignment]
    ads = [(f"ad-{i}".encode(), f"aviso {i}") for i in range(4 * module._SMALLEST)]
    with ThreadPoolExecutor(1, "encode") as thread:
        context.vectors._threads = thread
        bulk = asyncio.ensure_future(context.vectors.embed(ads, "passage", {}))
        await asyncio.to_thread(begun.wait, 20)
        person = asyncio.ensure_future(context.vectors.embed(TEXTS[:1], "query", {}))
        for _ in range(9):
            await asyncio.sleep(0)
        go_on.set()
        found, one = await bulk, await person
    kinds = [kind for kind, _ in calls]
    assert kinds[: ahead + 2] == ["passage"] * ahead + ["query", "passage"]
    assert calls[0][1] <= 2 * module._SMALLEST
    assert sum(count for kind, count in calls if kind == "passage") == len(ads)
    assert (len(found), len(one)) == (len(ads), 1)
    alone = inner([text for _, text in ads], "passage")
    assert np.array_equal(np.stack(list(found.values())), alone.astype(np.float16))


@pytest.mark.parametrize(("people", "seconds"), [(False, "PIECE_SECONDS"), (True, "SHORT_SECONDS")])
async def test_pieces_of_ads_are_short_while_people_come(
    context: Context, monkeypatch: pytest.MonkeyPatch, people: bool, seconds: str
) -> None:
    vectors, asked = context.vectors, list[float]()
    if people:
        await vectors.embed(TEXTS[:1], "query", {})

    def fitting(most: float) -> int:
        asked.append(most)
        return 2

    monkeypatch.setattr(vectors._pace, "fitting", fitting)
    await vectors.embed(TEXTS[1:], "passage", {})
    assert asked == [getattr(module, seconds)] * 2


async def test_a_text_of_two_batches_at_once_is_encoded_once(
    context: Context, cluster: Cluster
) -> None:
    """Else the two would have different vectors, by the company that they were encoded in."""
    both = [context.vectors.embed(TEXTS, "query", {}) for _ in range(2)]
    first, second = await asyncio.gather(*both)
    assert len(encoded(cluster)) == len(TEXTS)
    assert all(first[digest] is second[digest] for digest in first)


async def test_people_are_queries_and_ads_are_passages(cluster: Cluster) -> None:
    """The encoder has a prompt for each."""
    encoder = cluster.worker.context.vectors.encoder.result().encoder
    for kind, name, value, asked in (
        ("jobs", "obra", ad("obra"), "passage"),
        ("profiles", "ana", profile("ana"), "query"),
    ):
        cluster.publish(kind, name, value)
        await cluster.run(kind)
        assert encoder.kinds[-1] == asked  # type: ignore[attr-defined]
