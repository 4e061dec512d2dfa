"""What a workspace knows of its people: all its contacts, with the delivery logs that a segment needs."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from toolkit.api.arrow_schemas import LOGS, LabelBook, Listing, Page
from toolkit.api.client import Client
from toolkit.api.progress import progressing
from toolkit.api.snapshot_read import Progress, iter_batches, read_all
from toolkit.audience.contact_numbers import read_like, read_numbers
from toolkit.audience.log_contacts import contacts_by_number, lack_contacts
from toolkit.audience.related_contacts import RelatedContacts
from toolkit.audience.segment import Segment
from toolkit.data.bitmaps import Mask
from toolkit.data.contacts import Contacts
from toolkit.data.label_names import AS_NAMED, LabelNames
from toolkit.data.logs import logs_frame
from toolkit.errors import ReadCancelled, SnapshotTorn
from toolkit.models import Phone
from toolkit.platform_support import release_memory
from toolkit.texting.numbering.dialling import country_of

_LARGE = ("note", "fields", "updated_time")
_PLAIN = re.compile("[0-9A-Za-z_-]+")  # characters that JSON has no other common form of
_ESCAPED = re.compile(rb"\\u00[2-7]")  # one of them in an uncommon form


@dataclass(frozen=True)
class Reader:
    """Reads one workspace; `campaigns` are all that are known here, `now` is the service's time.

    `country` is the policy's, an ISO 3166 code; `planned` gives the ids of whom a campaign was approved for, if known.
    """

    client: Client
    campaigns: Callable[[], Sequence[str]]
    now: Callable[[], datetime]
    country: str | None = None
    label_names: LabelNames = AS_NAMED
    planned: Callable[[str], Sequence[str]] = lambda campaign_id: ()

    def snapshot(self, progress: Progress | None = None, *, segment: Segment | None = None) -> Contacts:
        """As `contacts`, with the countries used to read numbers without a calling code."""
        return self.at_home(self.contacts(progress, segment=segment))

    def at_home(self, contacts: Contacts, *, senders: Sequence[Phone] | None = None) -> Contacts:
        """A snapshot of contacts with these countries, if it has none."""
        return contacts if contacts.countries else contacts.in_countries(self.countries(senders))

    def countries(self, senders: Sequence[Phone] | None = None) -> tuple[str, ...]:
        """Where numbers without a calling code may be: the policy's country, else those of the senders, which are read
        unless they are given."""
        if self.country:
            return (self.country,)
        return countries_of(self.client.phones() if senders is None else senders)

    def contacts(self, progress: Progress | None = None, *, segment: Segment | None = None) -> Contacts:
        """All contacts as they are now, with the delivery logs that a segment needs."""
        book = LabelBook()
        with progressing("contacts", progress) as shown:
            try:
                reading = read_all(self.client.contacts(book), progress=shown)
            except ReadCancelled as stop:
                some = Contacts(stop.rows, tuple(book.labels), self.now(), exact=False)
                raise ReadCancelled(str(stop), some.frame) from None
        needs_all = segment is not None and segment.needs_behaviour
        wanted = [*(() if segment is None else segment.campaigns), *(self.campaigns() if needs_all else ())]
        labels = tuple(book.labels)
        contacts = Contacts(reading.rows, labels, self.now(), reading.repairs, label_names=self.label_names)
        if not wanted and not needs_all:
            return contacts
        return replace(contacts, logs=self.logs(wanted, progress=progress, contacts=contacts))

    def people(self, progress: Progress | None = None) -> Contacts:
        """All contacts as they are now, without notes, fields and times of change: most of what one takes in memory."""
        book = LabelBook()
        with progressing("contacts", progress) as shown:
            reading = read_all(_without(self.client.contacts(book), _LARGE), progress=shown)
        release_memory()
        contacts = Contacts(reading.rows, tuple(book.labels), self.now(), reading.repairs, label_names=self.label_names)
        return self.at_home(contacts)

    def related(self, contact: str, progress: Progress | None = None) -> Contacts:
        """Of all contacts as they are now, those that `contact` may name, by id, phone or name, and everybody who
        shares a number with one of them: an outcome of one of these is the same as among all.

        As `toolkit.audience.related_contacts` has them. If the list changes in a way that cannot be repaired on the
        way, it is read again, as `people`.
        """
        book, countries = LabelBook(), self.countries()
        related = RelatedContacts(contact, countries)
        try:
            with progressing("contacts", progress) as shown:
                for page in iter_batches(self.client.contacts(book), progress=shown):
                    related.add(page)
        except SnapshotTorn:
            del related
            return self.people(progress)
        release_memory()
        rows, own = related.found()
        del related
        release_memory()
        some = Contacts(rows, tuple(book.labels), self.now(), exact=False, label_names=self.label_names)
        return replace(some, countries=countries, own_countries=own)

    def logs_of(
        self, contacts: Contacts, row: int, campaigns: Sequence[str], *, progress: Progress | None = None
    ) -> pd.DataFrame:
        """The rows of one contact in the delivery logs of some campaigns, as `logs`, in memory for one log's ids.

        A row that names no contact is theirs if it has their number.
        """
        contact_id, phone = (contacts.table[name][row] for name in ("id", "phone"))
        read_ids = partial(self.client.dialect.read_logs, only_ids=True)
        tables: dict[str, pa.Table] = {}
        now, repairs = self.now(), 0
        for campaign_id in dict.fromkeys(campaigns):
            own: list[pa.RecordBatch] = []
            with progressing(f"log of {campaign_id}", progress) as shown:
                listing = self.client.logs(campaign_id)
                reading = read_all(_keeping(listing, read_ids, contact_id, phone, own), progress=shown)
            rows = pa.Table.from_batches(own, schema=LOGS)
            there = reading.rows["id"].filter(pc.is_in(reading.rows["id"], value_set=rows["id"].combine_chunks()))
            tables[campaign_id] = _latest(rows.filter(pc.is_in(rows["id"], value_set=there.combine_chunks())))
            repairs += reading.repairs
            del reading
            release_memory()
        return logs_frame(tables, now, repairs=repairs)

    def logs(
        self,
        campaigns: Sequence[str],
        *,
        statuses: Sequence[str] = (),
        progress: Progress | None = None,
        contacts: Contacts | None = None,
    ) -> pd.DataFrame:
        """The delivery logs of some campaigns; see `toolkit.data.logs.logs_frame`.

        A row that names no contact gets the one with its number, of those planned, else of `contacts`, which are read
        if they are needed.
        """
        tables: dict[str, pa.Table] = {}
        now, repairs = self.now(), 0
        for campaign_id in dict.fromkeys(campaigns):
            with progressing(f"log of {campaign_id}", progress) as shown:
                try:
                    reading = read_all(self.client.logs(campaign_id, statuses=statuses), progress=shown)
                except ReadCancelled as stop:
                    read = {**tables, campaign_id: stop.rows}
                    raise ReadCancelled(str(stop), logs_frame(read, now, exact=False)) from None
            tables[campaign_id] = reading.rows
            repairs += reading.repairs
        logs = logs_frame(tables, now, repairs=repairs)
        if lack_contacts(logs).any():
            people = self.people(progress) if contacts is None else self.at_home(contacts)
            planned = {contact_id for campaign_id in tables for contact_id in self.planned(campaign_id)}
            return contacts_by_number(logs, people, planned)
        return logs

    def have_label(self, phones: Sequence[str], labels: Sequence[str]) -> Mask:
        """Whether a contact that now has one of these labels, by id, may have each of these numbers."""
        if not labels:
            return np.zeros(len(phones), dtype=bool)
        book = LabelBook()
        rows = read_all(self.client.contacts(book, any_of=labels)).rows
        some = Contacts(rows, tuple(book.labels), self.now(), exact=False, countries=self.countries())
        everybody = np.ones(len(some), dtype=bool)
        return read_like(some, phones).any_of(read_numbers(some, "phone").all_keys(everybody))


def _without(listing: Listing, names: Sequence[str]) -> Listing:
    """A list whose rows have nothing in some columns."""

    def decode(body: bytes) -> Page:
        page = listing.decode(body)
        columns = [
            pa.nulls(page.rows.num_rows, field.type) if field.name in names else page.rows[field.name]
            for field in listing.schema
        ]
        return replace(page, rows=pa.RecordBatch.from_arrays(columns, schema=listing.schema))

    return replace(listing, decode=decode)


def _keeping(
    listing: Listing,
    read_ids: Callable[[bytes], Page],
    contact_id: pa.Scalar,
    phone: pa.Scalar,
    own: list[pa.RecordBatch],
) -> Listing:
    """A log whose rows have nothing but their ids; those of one contact are added to `own` as their pages come.

    A page that contains neither the id nor the number has none of them, so that its ids alone are read.
    """
    names = [
        max(_PLAIN.findall(name.as_py()), key=len, default="").encode() for name in (contact_id, phone) if name.is_valid
    ]

    def decode(body: bytes) -> Page:
        if not _ESCAPED.search(body) and not any(name in body for name in names):
            return read_ids(body)
        page = listing.decode(body)
        named = page.rows["contact_id"]
        has_number = pc.fill_null(pc.equal(page.rows["phone"], phone), False)
        is_own = pc.coalesce(pc.equal(named, contact_id), has_number)
        rows = page.rows.set_column(
            page.rows.schema.get_field_index("contact_id"), LOGS.field("contact_id"), pc.fill_null(named, contact_id)
        )
        if pc.any(is_own).as_py():
            own.append(rows.filter(is_own))
        return replace(page, rows=page.rows.select(["id"]))

    return replace(listing, decode=decode, schema=pa.schema([listing.schema.field("id")]))


def _latest(rows: pa.Table) -> pa.Table:
    """Rows that came on several pages once, as they came last."""
    places = {row_id: at for at, row_id in enumerate(rows["id"].to_pylist())}
    return rows.take(pa.array(sorted(places.values()), pa.int64()))


def countries_of(senders: Sequence[Phone]) -> tuple[str, ...]:
    """The countries of senders, ISO 3166 codes, the default sender's first; by number where the field is empty."""
    ordered = sorted(senders, key=lambda phone: not phone.is_default)
    found = (country_of(phone.phone, said=phone.country or "") for phone in ordered)
    return tuple(dict.fromkeys(filter(None, found)))
