"""The bodies of published replies, as the face's OpenAPI document describes them; what is optional may be null."""

from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel

from toolkit.sandbox.published.schemas import CampaignStatus, CampaignType, MessageStatus, Mode, Stage

JobStatus = Literal["queued", "finished", "failed", "started", "deferred", "scheduled", "stopped", "canceled"]
Item = TypeVar("Item")
WhatsAppStatus = Literal["initialized", "sent", "delivered", "read", "failed", "deleted", "warning"]


class Page(BaseModel, Generic[Item]):
    """A page of a list."""

    data: list[Item]
    total: int


class Phone(BaseModel):
    """A sender as campaigns show it."""

    name: str
    enabled: bool
    phone: str
    country: str
    enabled_generic_reply: bool
    enabled_dnc_reply: bool
    type: Literal["LOCAL", "WHATSAPP_BUSINESS_PLATFORM"]
    source: Literal["TWILIO", "WHATSAPP_BUSINESS_PLATFORM"]
    phone_capability: dict[str, bool]
    is_default: bool
    created_time: str
    updated_time: str
    id: str


class PhoneDetail(Phone):
    """A sender as a list of them shows it."""

    users: list[Any]
    keywords: list[Any]
    unread_count: int


class Label(BaseModel):
    """A label."""

    name: str
    color: str
    description: str
    id: str
    is_system: bool
    created_time: str
    updated_time: str


class CountedLabel(Label):
    """A label with how many contacts have it."""

    total_count: int | None = None


class Contact(BaseModel):
    """A contact with its labels."""

    name: str
    phone: str | None
    note: str
    whatsapp_phone: str | None
    messenger_psid: str | None
    instagram_psid: str | None
    line_user_id: str | None
    profile_picture_url: str | None
    profile_picture_source: str | None
    contact_field_data: dict[str, Any]
    id: str
    workspace_id: str
    created_time: str
    updated_time: str
    contact_labels: list[Label]


class ShownLabel(BaseModel):
    """A label as a campaign's filter shows it."""

    id: str
    name: str
    color: str


class ShownContact(BaseModel):
    """A contact as a campaign's filter shows it."""

    id: str
    name: str
    phone: str | None
    whatsapp_phone: str | None


class Metadata(BaseModel):
    """Whom a campaign was asked to reach."""

    all_contact_labels: list[ShownLabel]
    any_contact_labels: list[ShownLabel]
    exclude_contacts: list[ShownContact]
    addition_contacts: list[ShownContact]
    exclude_any_contact_labels: list[ShownLabel]
    exclude_all_contact_labels: list[ShownLabel]
    whatsapp_phone_only: bool


class Statistics(BaseModel):
    """How many messages of a campaign have each status, and clicks."""

    accepted: int
    queued: int
    scheduled: int
    sending: int
    sent: int
    failed: int
    delivered: int
    undelivered: int
    receiving: int
    received: int
    canceled: int
    initialized: int
    total: int
    total_clicks: int
    click_through_rate: int


class Campaign(BaseModel):
    """A campaign."""

    media_urls: list[str]
    start_time: str | None
    end_time: str | None
    status: CampaignStatus
    name: str
    message: str
    type: CampaignType
    is_timezone_aware: bool
    is_schedule: bool
    campaign_metadata: Metadata
    created_time: str
    updated_time: str
    id: str
    messaging_service_id: str | None
    enable_link_shortening: bool
    phones: list[Phone]
    mode: Mode
    stage: Stage
    statistics: Statistics | None


class Conversation(BaseModel):
    """A contact's conversation with one sender, as a row of a log shows it."""

    id: str
    workspace_id: str
    contact_id: str
    phone_id: str
    is_unread: bool
    status: Literal["BOT_HANDLED", "AGENT_HANDLED", "COMPLETED"]
    external_conversations: list[Any]


class Message(BaseModel):
    """A message."""

    id: str
    conversation_id: str
    campaign_id: str | None
    external_id: str
    is_inbound: bool
    is_bot: bool
    message: str
    message_time: str
    segments_number: int
    status: MessageStatus
    created_time: str
    updated_time: str
    sender: None
    whatsapp_message_status: WhatsAppStatus | None
    event: Literal["INBOUND_MESSAGE", "OUTBOUND_MESSAGE"]
    event_error_message: str | None


class LoggedMessage(Message):
    """A message as a row of a log shows it."""

    conversation: Conversation
    event_error_code: int | None


class Row(BaseModel):
    """A row of a log."""

    id: str
    sending_time: str
    from_number: str
    to_number: str
    message: LoggedMessage
    summary: None
    updated_phone_status: None


class Logs(BaseModel):
    """A page of a campaign's log, and the campaign."""

    campaign_logs: Page[Row]
    campaign: Campaign


class Click(BaseModel):
    """Clicks on a link of a message."""

    newest_click_time: str
    oldest_click_time: str
    total_clicks: int
    original_link: str


class ListedMessage(Message):
    """A message with whom it is between and what was clicked in it."""

    click_events: list[Click]
    media_urls: list[str]
    contact: Contact | None
    phone: Phone
    phone_id: str


class SentMessage(BaseModel):
    """A message that has been sent to one number."""

    id: str
    media_urls: list[str]
    external_id: str
    message_time: str


class Job(BaseModel):
    """An import, or the sending of a campaign."""

    status: JobStatus
    job_id: str
    type: Literal["lauch_campaign", "import_contacts"]
    workspace_id: str
    enqueued_at: str
    started_at: str | None
    updated_at: str
    ended_at: str | None
    error_msg: str | None
    timeout: int
    resource_id: str | None


class BulkCampaign(BaseModel):
    """A campaign to numbers that has been sent."""

    id: str
    name: str
    type: Literal["SMS", "MMS"]
    created_time: str


class MessagingService(BaseModel):
    """What campaigns are sent through."""

    id: str
    name: str
    us_app_to_person_registered: bool


class UseCase(BaseModel):
    """What a messaging service is registered for, and how fast it sends."""

    id: str
    description: str
    us_a2p_usecase: str
    rate_limits: dict[str, Any]
    mock: bool
    campaign_status: Literal["PENDING", "IN_PROGRESS", "VERIFIED", "FAILED", "SUSPENDED"]


class MessagingServiceDetail(MessagingService):
    """A messaging service with its senders."""

    phones: list[PhoneDetail]
    campaign_usecases: list[UseCase]


class Refusal(BaseModel):
    """Why a request was refused."""

    detail: str
