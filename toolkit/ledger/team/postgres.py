"""A team's ledger: a PostgreSQL database that many homes share, reached at an address.

One connection per call, kept for the next one, and one writer at a time: the same queries give the same answers as
the file. What its tables, their triggers and the login's roles refuse is refused by the server, whatever happens in
this process; see `toolkit.ledger.team.postgres_schema`. No password is taken in the address: libpq finds it in a
service file or `.pgpass`.
"""

from __future__ import annotations

import os
import re
import weakref
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from time import monotonic
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus

from toolkit.errors import ApprovalRefused, LedgerUnavailable, SettingsError
from toolkit.ledger.team.postgres_schema import APPROVER, PLANNER, SENDER, VERSION
from toolkit.ledger.transaction import LedgerAccess

_REFUSED = "Nothing is sent without it."
_PATIENCE = 10  # seconds for the server to answer
_A_MINUTE = 60.0
_MOST_IDLE = 2
_BEGIN = """
SET search_path TO seax, pg_temp;
SET lock_timeout TO '30s';
SET idle_in_transaction_session_timeout TO '60s';
BEGIN ISOLATION LEVEL {isolation};
"""
_READING = _BEGIN.format(isolation="REPEATABLE READ READ ONLY").encode()
# On disk before the next step, whatever the database's default; and one writer at a time, which looks up a few rows
# of tables that grow: by their indexes, whatever the server has counted of them yet.
_WRITING = (
    _BEGIN.format(isolation="READ COMMITTED")
    + """
SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off';
SET LOCAL enable_seqscan TO off;
SET LOCAL jit TO off;
SELECT pg_advisory_xact_lock(8453);
"""
).encode()


class Row(tuple[Any, ...]):
    """A row whose values are found by place and by name."""

    names: tuple[str, ...]

    def __getitem__(self, at: Any) -> Any:
        return super().__getitem__(self.names.index(at) if isinstance(at, str) else at)

    def keys(self) -> tuple[str, ...]:
        """The names of its columns."""
        return self.names


class PostgresTransaction:
    """A transaction on PostgreSQL that takes SQLite's words."""

    def __init__(self, db: psycopg.Connection[Row], key: bytes) -> None:
        self._db = db
        self.key = key
        self.is_shared = True

    def execute(self, sql: str, values: Sequence[Any] = (), /) -> psycopg.Cursor[Row]:
        """Run a statement."""
        return self._db.execute(_translated(sql), values)

    def executemany(self, sql: str, values: Iterable[Sequence[Any]], /) -> None:
        """Run a statement for each row of values."""
        with self._db.cursor() as cursor:
            cursor.executemany(_translated(sql), values)

    def damage(self) -> list[str]:
        """Nothing: the server checks its own pages."""
        return []


class _Idle:
    """Connections between two calls, by process: after a fork, the parent's are neither used nor closed."""

    def __init__(self) -> None:
        self._connections: dict[int, list[psycopg.Connection[Row]]] = {}
        weakref.finalize(self, _close, self._connections)

    def take(self) -> psycopg.Connection[Row] | None:
        try:
            return self._connections[os.getpid()].pop()
        except LookupError:
            return None

    def keep(self, db: psycopg.Connection[Row]) -> None:
        own = self._connections.setdefault(os.getpid(), [])
        if len(own) < _MOST_IDLE:
            own.append(db)
        else:
            db.close()


def _close(connections: dict[int, list[psycopg.Connection[Row]]]) -> None:
    for db in connections.get(os.getpid(), ()):
        db.close()


class PostgresStore:
    """The database at an address; LedgerUnavailable says why it cannot be used."""

    conflicts = psycopg.IntegrityError  # what a statement raises that the tables or their triggers refuse

    def __init__(self, address: str) -> None:
        self.address = address
        self.name = ledger_name(address)
        self._key = b""
        self._idle = _Idle()
        self._ahead, self._measure_at = timedelta(), 0.0
        with self._connected(_READING) as db:
            try:
                version, self._key = db.execute("SELECT version, key FROM ledger").fetchall()[0]
            except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName, IndexError) as error:
                raise LedgerUnavailable(
                    f"{self.name} holds no ledger yet: `seax ledger init` makes one. {_REFUSED}"
                ) from error
        if version != VERSION:
            what = "its owner runs `seax ledger upgrade`" if version < VERSION else "use the program it was made with"
            raise LedgerUnavailable(
                f"{self.name} is of version {version}, and this program needs {VERSION}: {what}. {_REFUSED}"
            )

    @contextmanager
    def reading(self) -> Iterator[PostgresTransaction]:
        """A transaction that sees one state of the database and changes nothing."""
        with self._connected(_READING) as db:
            yield PostgresTransaction(db, self._key)

    @contextmanager
    def writing(self) -> Iterator[PostgresTransaction]:
        """One transaction that excludes all other writers; on the server's disk when this ends."""
        with self._connected(_WRITING) as db:
            yield PostgresTransaction(db, self._key)

    def access(self) -> LedgerAccess:
        """What the login may do."""
        query = (
            "SELECT session_user, pg_has_role(session_user, ?, 'member'), pg_has_role(session_user, ?, 'member'), "
            "pg_has_role(session_user, ?, 'member'), "
            "pg_has_role(session_user, (SELECT relowner FROM pg_class WHERE oid = 'approvals'::regclass), 'member')"
        )
        with self.reading() as db:
            return LedgerAccess(*db.execute(query, (PLANNER, SENDER, APPROVER)).fetchall()[0])

    def now(self) -> datetime:
        """The server's time, which decides for everybody what is expired; its difference is measured once a minute."""
        if monotonic() >= self._measure_at:
            with self.reading() as db:
                before = datetime.now(UTC)
                (there,) = db.execute("SELECT clock_timestamp()").fetchall()[0]
                after = datetime.now(UTC)
            self._ahead, self._measure_at = there - before - (after - before) / 2, monotonic() + _A_MINUTE
        return datetime.now(UTC) + self._ahead

    @contextmanager
    def _connected(self, begin: bytes) -> Iterator[psycopg.Connection[Row]]:
        """A connection on which `begin` was run; it is kept for the next call unless something fails."""
        with self._told():
            db = self._begun(begin)
            try:
                yield db
                if db.info.transaction_status != TransactionStatus.IDLE:
                    db.execute("COMMIT")
            except BaseException:
                db.close()  # what was not committed is undone
                raise
            self._idle.keep(db)

    def _begun(self, begin: bytes) -> psycopg.Connection[Row]:
        if db := self._idle.take():
            try:
                db.execute(begin)
            except psycopg.OperationalError:  # the server or the network ended it meanwhile
                db.close()
            else:
                return db
        db = psycopg.connect(
            self.address, autocommit=True, row_factory=named_row, connect_timeout=_PATIENCE, application_name="seax"
        )
        try:
            db.execute(begin)
        except BaseException:
            db.close()
            raise
        return db

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Report what is wrong with the database, however it is noticed: also in the content of its rows."""
        try:
            yield
        except (psycopg.IntegrityError, LedgerUnavailable):
            raise
        except psycopg.errors.InsufficientPrivilege as error:
            if "approvals" in str(error):
                raise ApprovalRefused(
                    f"{self.name} takes no approval from this login: approve the plan where a person who is a member "
                    f"of {APPROVER} logs in. Nothing was sent."
                ) from error
            raise LedgerUnavailable(
                f"{self.name} does not allow this to the login ({_first_line(error)}): ask its administrator for the "
                f"role that is missing ({PLANNER}, {SENDER} or {APPROVER}). {_REFUSED}"
            ) from error
        except psycopg.Error as error:
            raise LedgerUnavailable(
                f"{self.name} cannot be used ({_first_line(error)}): check SEAX_LEDGER, the server and the network. "
                f"{_REFUSED}"
            ) from error
        except (ValueError, TypeError, LookupError, zlib.error) as error:  # a row with impossible content
            raise LedgerUnavailable(
                f"{self.name} holds a row that cannot be read, so it is damaged: restore it from a backup into another "
                f"database, and run `seax audit verify`. {_REFUSED}"
            ) from error


def ledger_name(address: str) -> str:
    """How messages call the ledger at an address; SettingsError if it is none, or holds a password."""
    try:
        parts = conninfo_to_dict(address)
    except psycopg.ProgrammingError as error:
        raise SettingsError(
            "SEAX_LEDGER is not an address of PostgreSQL: give it as postgresql://host/database, or "
            "postgresql:///?service=name."
        ) from error
    if parts.get("password"):
        raise SettingsError("SEAX_LEDGER must not hold a password: put it in ~/.pgpass or in a service file.")
    where = parts.get("service") or parts.get("dbname") or "the login's own"
    return f"The ledger in PostgreSQL ({where})"


def named_row(cursor: psycopg.Cursor[Any]) -> Any:
    """How psycopg makes rows whose values are found by place and by name."""
    return type("NamedRow", (Row,), {"names": tuple(column.name for column in cursor.description or ())})


@cache
def _translated(sql: str) -> bytes:
    """A statement in PostgreSQL's words."""
    sql = re.sub(r" IS NOT (?!NULL|DISTINCT)", " IS DISTINCT FROM ", sql.replace(" NOT INDEXED", ""))
    sql = sql.replace(" IN (SELECT value FROM json_each(?))", " = ANY(ARRAY(SELECT value FROM json_each(?)))")
    sql = sql.replace("json_each(?)", "jsonb_array_elements_text(?::jsonb) AS each (value)")
    return sql.replace("?", "%s").encode()


def _first_line(error: psycopg.Error) -> str:
    return " ".join(str(error).split("\n")[0].split())
