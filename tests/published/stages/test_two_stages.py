"""A campaign in two stages: kept as a draft, compared with what was asked for, launched once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.builders import Clock, campaign_draft, in_both_ledgers
from tests.published.stages.edge import Stages, approved, names
from toolkit.errors import Halted, InvalidRequest, LedgerUnavailable, OutcomeUnknown, SendRefused
from toolkit.sandbox import Behaviour, Sandbox
from toolkit.sandbox.options import Published
from toolkit.sending.evidence import Evidence
from toolkit.workspace import Workspace


def other_name(campaign: dict[str, Any]) -> None:
    campaign["name"] = "Other"


@in_both_ledgers
def test_a_campaign_is_kept_compared_written_down_and_launched_once(
    ws: Workspace, sandbox: Sandbox, edge: Stages
) -> None:
    plan = approved(ws)
    receipt = ws.send(ws.approvals.latest(plan.id))

    assert edge.asked == ["draft", "look", "launch"]
    assert receipt.status == "sent"
    assert receipt.campaign_id is not None
    written = [(each.event, each.detail) for each in ws.ledger.events(plan.id) if each.step == 1]
    assert written[1:4] == [
        ("drafting", f"seax {plan.id}, step 1"),
        ("draft", receipt.campaign_id),
        ("launching", receipt.campaign_id),
    ]
    assert names(sandbox) == ["Spring Sale"]
    assert ws.send(ws.approvals.latest(plan.id)).repeated
    assert list(ws._client.drafts()) == []
    sandbox.clock.advance(timedelta(hours=1))
    assert ws.ledger.check_campaign_recipients(receipt.campaign_id).is_exact
    assert ws.ledger.audit().is_whole


def test_what_was_not_rehearsed_is_sent_in_one_request(ws: Workspace, edge: Stages) -> None:
    ws._evidence.keep("two stages", Evidence())
    plan = approved(ws)
    ws.send(ws.approvals.latest(plan.id))

    assert edge.asked == ["at once"]


def test_a_scheduled_campaign_with_all_there_is_to_compare_is_launched(ws: Workspace, edge: Stages) -> None:
    start = ws.service_time() + timedelta(hours=3)
    more = {"start_at": start, "end_at": start + timedelta(days=1), "shorten_links": True, "name": "Later"}
    receipt = ws.send(ws.approvals.latest(approved(ws, campaign_draft().model_copy(update=more)).id))

    assert edge.asked == ["draft", "look", "launch"]
    assert (receipt.status, receipt.start_at) == ("scheduled", start)


def test_a_draft_that_differs_and_cannot_be_deleted_is_not_called_unsent(ws: Workspace, edge: Stages) -> None:
    edge.change, edge.refused = other_name, "delete"
    plan = approved(ws)

    with pytest.raises(OutcomeUnknown, match=r"is still at the service\. Why: The service understood campaign"):
        ws.send(ws.approvals.latest(plan.id))

    assert "launch" not in edge.asked


def test_a_launch_that_is_refused_gives_the_approval_back(ws: Workspace, sandbox: Sandbox, edge: Stages) -> None:
    edge.refused = "launch"
    plan = approved(ws)
    with pytest.raises(InvalidRequest):
        ws.send(ws.approvals.latest(plan.id))
    assert (names(sandbox), list(ws._client.drafts())) == ([], [])
    edge.refused = ""

    assert ws.send(ws.approvals.latest(plan.id)).status == "sent"
    assert names(sandbox) == ["Spring Sale"]


def test_halting_between_the_stages_launches_nothing(ws: Workspace, sandbox: Sandbox, edge: Stages) -> None:
    edge.change = lambda campaign: ws.switch.halt(by="ben")
    plan = approved(ws)
    with pytest.raises(Halted):
        ws.send(ws.approvals.latest(plan.id))

    assert "launch" not in edge.asked
    assert (names(sandbox), list(ws._client.drafts())) == ([], [])


@pytest.mark.parametrize("unwritten", ["drafting", "draft", "launching"])
def test_what_the_ledger_cannot_write_down_is_not_launched(
    ws: Workspace, sandbox: Sandbox, edge: Stages, monkeypatch: pytest.MonkeyPatch, unwritten: str
) -> None:
    plan = approved(ws)
    note = ws._ledger.note_stage

    def fail(plan_id: str, step: int, event: Any, *rest: Any, **more: Any) -> None:
        if event == unwritten:
            raise LedgerUnavailable("The ledger is locked. Nothing was sent.")
        note(plan_id, step, event, *rest, **more)

    monkeypatch.setattr(ws._ledger, "note_stage", fail)
    with pytest.raises(LedgerUnavailable):
        ws.send(ws.approvals.latest(plan.id))

    assert "launch" not in edge.asked
    assert (names(sandbox), list(ws._client.drafts())) == ([], [])
    assert ws.get_plan(plan.id).state == "approved"


def test_a_step_that_was_settled_meanwhile_is_not_launched(ws: Workspace, sandbox: Sandbox, edge: Stages) -> None:
    plan = approved(ws)

    def reconciled(campaign: dict[str, Any]) -> None:
        edge.change = None
        step = ws.get_plan(plan.id).receipt.steps[0]  # type: ignore[union-attr]
        refused = step.model_copy(update={"state": "refused", "detail": "Nothing of it is there."})
        ws._ledger.settle(plan.id, refused, who="the service", event="reconciled")

    edge.change = reconciled
    with pytest.raises(OutcomeUnknown, match="settled otherwise"):
        ws.send(ws.approvals.latest(plan.id))

    assert "launch" not in edge.asked
    assert names(sandbox) == []


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("request_", ["draft", "look", "launch", "delete"])
def test_an_answer_lost_at_any_request_is_settled_without_a_person(
    ws: Workspace, sandbox: Sandbox, edge: Stages, clock: Clock, request_: str, when: str
) -> None:
    edge.lost = (request_, when)
    edge.change = other_name if request_ == "delete" else None
    plan = approved(ws)
    with pytest.raises((OutcomeUnknown, SendRefused)):
        ws.send(ws.approvals.latest(plan.id))
    edge.lost, edge.change = ("", ""), None
    if ws.get_plan(plan.id).state == "unknown":
        clock.move(minutes=11)
        sandbox.clock.advance(timedelta(minutes=11))
        ws.ledger.reconcile(plan.id)

    is_sent = (request_, when) == ("launch", "after")
    is_deleted = (request_, when) == ("delete", "after")
    assert ws.get_plan(plan.id).state == ("sent" if is_sent else "approved" if is_deleted else "refused")
    assert (len(names(sandbox)), list(ws._client.drafts())) == (int(is_sent), [])
    assert ws.ledger.audit().is_whole


def test_a_launch_that_leaves_a_draft_is_unknown(ws: Workspace, edge: Stages) -> None:
    edge.is_deaf = True
    plan = approved(ws)

    with pytest.raises(OutcomeUnknown, match="still calls it a draft"):
        ws.send(ws.approvals.latest(plan.id))


def test_a_draft_that_may_still_be_launched_is_left_alone(ws: Workspace, edge: Stages) -> None:
    edge.lost = ("launch", "before")
    plan = approved(ws)
    with pytest.raises(OutcomeUnknown):
        ws.send(ws.approvals.latest(plan.id))
    edge.lost = ("", "")

    with pytest.raises(OutcomeUnknown, match="may still be on its way"):
        ws.ledger.reconcile(plan.id)
    assert len(list(ws._client.drafts())) == 1


def test_a_draft_that_a_person_found_is_not_what_was_sent(ws: Workspace, edge: Stages, clock: Clock) -> None:
    edge.lost = ("launch", "before")
    plan = approved(ws)
    with pytest.raises(OutcomeUnknown):
        ws.send(ws.approvals.latest(plan.id))
    edge.lost = ("", "")
    (draft,) = ws._client.drafts()
    clock.move(minutes=11)

    with pytest.raises(OutcomeUnknown, match="it is a draft, which was not sent"):
        ws.ledger.reconcile(plan.id, found=draft.id)
    edge.refused = "delete"
    with pytest.raises(OutcomeUnknown, match="could not be deleted"):
        ws.ledger.reconcile(plan.id)


def test_where_a_draft_sends_after_all_what_was_sent_is_not_called_unsent(
    ws: Workspace, sandbox: Sandbox, edge: Stages, clock: Clock
) -> None:
    sandbox._service.behaviour = Behaviour(published=Published(does_a_draft_send=True))  # since it was rehearsed
    edge.lost = ("launch", "before")
    plan = approved(ws)
    with pytest.raises(OutcomeUnknown):
        ws.send(ws.approvals.latest(plan.id))
    edge.lost = ("", "")
    clock.move(minutes=11)
    sandbox.clock.advance(timedelta(minutes=11))

    receipt = ws.ledger.reconcile(plan.id)
    assert (receipt.status, names(sandbox)) == ("sent", ["Spring Sale"])
    assert "WARNING: its draft sent messages before it was launched" in receipt.detail
