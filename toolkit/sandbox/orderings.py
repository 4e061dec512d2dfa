"""Orders of contacts other than by creation: sorted once, kept in the file, dropped when contacts change."""

import sqlite3
from collections.abc import Iterator
from itertools import islice
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from toolkit.sandbox.bitmaps import CHUNK, Bitmap, Positions
from toolkit.sandbox.errors import Refused

Order = tuple[tuple[str, Literal["asc", "desc"]], ...]
NEWEST_FIRST: Order = (("created_time", "desc"),)
_COLUMNS = {"created_time": "seq", "name": "name", "phone": "phone"}


def parse(text: str) -> Order:
    """Read `phone:asc,created_time:desc`; without a direction a column ascends."""
    order: list[tuple[str, Literal["asc", "desc"]]] = []
    for part in text.split(","):
        name, _, direction = part.strip(" ").partition(":")
        if name not in _COLUMNS or direction not in ("", "asc", "desc"):
            raise Refused(
                422,
                f"order_by takes phone, created_time and name, each with :asc or :desc, not {part.strip()!r}",
                field="order_by",
                code="INVALID_VALUE",
            )
        order.append((name, "desc" if direction == "desc" else "asc"))
    return tuple(order)


def is_kept(db: sqlite3.Connection, order: Order) -> bool:
    """Tell whether contacts need no sorting for this order; no two contacts are created at the same instant."""
    if order[0][0] == "created_time":
        return True
    return db.execute("SELECT 1 FROM orderings WHERE keys = ?", (_keys(order),)).fetchone() is not None


def keep(db: sqlite3.Connection, order: Order) -> None:
    """Sort all contacts and keep their sequence, 65,536 to a row."""
    keys = _keys(order)
    rows = db.execute(f"SELECT seq FROM contacts ORDER BY {keys}, seq")
    for chunk, seqs in enumerate(_chunks(rows)):
        db.execute("REPLACE INTO orderings VALUES (?, ?, ?)", (keys, chunk, seqs.tobytes()))


def forget(db: sqlite3.Connection) -> None:
    """Drop every kept order, because contacts have changed."""
    db.execute("DELETE FROM orderings")


def window(db: sqlite3.Connection, order: Order, chosen: Bitmap | None, start: int, stop: int) -> Positions:
    """Return the contacts ranked start to stop in a kept order, among those chosen (None: all)."""
    found: list[NDArray[np.uint32]] = [np.empty(0, np.uint32)]
    skipped = start // CHUNK if chosen is None else 0
    before = skipped * CHUNK
    for seqs in _kept(db, order, skip=skipped):
        if chosen is not None:
            is_chosen = (chosen.reshape(-1)[seqs >> 3] >> (seqs & 7).astype(np.uint8)) & 1
            seqs = seqs[is_chosen == 1]
        found.append(seqs[max(0, start - before) : max(0, stop - before)])
        before += len(seqs)
        if before >= stop:
            break
    return np.concatenate(found).astype(np.int64)


def _kept(db: sqlite3.Connection, order: Order, *, skip: int) -> Iterator[NDArray[np.uint32]]:
    rows = db.execute("SELECT seqs FROM orderings WHERE keys = ? AND chunk >= ? ORDER BY chunk", (_keys(order), skip))
    for (seqs,) in rows:
        yield np.frombuffer(seqs, np.uint32)


def _keys(order: Order) -> str:
    return ", ".join(f"{_COLUMNS[name]} {direction}" for name, direction in order)


def _chunks(rows: Iterator[tuple[int]]) -> Iterator[NDArray[np.uint32]]:
    while len(seqs := np.fromiter((seq for (seq,) in islice(rows, CHUNK)), np.uint32)):
        yield seqs
