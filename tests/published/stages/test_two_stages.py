"""A campaign in two stages: kept as a draft, compared with what was asked for, launched once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.builders import Clock, campaign_draft, in_both_ledgers
from tests.published.stages.edge import Change, Stages
from toolkit.audience.segment import Segment
from toolkit.errors import Halted, InvalidRequest, LedgerUnavailable, OutcomeUnknown, SendRefused
from toolkit.plans.draft import CampaignDraft
from toolkit.plans.plan import Plan
from toolkit.sandbox import Behaviour, Sandbox
from toolkit.sandbox.options import Published
from toolkit.sending.evidence import Evidence
from toolkit.workspace import Workspace

OTHER = {"id": "other", "name": "Other", "color": "#000000"}
SOMEBODY = {"id": "other", "name": "Other", "phone": None, "whatsapp_phone": None}


def approved(ws: Workspace, draft: CampaignDraft | None = None) -> Plan:
    plan = ws.plan(draft or campaign_draft())
    plan.approve(recipients=plan.recipients, by="ana")
    return plan


def names(sandbox: Sandbox) -> list[str]:
    """The names of the campaigns that were sent by us."""
    return [name for name in sandbox.campaigns().values() if name == "Spring Sale"]


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


KINDS: dict[str, dict[str, Any]] = {
    "MMS": {"type": "MMS", "media_urls": ("https://example.com/a.png",)},
    "AI_AGENT": {"type": "AI_AGENT", "agent": "Ana, orders"},
    "WHATSAPP_BUSINESS_PLATFORM_MESSAGE": {
        "type": "WHATSAPP_BUSINESS_PLATFORM_MESSAGE",
        "template": "order_shipped",
        "message": "",
        "senders": ("WhatsApp Line",),
        "segment": Segment.any_of("vip_customers"),
    },
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_type_of_campaign_is_repeated_as_it_was_asked_for(ws: Workspace, edge: Stages, kind: str) -> None:
    plan = approved(ws, campaign_draft().model_copy(update=KINDS[kind]))
    receipt = ws.send(ws.approvals.latest(plan.id))

    assert edge.asked == ["draft", "look", "launch"]
    assert ws.campaign(str(receipt.campaign_id)).type == kind


def _of(field: str, value: Any) -> Change:
    return lambda campaign: campaign.update({field: value})


def _whom(field: str, value: Any) -> Change:
    return lambda campaign: campaign["campaign_metadata"].update({field: value})


def _more(field: str, value: Any) -> Change:
    return lambda campaign: campaign["campaign_metadata"][field].append(value)


DIFFERENCES: dict[str, Change] = {
    "its name is 'Other', not 'Spring Sale'": _of("name", "Other"),
    "its type is 'MMS', not 'SMS'": _of("type", "MMS"),
    "its text is 'Hello', not 'Hello. Reply STOP to opt out.'": _of("message", "Hello"),
    "its messaging service is 'MG0', not": _of("messaging_service_id", "MG0"),
    "its template is 'a/b/c', not ''": _of(
        "service_provider_campaign_data",
        {
            "service_account_id": "a",
            "service_account_template_name": "b",
            "service_account_template_language": "c",
        },
    ),
    "its AI agent is 'Ana', not ''": _of("ai_agent_conversation_config_id", "Ana"),
    "its header is 'Dear all', not ''": _of("header_message", "Dear all"),
    "its mode is 'EXCEL', not ''": _of("mode", "EXCEL"),
    "it is scheduled": _of("is_schedule", True),
    "it shortens links": _of("enable_link_shortening", True),
    "it goes to WhatsApp numbers alone": _whom("whatsapp_phone_only", True),
    "it starts by time zone": _of("is_timezone_aware", True),
    "it is launched already": _of("stage", "INSTANCE"),
    "its start is .*, not open": _of("start_time", "2026-03-04T12:00:00.000000"),
    "its end is .*, not open": _of("end_time", "2026-03-04T12:00:00.000000"),
    "its senders are 1 fewer than asked for": _of("phones", []),
    "its media are 1 more than asked for": _of("media_urls", ["https://example.com/a.png"]),
    "its files are 1 more than asked for": _of("contact_file_url", "https://example.com/a.csv"),
    "its labels of which one is enough are 1 more than": _more("any_contact_labels", OTHER),
    "its labels that are all needed are 1 more than": _more("all_contact_labels", OTHER),
    "its excluded labels are [0-9]+ fewer than": _whom("exclude_any_contact_labels", None),
    "its labels that exclude together are 1 more than": _more("exclude_all_contact_labels", OTHER),
    "its labels that are all needed are 1 fewer than": _whom("all_contact_labels", None),
    "its contacts by id are 1 more than": _more("addition_contacts", SOMEBODY),
    "its excluded contacts are 1 more than": _more("exclude_contacts", SOMEBODY),
    "its draft is named '', not 'seax ": _of("draft_name", None),
}


def test_what_is_compared_is_at_least_a_dozen_fields() -> None:
    assert len(DIFFERENCES) >= 12


@pytest.mark.parametrize("words", DIFFERENCES)
def test_an_echo_that_differs_refuses_and_leaves_no_campaign(
    ws: Workspace, sandbox: Sandbox, edge: Stages, words: str
) -> None:
    edge.change = DIFFERENCES[words]
    plan = approved(ws)

    with pytest.raises(SendRefused, match=words) as refused:
        ws.send(ws.approvals.latest(plan.id))

    assert "Nothing was sent." in str(refused.value)
    assert edge.asked == ["draft", "look", "delete", "look"]
    assert (names(sandbox), list(ws._client.drafts())) == ([], [])
    assert ws.get_plan(plan.id).state == "approved"


def test_a_draft_that_differs_and_cannot_be_deleted_is_not_called_unsent(ws: Workspace, edge: Stages) -> None:
    edge.change, edge.refused = _of("name", "Other"), "delete"
    plan = approved(ws)

    with pytest.raises(OutcomeUnknown, match=r"is still there\. Why: The service understood campaign"):
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
    edge.change = _of("name", "Other") if request_ == "delete" else None
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
