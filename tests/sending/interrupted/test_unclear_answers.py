"""What the service refuses gives the approval back; what came back unclear is unknown and never sent again."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from tests.builders import Clock
from tests.sending.approving import state, yes
from tests.wire import Wire, fault
from toolkit.errors import (
    InvalidRequest,
    LedgerUnavailable,
    OutcomeUnknown,
    RateLimited,
    Unreachable,
)
from toolkit.plans.draft import CampaignDraft
from toolkit.workspace import Workspace


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


def test_a_ledger_that_fails_after_the_send_is_not_called_unsent(
    ws: Workspace, wire: Wire, draft: CampaignDraft, monkeypatch: pytest.MonkeyPatch
) -> None:
    approval = yes(ws.plan(draft))
    monkeypatch.setattr(ws._ledger, "settle", lambda *a, **k: fault(LedgerUnavailable("the disk is full"))())

    with pytest.raises(OutcomeUnknown, match="The request was sent"):
        ws.send(approval)

    assert len(wire.posts) == 1


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
