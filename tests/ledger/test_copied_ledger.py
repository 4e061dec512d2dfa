"""A file's ledger copied into a team's in PostgreSQL: all of it or nothing, and no plan goes on in both."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.builders import START
from tests.ledger.test_ledger import approved, claimed, plan_of, receipt_of
from tests.ledger.test_team_ledger import run
from tests.postgres_server import PostgresServer
from toolkit.errors import LedgerTampered, LedgerUnavailable
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.team.postgres import PostgresTransaction
from toolkit.ledger.team.postgres_setup import copy_ledger, create_ledger
from toolkit.plans.states import State


@pytest.fixture
def address(postgres_server: PostgresServer) -> str:
    """The owner's address of an empty ledger."""
    address = postgres_server.address(postgres_server.database())
    create_ledger(address)
    return address


def test_a_file_s_plans_approvals_and_events_are_copied_with_their_seals(tmp_path: Path, address: str) -> None:
    old = Ledger(tmp_path / "ledger.sqlite3")
    approval = approved(old, plan_of())
    claimed(old, approval)
    old.settle("plan_1", receipt_of("sent"), who="ana")
    old.record_plan(plan_of(2, intent="2"))
    anchor = old.anchor(START)

    assert "2 plans and 5 events were copied" in run(address, "copy", str(tmp_path / "ledger.sqlite3"))

    new = Ledger(address)
    assert new.verify(anchor).is_whole
    assert [new.entry(f"plan_{number}") for number in (1, 2)] == [old.entry(f"plan_{number}") for number in (1, 2)]
    assert new.events("plan_1") == old.events("plan_1")
    assert new.approvals("plan_1") == [approval]
    with psycopg.connect(address) as db:
        assert db.execute("SELECT login FROM seax.approvals").fetchall() == [("",)]
    approved(new, plan_of(3, intent="3"))
    assert new.verify(anchor).is_whole
    with pytest.raises(LedgerUnavailable, match="holds plans already"):
        copy_ledger(tmp_path / "ledger.sqlite3", address)


@pytest.mark.parametrize("standing", ["approved", "partial", "sending", "unknown"])
def test_a_file_is_not_copied_while_a_plan_could_go_on_in_both(tmp_path: Path, address: str, standing: State) -> None:
    old = Ledger(tmp_path / "ledger.sqlite3")
    approval = approved(old, plan_of(steps=2 if standing == "partial" else 1))
    if standing != "approved":
        claimed(old, approval)
    if standing == "partial":
        old.settle("plan_1", receipt_of("sent"), who="ana")
    if standing == "unknown":
        old.settle("plan_1", receipt_of("unknown"), who="ana")

    with pytest.raises(LedgerUnavailable, match=rf"plan_1 \({standing}, .*With SEAX_LEDGER unset.*reconcile"):
        copy_ledger(tmp_path / "ledger.sqlite3", address)

    assert (old.entry("plan_1").state, Ledger(address).verify().plans) == (standing, 0)


def test_nobody_writes_to_a_file_while_it_is_copied(
    tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, insert = tmp_path / "ledger.sqlite3", PostgresTransaction.executemany
    Ledger(file).record_plan(plan_of())

    def with_another_writer(*given: Any) -> None:
        with (
            closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as db,
            pytest.raises(sqlite3.OperationalError, match="locked"),
        ):
            db.execute("BEGIN IMMEDIATE")
        insert(*given)

    monkeypatch.setattr(PostgresTransaction, "executemany", with_another_writer)

    assert copy_ledger(file, address).plans == 1


def test_an_edited_file_is_not_copied(tmp_path: Path, address: str) -> None:
    approved(Ledger(tmp_path / "ledger.sqlite3"), plan_of())
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite3", isolation_level=None)) as db:
        db.execute("UPDATE plans SET digest = 'other'")

    with pytest.raises(LedgerTampered, match="Nothing was copied"):
        copy_ledger(tmp_path / "ledger.sqlite3", address)

    assert Ledger(address).verify().plans == 0
