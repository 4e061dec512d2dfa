"""The ledger's file: SQLite that is flushed to disk before the next step, readable by its owner only.

A rollback journal and synchronous=EXTRA: what was committed is in this one file and nowhere else, so that a copy of it,
or a lost journal, loses no claim. One connection per call, so that threads, processes and a `kill -9` see the same
data. The file is created completely or not at all: an empty one was truncated, and is not a new ledger.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from toolkit.errors import LedgerUnavailable
from toolkit.ledger import chain, claimed_people
from toolkit.ledger.chain import LedgerConnection
from toolkit.plans.states import MAY_BE_SENT, PLAN_MOVES, STEP_MOVES, guard
from toolkit.secret import read_key

_VERSION = 6
_PATIENCE = 30.0  # seconds that one connection waits for another
# What limits count is derived by the database itself from the rows it follows from, and is never written.
_SIGNER = "coalesce(nullif(json_extract(body, '$.key'), ''), lower(json_extract(body, '$.by')))"
_SENT = "CAST(json_extract(receipt, '$.sent_before_cancel') AS INTEGER)"
_DERIVED = (
    ("steps", f"sent_before_cancel INTEGER GENERATED ALWAYS AS ({_SENT}) VIRTUAL"),
    ("approvals", "via TEXT GENERATED ALWAYS AS (json_extract(body, '$.via')) VIRTUAL"),
    ("approvals", f"signer TEXT GENERATED ALWAYS AS ({_SIGNER}) VIRTUAL"),
)
ADD_DERIVED = (
    "".join(f"ALTER TABLE {table} ADD COLUMN {column};" for table, column in _DERIVED)
    + "CREATE INDEX approvals_of_plan ON approvals (plan_id);"
)
# One send per intent: the index makes a second one impossible, from any process or plan.
TABLES = f"""
CREATE TABLE IF NOT EXISTS plans (
    id TEXT PRIMARY KEY, workspace TEXT NOT NULL, kind TEXT NOT NULL, intent TEXT NOT NULL, digest TEXT NOT NULL,
    state TEXT NOT NULL, created_at TEXT NOT NULL, expires_at TEXT NOT NULL, body TEXT NOT NULL,
    recipient_ids BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS one_send ON plans (intent)
    WHERE state IN ({", ".join(f"'{state}'" for state in MAY_BE_SENT)});
CREATE INDEX IF NOT EXISTS of_workspace ON plans (workspace, created_at);
CREATE TABLE IF NOT EXISTS steps (
    plan_id TEXT NOT NULL REFERENCES plans, number INTEGER NOT NULL, recipients INTEGER NOT NULL, state TEXT NOT NULL,
    claimed_at TEXT, leaves_at TEXT, receipt TEXT, PRIMARY KEY (plan_id, number)
) STRICT;
CREATE INDEX IF NOT EXISTS claimed ON steps (claimed_at) WHERE claimed_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS leaving ON steps (leaves_at) WHERE leaves_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS approvals (
    id TEXT PRIMARY KEY, plan_id TEXT NOT NULL REFERENCES plans, digest TEXT NOT NULL, body TEXT NOT NULL
) STRICT;
{chain.TABLE}
{ADD_DERIVED}
{claimed_people.CLAIMED_PEOPLE}
"""
_SCHEMA = f"""
{TABLES}
{chain.TRIGGERS}
{guard("plans", PLAN_MOVES)}
{guard("steps", STEP_MOVES)}
"""
_UPGRADES = {4: ADD_DERIVED, 5: claimed_people.CLAIMED_PEOPLE}  # what brings a file of that version to the next
_KEEP = (
    "Keep the file and a copy of it: it records what was sent. `sqlite3 {path} .recover | sqlite3 repaired` "
    "recovers what is readable; put that in its place, and run `seax audit verify`. With a new ledger, what was sent "
    "before could be sent again."
)
_WORDS = {
    "SQLITE_BUSY": "is locked by another program: close what has it open (a send, a database browser, a sync).",
    "SQLITE_LOCKED": "is locked by another program: close what has it open.",
    "SQLITE_FULL": "cannot be written, because the disk is full: free some space.",
    "SQLITE_READONLY": "is read-only: check your permissions on it and on its folder.",
    "SQLITE_CANTOPEN": "cannot be opened: check SEAX_HOME, and your permissions on it.",
    "SQLITE_IOERR": "cannot be read or written: check the disk and its free space.",
    "SQLITE_CORRUPT": f"is damaged. {_KEEP}",
    "SQLITE_ERROR": f"is damaged. {_KEEP}",  # our statements are correct, so a table or its content is not
    "SQLITE_NOTADB": f"is not a ledger, or is damaged: check SEAX_HOME. {_KEEP}",
}


class Store:
    """One SQLite file; LedgerUnavailable says why it cannot be used."""

    conflicts = sqlite3.IntegrityError  # what a statement raises that the tables or their triggers refuse

    def __init__(self, path: Path) -> None:
        self.path = path
        self._key, sealing = b"", path.with_suffix(".key")
        with self._told():
            if not path.exists():
                read_key(sealing)  # made first, so that no ledger exists without one
                _make(path)
        with self._connected() as db:
            _upgrade(db, now=self.now())
            if _version(db) != _VERSION:
                raise LedgerUnavailable(
                    f"The ledger {path} was written by another version of this program: move it to another place, and "
                    "keep it. Nothing is sent without it."
                )
            db.execute("PRAGMA journal_mode = DELETE")
        if not sealing.exists():
            raise LedgerUnavailable(
                f"The key {sealing.name} that seals the ledger {path} is missing: put it back beside the ledger, or "
                f"move the ledger to another place and keep it. {_REFUSED}"
            )
        self._key = read_key(sealing)

    def now(self) -> datetime:
        """This machine's time."""
        return datetime.now(UTC)

    @contextmanager
    def reading(self) -> Iterator[LedgerConnection]:
        """A connection for the duration of the block, during which the file is not replaced."""
        with self._connected() as db:
            db.execute("BEGIN")
            yield db

    @contextmanager
    def writing(self) -> Iterator[LedgerConnection]:
        """One transaction that excludes all other writers; flushed to disk when this ends."""
        with self._connected() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                if db.in_transaction:  # SQLite ends it by itself when the disk is full
                    db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")

    @contextmanager
    def _connected(self) -> Iterator[LedgerConnection]:
        with self._told():
            if not self.path.stat().st_size:
                raise LedgerUnavailable(
                    f"The ledger {self.path} is empty: it was truncated. Restore it from a copy. Only if nothing "
                    f"was ever sent with it, remove it. {_REFUSED}"
                )
            address = f"{self.path.absolute().as_uri()}?mode=rw"
            db = sqlite3.connect(address, uri=True, timeout=_PATIENCE, factory=LedgerConnection)
            try:
                db.key = self._key
                db.isolation_level = None
                db.row_factory = sqlite3.Row
                db.execute("PRAGMA synchronous = EXTRA")
                db.execute("PRAGMA foreign_keys = ON")
                yield db
            finally:
                db.close()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Report what is wrong with the file, however it is noticed: also in the content of its rows."""
        try:
            yield
        except sqlite3.IntegrityError:
            raise
        except sqlite3.Error as error:
            name = getattr(error, "sqlite_errorname", "SQLITE_CORRUPT")  # none: a text that is not UTF-8
            words = next((words for start, words in _WORDS.items() if name.startswith(start)), "")
            words = words or f"cannot be used ({error}): check SEAX_HOME."
            raise LedgerUnavailable(f"The ledger {self.path} {words.format(path=self.path)} {_REFUSED}") from error
        except OSError as error:
            raise LedgerUnavailable(
                f"The ledger {self.path} cannot be used ({error.strerror}): check SEAX_HOME, the free space and your "
                f"permissions. {_REFUSED}"
            ) from error
        except (ValueError, TypeError, LookupError, zlib.error) as error:  # a row with impossible content
            words = _WORDS["SQLITE_CORRUPT"].format(path=self.path)
            raise LedgerUnavailable(f"The ledger {self.path} {words} {_REFUSED}") from error


_REFUSED = "Nothing is sent without it."


def _version(db: sqlite3.Connection) -> int:
    version: int = db.execute("PRAGMA user_version").fetchone()[0]
    return version


def _upgrade(db: LedgerConnection, *, now: datetime) -> None:
    """Bring a file of a version before to this one, unless another process has done so meanwhile."""
    if _version(db) not in _UPGRADES:
        return
    db.execute("BEGIN IMMEDIATE")
    while sql := _UPGRADES.get(_version(db)):
        for statement in sql.split(";"):
            db.execute(statement)
        db.execute(f"PRAGMA user_version = {_version(db) + 1}")
    claimed_people.note_claimed_before(db, now)
    db.execute("COMMIT")


def _make(path: Path) -> None:
    """A new ledger, complete when it appears; one that another process has made meanwhile is kept."""
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    os.close(os.open(fresh, os.O_CREAT | os.O_EXCL, 0o600))
    try:
        db = sqlite3.connect(fresh, isolation_level=None)
        try:
            db.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {_VERSION}; COMMIT;")
        finally:
            db.close()
        with suppress(FileExistsError):
            os.link(fresh, path)
    finally:
        fresh.unlink()
