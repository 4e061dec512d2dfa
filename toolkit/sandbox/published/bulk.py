"""Campaigns to numbers: each destination with its own text, no filter of contacts, and no look at who opted out."""

import sqlite3

import msgspec
import numpy as np

from toolkit.sandbox import bitmaps, contacts, imports, numbers
from toolkit.sandbox.contacts import Filter
from toolkit.sandbox.delivery import launches
from toolkit.sandbox.delivery.launches import CampaignRequest
from toolkit.sandbox.errors import Refused
from toolkit.sandbox.published.rows import bare
from toolkit.sandbox.published.schemas import CreateCampaignSMS
from toolkit.sandbox.service import WORKSPACE_ID, Service
from toolkit.sandbox.times import naive

MOST = 500


def create(service: Service, new: CreateCampaignSMS) -> bytes:
    """Send a text to each number, at once; numbers that no contact has become contacts."""
    texts = _texts(new)
    kind = "MMS" if new.sms_campaign.media_urls else "SMS"
    with service.writing() as (db, now_us):
        imports.add_unknown(db, texts, now_us=now_us, workspace_id=WORKSPACE_ID, seed=service.seed)
        holders = {
            seq: text
            for phone, text in texts.items()
            for (seq,) in db.execute("SELECT min(seq) FROM contacts WHERE phone = ?", (phone,))
        }
        request = CampaignRequest(
            name=new.name or "SMS campaign",
            type=kind,
            message=next(iter(texts.values())),
            phone_ids=(_sender(db, new.sender_phone_number),),
            audience=Filter(),
            echo={"media_urls": new.sms_campaign.media_urls or []},
        )
        audience = bitmaps.of_positions(np.array(sorted(holders)), contacts=contacts.how_many(db))
        per_second = service.behaviour.messages_per_second
        campaign = launches.launch(db, request, audience, now_us=now_us, seed=service.seed, per_second=per_second)
        db.executemany(
            "INSERT INTO texts VALUES (?, ?, ?)", ((campaign.number, seq, text) for seq, text in holders.items())
        )
    return msgspec.json.encode(
        {"id": bare(campaign.id), "name": campaign.name, "type": kind, "created_time": naive(now_us)}
    )


def _texts(new: CreateCampaignSMS) -> dict[str, str]:
    destinations = new.sms_campaign.destinations
    if not 1 <= len(destinations) <= MOST:
        raise Refused(422, f"A campaign to numbers has 1 to {MOST} destinations", field="sms_campaign")
    texts: dict[str, str] = {}
    for one in destinations:
        text = one.message or new.sms_campaign.message or ""
        if numbers.to_e164(one.destination) != one.destination or one.destination in texts or not text.strip():
            message = f"{one.destination!r} needs a text, and has to be a phone number that is given once"
            raise Refused(422, message, field="sms_campaign")
        if not numbers.is_fictional(one.destination):
            message = f"{one.destination} may belong to somebody; the sandbox texts fictional numbers only"
            raise Refused(422, message, field="sms_campaign")
        texts[one.destination] = text
    return texts


def _sender(db: sqlite3.Connection, number: str) -> str:
    row = db.execute("SELECT id, capabilities FROM phones WHERE phone = ? AND enabled", (number,)).fetchone()
    if row is None or "sms" not in row[1].split():
        message = f"No enabled phone of this workspace that sends texts has the number {number!r}"
        raise Refused(422, message, field="sender_phone_number")
    own_id: str = row[0]
    return own_id
