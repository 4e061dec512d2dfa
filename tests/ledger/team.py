"""Ledgers in PostgreSQL for tests: empty ones, and logins with the roles that a team gives."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.postgres_server import PostgresServer
from toolkit.ledger.postgres_schema import APPROVER, PLANNER, ROLES, SENDER
from toolkit.ledger.postgres_setup import create_ledger

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
        self.by_hand("TRUNCATE plans, steps, approvals, events")


def copy_of(address: str) -> str:
    """The address of a copy of a ledger, for the same login."""
    database, name = urlsplit(address).path[1:], f"copy_{secrets.token_hex(4)}"
    with psycopg.connect(address.replace("//ana@", "//admin@").replace(database, "postgres", 1), autocommit=True) as db:
        db.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (database,))
        db.execute(f"CREATE DATABASE {name} TEMPLATE {database}".encode())
    return address.replace(database, name, 1)


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
