"""Each finding fires when it should and is silent when it should not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.builders import START, make_contacts
from toolkit.audience.segment import Segment
from toolkit.audience.waterfall import build_audience
from toolkit.models import Phone
from toolkit.sending.draft import CampaignDraft, MessageDraft
from toolkit.sending.preflight import check_campaign, check_message
from toolkit.texting.parts import count_parts

SENDER = Phone(id="p", phone="+15550100001", name="Line", sms=True, mms=True)
ROWS: list[dict[str, Any]] = [
    {"id": "a", "phone": "+12025550101", "labels": ["vip"]},
    {"id": "b", "phone": "+12025550102", "labels": ["gold", "DNC"]},
]
URL = "https://example.com/a.jpg"


def codes(
    *, rows: list[dict[str, Any]] | None = None, senders: tuple[Phone, ...] = (SENDER,), **changes: Any
) -> dict[str, str]:
    content = {"name": "n", "message": "Hello. Reply STOP.", "segment": Segment.any_of("vip"), "senders": ("p",)}
    draft = CampaignDraft.model_validate(content | changes)
    audience = build_audience(draft.segment, make_contacts(rows or ROWS), live=False)
    found = check_campaign(draft, audience, senders, count_parts(draft.message), now=START)
    assert all(finding.message and finding.fix for finding in found)
    return {finding.code: finding.severity for finding in found}


def test_a_good_draft_has_no_findings() -> None:
    assert codes() == {}
    assert codes(type="MMS", media_urls=(URL,)) == {}
    assert codes(start_at=START + timedelta(hours=1), end_at=START + timedelta(hours=2)) == {}


@pytest.mark.parametrize(
    ("code", "severity", "changes"),
    [
        ("AUD010", "block", {"segment": Segment.any_of("vip") & ~Segment.any_of("vip")}),
        ("AUD001", "warn", {"segment": Segment.everyone()}),
        ("AUD003", "warn", {"rows": ROWS[:1]}),
        ("SND001", "block", {"senders": (SENDER.model_copy(update={"enabled": False}),)}),
        ("SND001", "block", {"senders": (SENDER.model_copy(update={"sms": False}),)}),
        ("SND002", "warn", {"senders": (SENDER, SENDER.model_copy(update={"id": "q"}))}),
        ("TYP001", "block", {"type": "AI_AGENT"}),
        ("MMS001", "block", {"type": "MMS"}),
        ("MMS002", "block", {"media_urls": (URL,)}),
        ("MMS003", "block", {"type": "MMS", "media_urls": ("http://example.com/a.jpg",)}),
        ("MMS003", "block", {"type": "MMS", "media_urls": ("https:///a.jpg",)}),
        ("MSG001", "block", {"message": " \n"}),
        ("MSG002", "warn", {"message": "STOP" + "x" * 160}),
        ("MSG002", "warn", {"message": "STOP" + "x" * 70 + "🌸"}),
        ("MSG005", "block", {"message": "Hi {name}. Reply STOP."}),
        ("MSG006", "warn", {"message": "Hello."}),
        ("TIM002", "block", {"start_at": START}),
        ("TIM002", "block", {"start_at": START + timedelta(days=7, seconds=1)}),
        ("TIM002", "block", {"start_at": START + timedelta(hours=1), "end_at": START + timedelta(hours=1)}),
        ("TIM002", "block", {"end_at": START + timedelta(hours=1)}),
    ],
)
def test_a_finding_fires(code: str, severity: str, changes: dict[str, Any]) -> None:
    senders = changes.pop("senders", (SENDER,))

    assert codes(senders=senders, **changes).get(code) == severity


def test_an_mms_needs_a_sender_that_can() -> None:
    sms_only = SENDER.model_copy(update={"mms": False})

    assert codes(senders=(sms_only,), type="MMS", media_urls=(URL,)) == {"SND001": "block"}


def test_a_single_message_is_checked_too() -> None:
    draft = MessageDraft(message="Hi {name}", contact_id="b", sender="p", media_urls=("ftp://x",))
    audience = build_audience(Segment.from_contacts(["b"]), make_contacts(ROWS), live=False)

    found = {finding.code for finding in check_message(draft, audience, (SENDER,), count_parts(draft.message))}

    assert found == {"AUD010", "MSG005", "MMS003"}
