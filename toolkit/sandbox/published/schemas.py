"""The bodies of published requests, as the vendor's OpenAPI file has them."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, Field

CampaignType = Literal["SMS", "MMS", "AI_AGENT", "WHATSAPP_BUSINESS_PLATFORM_MESSAGE"]
CampaignStatus = Literal["PENDING", "STARTED", "PAUSED", "FINISHED", "FAILED", "PROCESSING", "TERMINATED", "CANCELED"]
Mode = Literal["WEB", "WEBHOOK", "EXCEL"]
Stage = Literal["DRAFT", "INSTANCE"]
DuplicateStrategy = Literal["merge", "replace", "mark"]
MessageStatus = Literal[
    "accepted", "queued", "scheduled", "sending", "sent", "failed", "delivered", "undelivered", "receiving", "received",
    "canceled", "initialized",
]  # fmt: skip
MESSAGE_STATUSES: tuple[MessageStatus, ...] = get_args(MessageStatus)
HeaderFormat = Literal["TEXT", "IMAGE", "DOCUMENT", "VIDEO", "LOCATION"]
Text = Annotated[str, Field(max_length=100_000)]  # without any limit, half a surrogate pair would pass as well
Ids = Annotated[list[Text], Field(max_length=100_000)]


def _in_utc(moment: datetime) -> datetime:
    """Read an instant without a zone as UTC, as replies are written."""
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("the year must be between 1 and 9999 in UTC") from error


Instant = Annotated[datetime, AfterValidator(_in_utc)]


class CampaignAttachFile(BaseModel):
    """A file that goes with a campaign."""

    id: Text | None = None
    url: Text
    mime_type: Text
    original_name: Text | None = None


class CampaignFields(BaseModel):
    """What a campaign may be given, whether it is new or changed."""

    media_urls: Ids | None = None
    start_time: Instant | None = None
    end_time: Instant | None = None
    status: CampaignStatus | None = None
    draft_name: Text | None = None
    header_message: Text | None = None
    message: Text | None = None
    ai_agent_conversation_config_id: Text | None = None
    contact_file_url: Annotated[str, Field(min_length=1, max_length=2083)] | None = None
    timezone: Text | None = None
    attach_files: list[CampaignAttachFile] | None = None
    all_contact_label_ids: Ids | None = None
    any_contact_label_ids: Ids | None = None
    exclude_contact_ids: Ids | None = None
    addition_contact_ids: Ids | None = None
    exclude_any_contact_label_ids: Ids | None = None
    exclude_all_contact_label_ids: Ids | None = None
    keyword: Text | None = None
    attach_contact_label_ids: Ids | None = None
    contact_field_ids: Ids | None = None
    relative_time_config: dict[str, Any] | None = None
    service_provider_campaign_data: dict[str, Any] | None = None


class NewCampaign(CampaignFields):
    """The body of POST /campaigns."""

    name: Text
    type: CampaignType
    phone_ids: Ids
    message_service_id: Text
    mode: Mode
    stage: Stage
    is_timezone_aware: bool = False
    is_schedule: bool = False
    whatsapp_phone_only: bool = False
    enable_link_shortening: bool = False
    header_format: HeaderFormat | None = None
    overwrite_phone_recipient: dict[str, Any] | None = None


class UpdateCampaign(CampaignFields):
    """The body of PATCH /campaigns/{campaign_id}."""

    name: Text | None = None
    type: CampaignType | None = None
    phone_ids: Ids | None = None
    message_service_id: Text | None = None
    mode: Mode | None = None
    stage: Stage | None = None
    is_timezone_aware: bool | None = None
    is_schedule: bool | None = None
    whatsapp_phone_only: bool | None = None
    enable_link_shortening: bool | None = None


class NewContactLabel(BaseModel):
    """The body of POST /contact_labels."""

    name: Text
    color: Text = "#19b9c3"
    description: Text = ""


class UpdateContact(BaseModel):
    """The body of PATCH /contacts/{contact_id}."""

    name: Text | None = None
    note: Text | None = None
    contact_label_ids: Ids | None = None
    replace_all_labels: bool = False
    contact_field_data: dict[str, Any] | None = None
    phone: Text | None = None
    whatsapp_phone: Text | None = None
    messenger_psid: Text | None = None
    instagram_psid: Text | None = None
    line_user_id: Text | None = None
    profile_picture_url: Text | None = None


class CampaignSMSDestination(BaseModel):
    """One number of a campaign to numbers, with a text of its own if it has one."""

    destination: Text
    message: Text | None = None
    media_urls: Ids | None = None


class CampaignSMS(BaseModel):
    """The numbers of a campaign, and the text of those that have none of their own."""

    destinations: Annotated[list[CampaignSMSDestination], Field(max_length=100_000)]
    message: Text | None = None
    media_urls: Ids | None = None


class CreateCampaignSMS(BaseModel):
    """The body of POST /general_campaigns/sms."""

    sender_phone_number: Text
    name: Text | None = None
    sms_campaign: CampaignSMS


class SMSMessageAttachment(BaseModel):
    """A picture that goes with a message."""

    mime_type: Text
    media_url: Text


class SMSMessage(BaseModel):
    """The body of POST /messages/sms."""

    sender_phone_number: Text
    destination: Text
    message: Annotated[str, Field(max_length=1600)]
    type: Literal["media"] = "media"
    channel: Literal["whatsapp", "sms"] = "sms"
    name: Text | None = None
    is_attachment: bool = False
    attachment: SMSMessageAttachment | None = None
