"""The road of a send, through the workspace: what was shown reaches exactly its recipients, once."""

from __future__ import annotations

import threading
from pathlib import Path

import httpx
import pytest

from tests.builders import Clock, campaign_draft, in_both_dialects, in_both_ledgers
from tests.sending.approving import state, yes
from tests.wire import Wire
from toolkit.audience.eligibility import Outcome
from toolkit.audience.segment import Segment
from toolkit.display import when
from toolkit.errors import (
    DraftError,
    LedgerUnavailable,
    OutcomeUnknown,
    SegmentError,
    ToolkitError,
)
from toolkit.plans.approval import Approval
from toolkit.plans.draft import CampaignDraft
from toolkit.plans.receipt import Receipt
from toolkit.sandbox import Sandbox
from toolkit.settings import DialectName, Settings
from toolkit.workspace import Workspace, connect


@in_both_ledgers
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


@in_both_dialects
def test_what_is_sent_is_what_was_shown(ws: Workspace, wire: Wire, draft: CampaignDraft) -> None:
    plan = ws.plan(draft)
    ws.send(yes(plan))

    (body,) = wire.bodies
    assert (body["name"], body["message"], body["type"]) == (draft.name, draft.message, "SMS")
    assert body["phone_ids"] == [sender.id for sender in plan.senders]
    assert body["is_schedule"] is False
    assert draft.message in str(plan)
    assert f"{plan.recipients:,}" in str(plan)


@in_both_dialects
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


@in_both_ledgers
def test_an_approval_used_twice_sends_once_and_says_so(ws: Workspace, wire: Wire, draft: CampaignDraft) -> None:
    approval = yes(ws.plan(draft))
    first = ws.send(approval)

    second = ws.send(approval)

    assert len(wire.posts) == 1
    assert second == first.model_copy(update={"repeated": True})
    assert "nothing was sent now" in str(second)


@in_both_ledgers
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


def test_a_mistyped_label_or_sender_makes_no_plan(ws: Workspace) -> None:
    with pytest.raises(SegmentError, match="did you mean vip_customers"):
        ws.plan(campaign_draft().model_copy(update={"segment": Segment.any_of("vip_custmers")}))
    with pytest.raises(DraftError, match="did you mean Marketing Line"):
        ws.plan(campaign_draft().model_copy(update={"senders": ("Marketing Lime",)}))

    assert ws.plans() == []


@pytest.mark.parametrize(
    ("dialect", "ledger_address"),
    [("guide", "sqlite"), ("published", "sqlite"), ("guide", "postgresql")],
    indirect=True,
)
def test_two_at_once_send_once(
    ws: Workspace,
    wire: Wire,
    sandbox: Sandbox,
    tmp_path: Path,
    clock: Clock,
    draft: CampaignDraft,
    dialect: DialectName,
    ledger_address: str | None,
) -> None:
    settings = Settings(home=tmp_path, dialect=dialect)
    first, second = yes(ws.plan(draft)), yes(ws.plan(draft))
    barrier = threading.Barrier(4)
    outcomes: list[object] = []

    def send(approval: Approval) -> None:
        with connect(settings, sandbox=sandbox, transport=wire, now=clock, ledger=ledger_address) as own:
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
