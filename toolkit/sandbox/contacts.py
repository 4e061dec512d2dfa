"""Contacts: append-only, found by labels, keyword and ids, and returned as bytes written once.

A contact's `seq` counts from 0 in the order of creation, so the default order is the primary key and any
offset in it is a range.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from toolkit.sandbox import bitmaps, labels, orderings
from toolkit.sandbox.bitmaps import Bitmap, Positions
from toolkit.sandbox.delivery import serialized_contacts
from toolkit.sandbox.numbers import is_fictional
from toolkit.sandbox.orderings import Order
from toolkit.sandbox.times import from_naive, naive


@dataclass(frozen=True)
class Filter:
    """A filter of contacts: all given parts have to match. Nothing given means everybody.

    Those of `additional_ids` are included whatever the labels and the keyword say, alone if neither is given.
    """

    keyword: str = ""
    any_labels: Sequence[str] = ()
    all_labels: Sequence[str] = ()
    additional_ids: Sequence[str] = ()
    exclude_ids: Sequence[str] = ()
    exclude_labels: Sequence[str] = ()
    exclude_all_labels: Sequence[str] = ()
    has_phone: bool = False
    has_whatsapp: bool = False
    whatsapp_phone: str = ""
    do_additions_win: bool = False  # over what is excluded


@dataclass(frozen=True)
class Contact:
    """One contact as it is stored."""

    id: str
    name: str
    phone: str | None
    whatsapp_phone: str | None
    note: str
    fields: dict[str, Any]
    created_us: int
    updated_us: int

    def body(self, workspace_id: str) -> bytes:
        """Write the contact as JSON, up to the opening of its label array."""
        written = msgspec.json.encode(
            {
                "name": self.name,
                "phone": self.phone,
                "note": self.note,
                "whatsapp_phone": self.whatsapp_phone,
                "contact_field_data": self.fields,
                "id": self.id,
                "workspace_id": workspace_id,
                "created_time": naive(self.created_us),
                "updated_time": naive(self.updated_us),
            }
        )
        return written[:-1] + b',"contact_labels":['

    @property
    def addressed(self) -> serialized_contacts.Lines:
        """What log rows show of the contact, between the row's id and its status."""
        person = msgspec.json.encode(
            {"contact_id": self.id, "contact_name": self.name, "contact_phone": self.phone or ""}
        )
        return b'",' + person[1:-1], b"" if self.whatsapp_phone is None else msgspec.json.encode(self.whatsapp_phone)

    @property
    def search(self) -> str:
        """The text that keywords are searched in."""
        return f"{self.name.lower()}\n{self.phone or ''}"


def how_many(db: sqlite3.Connection) -> int:
    """Return the number of contacts in the workspace."""
    last: int | None = db.execute("SELECT max(seq) FROM contacts").fetchone()[0]
    return 0 if last is None else last + 1


def first_created_since(db: sqlite3.Connection, us: int) -> int:
    """Return the first contact created at or after an instant; the next one to be created if there is none."""
    low, high = 0, how_many(db)
    while low < high:
        middle = (low + high) // 2
        (created_us,) = db.execute("SELECT created_us FROM contacts WHERE seq = ?", (middle,)).fetchone()
        low, high = (low, middle) if created_us >= us else (middle + 1, high)
    return low


def stored(db: sqlite3.Connection, seq: int) -> Contact:
    """Read one contact back."""
    (body,) = db.execute("SELECT body FROM contact_bodies WHERE seq = ?", (seq,)).fetchone()
    wire = msgspec.json.decode(body + b"]}")
    return Contact(
        id=wire["id"],
        name=wire["name"],
        phone=wire["phone"],
        whatsapp_phone=wire["whatsapp_phone"],
        note=wire["note"],
        fields=wire["contact_field_data"],
        created_us=from_naive(wire["created_time"]),
        updated_us=from_naive(wire["updated_time"]),
    )


def replace_stored(db: sqlite3.Connection, seq: int, contact: Contact, *, workspace_id: str) -> None:
    """Rewrite one contact; its id, phone and time of creation stay."""
    db.execute("UPDATE contacts SET name = ?, search = ? WHERE seq = ?", (contact.name, contact.search, seq))
    serialized_contacts.replace(db, seq, contact.addressed)
    db.execute("UPDATE contact_bodies SET body = ? WHERE seq = ?", (contact.body(workspace_id), seq))
    if is_fictional(contact.whatsapp_phone or ""):
        bits = bitmaps.of_positions(np.array([seq]), contacts=seq + 1)
        bitmaps.add_members(db, labels.WHATSAPP_REACHABLE, bits)


def insert(db: sqlite3.Connection, first: int, new: Sequence[Contact], *, workspace_id: str) -> None:
    """Append contacts as `first`, `first` + 1, … and record which of them can be reached."""
    rows = range(first, first + len(new))
    db.executemany(
        "INSERT INTO contacts VALUES (?, ?, ?, ?, ?, ?)",
        ((seq, c.id, c.name, c.phone, c.search, c.created_us) for seq, c in zip(rows, new, strict=True)),
    )
    db.executemany(
        "INSERT INTO contact_bodies VALUES (?, ?)",
        ((seq, c.body(workspace_id)) for seq, c in zip(rows, new, strict=True)),
    )
    serialized_contacts.append(db, first, (c.addressed for c in new))
    by_sms = [seq for seq, c in zip(rows, new, strict=True) if is_fictional(c.phone or "")]
    by_whatsapp = [seq for seq, c in zip(rows, new, strict=True) if is_fictional(c.whatsapp_phone or "")]
    for reachable, seqs in ((labels.SMS_REACHABLE, by_sms), (labels.WHATSAPP_REACHABLE, by_whatsapp)):
        bits = bitmaps.of_positions(np.array(seqs, np.int64), contacts=first + len(new))
        bitmaps.add_members(db, reachable, bits)


def select(db: sqlite3.Connection, wanted: Filter, *, fields: "FilterFields") -> Bitmap:
    """Return the contacts that match a filter; `fields` are the request's names, for refusals."""
    contacts = how_many(db)
    chosen = bitmaps.first(contacts, of=contacts)
    chosen &= _intersection(db, labels.numbers_of(db, wanted.all_labels, field=fields.all_labels), contacts)
    if wanted.any_labels:
        chosen &= _union(db, labels.numbers_of(db, wanted.any_labels, field=fields.any_labels), contacts)
    if wanted.keyword:
        matches = db.execute("SELECT seq FROM contacts WHERE instr(search, ?)", (wanted.keyword.lower(),))
        chosen &= bitmaps.of_positions(_column(matches), contacts=contacts)
    added = bitmaps.of_positions(_seqs_of(db, wanted.additional_ids), contacts=contacts)
    if wanted.additional_ids:
        is_selected_otherwise = wanted.all_labels or wanted.any_labels or wanted.keyword
        chosen = chosen | added if is_selected_otherwise else added.copy()
    chosen &= ~_union(db, labels.numbers_of(db, wanted.exclude_labels, field=fields.exclude_labels), contacts)
    if wanted.exclude_all_labels:
        every = labels.numbers_of(db, wanted.exclude_all_labels, field="exclude_all_contact_label_ids")
        chosen &= ~_intersection(db, every, contacts)
    if wanted.exclude_ids:
        chosen &= ~bitmaps.of_positions(_seqs_of(db, wanted.exclude_ids), contacts=contacts)
    if wanted.do_additions_win:
        chosen |= added
    return chosen & _with_numbers(db, wanted, contacts)


@dataclass(frozen=True)
class FilterFields:
    """How one request names the parts of a filter."""

    any_labels: str = "any_contact_label_ids"
    all_labels: str = "all_contact_label_ids"
    exclude_labels: str = "exclude_labels"


@dataclass(frozen=True)
class Writing:
    """How a face writes what is not stored with a contact: each label, and what follows the array of them."""

    labels: Callable[[sqlite3.Connection], list[bytes]]
    closing: bytes


GUIDES_WRITING = Writing(labels.bodies, b"]}")


def page(
    db: sqlite3.Connection, chosen: Bitmap | None, *, order: Order, offset: int, limit: int, writing: Writing
) -> bytes:
    """Return one page of contacts (of everybody when `chosen` is None) in a kept order, with the total, as JSON."""
    contacts = how_many(db)
    total = contacts if chosen is None else bitmaps.count(chosen)
    start, stop = min(offset, total), min(offset + limit, total)
    if order[0][0] == "created_time":
        is_descending = order[0][1] == "desc"
        low, high = (total - stop, total - start) if is_descending else (start, stop)
        seqs = np.arange(low, high) if chosen is None else bitmaps.window(chosen, low, high)
        seqs = seqs[::-1] if is_descending else seqs
    else:
        seqs = orderings.window(db, order, chosen, start, stop)
    return b"".join((b'{"data":[', *_pieces(db, seqs, writing), b'],"total":%d}' % total))


def listed(db: sqlite3.Connection, seqs: Positions, writing: Writing) -> list[dict[str, Any]]:
    """Return some contacts, in that order, as a face shows them."""
    people: list[dict[str, Any]] = msgspec.json.decode(b"".join((b"[", *_pieces(db, seqs, writing), b"]")))
    return people


def _pieces(db: sqlite3.Connection, seqs: Positions, writing: Writing) -> Iterable[bytes]:
    """Return the rows in pieces, without copies: a page is written once, when all are joined."""
    if not len(seqs):
        return []
    labels_written = writing.labels(db)
    after_another = [b"," + body for body in labels_written]
    table = [*labels_written, *after_another, writing.closing + b",", writing.closing, *_bodies(db, seqs)]
    end = 2 * len(labels_written)

    rows, numbers = labels.carried(db, seqs)
    starts = np.searchsorted(rows, np.arange(len(seqs))) + 2 * np.arange(len(seqs))
    is_first = np.diff(rows, prepend=-1) > 0
    sequence = np.full(len(rows) + 2 * len(seqs), end)
    sequence[starts] = end + 2 + np.arange(len(seqs))
    sequence[np.arange(len(rows)) + 2 * rows + 1] = np.where(is_first, 0, len(labels_written)) + numbers - 1
    sequence[-1] = end + 1
    return map(table.__getitem__, sequence.tolist())


def _bodies(db: sqlite3.Connection, seqs: Positions) -> list[bytes]:
    steps = np.diff(seqs)
    if np.all(steps == 1) or np.all(steps == -1):
        low, high = sorted((int(seqs[0]), int(seqs[-1])))
        found = db.execute("SELECT body FROM contact_bodies WHERE seq BETWEEN ? AND ? ORDER BY seq", (low, high))
        bodies = [body for (body,) in found]
        return bodies if seqs[0] == low else bodies[::-1]
    within = ",".join(map(str, seqs.tolist()))
    by_seq = dict(db.execute(f"SELECT seq, body FROM contact_bodies WHERE seq IN ({within})"))
    return [by_seq[seq] for seq in seqs.tolist()]


def _union(db: sqlite3.Connection, numbers: Iterable[int], contacts: int) -> Bitmap:
    union = bitmaps.empty(contacts)
    for number in numbers:
        union |= bitmaps.members(db, number, contacts=contacts)
    return union


def _intersection(db: sqlite3.Connection, numbers: Iterable[int], contacts: int) -> Bitmap:
    common = bitmaps.first(contacts, of=contacts)
    for number in numbers:
        common &= bitmaps.members(db, number, contacts=contacts)
    return common


def _with_numbers(db: sqlite3.Connection, wanted: Filter, contacts: int) -> Bitmap:
    having = bitmaps.first(contacts, of=contacts)
    if wanted.has_phone:
        found = db.execute("SELECT seq FROM contacts WHERE phone IS NOT NULL")
        having &= bitmaps.of_positions(_column(found), contacts=contacts)
    if wanted.has_whatsapp or wanted.whatsapp_phone:
        number = msgspec.json.encode(wanted.whatsapp_phone) if wanted.whatsapp_phone else b'"'
        found = db.execute("SELECT seq FROM contact_bodies WHERE instr(body, ?)", (b'"whatsapp_phone":' + number,))
        having &= bitmaps.of_positions(_column(found), contacts=contacts)
    return having


def _seqs_of(db: sqlite3.Connection, ids: Iterable[str]) -> Positions:
    return _column(
        db.execute(
            "SELECT seq FROM contacts WHERE id IN (SELECT value FROM json_each(?))",
            (msgspec.json.encode([one.lower() for one in ids]).decode(),),
        )
    )


def _column(rows: Iterable[tuple[int]]) -> Positions:
    return np.fromiter((seq for (seq,) in rows), np.int64)
