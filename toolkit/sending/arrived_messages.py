"""Whether a single message was sent, found in the service's list of the messages to its phone."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from datetime import datetime

import pandas as pd

from toolkit.api.client import Client
from toolkit.api.dialect import SentMessage
from toolkit.data.contacts import Contacts
from toolkit.planning.digest import digest
from toolkit.plans.plan import Plan


def arrived_messages(
    client: Client, plan: Plan, step: int, contacts: Contacts, *, since: datetime, but: Collection[str]
) -> list[SentMessage] | None:
    """The messages that could be this step, without those that are others'; None if its phone is not known any more."""
    phone = _phone_of(plan, step, contacts)
    if phone is None:
        return None
    draft = plan.draft
    text = draft.message if draft.kind in {"message", "messages"} and "{" not in draft.message else None
    senders = {"", *(sender.phone for sender in plan.senders)}
    return [
        message
        for message in client.messages(phone, since)
        if message.id not in but
        and message.campaign_id is None
        and message.sender in senders
        and (text is None or plain_form(message.text) == plain_form(text))
    ]


def _phone_of(plan: Plan, step: int, contacts: Contacts) -> str | None:
    """The phone that a step was sent to; None if a contact of the plan is gone or has another now."""
    rows = contacts.ids.get_indexer(pd.Index(plan.recipient_ids))
    if (rows < 0).any():
        return None
    phones = contacts.table["phone"].take(rows).to_pylist()
    people = [[(each, phone)] for each, phone in zip(plan.recipient_ids, phones, strict=True)]
    return str(phones[step - 1]) if digest(*people) == plan.audience_digest else None


def plain_form(text: str) -> str:
    """A text without what a service may change: spaces and Unicode forms."""
    return " ".join(unicodedata.normalize("NFC", text).split())
