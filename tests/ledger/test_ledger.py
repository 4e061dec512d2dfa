# One file: every test runs on both stores, which are opened here.
from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.builders import START, campaign_draft
from toolkit.errors import (
    ApprovalInvalid,
    LedgerTampered,
    LedgerUnavailable,
    LimitReached,
    OutcomeUnknown,
    PlanNotFound,
    PlanWithdrawn,
)
from toolkit.ledger import chain
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.limits import Limits
from toolkit.plans.approval import Approval
from toolkit.plans.plan import Plan
from toolkit.plans.plan_step import PlanStep
from toolkit.plans.receipt import StepReceipt
from toolkit.plans.states import PLAN_MOVES, STEP_MOVES, StepState, standing

WORKSPACE = "example.com/w"
INTEGRITY = (sqlite3.IntegrityError, psycopg.IntegrityError)


@pytest.fixture
def file_ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "own.sqlite3")


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger(request: pytest.FixtureRequest) -> Ledger:
    if request.param == "sqlite":
        file: Ledger = request.getfixturevalue("file_ledger")
        return file
    return Ledger(request.getfixturevalue("team").address())


def edit(ledger: Ledger, *statements: str) -> None:
    """What somebody changed who can write the database, and whom no trigger stops."""
    if isinstance(ledger.path, str):
        with psycopg.connect(ledger.path.replace("//ana@", "//admin@"), autocommit=True) as team:
            team.execute("SET search_path TO seax, pg_temp; SET session_replication_role TO replica")
            for statement in statements:
                team.execute(statement.replace("x'789c03000000000001'", "'\\x789c03000000000001'::bytea").encode())
        return
    with closing(sqlite3.connect(ledger.path, isolation_level=None)) as db:
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            db.execute(statement)


@contextmanager
def by_hand(ledger: Ledger) -> Iterator[Any]:
    """A connection on which somebody types statements: the owner's, whom triggers do stop."""
    if isinstance(ledger.path, str):
        with psycopg.connect(ledger.path.replace("//ana@", "//admin@"), autocommit=True) as team:
            team.execute("SET search_path TO seax, pg_temp")
            yield team
        return
    with closing(sqlite3.connect(ledger.path, isolation_level=None)) as db:
        yield db


def rows(ledger: Ledger, query: str) -> list[Any]:
    with by_hand(ledger) as db:
        return [tuple(row) for row in db.execute(query).fetchall()]


def plan_of(number: int = 1, *, intent: str = "i1", steps: int = 1) -> Plan:
    each = tuple(PlanStep(number=at, what="a part", recipients=2 // steps, digest="s") for at in range(1, steps + 1))
    return Plan(
        steps=each,
        id=f"plan_{number}",
        digest=f"d{number}",
        audience_digest="a",
        request_digest="r",
        intent=intent,
        host="example.com",
        workspace_id="w",
        live=False,
        draft=campaign_draft(),
        recipients=2,
        selected=2,
        created_at=START + timedelta(seconds=number),
        expires_at=START + timedelta(minutes=30),
        recipient_ids=("c1", "c2"),
    )


def approved(ledger: Ledger, plan: Plan) -> Approval:
    ledger.record_plan(plan)
    approval = Approval(
        id=f"approval_{plan.id}",
        plan_id=plan.id,
        digest=plan.digest,
        by="ana",
        via="code",
        approved_at=START,
        expires_at=plan.expires_at,
    )
    ledger.record_approval(approval)
    return approval


def receipt_of(state: StepState, number: int = 1) -> StepReceipt:
    return StepReceipt(number=number, what="a part", state=state, at=START, recipients=2)


def claimed(ledger: Ledger, approval: Approval, step: int = 1, **more: Limits) -> bool:
    return ledger.claim(approval, step, at=START, **more)


def test_a_plan_comes_back_as_it_was_kept(ledger: Ledger) -> None:
    plan = plan_of()
    ledger.record_plan(plan)

    entry = ledger.entry(plan.id)

    assert entry.plan == plan
    assert entry.plan.recipient_ids == ("c1", "c2")
    assert (entry.state, entry.receipt) == ("planned", None)


def test_an_unknown_plan_is_named(ledger: Ledger) -> None:
    with pytest.raises(PlanNotFound, match="'plan_x'"):
        ledger.entry("plan_x")


def test_plans_are_listed_newest_first_and_by_state(ledger: Ledger) -> None:
    for number in (1, 2, 3):
        ledger.record_plan(plan_of(number, intent=str(number)))
    ledger.close("plan_2", "declined", by="ana", via="form", at=START)

    assert [entry.plan.id for entry in ledger.entries(WORKSPACE)] == ["plan_3", "plan_2", "plan_1"]
    assert [entry.plan.id for entry in ledger.entries(WORKSPACE, ["declined"])] == ["plan_2"]
    assert [entry.plan.id for entry in ledger.entries(WORKSPACE, limit=1)] == ["plan_3"]


def test_the_right_to_send_is_given_once(ledger: Ledger) -> None:
    approval = approved(ledger, plan_of())

    assert claimed(ledger, approval)
    assert not claimed(ledger, approval)


def test_a_plan_without_a_yes_cannot_be_claimed(ledger: Ledger) -> None:
    plan = plan_of()
    ledger.record_plan(plan)
    approval = Approval(
        id="x", plan_id=plan.id, digest=plan.digest, by="ana", via="code", approved_at=START, expires_at=START
    )

    assert not claimed(ledger, approval)


def test_two_plans_of_one_intent_cannot_both_leave(ledger: Ledger) -> None:
    first, second = approved(ledger, plan_of(1)), approved(ledger, plan_of(2))

    assert claimed(ledger, first)
    assert not claimed(ledger, second)
    sent = ledger.sent("i1")
    assert sent is not None
    assert sent.plan.id == "plan_1"


def test_a_refusal_gives_the_approval_back(ledger: Ledger) -> None:
    plan = plan_of()
    approval = approved(ledger, plan)
    claimed(ledger, approval)

    ledger.settle(plan.id, receipt_of("waiting"), who="ana")

    assert ledger.entry(plan.id).state == "approved"
    assert claimed(ledger, approval)


def test_only_a_plan_that_left_can_be_settled(ledger: Ledger) -> None:
    plan = plan_of()
    approved(ledger, plan)

    with pytest.raises(OutcomeUnknown, match="settled otherwise"):
        ledger.settle(plan.id, receipt_of("sent"), who="ana")


def test_a_plan_that_left_cannot_be_withdrawn(ledger: Ledger) -> None:
    plan = plan_of()
    claimed(ledger, approved(ledger, plan))

    assert not ledger.close(plan.id, "withdrawn", by="ana", via="code", at=START)
    assert ledger.entry(plan.id).state == "sending"


def test_what_happened_is_kept_in_order(ledger: Ledger) -> None:
    plan = plan_of()
    claimed(ledger, approved(ledger, plan))
    ledger.settle(plan.id, receipt_of("sent"), who="ana")

    events = ledger.events(plan.id)

    assert [event.event for event in events] == ["planned", "approved", "sending", "sent"]
    assert [event.who for event in events] == ["", "ana", "ana", "ana"]
    assert ledger.verify().is_whole


@pytest.mark.parametrize("change", ["UPDATE events SET who = 'bob' WHERE seq = 2", "DELETE FROM events WHERE seq = 2"])
def test_events_cannot_be_changed_and_tampering_shows(ledger: Ledger, change: str) -> None:
    approved(ledger, plan_of())
    with by_hand(ledger) as db, pytest.raises(INTEGRITY, match="only added"):
        db.execute(change)
    edit(
        ledger,
        "INSERT INTO events SELECT 3, plan_id, step, at, event, state, who, via, digest, detail, hash FROM events "
        "LIMIT 1",
        change,
    )

    assert not ledger.verify().is_whole


def test_an_event_that_was_sealed_anew_does_not_fit_those_after_it(ledger: Ledger) -> None:
    approved(ledger, plan_of())
    ((*content, _),) = rows(ledger, "SELECT * FROM events WHERE seq = 1")
    content[6] = "eve"
    seal = chain._seal(key_of(ledger), "", content)
    edit(ledger, f"UPDATE events SET who = 'eve', hash = '{seal}' WHERE seq = 1")

    assert str(ledger.verify()) == "Event 2 does not follow from the previous one."


def key_of(ledger: Ledger) -> bytes:
    if isinstance(ledger.path, str):
        ((key,),) = rows(ledger, "SELECT key FROM ledger")
        return bytes(key)
    return ledger.path.with_suffix(".key").read_bytes()


def written_again(ledger: Ledger, key: bytes) -> None:
    """Another chain in place of this one, whole and sealed with a key: what somebody wrote who can write the file."""
    seal, edits = "", []
    for row in rows(ledger, "SELECT * FROM events ORDER BY seq"):
        content = [*row[:6], "eve", *row[7:-1]]
        seal = chain._seal(key, seal, content)
        edits.append(f"UPDATE events SET who = 'eve', hash = '{seal}' WHERE seq = {row[0]}")
    edit(ledger, *edits)


def test_a_whole_chain_written_without_the_key_shows(ledger: Ledger) -> None:
    approved(ledger, plan_of())

    written_again(ledger, b"another key")

    assert "Event 1 does not follow" in str(ledger.verify())
    with pytest.raises(LedgerTampered):
        ledger.check("plan_1")


def test_a_whole_chain_written_with_the_key_shows_against_an_anchor_alone(ledger: Ledger) -> None:
    approved(ledger, plan_of())
    anchor = ledger.anchor(START)
    assert ledger.verify(anchor).is_whole
    assert f"Up to event {anchor.event} they match the anchor" in str(ledger.verify(anchor))

    written_again(ledger, key_of(ledger))

    assert "has that key and could have written them all" in str(
        ledger.verify()
    )  # nothing shows, and nothing else is said
    assert "Event 2 does not match the anchor" in str(ledger.verify(anchor))


def test_a_ledger_without_its_key_is_not_used(file_ledger: Ledger) -> None:
    Path(file_ledger.path).with_suffix(".key").unlink()

    with pytest.raises(LedgerUnavailable, match="put it back beside the ledger"):
        Ledger(file_ledger.path)


def test_an_approval_is_what_was_recorded_and_nothing_else(ledger: Ledger) -> None:
    approval = approved(ledger, plan_of())

    ledger.check_approval(approval)
    assert ledger.approval_of("plan_1") == approval
    with pytest.raises(ApprovalInvalid):
        ledger.check_approval(approval.model_copy(update={"by": "bob"}))
    with pytest.raises(ApprovalInvalid):
        ledger.approval_of("plan_2")


def test_only_its_owner_reads_the_ledger(file_ledger: Ledger) -> None:
    assert stat.S_IMODE(Path(file_ledger.path).stat().st_mode) == 0o600


def test_a_file_that_is_no_ledger_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "text.sqlite3"
    path.write_text("not a database at all, only some text in a file", encoding="utf-8")

    with pytest.raises(LedgerUnavailable, match="check SEAX_HOME"):
        Ledger(path)


def test_an_approval_of_another_version_cannot_claim(ledger: Ledger) -> None:
    approval = approved(ledger, plan_of())

    assert not claimed(ledger, approval.model_copy(update={"digest": "other"}))


def test_the_latest_yes_is_the_one_that_counts(ledger: Ledger) -> None:
    first = approved(ledger, plan_of())
    ledger.record_approval(first.model_copy(update={"id": "approval_2", "by": "bob"}))

    assert ledger.approval_of("plan_1").by == "bob"


@pytest.mark.parametrize("ending", ["declined", "withdrawn"])
def test_a_yes_that_comes_too_late_is_refused(ledger: Ledger, ending: str) -> None:
    approval = approved(ledger, plan_of())
    ledger.close("plan_1", ending, by="bob", via="panel", at=START)  # type: ignore[arg-type]

    with pytest.raises(PlanWithdrawn):
        ledger.record_approval(approval.model_copy(update={"id": "approval_2"}))

    assert ledger.entry("plan_1").state == ending
    assert [event.event for event in ledger.events("plan_1")] == ["planned", "approved", ending]


def test_a_write_that_fails_leaves_nothing_behind(ledger: Ledger) -> None:
    approval = approved(ledger, plan_of())

    with pytest.raises(INTEGRITY):
        ledger.record_approval(approval)  # the same id again

    assert len(ledger.events("plan_1")) == 2


def test_every_step_is_on_the_disk_before_the_next(file_ledger: Ledger) -> None:
    with file_ledger._store.writing() as db:
        assert db.execute("PRAGMA synchronous").fetchone()[0] == 3  # EXTRA
        assert db.execute("PRAGMA journal_mode").fetchone()[0] == "delete"  # no log beside it holds what is committed
        locked = pytest.raises(sqlite3.OperationalError, match="locked")
        with closing(sqlite3.connect(file_ledger.path, timeout=0)) as other, locked:
            other.execute("BEGIN IMMEDIATE")  # a writer keeps the others out from its start


# The state machine


def test_every_state_has_its_moves_and_every_move_leads_to_a_state() -> None:
    for moves in (PLAN_MOVES, STEP_MOVES):
        assert {new for some in moves.values() for new in some} <= set(moves)


@pytest.mark.parametrize(
    ("table", "state"), [("plans", state) for state in PLAN_MOVES] + [("steps", state) for state in STEP_MOVES]
)
def test_no_statement_moves_a_plan_where_it_may_not_go(ledger: Ledger, table: str, state: str) -> None:
    ledger.record_plan(plan_of())
    moves = PLAN_MOVES["planned"] if table == "plans" else STEP_MOVES["waiting"]
    begin = "planned" if table == "plans" else "waiting"

    with by_hand(ledger) as db:
        if state == "approved" and isinstance(ledger.path, str):
            with pytest.raises(INTEGRITY, match="nobody approved this plan"):
                db.execute(f"UPDATE {table} SET state = '{state}'")
        elif state in moves and table == "plans" and isinstance(ledger.path, str):
            with pytest.raises(INTEGRITY, match="a plan changes with an event"):
                db.execute(f"UPDATE {table} SET state = '{state}'")
        elif state in {begin, *moves}:
            db.execute(f"UPDATE {table} SET state = '{state}'")
        else:
            with pytest.raises(INTEGRITY, match="this change of state is not allowed"):
                db.execute(f"UPDATE {table} SET state = '{state}'")


@pytest.mark.parametrize("statement", ["DELETE FROM steps", "DELETE FROM plans"])
def test_rows_are_not_deleted(ledger: Ledger, statement: str) -> None:
    ledger.record_plan(plan_of())

    with by_hand(ledger) as db, pytest.raises(INTEGRITY):
        db.execute(statement)


@pytest.mark.parametrize(
    ("steps", "state"),
    [
        (["sending", "waiting"], "sending"),
        (["sent", "unknown"], "unknown"),
        (["sent", "waiting"], "partial"),
        (["refused", "waiting"], "partial"),
        (["waiting", "waiting"], "approved"),
        (["sent", "refused"], "sent"),
        (["refused", "refused"], "refused"),
    ],
)
def test_a_plan_stands_where_its_steps_stand(steps: list[StepState], state: str) -> None:
    assert standing(steps) == state


def test_steps_leave_in_their_order(ledger: Ledger) -> None:
    plan = plan_of(steps=2)
    approval = approved(ledger, plan)

    assert not claimed(ledger, approval, 2)
    assert claimed(ledger, approval, 1)
    assert not claimed(ledger, approval, 2)  # the first is on its way
    assert ledger.settle(plan.id, receipt_of("sent", 1), who="ana").state == "partial"
    assert not claimed(ledger, approval, 1)
    assert claimed(ledger, approval, 2)
    assert ledger.settle(plan.id, receipt_of("sent", 2), who="ana").state == "sent"


def test_ending_a_plan_that_left_in_part_stops_the_rest(ledger: Ledger) -> None:
    plan = plan_of(steps=2)
    approval = approved(ledger, plan)
    claimed(ledger, approval, 1)
    ledger.settle(plan.id, receipt_of("sent", 1), who="ana")

    assert ledger.close(plan.id, "withdrawn", by="ana", via="panel", at=START)

    assert ledger.entry(plan.id).state == "stopped"
    assert not claimed(ledger, approval, 2)
    assert ledger.sent("i1") is not None  # the same wish is not sent again to those who had it


def test_a_plan_past_its_time_expires(ledger: Ledger) -> None:
    for number in (1, 2):
        ledger.record_plan(plan_of(number, intent=str(number)))
    ledger.close("plan_2", "declined", by="ana", via="form", at=START)

    ledger.expire(WORKSPACE, START + timedelta(minutes=29, seconds=59))
    assert ledger.entry("plan_1").state == "planned"
    ledger.expire(WORKSPACE, START + timedelta(minutes=30))

    assert [ledger.entry(f"plan_{number}").state for number in (1, 2)] == ["expired", "declined"]
    assert ledger.events("plan_1")[-1].event == "expired"


# Limits


def test_a_daily_limit_counts_what_left_within_a_day(ledger: Ledger) -> None:
    first, second = (approved(ledger, plan_of(number, intent=str(number))) for number in (1, 2))
    limits = Limits(daily=3)
    assert claimed(ledger, first, limits=limits)
    ledger.settle("plan_1", receipt_of("sent"), who="ana")

    with pytest.raises(
        LimitReached, match="2 messages are sent or scheduled, and 2 more would exceed the policy's limit of 3"
    ):
        claimed(ledger, second, limits=limits)

    assert ledger.entry("plan_2").state == "approved"
    assert ledger.claim(second, 1, at=START + timedelta(hours=24), limits=limits)


@pytest.mark.parametrize("limits", [Limits(daily=3), Limits(per_person=1)])
@pytest.mark.parametrize(("hours", "may_leave"), [(0, False), (-23.9, False), (23.9, False), (-24, True), (24, True)])
def test_what_is_scheduled_counts_when_it_leaves(ledger: Ledger, limits: Limits, hours: float, may_leave: bool) -> None:
    first, second = (approved(ledger, plan_of(number, intent=str(number))) for number in (1, 2))
    in_ten_days = START + timedelta(days=10)
    assert ledger.claim(first, 1, at=START, leaves_at=in_ten_days, limits=limits)

    def claim(leaves_at: datetime) -> bool:
        return ledger.claim(second, 1, at=START, leaves_at=leaves_at, limits=limits)

    if may_leave:
        assert claim(in_ten_days + timedelta(hours=hours))
    else:
        with pytest.raises(LimitReached, match="Nothing was sent"):
            claim(in_ten_days + timedelta(hours=hours))
        assert claim(START)


def test_what_the_service_turned_down_counts_for_no_limit(ledger: Ledger) -> None:
    first, second = (approved(ledger, plan_of(number, intent=str(number))) for number in (1, 2))
    claimed(ledger, first)
    ledger.settle("plan_1", receipt_of("waiting"), who="ana")

    assert claimed(ledger, second, limits=Limits(daily=2, per_person=1))


@pytest.mark.parametrize("state", ["sending", "sent", "unknown"])
def test_nobody_gets_more_a_day_than_they_may_whatever_is_known_of_the_last(ledger: Ledger, state: StepState) -> None:
    first, second = (approved(ledger, plan_of(number, intent=str(number))) for number in (1, 2))
    claimed(ledger, first)
    if state != "sending":
        ledger.settle("plan_1", receipt_of(state), who="ana")

    with pytest.raises(
        LimitReached,
        match=r"2 recipients have already reached .* limit of 1 messages, sent or scheduled \('c1' first\)",
    ):
        claimed(ledger, second, limits=Limits(per_person=1))
    assert claimed(ledger, second, limits=Limits(per_person=2))


def test_what_went_to_another_contact_with_the_same_number_counts(ledger: Ledger) -> None:
    first, second = (approved(ledger, plan_of(number, intent=str(number))) for number in (1, 2))
    claimed(ledger, first)
    limits = Limits(per_person=2, namesakes={"c2": ("c1",)})

    with pytest.raises(
        LimitReached, match=r"1 recipient has already reached .* limit of 2 messages, sent or scheduled \('c2' first\)"
    ):
        claimed(ledger, second, limits=limits)


def test_a_step_that_is_claimed_again_on_another_day_counts_there_alone(ledger: Ledger) -> None:
    first, second = (approved(ledger, plan_of(number, intent=str(number))) for number in (1, 2))
    night, morning = START.replace(hour=23), START.replace(hour=23) + timedelta(hours=9)
    assert ledger.claim(first, 1, at=night)
    ledger.settle("plan_1", receipt_of("waiting"), who="ana")
    assert ledger.claim(first, 1, at=night, leaves_at=morning)

    with pytest.raises(LimitReached, match="have already reached"):
        ledger.claim(second, 1, at=night, limits=Limits(per_person=1))
    assert ledger.claim(second, 1, at=night, limits=Limits(per_person=2))


def test_whom_claims_reached_days_ago_is_not_kept(ledger: Ledger) -> None:
    first, second = (approved(ledger, plan_of(number, intent=str(number))) for number in (1, 2))

    def days() -> set[str]:
        with ledger._store.reading() as db:
            return {row[0].split()[0] for row in db.execute("SELECT day_and_contact FROM claimed_people")}

    assert claimed(ledger, first)
    assert days() == {START.date().isoformat()}
    later = START + timedelta(days=4)
    assert ledger.claim(second, 1, at=later)
    assert days() == {later.date().isoformat()}


# The audit


EDITS = {
    "a plan's text": "UPDATE plans SET body = replace(body, 'Hello', 'Howdy')",
    "a plan's digest": "UPDATE plans SET digest = 'other'",
    "a plan's expiry": "UPDATE plans SET expires_at = '2030-01-01T00:00:00+00:00'",
    "a plan's recipients": "UPDATE plans SET recipient_ids = x'789c03000000000001'",
    "a plan's state": "UPDATE plans SET state = 'withdrawn'",
    "a step's size": "UPDATE steps SET recipients = 1",
    "a step's state": "UPDATE steps SET state = 'refused'",
    "an approval": "UPDATE approvals SET body = replace(body, 'ana', 'eve')",
    "an approval put in": "INSERT INTO approvals (id, plan_id, digest, body) SELECT 'x', plan_id, digest, body "
    "FROM approvals",
    "an approval taken out": "DELETE FROM approvals",
}


@pytest.mark.parametrize("change", EDITS.values(), ids=EDITS)
def test_an_edited_row_shows_and_is_not_sent(ledger: Ledger, change: str) -> None:
    approved(ledger, plan_of())
    ledger.check("plan_1")
    edit(ledger, change)

    assert not ledger.verify().is_whole
    assert "plan_1" in str(ledger.verify())
    with pytest.raises(LedgerTampered, match="seax audit verify"):
        ledger.check("plan_1")


@pytest.mark.parametrize("change", ["UPDATE steps SET receipt = replace(receipt, 'a part', 'x')", "DELETE FROM events"])
def test_an_edited_receipt_or_a_lost_chain_shows(ledger: Ledger, change: str) -> None:
    claimed(ledger, approved(ledger, plan_of()))
    ledger.settle("plan_1", receipt_of("sent"), who="ana")
    assert ledger.verify().is_whole
    edit(ledger, change)

    assert not ledger.verify().is_whole


def test_events_say_who_and_from_which_face_and_show_no_phone(ledger: Ledger) -> None:
    ledger.record_plan(plan_of(), who="ana", via="notebook")
    ledger.close("plan_1", "declined", by="called +12025550147", via="form", at=START)
    plan = plan_of(2, intent="2")
    claimed(ledger, approved(ledger, plan))
    ledger.settle("plan_2", receipt_of("unknown").model_copy(update={"detail": "no +12025550147"}), who="ana")

    first = ledger.events("plan_1")[0]
    assert (first.event, first.who, first.via) == ("planned", "ana", "notebook")
    assert ledger.events("plan_2")[-1].detail == "no +1202•••0147"


def test_a_ledger_of_another_version_is_not_touched(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "old.sqlite3")) as db:
        db.execute("CREATE TABLE plans (id)")

    with pytest.raises(LedgerUnavailable, match="another version"):
        Ledger(tmp_path / "old.sqlite3")
