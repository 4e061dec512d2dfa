"""Contacts as log rows show them, written once and stored several to a row, so that a log page reads few rows.

Each column of the table has lines: the contact with the number for texts, and the number for WhatsApp (empty if none).
"""

import sqlite3
from collections.abc import Iterable
from itertools import groupby

import numpy as np

from toolkit.sandbox.bitmaps import Positions

_TO_A_ROW = 8  # more would make pages of contacts who are far apart slower
Lines = tuple[bytes, bytes]


def append(db: sqlite3.Connection, first: int, people: Iterable[Lines]) -> None:
    """Append contacts as `first`, `first` + 1, …; their lines are JSON, in which no line ends."""
    for row, block in groupby(enumerate(people, start=first), lambda one: one[0] // _TO_A_ROW):
        columns = zip(*(lines for _, lines in block), strict=True)
        db.execute(
            "INSERT INTO addressees VALUES (?, ?, ?) ON CONFLICT (number) DO UPDATE SET"
            " people = CAST(people || excluded.people AS BLOB),"
            " whatsapps = CAST(whatsapps || excluded.whatsapps AS BLOB)",
            (row, *(b"\n".join((*column, b"")) for column in columns)),
        )


def replace(db: sqlite3.Connection, seq: int, lines: Lines) -> None:
    """Rewrite one contact."""
    row, at = divmod(seq, _TO_A_ROW)
    stored = db.execute("SELECT people, whatsapps FROM addressees WHERE number = ?", (row,)).fetchone()
    columns = [column.split(b"\n") for column in stored]
    for column, line in zip(columns, lines, strict=True):
        column[at] = line
    written = [b"\n".join(column) for column in columns]
    db.execute("UPDATE addressees SET people = ?, whatsapps = ? WHERE number = ?", (*written, row))


def by_phone(db: sqlite3.Connection, seqs: Positions) -> list[bytes]:
    """Return some contacts who have a phone, their seqs ascending."""
    return _lines(db, seqs, "people")


def by_whatsapp(db: sqlite3.Connection, seqs: Positions) -> list[bytes]:
    """Return some contacts who have WhatsApp, their seqs ascending, with that number."""
    people, numbers = _lines(db, seqs, "people"), _lines(db, seqs, "whatsapps")
    return [person.rpartition(b":")[0] + b":" + number for person, number in zip(people, numbers, strict=True)]


def _lines(db: sqlite3.Connection, seqs: Positions, column: str) -> list[bytes]:
    rows = seqs // _TO_A_ROW
    low, high = int(rows[0]), int(rows[-1])
    if high - low < len(seqs):  # all of the rows in between are cheaper than some of them
        within, which = f"BETWEEN {low} AND {high}", rows - low
    else:
        some, which = np.unique(rows, return_inverse=True)
        within = f"IN ({','.join(map(str, some.tolist()))})"
    found = db.execute(f"SELECT {column} FROM addressees WHERE number {within} ORDER BY number")
    lines = b"".join([lines for (lines,) in found]).split(b"\n")
    return [lines[at] for at in (which * _TO_A_ROW + seqs % _TO_A_ROW).tolist()]
