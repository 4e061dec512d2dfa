"""Replies of the API that SeaX publishes (OpenAPI file of 2025-11), as received: every JSON field name that is read.

Fields that are not here are ignored; one without a default is required. What the file requires and we can do without is
optional here.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from toolkit.api.reply_schemas import Phone


class Statistics(msgspec.Struct):
    accepted: int = 0
    queued: int = 0
    scheduled: int = 0
    sending: int = 0
    sent: int = 0
    failed: int = 0
    delivered: int = 0
    undelivered: int = 0
    receiving: int = 0
    received: int = 0
    canceled: int = 0
    initialized: int = 0
    total: int = 0
    total_clicks: int = 0


class Campaign(msgspec.Struct):
    id: str
    name: str
    type: str
    created_time: datetime
    updated_time: datetime
    status: str | None = None
    message: str | None = None
    enable_link_shortening: bool | None = None
    start_time: datetime | None = None
    end_time: datetime | None = None
    phones: list[Phone] | None = None
    statistics: Statistics | None = None


class NamedId(msgspec.Struct):
    id: str


class Url(msgspec.Struct):
    url: str


class Metadata(msgspec.Struct):
    all_contact_labels: list[NamedId] | None = None
    any_contact_labels: list[NamedId] | None = None
    exclude_contacts: list[NamedId] | None = None
    addition_contacts: list[NamedId] | None = None
    exclude_any_contact_labels: list[NamedId] | None = None
    exclude_all_contact_labels: list[NamedId] | None = None
    whatsapp_phone_only: bool | None = None


class UsedTemplate(msgspec.Struct):
    service_account_id: str | None = None
    service_account_template_name: str | None = None
    service_account_template_language: str | None = None


class Echo(msgspec.Struct):
    id: str
    name: str
    type: str
    stage: str
    created_time: datetime
    status: str | None = None
    message: str | None = None
    draft_name: str | None = None
    mode: str | None = None
    messaging_service_id: str | None = None
    media_urls: list[str] | None = None
    attach_files: list[Url] | None = None
    header_message: str | None = None
    is_schedule: bool | None = None
    is_timezone_aware: bool | None = None
    enable_link_shortening: bool | None = None
    start_time: datetime | None = None
    end_time: datetime | None = None
    phones: list[Phone] | None = None
    ai_agent_conversation_config_id: str | None = None
    service_provider_campaign_data: UsedTemplate | None = None
    contact_file_url: str | None = None
    campaign_metadata: Metadata | None = None


class Echoes(msgspec.Struct):
    data: list[Echo]
    total: int


class Campaigns(msgspec.Struct):
    data: list[Campaign]
    total: int


class Conversation(msgspec.Struct, gc=False):
    contact_id: str | None = None


class LoggedMessage(msgspec.Struct, gc=False):
    id: str | None = None
    external_id: str | None = None
    message: str | None = None
    segments_number: int | None = None
    status: str | None = None
    updated_time: str | None = None
    conversation: Conversation | None = None
    event_error_code: int | None = None
    event_error_message: str | None = None


class Log(msgspec.Struct, gc=False):
    id: str
    message: LoggedMessage
    sending_time: str | None = None
    from_number: str | None = None
    to_number: str | None = None


class Logs(msgspec.Struct):
    data: list[Log]
    total: int


class LogReply(msgspec.Struct):
    campaign_logs: msgspec.Raw


class SingleMessage(msgspec.Struct):
    id: str
    message_time: datetime
    external_id: str | None = None


class ListedMessage(msgspec.Struct):
    id: str
    is_inbound: bool
    message: str
    created_time: datetime
    campaign_id: str | None = None
    phone: Phone | None = None


class Messages(msgspec.Struct):
    data: list[ListedMessage]
    total: int


class Job(msgspec.Struct):
    job_id: str
    status: str
    type: str | None = None
    error_msg: str | None = None
    error_code: int | None = None
    enqueued_at: datetime | None = None
    started_at: datetime | None = None
    updated_at: datetime | None = None
    ended_at: datetime | None = None
    result: msgspec.Raw = msgspec.Raw(b"null")


class Jobs(msgspec.Struct):
    data: list[Job]
    total: int


class CountedLabel(msgspec.Struct):
    id: str
    name: str | None = None
    color: str | None = None
    description: str | None = None
    is_system: bool | None = None
    total_count: int | None = None
    contact_count: int | None = None  # as one page of the documentation has it


class Labels(msgspec.Struct):
    data: list[CountedLabel]
    total: int


class ServiceId(msgspec.Struct):
    id: str


class Services(msgspec.Struct):
    data: list[ServiceId]
    total: int


class AttLimits(msgspec.Struct):
    mps: int | None = None


class RateLimits(msgspec.Struct):
    att: AttLimits | None = None


class UseCase(msgspec.Struct):
    campaign_status: str | None = None
    rate_limits: RateLimits | None = None


class Service(msgspec.Struct):
    id: str
    name: str
    phones: list[ServiceId]
    us_app_to_person_registered: bool | None = None
    campaign_usecases: list[UseCase] | None = None


class Account(msgspec.Struct):
    id: str
    is_deleted: bool = False
    service_account_name: str | None = None
    phones: list[ServiceId] | None = None


class Accounts(msgspec.Struct):
    data: list[Account]


class Template(msgspec.Struct):
    template: str
    name: str
    language: str
    status: str
    category: str
    header_format: str | None = None
    header_template: str | None = None


class Templates(msgspec.Struct):
    data: list[Template]


class Agent(msgspec.Struct):
    name: str
    conversation_config_id: str


class Agents(msgspec.Struct):
    data: list[Agent]
    total: int | None = None


class Given(msgspec.Struct):
    id: str | None = None
    job_id: str | None = None
