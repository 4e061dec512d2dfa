"""Phones, labels, campaigns and jobs as the vendor publishes them."""

import sqlite3
from collections.abc import Iterable
from typing import Any

import msgspec

from toolkit.sandbox import imports
from toolkit.sandbox.contacts import Writing
from toolkit.sandbox.delivery import campaign_requests
from toolkit.sandbox.delivery.campaigns import Campaign
from toolkit.sandbox.options import Published
from toolkit.sandbox.published.rows import Log, bare
from toolkit.sandbox.service import WORKSPACE_ID
from toolkit.sandbox.times import naive

_STATUS = {"scheduled": "PENDING", "sending": "STARTED", "finished": "FINISHED"}
_JOB_STATUS = {"PENDING": "scheduled", "STARTED": "started", "FINISHED": "finished", "CANCELED": "canceled"}
_TIMEOUT_S = 21_600
_PHONE: dict[str, Any] = {
    "whatsapp_device_id": None,
    "whatsapp_status": None,
    "generic_reply_message": "",
    "dnc_reply_message": "",
    "enabled_generic_reply": False,
    "enabled_dnc_reply": False,
    "enabled_recipient": False,
    "whatsapp_business_account_phone_id": None,
    "dialpad_available": False,
    "is_auto_answer_incoming_calls": False,
    "call_recipient": None,
    "sms_recipient": None,
    "wabp_recipient": None,
    "messenger_recipient": None,
    "line_recipient": None,
    "instagram_recipient": None,
    "verified_caller": None,
    "byoc_trunk": None,
    "imported_from_pre_existed": False,
}
_PHONE_DETAIL = {"users": [], "keywords": [], "unread_count": 0, "line_bot_basic_id": None, "interface_language": None}


def phone(stored: bytes) -> dict[str, Any]:
    """Return a sender as campaigns show it."""
    return {**msgspec.json.decode(stored), **_PHONE}


def phone_detail(stored: bytes) -> dict[str, Any]:
    """Return a sender as a list of them shows it."""
    return {**phone(stored), **_PHONE_DETAIL}


def label(row: tuple[Any, ...]) -> dict[str, Any]:
    """Return a label from its id, name, color, description, is_system and created_us."""
    own_id, name, color, description, is_system, created_us = row
    created = naive(created_us)
    return {
        "name": name,
        "color": color,
        "description": description or "",
        "id": own_id,
        "is_system": bool(is_system),
        "created_time": created,
        "updated_time": created,
    }


def label_rows(db: sqlite3.Connection) -> Iterable[tuple[Any, ...]]:
    """Read every label for `label`, in the order of their numbers, which count from 1."""
    return db.execute("SELECT id, name, color, description, is_system, created_us FROM labels ORDER BY number")


CONTACTS_WRITING = Writing(
    labels=lambda db: [msgspec.json.encode(label(row)) for row in label_rows(db)],
    closing=b'],"messenger_psid":null,"instagram_psid":null,"line_user_id":null,"profile_picture_url":null,'
    b'"profile_picture_source":null}',
)


def campaign_status(campaign: Campaign, now_us: int) -> str:
    """Return one of the published words."""
    return "CANCELED" if campaign.canceled_us is not None else _STATUS[campaign.status_at(now_us)]


def campaign(log: Log, *, is_new: bool = False) -> dict[str, Any]:
    """Return a campaign with its statistics; one that is new has none yet."""
    one, now_us = log.campaign, log.now_us
    status = campaign_status(one, now_us)
    end_us = one.done_us if status in ("FINISHED", "CANCELED") else one.end_us
    return {
        "media_urls": [],
        "attach_files": [],
        "contact_fields": [],
        "messaging_service_id": None,
        **campaign_requests.kept(log.db, one.number),
        "id": bare(one.id),
        "name": one.name,
        "type": one.type,
        "message": one.message,
        "status": status,
        "mode": "WEB",
        "stage": "INSTANCE",
        "is_timezone_aware": False,
        "enable_link_shortening": one.has_short_links,
        "start_time": naive(one.start_us),
        "end_time": None if end_us is None else naive(end_us),
        "created_time": naive(one.created_us),
        "updated_time": naive(max(one.created_us, min(now_us, one.done_us))),
        "phones": phones_of(log.db, [sender["id"] for sender in one.phones]),
        "statistics": None if is_new else _statistics(log),
    }


def phones_of(db: sqlite3.Connection, ids: Iterable[str]) -> list[dict[str, Any]]:
    """Return senders as campaigns show them."""
    return [phone(db.execute("SELECT body FROM phones WHERE id = ?", (own_id,)).fetchone()[0]) for own_id in ids]


def _statistics(log: Log) -> dict[str, int]:
    counts = log.counts()
    if log.behaviour.counts == "cumulative":
        counts["sent"] += counts["delivered"] + counts["undelivered"]
    if log.now_us < log.campaign.start_us:
        counts["scheduled"], counts["queued"] = counts["queued"], 0
    clicks, delivered = counts.pop("clicks"), counts["delivered"]
    return {
        **dict.fromkeys(("accepted", "scheduled", "sending", "receiving", "received", "initialized"), 0),
        **counts,
        "total": log.campaign.target,
        "total_clicks": clicks,
        "click_through_rate": 100 * clicks // delivered if delivered else 0,
    }


def launch_job(campaign: Campaign, *, now_us: int, behaviour: Published) -> dict[str, Any]:
    """Return the job that sends a campaign."""
    status = _JOB_STATUS[campaign_status(campaign, now_us)]
    has_started, has_ended = now_us >= campaign.start_us, status in ("finished", "canceled")
    return {
        **_job(bare(campaign.job_id), "lauch_campaign", status, campaign.created_us),
        "started_at": naive(campaign.start_us) if has_started else None,
        "updated_at": naive(max(campaign.created_us, min(now_us, campaign.done_us))),
        "ended_at": naive(campaign.done_us) if has_ended else None,
        "resource_id": bare(campaign.id) if behaviour.is_resource_the_campaign else None,
    }


def import_job(db: sqlite3.Connection, number: int, *, now_us: int) -> dict[str, Any]:
    """Return the job of an import; it failed if no row could be used."""
    job = imports.read_import_job(db, number)
    is_done, has_failed = job.processed == job.total, bool(job.total) and job.failed == job.total
    status = "queued" if not job.processed and not is_done else "started" if not is_done else "finished"
    return {
        **_job(bare(job.id), "import_contacts", "failed" if has_failed else status, job.created_us),
        "started_at": naive(job.created_us) if job.processed or is_done else None,
        "updated_at": naive(max(job.created_us, min(now_us, job.done_us))),
        "ended_at": naive(job.done_us) if is_done else None,
        "error_msg": "Row {}: {}".format(*job.problems[0]) if has_failed else None,
    }


def _job(job_id: str, kind: str, status: str, created_us: int) -> dict[str, Any]:
    return {
        "status": status,
        "job_id": job_id,
        "type": kind,
        "workspace_id": WORKSPACE_ID,
        "enqueued_at": naive(created_us),
        "error_msg": None,
        "error_code": None,
        "error_parameters": None,
        "description": None,
        "timeout": _TIMEOUT_S,
        "result": None,
        "traceback": None,
        "resource_id": None,
    }
