"""A list that changes while it is read is read as it was at one moment, or not at all."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable

import pytest

from toolkit.api import guide
from toolkit.api.columns import CONTACTS, LabelBook, Listing
from toolkit.api.paging import iter_batches, read_all
from toolkit.errors import ConnectionLost, GarbledReply, SnapshotTorn, ToolkitError

TIME = "2026-03-03T10:00:00"


class MovingList:
    """A list newest first; `moves` changes it before each answer, `spoil` what is answered. Remembers every state."""

    def __init__(
        self,
        size: int,
        moves: Callable[[MovingList], None] = lambda _: None,
        spoil: Callable[[bytes, int], bytes] = lambda body, _: body,
    ) -> None:
        self.ids = [f"c{i}" for i in range(size)]
        self.states: set[tuple[str, ...]] = set()
        self.asked: list[tuple[int, int]] = []
        self._moves, self._spoil = moves, spoil
        self._lock = threading.Lock()

    @property
    def listing(self) -> Listing:
        book = LabelBook()
        return Listing(self._fetch, lambda body: guide.read_contacts(body, book), CONTACTS)

    def add(self) -> None:
        self.ids.insert(0, f"n{len(self.asked)}-{len(self.ids)}")

    def _fetch(self, offset: int, limit: int) -> bytes:
        with self._lock:
            self.asked.append((offset, limit))
            self._moves(self)
            self.states.add(tuple(self.ids))
            rows = [{"id": i, "created_time": TIME, "updated_time": TIME} for i in self.ids[offset : offset + limit]]
            return self._spoil(json.dumps({"data": rows, "total": len(self.ids)}).encode(), len(self.asked))


def ids_of(moving: MovingList, *, limit: int = 20, threads: int = 1) -> list[str]:
    ids: list[str] = read_all(moving.listing, limit=limit, threads=threads).rows["id"].to_pylist()
    return ids


@pytest.mark.parametrize("size", [0, 1, 19, 20, 21, 40, 199])
@pytest.mark.parametrize("threads", [1, 4])
def test_a_still_list_is_read_in_order(size: int, threads: int) -> None:
    moving = MovingList(size)

    assert ids_of(moving, threads=threads) == moving.ids


def test_a_page_is_asked_for_once_and_verified_with_one_more_look() -> None:
    moving = MovingList(100)
    ids_of(moving)

    assert moving.asked == [(at, 20) for at in range(0, 90, 10)] + [(0, 10)]


def test_one_page_needs_one_request() -> None:
    moving = MovingList(20)
    ids_of(moving)

    assert len(moving.asked) == 1


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

    def spoil(body: bytes, number: int) -> bytes:
        kind = draw.random()
        if kind < 0.05:
            return body[: len(body) // 2]
        if kind < 0.08:
            rows = json.loads(body)
            rows["data"] = rows["data"][:-1] + rows["data"][:1]
            return json.dumps(rows).encode()
        return body

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
    once = MovingList(100, spoil=lambda body, number: body[:50] if number == 3 else body)
    always = MovingList(100, spoil=lambda body, number: body[:50])

    assert ids_of(once) == once.ids
    with pytest.raises(GarbledReply):
        ids_of(always)
    assert len(always.asked) <= 5


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
