"""Replies of the API guide, read into our own words. Unknown values of statuses and types are kept."""

from __future__ import annotations

import msgspec
import pyarrow as pa

from toolkit.api.arrow_schemas import LOGS, Page, batch, status_words, times
from toolkit.api.decoding import as_utc, decode_reply
from toolkit.api.error_replies import read_refused_rows
from toolkit.api.guide import reply_schemas
from toolkit.api.page_decoding import read_page, row_ids, unknown_fields
from toolkit.api.reply_schemas import Id
from toolkit.models import Campaign, CampaignSender, Job, Message, MessageRequest, Statistics

_LOG = {*reply_schemas.Log.__struct_fields__}


def read_campaign(body: bytes) -> Campaign:
    """A campaign, new or old."""
    reply = decode_reply(body, reply_schemas.Campaign, "campaign")
    counts = reply.statistics
    return Campaign(
        id=reply.id,
        name=reply.name,
        type=reply.type,
        status=reply.status,
        message=reply.message or "",
        created_time=as_utc(reply.created_time),
        updated_time=as_utc(reply.updated_time),
        start_time=as_utc(reply.start_time) if reply.start_time else None,
        end_time=as_utc(reply.end_time) if reply.end_time else None,
        senders=tuple(CampaignSender(id=p.id, phone=p.phone, name=p.name or "") for p in reply.phones),
        statistics=counts
        and Statistics(
            total=counts.total_contacts,
            sent=counts.sent,
            failed=counts.failed,
            delivered=counts.delivered,
            bounced=counts.bounced,
            opened=counts.opened,
            clicked=counts.clicked,
        ),
        target_count=reply.target_contact_count,
        job_id=reply.job_id,
    )


def read_message(body: bytes, request: MessageRequest) -> Message:
    """One message as the service accepted it."""
    reply = decode_reply(body, reply_schemas.Message, "message")
    return Message(
        id=reply.id,
        status=reply.status,
        sender=reply.from_phone,
        to=reply.to_phone,
        text=reply.content,
        created_time=as_utc(reply.created_time),
        sent_time=as_utc(reply.sent_time) if reply.sent_time else None,
    )


def read_job(body: bytes) -> Job:
    """A background job."""
    reply = decode_reply(body, reply_schemas.Job, "job")
    return Job(
        id=reply.id,
        type=reply.job_type,
        status=reply.status,
        progress=reply.progress,
        total=reply.total_items,
        processed=reply.processed_items,
        failed=reply.failed_items,
        created_time=as_utc(reply.created_time),
        updated_time=as_utc(reply.updated_time),
        errors=read_refused_rows(reply.errors, reply.result),
    )


def read_id(body: bytes) -> str | None:
    """The id in the reply to an accepted request, if nothing else can be read."""
    try:
        return str(msgspec.json.decode(body, type=Id).id)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def read_logs(body: bytes, *, only_ids: bool = False) -> Page:
    """A page of a delivery log in the `columns.LOGS` schema; the guide has no sender, text and parts."""
    return read_page(body, reply_schemas.Logs, row_ids if only_ids else _logs)


def _logs(body: bytes) -> Page:
    page = msgspec.json.decode(body, type=reply_schemas.Logs)
    rows = page.data
    ids = [row.id for row in rows]
    nothing = pa.nulls(len(rows))
    columns = [
        ids,
        [row.contact_id for row in rows],
        [row.contact_name for row in rows],
        [row.contact_phone for row in rows],
        status_words([row.message_status for row in rows]),
        times([row.sent_time for row in rows]),
        times([row.delivered_time for row in rows]),
        [row.error_message for row in rows],
        [row.message_id for row in rows],
        *(nothing.cast(LOGS.field(name).type) for name in ("sender", "text", "parts", "changed_time")),
    ]
    return Page(batch(columns, LOGS), ids, page.total, unknown_fields(body, _LOG))
