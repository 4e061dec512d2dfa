"""The service's calls, with our own words for what is asked and answered, in whatever dialect the service speaks.

Reads are here; the calls that change something outside, which are never retried, in `toolkit.api.client_writes`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import TypeVar

from toolkit.api.arrow_schemas import CONTACTS, LOGS, MESSAGES, LabelBook, Listing
from toolkit.api.caller import PAGE_ROWS
from toolkit.api.campaign_echo import CampaignEcho
from toolkit.api.client_writes import ClientWrites, path_part
from toolkit.api.conformance import Inspection, inspect
from toolkit.api.dialect import (
    Agent,
    Lists,
    MessagingService,
    SentMessage,
    Template,
)
from toolkit.api.dialect_detection import Spoken
from toolkit.api.network.media_probe import ask_media
from toolkit.errors import NotFound, NotSupported, UnexpectedReply
from toolkit.models import (
    Campaign,
    DuplicateStrategy,
    Job,
    Label,
    Media,
    Phone,
    Target,
)

_LONGEST_QUERY = 6_000  # characters, which proxies on the way let through
_T = TypeVar("_T")


class Client(ClientWrites):
    """The service's calls with typed results, over a caller's requests; safe to use from several threads."""

    def __repr__(self) -> str:
        return f"Client({self._caller.name!r}, workspace_id={self.workspace_id!r})"

    def close(self) -> None:
        """Close the connections."""
        self._caller.close()

    @property
    def host(self) -> str:
        """The service's host, with its port unless that is the usual one."""
        return self._caller.host

    @property
    def spoken(self) -> Spoken | None:
        """Where and how the service is spoken to; None if it was neither set nor asked yet."""
        return self._caller.spoken

    def ask_again(self) -> Spoken:
        """Ask the service once more where and how it answers; what was set stays."""
        return self._caller.ask_again()

    def inspect(self, now: datetime) -> Inspection:
        """Whether the service answers as we know its API; see `toolkit.api.conformance`."""
        return inspect(self._caller, now)

    def media(self, url: str) -> Media | None:
        """What a public address reports about its picture or video; None if it does not answer."""
        return ask_media(url, transport=self._caller.given_transport)

    @property
    def fills_placeholders(self) -> bool:
        """The service fills contacts' values into a campaign's text."""
        return self.dialect.FILLS_PLACEHOLDERS

    @property
    def duplicate_strategies(self) -> tuple[DuplicateStrategy, ...]:
        """What an import can do with rows whose phone exists already, the usual one first."""
        return self.dialect.DUPLICATES

    @property
    def uniting(self) -> DuplicateStrategy:
        """How an import adds its labels to those that a contact has already."""
        return "merge" if "merge" in self.dialect.DUPLICATES else "update"

    @property
    def most_named(self) -> int:
        """How many contacts a campaign may name by id; 0 if it cannot."""
        return self.dialect.MOST_NAMED

    @property
    def most_personal(self) -> int:
        """How many personal texts one request may have; 0 if it has one."""
        return self.dialect.MOST_PERSONAL

    @property
    def has_lists(self) -> bool:
        """The service lists its campaigns, jobs, labels, messages and messaging services."""
        return self.dialect.LISTS is not None

    @property
    def has_stages(self) -> bool:
        """The service can keep a campaign as a draft, and launch it later."""
        return self.dialect.STAGES is not None

    def phones(self) -> tuple[Phone, ...]:
        """Every sender of the workspace, enabled or not."""
        found: dict[str, Phone] = {}
        for enabled in (True, False):
            offset, total, read = 0, 1, set[str]()
            while offset < total:
                body = self._caller.page(partial(self.dialect.phones, enabled=enabled), offset, PAGE_ROWS)
                phones, total = self.dialect.read_phones(body)
                new = {phone.id: phone for phone in phones if phone.id not in read}
                if total < 0 or (not new and offset < total):
                    raise UnexpectedReply(
                        f"The service counts {total:,} senders and gives no other after the first {offset:,}: try "
                        "again, and contact SeaX if it happens again."
                    )
                found |= new
                read |= new.keys()
                offset += len(phones)
        return tuple(found.values())

    def contacts(self, book: LabelBook, *, any_of: Sequence[str] = (), order: str = "") -> Listing:
        """All contacts, or those with one of these labels, newest first or in an order the service may refuse; labels
        become codes of `book`."""
        dialect = self.dialect
        page = partial(dialect.contacts, any_of=any_of, order=order)

        def fetch(offset: int, limit: int) -> bytes:
            return self._caller.page(page, offset, limit)

        return Listing(fetch, lambda body: dialect.read_contacts(body, book), CONTACTS)

    def count(self, target: Target) -> int | None:
        """How many contacts a target has, as the service counts; None if there are too many ids for a query."""
        call = self.dialect.counted(target)
        if sum(len(value) for value in call.params.values()) > _LONGEST_QUERY:
            return None
        return self.dialect.read_contacts(self._caller.read(call), LabelBook()).total

    def logs(self, campaign_id: str, *, statuses: Sequence[str] = ()) -> Listing:
        """A campaign's delivery log."""
        dialect = self.dialect
        page = partial(dialect.logs, path_part(campaign_id), statuses=statuses)

        def fetch(offset: int, limit: int) -> bytes:
            return self._caller.page(page, offset, limit)

        return Listing(fetch, dialect.read_logs, LOGS)

    def campaign(self, campaign_id: str) -> Campaign:
        """One campaign with its statistics."""
        return self.dialect.read_campaign(self._caller.read(self.dialect.campaign(path_part(campaign_id))))

    def echo(self, campaign_id: str) -> CampaignEcho:
        """One campaign or draft, with all that the service was asked for; NotSupported where it keeps no drafts."""
        return self._stages.read_echo(self._caller.read(self.dialect.campaign(path_part(campaign_id))))

    def drafts(self) -> Iterator[CampaignEcho]:
        """Every campaign that is kept as a draft; NotSupported where the service keeps none."""
        return self._caller.rows(self._stages.drafts, self._stages.read_drafts)

    def campaigns(self) -> Iterator[Campaign]:
        """Every campaign, newest first, by pages as they are needed; NotSupported where the service lists none."""
        lists = self._lists("campaigns")
        return self._caller.rows(lists.campaigns, lists.read_campaigns)

    def jobs(self) -> Iterator[Job]:
        """The jobs that import contacts; NotSupported where the service lists none."""
        lists = self._lists("jobs")
        return self._caller.rows(lists.jobs, lists.read_jobs)

    def labels(self) -> Iterator[tuple[Label, int]]:
        """Every label, and how many contacts have it; NotSupported where the service lists none."""
        lists = self._lists("labels")
        return self._caller.rows(lists.labels, lists.read_labels)

    def messages(self, phone: str, since: datetime) -> Iterator[SentMessage]:
        """The messages sent to a phone since then; NotSupported where the service lists none."""
        lists = self._lists("messages")
        return self._caller.rows(partial(lists.messages, phone, since), lists.read_messages, is_thinned=True)

    def inbox(self, since: datetime, until: datetime) -> Listing:
        """All messages, sent or received, between two times; NotSupported where the service lists none."""
        lists = self._lists("messages", "read replies in SeaX, and import who asks to stop with the label DNC")

        def fetch(offset: int, limit: int) -> bytes:
            return self._caller.page(partial(lists.inbox, since, until), offset, limit)

        return Listing(fetch, lists.read_inbox, MESSAGES)

    def services(self) -> Iterator[MessagingService]:
        """Every messaging service with its senders, one request each; NotSupported where the service lists none."""
        lists = self._lists("messaging services")
        for service_id in self._caller.rows(lists.services, lists.read_services):
            yield lists.read_service(self._caller.read(lists.service(path_part(service_id))))

    def templates(self, sender_ids: Iterable[str] = ()) -> list[Template]:
        """The templates of the WhatsApp accounts that have these senders; NotSupported where the service lists none."""
        lists, wanted = self._lists("WhatsApp templates", "send such a campaign in SeaX itself"), {*sender_ids}
        found = []
        for account in lists.read_accounts(self._caller.read(lists.accounts())):
            if wanted <= {*account.sender_ids}:
                each = lists.read_templates(self._caller.read(lists.templates(path_part(account.id))))
                found += [template.model_copy(update={"account_id": account.id}) for template in each]
        return found

    def agents(self) -> Iterator[Agent]:
        """The AI agents that answer texts; NotSupported where the service lists none."""
        lists = self._lists("AI agents", "send such a campaign in SeaX itself")
        return self._caller.rows(lists.agents, lists.read_agents)

    def job(self, job_id: str) -> Job:
        """One background job; NotSupported where the service has no such call."""
        try:
            return self.dialect.read_job(self._caller.read(self.dialect.job(path_part(job_id))))
        except NotFound as error:
            if self.has_lists:
                raise
            raise NotSupported(
                f"The service does not report on job {job_id}: read the contacts again to see its result."
            ) from error

    def _lists(self, what: str, instead: str = "name them by their ids, which SeaX shows") -> Lists:
        lists = self.dialect.LISTS
        if lists is None:
            raise NotSupported(f"This service does not list {what}: {instead}.")
        return lists
