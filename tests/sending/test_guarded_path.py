"""The invariants of sending, each through the workspace: what is refused, why, and that nothing left."""

from __future__ import annotations

import io
import sqlite3
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.builders import Clock
from tests.sending.conftest import KEY, campaign_draft
from tests.wire import LiveService, Wire, fault
from toolkit.audience.segment import Segment
from toolkit.audience.waterfall import Outcome
from toolkit.errors import (
    ApprovalInvalid,
    ApprovalRefused,
    AudienceChanged,
    DraftError,
    InvalidRequest,
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
    Unreachable,
)
from toolkit.sandbox import Sandbox
from toolkit.sending import approval as approvals
from toolkit.sending.approval import Approval
from toolkit.sending.draft import CampaignDraft
from toolkit.sending.ledger import Receipt
from toolkit.sending.plan import Plan
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect


def yes(plan: Plan) -> Approval:
    return plan.approve(recipients=plan.recipients, by="ana")


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

    with pytest.raises(ApprovalRefused, match="say who"):
        plan.approve(recipients=plan.recipients, by=" ")


@pytest.mark.parametrize("outcome", ["declined", "withdrawn"])
def test_a_declined_or_withdrawn_plan_sends_nothing(
    ws: Workspace, wire: Wire, draft: CampaignDraft, outcome: str
) -> None:
    plan = ws.plan(draft)
    approval = yes(plan)
    assert ws.close_plan(plan.id, outcome, by="ana", via="code")  # type: ignore[arg-type]

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
    with sqlite3.connect(tmp_path / "ledger.sqlite3") as db:
        moved = approval.model_copy(update={"plan_id": other.id})
        db.execute("UPDATE approvals SET body = ?, plan_id = ?", (moved.model_dump_json(), other.id))

    with pytest.raises(ApprovalInvalid):
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

    with pytest.raises(AudienceChanged, match="0 contacts joined and 1 left") as caught:
        ws.send(approval)

    assert caught.value.left == (person["id"],)
    assert not wire.posts


def test_someone_joining_after_the_yes_stops_the_send(
    ws: Workspace, wire: Wire, draft: CampaignDraft, import_rows: Callable[..., None]
) -> None:
    approval = yes(ws.plan(draft))
    import_rows("New Person,+19995550001,vip_customers")

    with pytest.raises(AudienceChanged, match="1 contacts joined and 0 left") as caught:
        ws.send(approval)

    assert len(caught.value.joined) == 1
    assert not wire.posts


def test_an_unchanged_audience_is_sent_though_other_contacts_changed(
    ws: Workspace, draft: CampaignDraft, import_rows: Callable[..., None]
) -> None:
    approval = yes(ws.plan(draft))
    import_rows("New Person,+19995550001,new_subscribers")

    assert ws.send(approval).status == "sent"


def test_a_sender_switched_to_another_number_stops_the_send(live: Workspace, live_service: LiveService) -> None:
    plan = live.plan(live_draft())
    approval = live.approve(plan.id, recipients=3, by="ana", via="form")
    live_service.contacts[0]["phone"] = "+999123456799"

    with pytest.raises(AudienceChanged, match="other phone numbers"):
        live.send(approval)

    assert not live_service.posts


def test_a_plan_that_becomes_blocked_is_not_sent(live: Workspace, live_service: LiveService, clock: Clock) -> None:
    starts = clock.time.replace(hour=18)
    plan = live.plan(live_draft().model_copy(update={"start_at": starts}))
    approval = live.approve(plan.id, recipients=3, by="ana", via="form")
    live._planner._service_now = lambda: starts  # the service's clock passes the start, ours does not

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
    with pytest.raises(PlanBlocked, match="every recipient would see the braces"):
        yes(plan)
    assert not wire.posts


def test_a_plan_for_nobody_cannot_be_approved(ws: Workspace) -> None:
    nobody = Segment.any_of("vip_customers") & ~Segment.any_of("vip_customers")
    plan = ws.plan(campaign_draft().model_copy(update={"segment": nobody}))

    with pytest.raises(PlanBlocked, match="Nobody is left"):
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
    ws._ledger.claim(approval, clock())  # and then the power went

    with pytest.raises(OutcomeUnknown, match="outcome is not known"):
        ws.send(approval)

    assert not wire.posts


def test_a_campaign_found_in_seax_settles_an_unknown_plan(ws: Workspace, wire: Wire, draft: CampaignDraft) -> None:
    plan = ws.plan(draft)
    ids: list[str] = []
    wire.after = fault(httpx.ReadTimeout("slow"))  # type: ignore[assignment]
    with pytest.raises(OutcomeUnknown):
        ws.send(yes(plan))
    wire.after = None
    ids.append(_campaign_id_at_the_service(wire))

    receipt = ws.reconcile(plan.id, campaign_id=ids[0], by="ana")

    assert (receipt.status, receipt.campaign_id) == ("sent", ids[0])
    assert ws.send(ws.approval_of(plan.id)).repeated


def _campaign_id_at_the_service(wire: Wire) -> str:
    repeat = wire._inner.handle_request(wire.posts[0])  # stands for looking it up: the same body gets a like campaign
    return str(httpx.Response(200, content=repeat.read()).json()["id"])


def test_another_campaign_does_not_settle_it(ws: Workspace, wire: Wire, draft: CampaignDraft) -> None:
    plan = ws.plan(draft)
    wire.after = fault(httpx.ReadTimeout("slow"))  # type: ignore[assignment]
    with pytest.raises(OutcomeUnknown):
        ws.send(yes(plan))
    wire.after = None

    with pytest.raises(OutcomeUnknown, match="look again"):
        ws.reconcile(plan.id, campaign_id="campaign_12345678-abcd-efgh-ijkl-123456789012", by="ana")

    assert state(ws, plan) == "unknown"


def test_a_plan_still_on_its_way_cannot_be_called_lost(ws: Workspace, draft: CampaignDraft, clock: Clock) -> None:
    plan = ws.plan(draft)
    ws._ledger.claim(yes(plan), clock())

    with pytest.raises(OutcomeUnknown, match="still be on its way"):
        ws.reconcile(plan.id, campaign_id=None, by="ana")
    clock.move(minutes=10)

    assert ws.reconcile(plan.id, campaign_id=None, by="ana").status == "refused"
    assert state(ws, plan) == "approved"


def test_a_plan_that_was_not_sent_has_nothing_to_reconcile(ws: Workspace, draft: CampaignDraft) -> None:
    with pytest.raises(OutcomeUnknown, match="nothing to find out"):
        ws.reconcile(ws.plan(draft).id, campaign_id=None, by="ana")


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
    ledger = tmp_path / "ledger.sqlite3"
    for extra in tmp_path.glob("ledger.sqlite3-*"):
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

    with pytest.raises(OutcomeUnknown, match="It was sent"):
        ws.send(approval)

    assert len(wire.posts) == 1


# A live workspace


def live_draft() -> CampaignDraft:
    return CampaignDraft(name="Live", message="Hi. Reply STOP.", segment=Segment.any_of("vip"), senders=("Shop",))


def test_code_cannot_approve_on_a_live_workspace(live: Workspace, live_service: LiveService) -> None:
    plan = live.plan(live_draft())

    with pytest.raises(ApprovalRefused, match="Code cannot approve on a live workspace"):
        plan.approve(recipients=3, by="ana")

    assert not live_service.posts


@pytest.mark.parametrize("via", ["panel", "terminal"])
def test_code_cannot_pass_itself_off_as_a_person(live: Workspace, via: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("3\n"))  # no terminal
    plan = live.plan(live_draft())

    with pytest.raises(ApprovalRefused, match="Nothing was sent"):
        live.approve(plan.id, recipients=3, by="ana", via=via)  # type: ignore[arg-type]


def test_a_click_approves_on_a_live_workspace(
    live: Workspace, live_service: LiveService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(approvals, "is_browser_event", lambda: True)
    plan = live.plan(live_draft())

    receipt = live.send(live.approve(plan.id, recipients=3, by="ana", via="panel"))

    assert receipt.campaign_id == "campaign_1"
    assert len(live_service.posts) == 1
    assert live_service.keys == {KEY}


def test_a_live_workspace_texts_no_fictional_number(live: Workspace, live_service: LiveService) -> None:
    live_service.contacts[1]["phone"] = "+12025550147"

    plan = live.plan(live_draft())

    assert plan.recipient_ids == ("c0", "c2")
    assert {step.outcome: step.count for step in plan.waterfall} == {"locked": 1, "recipient": 2}


def test_the_key_is_in_no_ledger_row_repr_or_plan(live: Workspace, tmp_path: Path) -> None:
    plan = live.plan(live_draft())
    approval = live.approve(plan.id, recipients=3, by="ana", via="form")
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


def test_a_plan_of_another_workspace_is_not_found(live: Workspace, ws: Workspace, draft: CampaignDraft) -> None:
    plan = ws.plan(draft)

    assert live.plans() == []
    with pytest.raises(PlanNotFound):
        live.get_plan(plan.id)
