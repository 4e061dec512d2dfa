from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from tests.builders import START
from tests.sending.conftest import campaign_draft
from toolkit.errors import ApprovalInvalid, LedgerUnavailable, OutcomeUnknown, PlanNotFound, PlanWithdrawn
from toolkit.sending.approval import Approval
from toolkit.sending.ledger import Ledger, Receipt
from toolkit.sending.plan import Plan

WORKSPACE = "https://example.com/w"


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "own.sqlite3")


def plan_of(number: int = 1, *, intent: str = "i1") -> Plan:
    return Plan(
        id=f"plan_{number}",
        digest=f"d{number}",
        audience_digest="a",
        request_digest="r",
        intent=intent,
        base_url="https://example.com",
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
        id=f"approval_{plan.id}", plan_id=plan.id, digest=plan.digest, by="ana", via="code", approved_at=START
    )
    ledger.record_approval(approval)
    return approval


def receipt_of(plan: Plan, status: str) -> Receipt:
    return Receipt(plan_id=plan.id, status=status, at=START, recipients=2)  # type: ignore[arg-type]


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

    assert ledger.claim(approval, START)
    assert not ledger.claim(approval, START)


def test_a_plan_without_a_yes_cannot_be_claimed(ledger: Ledger) -> None:
    plan = plan_of()
    ledger.record_plan(plan)
    approval = Approval(id="x", plan_id=plan.id, digest=plan.digest, by="ana", via="code", approved_at=START)

    assert not ledger.claim(approval, START)


def test_two_plans_of_one_intent_cannot_both_leave(ledger: Ledger) -> None:
    first, second = approved(ledger, plan_of(1)), approved(ledger, plan_of(2))

    assert ledger.claim(first, START)
    assert not ledger.claim(second, START)
    sent = ledger.sent("i1")
    assert sent is not None
    assert sent.plan.id == "plan_1"


def test_a_refusal_gives_the_approval_back(ledger: Ledger) -> None:
    plan = plan_of()
    approval = approved(ledger, plan)
    ledger.claim(approval, START)

    ledger.settle(receipt_of(plan, "refused"), "approved", who="ana")

    assert ledger.entry(plan.id).state == "approved"
    assert ledger.claim(approval, START)


def test_only_a_plan_that_left_can_be_settled(ledger: Ledger) -> None:
    plan = plan_of()
    approved(ledger, plan)

    with pytest.raises(OutcomeUnknown, match="settled otherwise"):
        ledger.settle(receipt_of(plan, "sent"), "sent", who="ana")


def test_a_plan_that_left_cannot_be_withdrawn(ledger: Ledger) -> None:
    plan = plan_of()
    ledger.claim(approved(ledger, plan), START)

    assert not ledger.close(plan.id, "withdrawn", by="ana", via="code", at=START)
    assert ledger.entry(plan.id).state == "sending"


def test_what_happened_is_kept_in_order(ledger: Ledger) -> None:
    plan = plan_of()
    ledger.claim(approved(ledger, plan), START)
    ledger.settle(receipt_of(plan, "sent"), "sent", who="ana")

    events = ledger.events(plan.id)

    assert [event.event for event in events] == ["planned", "approved", "sending", "sent"]
    assert [event.who for event in events] == ["", "ana", "ana", "ana"]
    assert ledger.first_tampered() is None


@pytest.mark.parametrize("change", ["UPDATE events SET who = 'bob' WHERE seq = 2", "DELETE FROM events WHERE seq = 2"])
def test_events_cannot_be_changed_and_tampering_shows(ledger: Ledger, change: str) -> None:
    approved(ledger, plan_of())
    with sqlite3.connect(ledger.path) as db:
        with pytest.raises(sqlite3.IntegrityError, match="only added"):
            db.execute(change)
        db.executescript("DROP TRIGGER events_stay; DROP TRIGGER events_remain;")
        db.execute(
            "INSERT INTO events SELECT 3, plan_id, at, event, who, via, digest, detail, hash FROM events LIMIT 1"
        )
        db.execute(change)
    db.close()

    assert ledger.first_tampered() in {2, 3}


def test_an_approval_is_what_was_recorded_and_nothing_else(ledger: Ledger) -> None:
    approval = approved(ledger, plan_of())

    ledger.check_approval(approval)
    assert ledger.approval_of("plan_1") == approval
    with pytest.raises(ApprovalInvalid):
        ledger.check_approval(approval.model_copy(update={"by": "bob"}))
    with pytest.raises(ApprovalInvalid):
        ledger.approval_of("plan_2")


def test_only_its_owner_reads_the_ledger(ledger: Ledger) -> None:
    assert stat.S_IMODE(ledger.path.stat().st_mode) == 0o600


def test_a_file_that_is_no_ledger_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "text.sqlite3"
    path.write_text("not a database at all, only some text in a file")

    with pytest.raises(LedgerUnavailable, match="check SEAX_HOME"):
        Ledger(path)


def test_an_approval_of_another_version_cannot_claim(ledger: Ledger) -> None:
    approval = approved(ledger, plan_of())

    assert not ledger.claim(approval.model_copy(update={"digest": "other"}), START)


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

    with pytest.raises(sqlite3.IntegrityError):
        ledger.record_approval(approval)  # the same id again

    assert len(ledger.events("plan_1")) == 2


def test_every_step_is_on_the_disk_before_the_next(ledger: Ledger) -> None:
    with ledger._writing() as db:
        assert db.execute("PRAGMA synchronous").fetchone()[0] == 2  # FULL
        assert db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        locked = pytest.raises(sqlite3.OperationalError, match="locked")
        with closing(sqlite3.connect(ledger.path, timeout=0)) as other, locked:
            other.execute("BEGIN IMMEDIATE")  # a writer keeps the others out from its start
