"""What every dialect answers alike, as received: senders and contacts, and nothing but the field names that are read.

Fields that are not here are ignored; one without a default is required.
"""

from __future__ import annotations

import msgspec


class Capability(msgspec.Struct):
    sms: bool = False
    mms: bool = False
    whatsapp_business_platform: bool = False


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


class RowId(msgspec.Struct, gc=False):
    id: str


class RowIds(msgspec.Struct):
    data: list[RowId]
    total: int


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


class Phones(msgspec.Struct):
    data: list[Phone]
    total: int


class Contacts(msgspec.Struct):
    data: list[Contact]
    total: int


class ContactLabels(msgspec.Struct):
    data: list[Labelled]


class Id(msgspec.Struct):
    id: str | int
