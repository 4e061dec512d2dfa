"""Launching a campaign: from whom, to whom and when, and the replies it will bring."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from toolkit.sandbox import bitmaps, contacts, hashing, labels
from toolkit.sandbox.bitmaps import Bitmap
from toolkit.sandbox.contacts import Filter, FilterFields
from toolkit.sandbox.delivery import campaign_requests, campaigns
from toolkit.sandbox.delivery.campaigns import Campaign
from toolkit.sandbox.delivery.carrier import NEVER
from toolkit.sandbox.errors import Refused
from toolkit.sandbox.times import DAY, to_us, zulu

CAMPAIGN_TYPES = ("SMS", "MMS", "AI_AGENT", "WHATSAPP_BUSINESS_PLATFORM_MESSAGE")
_NEEDED_CAPABILITY = dict(zip(CAMPAIGN_TYPES, ("sms", "mms", "sms", "whatsapp"), strict=True))
_CAMPAIGN_FIELDS = FilterFields(exclude_labels="exclude_any_contact_label_ids")


@dataclass(frozen=True)
class CampaignRequest:
    """The settings of a campaign."""

    name: str
    type: str
    message: str
    phone_ids: Sequence[str]
    audience: Filter
    start_time: datetime | None = None
    end_time: datetime | None = None
    is_schedule: bool = False
    enable_link_shortening: bool = False
    attach_labels: Sequence[str] = ()
    echo: Mapping[str, Any] = field(default_factory=dict)  # kept as given, for those who ask what was asked for


def launch(
    db: sqlite3.Connection,
    request: CampaignRequest,
    audience: Bitmap,
    *,
    now_us: int,
    seed: int,
    per_second: float,
    own_id: str | None = None,
    created_us: int | None = None,
) -> Campaign:
    """Freeze the audience, store the campaign and note the replies it will bring.

    `own_id` is the guide's, or that of a draft, which was created before.
    """
    phones = _senders(db, request)
    start_us, end_us = _times(request, now_us)
    number = db.execute("SELECT count(*) FROM campaigns").fetchone()[0] + 1
    own_id = own_id or hashing.identifier(seed, "campaign", number)
    recent = db.execute(
        "SELECT number FROM campaigns WHERE start_us BETWEEN ? AND ?", (start_us - 7 * DAY, start_us)
    ).fetchall()
    campaign = Campaign(
        number=number,
        id=f"campaign_{own_id}",
        job_id=f"job_{own_id}",
        name=request.name,
        type=request.type,
        message=request.message,
        phones=phones,
        created_us=now_us if created_us is None else created_us,
        start_us=start_us,
        end_us=end_us,
        per_second=per_second,
        target=bitmaps.count(audience),
        has_short_links=request.enable_link_shortening,
        newcomers_from=contacts.first_created_since(db, start_us - 30 * DAY),
        recent=[other for (other,) in recent],
        attach=labels.numbers_of(db, request.attach_labels, field="attach_contact_label_ids"),
        attached=0,
    )
    campaigns.insert(db, campaign, audience)
    campaign_requests.keep(db, number, request.audience, {**request.echo, "is_schedule": request.is_schedule})
    run = campaign.run(seed)
    for part in campaigns.parts(db, campaign):
        messages = campaigns.deliveries(db, run, part, part.ranks(0, campaign.target), seed=seed)
        replies = campaigns.reactions(db, campaign, run, part, messages, seed=seed).reply_us
        answering = np.flatnonzero(replies != NEVER)
        db.executemany(
            "INSERT INTO replies VALUES (?, ?, ?, ?)",
            ((int(replies[i]), int(messages.seqs[i]), number, int(messages.out_us[i])) for i in answering.tolist()),
        )
    return campaign


def _senders(db: sqlite3.Connection, request: CampaignRequest) -> list[dict[str, str]]:
    needed = _NEEDED_CAPABILITY[request.type]
    senders = []
    for phone_id in request.phone_ids:
        row = db.execute("SELECT phone, name, enabled, capabilities FROM phones WHERE id = ?", (phone_id,)).fetchone()
        if row is None or not row[2]:
            raise Refused(
                422, f"No enabled phone of this workspace has the id {phone_id!r}",
                field="phone_ids", code="UNKNOWN_PHONE",
            )  # fmt: skip
        if needed not in row[3].split():
            raise Refused(
                422, f"{row[1]} ({row[0]}) cannot send {needed.upper()}", field="phone_ids", code="NOT_CAPABLE"
            )
        senders.append({"id": phone_id, "phone": row[0], "name": row[1]})
    return senders


def _times(request: CampaignRequest, now_us: int) -> tuple[int, int | None]:
    start_us = now_us
    if request.is_schedule:
        if request.start_time is None:
            raise Refused(422, "A scheduled campaign needs a start_time", field="start_time", code="REQUIRED")
        start_us = to_us(request.start_time)
        if start_us < now_us:
            raise Refused(
                422, f"start_time is in the past; it is {zulu(now_us)} now", field="start_time", code="IN_THE_PAST"
            )
    end_us = None if request.end_time is None else to_us(request.end_time)
    if end_us is not None and end_us <= start_us:
        raise Refused(422, "end_time must come after the start", field="end_time", code="INVALID_VALUE")
    return start_us, end_us


def audience_of(db: sqlite3.Connection, request: CampaignRequest, *, do_drop_opted_out: bool = True) -> Bitmap:
    """Return the contacts a campaign would text: within its filters, reachable, and not opted out."""
    total = contacts.how_many(db)
    system = labels.SystemLabels.of(db)
    is_whatsapp = request.type == "WHATSAPP_BUSINESS_PLATFORM_MESSAGE"
    reachable = labels.WHATSAPP_REACHABLE if is_whatsapp else labels.SMS_REACHABLE
    chosen = contacts.select(db, request.audience, fields=_CAMPAIGN_FIELDS)
    chosen &= bitmaps.members(db, reachable, contacts=total)
    for label in system.opting_out if do_drop_opted_out else ():
        chosen &= ~bitmaps.members(db, label, contacts=total)
    return chosen
