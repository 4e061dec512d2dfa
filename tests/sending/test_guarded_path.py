"""The invariants of sending, each through the workspace: what is refused, why, and that nothing left."""

from __future__ import annotations

import io
import sqlite3
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.builders import KEY, Clock, campaign_draft, live_draft
from tests.wire import LiveService, Wire, fault
from toolkit.audience.eligibility import Outcome
from toolkit.audience.segment import Segment
from toolkit.errors import (
    ApprovalInvalid,
    ApprovalRefused,
    AudienceChanged,
    ConnectionLost,
    DraftError,
    InvalidRequest,
    LedgerTampered,
    LedgerUnavailable,
    OutcomeUnknown,
    PlanBlocked,
    PlanChanged,
    PlanExpired,
    PlanNotFound,
    PlanWithdrawn,
    RateLimited,
    SegmentError,
    ToolkitError,
    Unauthorized,
    Unreachable,
)
from toolkit.plans.approval import Approval
from toolkit.plans.draft import CampaignDraft
from toolkit.plans.plan import Plan
from toolkit.plans.receipt import Receipt
from toolkit.sandbox import Sandbox
from toolkit.sections import when
from toolkit.sending import witness
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect


def yes(plan: Plan) -> Approval:
    return plan.approve(recipients=plan.recipients, by="ana")


def form_yes(live: Workspace, plan: Plan) -> Approval:
    """A yes given in the form of an MCP host."""
    with witness.answered_form():
        return live.approvals.approve(plan.id, recipients=plan.recipients, by="ana", via="form")


def state(ws: Workspace, plan: Plan) -> str:
    return ws.get_plan(plan.id).state


def test_an_approved_plan_reaches_exactly_its_recipients_once(
    ws: Workspace, wire: Wire, sandbox: Sandbox, clock: Clock, draft: CampaignDraft
) -> None:
    plan = ws.plan(draft)

    receipt = ws.send(yes(plan))

    assert (receipt.status, receipt.repeated, receipt.accepted) == ("sent", False, plan.recipients)
    assert receipt.campaign_id is not None
    assert len(wire.posts) == 1
    assert set(ws.logs(receipt.campaign_id)["contact_id"]) == set(plan.recipient_ids)
    assert plan.recipients > 0
    assert state(ws, plan) == "sent"


def test_what_is_sent_is_what_was_shown(ws: Workspace, wire: Wire, draft: CampaignDraft) -> None:
    plan = ws.plan(draft)
    ws.send(yes(plan))

    (body,) = wire.bodies
    assert (body["name"], body["message"], body["type"]) == (draft.name, draft.message, "SMS")
    assert body["phone_ids"] == [sender.id for sender in plan.senders]
    assert body["is_schedule"] is False
    assert draft.message in str(plan)
    assert f"{plan.recipients:,}" in str(plan)


def test_opted_out_people_are_excluded_by_us_and_by_the_service(
    ws: Workspace, wire: Wire, draft: CampaignDraft
) -> None:
    plan = ws.plan(draft)
    opted_out = plan.audience.ids(Outcome.OPTED_OUT)
    ws.send(yes(plan))

    labels = {label.name: label.id for label in plan.audience.contacts.labels}
    assert opted_out
    assert not set(opted_out) & set(plan.recipient_ids)
    assert {labels["DNC"], labels["unsubscribed"]} <= set(wire.bodies[0]["exclude_any_contact_label_ids"])


def test_a_wrong_count_approves_nothing(ws: Workspace, wire: Wire, draft: CampaignDraft) -> None:
    plan = ws.plan(draft)

    with pytest.raises(ApprovalRefused, match="give its exact number"):
        plan.approve(recipients=plan.recipients + 1, by="ana")

    assert not wire.posts
    assert state(ws, plan) == "planned"


def test_nobody_cannot_approve(ws: Workspace, draft: CampaignDraft) -> None:
    plan = ws.plan(draft)

    with pytest.raises(ApprovalRefused, match="No name was given"):
        plan.approve(recipients=plan.recipients, by=" ")


@pytest.mark.parametrize("outcome", ["declined", "withdrawn"])
def test_a_declined_or_withdrawn_plan_sends_nothing(
    ws: Workspace, wire: Wire, draft: CampaignDraft, outcome: str
) -> None:
    plan = ws.plan(draft)
    approval = yes(plan)
    assert ws.ledger.close_plan(plan.id, outcome, by="ana", via="code")  # type: ignore[arg-type]

    with pytest.raises(PlanWithdrawn, match=f"was {outcome}"):
        ws.send(approval)
    with pytest.raises(PlanWithdrawn):
        yes(plan)

    assert not wire.posts


def test_an_expired_plan_is_neither_approved_nor_sent(
    ws: Workspace, wire: Wire, clock: Clock, draft: CampaignDraft
) -> None:
    plan = ws.plan(draft)
    approval = yes(plan)
    clock.move(minutes=30)

    with pytest.raises(PlanExpired, match="plan the draft again"):
        ws.send(approval)
    with pytest.raises(PlanExpired):
        yes(plan)

    assert not wire.posts


def test_a_plan_a_moment_before_it_expires_is_sent(ws: Workspace, clock: Clock, draft: CampaignDraft) -> None:
    approval = yes(ws.plan(draft))
    clock.move(minutes=29, seconds=59)

    assert ws.send(approval).status == "sent"


def test_an_approval_used_twice_sends_once_and_says_so(ws: Workspace, wire: Wire, draft: CampaignDraft) -> None:
    approval = yes(ws.plan(draft))
    first = ws.send(approval)

    second = ws.send(approval)

    assert len(wire.posts) == 1
    assert second == first.model_copy(update={"repeated": True})
    assert "nothing was sent now" in str(second)


def test_the_same_program_run_again_sends_once(ws: Workspace, wire: Wire, sandbox: Sandbox, clock: Clock) -> None:
    def program() -> Receipt:
        plan = ws.plan(campaign_draft())
        return ws.send(plan.approve(recipients=plan.recipients, by="ana"))

    first = program()
    clock.move(days=1)  # long after the plan expired, and people have opted out meanwhile
    second = program()

    assert len(wire.posts) == 1
    assert second.campaign_id == first.campaign_id
    assert second.repeated


def test_another_name_makes_it_another_campaign(ws: Workspace, wire: Wire) -> None:
    ws.send(yes(ws.plan(campaign_draft("one"))))
    ws.send(yes(ws.plan(campaign_draft("two"))))

    assert [body["name"] for body in wire.bodies] == ["one", "two"]


@pytest.mark.parametrize(
    "change",
    [{"id": "approval_made_up"}, {"by": "somebody else"}, {"digest": "0" * 64}, {"plan_id": "plan_other"}],
    ids=lambda change: next(iter(change)),
)
def test_a_forged_approval_sends_nothing(
    ws: Workspace, wire: Wire, draft: CampaignDraft, change: dict[str, str]
) -> None:
    forged = yes(ws.plan(draft)).model_copy(update=change)

    with pytest.raises(ApprovalInvalid, match="Nothing was sent"):
        ws.send(forged)

    assert not wire.posts


def test_an_approval_edited_in_the_ledger_sends_nothing(
    ws: Workspace, wire: Wire, tmp_path: Path, draft: CampaignDraft
) -> None:
    approval = yes(ws.plan(draft))
    other = ws.plan(campaign_draft("other"))
    with sqlite3.connect(tmp_path / "embedded-ledger.sqlite3") as db:
        moved = approval.model_copy(update={"plan_id": other.id})
        db.execute("UPDATE approvals SET body = ?, plan_id = ?", (moved.model_dump_json(), other.id))

    with pytest.raises(LedgerTampered):
        ws.send(moved)

    assert not wire.posts


@pytest.mark.parametrize("thing", [None, True, {"confirm": True}, "approval_1"])
def test_only_an_approval_can_be_sent(ws: Workspace, wire: Wire, thing: object) -> None:
    with pytest.raises(ApprovalInvalid, match="Only an approval"):
        ws.send(thing)  # type: ignore[arg-type]

    assert not wire.posts


def test_someone_opting_out_after_the_yes_stops_the_send(
    ws: Workspace, wire: Wire, draft: CampaignDraft, import_rows: Callable[..., None]
) -> None:
    plan = ws.plan(draft)
    approval = yes(plan)
    person = plan.audience.frame.iloc[0]
    import_rows(f'{person["name"]},{person["phone"]},"vip_customers,DNC"')
    wire.posts.clear()

    with pytest.raises(AudienceChanged, match="0 contacts joined and 1 dropped out") as caught:
        ws.send(approval)

    assert caught.value.removed == (person["id"],)
    assert not wire.posts


def test_someone_joining_after_the_yes_stops_the_send(
    ws: Workspace, wire: Wire, draft: CampaignDraft, import_rows: Callable[..., None]
) -> None:
    approval = yes(ws.plan(draft))
    import_rows("New Person,+19995550001,vip_customers")

    with pytest.raises(
        AudienceChanged, match=r"1 contacts joined and 0 dropped out; joined: New Person \+1999•••0001"
    ) as caught:
        ws.send(approval)

    assert len(caught.value.added) == 1
    assert not wire.posts


def test_an_unchanged_audience_is_sent_though_other_contacts_changed(
    ws: Workspace, draft: CampaignDraft, import_rows: Callable[..., None]
) -> None:
    approval = yes(ws.plan(draft))
    import_rows("New Person,+19995550001,new_subscribers")

    assert ws.send(approval).status == "sent"


def test_a_recipient_with_another_phone_stops_the_send(live: Workspace, live_service: LiveService) -> None:
    plan = live.plan(live_draft())
    approval = form_yes(live, plan)
    live_service.contacts[0]["phone"] = "+999123456799"

    with pytest.raises(AudienceChanged, match="other phone numbers"):
        live.send(approval)

    assert not live_service.posts


def test_a_plan_that_becomes_blocked_is_not_sent(live: Workspace, live_service: LiveService, clock: Clock) -> None:
    starts = clock.time.replace(hour=18)
    plan = live.plan(live_draft().model_copy(update={"start_at": starts}))
    approval = form_yes(live, plan)
    passed = replace(live._planner._sources, service_now=lambda: starts)
    live._planner._sources = passed  # the service's clock passes the start, ours does not

    with pytest.raises(PlanBlocked, match="in the past"):
        live.send(approval)

    assert not live_service.posts


def test_another_sender_number_stops_the_send(ws: Workspace, wire: Wire, sandbox: Sandbox, tmp_path: Path) -> None:
    approval = yes(ws.plan(campaign_draft()))
    renumbered = Renumbered(sandbox)
    other = connect(Settings(home=tmp_path), sandbox=sandbox, transport=renumbered, now=ws._now)

    with pytest.raises(PlanChanged, match="senders"):
        other.send(approval)

    assert not renumbered.posts


class Renumbered(Wire):
    """A service whose Marketing Line has another number."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        if request.url.path.endswith("/phones"):
            return httpx.Response(200, content=response.read().replace(b"+1234567890", b"+15550109999"))
        return response


def test_blocking_findings_cannot_be_approved(ws: Workspace, wire: Wire) -> None:
    plan = ws.plan(campaign_draft(message="Hello {name}, reply STOP"))

    assert plan.is_blocked
    with pytest.raises(PlanBlocked, match="every recipient would read exactly that"):
        yes(plan)
    assert not wire.posts


def test_a_plan_for_nobody_cannot_be_approved(ws: Workspace) -> None:
    nobody = Segment.any_of("vip_customers") & ~Segment.any_of("vip_customers")
    plan = ws.plan(campaign_draft().model_copy(update={"segment": nobody}))

    with pytest.raises(PlanBlocked, match="There are no recipients"):
        plan.approve(recipients=0, by="ana")


def test_a_mistyped_label_or_sender_makes_no_plan(ws: Workspace) -> None:
    with pytest.raises(SegmentError, match="did you mean vip_customers"):
        ws.plan(campaign_draft().model_copy(update={"segment": Segment.any_of("vip_custmers")}))
    with pytest.raises(DraftError, match="did you mean Marketing Line"):
        ws.plan(campaign_draft().model_copy(update={"senders": ("Marketing Lime",)}))

    assert ws.plans() == []


@pytest.mark.parametrize(
    ("before", "after", "error"),
    [
        (fault(httpx.ConnectError("refused")), None, Unreachable),
        (None, lambda: httpx.Response(429, json={"retry_after": 5}), RateLimited),
        (None, lambda: httpx.Response(422, json={"message": "no"}), InvalidRequest),
    ],
    ids=["not reached", "429", "422"],
)
def test_a_definite_refusal_gives_the_approval_back(
    ws: Workspace, wire: Wire, draft: CampaignDraft, before: object, after: object, error: type[Exception]
) -> None:
    plan = ws.plan(draft)
    approval = yes(plan)
    wire.before, wire.after = before, after  # type: ignore[assignment]

    with pytest.raises(error):
        ws.send(approval)

    refused = ws.get_plan(plan.id)
    assert refused.state == "approved"
    assert refused.receipt is not None
    assert refused.receipt.status == "refused"


def test_an_approval_given_back_can_be_used(ws: Workspace, wire: Wire, draft: CampaignDraft) -> None:
    approval = yes(ws.plan(draft))
    wire.before = fault(httpx.ConnectError("refused"))
    with pytest.raises(Unreachable):
        ws.send(approval)
    wire.before = None

    assert ws.send(approval).status == "sent"
    assert len(wire.posts) == 1


@pytest.mark.parametrize(
    "after",
    [
        fault(httpx.ReadTimeout("slow")),
        fault(httpx.RemoteProtocolError("cut")),
        lambda: httpx.Response(500),
        lambda: httpx.Response(200, text="{"),
        lambda: httpx.Response(302),
        lambda: httpx.Response(408),
    ],
    ids=["timeout", "reset", "500", "garbled", "302", "408"],
)
def test_an_unclear_answer_is_unknown_and_never_sent_again(
    ws: Workspace, wire: Wire, draft: CampaignDraft, after: Callable[[], httpx.Response | None]
) -> None:
    plan = ws.plan(draft)
    approval = yes(plan)
    wire.after = after

    with pytest.raises(OutcomeUnknown, match="not tried again"):
        ws.send(approval)
    wire.after = None
    with pytest.raises(OutcomeUnknown, match="Nothing was sent now"):
        ws.send(approval)
    with pytest.raises(OutcomeUnknown):
        yes(ws.plan(draft))

    assert len(wire.posts) == 1
    assert state(ws, plan) == "unknown"


def test_being_interrupted_while_sending_is_unknown(ws: Workspace, wire: Wire, draft: CampaignDraft) -> None:
    plan = ws.plan(draft)
    approval = yes(plan)
    wire.after = fault(KeyboardInterrupt())  # type: ignore[assignment]

    with pytest.raises(KeyboardInterrupt):
        ws.send(approval)

    assert state(ws, plan) == "unknown"


def test_a_process_that_died_while_sending_left_it_unknown(
    ws: Workspace, wire: Wire, draft: CampaignDraft, clock: Clock
) -> None:
    approval = yes(ws.plan(draft))
    ws._ledger.claim(approval, 1, at=clock())  # and then the power went

    with pytest.raises(OutcomeUnknown, match=r"not known yet: another process is sending it.*`seax plans`.*17:10 UTC"):
        ws.send(approval)
    clock.move(minutes=10)
    with pytest.raises(OutcomeUnknown, match="seax reconcile"):
        ws.send(approval)

    assert not wire.posts


def left_unknown(ws: Workspace, wire: Wire, draft: CampaignDraft) -> Plan:
    """A plan whose request arrived and whose answer did not."""
    plan = ws.plan(draft)
    wire.after = fault(httpx.ReadTimeout("slow"))  # type: ignore[assignment]
    with pytest.raises(OutcomeUnknown):
        ws.send(yes(plan))
    wire.after = None
    return plan


def id_in_seax(sandbox: Sandbox, name: str) -> str:
    """What a person finds in SeaX."""
    (found,) = [campaign_id for campaign_id, called in sandbox.campaigns().items() if called == name]
    return found


def test_a_campaign_found_in_seax_settles_an_unknown_plan(
    ws: Workspace, wire: Wire, sandbox: Sandbox, draft: CampaignDraft
) -> None:
    plan = left_unknown(ws, wire, draft)
    campaign_id = id_in_seax(sandbox, draft.name)

    receipt = ws.ledger.reconcile(plan.id, found=campaign_id, by="ana")

    assert (receipt.status, receipt.campaign_id) == ("sent", campaign_id)
    assert ws.send(ws.approvals.latest(plan.id)).repeated
    assert len(wire.posts) == 1


def test_one_campaign_settles_one_plan(ws: Workspace, wire: Wire, sandbox: Sandbox, draft: CampaignDraft) -> None:
    first = left_unknown(ws, wire, draft)
    campaign_id = id_in_seax(sandbox, draft.name)
    ws.ledger.reconcile(first.id, found=campaign_id, by="ana")
    second = left_unknown(ws, wire, draft.model_copy(update={"shorten_links": True}))

    with pytest.raises(OutcomeUnknown, match="belongs to another plan"):
        ws.ledger.reconcile(second.id, found=campaign_id, by="ana")


@pytest.mark.parametrize("change", [{"name": "Other"}, {"message": "Other. Reply STOP."}], ids=["name", "text"])
def test_a_campaign_with_another_name_or_text_does_not_settle_it(
    ws: Workspace, wire: Wire, sandbox: Sandbox, draft: CampaignDraft, change: dict[str, str]
) -> None:
    plan = left_unknown(ws, wire, draft)
    url = f"{sandbox.base_url}/api/v1/workspace/{sandbox.workspace_id}/campaigns"
    with httpx.Client(transport=sandbox.transport(), headers={"X-API-KEY": sandbox.api_key}) as colleague:
        other = colleague.post(url, json=wire.bodies[0] | change).json()["id"]

    with pytest.raises(OutcomeUnknown, match=f"its {next(iter(change)).replace('message', 'text')} is 'Other"):
        ws.ledger.reconcile(plan.id, found=other, by="ana")


def never_arrived(ws: Workspace, wire: Wire, draft: CampaignDraft) -> Plan:
    """A plan whose request broke off on its way."""
    plan = ws.plan(draft)
    wire.before = fault(httpx.WriteError("broken"))
    with pytest.raises(OutcomeUnknown):
        ws.send(yes(plan))
    wire.before = None
    return plan


def test_what_did_not_arrive_ends_the_plan_after_a_while(
    ws: Workspace, wire: Wire, draft: CampaignDraft, clock: Clock
) -> None:
    plan = never_arrived(ws, wire, draft)

    with pytest.raises(OutcomeUnknown, match="still be on its way"):
        ws.ledger.reconcile(plan.id, found=None, by="ana")
    clock.move(minutes=10)
    ws.ledger.reconcile(plan.id, found=None, by="ana")

    assert state(ws, plan) == "refused"
    with pytest.raises(PlanWithdrawn):
        ws.send(ws.approvals.latest(plan.id))
    assert not wire.posts


def test_an_answer_that_comes_after_all_is_kept(ws: Workspace, wire: Wire, draft: CampaignDraft, clock: Clock) -> None:
    plan = ws.plan(draft)

    def settled_meanwhile() -> None:
        clock.move(minutes=10)
        ws.ledger.reconcile(plan.id, found=None, by="bob")

    wire.before = settled_meanwhile

    with pytest.raises(OutcomeUnknown, match="settled otherwise"):
        ws.send(yes(plan))

    last = ws.ledger.events(plan.id)[-1]
    assert last.event == "sent, too late"
    assert last.detail.startswith("campaign_")


def test_another_campaign_does_not_settle_it(ws: Workspace, wire: Wire, draft: CampaignDraft) -> None:
    plan = ws.plan(draft)
    wire.after = fault(httpx.ReadTimeout("slow"))  # type: ignore[assignment]
    with pytest.raises(OutcomeUnknown):
        ws.send(yes(plan))
    wire.after = None

    with pytest.raises(OutcomeUnknown, match="check again"):
        ws.ledger.reconcile(plan.id, found="campaign_12345678-abcd-efgh-ijkl-123456789012", by="ana")

    assert state(ws, plan) == "unknown"


def test_a_plan_still_on_its_way_cannot_be_called_lost(ws: Workspace, draft: CampaignDraft, clock: Clock) -> None:
    plan = ws.plan(draft)
    ws._ledger.claim(yes(plan), 1, at=clock())

    with pytest.raises(OutcomeUnknown, match="still be on its way"):
        ws.ledger.reconcile(plan.id, found=None, by="ana")
    clock.move(minutes=10)

    assert ws.ledger.reconcile(plan.id, found=None, by="ana").status == "refused"
    with pytest.raises(PlanWithdrawn):  # sending it after all takes a new plan and a new yes
        ws.send(ws.approvals.latest(plan.id))
    assert ws.plan(draft).id != plan.id


def test_a_plan_that_was_not_sent_has_nothing_to_reconcile(ws: Workspace, draft: CampaignDraft) -> None:
    with pytest.raises(OutcomeUnknown, match="nothing to reconcile"):
        ws.ledger.reconcile(ws.plan(draft).id, found=None, by="ana")


def test_two_at_once_send_once(
    ws: Workspace, wire: Wire, sandbox: Sandbox, tmp_path: Path, clock: Clock, draft: CampaignDraft
) -> None:
    first, second = yes(ws.plan(draft)), yes(ws.plan(draft))
    barrier = threading.Barrier(4)
    outcomes: list[object] = []

    def send(approval: Approval) -> None:
        with connect(Settings(home=tmp_path), sandbox=sandbox, transport=wire, now=clock) as own:
            barrier.wait()
            try:
                outcomes.append(own.send(approval).status)
            except ToolkitError as error:
                outcomes.append(type(error))

    threads = [threading.Thread(target=send, args=(approval,)) for approval in (first, first, second, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(wire.posts) == 1
    assert len(outcomes) == 4
    assert "sent" in outcomes
    assert set(outcomes) <= {"sent", OutcomeUnknown}


def test_without_a_ledger_nothing_is_sent(ws: Workspace, wire: Wire, tmp_path: Path, draft: CampaignDraft) -> None:
    approval = yes(ws.plan(draft))
    ledger = tmp_path / "embedded-ledger.sqlite3"
    for extra in tmp_path.glob("embedded-ledger.sqlite3-*"):
        extra.unlink()
    ledger.write_bytes(b"no database any more, for whatever reason")

    with pytest.raises(LedgerUnavailable, match="Nothing is sent without it"):
        ws.send(approval)

    assert not wire.posts


def test_another_count_at_the_service_is_said_loudly(ws: Workspace, wire: Wire, draft: CampaignDraft) -> None:
    plan = ws.plan(draft)
    times = {"created_time": "2026-03-03T10:00:00Z", "updated_time": "2026-03-03T10:00:00Z"}
    more = {"id": "c", "name": "n", "type": "SMS", "status": "sending", "target_contact_count": plan.recipients + 1}
    wire.after = lambda: httpx.Response(200, json=more | times)

    receipt = ws.send(yes(plan))

    assert receipt.detail.startswith(f"ATTENTION: the service counts {plan.recipients + 1:,} recipients")


def test_labels_to_attach_are_named_by_name_or_id(ws: Workspace, wire: Wire, draft: CampaignDraft) -> None:
    spare = "99999999-9999-4999-8999-999999999999"  # a label nobody has yet, which no contact can tell the name of
    labels = ("vip_customers", "11111111-2222-4444-3333-555555555555")
    plan = ws.plan(draft.model_copy(update={"attach_labels": labels}))
    ws.send(yes(plan))

    assert wire.bodies[0]["attach_contact_label_ids"] == ["11111111-2222-4444-3333-555555555555"] * 2
    assert not ws.plan(draft.model_copy(update={"name": "b", "attach_labels": (spare,)})).is_blocked
    with pytest.raises(SegmentError, match="did you mean vip_customers"):
        ws.plan(draft.model_copy(update={"attach_labels": ("vip_custmers",)}))


def test_a_ledger_that_fails_after_the_send_is_not_called_unsent(
    ws: Workspace, wire: Wire, draft: CampaignDraft, monkeypatch: pytest.MonkeyPatch
) -> None:
    approval = yes(ws.plan(draft))
    monkeypatch.setattr(ws._ledger, "settle", lambda *a, **k: fault(LedgerUnavailable("the disk is full"))())

    with pytest.raises(OutcomeUnknown, match="The request was sent"):
        ws.send(approval)

    assert len(wire.posts) == 1


def test_every_option_of_a_draft_is_shown(ws: Workspace, clock: Clock) -> None:
    starts = clock.time.replace(hour=20)
    draft = campaign_draft().model_copy(
        update={
            "type": "MMS",
            "media_urls": ("https://example.com/a.jpg", "https://example.com/b.jpg"),
            "start_at": starts,
            "end_at": starts.replace(hour=21),
            "shorten_links": True,
            "attach_labels": ("vip_customers",),
        }
    )

    shown = str(ws.plan(draft))

    for said in ("MMS", *draft.media_urls, when(starts), "03 21:00 UTC", "shortened", "vip_customers"):
        assert said in shown


def test_a_plan_that_left_says_so(ws: Workspace, draft: CampaignDraft) -> None:
    receipt = ws.send(yes(ws.plan(draft)))

    again = ws.plan(draft)

    assert "ALREADY SENT" in str(again)
    assert receipt.campaign_id is not None
    assert receipt.campaign_id in str(again)
    assert len(again.recipient_ids) == again.recipients


def test_the_same_wish_said_in_another_way_is_sent_once(ws: Workspace, wire: Wire, clock: Clock) -> None:
    ids = ws.audience(Segment.any_of("vip_customers")).frame["id"].tolist()[:3]
    starts = clock.time.replace(hour=20)
    for some, at in ((ids, starts), (ids[::-1] + ids[:1], starts.replace(minute=5))):
        draft = campaign_draft().model_copy(update={"segment": Segment.from_contacts(some), "start_at": at})
        ws.send(yes(ws.plan(draft)))

    assert len(wire.posts) == 1


def test_a_plan_that_expires_while_it_is_checked_again_is_not_sent(
    ws: Workspace, wire: Wire, draft: CampaignDraft, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    approval = yes(ws.plan(draft))
    prepare = ws._planner.prepare

    def slowly(draft: CampaignDraft, **now: Any) -> object:
        clock.move(minutes=31)
        return prepare(draft, **now)

    monkeypatch.setattr(ws._planner, "prepare", slowly)
    monkeypatch.setattr(ws._planner, "_sources", replace(ws._planner._sources, service_now=lambda: clock.time))

    with pytest.raises((PlanExpired, AudienceChanged)):
        ws.send(approval)

    assert not wire.posts


@pytest.mark.parametrize("recipients", [True, "94", None, 94.0])
def test_a_count_that_is_no_whole_number_approves_nothing(
    ws: Workspace, draft: CampaignDraft, recipients: object
) -> None:
    plan = ws.plan(draft)

    with pytest.raises(ApprovalRefused):
        plan.approve(recipients=recipients, by="ana")  # type: ignore[arg-type]


def test_an_accepted_campaign_whose_reply_is_incomplete_keeps_its_id(
    ws: Workspace, wire: Wire, draft: CampaignDraft
) -> None:
    plan = ws.plan(draft)
    wire.after = lambda: httpx.Response(201, json={"id": "campaign_77"})

    with pytest.raises(OutcomeUnknown, match="campaign_77"):
        ws.send(yes(plan))

    receipt = ws.get_plan(plan.id).receipt
    assert receipt is not None
    assert "campaign_77" in receipt.detail


def test_a_ledger_that_fails_after_a_lost_answer_is_not_called_unsent(
    ws: Workspace, wire: Wire, draft: CampaignDraft, monkeypatch: pytest.MonkeyPatch
) -> None:
    approval = yes(ws.plan(draft))
    wire.after = fault(httpx.ReadTimeout("slow"))  # type: ignore[assignment]
    monkeypatch.setattr(ws._ledger, "settle", lambda *a, **k: fault(LedgerUnavailable("the disk is full"))())

    with pytest.raises(OutcomeUnknown, match="The request was sent"):
        ws.send(approval)


# A live workspace


def test_code_cannot_approve_on_a_live_workspace(live: Workspace, live_service: LiveService) -> None:
    plan = live.plan(live_draft())

    with pytest.raises(ApprovalRefused, match="Code cannot approve on a live workspace"):
        plan.approve(recipients=3, by="ana")

    assert not live_service.posts


@pytest.mark.parametrize("via", ["panel", "terminal", "form", "code"])
def test_code_cannot_pass_itself_off_as_a_person(live: Workspace, via: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("3\n"))  # no terminal
    plan = live.plan(live_draft())

    with pytest.raises(ApprovalRefused, match="Nothing was sent"):
        live.approvals.approve(plan.id, recipients=3, by="ana", via=via)  # type: ignore[arg-type]


def test_a_click_approves_on_a_live_workspace(
    live: Workspace, live_service: LiveService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(witness, "is_browser_event", lambda: True)
    plan = live.plan(live_draft())

    receipt = live.send(live.approvals.approve(plan.id, recipients=3, by="ana", via="panel"))

    assert receipt.campaign_id == "campaign_1"
    assert len(live_service.posts) == 1
    assert live_service.keys == {KEY}


def test_a_live_workspace_texts_no_fictional_number(live: Workspace, live_service: LiveService) -> None:
    live_service.contacts[1]["phone"] = "+12025550147"

    plan = live.plan(live_draft())

    assert plan.recipient_ids == ("c0", "c2")
    assert {step.outcome: step.count for step in plan.waterfall} == {"locked": 1, "recipient": 2}


def test_a_key_that_the_service_repeats_is_not_passed_on(tmp_path: Path, clock: Clock) -> None:
    def echo(request: httpx.Request) -> httpx.Response:
        return httpx.Response(401, json={"message": f"Invalid API key {request.headers['X-API-KEY']}"})

    environ = {"SEAX_API_KEY": KEY, "SEAX_WORKSPACE_ID": "w1", "SEAX_HOME": str(tmp_path), "SEAX_MODE": "live"}
    echoing = connect(Settings.from_environment(environ), transport=httpx.MockTransport(echo), now=clock)

    with pytest.raises(Unauthorized) as caught:
        echoing.contacts()

    assert KEY not in str(caught.value)
    assert "(key)" in str(caught.value)


def test_an_error_of_the_network_carries_no_key(tmp_path: Path, clock: Clock) -> None:
    broken = httpx.MockTransport(lambda request: fault(httpx.ReadTimeout("slow", request=request))())  # type: ignore[arg-type,return-value]
    environ = {"SEAX_API_KEY": KEY, "SEAX_WORKSPACE_ID": "w1", "SEAX_HOME": str(tmp_path), "SEAX_MODE": "live"}

    with pytest.raises(ConnectionLost) as caught:
        connect(Settings.from_environment(environ), transport=broken, now=clock).contacts()

    cause = caught.value.__cause__
    assert isinstance(cause, httpx.RequestError)
    assert KEY not in str(list(cause.request.headers.raw))


def test_the_key_is_in_no_ledger_row_repr_or_plan(live: Workspace, tmp_path: Path) -> None:
    plan = live.plan(live_draft())
    approval = form_yes(live, plan)
    receipt = live.send(approval)

    shown = [
        repr(live),
        repr(plan),
        str(plan),
        plan._repr_html_(),
        repr(approval),
        repr(receipt),
        plan.model_dump_json(),
    ]
    assert not any(KEY in text for text in shown)
    assert KEY.encode() not in b"".join(path.read_bytes() for path in tmp_path.glob("ledger*"))


def test_full_phone_numbers_of_people_are_not_in_the_ledger(live: Workspace, tmp_path: Path) -> None:
    live.plan(live_draft())

    assert b"+99912345678" not in b"".join(path.read_bytes() for path in tmp_path.glob("ledger*"))


def test_a_plan_of_another_workspace_cannot_be_touched(
    live: Workspace, live_service: LiveService, tmp_path: Path, clock: Clock
) -> None:
    plan = live.plan(live_draft())
    approval = form_yes(live, plan)
    for env in ({"SEAX_WORKSPACE_ID": "w2"}, {"SEAX_BASE_URL": "https://staging.example"}):
        environ = {
            "SEAX_API_KEY": KEY,
            "SEAX_WORKSPACE_ID": "w1",
            "SEAX_HOME": str(tmp_path),
            "SEAX_MODE": "live",
        } | env
        other = connect(Settings.from_environment(environ), transport=live_service.transport, now=clock)

        assert other.plans() == []
        with pytest.raises(PlanNotFound):
            other.get_plan(plan.id)
        with pytest.raises(PlanNotFound):
            other.ledger.close_plan(plan.id, "declined", by="x", via="code")
        with pytest.raises(PlanNotFound):
            other.ledger.reconcile(plan.id, found=None, by="x")
        with pytest.raises(PlanNotFound):
            form_yes(other, plan)
        with pytest.raises(PlanChanged):
            other.send(approval)
        assert not live_service.posts
        assert other.plan(live_draft()).intent != plan.intent
