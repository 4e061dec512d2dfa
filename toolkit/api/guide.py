"""The dialect of the API guide: its paths, its request bodies and how its replies are read.

This module knows every JSON field name and does no input or output. Unknown fields are ignored, unknown values of
statuses and types are kept, a missing required field is an `UnexpectedReply` that names it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any, TypeVar

import msgspec
import pyarrow as pa

from toolkit.api.columns import CONTACTS, LOGS, LabelBook, Page, times
from toolkit.errors import (
    GarbledReply,
    InvalidRequest,
    NotFound,
    RateLimited,
    ServiceError,
    Unauthorized,
    UnexpectedReply,
)
from toolkit.models import (
    Campaign,
    CampaignRequest,
    CampaignSender,
    ImportRequest,
    Job,
    Label,
    Message,
    MessageRequest,
    Phone,
    Statistics,
)

T = TypeVar("T")
Json = dict[str, Any]

PHONES = "phones"
CONTACTS_LIST = "contacts"
IMPORT = "import_contacts"
CAMPAIGNS = "campaigns"
MESSAGE = "send_message"


class _Capability(msgspec.Struct):
    sms: bool = False
    mms: bool = False


class _Phone(msgspec.Struct):
    id: str
    phone: str
    name: str | None = None
    enabled: bool = True
    country: str | None = None
    type: str | None = None
    phone_capability: _Capability | None = None
    is_default: bool = False


class _Label(msgspec.Struct, gc=False):
    id: str
    name: str
    color: str | None = None
    description: str | None = None
    is_system: bool | None = None


class _LabelId(msgspec.Struct, gc=False):
    id: str


class _Contact(msgspec.Struct, gc=False):
    id: str
    created_time: str
    updated_time: str
    name: str | None = None
    phone: str | None = None
    whatsapp_phone: str | None = None
    note: str | None = None
    contact_field_data: msgspec.Raw = msgspec.Raw(b"null")
    contact_labels: list[_LabelId] | None = None


class _Labelled(msgspec.Struct):
    contact_labels: list[_Label] | None = None


class _Log(msgspec.Struct, gc=False):
    id: str
    message_status: str
    contact_id: str | None = None
    contact_name: str | None = None
    contact_phone: str | None = None
    sent_time: str | None = None
    delivered_time: str | None = None
    error_message: str | None = None
    message_id: str | None = None


class _Phones(msgspec.Struct):
    data: list[_Phone]
    total: int


class _Contacts(msgspec.Struct):
    data: list[_Contact]
    total: int


class _ContactLabels(msgspec.Struct):
    data: list[_Labelled]


class _Logs(msgspec.Struct):
    data: list[_Log]
    total: int


class _Statistics(msgspec.Struct):
    total_contacts: int
    sent: int = 0
    failed: int = 0
    delivered: int = 0
    bounced: int = 0
    opened: int = 0
    clicked: int = 0


class _Campaign(msgspec.Struct):
    id: str
    name: str
    type: str
    status: str
    created_time: datetime
    updated_time: datetime
    message: str | None = None
    start_time: datetime | None = None
    end_time: datetime | None = None
    phones: list[_Phone] = []
    statistics: _Statistics | None = None
    target_contact_count: int | None = None
    job_id: str | None = None


class _Message(msgspec.Struct):
    id: str
    status: str
    from_phone: str
    to_phone: str
    content: str
    created_time: datetime
    sent_time: datetime | None = None


class _Job(msgspec.Struct):
    id: str
    status: str
    job_type: str
    created_time: datetime
    updated_time: datetime
    progress: float = 0
    total_items: int = 0
    processed_items: int = 0
    failed_items: int = 0


class _Id(msgspec.Struct):
    id: str


def campaign_path(campaign_id: str) -> str:
    """The path of one campaign."""
    return f"{CAMPAIGNS}/{campaign_id}"


def logs_path(campaign_id: str) -> str:
    """The path of a campaign's delivery log."""
    return f"{CAMPAIGNS}/{campaign_id}/logs"


def job_path(job_id: str) -> str:
    """The path of one job; the guide gives job ids but no path, the vendor's published API gives this one."""
    return f"jobs/{job_id}"


def page_params(offset: int, limit: int, *, statuses: Sequence[str] = ()) -> dict[str, str]:
    """The query of one page of any list; `statuses` only for logs."""
    params = {"offset": str(offset), "limit": str(limit)}
    if statuses:
        params["message_statuses"] = ",".join(statuses)
    return params


def campaign_body(request: CampaignRequest) -> Json:
    """The JSON body of `POST /campaigns`; optional fields are left out unless they say something."""
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


def read_phones(body: bytes) -> tuple[list[Phone], int]:
    """A page of senders and the total."""
    page = _decode(body, _Phones, "phones")
    return [_phone(phone) for phone in page.data], page.total


def read_contacts(body: bytes, book: LabelBook) -> Page:
    """A page of contacts in the `columns.CONTACTS` schema; labels become codes of `book`, which grows."""
    page = _decode(body, _Contacts, "contacts")
    rows = page.data
    label_ids = [label.id for row in rows for label in row.contact_labels or ()]
    if not book.codes.keys() >= set(label_ids):  # what a label is called is read on the first page it is on
        for labelled in _decode(body, _ContactLabels, "contacts").data:
            for label in labelled.contact_labels or ():
                book.add(_label(label))
    codes = [book.codes[label_id] for label_id in label_ids]
    offsets = list(accumulate((len(row.contact_labels or ()) for row in rows), initial=0))
    labels = pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), pa.array(codes, pa.int32()))
    columns = [
        [row.id for row in rows],
        [row.name for row in rows],
        [row.phone for row in rows],
        [row.whatsapp_phone for row in rows],
        [row.note for row in rows],
        labels,
        [bytes(row.contact_field_data).decode() for row in rows],
        _times([row.created_time for row in rows], "contacts", "created_time"),
        _times([row.updated_time for row in rows], "contacts", "updated_time"),
    ]
    return Page(_batch(columns, CONTACTS), page.total)


def read_logs(body: bytes) -> Page:
    """A page of a delivery log in the `columns.LOGS` schema."""
    page = _decode(body, _Logs, "logs")
    rows = page.data
    columns = [
        [row.id for row in rows],
        [row.contact_id for row in rows],
        [row.contact_name for row in rows],
        [row.contact_phone for row in rows],
        [row.message_status for row in rows],
        _times([row.sent_time for row in rows], "logs", "sent_time"),
        _times([row.delivered_time for row in rows], "logs", "delivered_time"),
        [row.error_message for row in rows],
        [row.message_id for row in rows],
    ]
    return Page(_batch(columns, LOGS), page.total)


def read_campaign(body: bytes) -> Campaign:
    """A campaign, new or old."""
    wire = _decode(body, _Campaign, "campaign")
    counts = wire.statistics
    return Campaign(
        id=wire.id,
        name=wire.name,
        type=wire.type,
        status=wire.status,
        message=wire.message or "",
        created_time=_utc(wire.created_time),
        updated_time=_utc(wire.updated_time),
        start_time=_utc(wire.start_time) if wire.start_time else None,
        end_time=_utc(wire.end_time) if wire.end_time else None,
        senders=tuple(CampaignSender(id=p.id, phone=p.phone, name=p.name or "") for p in wire.phones),
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
        target_count=wire.target_contact_count,
        job_id=wire.job_id,
    )


def read_message(body: bytes) -> Message:
    """One message as the service took it."""
    wire = _decode(body, _Message, "message")
    return Message(
        id=wire.id,
        status=wire.status,
        sender=wire.from_phone,
        to=wire.to_phone,
        text=wire.content,
        created_time=_utc(wire.created_time),
        sent_time=_utc(wire.sent_time) if wire.sent_time else None,
    )


def read_job(body: bytes) -> Job:
    """A background job."""
    wire = _decode(body, _Job, "job")
    return Job(
        id=wire.id,
        type=wire.job_type,
        status=wire.status,
        progress=wire.progress,
        total=wire.total_items,
        processed=wire.processed_items,
        failed=wire.failed_items,
        created_time=_utc(wire.created_time),
        updated_time=_utc(wire.updated_time),
    )


def read_sent(read: Callable[[bytes], T], body: bytes) -> T:
    """The reply to a request that was accepted; if it cannot be read, the error tells at least the id in it."""
    try:
        return read(body)
    except UnexpectedReply as error:
        try:
            known = msgspec.json.decode(body, type=_Id)
        except msgspec.MsgspecError:
            raise error from None
        raise UnexpectedReply(f"{error} The service gave it the id {_one_line(known.id)}.") from error


def read_error(status: int, body: bytes) -> ServiceError:
    """The error a reply with a status of 300 or more stands for; bodies of any shape are survived.

    The vendor's newer services answer `{"detail": …}` instead of the guide's `message`; both are read.
    """
    try:
        wire = msgspec.json.decode(body, type=dict[str, Any])
    except msgspec.MsgspecError:
        wire = {}
    said = next((_one_line(str(wire[name])) for name in ("message", "detail", "error") if wire.get(name)), "")
    because = f": {said}" if said else ""
    if status == 401:
        return Unauthorized(
            f"The service did not accept the API key{because}. Check SEAX_API_KEY and SEAX_WORKSPACE_ID.",
            status=status,
        )
    if status == 404:
        return NotFound(f"The service knows no such thing in this workspace{because}.", status=status)
    if status == 429:
        wait = _seconds(wire.get("retry_after"))
        when = f"wait {wait:g} s" if wait is not None else "wait a minute"
        return RateLimited(f"The service is limiting requests{because}; {when} and try again.", retry_after=wait)
    if status in {400, 413, 415, 422}:
        details = wire.get("details")
        field, code = (_known(details, name) for name in ("field", "code"))
        where = f" ({', '.join(filter(None, [field, code]))})" if field or code else ""
        return InvalidRequest(
            f"The service refused the request as invalid{because}{where}.",
            status=status,
            field=field,
            code=code,
        )
    if status == 403:
        return ServiceError(f"The key may not do this{because}: ask for its rights in SeaX.", status=status)
    return ServiceError(f"The service answered with status {status}{because}; try again later.", status=status)


def _known(details: object, name: str) -> str | None:
    value = details.get(name) if isinstance(details, dict) else None
    return _one_line(str(value)) if value else None


def _seconds(value: object) -> float | None:
    try:
        return float(value) if isinstance(value, (int, float, str)) else None
    except ValueError:
        return None


def _decode(body: bytes, kind: type[T], what: str) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.MsgspecError as error:
        kind_of_error = UnexpectedReply if isinstance(error, msgspec.ValidationError) else GarbledReply
        raise kind_of_error(
            f"The service's reply is not the documented {what}: {_one_line(str(error))}. Nothing was read from it."
        ) from error


def _times(values: list[str] | list[str | None], what: str, column: str) -> pa.Array:
    try:
        return times(values)
    except pa.ArrowInvalid as error:
        raise UnexpectedReply(
            f"The service's {what} hold a {column} that is no time: {_one_line(str(error))}."
        ) from error


def _batch(columns: list[Any], schema: pa.Schema) -> pa.RecordBatch:
    arrays = [
        column if isinstance(column, pa.Array) else pa.array(column, field.type)
        for column, field in zip(columns, schema, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _phone(wire: _Phone) -> Phone:
    can = wire.phone_capability or _Capability()
    return Phone(
        id=wire.id,
        phone=wire.phone,
        name=wire.name or "",
        enabled=wire.enabled,
        country=wire.country,
        type=wire.type,
        sms=can.sms,
        mms=can.mms,
        is_default=wire.is_default,
    )


def _label(wire: _Label) -> Label:
    return Label(
        id=wire.id,
        name=wire.name,
        color=wire.color,
        description=wire.description,
        is_system=bool(wire.is_system),
    )


def _utc(time: datetime) -> datetime:
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def _one_line(text: str) -> str:
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(printable.split())[:200].rstrip(".")
