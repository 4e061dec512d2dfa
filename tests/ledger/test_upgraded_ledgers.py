"""Ledgers of the versions before, brought to this one with all that is in them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.ledger.team import TeamLedger
from tests.ledger.test_ledger import approved, claimed, plan_of, receipt_of
from tests.ledger.test_team_ledger import run
from tests.postgres_server import PostgresServer
from toolkit.errors import LedgerUnavailable, LimitReached
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.limits import Limits
from toolkit.ledger.store import Store
from toolkit.ledger.team import postgres_schema, postgres_setup
from toolkit.ledger.team.postgres_setup import copy_ledger, create_ledger, upgrade_ledger

BEFORE = Path(__file__).parent
TABLES = {"plans": "created_at", "steps": "plan_id", "approvals": "id", "events": "seq"}


def filled(ledger: Ledger) -> None:
    """One plan that was sent just now, and one that waits."""
    assert ledger.claim(approved(ledger, plan_of()), 1, at=datetime.now(UTC))
    ledger.settle("plan_1", receipt_of("sent"), who="Zoë")
    ledger.record_plan(plan_of(2, intent="2"))


def file_of(version: int, folder: Path) -> Path:
    """A file as an earlier program wrote it."""
    schema = (BEFORE / f"sqlite_version_{version}.sql").read_text(encoding="utf-8")
    filled(Ledger(folder / "new.sqlite3"))
    (folder / "new.key").rename(folder / "old.key")
    with (
        closing(sqlite3.connect(folder / "new.sqlite3")) as new,
        closing(sqlite3.connect(folder / "old.sqlite3", isolation_level=None)) as old,
    ):
        old.executescript(schema)
        triggers = old.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            old.execute(f"DROP TRIGGER {name}")
        for table, order in TABLES.items():
            columns = [row[1] for row in old.execute(f"PRAGMA table_info({table})")]
            rows = new.execute(f"SELECT {', '.join(columns)} FROM {table} ORDER BY {order}").fetchall()
            old.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})", rows)
        for _, sql in triggers:
            old.execute(sql)
        old.execute(f"PRAGMA user_version = {version}")
    return folder / "old.sqlite3"


def shape(db: Any, query: str) -> set[tuple[str, ...]]:
    """What a query says of a database's tables, whatever the spaces."""
    return {tuple(" ".join(str(each).split()) for each in row) for row in db.execute(query).fetchall()}


def check_counts(ledger: Ledger) -> None:
    """Whom it reached before it was upgraded counts."""
    approval = approved(ledger, plan_of(4, intent="4"))
    with pytest.raises(LimitReached, match="2 recipients have already reached"):
        ledger.claim(approval, 1, at=datetime.now(UTC), limits=Limits(per_person=1))


@pytest.mark.parametrize("version", [4, 5])
def test_a_file_of_a_version_before_is_upgraded_when_it_is_opened(tmp_path: Path, version: int) -> None:
    path = file_of(version, tmp_path)

    ledger = Ledger(path)

    assert ledger.verify().is_whole
    assert ledger.entry("plan_1").state == "sent"
    check_counts(ledger)
    assert claimed(ledger, approved(ledger, plan_of(3, intent="3")))
    query = "SELECT name FROM sqlite_master UNION SELECT m.name || '.' || c.name FROM sqlite_master AS m, "
    query += "pragma_table_xinfo(m.name) AS c"
    with closing(sqlite3.connect(path)) as old, closing(sqlite3.connect(Store(tmp_path / "x.sqlite3").path)) as new:
        assert shape(old, query) == shape(new, query)


@pytest.mark.parametrize("version", [1, 2, 3, 4])
def test_a_team_s_ledger_of_a_version_before_is_upgraded_by_its_owner(
    tmp_path: Path, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch, version: int
) -> None:
    old, new = (postgres_server.address(postgres_server.database()) for _ in range(2))
    schema = (BEFORE / f"postgresql_version_{version}.sql").read_text(encoding="utf-8")
    with monkeypatch.context() as before:
        before.setattr("toolkit.ledger.team.postgres_setup.SCHEMA", schema)
        if version < 3:
            before.delitem(postgres_setup._COPIED, "claimed_people")
        create_ledger(old)
        filled(Ledger(tmp_path / "ledger.sqlite3"))
        copy_ledger(tmp_path / "ledger.sqlite3", old)
    with psycopg.connect(old) as db:
        db.execute(f"ALTER TABLE seax.ledger DISABLE TRIGGER USER; UPDATE seax.ledger SET version = {version}".encode())
        db.execute("ALTER TABLE seax.ledger ENABLE TRIGGER USER")
    with pytest.raises(LedgerUnavailable, match=rf"version {version}.*seax ledger upgrade"):
        Ledger(old)

    assert "is upgraded" in run(old, "upgrade")
    assert "nothing to do" in run(old, "upgrade")

    create_ledger(new)
    ledger = Ledger(old)
    assert ledger.verify().is_whole
    check_counts(ledger)
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
