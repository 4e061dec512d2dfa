"""The values of this project, frozen, with its own names; never the API's field names.

Times are timezone-aware UTC. Fields the service adds are read in `toolkit.api` and do not reach these models.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from toolkit.display import Described, Section, masked, plain, when
from toolkit.errors import ToolkitError
from toolkit.invalid_values import in_words

if TYPE_CHECKING:
    from pydantic._internal._model_construction import ModelMetaclass
else:
    ModelMetaclass = type(BaseModel)  # by public fields

NO_CLICKS = "no clicks are counted"
_ROWS_SHOWN = 20
CampaignType = Literal["SMS", "MMS", "AI_AGENT", "WHATSAPP_BUSINESS_PLATFORM_MESSAGE"]


class _Explaining(ModelMetaclass):
    """Constructs values; a value that is invalid is reported in plain words, here for everything a user can type."""

    if not TYPE_CHECKING:  # which would hide each value's fields

        def __call__(self, *args: Any, **given: Any) -> Any:
            if args:
                first = next((name for name, field in self.model_fields.items() if field.is_required()), "name")
                raise self._wrong(f"Pass the value by name, as in {self.__name__}({first}=…).")
            try:
                return super().__call__(**given)
            except ValidationError as error:
                raise self._wrong(in_words(error, self.model_fields, of=self.__name__)) from None


class Frozen(BaseModel, metaclass=_Explaining):
    """A value: compared by content, never changed.

    An invalid value raises a ToolkitError; `model_validate` raises pydantic's own error, with locations.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)  # validators are built on first use
    _wrong: ClassVar[type[ToolkitError]] = ToolkitError

    def __setattr__(self, name: str, value: object) -> None:
        try:
            super().__setattr__(name, value)
        except ValidationError as error:
            raise self._wrong(in_words(error, of=type(self).__name__)) from None


class Phone(Frozen):
    """A number of the workspace to send messages from."""

    id: str
    phone: str
    name: str
    enabled: bool = True
    country: str | None = None
    type: str | None = None
    sms: bool = False
    mms: bool = False
    whatsapp: bool = False
    is_default: bool = False


class Media(Frozen):
    """What the address of a picture or video reports: its type, and its size in bytes if known."""

    type: str
    size: int | None


class Label(Frozen):
    """A label on contacts; `is_system` ones are managed by the service."""

    id: str
    name: str
    color: str | None = None
    description: str | None = None
    is_system: bool = False


class Statistics(Frozen):
    """A campaign's counters; `sent` includes what was later delivered or bounced, `opened` is None if not counted."""

    total: int
    sent: int
    failed: int
    delivered: int
    bounced: int
    opened: int | None
    clicked: int
    canceled: int = 0

    @property
    def pending(self) -> int:
        """Messages neither sent nor failed yet, and not canceled."""
        return self.total - self.sent - self.failed - self.canceled


class CampaignSender(Frozen):
    """A sender as a campaign names it."""

    id: str
    phone: str
    name: str


class Campaign(Described, Frozen):
    """A campaign as the service reports it; `counters` says how its counters are read, if they do not speak for
    themselves, and if they are of other recipients than were approved. `shortens_links` is None if unknown.
    """

    id: str
    name: str
    type: str
    status: str
    message: str
    created_time: datetime
    updated_time: datetime
    start_time: datetime | None = None
    end_time: datetime | None = None
    senders: tuple[CampaignSender, ...] = ()
    statistics: Statistics | None = None
    target_count: int | None = None
    job_id: str | None = None
    counters: str = ""
    shortens_links: bool | None = None

    @property
    def clicks(self) -> int | None:
        """Clicks as the service counts them; None without shortened links, or where that is unknown without a click."""
        return self.statistics.clicked if self.statistics and (self.statistics.clicked or self.shortens_links) else None

    @property
    def is_finished(self) -> bool:
        """Nothing more will be sent."""
        return self.is_canceled or self.status.lower() in {"finished", "failed"}

    @property
    def is_canceled(self) -> bool:
        """Somebody stopped it before its end."""
        return self.status.lower() in {"canceled", "terminated"}

    def __repr__(self) -> str:
        counted = f", {self.statistics.sent:,} of {self.statistics.total:,} sent" if self.statistics else ""
        return f"<Campaign {self.name!r}: {plain(self.status)}{counted}>"

    def describe(self) -> list[Section]:
        """Its text, its audience, and its progress."""
        rows = [["status", self.status], ["type", self.type], ["text", self.message], ["id", self.id]]
        rows.append(["from", ", ".join(f"{sender.name} {sender.phone}" for sender in self.senders) or "unknown"])
        times = (("created", self.created_time), ("starts", self.start_time), ("ends", self.end_time))
        rows += [[word, when(time)] for word, time in times if time]
        if x := self.statistics:
            rows += [
                ["messages", f"{x.total:,}, {x.pending:,} still to be sent"],
                ["sent", f"{x.sent:,} of {x.total:,}, {x.failed:,} failed"],
                ["delivered", f"{x.delivered:,} of {x.sent:,} sent, {x.bounced:,} bounced"],
                ["clicked", NO_CLICKS if self.clicks is None else f"{x.clicked:,} of {x.delivered:,} delivered"],
            ]
        rows += [["counters", self.counters]] if self.counters else []
        return [Section(f"Campaign: {self.name}", rows)]


class Message(Frozen):
    """One message to one person."""

    id: str
    status: str
    sender: str
    to: str
    text: str
    created_time: datetime
    sent_time: datetime | None = None


class RefusedRow(Frozen):
    """A row of an imported file that the service did not accept, and why, in its own words; `row` counts those below
    the header of the uploaded file, from 1, None if the service gives none."""

    row: int | None
    reason: str


class Job(Described, Frozen):
    """A background job of the service; `progress` is a percentage.

    `errors` are the refused rows that the service lists, as many as it chooses; `failed` counts all of them. Some
    services count nothing, and report a `problem` alone.
    """

    id: str
    type: str
    status: str
    progress: float
    total: int
    processed: int
    failed: int
    created_time: datetime | None
    updated_time: datetime | None
    errors: tuple[RefusedRow, ...] = ()
    problem: str = ""

    @property
    def is_finished(self) -> bool:
        """The job has ended."""
        return self.status.lower() in {"finished", "completed", "failed", "stopped", "canceled"}

    @property
    def unnamed(self) -> int:
        """How many refused rows are missing from `errors`."""
        return max(0, self.failed - len(self.errors))

    def __str__(self) -> str:
        is_import = self.type == "import_contacts"
        why = f" ({plain(self.problem)})" if self.problem else ""
        head = f"The {'import' if is_import else f'job {plain(self.type)}'} is {plain(self.status)}{why}"
        if not (self.total or self.processed or self.failed):
            return f"{head}."  # some services count nothing
        done, failed = ("rows read", "refused") if is_import else ("done", "failed")
        return f"{head}: {self.processed:,} of {self.total:,} {done}, {self.failed:,} {failed}."

    def __repr__(self) -> str:
        return f"<Job {plain(self.id)}: {self}>"

    def describe(self) -> list[Section]:
        """Its progress, and the first refused rows with their reasons; phone numbers are masked."""
        rows = [["id", self.id], ["type", self.type]]
        rows += [["updated", f"{self.updated_time:%Y-%m-%d %H:%M} UTC"]] if self.updated_time else []
        sections = [Section(str(self), rows)]
        if self.errors or self.failed:
            first = self.errors[:_ROWS_SHOWN]
            shown = [["" if each.row is None else f"row {each.row:,}", masked(each.reason)] for each in first]
            if more := len(self.errors) - len(shown):
                shown.append(["", f"and {more:,} more, with their reasons in .errors"])
            if self.unnamed:
                shown.append(["", f"{self.unnamed:,} more were refused that the service does not list"])
            sections.append(Section("Refused rows, counted below the header of the uploaded file", shown))
        return sections


class Target(Frozen):
    """A campaign's recipients in the service's terms, all ids: contacts, or labels, minus some labels, minus contacts.

    With `contacts`, and no label to have: `{c : c is in contacts and has none of none_of}`. Without: `{c : (any_of is
    empty or c has one of it) and c has all of all_of and none of none_of and c is not in exclude_contacts}`.
    """

    any_of: tuple[str, ...] = ()
    all_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()
    exclude_contacts: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()


class CampaignRequest(Frozen):
    """One campaign exactly as it will be requested; ids of senders and labels, times in UTC."""

    name: str
    type: CampaignType
    message: str
    sender_ids: tuple[str, ...]
    target: Target
    media_urls: tuple[str, ...] = ()
    start_at: datetime | None = None
    end_at: datetime | None = None
    shorten_links: bool = False
    attach_label_ids: tuple[str, ...] = ()
    service_id: str = ""  # the messaging service of the senders, where the API wants one
    template: tuple[str, ...] = ()  # of WhatsApp: the account's id, the template's name and language
    agent_id: str = ""


class MessageRequest(Frozen):
    """One message to one phone, exactly as it will be requested."""

    sender: str
    to: str
    text: str
    media_urls: tuple[str, ...] = ()


DuplicateStrategy = Literal["mark", "skip", "update", "merge", "replace"]  # each service takes some of them


class ImportRequest(Frozen):
    """One contact import exactly as it will be requested; `content` is the CSV file."""

    filename: str
    content: bytes
    on_duplicate: DuplicateStrategy = "mark"
    phone_country: str | None = None
