"""Small replies from JSON into a dialect's structs: as received, or else with wrong values repaired. And senders, which
every dialect answers alike."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypeVar

import msgspec

from toolkit.api import reply_schemas
from toolkit.api.coercion import mend
from toolkit.api.decode_errors import explain
from toolkit.errors import GarbledReply, UnexpectedReply
from toolkit.models import Phone

_Reply = TypeVar("_Reply", bound=msgspec.Struct)


def decode_reply(body: bytes, kind: type[_Reply], what: str) -> _Reply:
    """A reply as a struct; a missing required field is an UnexpectedReply that names it."""
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


def as_utc(time: datetime) -> datetime:
    """A time in UTC; one without a zone is taken as UTC."""
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def read_senders(body: bytes) -> tuple[list[Phone], int]:
    """A page of senders and the total."""
    page = decode_reply(body, reply_schemas.Phones, "phones")
    return [_phone(phone) for phone in page.data], page.total


def _phone(reply: reply_schemas.Phone) -> Phone:
    can = reply.phone_capability or reply_schemas.Capability()
    return Phone(
        id=reply.id,
        phone=reply.phone,
        name=reply.name or "",
        enabled=reply.enabled,
        country=reply.country,
        type=reply.type,
        sms=can.sms,
        mms=can.mms,
        whatsapp=can.whatsapp_business_platform,
        is_default=reply.is_default,
    )
