"""Whether messages were sent: one, by the service's list of those to its phone; many in one request, by their log."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

import pandas as pd

from toolkit.api.client import Client
from toolkit.api.dialect import SentMessage
from toolkit.api.snapshot_read import read_all
from toolkit.data.contacts import Contacts
from toolkit.planning.digest import digest
from toolkit.plans.plan import Plan
from toolkit.plans.plan_step import plain_form, text_fingerprint
from toolkit.sending.reconciling.lost_step import SLOW, LostStep, Witness

_ASKED = 3  # recipients whose messages are read, where no campaign of that name is listed


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


def find_personal_texts(witness: Witness, lost: LostStep, taken: Collection[str]) -> list[str]:
    """The ids of the campaigns that could be this step: of its name and with none but its texts, or else the campaign
    of a message that one of its recipients has."""
    begun = lost.earliest - (SLOW if lost.service_left_at is None else timedelta(0))
    found = []
    for campaign in witness.listed(taken):
        if campaign.created_time < begun:
            break  # the list is in the order of the service's clock
        if plain_form(campaign.name) == plain_form(lost.name) and are_all_planned(witness, lost, campaign.id):
            found.append(campaign.id)
    return found or _from_messages(witness, lost, taken)


def are_all_planned(witness: Witness, lost: LostStep, campaign_id: str) -> bool:
    """Each text in a campaign's log is one of this step, to its phone."""
    rows = read_all(witness.client.logs(campaign_id)).rows
    found = zip(rows["phone"].to_pylist(), rows["text"].to_pylist(), strict=True)
    return {text_fingerprint(phone or "", text or "") for phone, text in found} <= {*lost.step.texts}


def _from_messages(witness: Witness, lost: LostStep, taken: Collection[str]) -> list[str]:
    contacts, ids = witness.contacts(), lost.plan.recipients_of(lost.step.number)
    rows = contacts.ids.get_indexer(pd.Index(ids))
    phones = [each for each in contacts.table["phone"].take(rows[rows >= 0]).to_pylist() if each]
    found = {
        message.campaign_id or message.id
        for phone in phones[:_ASKED]
        for message in witness.client.messages(phone, lost.earliest)
        if text_fingerprint(phone, message.text) in lost.step.texts and message.created_time >= lost.earliest
    }
    return sorted(found - {*taken})
