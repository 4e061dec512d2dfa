"""The events of a ledger: append-only, each sealed with a key and the seal of the previous one.

Whoever can write the file but does not have the account's key cannot edit, remove or insert an event unnoticed, nor
write another chain. The account itself has its key: against somebody using that account, the latest seal is kept
elsewhere (see `toolkit.ledger.anchor`), and a signed approval cannot be made without the approver's passphrase.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from toolkit.ledger.transaction import Transaction
from toolkit.models import Frozen
from toolkit.texting.numbering.phones import mask

TABLE = """
CREATE TABLE IF NOT EXISTS events (
    seq INTEGER PRIMARY KEY, plan_id TEXT NOT NULL, step INTEGER, at TEXT NOT NULL, event TEXT NOT NULL,
    state TEXT NOT NULL, who TEXT NOT NULL, via TEXT NOT NULL, digest TEXT NOT NULL, detail TEXT NOT NULL,
    hash TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS events_of_plan ON events (plan_id);
"""
TRIGGERS = """
CREATE TRIGGER IF NOT EXISTS events_stay BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'events are only added'); END;
CREATE TRIGGER IF NOT EXISTS events_remain BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'events are only added'); END;
"""
_NUMBER = re.compile(r"\+[0-9]{8,15}")


class LedgerConnection(sqlite3.Connection):
    """A connection to a ledger's file, with the key that seals its events."""

    key: bytes = b""
    is_shared: bool = False

    def damage(self) -> list[str]:
        """What is wrong with the file's pages and indexes, in SQLite's words."""
        return [row[0] for row in self.execute("PRAGMA integrity_check(1)") if row[0] != "ok"]


class Event(Frozen):
    """One event in the history of a plan, or of one of its steps.

    `state` is the plan's from then on, `who` did it and `via` which interface; `digest` seals its subject: the plan's
    row, the approval, the step's receipt.
    """

    seq: int
    plan_id: str
    step: int | None
    at: datetime
    event: str
    state: str
    who: str
    via: str
    digest: str
    detail: str
    hash: str


def append(
    db: Transaction,
    plan_id: str,
    event: str,
    state: str,
    *,
    at: datetime,
    step: int | None = None,
    who: str = "",
    via: str = "",
    digest: str = "",
    detail: str = "",
) -> None:
    """Append an event; the caller holds the write lock."""
    seq, seal = (0, "") if db.is_shared else head(db)  # a team's database numbers and seals it itself
    content = [seq + 1, plan_id, step, at.astimezone(UTC).isoformat(), event, state, who, via, digest, redact(detail)]
    db.execute(f"INSERT INTO events VALUES ({', '.join('?' * 11)})", (*content, _seal(db.key, seal, content)))


def head(db: Transaction) -> tuple[int, str]:
    """The number and the seal of the last event."""
    row = db.execute("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1").fetchone()
    return (row[0], row[1]) if row else (0, "")


def seal_of(db: Transaction, event: int) -> str | None:
    """The seal of an event by its number; None if it does not exist."""
    row = db.execute("SELECT hash FROM events WHERE seq = ?", (event,)).fetchone()
    return row[0] if row else None


def events_of(db: Transaction, plan_id: str) -> list[Event]:
    """A plan's events, oldest first."""
    rows = db.execute("SELECT * FROM events WHERE plan_id = ? ORDER BY seq", (plan_id,))
    return [Event.model_validate(dict(row)) for row in rows]


def first_broken(db: Transaction, rows: Iterable[Any] | None = None) -> int | None:
    """The number of the first event that does not follow from the previous one; None if all do."""
    expected, seal = 1, ""
    for row in rows if rows is not None else db.execute("SELECT * FROM events ORDER BY seq"):
        *content, written = tuple(row)
        if row["seq"] != expected or written != _seal(db.key, seal, content):
            return int(row["seq"])
        expected, seal = expected + 1, written
    return None


def is_sealed(db: Transaction, plan_id: str) -> bool:
    """A plan's events are unchanged."""
    for row in db.execute("SELECT * FROM events WHERE plan_id = ?", (plan_id,)).fetchall():
        *content, written = tuple(row)
        before = db.execute("SELECT hash FROM events WHERE seq = ?", (row["seq"] - 1,)).fetchone()
        if written != _seal(db.key, before[0] if before else "", content):
            return False
    return True


def digest_of(*parts: object) -> str:
    """SHA-256 of a row's content; bytes are hashed as they are."""
    said = [hashlib.sha256(part).hexdigest() if isinstance(part, bytes) else part for part in parts]
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def redact(text: str) -> str:
    """The text with phone numbers masked."""
    return _NUMBER.sub(lambda found: mask(found.group()), text)


def _seal(key: bytes, previous: str, content: Sequence[object]) -> str:
    return hmac.new(key, json.dumps([previous, *content]).encode(), hashlib.sha256).hexdigest()
