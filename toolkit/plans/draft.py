"""What somebody wants to send, before it is known who would get it.

A draft is a frozen value without effects. Everything sent to the service starts as one of these.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, AwareDatetime, Field, model_validator

from toolkit.audience.segment import Segment
from toolkit.errors import DraftError
from toolkit.experiments.split import Experiment
from toolkit.models import CampaignType, DuplicateStrategy, Frozen
from toolkit.plans.file_options import CountryCode, FileEncoding, FileSeparator
from toolkit.plans.finding_catalogue import Overrides
from toolkit.suggest import suggest

LONGEST_NAME = 200  # characters
Reason = Annotated[str, Field(max_length=400)]
Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
MAX_TEXT = 1600  # characters; Twilio, SeaX's carrier, rejects longer bodies
MOST_MESSAGES = 200  # of a list, where each takes a request: for more people use a campaign
MOST_PERSONAL = 5_000  # where many go in one request


def _line_feeds(text: str) -> str:
    return text.replace("\r\n", "\n")  # a carriage return is a character that is billed


Text = Annotated[str, Field(max_length=MAX_TEXT), AfterValidator(_line_feeds)]


def _once_each(ids: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ids))


class CampaignDraft(Frozen):
    """One text to every contact of a segment, or a text for each arm of an experiment.

    `senders` are names, numbers or ids of the workspace's phones; `attach_labels` names or ids of labels put on
    contacts as messages are sent. Up to `most_campaigns` (3 at most) share the recipients where that saves ids to
    exclude; they are sent as steps of one plan. `by_zone` starts it, from `start_at` on, in local daytime, in as many
    steps as needed; with `local_time`, such as 10:00, at that time on their clocks, and no earlier on any of them.
    `start_at` needs a time zone; None means at once. `overrides` gives a reason for each finding that would block and
    should not: `{"TIM001": "the customer asked for the night"}`.

    An `experiment` draws an arm for each recipient; the arms are steps of one plan. Each gets `message`, or its own of
    `messages`, where None sends an arm nothing: `messages={"friendly": "Hello you!", "control": None}`. Held-out
    recipients get nothing either. `holdout_exempt` is a reason to send it to the policy's holdout too, such as an
    order's confirmation.

    A WhatsApp campaign has no message: `template` names an approved template of the senders' account, with its language
    if there are several, `spring_offer/en_US`. For the type AI_AGENT, `message` opens and `agent`, a name or id,
    answers whoever replies.
    """

    _wrong = DraftError

    kind: Literal["campaign"] = "campaign"
    name: Name
    type: CampaignType = "SMS"
    message: Text = ""
    template: Annotated[str, Field(max_length=600)] = ""
    agent: Annotated[str, Field(max_length=200)] = ""
    segment: Segment
    senders: Annotated[tuple[str, ...], Field(min_length=1)]
    media_urls: tuple[str, ...] = ()
    start_at: AwareDatetime | None = None
    end_at: AwareDatetime | None = None
    shorten_links: bool = False
    attach_labels: tuple[str, ...] = ()
    most_campaigns: Annotated[int, Field(ge=1, le=3)] = 1
    by_zone: bool = False
    local_time: time | None = None
    experiment: Experiment | None = None
    messages: dict[str, Text | None] = Field(default_factory=dict)
    holdout_exempt: Reason = ""
    overrides: Overrides = Field(default_factory=dict)

    @model_validator(mode="after")
    def _has_a_plain_local_time(self) -> Self:
        if self.local_time is not None and (not self.by_zone or self.local_time.tzinfo is not None):
            raise ValueError("`local_time` is a time such as 10:00, on the clocks of each zone: set `by_zone`, too")
        return self

    @model_validator(mode="after")
    def _has_what_its_type_needs(self) -> Self:
        if self.template and self.type != "WHATSAPP_BUSINESS_PLATFORM_MESSAGE":
            raise ValueError("`template` is for the type WHATSAPP_BUSINESS_PLATFORM_MESSAGE: set it, too")
        if self.template and any(self.messages.values()):
            raise ValueError("an arm of a WhatsApp campaign gets its template, or None: `messages` has a text")
        if self.agent and self.type != "AI_AGENT":
            raise ValueError("`agent` is for the type AI_AGENT: set it, too")
        if not self.template and "message" not in self.model_fields_set:
            raise ValueError("`message` is missing: it is the text that people receive")
        return self

    @model_validator(mode="after")
    def _arms_are_there(self) -> Self:
        if self.experiment is None and self.messages:
            raise ValueError("`messages` are the texts of an experiment's arms: set `experiment`, too")
        arms = self.experiment.arms if self.experiment else ()
        if unknown := [arm for arm in self.messages if arm not in arms]:
            raise ValueError(f"the experiment has no arm {unknown[0]!r}: {suggest(unknown[0], arms)}")
        if not self.arms:
            raise ValueError("no arm of the experiment gets a message")
        return self

    @property
    def arms(self) -> tuple[str, ...]:
        """The arms that get a message; without an experiment there is one, whose name is empty."""
        if self.experiment is None:
            return ("",)
        return tuple(arm for arm in self.experiment.arms if self.messages.get(arm, self.message) is not None)

    def for_arm(self, arm: str) -> CampaignDraft:
        """The campaign for an arm: the arm's name is added to this one's, and its text is used."""
        if self.experiment is None:
            return self
        message = self.messages.get(arm, self.message)
        named = {"name": f"{self.name}, {arm}"[:LONGEST_NAME], "message": message}
        return self.model_copy(update=named | {"experiment": None, "messages": {}})

    @property
    def texts(self) -> tuple[str, ...]:
        """Every text that is sent, once."""
        return tuple(dict.fromkeys(self.for_arm(arm).message for arm in self.arms))

    def as_test(self) -> TestDraft:
        """The same text, or texts, to the operator's own numbers, to check on a phone before everybody gets them."""
        return TestDraft(name=f"Test of {self.name}"[:LONGEST_NAME], campaign=self)


class MessageDraft(Frozen):
    """One text to one contact, by id. To send the same text to the same person again, change `name`.

    `holdout_exempt` is a reason to send it to somebody in the policy's holdout, such as that they asked.
    """

    _wrong = DraftError

    kind: Literal["message"] = "message"
    name: Name = "message"
    message: Text
    contact_id: str
    sender: str
    media_urls: tuple[str, ...] = ()
    holdout_exempt: Reason = ""
    overrides: Overrides = Field(default_factory=dict)

    @property
    def segment(self) -> Segment:
        """The one contact."""
        return Segment.from_contacts((self.contact_id,))

    @property
    def texts(self) -> tuple[str, ...]:
        """The text, unfilled."""
        return (self.message,)


class MessagesDraft(Frozen):
    """A personal text to each of up to 5,000 contacts, by id: `{name}` and `{any contact field}` are filled for each.

    Few are sent one by one, in this order; more than 20 in requests of up to 500 where the service takes many in one,
    else up to 200 one by one. Whoever opts out while they are being sent is excluded.
    """

    _wrong = DraftError

    kind: Literal["messages"] = "messages"
    name: Name
    message: Text
    contact_ids: Annotated[tuple[str, ...], Field(min_length=1, max_length=MOST_PERSONAL), AfterValidator(_once_each)]
    sender: str
    media_urls: tuple[str, ...] = ()
    holdout_exempt: Reason = ""
    overrides: Overrides = Field(default_factory=dict)

    @property
    def segment(self) -> Segment:
        """The contacts of the list."""
        return Segment.from_contacts(self.contact_ids)

    @property
    def texts(self) -> tuple[str, ...]:
        """The text, unfilled."""
        return (self.message,)


class TestDraft(Frozen):
    """A campaign's texts to the policy's `test_numbers`, the operator's own, as single messages."""

    _wrong = DraftError

    kind: Literal["test"] = "test"
    name: Name
    campaign: CampaignDraft

    @model_validator(mode="after")
    def _is_a_text(self) -> Self:
        if self.campaign.type == "WHATSAPP_BUSINESS_PLATFORM_MESSAGE":
            raise ValueError("a test goes out as single texts, and the campaign is on WhatsApp: test it in SeaX itself")
        return self

    @property
    def message(self) -> str:
        """The campaign's text, unfilled."""
        return self.campaign.message

    @property
    def texts(self) -> tuple[str, ...]:
        """The campaign's texts."""
        return self.campaign.texts

    @property
    def media_urls(self) -> tuple[str, ...]:
        """The campaign's media."""
        return self.campaign.media_urls

    @property
    def overrides(self) -> Mapping[str, str]:
        """A test has no overrides."""
        return {}


class ImportDraft(Frozen):
    """A CSV file of contacts. What the draft does not specify about its format is detected, and shown in the plan.

    `mapping` sets what its columns become, as a rename does: `{"Mobile": "phone", "First Name": "name", "Last Name":
    "name", "Groups": "labels", "STOP date": "opted out", "Internal id": "ignore", "City": "city"}`. Several columns of
    `name` are joined with a space, in this order; several of `labels` are combined. In a column that is `opted
    out` a yes or a date means that they opted out, in one that is `opted in` a no or an empty cell. Any other word is
    the name of a contact field.

    `separator` is the character between cells (`,` `;` `|` or `"tab"`), `encoding` the name of the file's encoding.
    Phones without a country code are read for `phone_country`, else for the policy's `country`, else for the
    workspace's senders. `overrides` gives a reason for each finding that would block and should not.

    To import the same file again on purpose, give it another `name`.
    """

    _wrong = DraftError

    kind: Literal["import"] = "import"
    name: Name
    path: Path
    on_duplicate: DuplicateStrategy = "mark"
    phone_country: CountryCode | None = None
    mapping: dict[str, str] | None = None
    separator: FileSeparator | None = None
    encoding: FileEncoding | None = None
    overrides: Overrides = Field(default_factory=dict)


class LabelRemovalDraft(Frozen):
    """A label that `ws.imports.label` made, by name or id, to be deleted, so that nobody has it any more.

    Only labels named `seax:` and a digest can be removed so. To remove one again that was made again, give it another
    `name`.
    """

    _wrong = DraftError

    kind: Literal["label removal"] = "label removal"
    name: Name
    label: Name
    overrides: Overrides = Field(default_factory=dict)

    @property
    def texts(self) -> tuple[str, ...]:
        """It texts nobody."""
        return ()


Draft = Annotated[
    CampaignDraft | MessageDraft | MessagesDraft | TestDraft | ImportDraft | LabelRemovalDraft,
    Field(discriminator="kind"),
]
