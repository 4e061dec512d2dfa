"""The ledger's file: SQLite that is on the disk before the next step, readable by its owner only.

WAL, synchronous=FULL, a connection per call, so that threads, processes and a `kill -9` find the same truth.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from toolkit.errors import LedgerUnavailable
from toolkit.secret import read_key
from toolkit.sending import chain
from toolkit.sending.chain import Connection
from toolkit.sending.states import LEFT, PLAN_MOVES, STEP_MOVES, guard

_VERSION = 3
# One send per intent: the index makes a second one impossible, whichever process or plan it comes from.
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS plans (
    id TEXT PRIMARY KEY, workspace TEXT NOT NULL, kind TEXT NOT NULL, intent TEXT NOT NULL, digest TEXT NOT NULL,
    state TEXT NOT NULL, created_at TEXT NOT NULL, expires_at TEXT NOT NULL, body TEXT NOT NULL,
    recipient_ids BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS one_send ON plans (intent)
    WHERE state IN ({", ".join(f"'{state}'" for state in LEFT)});
CREATE INDEX IF NOT EXISTS of_workspace ON plans (workspace, created_at);
CREATE TABLE IF NOT EXISTS steps (
    plan_id TEXT NOT NULL REFERENCES plans, number INTEGER NOT NULL, recipients INTEGER NOT NULL, state TEXT NOT NULL,
    claimed_at TEXT, receipt TEXT, PRIMARY KEY (plan_id, number)
) STRICT;
CREATE INDEX IF NOT EXISTS claimed ON steps (claimed_at) WHERE claimed_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS approvals (
    id TEXT PRIMARY KEY, plan_id TEXT NOT NULL REFERENCES plans, digest TEXT NOT NULL, body TEXT NOT NULL
) STRICT;
{chain.SCHEMA}
{guard("plans", PLAN_MOVES)}
{guard("steps", STEP_MOVES)}
"""


class Store:
    """One SQLite file; LedgerUnavailable says why it cannot be used."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._key = b""
        with self.reading() as db:
            path.chmod(0o600)
            (version,) = db.execute("PRAGMA user_version").fetchone()
            is_new = not db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
            if version != _VERSION and not is_new:
                raise LedgerUnavailable(
                    f"The ledger {path} was written by another version of this program: move it to another place, and "
                    "keep it. Nothing is sent without a ledger."
                )
            self._key = self._read_key(is_new)
            db.executescript(f"{_SCHEMA} PRAGMA user_version = {_VERSION};")

    def _read_key(self, is_new: bool) -> bytes:
        path = self.path.with_suffix(".key")
        if not is_new and not path.exists():
            raise LedgerUnavailable(
                f"The key {path.name} that seals the ledger {self.path} is gone: put it back beside the ledger, or "
                "move the ledger to another place and keep it. Nothing is sent without both."
            )
        return read_key(path)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for as long as it takes."""
        try:
            db = sqlite3.connect(self.path, timeout=30, isolation_level=None, factory=Connection)
            try:
                db.key = self._key
                db.row_factory = sqlite3.Row
                db.execute("PRAGMA journal_mode = WAL")
                db.execute("PRAGMA synchronous = FULL")
                db.execute("PRAGMA foreign_keys = ON")
                yield db
            finally:
                db.close()
        except sqlite3.IntegrityError:
            raise
        except (sqlite3.Error, OSError) as error:
            raise LedgerUnavailable(
                f"The ledger {self.path} cannot be used ({error}): check SEAX_HOME, its free space and your rights. "
                "Nothing is sent without it."
            ) from error

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction that keeps all other writers out; on the disk when this ends."""
        with self.reading() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")
