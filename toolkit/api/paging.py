"""Reading a whole list by pages while it may be changing.

Offset paging over a live list tears: a row deleted before the place being read hides another one, and as many rows
may come as the list has and still be the wrong ones. So pages overlap, and a page that does not begin with a row of
the one before is a gap, read again from further back. At the end the head is read once more for rows that came
meanwhile; if more rows are held than the service then counts, those deleted meanwhile are searched out by how far
ranks have shifted. What is returned is the list as it was at the moment of that last look at the head. If that
cannot be had, `SnapshotTorn` is raised; a short or doubtful list is never returned.

Assumes what the service does: new rows come at the head, and rows do not change places.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Container, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from toolkit.api.columns import Listing, Page
from toolkit.errors import GarbledReply, ReadCancelled, SnapshotTorn

Progress = Callable[[int, int], None]  # rows read so far, rows in all

PAGE = 1_000
_TRIES = 3  # whole walks
_ROUNDS = 8  # looks at the head, and repairs, after a walk
_STEPS_BACK = 20  # gaps in one walk
_REMEMBERED = _STEPS_BACK + 2  # pages whose ids are held while walking


@dataclass(frozen=True)
class Reading:
    """A whole list: its rows, and how many gaps, late arrivals and deleted rows were mended while reading."""

    rows: pa.Table
    repairs: int


class _MovedError(Exception):
    """The list moved faster than it could be read; start again."""


def read_all(listing: Listing, *, limit: int = PAGE, threads: int = 4, progress: Progress | None = None) -> Reading:
    """Every row of a list as it was at one moment. Raises SnapshotTorn, or whatever error a read ends with;
    ReadCancelled with the rows so far if it is interrupted.

    One request a page of `limit` rows, up to `threads` at a time, and two small ones to verify; columns are decoded
    in the calling thread.
    """
    for _ in range(_TRIES):
        try:
            return _Walk(listing, limit, threads).whole(progress)
        except _MovedError:
            continue
    raise SnapshotTorn(
        f"The list kept changing while it was read, {_TRIES} times over: read it again when nobody is importing."
    )


def iter_batches(listing: Listing, *, limit: int = PAGE, threads: int = 4) -> Iterator[pa.RecordBatch]:
    """The rows of a list a page at a time, in constant memory.

    Gaps are mended as they are met, but what was handed out cannot be taken back: if in the end other rows than the
    service counts were handed out, SnapshotTorn is raised after the last batch.
    """
    walk, rows = _Walk(listing, limit, threads), 0
    try:
        for batch in walk.batches():
            rows += batch.num_rows
            yield batch
    except _MovedError:
        rows = -1
    if rows != walk.total:
        raise SnapshotTorn(
            f"The list changed while it was read in batches ({walk.total:,} rows in the end): read it again, or read "
            "it whole."
        )


class _Walk:
    """One walk through a list, from its head to its end."""

    def __init__(self, listing: Listing, limit: int, threads: int) -> None:
        self._listing = listing
        self._limit = limit
        self._threads = threads
        self._overlap = min(50, limit // 2)
        self.total = 0
        self.repairs = 0

    def whole(self, progress: Progress | None) -> Reading:
        """All rows, verified."""
        batches, read = [], 0
        try:
            for batch in self.batches():
                batches.append(batch)
                read += batch.num_rows
                if progress:
                    progress(min(read, self.total), self.total)
        except KeyboardInterrupt:
            some = pa.Table.from_batches(batches, schema=self._listing.schema)
            raise ReadCancelled(f"Stopped after {read:,} of {self.total:,} rows.", some) from None
        rows = _distinct(pa.Table.from_batches(batches, schema=self._listing.schema))
        if len(batches) > 1:  # a list of one page was read at one moment
            rows = self._verified(rows)
        return Reading(rows, self.repairs)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """New rows page by page; every page after the first begins with a row that came before."""
        recent: dict[str, None] = {}  # ids, the oldest first
        offset, steps = 0, 0
        with ThreadPoolExecutor(self._threads) as pool:
            ahead: deque[tuple[int, Future[bytes]]] = deque()
            try:
                while True:
                    page = self._page(offset, self._limit, self._ahead(pool, ahead, offset))
                    ids = page.ids
                    if recent and not (ids and ids[0] in recent):
                        steps += 1
                        if steps > _STEPS_BACK:
                            raise _MovedError
                        self.repairs += 1
                        offset = max(0, offset - self._limit)
                        continue
                    self.total = page.total
                    yield _without(page, recent)
                    if offset + len(ids) >= page.total:
                        return
                    if not ids:
                        raise _MovedError
                    recent.update(dict.fromkeys(ids))
                    for old in list(islice(recent, max(0, len(recent) - _REMEMBERED * self._limit))):
                        del recent[old]
                    offset += max(1, len(ids) - self._overlap)
            finally:
                for _, future in ahead:
                    future.cancel()

    def _ahead(self, pool: ThreadPoolExecutor, ahead: deque[tuple[int, Future[bytes]]], offset: int) -> bytes:
        """The page at an offset, with the ones after it on their way."""
        while ahead and ahead[0][0] != offset:
            ahead.popleft()[1].cancel()
        following = ahead[-1][0] + self._limit - self._overlap if ahead else offset
        while len(ahead) <= self._threads and (not ahead or following + self._overlap < self.total):
            ahead.append((following, pool.submit(self._listing.fetch, following, self._limit)))
            following += self._limit - self._overlap
        return ahead.popleft()[1].result()

    def _page(self, offset: int, limit: int, body: bytes | None = None) -> Page:
        """One page, perhaps of a body that is there; a reply that broke, or holds a row twice, is asked for again."""
        for last in (False, False, True):
            try:
                page = self._listing.decode(body or self._listing.fetch(offset, limit))
                if len(set(page.ids)) == len(page.ids):
                    return page
            except GarbledReply:
                if last:
                    raise
            body = None
        raise _MovedError

    def _verified(self, rows: pa.Table) -> pa.Table:
        """The rows at the moment of a last look at the head: newcomers added, those deleted meanwhile removed."""
        for _ in range(_ROUNDS):
            head = self._page(0, self._overlap)
            new = pc.invert(pc.is_in(head.rows["id"], value_set=rows["id"].combine_chunks()))
            newcomers = pc.sum(new).as_py() or 0
            if newcomers == head.rows.num_rows:
                raise _MovedError  # more newcomers than one look shows
            if newcomers:
                self.repairs += newcomers
                fresh = pa.Table.from_batches([head.rows.filter(new)], schema=self._listing.schema)
                rows = pa.concat_tables([fresh, rows])
            self.total = head.total
            if rows.num_rows == head.total:
                return rows
            if rows.num_rows < head.total:
                raise _MovedError
            gone = self._deleted(rows["id"].to_pylist(), head.total)
            self.repairs += len(gone)
            rows = rows.filter(pc.invert(pc.is_in(rows["id"], value_set=pa.array(sorted(gone), pa.string()))))
        raise _MovedError

    def _deleted(self, ids: list[str], total: int) -> set[str]:
        """The ids that the service no longer has, found by where its rows stand in ours.

        Between two places with the same shift nothing was deleted; a span that fits a page is compared row by row.
        """
        place = pd.Index(ids, dtype="str")

        def ours(offset: int) -> int:
            page = self._page(offset, 1)
            row = int(place.get_indexer(pd.Index(page.ids, dtype="str"))[0]) if page.ids else -1
            if row < 0 or page.total != total:
                raise _MovedError
            return row

        first, last = ours(0), ours(total - 1)
        gone = {*ids[:first], *ids[last + 1 :]}
        spans = [(0, total - 1, first, last)]
        while spans:
            low, high, from_row, to_row = spans.pop()
            if to_row - from_row == high - low:
                continue
            if high - low < self._limit:
                page = self._page(low, high - low + 1)
                gone |= {*ids[from_row : to_row + 1]} - {*page.ids}
                continue
            middle = (low + high) // 2
            row = ours(middle)
            spans += [(low, middle, from_row, row), (middle, high, row, to_row)]
        return gone


def _without(page: Page, held: Container[str]) -> pa.RecordBatch:
    """The page's rows that are not held, most often all after the overlap."""
    new = [i not in held for i in page.ids]
    first = new.index(True) if True in new else len(new)
    if all(new[first:]):
        return page.rows.slice(first)
    return page.rows.filter(pa.array(new, pa.bool_()))


def _distinct(rows: pa.Table) -> pa.Table:
    """The rows without those whose id came before."""
    if pc.count_distinct(rows["id"]).as_py() == rows.num_rows:
        return rows
    codes = pc.dictionary_encode(rows["id"]).combine_chunks().indices.to_numpy()
    _, first = np.unique(codes, return_index=True)
    return rows.take(pa.array(np.sort(first)))
