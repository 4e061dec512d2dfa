"""Sets of contacts as bitmaps: one bit per contact, 65,536 contacts to a chunk of 8 KB.

A whole set is a `uint8` array of shape (chunks, 8192): 125 KB for a million contacts, so that set algebra,
counting and deep offsets cost microseconds and almost no memory.
"""

import sqlite3

import numpy as np
from numpy.typing import NDArray

CHUNK = 65_536
CHUNK_BYTES = CHUNK // 8

Bitmap = NDArray[np.uint8]
Positions = NDArray[np.int64]


def chunks_for(contacts: int) -> int:
    """Return how many chunks that many contacts take (at least one)."""
    return max(1, -(-contacts // CHUNK))


def empty(contacts: int) -> Bitmap:
    """Return the empty set over this many contacts."""
    return np.zeros((chunks_for(contacts), CHUNK_BYTES), np.uint8)


def first(contacts: int, *, of: int) -> Bitmap:
    """Return the set of the first `count` contacts of a workspace of `of`."""
    flat = empty(of).reshape(-1)
    flat[: contacts // 8] = 0xFF
    if contacts % 8:
        flat[contacts // 8] = (1 << contacts % 8) - 1
    return flat.reshape(-1, CHUNK_BYTES)


def of_positions(positions: Positions, *, contacts: int) -> Bitmap:
    """Return the set of the given contacts."""
    bits = empty(contacts)
    np.bitwise_or.at(bits.reshape(-1), positions >> 3, (1 << (positions & 7)).astype(np.uint8))
    return bits


def ranked(chunk: Bitmap, start: int, stop: int) -> Positions:
    """Return the places ranked start to stop (ascending) in one chunk of a set, touching only the bytes that hold them.

    There must be that many.
    """
    ends = np.bitwise_count(chunk).cumsum(dtype=np.int64)
    low, high = np.searchsorted(ends, (start, stop - 1), side="right").tolist()
    found: Positions = np.flatnonzero(np.unpackbits(chunk[low : high + 1], bitorder="little")) + 8 * low
    before = int(ends[low - 1]) if low else 0
    return found[start - before : stop - before]


def count(bits: Bitmap) -> int:
    """Return the number of contacts in a set."""
    return int(np.bitwise_count(bits).sum(dtype=np.int64))


def window(bits: Bitmap, start: int, stop: int) -> Positions:
    """Return the contacts ranked start to stop (ascending) in a set, touching only the chunks that hold them."""
    ends = np.bitwise_count(bits).sum(axis=1, dtype=np.int64).cumsum()
    found = []
    for number in range(int(np.searchsorted(ends, start, side="right")), len(ends)):
        before = int(ends[number - 1]) if number else 0
        if before >= stop:
            break
        low, high = max(0, start - before), min(int(ends[number]), stop) - before
        found.append(ranked(bits[number], low, high) + number * CHUNK)
    return np.concatenate(found) if found else np.empty(0, np.int64)


def members(db: sqlite3.Connection, label: int, *, contacts: int) -> Bitmap:
    """Read the contacts that have a label."""
    bits = empty(contacts)
    for chunk, blob in db.execute("SELECT chunk, bits FROM memberships WHERE label = ?", (label,)):
        bits[chunk] = np.frombuffer(blob, np.uint8)
    return bits


def remove_members(db: sqlite3.Connection, label: int, bits: Bitmap) -> None:
    """Take a label from every contact of a set."""
    for chunk in np.flatnonzero(bits.any(axis=1)):
        row = db.execute("SELECT bits FROM memberships WHERE label = ? AND chunk = ?", (label, int(chunk))).fetchone()
        if row is not None:
            remaining = np.frombuffer(row[0], np.uint8) & ~bits[chunk]
            db.execute("REPLACE INTO memberships VALUES (?, ?, ?)", (label, int(chunk), remaining.tobytes()))


def add_members(db: sqlite3.Connection, label: int, bits: Bitmap) -> None:
    """Give a label to every contact of a set."""
    for chunk in np.flatnonzero(bits.any(axis=1)):
        row = db.execute("SELECT bits FROM memberships WHERE label = ? AND chunk = ?", (label, int(chunk))).fetchone()
        merged = bits[chunk] if row is None else bits[chunk] | np.frombuffer(row[0], np.uint8)
        db.execute("REPLACE INTO memberships VALUES (?, ?, ?)", (label, int(chunk), merged.tobytes()))
