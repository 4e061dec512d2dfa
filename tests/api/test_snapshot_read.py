# One file: one reading, and every change that may come during it.
"""A list that changes while it is read is read as it was at one moment, or not at all."""

from __future__ import annotations

import random
import threading
import time
import tracemalloc
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest

from tests.api.moving import MovingList, row_of
from toolkit.api import pagination
from toolkit.api.arrow_schemas import Listing
from toolkit.api.snapshot_read import iter_batches, read_all
from toolkit.errors import ConnectionLost, GarbledReply, ReadCancelled, SnapshotTorn, ToolkitError


def ids_of(
    moving: MovingList, *, limit: int = 20, threads: int = 1, cut: Callable[[], bool] = lambda: False
) -> list[str]:
    """The ids that are read; `cut` says which replies come by halves."""

    def fetch(offset: int, limit: int) -> bytes:
        body = moving.answer(offset, limit)
        return body[: len(body) // 2] if cut() else body

    listing = Listing(fetch, moving.listing.decode, moving.listing.schema)
    with patch.object(pagination, "_QUICK", 0):
        ids: list[str] = read_all(listing, limit=limit, threads=threads).rows["id"].to_pylist()
    return ids


@pytest.mark.parametrize("size", [0, 1, 19, 20, 21, 40, 199])
@pytest.mark.parametrize("threads", [1, 4])
def test_a_still_list_is_read_in_order(size: int, threads: int) -> None:
    moving = MovingList(size)

    assert ids_of(moving, threads=threads) == moving.ids


def test_a_page_is_asked_for_once_and_verified_with_one_more_look() -> None:
    moving = MovingList(95)
    ids_of(moving)

    assert moving.asked == [(at, 20) for at in range(0, 90, 10)] + [(0, 10)]


@pytest.mark.parametrize(("quick", "fetched_by"), [(0, "ThreadPoolExecutor"), (10, "MainThread")])
def test_threads_fetch_unless_replies_come_quicker_than_they_would_help(quick: float, fetched_by: str) -> None:
    moving, fetching = MovingList(100), list[str]()

    def fetch(offset: int, limit: int) -> bytes:
        fetching.append(threading.current_thread().name)
        return moving.answer(offset, limit)

    with patch.object(pagination, "_QUICK", quick):
        read_all(Listing(fetch, moving.listing.decode, moving.listing.schema), limit=20, threads=4)

    assert fetching[1].startswith(fetched_by)


def test_pages_are_asked_for_ahead_of_whoever_takes_them_but_not_without_end() -> None:
    moving, under_way, most = MovingList(1_000), threading.Semaphore(2), []

    def fetch(offset: int, limit: int) -> bytes:
        most.append(under_way.acquire(blocking=False))
        body = moving.answer(offset, limit)
        time.sleep(0.001)
        under_way.release()
        return body

    with patch.object(pagination, "_QUICK", 0):
        batches = iter_batches(Listing(fetch, moving.listing.decode, moving.listing.schema), limit=20, threads=2)
        taken = [next(batches), next(batches)]
        time.sleep(0.3)
        batches.close()

    assert len(moving.asked) == len(taken) + 7
    assert all(most)


def test_one_page_needs_one_request() -> None:
    moving = MovingList(19)
    ids_of(moving)

    assert len(moving.asked) == 1


@pytest.mark.parametrize("size", [20, 100])
def test_behind_a_full_last_page_one_look_shows_that_nothing_follows(size: int) -> None:
    moving = MovingList(size)
    ids_of(moving)

    assert moving.asked.count((size, 10)) == 1


def at_request(number: int, change: Callable[[MovingList], None]) -> Callable[[MovingList], None]:
    return lambda moving: change(moving) if len(moving.asked) == number else None


@pytest.mark.parametrize("number", range(1, 11))
@pytest.mark.parametrize(
    "change",
    [
        lambda moving: moving.ids.pop(0),
        lambda moving: moving.ids.pop(35),
        lambda moving: moving.ids.pop(),
        lambda moving: moving.add(),
        lambda moving: (moving.ids.pop(5), moving.add()),
        lambda moving: [moving.ids.pop(30) for _ in range(15)],
        lambda moving: [moving.add() for _ in range(7)],
    ],
    ids=["head gone", "middle gone", "tail gone", "one new", "one gone, one new", "fifteen gone", "seven new"],
)
def test_one_change_at_any_moment_is_mended(number: int, change: Callable[[MovingList], None]) -> None:
    moving = MovingList(80, at_request(number, change))

    ids = ids_of(moving)

    assert tuple(ids) in moving.states


@pytest.mark.parametrize("seed", range(60))
def test_a_list_in_motion_is_read_as_it_was_once_or_refused(seed: int) -> None:
    draw = random.Random(seed)
    rate = draw.choice([0.05, 0.3, 2.0])

    def move(moving: MovingList) -> None:
        for _ in range(int(rate + draw.random())):
            if draw.random() < 0.5 and moving.ids:
                moving.ids.pop(draw.randrange(len(moving.ids)))
            else:
                moving.add()

    def spoil(rows: list[dict[str, Any]]) -> None:
        if rows and draw.random() < 0.08:
            rows[-1] = rows[0]

    moving = MovingList(draw.randrange(1, 400), move, spoil)
    try:
        ids = ids_of(moving, threads=draw.choice([1, 4]))
    except (SnapshotTorn, GarbledReply):
        return
    assert tuple(ids) in moving.states


def test_a_list_that_never_rests_is_refused() -> None:
    moving = MovingList(100, lambda moving: [moving.add() for _ in range(30)])

    with pytest.raises(SnapshotTorn, match="read it again"):
        ids_of(moving)


def test_a_reply_cut_off_is_asked_for_again_and_not_for_ever() -> None:
    once, always = MovingList(100), MovingList(100)

    assert ids_of(once, cut=lambda: len(once.asked) == 3) == once.ids
    with pytest.raises(GarbledReply, match="page at offset 0"):
        ids_of(always, cut=lambda: True)
    assert len(always.asked) <= 7


def test_a_row_that_is_twice_on_a_page_for_good_is_named() -> None:
    def repeat(rows: list[dict[str, Any]]) -> None:
        rows[-1] = rows[-2]

    with pytest.raises(GarbledReply, match=r"page at offset 0 .*'c18' twice"):
        ids_of(MovingList(100, spoil=repeat))


@pytest.mark.parametrize("where", [0, 5, 12, 19])
def test_a_row_of_an_earlier_page_in_the_place_of_another_loses_none(where: int) -> None:
    moving = MovingList(100)

    def repeat(rows: list[dict[str, Any]]) -> None:
        if len(moving.asked) == 5:
            rows[where] = row_of("c3")

    moving = MovingList(100, spoil=repeat)

    assert ids_of(moving) == moving.ids


def test_a_row_that_is_there_twice_far_apart_is_told_although_their_number_is_right() -> None:
    def repeat(rows: list[dict[str, Any]]) -> None:
        for at, row in enumerate(rows):
            if row["id"] == "c700":
                rows[at] = row_of("c33")

    with pytest.raises(SnapshotTorn):
        ids_of(MovingList(900, spoil=repeat))


def test_more_newcomers_than_one_look_at_the_head_shows_are_read() -> None:
    moving = MovingList(100, at_request(9, lambda moving: [moving.add() for _ in range(75)]))

    assert ids_of(moving) == moving.ids


def test_a_count_that_is_right_by_chance_deceives_nobody() -> None:
    """One who was read has left, one came, one left unread: as many rows as the service counts, of no moment."""

    def change(moving: MovingList) -> None:
        if len(moving.asked) == 4:
            moving.ids.remove("c2")
            moving.add()
        if len(moving.asked) == 6:
            moving.ids.remove("c90")

    whole, by_batches = MovingList(100, change), MovingList(100, change)

    assert tuple(ids_of(whole)) in whole.states
    with pytest.raises(SnapshotTorn, match="read it again"):
        list(iter_batches(by_batches.listing, limit=20, threads=1))


def test_whoever_interrupts_does_not_wait_for_replies_under_way() -> None:
    moving, may_answer, answered = MovingList(100), threading.Event(), []

    def fetch(offset: int, limit: int) -> bytes:
        if offset >= 20:
            may_answer.wait(30)
            answered.append(offset)
        return moving.answer(offset, limit)

    def interrupt(read: int, total: int) -> None:
        if read == 30:
            raise KeyboardInterrupt

    listing = Listing(fetch, moving.listing.decode, moving.listing.schema)
    with patch.object(pagination, "_QUICK", 0), pytest.raises(ReadCancelled) as stopped:
        read_all(listing, limit=20, progress=interrupt)

    assert (stopped.value.rows.num_rows, answered) == (30, [])
    may_answer.set()


def test_repairs_are_counted() -> None:
    still = read_all(MovingList(80).listing, limit=20, threads=1)
    mended = read_all(MovingList(80, at_request(4, lambda m: m.ids.pop(3))).listing, limit=20, threads=1)

    assert (still.repairs, mended.repairs) == (0, 1)


def test_progress_ends_at_the_whole() -> None:
    seen: list[tuple[int, int]] = []

    read_all(MovingList(80).listing, limit=20, progress=lambda read, total: seen.append((read, total)))

    assert seen[-1] == (80, 80)
    assert seen == sorted(seen)


def test_an_error_of_a_page_is_raised() -> None:
    def break_off(moving: MovingList) -> None:
        if len(moving.asked) == 3:
            raise ConnectionLost("cut")

    with pytest.raises(ConnectionLost):
        ids_of(MovingList(100, break_off))


def test_batches_take_no_more_memory_the_longer_the_list_is() -> None:
    moving = MovingList(30_000)
    listing = Listing(moving.answer, moving.listing.decode, moving.listing.schema)
    tracemalloc.start()
    held = []
    for _ in iter_batches(listing, limit=100, threads=1):
        moving.states.clear()
        moving.asked.clear()
        held.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()

    # bytes: the set of the ids read last may take twice the room for a while; eight a row, kept, would be 220,000 more
    assert min(held[300:330]) - min(held[30:60]) < 250_000


def test_batches_hold_every_row_once() -> None:
    moving = MovingList(95)

    batches = list(iter_batches(moving.listing, limit=20))

    assert [i for batch in batches for i in batch["id"].to_pylist()] == moving.ids
    assert max(batch.num_rows for batch in batches) <= 20


@pytest.mark.parametrize("seed", range(30))
def test_batches_of_a_list_in_motion_end_in_an_error_or_are_right(seed: int) -> None:
    draw = random.Random(seed)

    def move(moving: MovingList) -> None:
        if draw.random() < 0.1:
            moving.ids.pop(draw.randrange(len(moving.ids)))

    moving = MovingList(200, move)
    try:
        rows = [i for batch in iter_batches(moving.listing, limit=20) for i in batch["id"].to_pylist()]
    except ToolkitError:
        return
    assert len(rows) == len(set(rows))
    assert len(rows) in {len(state) for state in moving.states}
