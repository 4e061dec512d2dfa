"""A list read before is made what it is now without being read again, or not at all."""

from __future__ import annotations

import random
from collections.abc import Callable

import pyarrow as pa
import pytest

from tests.api.moving import MovingList
from toolkit.api.snapshot_read import catch_up, read_all
from toolkit.errors import SnapshotTorn

LIMIT = 20


def held_of(moving: MovingList) -> pa.Table:
    rows = read_all(moving.listing, limit=LIMIT).rows
    moving.asked.clear()
    moving.states.clear()
    return rows


def ids_after(moving: MovingList, held: pa.Table) -> list[str]:
    caught = catch_up(moving.listing, held["id"], limit=LIMIT)
    ids: list[str] = caught.ids.to_pylist()
    assert caught.rows["id"].to_pylist() == [i for i in ids if i not in {*held["id"].to_pylist()}]
    return ids


CHANGES: dict[str, Callable[[MovingList], object]] = {
    "nothing": lambda moving: None,
    "one came": lambda moving: moving.add(),
    "many came": lambda moving: [moving.add() for _ in range(95)],
    "the first went": lambda moving: moving.ids.pop(0),
    "the last went": lambda moving: moving.ids.pop(),
    "one came, one went": lambda moving: (moving.add(), moving.ids.pop(200)),
    "a page came, some went": lambda moving: (
        [moving.add() for _ in range(20)],
        moving.ids.pop(399),
        moving.ids.pop(3),
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_list_that_has_changed_is_caught_up_with(change: Callable[[MovingList], object]) -> None:
    moving = MovingList(600)
    held = held_of(moving)
    change(moving)

    assert ids_after(moving, held) == moving.ids
    assert len(moving.asked) < 30


def test_a_list_that_stood_still_costs_one_request() -> None:
    moving = MovingList(600)
    ids_after(moving, held_of(moving))

    assert moving.asked == [(0, LIMIT)]


def test_newcomers_alone_are_read_and_verified_with_one_look() -> None:
    moving = MovingList(600)
    held = held_of(moving)
    for _ in range(25):
        moving.add()

    caught = catch_up(moving.listing, held["id"], limit=LIMIT)

    assert len(moving.asked) <= 5  # two pages, perhaps one ahead of them, and the look
    assert caught.rows["id"].to_pylist() == moving.ids[:25]
    assert caught.rows.schema.equals(held.schema)


def test_a_list_of_which_much_is_gone_is_to_be_read_whole() -> None:
    moving = MovingList(600)
    held = held_of(moving)
    del moving.ids[100:200]

    with pytest.raises(SnapshotTorn, match="read all of it"):
        ids_after(moving, held)
    assert len(moving.asked) < 5


def test_an_emptied_list_is_to_be_read_whole() -> None:
    moving = MovingList(60)
    held = held_of(moving)
    moving.ids.clear()

    with pytest.raises(SnapshotTorn):
        ids_after(moving, held)


@pytest.mark.parametrize("seed", range(60))
def test_a_list_in_motion_is_caught_up_with_as_it_was_once_or_refused(seed: int) -> None:
    draw = random.Random(seed)
    rate = 0.0

    def move(moving: MovingList) -> None:
        for _ in range(int(rate + draw.random())):
            if draw.random() < 0.4 and moving.ids:
                moving.ids.pop(draw.randrange(len(moving.ids)))
            else:
                moving.add()

    moving = MovingList(draw.randrange(1, 800), lambda moving: move(moving) if rate else None)
    held = held_of(moving)
    rate = draw.choice([0.1, 0.5, 3.0])
    for _ in range(draw.choice([0, 2, 30])):
        move(moving)
    try:
        ids = ids_after(moving, held)
    except SnapshotTorn:
        return
    assert tuple(ids) in moving.states
