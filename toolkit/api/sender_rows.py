"""Pages of senders, which every dialect answers alike."""

from __future__ import annotations

from toolkit.api import wire
from toolkit.api.decoding import decode_reply
from toolkit.models import Phone


def read_senders(body: bytes) -> tuple[list[Phone], int]:
    """A page of senders and the total."""
    page = decode_reply(body, wire.Phones, "phones")
    return [_phone(phone) for phone in page.data], page.total


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
