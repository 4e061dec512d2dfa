"""The server that tests of a team's ledger run on."""

from __future__ import annotations

import psycopg
import pytest

from tests.postgres_server import PostgresServer


def test_a_server_answers_and_each_database_is_its_own(postgres_server: PostgresServer) -> None:
    first, second = postgres_server.database(), postgres_server.database()
    with psycopg.connect(postgres_server.address(first)) as db:
        db.execute("CREATE TABLE plans ()")

    with psycopg.connect(postgres_server.address(second)) as db, pytest.raises(psycopg.errors.UndefinedTable):
        db.execute("TABLE plans")


def test_nobody_reaches_it_over_a_network(postgres_server: PostgresServer) -> None:
    with psycopg.connect(postgres_server.address("postgres")) as db:
        assert db.execute("SHOW listen_addresses").fetchone() == ("",)
