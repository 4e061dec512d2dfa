"""The workspace's one SQLite file: its schema, its connections and its transactions."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from toolkit.sandbox.errors import SandboxError

APPLICATION_ID = 0x53656158  # "SeaX" in the file's header distinguishes a sandbox from any other SQLite file
VERSION = 3
BUSY_TIMEOUT_S = 60.0
CACHE_KB = 2_000  # small and fixed, so that memory stays the same however many contacts there are
FILLING_CACHE_KB = 64_000

_SCHEMA = """
CREATE TABLE workspace (seed INTEGER NOT NULL);
CREATE TABLE clock (real_us INTEGER NOT NULL, workspace_us INTEGER NOT NULL, speed REAL NOT NULL);
CREATE TABLE phones (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, phone TEXT NOT NULL, name TEXT NOT NULL,
    enabled INTEGER NOT NULL, is_owned INTEGER NOT NULL, capabilities TEXT NOT NULL, body BLOB NOT NULL
);
CREATE TABLE labels (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL UNIQUE, color TEXT NOT NULL,
    description TEXT, is_system INTEGER NOT NULL, created_us INTEGER NOT NULL
);
CREATE TABLE contacts (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL, name TEXT NOT NULL, phone TEXT, search TEXT NOT NULL,
    created_us INTEGER NOT NULL
);
CREATE TABLE contact_bodies (seq INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE addressees (number INTEGER PRIMARY KEY, people BLOB NOT NULL, whatsapps BLOB NOT NULL);
CREATE TABLE memberships (
    label INTEGER NOT NULL, chunk INTEGER NOT NULL, bits BLOB NOT NULL, PRIMARY KEY (chunk, label)
);
CREATE TABLE orderings (
    keys TEXT NOT NULL, chunk INTEGER NOT NULL, seqs BLOB NOT NULL, PRIMARY KEY (keys, chunk)
);
CREATE TABLE opt_outs (seq INTEGER PRIMARY KEY, at_us INTEGER NOT NULL, is_labelled INTEGER NOT NULL);
CREATE INDEX opt_outs_to_label ON opt_outs (at_us) WHERE NOT is_labelled;
CREATE TABLE campaigns (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, job_id TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
    type TEXT NOT NULL, message TEXT NOT NULL, phones TEXT NOT NULL, created_us INTEGER NOT NULL,
    start_us INTEGER NOT NULL, end_us INTEGER, per_second REAL NOT NULL, target INTEGER NOT NULL,
    has_short_links INTEGER NOT NULL, newcomers_from INTEGER NOT NULL, recent TEXT NOT NULL,
    attach TEXT NOT NULL, attached INTEGER NOT NULL, canceled_us INTEGER
);
CREATE TABLE drafts (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, stage TEXT NOT NULL, created_us INTEGER NOT NULL,
    updated_us INTEGER NOT NULL, body BLOB NOT NULL, audience BLOB NOT NULL
);
CREATE TABLE texts (
    campaign INTEGER NOT NULL, seq INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (campaign, seq)
) WITHOUT ROWID;
CREATE TABLE echoes (campaign INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE INDEX campaigns_attaching ON campaigns (number) WHERE attached < target AND attach != '[]';
CREATE TABLE audiences (
    campaign INTEGER NOT NULL, chunk INTEGER NOT NULL, before INTEGER NOT NULL, size INTEGER NOT NULL,
    bits BLOB NOT NULL, PRIMARY KEY (campaign, chunk)
);
CREATE TABLE tallies (
    campaign INTEGER NOT NULL, chunk INTEGER NOT NULL, counts TEXT NOT NULL, statuses BLOB NOT NULL,
    PRIMARY KEY (campaign, chunk)
);
CREATE TABLE replies (
    at_us INTEGER NOT NULL, seq INTEGER NOT NULL, campaign INTEGER NOT NULL, sent_us INTEGER NOT NULL,
    PRIMARY KEY (at_us, seq, campaign)
) WITHOUT ROWID;
CREATE TABLE inbound (
    number INTEGER PRIMARY KEY, at_us INTEGER NOT NULL, seq INTEGER NOT NULL, campaign INTEGER NOT NULL
);
CREATE TABLE jobs (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, created_us INTEGER NOT NULL, country TEXT NOT NULL,
    strategy TEXT NOT NULL, total INTEGER NOT NULL, done_us INTEGER NOT NULL
);
CREATE TABLE import_rows (
    job INTEGER NOT NULL, row INTEGER NOT NULL, due_us INTEGER NOT NULL, cells TEXT NOT NULL,
    is_done INTEGER NOT NULL, problem TEXT, PRIMARY KEY (job, row)
) WITHOUT ROWID;
CREATE INDEX import_rows_due ON import_rows (due_us) WHERE NOT is_done;
CREATE TABLE messages (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, from_phone TEXT NOT NULL, to_phone TEXT NOT NULL,
    content TEXT NOT NULL, media_urls TEXT NOT NULL, created_us INTEGER NOT NULL
);
"""
# Built after a bulk load: a sorted build is far quicker than a million random insertions.
_INDEXES = """
CREATE UNIQUE INDEX contacts_by_id ON contacts (id);
CREATE INDEX contacts_by_phone ON contacts (phone);
"""


class Store:
    """One SQLite file, one connection per thread, every request's writes in one transaction."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._lock = threading.Lock()

    def is_empty(self) -> bool:
        """Tell whether the file still has to be filled; SandboxError if it is something else."""
        try:
            if not self._path.parent.is_dir():
                raise SandboxError(f"The folder {self._path.parent} does not exist; create it or choose another path.")
            self._path.touch(mode=0o600)
            self._path.chmod(0o600)  # inherited by the files that SQLite creates beside it
            with self.read() as db:
                marks = (
                    db.execute("PRAGMA application_id").fetchone()[0],
                    db.execute("PRAGMA user_version").fetchone()[0],
                )
                tables = db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        except (sqlite3.DatabaseError, OSError) as error:
            raise SandboxError(
                f"{self._path} is not a readable and writable sandbox workspace ({error}); choose another path."
            ) from error
        if tables and marks[0] != APPLICATION_ID:
            raise SandboxError(f"{self._path} is a database of another program; choose another path.")
        if tables and marks[1] != VERSION:
            raise SandboxError(
                f"{self._path} was made by another version of the sandbox; delete it or choose another path."
            )
        return not tables

    @contextmanager
    def create(self) -> Iterator[sqlite3.Connection | None]:
        """Fill a new file in one transaction: all of it or nothing; None if another process was faster."""
        db = self._connection()
        db.execute(f"PRAGMA cache_size = -{FILLING_CACHE_KB}")
        try:
            db.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise SandboxError(f"{self._path} is still being filled by another process; try again later.") from error
        try:
            if db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                yield None
            else:
                _run(db, _SCHEMA)
                yield db
                _run(db, _INDEXES)
                db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                db.execute(f"PRAGMA user_version = {VERSION}")
            db.execute("COMMIT")
        except BaseException:
            db.execute("ROLLBACK")
            raise
        finally:
            db.execute(f"PRAGMA cache_size = -{CACHE_KB}")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # otherwise a copy of the file's size stays beside it

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Give one consistent view of the file; inside a transaction of this thread, its view."""
        db = self._connection()
        if db.in_transaction:
            yield db
            return
        db.execute("BEGIN")
        try:
            yield db
        finally:
            db.execute("COMMIT")

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Commit everything done inside, or nothing; inside a write of this thread, join it."""
        db = self._connection()
        if db.in_transaction:
            yield db
            return
        db.execute("BEGIN IMMEDIATE")
        try:
            yield db
            db.execute("COMMIT")
        except BaseException:
            db.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Close the connections of every thread."""
        with self._lock:
            for db in self._connections:
                db.close()
            self._connections.clear()
            self._local = threading.local()

    def _connection(self) -> sqlite3.Connection:
        db: sqlite3.Connection | None = getattr(self._local, "db", None)
        if db is None:
            db = sqlite3.connect(self._path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = NORMAL")
            db.execute(f"PRAGMA cache_size = -{CACHE_KB}")
            self._local.db = db
            with self._lock:
                self._connections.append(db)
        return db


def _run(db: sqlite3.Connection, statements: str) -> None:
    for statement in statements.split(";\n"):
        if statement.strip():
            db.execute(statement)
