"""Every message of the API that SeaX publishes, sent or received, in columns."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from toolkit.api.arrow_schemas import MESSAGES, Page, batch, status_words, times
from toolkit.api.dialect import ApiCall
from toolkit.api.page_decoding import read_page, unknown_fields
from toolkit.api.published.requests import page_of


class Contact(msgspec.Struct, gc=False):
    id: str
    phone: str | None = None


class Sender(msgspec.Struct, gc=False):
    phone: str


class Click(msgspec.Struct, gc=False):
    total_clicks: int = 0
    oldest_click_time: str | None = None


class Row(msgspec.Struct, gc=False):
    id: str
    is_inbound: bool
    created_time: str
    message: str | None = None
    conversation_id: str | None = None
    campaign_id: str | None = None
    status: str | None = None
    segments_number: int | None = None
    contact: Contact | None = None
    phone: Sender | None = None
    click_events: list[Click] | None = None


class Rows(msgspec.Struct):
    data: list[Row]
    total: int


_KNOWN = {
    *Row.__struct_fields__,
    *(
        "external_id",
        "is_bot",
        "message_time",
        "updated_time",
        "sender",
        "whatsapp_message_status",
        "event",
        "phone_id",
    ),
    *("event_error_message", "media_urls", "attach_files", "raw_data", "bot_info", "response_error_message"),
}  # known, whether read or not


def inbox(since: datetime, until: datetime, offset: int, limit: int) -> ApiCall:
    """A page of all messages between two times, oldest first, answered with 202."""
    times = {"start_time": since.astimezone(UTC).isoformat(), "end_time": until.astimezone(UTC).isoformat()}
    wanted = page_of(offset, limit) | times | {"order_by": "created_time:asc"}
    return ApiCall("message", wanted, success=frozenset({200, 202}))


def read_inbox(body: bytes) -> Page:
    """A page of messages in the `arrow_schemas.MESSAGES` schema."""
    return read_page(body, Rows, _rows)


def _rows(body: bytes) -> Page:
    page = msgspec.json.decode(body, type=Rows)
    rows, clicks = page.data, [row.click_events or [] for row in page.data]
    ids = [row.id for row in rows]
    columns = [
        ids,
        [row.contact.id if row.contact else None for row in rows],
        [row.contact.phone if row.contact else None for row in rows],
        [row.phone.phone if row.phone else None for row in rows],
        [row.conversation_id for row in rows],
        [row.campaign_id for row in rows],
        ["in" if row.is_inbound else "out" for row in rows],
        [row.message for row in rows],
        status_words([row.status for row in rows]),
        [row.segments_number for row in rows],
        times([row.created_time for row in rows]),
        [sum(click.total_clicks for click in some) for some in clicks],
        times([min((x.oldest_click_time for x in some if x.oldest_click_time), default=None) for some in clicks]),
    ]
    return Page(batch(columns, MESSAGES), ids, page.total, unknown_fields(body, _KNOWN))
