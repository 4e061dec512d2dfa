"""A team's ledger in PostgreSQL: making it, and what the database refuses each login."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from tests.builders import KEY, Clock, campaign_draft
from tests.filling import new_sandbox
from tests.ledger.team import TeamLedger
from tests.ledger.test_ledger import approved, claimed, plan_of
from tests.postgres_server import PostgresServer
from toolkit.cli.app import app
from toolkit.errors import ApprovalRefused, LedgerUnavailable, SettingsError, ToolkitError
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.team.postgres_setup import create_ledger
from toolkit.settings import Settings
from toolkit.workspace import connect

LIVE = {"SEAX_API_KEY": KEY, "SEAX_WORKSPACE_ID": "w1"}


def run(address: str, *words: str) -> str:
    """What `seax ledger` says."""
    done = CliRunner().invoke(app, ["ledger", *words], env={"SEAX_LEDGER": address})
    if isinstance(done.exception, ToolkitError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


# Made, examined


def test_a_ledger_is_made_once_and_examined(postgres_server: PostgresServer) -> None:
    address = postgres_server.address(postgres_server.database())
    with pytest.raises(SettingsError, match="seax ledger init"):
        run(address, "check")

    assert "seax_approver" in run(address, "init")

    checked = run(address, "check")
    assert "it owns the tables" in checked
    assert "sealed with the team's key. The owner of the database has that key" in checked
    with pytest.raises(LedgerUnavailable, match="exists already"):
        run(address, "init")


def test_a_login_without_rights_makes_no_part_of_a_ledger(team: TeamLedger) -> None:
    with pytest.raises(LedgerUnavailable, match="needs CREATE"):
        create_ledger(team.server.address("postgres", "planner"))

    with psycopg.connect(team.server.address("postgres")) as db:
        assert db.execute("SELECT FROM pg_namespace WHERE nspname = 'seax'").fetchall() == []


@pytest.mark.parametrize("address", ["mysql://host/x", "host=here", "ledger.sqlite3"])
def test_what_is_not_an_address_is_said(tmp_path: Path, address: str) -> None:
    with pytest.raises(SettingsError, match="postgresql://host/database"):
        Settings.from_environment({"SEAX_HOME": str(tmp_path), "SEAX_LEDGER": address})


@pytest.mark.parametrize("address", ["postgresql://ana:hush@host/team", "postgresql://host/team?pass%77ord=hush"])
def test_a_password_in_the_address_is_refused_and_not_repeated(tmp_path: Path, address: str) -> None:
    settings = Settings.from_environment(LIVE | {"SEAX_HOME": str(tmp_path), "SEAX_LEDGER": address})

    with pytest.raises(SettingsError, match=r"\.pgpass") as caught:
        connect(settings)

    assert "hush" not in f"{caught.value} {settings!r}"


def test_a_server_that_does_not_answer_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(LedgerUnavailable, match=r"PostgreSQL \(team\) cannot be used .* Nothing is sent without it"):
        Ledger(f"postgresql://ana@/team?host={tmp_path}")


def test_no_demo_is_answered_with_what_a_colleague_s_demo_sent(tmp_path: Path, team: TeamLedger) -> None:
    answers = []
    for login in ("ana", "ben"):
        settings = Settings.from_environment({"SEAX_HOME": str(tmp_path / login), "SEAX_LEDGER": team.address(login)})
        sandbox = new_sandbox(tmp_path / f"{login}.sqlite3", contacts=400, now=Clock())
        with closing(sandbox), connect(settings, sandbox=sandbox) as ws:
            plan = ws.plan(campaign_draft())
            answers.append((plan.already_sent, ws.send(plan.approve(recipients=plan.recipients, by=login)).status))

    assert answers == [("", "sent"), ("", "sent")]
    assert Ledger(team.address()).verify().plans == 0
    assert Settings.from_environment(LIVE | {"SEAX_LEDGER": team.address()}).ledger_place == team.address()


def test_the_team_s_ledger_is_examined_without_a_key(team: TeamLedger) -> None:
    approved(Ledger(team.address()), plan_of())

    done = CliRunner().invoke(app, ["audit", "verify", "--json"], env={"SEAX_LEDGER": team.address()})
    checked = CliRunner().invoke(app, ["ledger", "check", "--json"], env={"SEAX_LEDGER": team.address()})
    found = CliRunner().invoke(app, ["doctor"], env={"SEAX_LEDGER": team.address()})

    assert json.loads(done.output)["plans"] == 1
    assert json.loads(checked.output) == json.loads(done.output) | {"login": str(Ledger(team.address()).access())}
    assert "the embedded workspace keeps its own" in found.output


def test_a_login_is_told_what_it_may_do(team: TeamLedger) -> None:
    said = {login: str(Ledger(team.address(login)).access()) for login in ("ana", "assistant", "admin")}

    assert said["ana"] == "login ana may plan, send, approve"
    assert said["assistant"] == "login assistant may plan, send"
    assert "the database stops it from nothing" in said["admin"]


# By hand, as a login that plans and sends

APPROVAL = "INSERT INTO approvals (id, plan_id, digest, body) VALUES ('x', 'plan_1', 'd1', '{}')"
EVENT = "INSERT INTO events VALUES (2, 'plan_1', NULL, '2026', 'approved', 'approved', 'ana', 'panel', '', '', 'x')"
NAMES = "Zoë ''O\"\\ 王 😀 \t\x7f\x01 & </b>"
ATTEMPTS = {
    "an approval": APPROVAL,
    "an approval under another's login": APPROVAL.replace("(id", "(login, id").replace("('x'", "('ana', 'x'"),
    "an approval by copy": "COPY approvals (id, plan_id, digest, body) FROM STDIN",
    "an approval by a prepared statement": f"PREPARE p AS {APPROVAL}; EXECUTE p",
    "an approval through a rule of upsert": f"{APPROVAL} ON CONFLICT (id) DO UPDATE SET body = '{{}}'",
    "an event that says it was approved": EVENT,
    "a state": "UPDATE plans SET state = 'approved'",
    "a claim of what nobody approved": "UPDATE plans SET state = 'sending'",
    "another text in a plan": "UPDATE plans SET body = '{}'",
    "another digest": "UPDATE plans SET digest = 'other'",
    "another event": "UPDATE events SET who = 'ana'",
    "no events": "DELETE FROM events",
    "no plans": "DELETE FROM plans",
    "an emptied table": "TRUNCATE events",
    "the approver's role": "SET ROLE seax_approver",
    "the owner's role": "SET ROLE admin",
    "another login": "SET SESSION AUTHORIZATION ana",
    "a role for itself": "GRANT seax_approver TO assistant",
    "no triggers": "ALTER TABLE plans DISABLE TRIGGER ALL",
    "no triggers in this session": "SET session_replication_role TO replica",
    "no row security": "ALTER TABLE approvals DISABLE ROW LEVEL SECURITY",
    "another function of a trigger": "CREATE OR REPLACE FUNCTION seax.plans_move() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RETURN NEW; END $$",
    "a function of its own in the ledger": "CREATE FUNCTION seax.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "a table of its own in the ledger": "CREATE TABLE seax.approvals2 ()",
    "a dropped trigger": "DROP TRIGGER events_stay ON events",
    "a dropped policy": "DROP POLICY own_login ON approvals",
    "a program on the server": "COPY (SELECT 1) TO PROGRAM 'true'",
    "a file on the server": "COPY events TO '/tmp/seax-events'",
    "an approval by the state of another event": "UPDATE plans SET state = 'approved'; "
    + EVENT.replace("'approved', 'approved'", "'claimed', 'approved'"),
    "an event with another state": EVENT.replace("'approved', 'approved'", "'withdrawn', 'withdrawn'"),
    "an event of a plan that is not there": EVENT.replace("plan_1", "plan_9").replace("'approved'", "'withdrawn'"),
    "a state without its event": "UPDATE plans SET state = 'withdrawn'",
    "a plan without its event": "INSERT INTO plans SELECT 'plan_2', workspace, kind, intent, digest, state, "
    "created_at, expires_at, replace(body, 'plan_1', 'plan_2'), recipient_ids FROM plans",
    "a plan that is another in its text": "INSERT INTO plans SELECT 'plan_2', workspace, kind, intent, digest, state, "
    "created_at, expires_at, body, recipient_ids FROM plans",
    "an event that resumes sending": EVENT.replace("plan_1", "").replace("'approved', 'approved'", "'resumed', ''"),
    "another key": "UPDATE ledger SET key = ''",
}


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS)
def test_the_database_refuses_who_plans_and_sends(team: TeamLedger, attempt: str) -> None:
    Ledger(team.address("assistant")).record_plan(plan_of())

    with team.connect("assistant") as db, pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.IntegrityError)):
        _try(db, attempt)

    ledger = Ledger(team.address())
    assert (ledger.entry("plan_1").state, ledger.approvals("plan_1")) == ("planned", [])
    assert ledger.verify().is_whole


def test_who_sends_may_not_say_that_it_was_approved(team: TeamLedger) -> None:
    Ledger(team.address("assistant")).record_plan(plan_of())

    with team.connect("assistant") as db, pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level"):
        db.execute(EVENT.replace("'approved', 'approved'", "'approved', 'planned'").encode())


def _try(db: psycopg.Connection, attempt: str) -> None:
    if not attempt.endswith("FROM STDIN"):
        db.execute(attempt.encode())
        return
    with db.cursor().copy(attempt.encode()) as rows:
        rows.write("x\tplan_1\td1\t{}\n")


def test_a_table_of_the_session_stands_in_for_none_of_the_ledger(team: TeamLedger) -> None:
    Ledger(team.address("assistant")).record_plan(plan_of())

    with team.connect("assistant") as db:
        db.execute("CREATE TEMP TABLE approvals (plan_id text, digest text)")
        db.execute("INSERT INTO pg_temp.approvals VALUES ('plan_1', 'd1')")
        db.execute("SET search_path TO pg_temp, seax")
        with pytest.raises(psycopg.IntegrityError, match="nobody approved"):
            db.execute("UPDATE seax.plans SET state = 'approved'")


def test_a_sender_takes_nobody_out_of_what_today_s_limits_count(team: TeamLedger) -> None:
    with team.connect("assistant") as db:
        db.execute("INSERT INTO claimed_people SELECT to_char(now(), 'YYYY-MM-DD') || ' c1', 'plan_1', 1")
        db.execute("INSERT INTO claimed_people VALUES ('2020-01-01 c1', 'plan_1', 1)")
        db.execute("DELETE FROM claimed_people")
        assert len(db.execute("SELECT FROM claimed_people WHERE day_and_contact > '2021'").fetchall()) == 1
        assert len(db.execute("SELECT FROM claimed_people").fetchall()) == 1
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute("UPDATE claimed_people SET step = 2")
    with team.connect("planner") as db, pytest.raises(psycopg.errors.InsufficientPrivilege):
        db.execute("INSERT INTO claimed_people VALUES ('2020-01-01 c1', 'plan_1', 1)")


def test_who_only_plans_sends_nothing(team: TeamLedger) -> None:
    approval = approved(Ledger(team.address()), plan_of())

    with pytest.raises(LedgerUnavailable, match="seax_sender"):
        claimed(Ledger(team.address("planner")), approval)
    with team.connect("planner") as db, pytest.raises(psycopg.errors.InsufficientPrivilege):
        db.execute("UPDATE plans SET state = 'sending'")

    assert claimed(Ledger(team.address("assistant")), approval)


def test_no_event_gets_a_false_seal_or_place(team: TeamLedger) -> None:
    Ledger(team.address("assistant")).record_plan(plan_of())

    with team.connect("assistant") as db:
        said = EVENT.replace("(2,", "(9,").replace("'approved', 'approved'", "'withdrawn', 'planned'")
        db.execute(said.replace("'ana'", f"'{NAMES}'").encode())
        assert db.execute("SELECT seq, hash = 'x' FROM events WHERE event = 'withdrawn'").fetchall() == [(2, False)]

    ledger = Ledger(team.address())
    assert ledger.events("plan_1")[-1].who == NAMES.replace("''", "'")
    assert ledger.verify().is_whole
    assert claimed(ledger, approved(ledger, plan_of(2, intent="2")))


def test_an_approver_writes_no_approval_without_its_event_and_no_event_without_its_approval(team: TeamLedger) -> None:
    Ledger(team.address()).record_plan(plan_of())

    for statement in (APPROVAL, EVENT.replace("'approved', 'approved'", "'approved', 'planned'")):
        with team.connect("approver") as db, pytest.raises(psycopg.IntegrityError, match="an approval comes with one"):
            db.execute(statement.encode())

    assert Ledger(team.address()).verify().is_whole


def test_an_approver_writes_under_its_own_login_alone(team: TeamLedger) -> None:
    approved(Ledger(team.address("ben")), plan_of())

    with team.connect("ana") as db:
        assert db.execute("SELECT login FROM approvals").fetchall() == [("ben",)]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute(
                "INSERT INTO approvals (id, plan_id, digest, body, login) VALUES ('x', 'plan_1', 'd1', '', 'ben')"
            )


def test_a_login_that_may_not_approve_is_told_where_to(team: TeamLedger) -> None:
    own = Ledger(team.address("assistant"))
    plan = plan_of()
    approval = approved(Ledger(team.address("ana")), plan)

    with pytest.raises(ApprovalRefused, match="takes no approval from this login"):
        own.record_approval(approval.model_copy(update={"id": "another"}))

    assert own.approvals(plan.id) == [approval]
    assert own.verify().is_whole


@pytest.mark.parametrize("login", ["admin", "ana"])
def test_the_owner_too_changes_no_event_or_approval_while_its_triggers_stand(team: TeamLedger, login: str) -> None:
    approved(Ledger(team.address()), plan_of())

    for statement in ("UPDATE events SET who = 'eve'", "DELETE FROM approvals", "UPDATE approvals SET body = ''"):
        with team.connect(login) as db, pytest.raises((psycopg.IntegrityError, psycopg.errors.InsufficientPrivilege)):
            db.execute(statement.encode())
