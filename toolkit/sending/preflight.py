"""What is wrong, or worth a second look, before a draft goes out. Pure: values in, findings out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from toolkit.audience.eligibility import suppressed_codes
from toolkit.audience.waterfall import Audience
from toolkit.models import Phone
from toolkit.sending.draft import CampaignDraft, MessageDraft
from toolkit.sending.finding import Finding
from toolkit.texting.parts import Parts
from toolkit.texting.template import placeholders

HORIZON = timedelta(days=7)  # SeaX schedules at most this far ahead (vendor's API description, 2025-11)
_OPT_OUT = re.compile(r"\bSTOP\b|(?i:\b(?:unsubscribe|opt[ -]?out|(?:reply|text|send) stop)\b)")


def check_campaign(
    draft: CampaignDraft, audience: Audience, senders: Sequence[Phone], parts: Parts, *, now: datetime
) -> list[Finding]:
    """Findings on a campaign; `now` is the service's time."""
    return [
        *_check_audience(audience),
        *_check_senders(senders, is_mms=draft.type == "MMS"),
        *_check_type(draft),
        *_check_text(draft.message, parts),
        *_check_schedule(draft, now),
        *([] if _OPT_OUT.search(draft.message) else [_no_opt_out()]),
    ]


def check_message(draft: MessageDraft, audience: Audience, senders: Sequence[Phone], parts: Parts) -> list[Finding]:
    """Findings on a single message."""
    return [
        *_check_audience(audience),
        *_check_senders(senders, is_mms=bool(draft.media_urls)),
        *_check_media(draft.media_urls),
        *_check_text(draft.message, parts),
    ]


def _check_audience(audience: Audience) -> Iterator[Finding]:
    if len(audience) == 0:
        yield Finding(
            code="AUD010",
            severity="block",
            message="Nobody is left to send to.",
            fix="See the steps under Who, and widen the segment.",
        )
    if not suppressed_codes(audience.contacts):
        yield Finding(
            code="AUD003",
            severity="warn",
            message="No contact has a label DNC or unsubscribed, so opt-outs cannot be seen.",
            fix="Make sure that opt-outs are kept in this workspace.",
        )
    if audience.selected and audience.selected == len(audience.contacts):
        yield Finding(
            code="AUD001",
            severity="warn",
            message="The segment means every contact of the workspace.",
            fix="Narrow it by labels unless that is the intention.",
        )


def _check_senders(senders: Sequence[Phone], *, is_mms: bool) -> Iterator[Finding]:
    for phone in senders:
        if not phone.enabled:
            yield Finding(
                code="SND001",
                severity="block",
                message=f"The sender {phone.name} is switched off.",
                fix="Choose another, or enable it in SeaX.",
            )
        elif not (phone.mms if is_mms else phone.sms):
            yield Finding(
                code="SND001",
                severity="block",
                message=f"The sender {phone.name} cannot send {'MMS' if is_mms else 'SMS'}.",
                fix="Choose a sender with that capability: see ws.phones().",
            )
    if len(senders) > 1:
        yield Finding(
            code="SND002",
            severity="warn",
            message=f"{len(senders)} senders: people opt out of one number, not of all of them.",
            fix="Send from one number where you can.",
        )


def _check_type(draft: CampaignDraft) -> Iterator[Finding]:
    if draft.type not in {"SMS", "MMS"}:
        yield Finding(
            code="TYP001",
            severity="block",
            message=f"{draft.type} campaigns need a template or an agent, which this plan cannot name.",
            fix="Send them from SeaX itself; plan SMS and MMS here.",
        )
    if draft.type == "MMS" and not draft.media_urls:
        yield Finding(
            code="MMS001",
            severity="block",
            message="An MMS campaign without media.",
            fix="Add media_urls, or make it an SMS.",
        )
    if draft.type == "SMS" and draft.media_urls:
        yield Finding(
            code="MMS002",
            severity="block",
            message="An SMS campaign cannot carry media.",
            fix="Set type='MMS', or remove media_urls.",
        )
    yield from _check_media(draft.media_urls)


def _check_media(urls: Sequence[str]) -> Iterator[Finding]:
    for url in urls:
        try:
            parts = urlsplit(url)
        except ValueError:
            parts = urlsplit("")
        if parts.scheme != "https" or not parts.hostname:
            yield Finding(
                code="MMS003",
                severity="block",
                message=f"The media address {url[:80]!r} is not a public https address.",
                fix="Give an https:// address that anybody can open.",
            )


def _check_text(text: str, parts: Parts) -> Iterator[Finding]:
    if not text.strip():
        yield Finding(
            code="MSG001",
            severity="block",
            message="The message is empty.",
            fix="Write what people should read.",
        )
    if unfilled := placeholders(text):
        yield Finding(
            code="MSG005",
            severity="block",
            message=f"The service sends {', '.join(unfilled)} as it stands: every recipient would see the braces.",
            fix="Write the text without placeholders; the guide documents none.",
        )
    if parts.parts > 1:
        why = f" because of {' '.join(parts.offending[:8])}" if parts.offending else ""
        yield Finding(
            code="MSG002",
            severity="warn",
            message=f"Each message takes {parts.parts} parts ({parts.encoding}{why}), and every part is billed.",
            fix="Shorten it, or replace those characters." if parts.offending else "Shorten it.",
        )


def _check_schedule(draft: CampaignDraft, now: datetime) -> Iterator[Finding]:
    problem = None
    if draft.start_at is None:
        if draft.end_at is not None:
            problem = "An end but no start."
    elif draft.start_at <= now:
        problem = f"The start {draft.start_at.isoformat()} is in the past."
    elif draft.start_at > now + HORIZON:
        problem = "The start is more than 7 days ahead, further than SeaX schedules."
    elif draft.end_at is not None and draft.end_at <= draft.start_at:
        problem = "The end is not after the start."
    if problem:
        yield Finding(
            code="TIM002",
            severity="block",
            message=problem,
            fix="Set start_at and end_at anew, or leave both out.",
        )


def _no_opt_out() -> Finding:
    return Finding(
        code="MSG006",
        severity="warn",
        message="The text does not say how to opt out.",
        fix="Add: Reply STOP to opt out. (CTIA Messaging Principles 5.1.3)",
    )
