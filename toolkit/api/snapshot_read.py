"""Reading a whole list by pages while it may be changing: as it was at one moment, or not at all.

The right number of rows can still be the wrong rows, so a count proves nothing by itself. One read misses
no row that was there throughout. After it the head is read once more for rows added meanwhile; if more rows were read
than the service then counts, those deleted meanwhile are found by how far ranks have shifted. The result
is the list as it was when the head was last read: these contacts, and no others. A
contact's own values are as old as the page it came on, which the service gives no way to check.

If that is not possible, `SnapshotTorn` is raised; an incomplete or doubtful list is never returned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from toolkit.api.arrow_schemas import MALLOC, Listing, Page
from toolkit.api.pagination import MovedError, Walk
from toolkit.errors import ReadCancelled, SnapshotTorn

Progress = Callable[[int, int], None]  # rows read so far, rows in all

PAGE = 1_000
_PACKED = 64  # pages combined into one piece, because small pieces leave gaps in memory
_TRIES = 3  # complete reads
_ROUNDS = 20  # reads of the head, and repairs, afterwards
_FRUITLESS = 3  # searches for deleted rows that find none although fewer are counted
_LOOKS = 20  # into the list for deleted rows, and one more per page


@dataclass(frozen=True)
class Reading:
    """A whole list: its rows, and how many gaps, late arrivals and deleted rows were repaired while reading."""

    rows: pa.Table
    repairs: int


@dataclass(frozen=True)
class CaughtUp:
    """The ids of a list in order, the rows of those that are new, in that order, and how many repairs it took."""

    ids: pa.ChunkedArray
    rows: pa.Table
    repairs: int


def read_all(listing: Listing, *, limit: int = PAGE, threads: int = 4, progress: Progress | None = None) -> Reading:
    """Every row of a list as it was at one moment. Raises SnapshotTorn, or the error that ends the read;
    ReadCancelled with the rows so far if it is interrupted.

    One request per page of `limit` rows, up to `threads` at a time and four times as many ahead of what is decoded, and
    a small one to verify; columns are decoded in the calling thread.
    """
    walks = []
    for _ in range(_TRIES):
        walks.append(Walk(listing, limit=limit, threads=threads))
        try:
            return _read(walks[-1], progress)
        except MovedError:
            continue
    seen = ", ".join(f"{walk.rows:,} rows where {walk.total:,} were counted" for walk in walks)
    raise SnapshotTorn(
        f"The list kept changing while it was read, {_TRIES} times over ({seen}): read it again when nobody is "
        "importing or deleting."
    )


def catch_up(listing: Listing, held: pa.ChunkedArray, *, limit: int = PAGE) -> CaughtUp:
    """The current list, given the ids of an earlier complete read: new rows are read from its head, deleted rows
    are searched for, and known rows are not read again.

    One request per page of new rows, one more if there were several pages, and a few per deleted row. SnapshotTorn
    if so much has changed that a complete read costs no more, or if the list changes too fast.
    """
    pages: list[pa.RecordBatch] = []

    def decode(body: bytes) -> Page:
        page = listing.decode(body)
        pages.append(page.rows)
        return replace(page, rows=page.rows.select(["id"]))

    slim = replace(listing, decode=decode, schema=pa.schema([listing.schema.field("id")]))
    try:
        reading = _caught_up(pa.table([held], schema=slim.schema), Walk(slim, limit=limit, threads=1))
    except MovedError:
        raise SnapshotTorn("Too much of the list has changed since it was read: read all of it again.") from None
    read = pa.Table.from_batches(pages, schema=listing.schema)
    ids = reading.rows["id"]
    came = len(ids) - len(held)
    if came >= 0 and ids.slice(came).equals(held):  # nothing was deleted, as is usual
        new = ids.slice(0, came)
    else:
        new = ids.filter(pc.invert(pc.is_in(ids, value_set=held.combine_chunks())))
    return CaughtUp(ids, read.take(pc.index_in(new, value_set=read["id"].combine_chunks())), reading.repairs)


def _caught_up(held: pa.Table, walk: Walk) -> Reading:
    fresh, newest = [], {*held["id"].slice(0, walk.limit).to_pylist()}
    for batch in walk.batches():
        new = next((at for at, i in enumerate(batch["id"].to_pylist()) if i in newest), batch.num_rows)
        fresh.append(batch.slice(0, new))
        if new < batch.num_rows:
            break
    rows = pa.concat_tables([pa.Table.from_batches(fresh, schema=held.schema), held])
    head = walk.page(0, walk.overlap) if len(fresh) > 1 else None  # one page was read at one moment
    if rows.num_rows == walk.total and (not head or _begins_with(rows, head)):
        return Reading(rows, walk.repairs)
    gone, pages = rows.num_rows - walk.total, walk.total // walk.limit
    if gone * pages.bit_length() > pages:
        raise MovedError
    return _verified(rows, walk, [_hashes(chunk.to_pylist()) for chunk in rows["id"].chunks])


def iter_batches(
    listing: Listing, *, limit: int = PAGE, threads: int = 4, progress: Progress | None = None
) -> Iterator[pa.RecordBatch]:
    """The rows of a list a page at a time, in constant memory.

    Gaps are repaired as they are met, but rows already yielded cannot be taken back: if the list then differs
    from what was yielded, SnapshotTorn is raised after the last batch.
    """
    walk, first, pages, rows = Walk(listing, limit=limit, threads=threads), set[str](), 0, 0
    try:
        for batch in walk.batches():
            first = first or set(batch["id"].to_pylist())
            pages += 1
            rows += batch.num_rows
            if progress:
                progress(min(rows, walk.total), walk.total)
            yield batch
        if pages == 1:  # read at one moment
            return
        head = walk.page(0, walk.overlap)
        if first.issuperset(head.ids) and rows == head.total:
            return
    except MovedError:
        pass
    raise SnapshotTorn(
        f"The list changed while it was read in batches ({walk.total:,} rows in the end): read it again, or read it "
        "in one piece."
    )


def _read(walk: Walk, progress: Progress | None) -> Reading:
    batches: list[pa.RecordBatch] = []
    hashes: list[npt.NDArray[np.int64]] = []
    pages, read, packed = 0, 0, 0
    try:
        for batch in walk.batches():
            batches.append(batch)
            hashes.append(_hashes(walk.ids))
            pages += 1
            read += batch.num_rows
            if len(batches) - packed == _PACKED:
                batches[packed:] = pa.Table.from_batches(batches[packed:]).combine_chunks(MALLOC).to_batches()
                packed = len(batches)
            if progress:
                progress(min(read, walk.total), walk.total)
        rows = pa.Table.from_batches(batches, schema=walk.listing.schema)
        if pages == 1:  # read at one moment
            return Reading(rows, walk.repairs)
        return _verified(rows, walk, hashes)
    except KeyboardInterrupt:
        some = pa.Table.from_batches(batches, schema=walk.listing.schema)
        raise ReadCancelled(f"Stopped after {read:,} of {walk.total:,} rows.", some) from None


def _verified(rows: pa.Table, walk: Walk, hashes: list[npt.NDArray[np.int64]]) -> Reading:
    """The rows when the head was last read: new ones added, those deleted meanwhile removed.

    `hashes` are those of the rows' ids, by which duplicate ids are found."""
    if _has_one_twice(rows["id"], hashes):
        raise MovedError
    repairs, size, fruitless = walk.repairs, walk.overlap, 0
    for _ in range(_ROUNDS):
        head = walk.page(0, size)
        places = _places(head.ids, rows)
        new = int(np.count_nonzero(places < 0))
        if not head.ids or (np.diff(places[new:], prepend=-1) <= 0).any():
            raise MovedError  # new rows elsewhere than at the head
        is_joined = new < len(head.ids)
        fresh = [head.rows.slice(0, new)] if is_joined else _newcomers(rows, walk)
        rows = pa.concat_tables([pa.Table.from_batches(fresh, schema=rows.schema), rows])
        repairs += sum(batch.num_rows for batch in fresh)
        if rows.num_rows < head.total:
            raise MovedError
        if is_joined and rows.num_rows == head.total:
            return Reading(rows, repairs)
        if is_joined:
            gone = _deleted(rows["id"].to_pylist(), walk, head.total)
            rows = rows.filter(pc.invert(pc.is_in(rows["id"], value_set=pa.array(sorted(gone), pa.string()))))
            repairs += len(gone)
            fruitless += not gone
            if fruitless == _FRUITLESS:
                raise MovedError
        else:
            size = walk.limit  # as many may come until the next read
    raise MovedError


def _begins_with(rows: pa.Table, head: Page) -> bool:
    first: list[str] = rows["id"].slice(0, len(head.ids)).to_pylist()
    return head.total == rows.num_rows and head.ids == first


def _places(ids: list[str], rows: pa.Table) -> npt.NDArray[np.int64]:
    """The positions of a few ids among many rows, -1 for those that are missing."""
    found = pc.index_in(rows["id"], value_set=pa.array(ids, pa.string())).fill_null(-1).to_numpy()
    places = np.full(len(ids), -1)
    at = np.flatnonzero(found >= 0)
    places[found[at]] = at
    return places


def _hashes(ids: list[str]) -> npt.NDArray[np.int64]:
    return np.fromiter(map(hash, ids), np.int64, len(ids))


def _has_one_twice(ids: pa.ChunkedArray, hashes: list[npt.NDArray[np.int64]]) -> bool:
    """True if an id is there twice; by hashes, because a table of a million texts takes a hundred megabytes."""
    ordered = np.sort(np.concatenate(hashes))
    return bool((ordered[1:] == ordered[:-1]).any() and pc.count_distinct(ids).as_py() < len(ids))


def _newcomers(rows: pa.Table, walk: Walk) -> list[pa.RecordBatch]:
    """The rows before the first known one, reading on from the head until one is found."""
    fresh = []
    for batch in Walk(walk.listing, limit=walk.limit, threads=1).batches():
        new = int(np.count_nonzero(_places(batch["id"].to_pylist(), rows) < 0))
        fresh.append(batch.slice(0, new))
        if new < batch.num_rows:
            break
    return fresh


def _deleted(ids: list[str], walk: Walk, total: int) -> set[str]:
    """Ids that the service no longer has; not all of them, if the list changes meanwhile.

    A page shows what was deleted between its first and its last row, and by their ranks how many before and
    after it: where there are none, nothing is read.
    """
    place, gone = pd.Index(ids, dtype="str"), set[str]()
    spans = [(0, total, len(ids) - total, 0)]  # ranks, and how many known rows at or after them were deleted
    for _ in range(_LOOKS + total // walk.limit):
        while spans and spans[-1][2] <= spans[-1][3]:
            spans.pop()
        if not spans:
            break
        low, high, more, less = spans.pop()
        start = low if high - low <= walk.limit else (low + high - walk.limit) // 2
        page = walk.page(start, walk.limit)
        places = place.get_indexer(pd.Index(page.ids, dtype="str"))
        if not len(places) or places[-1] < 0:
            break
        first, last = int(places[places >= 0][0]), int(places[-1])
        end = start + len(places)
        gone.update(ids[0 if start == 0 else first : len(ids) if end >= page.total else last + 1])
        gone.difference_update(page.ids)
        excess = len(ids) - page.total
        if high - low > walk.limit:
            left = excess - first + start + int(np.argmax(places >= 0))
            spans += [(low, start, more, left), (end - 1, high, excess - last + end - 1, less)]
    return gone
