"""The first step from a draft to a plan, and the only one that asks anybody: all that is needed is read once, here.

Nothing after it asks the service, the ledger, the disk or a clock; each step is a function of this reading.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from toolkit.api.arrow_schemas import CONTACTS
from toolkit.api.client import Client
from toolkit.api.dialect import MessagingService
from toolkit.api.progress import progressing
from toolkit.contact_reading import Reader
from toolkit.data.contacts import Contacts
from toolkit.engagement.failures import failing
from toolkit.errors import DraftError
from toolkit.models import Media, Phone
from toolkit.planning.digest import digest
from toolkit.planning.imports import ContactFile, read_bytes, read_file
from toolkit.planning.media_urls import MOST_MEDIA, is_below, is_public
from toolkit.plans.draft import CampaignDraft, Draft, ImportDraft, MessageDraft, MessagesDraft, TestDraft
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
    `most_named` is how many contacts a campaign may name by id.
    `service` is the senders' messaging service, where a campaign needs one; `dialect` how SeaX is spoken to.
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
    most_named: int = 0
    most_personal: int = 0
    service: MessagingService | None = None
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
        """Each message is an MMS, which is one part however long its text is."""
        if isinstance(self.draft, CampaignDraft):
            return self.draft.type == "MMS"
        return isinstance(self.draft, MessageDraft | MessagesDraft) and bool(self.draft.media_urls)

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
            case ImportDraft():
                wanted = ()
        return tuple(dict.fromkeys(_sender(name, self.phones) for name in wanted))


def read_once(sources: Sources, contacts: Contacts) -> Callable[[Draft], DraftReading]:
    """A function that gives the reading of any draft to contacts, on these contacts, and on senders and their messaging
    services read now.

    It asks nobody again but the ledger and the clock, so that drafts can be checked while they are written.
    """
    phones = sources.client.phones()
    services = tuple(sources.client.services()) if sources.client.has_lists else ()
    home = sources.reader.at_home(contacts, senders=phones)

    def reading(draft: Draft) -> DraftReading:
        past = replace(sources.past(""), failed=failing(home.logs))
        found = replace(_reading(sources, draft, home), phones=phones, past=past, intent=intent(sources.client, draft))
        return _with_service(found, services) if _is_sent_by_service(sources, draft) else found

    return reading


def read(
    sources: Sources, draft: Draft, *, approved: Plan | None = None, waiting: frozenset[int] = frozenset()
) -> DraftReading:
    """Read all that a draft is planned from; `approved` and `waiting` are as in `DraftReading`."""
    past = sources.past(approved.id if approved else "")
    if isinstance(draft, ImportDraft):
        reading = read_import(sources, draft)
    else:
        reading = _read_for_contacts(sources, draft, past)
    return replace(reading, intent=intent(sources.client, draft), approved=approved, waiting=waiting)


def _read_for_contacts(
    sources: Sources, draft: CampaignDraft | MessageDraft | MessagesDraft | TestDraft, past: Past
) -> DraftReading:
    """Read everybody, with the logs that the draft's segment asks about; nobody for a test, which texts no contact."""
    client, reader = sources.client, sources.reader
    if isinstance(draft, TestDraft):
        nobody = Contacts(CONTACTS.empty_table(), (), sources.service_now())
        return replace(_reading(sources, draft, nobody), phones=client.phones(), past=past)
    contacts, phones = reader.contacts(segment=draft.segment), client.phones()
    reading = replace(
        _reading(sources, draft, reader.at_home(contacts, senders=phones)),
        phones=phones,
        past=replace(past, failed=failing(contacts.logs)),
        media=_media(sources, draft.media_urls),
    )
    return _with_service(reading, client.services()) if _is_sent_by_service(sources, draft) else reading


def _is_sent_by_service(sources: Sources, draft: Draft) -> bool:
    return isinstance(draft, CampaignDraft) and sources.client.has_lists


def _with_service(reading: DraftReading, services: Iterable[MessagingService]) -> DraftReading:
    return replace(reading, service=_service_of(reading.senders, services))


def _service_of(senders: Sequence[Phone], services: Iterable[MessagingService]) -> MessagingService:
    """The one messaging service that has all the senders; DraftError if there is none, or several."""
    services = list(services)
    wanted = {phone.id for phone in senders}
    found = [service for service in services if wanted <= {*service.sender_ids}]
    if len(found) == 1:
        return found[0]
    named = ", ".join(phone.phone for phone in senders)
    if found:
        raise DraftError(
            f"{named} {'are' if len(senders) > 1 else 'is'} in several messaging services "
            f"({', '.join(service.name for service in found)}): leave one of them in SeaX, so that it is clear through "
            "which one this is sent."
        )
    known = [
        f"{phone.phone}: {', '.join(s.name for s in services if phone.id in s.sender_ids) or 'none'}"
        for phone in senders
    ]
    raise DraftError(
        f"No messaging service that carriers have verified has all of {named} ({'; '.join(known)}): choose senders of "
        "one service, or add them to one in SeaX."
    )


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
