"""Campaigns that are created, changed, launched, canceled and deleted; until launched they are drafts."""

import sqlite3
from typing import Any

import msgspec
import numpy as np

from toolkit.sandbox import bitmaps, contacts, hashing
from toolkit.sandbox.bitmaps import Bitmap
from toolkit.sandbox.delivery import campaign_requests, campaigns, launches
from toolkit.sandbox.delivery.campaigns import Campaign
from toolkit.sandbox.delivery.launches import CampaignRequest
from toolkit.sandbox.errors import Refused
from toolkit.sandbox.published import bodies
from toolkit.sandbox.published.campaign_mapping import request_of
from toolkit.sandbox.published.rows import Log
from toolkit.sandbox.published.schemas import NewCampaign, UpdateCampaign
from toolkit.sandbox.service import Service
from toolkit.sandbox.times import naive, to_us


def create(service: Service, new: NewCampaign) -> bytes:
    """Create a campaign: at stage INSTANCE it is sent, at once or when it is scheduled."""
    with service.writing() as (db, now_us):
        request = request_of(service, db, new)
        if new.stage == "INSTANCE":
            return _launched(service, db, request, now_us=now_us)
        last = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'drafts'").fetchone()
        own_id = hashing.identifier(service.seed, "draft", last[0] if last else 0)
        seqs = np.flatnonzero(np.unpackbits(_audience(service, db, request).reshape(-1), bitorder="little"))
        db.execute(
            "INSERT INTO drafts (id, stage, created_us, updated_us, body, audience) VALUES (?, ?, ?, ?, ?, ?)",
            (own_id, new.stage, now_us, now_us, new.model_dump_json().encode(), seqs.astype(np.int64).tobytes()),
        )
        if service.behaviour.published.does_a_draft_send:
            _launched(service, db, request, now_us=now_us, own_id=own_id)
        return msgspec.json.encode(shown(service, db, own_id))


def shown(service: Service, db: sqlite3.Connection, own_id: str) -> dict[str, Any] | None:
    """Return a draft; None if no draft has the id."""
    row = db.execute("SELECT stage, created_us, updated_us, body FROM drafts WHERE id = ?", (own_id,)).fetchone()
    if row is None:
        return None
    stage, created_us, updated_us, body = row
    new = NewCampaign.model_validate_json(body)
    request = request_of(service, db, new)
    return {
        "media_urls": [],
        "attach_files": [],
        "contact_fields": [],
        **request.echo,
        "campaign_metadata": campaign_requests.metadata(db, request.audience),
        "id": own_id,
        "name": new.name,
        "type": new.type,
        "message": request.message,
        "status": "PENDING",
        "mode": new.mode,
        "stage": stage,
        "is_schedule": new.is_schedule,
        "is_timezone_aware": new.is_timezone_aware,
        "enable_link_shortening": new.enable_link_shortening,
        "start_time": None if new.start_time is None else naive(to_us(new.start_time)),
        "end_time": None if new.end_time is None else naive(to_us(new.end_time)),
        "created_time": naive(created_us),
        "updated_time": naive(updated_us),
        "phones": bodies.phones_of(db, new.phone_ids),
        "statistics": None,
    }


def listed(service: Service, db: sqlite3.Connection, stage: str) -> list[dict[str, Any]]:
    """Return the drafts of a stage."""
    ids = db.execute("SELECT id FROM drafts WHERE stage = ? ORDER BY number", (stage,)).fetchall()
    return [found for (own_id,) in ids if (found := shown(service, db, own_id))]


def update(service: Service, campaign_id: str, changes: UpdateCampaign) -> bytes:
    """Change a draft, launch it, or cancel what was launched."""
    with service.writing() as (db, now_us):
        draft = db.execute("SELECT body, audience, created_us FROM drafts WHERE id = ?", (campaign_id,)).fetchone()
        if draft is None:
            return _update_launched(service, db, campaign_id, changes, now_us=now_us)
        given = changes.model_dump(mode="json", exclude_unset=True, exclude_none=True)
        new = NewCampaign.model_validate({**msgspec.json.decode(draft[0]), **given})
        request = request_of(service, db, new)
        if new.stage == "INSTANCE" and service.behaviour.published.does_launching_send:
            db.execute("DELETE FROM drafts WHERE id = ?", (campaign_id,))
            if campaigns.find(db, "id", f"campaign_{campaign_id}") is not None:  # it was sent as a draft already
                return msgspec.json.encode(bodies.campaign(_log(service, db, campaign_id, now_us)))
            kept = np.frombuffer(draft[1], np.int64)
            return _launched(service, db, request, now_us=now_us, own_id=campaign_id, seqs=kept, created_us=draft[2])
        db.execute(
            "UPDATE drafts SET stage = ?, updated_us = ?, body = ? WHERE id = ?",
            (new.stage, now_us, new.model_dump_json().encode(), campaign_id),
        )
        return msgspec.json.encode(shown(service, db, campaign_id))


def delete(service: Service, campaign_id: str) -> None:
    """Delete a draft, or cancel what has not begun."""
    with service.writing() as (db, now_us):
        if db.execute("DELETE FROM drafts WHERE id = ? RETURNING 1", (campaign_id,)).fetchone() is not None:
            return
        campaign = _existing(db, campaign_id)
        if now_us >= campaign.start_us and service.behaviour.published.cancels_by == "patch":
            raise Refused(400, "A campaign that has begun cannot be deleted")
        _cancel(db, campaign, now_us=now_us)


def _update_launched(
    service: Service, db: sqlite3.Connection, campaign_id: str, changes: UpdateCampaign, *, now_us: int
) -> bytes:
    campaign = _existing(db, campaign_id)
    given = changes.model_dump(mode="json", exclude_unset=True, exclude_none=True)
    if given.pop("status", "CANCELED") != "CANCELED" or given.pop("stage", "INSTANCE") != "INSTANCE":
        raise Refused(422, "A campaign that was launched can only be canceled", field="status")
    if given:
        raise Refused(422, "The embedded service changes only drafts", field=next(iter(given)))
    if changes.status == "CANCELED" and service.behaviour.published.cancels_by == "patch":
        _cancel(db, campaign, now_us=now_us)
    return msgspec.json.encode(bodies.campaign(_log(service, db, campaign_id, now_us)))


def _cancel(db: sqlite3.Connection, campaign: Campaign, *, now_us: int) -> None:
    if campaign.canceled_us is not None:
        return
    if now_us >= max(campaign.done_us, campaign.start_us):
        raise Refused(400, "The campaign has finished: nothing of it can be canceled")
    campaigns.cancel(db, campaign, now_us=now_us)


def _launched(
    service: Service,
    db: sqlite3.Connection,
    request: CampaignRequest,
    *,
    now_us: int,
    own_id: str | None = None,
    seqs: bitmaps.Positions | None = None,
    created_us: int | None = None,
) -> bytes:
    """Send a campaign to those it selects now, or to those a draft has selected."""
    audience = _audience(service, db, request)
    if seqs is not None and not service.behaviour.published.is_audience_taken_at_launch:
        audience = bitmaps.of_positions(seqs, contacts=contacts.how_many(db))
    if not audience.any():
        message = "No contact that may be texted matches these filters"
        raise Refused(422, message, field="any_contact_label_ids")
    per_second = service.behaviour.messages_per_second
    campaign = launches.launch(
        db,
        request,
        audience,
        now_us=now_us,
        seed=service.seed,
        per_second=per_second,
        own_id=own_id,
        created_us=created_us,
    )
    log = Log(db, campaign, now_us, service.seed, service.behaviour.published)
    return msgspec.json.encode(bodies.campaign(log, is_new=True))


def _audience(service: Service, db: sqlite3.Connection, request: CampaignRequest) -> Bitmap:
    return launches.audience_of(db, request, do_drop_opted_out=service.behaviour.published.drops_opted_out)


def _existing(db: sqlite3.Connection, campaign_id: str) -> Campaign:
    campaign = campaigns.find(db, "id", f"campaign_{campaign_id}")
    if campaign is None:
        raise Refused(404, f"No campaign has the id {campaign_id!r}")
    return campaign


def _log(service: Service, db: sqlite3.Connection, campaign_id: str, now_us: int) -> Log:
    return Log(db, _existing(db, campaign_id), now_us, service.seed, service.behaviour.published)
