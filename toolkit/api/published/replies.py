"""Replies of the API that SeaX publishes, read into our own words.

A message has one of six statuses: queued, sent, delivered, undelivered, failed, canceled. Counters are one per status,
or cumulative; which, each reply shows by what adds up. When a message was delivered, the service does not report.
"""

from __future__ import annotations

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from toolkit.api.arrow_schemas import LOGS, Page, batch, status_words, times
from toolkit.api.decoding import as_utc, decode_reply
from toolkit.api.error_replies import one_line, read_refused_rows
from toolkit.api.page_decoding import read_page, row_ids, unknown_fields
from toolkit.api.published import reply_schemas
from toolkit.models import Campaign, CampaignSender, Job, Message, MessageRequest, Statistics

_QUEUED = pa.array(["accepted", "initialized", "scheduled", "sending"])
_LOG = {*reply_schemas.Log.__struct_fields__, "summary", "updated_phone_status"}  # known, whether read or not


def read_campaign(body: bytes) -> Campaign:
    """A campaign, new or old."""
    return campaign_of(decode_reply(body, reply_schemas.Campaign, "campaign"))


def campaign_of(reply: reply_schemas.Campaign) -> Campaign:
    """A campaign in our words."""
    statistics, counters = counters_of(reply.statistics)
    return Campaign(
        id=reply.id,
        name=reply.name,
        type=reply.type,
        status=(reply.status or "").lower(),
        message=reply.message or "",
        created_time=as_utc(reply.created_time),
        updated_time=as_utc(reply.updated_time),
        start_time=as_utc(reply.start_time) if reply.start_time else None,
        end_time=as_utc(reply.end_time) if reply.end_time else None,
        senders=tuple(CampaignSender(id=p.id, phone=p.phone, name=p.name or "") for p in reply.phones or ()),
        statistics=statistics,
        counters=counters,
        shortens_links=reply.enable_link_shortening,
    )


def counters_of(counts: reply_schemas.Statistics | None) -> tuple[Statistics | None, str]:
    """The counters, and a sentence on how they are read unless each message is counted once, by its latest status."""
    if counts is None:
        return None, ""
    pending = counts.accepted + counts.queued + counts.scheduled + counts.sending + counts.initialized
    reached = counts.delivered + counts.undelivered
    once = pending + counts.sent + reached + counts.failed + counts.canceled
    once += counts.receiving + counts.received
    if once == counts.total:
        sent, words = counts.sent + reached, ""
    elif reached <= counts.sent <= counts.total - counts.failed - counts.canceled:
        sent = counts.sent
        words = (
            f"The service's counters add up to {once:,} of {counts.total:,} messages, so `sent` is read as including "
            "what was delivered or bounced later."
        )
    else:
        return None, (
            f"The service's counters add up to {once:,} of {counts.total:,} messages and cannot be read as cumulative "
            "either, so none are shown: the log decides."
        )
    statistics = Statistics(
        total=counts.total,
        sent=sent,
        failed=counts.failed,
        delivered=counts.delivered,
        bounced=counts.undelivered,
        opened=None,
        clicked=counts.total_clicks,
        canceled=counts.canceled,
    )
    return statistics, words


def read_logs(body: bytes, *, only_ids: bool = False) -> Page:
    """A page of a delivery log in the `columns.LOGS` schema; without names and times of delivery."""
    inner = decode_reply(body, reply_schemas.LogReply, "delivery log")
    return read_page(bytes(inner.campaign_logs), reply_schemas.Logs, row_ids if only_ids else _logs)


def _logs(body: bytes) -> Page:
    page = msgspec.json.decode(body, type=reply_schemas.Logs)
    rows = page.data
    messages = [row.message for row in rows]
    ids = [row.id for row in rows]
    statuses = status_words([message.status for message in messages])
    statuses = pc.if_else(pc.is_in(statuses, value_set=_QUEUED), "queued", statuses)
    is_queued = pc.fill_null(pc.equal(statuses, "queued"), False)
    sent = times([row.sending_time for row in rows])
    columns = [
        ids,
        [message.conversation.contact_id if message.conversation else None for message in messages],
        pa.nulls(len(rows), pa.string()),
        [row.to_number for row in rows],
        statuses,
        pc.if_else(is_queued, pa.scalar(None, sent.type), sent),
        pa.nulls(len(rows), sent.type),
        [_error(message) for message in messages],
        [message.external_id or message.id for message in messages],
        [row.from_number for row in rows],
        [message.message for message in messages],
        [message.segments_number for message in messages],
        times([message.updated_time for message in messages]),
    ]
    return Page(batch(columns, LOGS), ids, page.total, unknown_fields(body, _LOG))


def _error(message: reply_schemas.LoggedMessage) -> str | None:
    """The carrier's words and its code, by which failures are classified."""
    said, code = message.event_error_message, message.event_error_code
    return f"{said or ''} ({code})".strip() if code else said


def read_message(body: bytes, request: MessageRequest) -> Message:
    """One message as the service accepted it: the reply has its id and time alone."""
    reply = decode_reply(body, reply_schemas.SingleMessage, "message")
    return Message(
        id=reply.id,
        status="queued",
        sender=request.sender,
        to=request.to,
        text=request.text,
        created_time=as_utc(reply.message_time),
    )


def read_job(body: bytes) -> Job:
    """A background job, which counts nothing."""
    return job_of(decode_reply(body, reply_schemas.Job, "job"))


def job_of(reply: reply_schemas.Job) -> Job:
    """A job in our words."""
    known = [as_utc(at) for at in (reply.enqueued_at, reply.started_at, reply.updated_at, reply.ended_at) if at]
    code = f" ({reply.error_code})" if reply.error_code else ""
    return Job(
        id=reply.job_id,
        type=reply.type or "",
        status=reply.status,
        progress=100 if reply.status == "finished" else 0,
        total=0,
        processed=0,
        failed=0,
        created_time=min(known, default=None),
        updated_time=max(known, default=None),
        errors=read_refused_rows(reply.result),
        problem=f"{one_line(reply.error_msg or '')}{code}".strip(),
    )


def read_id(body: bytes) -> str | None:
    """The id in the reply to an accepted request, if nothing else can be read."""
    try:
        known = msgspec.json.decode(body, type=reply_schemas.Given)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return known.id or known.job_id
