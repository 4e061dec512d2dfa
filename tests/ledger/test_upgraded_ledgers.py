"""Ledgers of the versions before, brought to this one with all that is in them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.ledger.team import TeamLedger
from tests.ledger.test_ledger import approved, claimed, plan_of, receipt_of
from tests.ledger.test_team_ledger import run
from tests.postgres_server import PostgresServer
from toolkit.errors import LedgerUnavailable
from toolkit.ledger import postgres_schema
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.postgres_setup import copy_ledger, create_ledger, upgrade_ledger
from toolkit.ledger.store import Store

BEFORE = Path(__file__).parent
TABLES = {"plans": "created_at", "steps": "plan_id", "approvals": "id", "events": "seq"}


def filled(ledger: Ledger) -> None:
    """One plan that was sent, and one that waits."""
    approval = approved(ledger, plan_of())
    claimed(ledger, approval)
    ledger.settle("plan_1", receipt_of("sent"), who="Zoë")
    ledger.record_plan(plan_of(2, intent="2"))


def file_of_version_4(folder: Path) -> Path:
    """A file as the program before this one wrote it."""
    filled(Ledger(folder / "new.sqlite3"))
    (folder / "new.key").rename(folder / "old.key")
    with (
        closing(sqlite3.connect(folder / "new.sqlite3")) as new,
        closing(sqlite3.connect(folder / "old.sqlite3", isolation_level=None)) as old,
    ):
        old.executescript((BEFORE / "sqlite_version_4.sql").read_text(encoding="utf-8"))
        for (name,) in old.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            old.execute(f"DROP TRIGGER {name}")
        for table, order in TABLES.items():
            columns = [row[1] for row in old.execute(f"PRAGMA table_info({table})")]
            rows = new.execute(f"SELECT {', '.join(columns)} FROM {table} ORDER BY {order}").fetchall()
            old.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})", rows)
        old.executescript((BEFORE / "sqlite_version_4.sql").read_text(encoding="utf-8") + "PRAGMA user_version = 4")
    return folder / "old.sqlite3"


def shape(db: Any, query: str) -> set[tuple[str, ...]]:
    """What a query says of a database's tables, whatever the spaces."""
    return {tuple(" ".join(str(each).split()) for each in row) for row in db.execute(query).fetchall()}


def test_a_file_of_the_version_before_is_upgraded_when_it_is_opened(tmp_path: Path) -> None:
    path = file_of_version_4(tmp_path)

    ledger = Ledger(path)

    assert ledger.verify().is_whole
    assert ledger.entry("plan_1").state == "sent"
    assert claimed(ledger, approved(ledger, plan_of(3, intent="3")))
    query = "SELECT name FROM sqlite_master UNION SELECT m.name || '.' || c.name FROM sqlite_master AS m, "
    query += "pragma_table_xinfo(m.name) AS c"
    with closing(sqlite3.connect(path)) as old, closing(sqlite3.connect(Store(tmp_path / "x.sqlite3").path)) as new:
        assert shape(old, query) == shape(new, query)


def test_a_team_s_ledger_of_the_version_before_is_upgraded_by_its_owner(
    tmp_path: Path, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = (postgres_server.address(postgres_server.database()) for _ in range(2))
    schema = (BEFORE / "postgresql_version_1.sql").read_text(encoding="utf-8")
    with monkeypatch.context() as before:
        before.setattr("toolkit.ledger.postgres_setup.SCHEMA", schema)
        create_ledger(old)
        filled(Ledger(tmp_path / "ledger.sqlite3"))
        copy_ledger(tmp_path / "ledger.sqlite3", old)
    with psycopg.connect(old) as db:
        db.execute("ALTER TABLE seax.ledger DISABLE TRIGGER USER; UPDATE seax.ledger SET version = 1")
        db.execute("ALTER TABLE seax.ledger ENABLE TRIGGER USER")
    with pytest.raises(LedgerUnavailable, match=r"version 1.*seax ledger upgrade"):
        Ledger(old)

    assert "is upgraded" in run(old, "upgrade")
    assert "nothing to do" in run(old, "upgrade")

    create_ledger(new)
    ledger = Ledger(old)
    assert ledger.verify().is_whole
    assert claimed(ledger, approved(ledger, plan_of(3, intent="3")))
    assert ledger.verify().is_whole
    for query in SHAPES:
        with psycopg.connect(old) as first, psycopg.connect(new) as second:
            assert shape(first, query) == shape(second, query)


SHAPES = (
    "SELECT table_name, column_name, data_type, generation_expression, is_nullable FROM information_schema.columns "
    "WHERE table_schema = 'seax'",
    "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'seax'::regnamespace",
    "SELECT indexdef FROM pg_indexes WHERE schemaname = 'seax'",
    "SELECT tablename, policyname, cmd, qual, with_check FROM pg_policies",
    "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'seax'::regnamespace",
    "SELECT table_name, grantee, privilege_type FROM information_schema.role_table_grants WHERE table_schema = 'seax' "
    "AND grantee LIKE 'seax%'",
    "SELECT version FROM seax.ledger",
)


def test_who_does_not_own_a_ledger_upgrades_nothing(team: TeamLedger) -> None:
    team.by_hand("UPDATE ledger SET version = version - 1")
    try:
        with pytest.raises(LedgerUnavailable, match="its owner's login"):
            upgrade_ledger(team.address("ana"))
    finally:
        team.by_hand(f"UPDATE ledger SET version = {postgres_schema.VERSION}")
