"""The bodies of the guide, as its OpenAPI document describes them and its requests are checked."""

from datetime import UTC, datetime
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, HttpUrl

from toolkit.sandbox.numbers import FICTIONAL

CampaignType = Literal["SMS", "MMS", "AI_AGENT", "WHATSAPP_BUSINESS_PLATFORM_MESSAGE"]
LogStatus = Literal["queued", "sent", "delivered", "undelivered", "failed"]
LOG_STATUSES: tuple[LogStatus, ...] = get_args(LogStatus)
DuplicateStrategy = Literal["mark", "skip", "update"]
Country = Literal["US", "CA", "GB", "AU", "FR", "IE", "SE", "DE"]
Text = Annotated[str, Field(min_length=1, max_length=1600, pattern=r"\S")]
Word = Annotated[str, Field(max_length=1_000)]  # without any limit, half a surrogate pair would pass as well
Ids = Annotated[list[Word], Field(max_length=100_000)]


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("the year must be between 1 and 9999 in UTC") from error


Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]


class NewCampaign(BaseModel):
    """The body of POST /campaigns."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Spring Sale 2025",
                    "type": "SMS",
                    "message": "🌸 Spring Sale Alert! Get 25% off all items. Shop now: https://example.com/sale",
                    "phone_ids": ["020086f5-fb0e-4a0c-920a-bbdd04f4381c"],
                    "any_contact_label_ids": ["11111111-2222-4444-3333-555555555555"],
                    "exclude_any_contact_label_ids": ["22222222-3333-5555-4444-666666666666"],
                    "enable_link_shortening": True,
                    "attach_contact_label_ids": ["33333333-4444-6666-5555-777777777777"],
                    "is_schedule": False,
                }
            ]
        }
    )

    name: Annotated[str, Field(min_length=1, max_length=255, pattern=r"\S")]
    type: CampaignType
    message: Text
    phone_ids: Annotated[list[Word], Field(min_length=1, max_length=100)]
    any_contact_label_ids: Ids = []
    all_contact_label_ids: Ids = []
    exclude_contact_ids: Ids = []
    exclude_any_contact_label_ids: Ids = []
    media_urls: Annotated[list[HttpUrl], Field(max_length=10)] = []
    start_time: Instant | None = None
    end_time: Instant | None = None
    is_schedule: bool = False
    enable_link_shortening: bool = False
    attach_contact_label_ids: Ids = []


class NewMessage(BaseModel):
    """The body of POST /send_message."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "phone_number": "+1234567890",
                    "to_phone_number": "+19876543210",
                    "content": "Thank you for your recent purchase! Your order #12345 has been shipped.",
                }
            ]
        }
    )

    phone_number: Annotated[Word, Field(description="One of the workspace's enabled phones.")]
    to_phone_number: Annotated[
        Word,
        # Documented, not enforced: our own refusals explain more than a regular expression.
        Field(description="A number that cannot belong to anybody.", json_schema_extra={"pattern": f"^{FICTIONAL}$"}),
    ]
    content: Text
    media_urls: Annotated[list[HttpUrl], Field(max_length=10)] = []


class PhoneCapability(BaseModel):
    """What a phone can send."""

    model_config = ConfigDict(extra="allow")
    sms: bool
    mms: bool
    voice: bool
    fax: bool


class Phone(BaseModel):
    """A sender of the workspace."""

    name: str
    enabled: bool
    phone: str
    country: str
    type: str
    source: str
    phone_capability: PhoneCapability
    is_default: bool
    id: str
    created_time: str
    updated_time: str


class Phones(BaseModel):
    """A page of senders."""

    data: list[Phone]
    total: int


class ContactLabel(BaseModel):
    """A label as a contact shows it."""

    name: str
    color: str
    description: str | None
    id: str
    is_system: bool


class Contact(BaseModel):
    """A contact with its labels."""

    name: str
    phone: str | None
    note: str
    whatsapp_phone: str | None
    contact_field_data: dict[str, str | int]
    id: str
    workspace_id: str
    created_time: str
    updated_time: str
    contact_labels: list[ContactLabel]


class Contacts(BaseModel):
    """A page of contacts."""

    data: list[Contact]
    total: int


class Job(BaseModel):
    """An import that has been accepted."""

    id: str
    status: Literal["processing", "finished"]
    job_type: Literal["import_contacts", "send_campaign"]
    created_time: str
    updated_time: str
    progress: int
    total_items: int
    processed_items: int
    failed_items: int


class RowError(BaseModel):
    """A row of an imported file that could not be used; the first row below the header is 1."""

    row: int
    message: str


class JobProgress(Job):
    """A job as it stands, with the first rows that failed."""

    errors: list[RowError]


class CampaignPhone(BaseModel):
    """A sender as a campaign shows it."""

    id: str
    phone: str
    name: str


class _Campaign(BaseModel):
    id: str
    name: str
    type: CampaignType
    message: str
    status: Literal["scheduled", "sending", "finished"]
    created_time: str
    updated_time: str
    start_time: str
    phones: list[CampaignPhone]


class CreatedCampaign(_Campaign):
    """A campaign that has just been created."""

    target_contact_count: int
    job_id: str


class Statistics(BaseModel):
    """A campaign's counters; `sent` is every message sent, `bounced` those reported undeliverable."""

    total_contacts: int
    sent: int
    failed: int
    delivered: int
    bounced: int
    opened: int
    clicked: int


class CampaignDetail(_Campaign):
    """A campaign as it stands."""

    end_time: str | None
    statistics: Statistics


class LogRow(BaseModel):
    """The outcome of one message."""

    id: str
    contact_id: str
    contact_name: str
    contact_phone: str | None
    message_status: LogStatus
    sent_time: str | None
    delivered_time: str | None
    error_message: str | None
    message_id: str


class Logs(BaseModel):
    """A page of a campaign's log."""

    data: list[LogRow]
    total: int
    offset: int
    limit: int


class Message(BaseModel):
    """A message that has been sent."""

    id: str
    status: Literal["sent"]
    from_phone: str
    to_phone: str
    content: str
    created_time: str
    sent_time: str


class ErrorDetails(BaseModel):
    """Which part of a request is wrong, and how."""

    field: str
    code: str


class Error(BaseModel):
    """The body of every refusal."""

    error: str
    message: str
    status_code: int
    details: ErrorDetails | None = None
    retry_after: int | None = None
