"""The replies of the API guide as received: every JSON field name that is read, and nothing else.

Fields that are not here are ignored; one without a default is required.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from toolkit.api.reply_schemas import Phone


class Log(msgspec.Struct, gc=False):
    id: str
    message_status: str | None = None
    contact_id: str | None = None
    contact_name: str | None = None
    contact_phone: str | None = None
    sent_time: str | None = None
    delivered_time: str | None = None
    error_message: str | None = None
    message_id: str | None = None


class Logs(msgspec.Struct):
    data: list[Log]
    total: int


class Statistics(msgspec.Struct):
    total_contacts: int
    sent: int = 0
    failed: int = 0
    delivered: int = 0
    bounced: int = 0
    opened: int = 0
    clicked: int = 0


class Campaign(msgspec.Struct):
    id: str
    name: str
    type: str
    status: str
    created_time: datetime
    updated_time: datetime
    message: str | None = None
    start_time: datetime | None = None
    end_time: datetime | None = None
    phones: list[Phone] = []
    statistics: Statistics | None = None
    target_contact_count: int | None = None
    job_id: str | None = None


class Message(msgspec.Struct):
    id: str
    status: str
    from_phone: str
    to_phone: str
    content: str
    created_time: datetime
    sent_time: datetime | None = None


class Job(msgspec.Struct):
    id: str
    status: str
    job_type: str
    created_time: datetime
    updated_time: datetime
    progress: float = 0
    total_items: int = 0
    processed_items: int = 0
    failed_items: int = 0
    errors: msgspec.Raw = msgspec.Raw(b"null")
    result: msgspec.Raw = msgspec.Raw(b"null")
