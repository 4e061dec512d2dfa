"""What is read for a refresh of a mirror: as little as the service's ordering allows.

Contacts come newest first, so new ones are read from the head, and deleted ones are found by counting.
A change of labels moves no row but changes how many contacts have the label, which one small request per label
shows; labels whose counts differ are read again. Edits change no count: they are found where the service, unlike its
guide, supports an order by time of change. Everything else needs a complete read.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from toolkit.api.arrow_schemas import LabelBook, Listing, Page
from toolkit.api.client import Client
from toolkit.api.progress import progressing
from toolkit.api.snapshot_read import PAGE, Progress, catch_up, iter_batches, read_all
from toolkit.engagement.outcomes import BOUNCED, DELIVERED, WAITING
from toolkit.errors import InvalidRequest, SnapshotTorn
from toolkit.mirror.overlay import HELD, Overlay
from toolkit.mirror.parquet_files import MIRRORED_LOGS
from toolkit.models import Campaign, Label, Statistics

_BY_CHANGE = "updated_time:desc"  # not in the guide
_PROBED = 50  # rows that show whether an order is applied
_THREADS = 4


class _DearerError(Exception):
    """Finding the changes would cost half as much as reading everything, which is certain."""


@dataclass(frozen=True)
class ContactsRead:
    """All contacts, read in full or updated between two times.

    `counts` is how many contacts have each label, `certain` the ids of the labels whose members were read, and
    `changed_until` how far an order by time of change was followed, if the service supports it.
    """

    contacts: Overlay
    labels: tuple[Label, ...]
    counts: tuple[int, ...]
    began: datetime
    ended: datetime
    repairs: int
    is_whole: bool
    certain: frozenset[str]
    changed_until: datetime | None


class RefreshReader:
    """Reads for one refresh, and counts the requests made and the rows that came."""

    def __init__(self, client: Client, *, now: Callable[[], datetime], progress: Progress | None) -> None:
        self.rows = 0
        self._client = client
        self._asked: list[str] = []  # appending to a list is safe in threads, adding to a number is not
        self._now = now
        self._progress = progress

    @property
    def requests(self) -> int:
        """How many requests were made."""
        return len(self._asked)

    def whole(self) -> ContactsRead:
        """All contacts, every one read."""
        began, book = self._now(), LabelBook()
        latest = self._latest(book)
        with progressing("contacts", self._progress) as shown:
            reading = read_all(self._counted(self._client.contacts(book)), progress=shown)
        overlay = Overlay(HELD.empty_table(), reading.rows["id"], reading.rows)
        return ContactsRead(
            overlay,
            tuple(book.labels),
            tuple(overlay.counts(len(book.labels)).tolist()),
            began,
            self._now(),
            reading.repairs,
            is_whole=True,
            certain=frozenset(book.codes),
            changed_until=_kept_order(latest, reading.rows),
        )

    def changes(self, held: pa.Table, labels: Sequence[Label], changed_until: datetime | None) -> ContactsRead:
        """All contacts, given the mirrored ones in the HELD schema: in full if an update costs about as much."""
        if math.ceil(held.num_rows / PAGE) > len(labels) + 2:
            try:
                return self._caught_up(held, labels, changed_until)
            except (_DearerError, InvalidRequest, SnapshotTorn):
                pass  # so much has changed, or a label is unknown: a complete read is safer
        return self.whole()

    def campaign(self, campaign_id: str) -> tuple[Campaign, datetime]:
        """A campaign, and when it was requested."""
        self._asked.append(campaign_id)
        return self._client.campaign(campaign_id), self._now()

    def log(self, campaign: Campaign, statuses: Counter[str], *, whole: bool = False) -> Iterator[pa.RecordBatch]:
        """A campaign's log in the MIRRORED_LOGS schema; counts the messages of each status as they pass.

        A page at a time, as `toolkit.api.snapshot_read.iter_batches`, or `whole` in memory and repaired first.
        """
        listing = self._counted(self._client.logs(campaign.id))
        expected = campaign.statistics.total if campaign.statistics else 0
        with progressing(f"log of {campaign.name}", self._progress) as shown:
            for batch in read_all(listing, progress=shown).rows.to_batches() if whole else iter_batches(listing):
                tally = pc.value_counts(batch["status"])
                statuses.update(dict(zip(*(tally.field(i).to_pylist() for i in (0, 1)), strict=True)))
                if shown:
                    shown(statuses.total(), max(statuses.total(), expected))
                ids = pa.repeat(campaign.id, batch.num_rows)
                yield pa.RecordBatch.from_arrays([ids, *batch.columns], schema=MIRRORED_LOGS)

    def _caught_up(self, held: pa.Table, labels: Sequence[Label], changed_until: datetime | None) -> ContactsRead:
        began = self._now()
        book = LabelBook(list(labels), {label.id: code for code, label in enumerate(labels)})
        caught = catch_up(self._counted(self._client.contacts(book)), held["id"])
        overlay = Overlay(held, caught.ids, caught.rows)
        if changed_until:
            changed_until = self._edited(overlay, book, changed_until)
        read, counts = self._relabelled(overlay, book)
        return ContactsRead(
            overlay,
            tuple(book.labels),
            counts,
            began,
            self._now(),
            caught.repairs,
            is_whole=False,
            certain=frozenset(book.labels[code].id for code in read),
            changed_until=changed_until,
        )

    def _relabelled(self, overlay: Overlay, book: LabelBook) -> tuple[set[int], tuple[int, ...]]:
        """Read again the members of labels whose counts differ; returns the labels' codes, and all counts."""
        totals: list[int] = []
        read: dict[int, int] = {}
        while True:
            totals += self._totals(book, start=len(totals))
            counts = overlay.counts(len(totals))
            differing = [code for code in np.flatnonzero(counts != totals).tolist() if code not in read]
            if not differing:
                return set(read), tuple(counts.tolist())
            code = min(differing, key=totals.__getitem__)  # the others may agree then
            if 2 * (sum(read.values()) + totals[code]) > len(overlay):
                raise _DearerError
            label = book.labels[code]
            with progressing(f"contacts with {label.name}", self._progress) as shown:
                listing = self._counted(self._client.contacts(book, any_of=[label.id]))
                members = read_all(listing, progress=shown).rows
            overlay.lay(members)
            overlay.take_label(code, members=members["id"])
            read[code] = totals[code]

    def _totals(self, book: LabelBook, *, start: int) -> list[int]:
        """How many contacts have each label from a code on."""
        labels = [label.id for label in book.labels[start:]]
        listings = [self._counted(self._client.contacts(book, any_of=[label])) for label in labels]
        with ThreadPoolExecutor(_THREADS) as pool:
            bodies = list(pool.map(lambda listing: listing.fetch(0, 1), listings))
        return [listing.decode(body).total for listing, body in zip(listings, bodies, strict=True)]

    def _edited(self, overlay: Overlay, book: LabelBook, since: datetime) -> datetime:
        """Apply rows changed since then to the mirrored ones, in order; returns the time of the last change."""
        last: datetime | None = None
        for batch in iter_batches(self._counted(self._client.contacts(book, order=_BY_CHANGE)), threads=1):
            times = batch["updated_time"].to_pylist()
            if None in times:
                raise _DearerError
            if times != sorted(times, reverse=True):
                raise _DearerError
            last = last or max(times, default=since)
            overlay.lay(pa.Table.from_batches([batch]))
            if min(times, default=since) < since:
                break
        return last or since

    def _latest(self, book: LabelBook) -> Page | None:
        """The contacts that changed last, if the service has such an order."""
        listing = self._counted(self._client.contacts(book, order=_BY_CHANGE))
        try:
            return listing.decode(listing.fetch(0, _PROBED))
        except InvalidRequest:
            return None

    def _counted(self, listing: Listing) -> Listing:
        def fetch(offset: int, limit: int) -> bytes:
            self._asked.append(f"{offset}, {limit}")
            return listing.fetch(offset, limit)

        def decode(body: bytes) -> Page:
            page = listing.decode(body)
            self.rows += page.rows.num_rows
            return page

        return replace(listing, fetch=fetch, decode=decode)


def adds_up(statuses: Counter[str], statistics: Statistics) -> bool:
    """True if a log has as many messages of each kind as the campaign counts."""
    words = {"delivered": DELIVERED, "undelivered": BOUNCED, "sent": WAITING}
    left = {name: sum(statuses[word] for word in some) for name, some in words.items()}
    return (statistics.total, statistics.sent, statistics.delivered, statistics.bounced, statistics.failed) == (
        statuses.total(),
        sum(left.values()),
        left["delivered"],
        left["undelivered"],
        statuses["failed"],
    )


def _kept_order(latest: Page | None, rows: pa.Table) -> datetime | None:
    """Until when changes were known before a read, if the page requested by time of change is in that
    order, and is not also in the default order of pages."""
    if latest is None or not latest.rows.num_rows:
        return None
    times = latest.rows["updated_time"].to_pylist()
    if None in times:
        return None
    known = rows["updated_time"].filter(pc.less_equal(rows["updated_time"], times[0]))
    by_change, by_creation = (some.slice(0, len(times)).to_pylist() for some in (known.sort("descending"), known))
    return times[0] if times == by_change != by_creation else None
