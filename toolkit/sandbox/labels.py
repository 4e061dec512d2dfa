"""Labels: which contacts have each, and how a page of contacts shows them."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import msgspec
import numpy as np
from numpy.typing import NDArray

from toolkit.sandbox.bitmaps import CHUNK, Positions
from toolkit.sandbox.errors import Refused

# Sets stored like labels that are not labels: contacts whose number the sandbox may text.
SMS_REACHABLE = -1
WHATSAPP_REACHABLE = -2
DELETED = 2  # in place of whether a label is the system's: it keeps its number, and is nobody's
COLOR = "#19b9c3"


@dataclass(frozen=True)
class SystemLabels:
    """The numbers, in this file, of the labels that the service itself assigns."""

    do_not_contact: int
    unsubscribed: int
    duplicate: int

    @property
    def opting_out(self) -> set[int]:
        """The labels of those who opted out."""
        return {self.do_not_contact, self.unsubscribed}

    @classmethod
    def of(cls, db: sqlite3.Connection) -> "SystemLabels":
        """Find them."""
        numbers = dict(db.execute("SELECT name, number FROM labels WHERE name IN ('DNC', 'unsubscribed', 'duplicate')"))
        return cls(numbers["DNC"], numbers["unsubscribed"], numbers["duplicate"])


def numbers_of(db: sqlite3.Connection, ids_or_names: Iterable[str], *, field: str) -> list[int]:
    """Return labels' numbers by id or by name; the guide's own examples use both."""
    numbers = []
    for wanted in ids_or_names:
        row = db.execute(
            "SELECT number FROM labels WHERE id = :wanted OR name = :wanted", {"wanted": wanted}
        ).fetchone()
        if row is None:
            raise Refused(422, f"No contact label has the id or name {wanted!r}", field=field, code="UNKNOWN_LABEL")
        numbers.append(row[0])
    return numbers


def of_users(db: sqlite3.Connection) -> list[int]:
    """Return the labels that users made, not the service."""
    return [number for (number,) in db.execute("SELECT number FROM labels WHERE NOT is_system")]


def delete(db: sqlite3.Connection, number: int) -> None:
    """Take a label from everybody and from the campaigns that would give it, and forget its name and id."""
    db.execute("DELETE FROM memberships WHERE label = ?", (number,))
    db.execute(
        "UPDATE labels SET id = 'deleted ' || id, name = 'deleted ' || id, is_system = ? WHERE number = ?",
        (DELETED, number),
    )
    for campaign, attached in db.execute("SELECT number, attach FROM campaigns WHERE attach != '[]'").fetchall():
        kept = [other for other in json.loads(attached) if other != number]
        db.execute("UPDATE campaigns SET attach = ? WHERE number = ?", (json.dumps(kept), campaign))


def number_for_import(db: sqlite3.Connection, name: str, *, new_id: str, now_us: int) -> int:
    """Return the number of the label of that name, creating it if it does not exist yet."""
    db.execute(
        "INSERT INTO labels (id, name, color, description, is_system, created_us) VALUES (?, ?, ?, NULL, 0, ?)"
        " ON CONFLICT (name) DO NOTHING",
        (new_id, name, COLOR, now_us),
    )
    number: int = db.execute("SELECT number FROM labels WHERE name = ?", (name,)).fetchone()[0]
    return number


def bodies(db: sqlite3.Connection) -> list[bytes]:
    """Return every label as JSON, in the order of their numbers, which count from 1."""
    return [_body(*label) for label in db.execute("SELECT id, name, color, description, is_system FROM labels")]


def carried(db: sqlite3.Connection, seqs: Positions) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return which contact has which label: the row in `seqs`, ascending, and the label number, one pair each."""
    chunks = seqs // CHUNK
    pairs = []
    for chunk in np.unique(chunks):
        rows = np.flatnonzero(chunks == chunk)
        at, numbers = _carried_in(db, int(chunk), seqs[rows] % CHUNK)
        pairs.append((rows[at], numbers))
    if len(pairs) == 1:
        return pairs[0]
    rows, numbers = (np.concatenate(part) for part in zip(*pairs, strict=True))
    order = np.argsort(rows, kind="stable")
    return rows[order], numbers[order]


def _carried_in(
    db: sqlite3.Connection, chunk: int, positions: Positions
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    low, high = int(positions.min()) // 8, int(positions.max()) // 8 + 1
    found = db.execute(
        "SELECT label, substr(bits, ?, ?) FROM memberships WHERE chunk = ? AND label > 0 ORDER BY label",
        (low + 1, high - low, chunk),
    ).fetchall()
    bits = np.frombuffer(b"".join(part for _, part in found), np.uint8).reshape(len(found), high - low)
    carries = (bits[:, positions // 8 - low] >> (positions % 8).astype(np.uint8)) & 1
    rows, columns = np.nonzero(carries.T)
    return rows, np.array([number for number, _ in found], np.int64)[columns]


@lru_cache(maxsize=1024)
def _body(label_id: str, name: str, color: str, description: str | None, is_system: int) -> bytes:
    return msgspec.json.encode(
        {"name": name, "color": color, "description": description, "id": label_id, "is_system": bool(is_system)}
    )
