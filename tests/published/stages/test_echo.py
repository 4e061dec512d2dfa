"""What the service repeats of a campaign is compared with what it was asked for, field by field."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.builders import Clock, campaign_draft
from tests.published.stages.edge import Change, Stages, approved, names
from toolkit.audience.segment import Segment
from toolkit.errors import OutcomeUnknown, SendRefused
from toolkit.sandbox import Sandbox
from toolkit.sending.echo_comparison import is_same_second
from toolkit.workspace import Workspace

OTHER = {"id": "other", "name": "Other", "color": "#000000"}
SOMEBODY = {"id": "other", "name": "Other", "phone": None, "whatsapp_phone": None}
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
    assert edge.asked == ["draft", "look", "look", "delete", "look"]
    assert (names(sandbox), list(ws._client.drafts())) == ([], [])
    assert ws.get_plan(plan.id).state == "approved"


def test_what_is_launched_already_is_neither_deleted_nor_called_unsent(
    ws: Workspace, sandbox: Sandbox, edge: Stages
) -> None:
    edge.change = _of("stage", "INSTANCE")
    plan = approved(ws)

    with pytest.raises(OutcomeUnknown, match=r"is still at the service\. Why: .* it is launched already"):
        ws.send(ws.approvals.latest(plan.id))

    assert "delete" not in edge.asked


@pytest.mark.parametrize(("apart", "is_same"), [(0, True), (0.999, True), (1, False), (-1, False)])
def test_a_time_in_whole_seconds_is_the_same(clock: Clock, apart: float, is_same: bool) -> None:
    assert is_same_second(clock() + timedelta(seconds=apart), clock()) is is_same
    assert is_same_second(None, None)
    assert not is_same_second(None, clock())
