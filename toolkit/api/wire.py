"""The replies of the API guide as received: every JSON field name that is read, and nothing else.

Fields that are not here are ignored; one without a default is required.
"""

from __future__ import annotations

from datetime import datetime

import msgspec


class Capability(msgspec.Struct):
    sms: bool = False
    mms: bool = False


class Phone(msgspec.Struct):
    id: str
    phone: str
    name: str | None = None
    enabled: bool = True
    country: str | None = None
    type: str | None = None
    phone_capability: Capability | None = None
    is_default: bool = False


class Label(msgspec.Struct, gc=False):
    id: str
    name: str | None = None
    color: str | None = None
    description: str | None = None
    is_system: bool | None = None


class LabelId(msgspec.Struct, gc=False):
    id: str


class Contact(msgspec.Struct, gc=False):
    id: str
    created_time: str | None = None
    updated_time: str | None = None
    name: str | None = None
    phone: str | None = None
    whatsapp_phone: str | None = None
    note: str | None = None
    contact_field_data: msgspec.Raw = msgspec.Raw(b"null")
    contact_labels: list[LabelId] | None = None


class Labelled(msgspec.Struct):
    contact_labels: list[Label] | None = None


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


class Phones(msgspec.Struct):
    data: list[Phone]
    total: int


class Contacts(msgspec.Struct):
    data: list[Contact]
    total: int


class ContactLabels(msgspec.Struct):
    data: list[Labelled]


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


class Id(msgspec.Struct):
    id: str | int
