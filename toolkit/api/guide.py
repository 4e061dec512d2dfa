"""The dialect of the API guide: its paths, its request bodies and how its replies are read.

With `wire`, `pages` and `refusals` it knows every JSON field name, and does no input or output. Unknown values of
statuses and types are kept; a missing required field is an `UnexpectedReply` that names it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

from toolkit.api import wire
from toolkit.api.odd_values import mend
from toolkit.api.refusals import one_line, read_refused_rows
from toolkit.api.unreadable_reply import explain
from toolkit.errors import GarbledReply, UnexpectedReply
from toolkit.models import (
    Campaign,
    CampaignRequest,
    CampaignSender,
    ImportRequest,
    Job,
    Message,
    MessageRequest,
    Phone,
    Statistics,
)

T = TypeVar("T")
_Reply = TypeVar("_Reply", bound=msgspec.Struct)
Json = dict[str, Any]

PHONES = "phones"
CONTACTS_LIST = "contacts"
IMPORT = "import_contacts"
CAMPAIGNS = "campaigns"
MESSAGE = "send_message"
FILLS_PLACEHOLDERS = False  # the guide documents none, so braces are sent as they are


def campaign_path(campaign_id: str) -> str:
    """The path of one campaign."""
    return f"{CAMPAIGNS}/{campaign_id}"


def logs_path(campaign_id: str) -> str:
    """The path of a campaign's delivery log."""
    return f"{CAMPAIGNS}/{campaign_id}/logs"


def job_path(job_id: str) -> str:
    """The path of one job; the guide gives job ids but no path, the vendor's published API gives this one."""
    return f"jobs/{job_id}"


def page_params(offset: int, limit: int) -> dict[str, str]:
    """The query of one page of any list."""
    return {"offset": str(offset), "limit": str(limit)}


def contact_filters(*, any_of: Sequence[str] = (), order: str = "") -> dict[str, str]:
    """The additional query of contacts: ids of labels of which each has one, and an order."""
    filters = {"any_contact_label_ids": ",".join(any_of), "order_by": order}
    return {name: value for name, value in filters.items() if value}


def log_filters(statuses: Sequence[str]) -> dict[str, str]:
    """The additional query of a log: the wanted statuses, if not all."""
    return {"message_statuses": ",".join(statuses)} if statuses else {}


def campaign_body(request: CampaignRequest) -> Json:
    """The JSON body of `POST /campaigns`; optional fields without a value are omitted."""
    body: Json = {
        "name": request.name,
        "type": request.type,
        "message": request.message,
        "phone_ids": list(request.sender_ids),
        "is_schedule": request.start_at is not None,
    }
    optional = {
        "any_contact_label_ids": list(request.target.any_of),
        "all_contact_label_ids": list(request.target.all_of),
        "exclude_any_contact_label_ids": list(request.target.none_of),
        "exclude_contact_ids": list(request.target.exclude_contacts),
        "media_urls": list(request.media_urls),
        "start_time": request.start_at.astimezone(UTC).isoformat() if request.start_at else None,
        "end_time": request.end_at.astimezone(UTC).isoformat() if request.end_at else None,
        "enable_link_shortening": request.shorten_links,
        "attach_contact_label_ids": list(request.attach_label_ids),
    }
    return body | {name: value for name, value in optional.items() if value}


def message_body(request: MessageRequest) -> Json:
    """The JSON body of `POST /send_message`."""
    body: Json = {
        "phone_number": request.sender,
        "to_phone_number": request.to,
        "content": request.text,
    }
    return body | ({"media_urls": list(request.media_urls)} if request.media_urls else {})


def import_params(request: ImportRequest) -> dict[str, str]:
    """The query of `POST /import_contacts`; the file goes as the form field `file`."""
    params = {"duplicate_strategy": request.on_duplicate}
    return params | ({"phone_country": request.phone_country} if request.phone_country else {})


def read_sender_phones(body: bytes) -> tuple[list[Phone], int]:
    """A page of senders and the total."""
    page = _decode(body, wire.Phones, "phones")
    return [_phone(phone) for phone in page.data], page.total


def read_campaign(body: bytes) -> Campaign:
    """A campaign, new or old."""
    reply = _decode(body, wire.Campaign, "campaign")
    counts = reply.statistics
    return Campaign(
        id=reply.id,
        name=reply.name,
        type=reply.type,
        status=reply.status,
        message=reply.message or "",
        created_time=_utc(reply.created_time),
        updated_time=_utc(reply.updated_time),
        start_time=_utc(reply.start_time) if reply.start_time else None,
        end_time=_utc(reply.end_time) if reply.end_time else None,
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


def read_message(body: bytes) -> Message:
    """One message as the service accepted it."""
    reply = _decode(body, wire.Message, "message")
    return Message(
        id=reply.id,
        status=reply.status,
        sender=reply.from_phone,
        to=reply.to_phone,
        text=reply.content,
        created_time=_utc(reply.created_time),
        sent_time=_utc(reply.sent_time) if reply.sent_time else None,
    )


def read_job(body: bytes) -> Job:
    """A background job."""
    reply = _decode(body, wire.Job, "job")
    return Job(
        id=reply.id,
        type=reply.job_type,
        status=reply.status,
        progress=reply.progress,
        total=reply.total_items,
        processed=reply.processed_items,
        failed=reply.failed_items,
        created_time=_utc(reply.created_time),
        updated_time=_utc(reply.updated_time),
        errors=read_refused_rows(reply.errors, reply.result),
    )


def read_sent(read: Callable[[bytes], T], body: bytes) -> T:
    """The reply to an accepted request; if it cannot be read, the error has at least the id in it."""
    try:
        return read(body)
    except UnexpectedReply as error:
        try:
            known = msgspec.json.decode(body, type=wire.Id)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise error from None
        named = UnexpectedReply(f"{error} The service gave it the id {one_line(str(known.id))}.")
        named.known_id = str(known.id)
        raise named from error


def _decode(body: bytes, kind: type[_Reply], what: str) -> _Reply:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    try:
        mended, _ = mend(body, kind)
        return msgspec.json.decode(mended, type=kind)
    except (GarbledReply, msgspec.ValidationError) as error:
        why = str(error) if isinstance(error, GarbledReply) else explain(mended, error)
        kind_of_error = GarbledReply if isinstance(error, GarbledReply) else UnexpectedReply
        raise kind_of_error(
            f"The service's reply is not the documented {what}: {why}. Its content was ignored."
        ) from error


def _phone(reply: wire.Phone) -> Phone:
    can = reply.phone_capability or wire.Capability()
    return Phone(
        id=reply.id,
        phone=reply.phone,
        name=reply.name or "",
        enabled=reply.enabled,
        country=reply.country,
        type=reply.type,
        sms=can.sms,
        mms=can.mms,
        is_default=reply.is_default,
    )


def _utc(time: datetime) -> datetime:
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
