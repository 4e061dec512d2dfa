"""Contacts as log rows show them, written once and kept some to a row, so that a page of a log reads few rows.

Each column of the table holds lines: who it is, the number for texts, the number for WhatsApp (empty for none).
"""

import sqlite3
from collections.abc import Iterable
from itertools import groupby
from typing import Literal

import numpy as np

from toolkit.sandbox.bitmaps import Positions

_TO_A_ROW = 8  # more would make pages of contacts who are far apart slower
Lines = tuple[bytes, bytes, bytes]


def append(db: sqlite3.Connection, first: int, people: Iterable[Lines]) -> None:
    """Append contacts as `first`, `first` + 1, …; their lines are JSON, in which no line ends."""
    for row, block in groupby(enumerate(people, start=first), lambda one: one[0] // _TO_A_ROW):
        columns = zip(*(lines for _, lines in block), strict=True)
        db.execute(
            "INSERT INTO addressees VALUES (?, ?, ?, ?) ON CONFLICT (number) DO UPDATE SET"
            " people = CAST(people || excluded.people AS BLOB), phones = CAST(phones || excluded.phones AS BLOB),"
            " whatsapps = CAST(whatsapps || excluded.whatsapps AS BLOB)",
            (row, *(b"\n".join((*column, b"")) for column in columns)),
        )


def replace(db: sqlite3.Connection, seq: int, lines: Lines) -> None:
    """Write one contact anew."""
    row, at = divmod(seq, _TO_A_ROW)
    stored = db.execute("SELECT people, phones, whatsapps FROM addressees WHERE number = ?", (row,)).fetchone()
    columns = [column.split(b"\n") for column in stored]
    for column, line in zip(columns, lines, strict=True):
        column[at] = line
    written = [b"\n".join(column) for column in columns]
    db.execute("UPDATE addressees SET people = ?, phones = ?, whatsapps = ? WHERE number = ?", (*written, row))


def read(
    db: sqlite3.Connection, seqs: Positions, *, numbers: Literal["phones", "whatsapps"]
) -> tuple[list[bytes], list[bytes]]:
    """Return who some contacts are, their seqs ascending, and their numbers."""
    rows = seqs // _TO_A_ROW
    low, high = int(rows[0]), int(rows[-1])
    if high - low < len(seqs):  # all of the rows in between are cheaper than some of them
        within, which = f"BETWEEN {low} AND {high}", rows - low
    else:
        some, which = np.unique(rows, return_inverse=True)
        within = f"IN ({','.join(map(str, some.tolist()))})"
    found = db.execute(f"SELECT people, {numbers} FROM addressees WHERE number {within} ORDER BY number")
    places = (which * _TO_A_ROW + seqs % _TO_A_ROW).tolist()
    columns = (b"".join(column).split(b"\n") for column in zip(*found, strict=True))
    people, wanted = ([column[at] for at in places] for column in columns)
    return people, wanted
