"""The first step from a draft to a plan, and the only one that asks anybody: all that is needed is read once, here.

Nothing after it asks the service, the ledger, the disk or a clock; each step is a function of this reading.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from toolkit.api.arrow_schemas import CONTACTS
from toolkit.api.client import Client
from toolkit.api.dialect import Agent, MessagingService, Template
from toolkit.api.progress import progressing
from toolkit.contact_reading import Reader
from toolkit.data.contacts import Contacts
from toolkit.engagement.failures import failing
from toolkit.errors import DraftError
from toolkit.models import Media, Phone
from toolkit.planning.channels import agent_named, service_of, template_named
from toolkit.planning.digest import digest
from toolkit.planning.imports import ContactFile, read_bytes, read_file
from toolkit.planning.media_urls import MOST_MEDIA, is_below, is_public
from toolkit.plans.draft import (
    CampaignDraft,
    Draft,
    ImportDraft,
    LabelRemovalDraft,
    MessageDraft,
    MessagesDraft,
    TestDraft,
)
from toolkit.plans.earlier_sends import Past
from toolkit.plans.plan import Plan
from toolkit.plans.policy import SendPolicy
from toolkit.suggest import suggest


@dataclass(frozen=True)
class Sources:
    """Where a draft's circumstances are read; `past` gives the sends except one plan's, `service_now` the service's
    time."""

    client: Client
    reader: Reader
    live: bool
    policy: SendPolicy
    past: Callable[[str], Past]
    service_now: Callable[[], datetime]


@dataclass(frozen=True, eq=False)
class DraftReading:
    """A draft and all that was read for it: the people, the senders, earlier sends, media, the service's time `now`.

    `approved` is the plan that it was before, whose own messages are not in `past`. Of one that was sent in part,
    `waiting` are the numbers of the steps that were not. `regions` are the countries of phones without a country code.
    `most_named` is how many contacts a campaign may name by id. `has_lists` if the service lists templates, agents, and
    what was sent and received, with clicks. `service` is the senders' messaging service, `template` or `agent` what the
    draft names, where a campaign needs one; `dialect` how SeaX is spoken to.
    `media` is what addresses reported when they were asked, None if they did not answer.
    """

    draft: Draft
    contacts: Contacts
    phones: Sequence[Phone]
    now: datetime
    live: bool = False
    policy: SendPolicy = field(default_factory=SendPolicy)
    past: Past = field(default_factory=Past)
    media: Mapping[str, Media | None] = field(default_factory=dict)
    fills_placeholders: bool = False
    has_lists: bool = False
    most_named: int = 0
    most_personal: int = 0
    service: MessagingService | None = None
    template: Template | None = None
    agent: Agent | None = None
    dialect: str = ""
    file: ContactFile | None = None
    regions: tuple[str, ...] = ("US",)
    host: str = ""
    workspace_id: str = ""
    intent: str = ""
    approved: Plan | None = None
    waiting: frozenset[int] = frozenset()

    @property
    def start(self) -> datetime:
        """When messages are sent unless their step has its own start: at the draft's if that is to come, else now."""
        wanted = self.draft.start_at if isinstance(self.draft, CampaignDraft) else None
        return max(wanted or self.now, self.now)

    @property
    def parts_per_second(self) -> float:
        """How many parts all senders send together: as the policy says, else as the carriers allow their messaging
        service, where it reports that, else as the policy assumes."""
        paces = [each.messages_per_second for each in self.service.verified] if self.service else []
        if "messages_per_second" not in self.policy.model_fields_set and (known := [pace for pace in paces if pace]):
            return min(known)
        return self.policy.messages_per_second * max(len(self.senders), 1)

    @property
    def is_mms(self) -> bool:
        """Each message is an MMS, or one on WhatsApp, which is one part however long its text is."""
        if isinstance(self.draft, CampaignDraft):
            return self.draft.type in {"MMS", "WHATSAPP_BUSINESS_PLATFORM_MESSAGE"}
        return isinstance(self.draft, MessageDraft | MessagesDraft) and bool(self.draft.media_urls)

    @property
    def priced(self) -> SendPolicy:
        """The policy, without prices where it has none: what Meta charges for a message on WhatsApp is not in it."""
        if isinstance(self.draft, CampaignDraft) and self.draft.type == "WHATSAPP_BUSINESS_PLATFORM_MESSAGE":
            return self.policy.model_copy(update={"price_per_part": None, "price_per_mms": None})
        return self.policy

    @cached_property
    def senders(self) -> tuple[Phone, ...]:
        """The workspace's numbers that the draft names, by name, number or id; DraftError if there is none, or
        several."""
        match self.draft:
            case CampaignDraft():
                wanted = self.draft.senders
            case MessageDraft() | MessagesDraft():
                wanted = (self.draft.sender,)
            case TestDraft():
                wanted = self.draft.campaign.senders[:1]
            case ImportDraft() | LabelRemovalDraft():
                wanted = ()
        return tuple(dict.fromkeys(_sender(name, self.phones) for name in wanted))


def read_once(sources: Sources, contacts: Contacts) -> Callable[[Draft], DraftReading]:
    """A function that gives the reading of any draft to contacts, on these contacts, and on senders read now.

    What drafts are sent through is read when one first asks for it. Else only the ledger and the clock are asked again,
    so that drafts can be checked while they are written.
    """
    phones = sources.client.phones()
    lists = _Lists(sources.client)
    home = sources.reader.at_home(contacts, senders=phones)

    def reading(draft: Draft) -> DraftReading:
        past = replace(sources.past(""), failed=failing(home.logs))
        found = replace(_reading(sources, draft, home), phones=phones, past=past, intent=intent(sources.client, draft))
        return _with_channel(found, lists)

    return reading


def read(
    sources: Sources, draft: Draft, *, approved: Plan | None = None, waiting: frozenset[int] = frozenset()
) -> DraftReading:
    """Read all that a draft is planned from; `approved` and `waiting` are as in `DraftReading`."""
    past = sources.past(approved.id if approved else "")
    if isinstance(draft, ImportDraft):
        reading = read_import(sources, draft)
    elif isinstance(draft, LabelRemovalDraft):
        reading = replace(_reading(sources, draft, sources.reader.snapshot()), past=past)
    else:
        reading = _read_for_contacts(sources, draft, past)
    reading = replace(reading, intent=intent(sources.client, draft), approved=approved, waiting=waiting)
    return _with_channel(reading, _Lists(sources.client))


def _read_for_contacts(
    sources: Sources, draft: CampaignDraft | MessageDraft | MessagesDraft | TestDraft, past: Past
) -> DraftReading:
    """Read everybody, with the logs that the draft's segment asks about; nobody for a test, which texts no contact."""
    client, reader = sources.client, sources.reader
    if isinstance(draft, TestDraft):
        nobody = Contacts(CONTACTS.empty_table(), (), sources.service_now())
        return replace(_reading(sources, draft, nobody), phones=client.phones(), past=past)
    contacts, phones = reader.contacts(segment=draft.segment), client.phones()
    return replace(
        _reading(sources, draft, reader.at_home(contacts, senders=phones)),
        phones=phones,
        past=replace(past, failed=failing(contacts.logs)),
        media=_media(sources, draft.media_urls),
    )


@dataclass(frozen=True)
class _Lists:
    """What campaigns are sent through, each list read when it is first asked for."""

    client: Client

    @cached_property
    def services(self) -> tuple[MessagingService, ...]:
        return tuple(self.client.services())

    @cached_property
    def agents(self) -> tuple[Agent, ...]:
        return tuple(self.client.agents())

    @cached_property
    def _templates(self) -> dict[tuple[str, ...], list[Template]]:
        return {}

    def templates(self, sender_ids: tuple[str, ...]) -> list[Template]:
        if sender_ids not in self._templates:
            self._templates[sender_ids] = self.client.templates(sender_ids)
        return self._templates[sender_ids]


def _with_channel(reading: DraftReading, lists: _Lists) -> DraftReading:
    """The reading of a campaign with what it is sent through, and with a template's text as the draft's.

    Unchanged where the service lists none.
    """
    draft = reading.draft
    if not isinstance(draft, CampaignDraft) or not reading.has_lists:
        return reading
    if draft.type != "WHATSAPP_BUSINESS_PLATFORM_MESSAGE":
        reading = replace(reading, service=service_of(reading.senders, lists.services))
    if draft.agent:
        return replace(reading, agent=agent_named(draft.agent, lists.agents))
    if not draft.template:
        return reading
    template = template_named(draft.template, lists.templates(tuple(phone.id for phone in reading.senders)))
    text = "\n\n".join(filter(None, [template.header, template.text]))
    if draft.message not in {"", text} and reading.approved is None:
        raise DraftError(f"The template {template.name} has another text than `message`: leave `message` out.")
    return replace(reading, template=template, draft=draft.model_copy(update={"message": text}))


def read_import(
    sources: Sources, draft: ImportDraft, *, file: ContactFile | None = None, contacts: Contacts | None = None
) -> DraftReading:
    """Read a contact file, and the contacts that it is compared with, unless they are given."""
    if file is None:
        with progressing("reading") as shown:
            file = read_file(draft, progress=shown)
    reader = sources.reader
    contacts = reader.snapshot() if contacts is None else reader.at_home(contacts)
    regions = (draft.phone_country,) if draft.phone_country else contacts.countries or ("US",)
    return replace(_reading(sources, draft, contacts), file=file, regions=regions)


def intent(client: Client, draft: Draft) -> str:
    """What makes two drafts the same intent: the workspace and all of the draft except its times and overrides; a file
    by its bytes."""
    said = draft.model_dump(mode="json", exclude={"start_at", "end_at", "overrides"})
    if isinstance(draft, ImportDraft):
        said |= {"path": hashlib.sha256(read_bytes(draft)).hexdigest()}
    if isinstance(draft, CampaignDraft) and draft.template:
        said |= {"message": ""}  # which the template has
    return digest(client.host, client.workspace_id, said)


def _reading(sources: Sources, draft: Draft, contacts: Contacts) -> DraftReading:
    client = sources.client
    return DraftReading(
        draft,
        contacts,
        (),
        sources.service_now(),
        sources.live,
        sources.policy,
        fills_placeholders=client.fills_placeholders,
        has_lists=client.has_lists,
        most_named=client.most_named,
        most_personal=client.most_personal,
        dialect=client.dialect.NAME,
        host=client.host,
        workspace_id=client.workspace_id,
    )


def _media(sources: Sources, urls: Sequence[str]) -> dict[str, Media | None]:
    """What public addresses say of the media behind them; planning sends nothing, not even an address, to a domain
    that the policy does not name."""
    known = sources.policy.link_domains or ()
    asked = [url for url in urls if sources.live and is_public(url) and is_below(url, known)]
    return {url: sources.client.media(url) for url in asked[:MOST_MEDIA]}


def _sender(wanted: str, phones: Sequence[Phone]) -> Phone:
    exact = [phone for phone in phones if wanted in (phone.id, phone.phone)]
    named = exact or [phone for phone in phones if phone.name == wanted != ""]
    if len(named) > 1:
        numbers = ", ".join(phone.phone for phone in named)
        raise DraftError(f"{len(named)} senders are called {wanted!r}: use the number of one ({numbers}).")
    if not named:
        names = [phone.name for phone in phones]
        raise DraftError(f"The workspace has no sender {wanted!r}: {suggest(wanted, names)}")
    return named[0]
