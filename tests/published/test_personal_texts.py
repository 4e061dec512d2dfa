"""Many personal texts go in few requests, each to its phone as it was approved, and to nobody who opted out."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from tests.builders import Clock
from tests.filling import new_sandbox
from tests.wire import Wire, fault
from toolkit.audience.segment import Segment
from toolkit.audience.waterfall import build_audience
from toolkit.errors import AudienceChanged, DraftError, OutcomeUnknown, ServiceError
from toolkit.plans.approval import Approval
from toolkit.plans.draft import MessagesDraft
from toolkit.plans.plan import Plan
from toolkit.sandbox import Behaviour, Sandbox
from toolkit.sandbox.options import Published
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect

TEXT = "Hi {name}, your table is ready. Reply STOP to opt out."


@pytest.fixture
def ws(tmp_path: Path, sandbox: Sandbox, wire: Wire, clock: Clock) -> Workspace:
    return connect(Settings(home=tmp_path, dialect="published"), sandbox=sandbox, transport=wire, now=clock)


def personal(ws: Workspace, number: int, name: str = "Tables") -> MessagesDraft:
    audience = build_audience(Segment.everyone(), ws.snapshot(), live=False, by_label=False)
    ids = tuple(audience.contacts.ids[audience.recipients][:number])
    assert len(ids) == number
    return MessagesDraft(name=name, message=TEXT, contact_ids=ids, sender="Marketing Line")


def yes(plan: Plan) -> Approval:
    return plan.approve(recipients=plan.recipients, by="ana")


def opt_out(ws: Workspace, sandbox: Sandbox, contact_id: str) -> None:
    """What the service writes when somebody replies STOP."""
    contacts = ws.snapshot()
    row = int(contacts.ids.get_loc(contact_id))
    theirs = {contacts.labels[code].id for code in contacts.table["labels"][row].as_py()}
    label = next(each.id for each in contacts.labels if each.name == "DNC")
    url = f"http://localhost/seax-api/api/v1/workspace/{sandbox.workspace_id}/contacts/{contact_id}"
    with httpx.Client(transport=sandbox.transport(), headers={"X-API-KEY": sandbox.api_key}) as colleague:
        colleague.patch(url, json={"contact_label_ids": sorted(theirs | {label})}).raise_for_status()


@pytest.fixture
def in_threes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thirty people take three requests of ten."""
    monkeypatch.setattr("toolkit.api.published.MOST_PERSONAL", 10)


def test_five_thousand_personal_texts_take_ten_requests_and_the_log_has_each_as_planned(
    tmp_path: Path, clock: Clock
) -> None:
    sandbox = new_sandbox(tmp_path / "service", contacts=9_000, now=clock)
    wire = Wire(sandbox)
    ws = connect(Settings(home=tmp_path, dialect="published"), sandbox=sandbox, transport=wire, now=clock)
    draft = personal(ws, 5_000)

    plan = ws.plan(draft)
    receipt = ws.send(yes(plan))
    sandbox.clock.advance(timedelta(hours=9))

    assert (plan.recipients, len(plan.steps), len(wire.posts)) == (5_000, 10, 10)
    assert (receipt.status, len(receipt.campaign_ids)) == ("sent", 10)
    logs = ws.logs(receipt.campaign_ids)
    names = dict(zip(ws.snapshot().ids, ws.snapshot().table["name"].to_pylist(), strict=True))
    wanted = {each: TEXT.replace("{name}", names[each]) for each in draft.contact_ids}
    assert dict(zip(logs["contact_id"], logs["text"], strict=True)) == wanted
    assert ws.ledger.check_plan_recipients(plan.id).is_exact


def test_a_few_are_sent_one_by_one(ws: Workspace, wire: Wire) -> None:
    ws.send(yes(ws.plan(personal(ws, 3))))

    assert [post.url.path.rsplit("/", 1)[-1] for post in wire.posts] == ["sms"] * 3
    assert all("/messages/" in post.url.path for post in wire.posts)


def test_who_opts_out_between_two_requests_is_excluded_from_the_next(
    ws: Workspace, wire: Wire, sandbox: Sandbox, in_threes: None
) -> None:
    draft = personal(ws, 30)
    plan, gone = ws.plan(draft), draft.contact_ids[25]
    wire.before = lambda: opt_out(ws, sandbox, gone) if len(wire.posts) == 1 else None
    receipt = ws.send(yes(plan))
    sandbox.clock.advance(timedelta(hours=9))

    assert [step.recipients for step in receipt.steps] == [10, 10, 9]
    assert "1 excluded" in receipt.steps[2].detail
    assert set(ws.logs(receipt.campaign_ids)["contact_id"]) == {*draft.contact_ids} - {gone}
    assert ws.ledger.check_plan_recipients(plan.id).missing == (gone,)


def test_who_opts_out_before_it_begins_asks_for_approval_again(
    ws: Workspace, wire: Wire, sandbox: Sandbox, in_threes: None
) -> None:
    plan = ws.plan(personal(ws, 30))
    opt_out(ws, sandbox, plan.recipient_ids[4])

    with pytest.raises(AudienceChanged):
        ws.send(yes(plan))
    assert wire.posts == []


def test_what_waits_goes_on_in_the_parts_that_were_approved(
    ws: Workspace, wire: Wire, sandbox: Sandbox, in_threes: None
) -> None:
    draft = personal(ws, 30)
    plan = ws.plan(draft)
    approval = yes(plan)
    wire.before = lambda: httpx.Response(429, json={"detail": "Slow down"}) if len(wire.posts) == 1 else None
    with pytest.raises(ServiceError):
        ws.send(approval)
    wire.before = None
    opt_out(ws, sandbox, draft.contact_ids[2])  # of those who were sent theirs
    opt_out(ws, sandbox, draft.contact_ids[12])
    receipt = ws.send(approval)

    sent = [[each["destination"] for each in body["sms_campaign"]["destinations"]] for body in wire.bodies]
    assert [len(each) for each in sent] == [10, 9, 10]
    assert len({phone for each in sent for phone in each}) == 29
    assert receipt.status == "sent"


def test_a_name_that_changes_meanwhile_is_not_sent_in_another_text(
    ws: Workspace, wire: Wire, sandbox: Sandbox, in_threes: None
) -> None:
    draft = personal(ws, 30)
    approval = yes(ws.plan(draft))
    wire.before = lambda: httpx.Response(429, json={"detail": "Slow down"}) if len(wire.posts) == 1 else None
    with pytest.raises(ServiceError):
        ws.send(approval)
    wire.before = None
    url = f"http://localhost/seax-api/api/v1/workspace/{sandbox.workspace_id}/contacts/{draft.contact_ids[12]}"
    with httpx.Client(transport=sandbox.transport(), headers={"X-API-KEY": sandbox.api_key}) as colleague:
        colleague.patch(url, json={"name": "Somebody Else"}).raise_for_status()
    ws.send(approval)

    assert not any("Somebody Else" in str(body) for body in wire.bodies)
    assert [len(body["sms_campaign"]["destinations"]) for body in wire.bodies] == [10, 9, 10]


def test_a_text_that_the_service_changed_is_named(ws: Workspace, sandbox: Sandbox) -> None:
    plan = ws.plan(personal(ws, 30))
    receipt = ws.send(yes(plan))
    sandbox.clock.advance(timedelta(hours=9))
    logs = ws.logs(receipt.campaign_ids)
    other = logs["contact_id"].iloc[3]
    logs.loc[logs.index[3], "text"] = "Something else"

    check = ws.ledger.check_campaign_recipients(receipt.campaign_ids[0], logs=logs)

    assert not check.is_exact
    assert check.with_other_text == (other,)
    assert "another text than the plan's" in str(check)


@pytest.mark.parametrize("is_listed", [True, False])
@pytest.mark.parametrize("arrives", [True, False])
def test_a_lost_answer_is_settled_by_the_list_or_by_what_recipients_have(
    tmp_path: Path, clock: Clock, *, is_listed: bool, arrives: bool
) -> None:
    behaviour = Behaviour(published=Published(is_bulk_listed=is_listed))
    sandbox = new_sandbox(tmp_path / "service", contacts=200, now=clock, behaviour=behaviour)
    wire = Wire(sandbox)
    ws = connect(Settings(home=tmp_path, dialect="published"), sandbox=sandbox, transport=wire, now=clock)
    plan = ws.plan(personal(ws, 30))
    broken = fault(httpx.ReadError("broken"))
    wire.after, wire.before = (broken, None) if arrives else (None, broken)  # type: ignore[assignment]
    with pytest.raises(OutcomeUnknown):
        ws.send(yes(plan))
    wire.after = wire.before = None
    clock.move(minutes=11)
    sandbox.clock.advance(timedelta(minutes=11))

    receipt = ws.ledger.reconcile(plan.id)

    assert receipt.status == ("sent" if arrives else "refused")
    assert bool(receipt.campaign_id) == arrives
    if arrives:
        assert ws.send(ws.approvals.latest(plan.id)).repeated
    assert len(wire.posts) == int(arrives)


def test_a_campaign_of_others_is_not_taken_for_it(ws: Workspace, wire: Wire, sandbox: Sandbox, clock: Clock) -> None:
    plan = ws.plan(personal(ws, 30))
    wire.after = fault(httpx.ReadError("broken"))
    with pytest.raises(OutcomeUnknown):
        ws.send(yes(plan))
    wire.after = None
    other = ws.send(yes(ws.plan(personal(ws, 31, name="Chairs"))))
    clock.move(minutes=11)
    sandbox.clock.advance(timedelta(minutes=11))

    with pytest.raises(OutcomeUnknown, match="belongs to another plan"):
        ws.ledger.reconcile(plan.id, found=other.campaign_id)
    assert ws.ledger.reconcile(plan.id).campaign_id not in {None, other.campaign_id}


def test_a_campaign_of_its_name_with_other_texts_is_not_taken_for_it(
    ws: Workspace, wire: Wire, sandbox: Sandbox, clock: Clock, tmp_path: Path
) -> None:
    plan = ws.plan(personal(ws, 30))
    wire.after = fault(httpx.ReadError("broken"))
    with pytest.raises(OutcomeUnknown):
        ws.send(yes(plan))
    wire.after = None
    (tmp_path / "other").mkdir()
    with connect(Settings(home=tmp_path / "other", dialect="published"), sandbox=sandbox, now=clock) as colleague:
        draft = personal(colleague, 30).model_copy(update={"message": f"{TEXT} Bye."})
        other = colleague.send(yes(colleague.plan(draft)))
    clock.move(minutes=11)
    sandbox.clock.advance(timedelta(minutes=11))

    receipt = ws.ledger.reconcile(plan.id)

    assert receipt.status == "sent"
    assert receipt.campaign_id not in {None, other.campaign_id}


def test_a_service_that_sends_one_at_a_time_takes_two_hundred(tmp_path: Path, clock: Clock) -> None:
    ws = connect(Settings(home=tmp_path), sandbox=new_sandbox(tmp_path / "service", contacts=400, now=clock), now=clock)

    with pytest.raises(DraftError, match=re.escape("one at a time, so a list has 200 people at most")):
        ws.plan(personal(ws, 201))


def test_on_a_live_workspace_nothing_found_is_left_to_a_person(
    ws: Workspace, wire: Wire, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = ws.plan(personal(ws, 30))
    wire.before = fault(httpx.ReadError("broken"))
    with pytest.raises(OutcomeUnknown):
        ws.send(yes(plan))
    clock.move(minutes=11)
    monkeypatch.setattr(ws.ledger, "_witness", replace(ws.ledger._witness, live=True))

    with pytest.raises(OutcomeUnknown, match="Look in SeaX under Campaigns for 'Tables, messages 1 to 30'"):
        ws.ledger.reconcile(plan.id)
