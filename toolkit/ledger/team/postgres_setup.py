"""Making a team's ledger in PostgreSQL, and copying a file's into it: what its administrator runs, once."""

from __future__ import annotations

import secrets
from pathlib import Path

import psycopg

from toolkit.errors import LedgerTampered, LedgerUnavailable
from toolkit.ledger import audit, chain
from toolkit.ledger.claimed_people import note_claimed_before
from toolkit.ledger.store import Store
from toolkit.ledger.team.postgres import PostgresStore, PostgresTransaction, Row, ledger_name, named_row
from toolkit.ledger.team.postgres_schema import CREATE_ROLES, ROLES, SCHEMA, UPGRADES, VERSION
from toolkit.plans.states import CLAIMABLE, State

_COPIED = {  # in which order
    "plans": "id",
    "steps": "plan_id, number",
    "approvals": "rowid",
    "events": "seq",
    "claimed_people": "day_and_contact, plan_id, step",
}
_UNSETTLED: tuple[State, ...] = (*CLAIMABLE, "sending", "unknown")
_KEY_BYTES = 32


def create_ledger(address: str) -> None:
    """Make the tables, triggers and roles of an empty ledger in a database, all of them or none.

    Raises LedgerUnavailable if there is one already, or if the login may not make them.
    """
    name = ledger_name(address)
    try:
        with psycopg.connect(address) as db:
            db.execute(CREATE_ROLES.encode())
            db.execute(SCHEMA.encode())
            db.execute("INSERT INTO ledger (version, key) VALUES (%s, %s)", (VERSION, secrets.token_bytes(_KEY_BYTES)))
    except psycopg.errors.DuplicateSchema as error:
        raise LedgerUnavailable(f"{name} exists already: `seax ledger check` examines it.") from error
    except psycopg.errors.InsufficientPrivilege as error:
        roles = "; ".join(f"CREATE ROLE {role} NOLOGIN" for role in ROLES)
        raise LedgerUnavailable(
            f"{name} was not made, as this login may not ({str(error).splitlines()[0]}): it needs CREATE on the "
            f"database, and CREATEROLE unless somebody has run `{roles}` before."
        ) from error
    except psycopg.Error as error:
        raise LedgerUnavailable(
            f"{name} was not made ({str(error).splitlines()[0]}): check SEAX_LEDGER, the server and the network."
        ) from error


def upgrade_ledger(address: str) -> bool:
    """Bring a ledger from a version before to this one, all of it or nothing; False if it is of this one.

    Takes the owner's login. Raises LedgerUnavailable if it is of another version, or if the login may not change it.
    """
    name = ledger_name(address)
    try:
        with psycopg.connect(address, row_factory=named_row) as db:
            db.execute("SELECT pg_advisory_xact_lock(8453)")
            (version,) = db.execute("SELECT version FROM seax.ledger").fetchall()[0]
            if version in UPGRADES:
                _upgrade(db, version)
    except psycopg.Error as error:
        raise LedgerUnavailable(
            f"{name} was not upgraded ({str(error).splitlines()[0]}): run this with its owner's login, and check "
            "SEAX_LEDGER, the server and the network."
        ) from error
    if version not in {*UPGRADES, VERSION}:
        raise LedgerUnavailable(f"{name} is of version {version}: use the program it was made with.")
    return bool(version < VERSION)


def _upgrade(db: psycopg.Connection[Row], version: int) -> None:
    db.execute("SET LOCAL search_path TO seax, pg_temp")
    for each in range(version, VERSION):
        db.execute(UPGRADES[each].encode())
    (now,) = db.execute("SELECT now()").fetchall()[0]
    note_claimed_before(PostgresTransaction(db, b""), now)
    db.execute("ALTER TABLE ledger DISABLE TRIGGER USER")
    db.execute("UPDATE ledger SET version = %s", (VERSION,))
    db.execute("ALTER TABLE ledger ENABLE TRIGGER USER")


def copy_ledger(file: Path, address: str) -> audit.Audit:
    """Copy a file's plans, approvals and events into an empty ledger, with the key that seals them; check the result.

    Takes the owner's login. Nothing is copied unless all of it is, and matches its events on both sides: LedgerTampered
    if not. Raises LedgerUnavailable if the ledger holds anything, or if a plan of the file is approved, sent in part,
    being sent or unknown: it could go on in both. Nobody writes to the file meanwhile. Approvals that were copied carry
    no login.
    """
    source, target = Store(file), PostgresStore(address)
    with source.writing() as old, target.writing() as new:
        if not (found := audit.verify(old)).is_whole:
            raise LedgerTampered(f"Nothing was copied, as the file does not match its events: {found}")
        if any(new.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchall() for table in _COPIED):
            raise LedgerUnavailable(f"{target.name} holds plans already: copy into one that `seax ledger init` made.")
        _check_settled(old)
        _replace_key(new, old.key)
        for table, order in _COPIED.items():
            _copy_rows(old, new, table, order)
        new.key = old.key
        copied = audit.verify(new)
        if not copied.is_whole or copied.seal != found.seal:
            raise LedgerTampered(f"Nothing was copied, as the copy does not match its events: {copied}")
    return copied


def _check_settled(old: chain.LedgerConnection) -> None:
    query = f"SELECT id, state, workspace FROM plans WHERE state IN ({', '.join('?' * len(_UNSETTLED))}) ORDER BY id"
    unsettled = [f"{plan_id} ({state}, {workspace})" for plan_id, state, workspace in old.execute(query, _UNSETTLED)]
    if unsettled:
        raise LedgerUnavailable(
            f"Nothing was copied, as these plans could go on in the file and in the copy: {', '.join(unsettled)}. With "
            "SEAX_LEDGER unset, send or `seax withdraw` what is approved or partial, and `seax reconcile` what is "
            "sending or unknown; then copy."
        )


def _replace_key(new: PostgresTransaction, key: bytes) -> None:
    new.execute("ALTER TABLE ledger DISABLE TRIGGER USER")
    new.execute("UPDATE ledger SET key = ?", (key,))
    new.execute("ALTER TABLE ledger ENABLE TRIGGER USER")


def _copy_rows(old: chain.LedgerConnection, new: PostgresTransaction, table: str, order: str) -> None:
    columns = [row[1] for row in old.execute(f"PRAGMA table_info({table})")]  # without those that are derived
    rows = [tuple(row) for row in old.execute(f"SELECT {', '.join(columns)} FROM {table} ORDER BY {order}")]
    if not rows:
        return
    if table == "approvals":
        columns, rows = [*columns, "login"], [(*row, "") for row in rows]  # nobody's: no login of the server wrote it
    marks = ", ".join("?" * len(columns))
    new.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")  # a plan that was sent begins as planned only once
    new.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)
    new.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
