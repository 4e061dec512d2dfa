"""Ledgers in PostgreSQL for tests: empty ones, and logins with the roles that a team gives."""

from __future__ import annotations

from urllib.parse import urlsplit

import psycopg
import pytest

from tests.postgres_server import PostgresServer
from toolkit.ledger.team.postgres_schema import APPROVER, PLANNER, ROLES, SENDER
from toolkit.ledger.team.postgres_setup import create_ledger

LOGINS = {"ana": ROLES, "ben": ROLES, "assistant": (PLANNER, SENDER), "planner": (PLANNER,), "approver": (APPROVER,)}


class TeamLedger:
    """A ledger on a server: `address` of a login, and `by_hand` what its owner does behind everybody's back."""

    def __init__(self, server: PostgresServer) -> None:
        self.server = server
        self.database = server.database()
        create_ledger(self.address("admin"))
        with psycopg.connect(self.address("admin")) as db:
            for login, roles in LOGINS.items():
                known = db.execute("SELECT FROM pg_roles WHERE rolname = %s", (login,)).fetchall()
                if not known:
                    db.execute(f"CREATE ROLE {login} LOGIN IN ROLE {', '.join(roles)}".encode())

    def address(self, login: str = "ana") -> str:
        return self.server.address(self.database, login)

    def connect(self, login: str = "admin") -> psycopg.Connection:
        db = psycopg.connect(self.address(login), autocommit=True)
        db.execute("SET search_path TO seax, pg_temp")
        return db

    def by_hand(self, *statements: str) -> None:
        """What somebody did who may do anything, and whom no trigger stops."""
        with self.connect() as db:
            db.execute("SET session_replication_role TO replica")
            for statement in statements:
                db.execute(statement.encode())

    def empty(self) -> None:
        """Forget everything."""
        self.by_hand("TRUNCATE plans, steps, approvals, events, claimed_people, kept_work")


def copy_of(address: str, name: str = "copied") -> str:
    """The address of the copy of a ledger, for the same login: as the ledger is now, whatever the copy of that name was
    before."""
    database = urlsplit(address).path[1:]
    source, copy = (address.replace("//ana@", "//admin@").replace(database, each, 1) for each in (database, name))
    with psycopg.connect(source.replace(database, "postgres", 1), autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(1)")  # one copy at a time: a database that is copied is left by all
        if not server.execute("SELECT FROM pg_database WHERE datname = %s", (name,)).fetchall():
            _leave(server, database)
            server.execute(f"CREATE DATABASE {name} TEMPLATE {database}".encode())
        _leave(server, name)
        _fill(source, copy)
    return address.replace(database, name, 1)


def _fill(source: str, copy: str) -> None:
    with psycopg.connect(source) as old, psycopg.connect(copy) as new:
        new.execute(
            "SET session_replication_role TO replica; TRUNCATE seax.plans, seax.steps, seax.events, "
            "seax.approvals, seax.claimed_people, seax.kept_work"
        )
        new.execute("UPDATE seax.ledger SET key = %s", old.execute("SELECT key FROM seax.ledger").fetchone())
        for table in ("plans", "steps", "approvals", "events", "claimed_people", "kept_work"):
            with (
                old.cursor().copy(f"COPY seax.{table} TO STDOUT".encode()) as rows,
                new.cursor().copy(f"COPY seax.{table} FROM STDIN".encode()) as into,
            ):
                for block in rows:
                    into.write(block)


def _leave(server: psycopg.Connection, database: str) -> None:
    """Have everybody leave a database, killed processes too, whose connections the server still has."""
    who = "FROM pg_stat_activity WHERE datname = %s"
    server.execute(f"SELECT pg_terminate_backend(pid) {who}".encode(), (database,))
    while server.execute(f"SELECT {who}".encode(), (database,)).fetchall():
        pass


@pytest.fixture(scope="session")
def _team_of_the_run(postgres_server: PostgresServer) -> TeamLedger:
    return TeamLedger(postgres_server)


@pytest.fixture
def team(_team_of_the_run: TeamLedger) -> TeamLedger:
    """An empty ledger in PostgreSQL."""
    _team_of_the_run.empty()
    return _team_of_the_run


@pytest.fixture
def ledger_address(request: pytest.FixtureRequest) -> str | None:
    """Where the ledger of `ws` is: None for its file, or a team's, as `in_both_ledgers` or the option says."""
    chosen = getattr(request, "param", None) or request.config.getoption("--ledger")
    return request.getfixturevalue("team").address() if chosen == "postgresql" else None
