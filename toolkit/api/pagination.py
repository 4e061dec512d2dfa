"""Reading a list once, page by page, while rows are added and removed.

Offset paging over a live list tears: a row deleted before the current position moves the next page past a row that was
never read. So pages overlap, and a page is accepted only if it begins with rows already read, in their order, and
continues with new rows; any other is a gap, and is read again from further back. When it ends, it has yielded
every row that was there from its first request to its last.

Assumes what the service does: new rows come at the head, rows do not change places, and one reply is one moment. A
reply may fail, be cut off, or contain a row twice. Contradictions raise an error that describes them: fewer
rows than requested although more are counted (unless every page is so small), one page whatever the offset, rows
beyond the count.
"""

from __future__ import annotations

import gc
import time
import warnings
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Set
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import chain

import pyarrow as pa

from toolkit.api.arrow_schemas import Listing, Page
from toolkit.api.error_replies import one_line
from toolkit.errors import GarbledReply, InvalidRequest, NotFound, UnexpectedReply

_STEPS_BACK = 20  # gaps in one read, and one more per page
_FEWEST = 2  # rows a page: with one, no page would overlap the next
_ASKED_AGAIN = 5  # attempts, where a reply is broken
_REMEMBERED = _STEPS_BACK + 2  # pages whose ids are kept, at least
_AHEAD = 4  # pages per thread that are requested, or wait to be decoded
_DOUBTED = 3  # pages that bring nothing although more rows are counted, or the first page again
_QUICK = 0.01  # seconds of a reply below which threads bring no gain, since they compete with the decoding


class MovedError(Exception):
    """The list moved faster than it could be read; start again."""


class Walk:
    """One read from the head of a list to its end; `total` is the service's latest count."""

    def __init__(self, listing: Listing, *, limit: int, threads: int) -> None:
        self.listing = listing
        self.limit = limit  # less, once the service has given fewer
        self.total = 0
        self.rows = 0  # yielded
        self.repairs = 0  # gaps
        self.ids: list[str] = []  # those yielded last
        self._first: list[str] = []  # the ids of the first page
        self._unknown: set[str] = set()  # fields already reported
        self._odd = Counter[str]()  # values that could not be read, by field
        self._threads = threads
        self._quickest = float("inf")  # reply so far, in seconds

    @property
    def overlap(self) -> int:
        """Rows of a page that are on the next one too."""
        return min(10, self.limit // 2)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows page by page, each once. Raises MovedError; UnexpectedReply if the service contradicts itself."""
        recent: deque[list[str]] = deque()  # the ids read last, page by page
        held: set[str] = set()  # the same
        seam: list[str] = []  # how the next page begins, if nothing has moved
        offset, steps, fruitless, again = 0, 0, 0, 0
        ahead: deque[tuple[int, Future[bytes]]] = deque()
        pool, patient = ThreadPoolExecutor(self._threads), True
        try:
            while True:
                page = self.page(offset, self.limit, self._ahead(pool, ahead, offset))
                self._learn(page)
                new = _first_new(page.ids, seam, recent, held)
                again += self._is_first(page, offset)
                if again == _DOUBTED and self.page(0, self.limit).ids == self._first:
                    raise _contradiction(f"gives the same {len(self._first):,} rows whatever offset is asked for")
                if new in {None, len(page.ids)} and self._is_short(page, offset):
                    fruitless += 1
                    if fruitless == _DOUBTED:
                        raise _contradiction(f"counts {page.total:,} rows and gives none after the first {self.rows:,}")
                if new is None:
                    steps += 1
                    if not offset or steps > _STEPS_BACK + self.rows // self.limit:
                        raise MovedError
                    self.repairs += 1
                    offset = max(0, offset - self.limit)
                    continue
                self.total = page.total
                self._tell_unknown(page.unknown_fields)
                self._odd.update(name for at, name in page.odd if at >= new)
                self.ids = ids = page.ids[new:]
                self.rows += len(ids)
                yield page.rows.slice(new)
                recent.append(ids)
                held.update(ids)
                if offset + len(page.ids) >= page.total:
                    self._look_beyond(page, offset, held)
                    return
                while len(held) - len(recent[0]) >= _REMEMBERED * self.limit:
                    held.difference_update(recent.popleft())
                ahead_by = max(1, len(page.ids) - self.overlap)
                offset, seam = offset + ahead_by, page.ids[ahead_by:]
        except (KeyboardInterrupt, GeneratorExit):
            patient = False  # stopping does not wait for replies that are not needed
            raise
        finally:
            pool.shutdown(wait=patient, cancel_futures=True)
            self._tell_odd()

    def _learn(self, page: Page) -> None:
        """Keep the first page, and the service's largest page if it is smaller than requested."""
        if self._first:
            return
        self._first = page.ids
        if self._is_short(page, 0):
            if len(page.ids) < _FEWEST:
                raise _contradiction(f"counts {page.total:,} rows and gives {len(page.ids)} on a page")
            self.limit = len(page.ids)

    def _is_short(self, page: Page, offset: int) -> bool:
        """Fewer rows came than requested, although the same reply counts more."""
        return len(page.ids) < self.limit and offset + len(page.ids) < page.total

    def _is_first(self, page: Page, offset: int) -> bool:
        return offset > 0 and bool(page.ids) and page.ids == self._first

    def _look_beyond(self, page: Page, offset: int, held: set[str]) -> None:
        """Where a full page ends a list, check that nothing follows: a count may be that of a page."""
        if len(page.ids) != self.limit:
            return
        with suppress(InvalidRequest, NotFound):  # the offset does not exist
            if not held.issuperset(self.page(offset + len(page.ids), max(1, self.overlap)).ids):
                raise MovedError

    def _tell_odd(self) -> None:
        if self._odd:
            fields = ", ".join(f"{name} ({count:,})" for name, count in sorted(self._odd.items()))
            warnings.warn(
                f"The service sent values that cannot be read, which are missing here: {fields}.", stacklevel=2
            )

    def _tell_unknown(self, fields: Set[str]) -> None:
        if not fields <= self._unknown:
            self._unknown |= fields
            names = ", ".join(one_line(name) for name in sorted(self._unknown))
            warnings.warn(f"The service sends fields that this toolkit does not read: {names}.", stacklevel=2)

    def _ahead(self, pool: ThreadPoolExecutor, ahead: deque[tuple[int, Future[bytes]]], offset: int) -> bytes:
        """The page at an offset, with the next ones requested ahead, unless replies are faster than that helps."""
        while ahead and ahead[0][0] != offset:
            ahead.popleft()[1].cancel()
        is_alone = self._threads == 1 or self._quickest < _QUICK
        if is_alone and not ahead:
            return self._fetch(offset)
        following = ahead[-1][0] + self.limit - self.overlap if ahead else offset
        most = 0 if is_alone else _AHEAD * self._threads
        while len(ahead) < most and (not ahead or following + self.overlap < self.total):
            ahead.append((following, pool.submit(self._fetch, following)))
            following += self.limit - self.overlap
        return ahead.popleft()[1].result()

    def _fetch(self, offset: int) -> bytes:
        began = time.monotonic()
        body = self.listing.fetch(offset, self.limit)
        self._quickest = min(self._quickest, time.monotonic() - began)
        return body

    def page(self, offset: int, limit: int, body: bytes | None = None) -> Page:
        """One page, perhaps from a body already received; a broken reply is requested again, then raised."""
        for _ in range(_ASKED_AGAIN):
            with suppress(GarbledReply):
                return self._decoded(offset, body or self.listing.fetch(offset, limit))
            body = None
        return self._decoded(offset, self.listing.fetch(offset, limit))

    def _decoded(self, offset: int, body: bytes) -> Page:
        try:
            with _no_collections():
                page = self.listing.decode(body)
            _check(page, offset, self._first)
        except UnexpectedReply as error:
            raise type(error)(
                f"The page at offset {offset:,} cannot be read: {error}; try again, and tell SeaX if it happens again."
            ) from error
        return page


@contextmanager
def _no_collections() -> Iterator[None]:
    """Reading a page creates thousands of lists, all freed at its end: garbage collection would find nothing,
    and would scan the whole process."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _check(page: Page, offset: int, first: list[str]) -> None:
    """Raise GarbledReply if a page contains a row twice, or more rows than there are."""
    ids = page.ids
    if page.total < 0:
        raise GarbledReply(f"it counts {page.total:,} rows in all")
    if len(set(ids)) < len(ids):
        twice = next(i for at, i in enumerate(ids) if i in ids[:at])
        raise GarbledReply(f"it contains the row {one_line(twice)!r} twice")
    if ids and offset + len(ids) > page.total:
        again = "it contains the rows of the first page again, and " if offset and ids == first else ""
        raise GarbledReply(f"{again}its rows end at {offset + len(ids):,}, of {page.total:,} in all")


def _contradiction(what: str) -> UnexpectedReply:
    return UnexpectedReply(f"The list cannot be read completely, because the service {what}: contact SeaX.")


def _first_new(ids: list[str], seam: list[str], recent: Iterable[list[str]], held: Set[str]) -> int | None:
    """Where a page's new rows begin; None if it does not continue those before it."""
    if not held:
        return 0
    new = len(seam)
    if not seam or ids[:new] != seam:  # rows were added or removed meanwhile
        places = {one: at for at, one in enumerate(chain.from_iterable(recent))}
        new = next((at for at, one in enumerate(ids) if one not in held), len(ids))
        order = [places[one] for one in ids[:new]]
        if not order or order != sorted(order):
            return None
    return new if held.isdisjoint(ids[new:]) else None
