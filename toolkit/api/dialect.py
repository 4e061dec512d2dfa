"""What a dialect of the API is: how each operation is requested and its reply read, without input or output.

A dialect is a package that has these names. `toolkit.api.client` holds one and is the only caller; nothing above
`toolkit.api` names any. What a dialect cannot express raises NotSupported, which names another way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from toolkit.api.arrow_schemas import LabelBook, Page
from toolkit.models import (
    Campaign,
    CampaignRequest,
    DuplicateStrategy,
    Frozen,
    ImportRequest,
    Job,
    Label,
    Message,
    MessageRequest,
    Phone,
    Target,
)


@dataclass(frozen=True)
class ApiCall:
    """A request: its path below the workspace's address, its query and its content as httpx takes it.

    `success` are the statuses that the dialect documents for a reply to a read; of what changes something, any 2xx is
    an acceptance, and `method` is how it is asked.
    """

    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    content: Mapping[str, Any] = field(default_factory=dict)
    success: frozenset[int] = frozenset({200})
    method: str = "POST"


class SentMessage(Frozen):
    """A message in the service's list of those to a phone; `campaign_id` is None for a single one."""

    id: str
    text: str
    created_time: datetime
    sender: str = ""
    campaign_id: str | None = None


class UseCase(Frozen):
    """What a messaging service is registered with the carriers for; `messages_per_second` is what AT&T takes of it."""

    status: str
    messages_per_second: int | None = None


class MessagingService(Frozen):
    """A messaging service: the senders registered for it, by id, and whether it may text people in the United States
    (A2P 10DLC), None where the service does not say."""

    id: str
    name: str
    sender_ids: tuple[str, ...]
    is_registered: bool | None = None
    use_cases: tuple[UseCase, ...] = ()

    @property
    def verified(self) -> tuple[UseCase, ...]:
        """The use cases that the carriers have accepted."""
        return tuple(each for each in self.use_cases if each.status == "VERIFIED")


class WhatsAppAccount(Frozen):
    """An account on WhatsApp's platform, with the senders that belong to it, by id."""

    id: str
    name: str
    sender_ids: tuple[str, ...]


class Template(Frozen):
    """A WhatsApp template: Meta's status and category in its words, and the text with placeholders in single braces.

    `header_format` is empty if it has no header; `account_id` is empty as long as it is not known whose it is.
    """

    name: str
    language: str
    text: str
    status: str
    category: str
    header: str = ""
    header_format: str = ""
    account_id: str = ""


class Agent(Frozen):
    """An AI agent that answers texts, by the id that a campaign takes."""

    id: str
    name: str


class PersonalText(Frozen):
    """What one phone is sent of many."""

    to: str
    text: str


class PersonalTexts(Frozen):
    """A text of its own to each of many phones, in one request, exactly as it will be requested."""

    name: str
    sender: str
    texts: tuple[PersonalText, ...]


class LabelRemoval(Frozen):
    """The deletion of a label, which takes it from whoever has it, exactly as it will be requested."""

    label_id: str
    label_name: str


class Lists(Protocol):
    """What only some dialects list; each page is read into rows and the total."""

    def campaigns(self, offset: int, limit: int) -> ApiCall:
        """A page of all campaigns, newest first."""

    def read_campaigns(self, body: bytes) -> tuple[list[Campaign], int]:
        """As `read_campaign`."""

    def jobs(self, offset: int, limit: int) -> ApiCall:
        """A page of the jobs that import contacts."""

    def read_jobs(self, body: bytes) -> tuple[list[Job], int]:
        """As `read_job`."""

    def labels(self, offset: int, limit: int) -> ApiCall:
        """A page of all labels, also those that no contact has."""

    def read_labels(self, body: bytes) -> tuple[list[tuple[Label, int]], int]:
        """Labels, and how many contacts have each."""

    def messages(self, phone: str, since: datetime, offset: int, limit: int) -> ApiCall:
        """A page of the messages from and to a phone."""

    def read_messages(self, body: bytes) -> tuple[list[SentMessage], int]:
        """Those that were sent, not those received."""

    def inbox(self, since: datetime, until: datetime, offset: int, limit: int) -> ApiCall:
        """A page of all messages, sent or received, between two times, oldest first."""

    def read_inbox(self, body: bytes) -> Page:
        """Messages in the `arrow_schemas.MESSAGES` schema."""

    def services(self, offset: int, limit: int) -> ApiCall:
        """A page of the messaging services."""

    def read_services(self, body: bytes) -> tuple[list[str], int]:
        """Their ids."""

    def service(self, service_id: str) -> ApiCall:
        """One messaging service with its senders."""

    def read_service(self, body: bytes) -> MessagingService:
        """One messaging service."""

    def accounts(self) -> ApiCall:
        """All WhatsApp accounts."""

    def read_accounts(self, body: bytes) -> list[WhatsAppAccount]:
        """Those that are in use."""

    def templates(self, account_id: str) -> ApiCall:
        """All templates of a WhatsApp account."""

    def read_templates(self, body: bytes) -> list[Template]:
        """Templates, whatever their status."""

    def agents(self, offset: int, limit: int) -> ApiCall:
        """A page of the AI agents that answer texts."""

    def read_agents(self, body: bytes) -> tuple[list[Agent], int]:
        """Agents."""


class Dialect(Protocol):
    """One version of the API; ids come quoted for use in a path."""

    NAME: str
    FILLS_PLACEHOLDERS: bool  # the service fills contacts' values into a campaign's text
    MOST_NAMED: int  # contacts that a campaign may name by id; 0 if it cannot
    MOST_PERSONAL: int  # personal texts in one request; 0 if it takes one at a time
    DUPLICATES: tuple[DuplicateStrategy, ...]  # what an import can do with rows whose phone exists, the usual one first

    @property
    def LISTS(self) -> Lists | None:  # noqa: N802 — a constant
        """What it lists; None if it lists nothing but contacts and senders."""

    def phones(self, offset: int, limit: int, *, enabled: bool) -> ApiCall:
        """A page of senders."""

    def contacts(self, offset: int, limit: int, *, any_of: Sequence[str], order: str) -> ApiCall:
        """A page of contacts, of all or of those with one of these labels, in an order that may be refused."""

    def counted(self, target: Target) -> ApiCall:
        """The contacts of a target, of which one is asked for and the total is read."""

    def logs(self, campaign_id: str, offset: int, limit: int, *, statuses: Sequence[str]) -> ApiCall:
        """A page of a campaign's log, of all messages or of those with one of these statuses."""

    def campaign(self, campaign_id: str) -> ApiCall:
        """One campaign."""

    def job(self, job_id: str) -> ApiCall:
        """One job."""

    def campaign_request(self, request: CampaignRequest) -> ApiCall:
        """What sends a campaign."""

    def message_request(self, request: MessageRequest) -> ApiCall:
        """What sends one message."""

    def personal_request(self, request: PersonalTexts) -> ApiCall:
        """What sends many personal texts; NotSupported where the service has no such call."""

    def import_request(self, request: ImportRequest) -> ApiCall:
        """What imports contacts."""

    def removal_request(self, request: LabelRemoval) -> ApiCall:
        """What deletes a label; NotSupported where the service has no such call."""

    def cancel_request(self, campaign_id: str) -> ApiCall:
        """What cancels a campaign; NotSupported where the service has no such call."""

    def delete_request(self, campaign_id: str) -> ApiCall:
        """What deletes a campaign that has not begun; NotSupported where the service has no such call."""

    def read_phones(self, body: bytes) -> tuple[list[Phone], int]:
        """Senders and the total."""

    def read_contacts(self, body: bytes, book: LabelBook) -> Page:
        """Contacts in the `columns.CONTACTS` schema; labels become codes of `book`, which grows."""

    def read_logs(self, body: bytes, *, only_ids: bool = False) -> Page:
        """A log in the `columns.LOGS` schema; `only_ids` reads the column `id` alone, which is quicker."""

    def read_campaign(self, body: bytes) -> Campaign:
        """A campaign, new or old."""

    def read_message(self, body: bytes, request: MessageRequest) -> Message:
        """One message as the service accepted it."""

    def read_job(self, body: bytes) -> Job:
        """A background job, new or old."""

    def read_id(self, body: bytes) -> str | None:
        """The id in the reply to an accepted request that cannot be read otherwise; None if it has none."""


AnyRequest = CampaignRequest | MessageRequest | PersonalTexts | ImportRequest | LabelRemoval


def call_for(dialect: Dialect, request: AnyRequest) -> ApiCall:
    """How a dialect asks for what sends or changes contacts; NotSupported where it cannot."""
    match request:
        case CampaignRequest():
            return dialect.campaign_request(request)
        case MessageRequest():
            return dialect.message_request(request)
        case PersonalTexts():
            return dialect.personal_request(request)
        case ImportRequest():
            return dialect.import_request(request)
        case LabelRemoval():
            return dialect.removal_request(request)
