"""Labels: who carries which, and how a page of contacts shows them."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import msgspec
import numpy as np

from toolkit.sandbox.bitmaps import CHUNK, Positions
from toolkit.sandbox.errors import Refused

# Sets that are kept like labels but are no label: who has a number that the sandbox may text.
SMS_REACHABLE = -1
WHATSAPP_REACHABLE = -2
_COLOR = "#19b9c3"


@dataclass(frozen=True)
class SystemLabels:
    """The numbers, in this file, of the labels that the service itself gives."""

    do_not_contact: int
    unsubscribed: int
    duplicate: int

    @classmethod
    def of(cls, db: sqlite3.Connection) -> "SystemLabels":
        """Find them."""
        numbers = dict(db.execute("SELECT name, number FROM labels WHERE name IN ('DNC', 'unsubscribed', 'duplicate')"))
        return cls(numbers["DNC"], numbers["unsubscribed"], numbers["duplicate"])


def numbers_of(db: sqlite3.Connection, ids_or_names: Iterable[str], *, field: str) -> list[int]:
    """Return labels' numbers by id or by name; the guide's own examples use both."""
    numbers = []
    for wanted in ids_or_names:
        row = db.execute("SELECT number FROM labels WHERE id = ?1 OR name = ?1", (wanted,)).fetchone()
        if row is None:
            raise Refused(422, f"No contact label has the id or name {wanted!r}", field=field, code="UNKNOWN_LABEL")
        numbers.append(row[0])
    return numbers


def number_for_import(db: sqlite3.Connection, name: str, *, new_id: str) -> int:
    """Return the number of the label of that name, creating it if nobody has used the name yet."""
    db.execute(
        "INSERT INTO labels (id, name, color, description, is_system) VALUES (?, ?, ?, NULL, 0)"
        " ON CONFLICT (name) DO NOTHING",
        (new_id, name, _COLOR),
    )
    number: int = db.execute("SELECT number FROM labels WHERE name = ?", (name,)).fetchone()[0]
    return number


def rendered_for(db: sqlite3.Connection, seqs: Positions) -> list[bytes]:
    """Return each contact's labels as the inside of a JSON array, in the order of `seqs`."""
    bodies = {
        number: msgspec.json.encode(
            {
                "name": name, "color": color, "description": description, "id": label_id,
                "is_system": bool(is_system),
            }
        )
        for number, label_id, name, color, description, is_system in db.execute("SELECT * FROM labels")
    }  # fmt: skip
    chunks = seqs // CHUNK
    rendered: list[bytes] = [b""] * len(seqs)
    for chunk in np.unique(chunks):
        rows = np.flatnonzero(chunks == chunk)
        inside = _rendered_in(db, int(chunk), seqs[rows] % CHUNK, bodies)
        for row, written in zip(rows.tolist(), inside, strict=True):
            rendered[row] = written
    return rendered


def _rendered_in(db: sqlite3.Connection, chunk: int, positions: Positions, bodies: dict[int, bytes]) -> list[bytes]:
    low, high = int(positions.min()) // 8, int(positions.max()) // 8 + 1
    found = db.execute(
        "SELECT label, substr(bits, ?, ?) FROM memberships WHERE chunk = ? AND label > 0 ORDER BY label",
        (low + 1, high - low, chunk),
    ).fetchall()
    if not found:
        return [b""] * len(positions)
    bits = np.frombuffer(b"".join(part for _, part in found), np.uint8).reshape(len(found), -1)
    carries = (bits[:, positions // 8 - low] >> (positions % 8).astype(np.uint8)) & 1
    rows, columns = np.nonzero(carries.T)
    ends = np.searchsorted(rows, np.arange(len(positions) + 1)).tolist()
    of_column = [bodies[label] for label, _ in found]
    written = [of_column[column] for column in columns.tolist()]
    return [b",".join(written[start:end]) for start, end in pairwise(ends)]
