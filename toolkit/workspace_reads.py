"""What a workspace contains: its people, campaigns, logs and plans, read as they are now. Nothing here sends.

A method imports what it alone needs, so that connecting loads none of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.data.label_names import LabelNames
from toolkit.display import Described
from toolkit.errors import PlanNotFound

if TYPE_CHECKING:
    import pandas as pd

    from toolkit.api.client import Client
    from toolkit.api.conformance import Inspection
    from toolkit.api.snapshot_read import Progress
    from toolkit.audience.segment import Segment
    from toolkit.contact_reading import Reader
    from toolkit.data.contacts import Contacts
    from toolkit.ledger.journal import Journal
    from toolkit.ledger.ledger import Ledger
    from toolkit.ledger.plan_entry import Entry
    from toolkit.mirror.mirror import Mirror
    from toolkit.models import Campaign
    from toolkit.plans.states import State


class Records(Described):
    """Everything that can be read of a workspace, live or embedded."""

    def __init__(
        self,
        client: Client,
        journal: Journal,
        *,
        live: bool,
        now: Callable[[], datetime],
        service_now: Callable[[], datetime],
        history: Callable[[], Sequence[str]],
        country: str | None = None,
        label_names: LabelNames,
    ) -> None:
        self.live = live
        self._client = client
        self._journal = journal
        self._now = now
        self._service_now = service_now
        self._history = history
        self._country = country
        self._label_names = label_names

    @cached_property
    def _ledger(self) -> Ledger:
        from toolkit.ledger.ledger import Ledger

        return Ledger(self._journal.path, self._journal.home)

    @cached_property
    def _reader(self) -> Reader:
        from toolkit.contact_reading import Reader

        planned = partial(self._ledger.recipients_of, self._address)
        names = self._label_names
        return Reader(self._client, self.campaign_ids, self._service_now, self._country, names, planned)

    @property
    def id(self) -> str:
        """The workspace's id."""
        return self._client.workspace_id

    @property
    def _address(self) -> str:
        return f"{self._client.host}/{self.id}"

    def service_time(self) -> datetime:
        """The service's time in UTC: the wall clock's on a live workspace, its own on the embedded one."""
        return self._service_now()

    def inspect_service(self) -> Inspection:
        """Whether the service answers as we know its API, by about 25 reads; see `toolkit.api.conformance`."""
        return self._client.inspect(self._now())

    def phones(self) -> pd.DataFrame:
        """The numbers to send from: `id, phone, name, country, type` (str), `enabled, sms, mms, whatsapp, is_default`
        (bool)."""
        import pandas as pd

        columns = ["id", "phone", "name", "country", "type", "enabled", "sms", "mms", "whatsapp", "is_default"]
        rows = [phone.model_dump(include=set(columns)) for phone in self._client.phones()]
        frame = pd.DataFrame(rows, columns=columns)
        return frame.astype(dict.fromkeys(columns[:5], "str") | dict.fromkeys(columns[5:], "bool"))

    def contacts(
        self,
        segment: Segment | None = None,
        columns: Sequence[str] | None = None,
        *,
        progress: Progress | None = None,
    ) -> pd.DataFrame:
        """Every contact, or those in a segment, one row each; for columns see `toolkit.data.contacts.Contacts`.

        `columns` chooses some, and adds contact fields as typed columns: `["id", "field.customer_tier"]`. A long read
        shows its progress in terminals and notebooks, or calls `progress` with rows read and rows in all. Interrupting
        it raises ReadCancelled with the frame so far in `rows`."""
        contacts = self._reader.contacts(progress, segment=segment)
        frame = contacts.frame if columns is None else contacts.select(columns)
        return frame if segment is None else frame[segment.mask(contacts)]

    def snapshot(self, segment: Segment | None = None, *, progress: Progress | None = None) -> Contacts:
        """All contacts as they are now, kept in columns: what segments are counted on while they are edited.

        `segment.count(contacts)` takes milliseconds at a million contacts. For segments on what became of
        messages, pass one of them: the logs it needs are read too. `Vocabulary(contacts)` completes labels and fields.
        """
        return self._reader.snapshot(progress, segment=segment)

    def labels(self, *, contacts: Contacts | None = None) -> pd.DataFrame:
        """The labels that contacts have: `id, name, description` (str), `is_system` (bool), `contacts` (int64).

        Of all contacts as they are now, or of an earlier snapshot. Where the service lists labels, also those that no
        contact has, unless a snapshot is given.
        """
        from toolkit.data.bitmaps import count
        from toolkit.data.label_counts import labels_frame

        if contacts is None and self._client.has_lists:
            return labels_frame(self._client.labels())
        contacts = self._reader.contacts() if contacts is None else contacts
        counted = ((label, count(contacts.bitmap(code))) for code, label in enumerate(contacts.labels))
        return labels_frame((label, number) for label, number in counted if number)

    def campaign(self, campaign_id: str) -> Campaign:
        """One campaign with its statistics; NotFound if there is none."""
        from toolkit.plans.receipt import compared_later

        return compared_later(self._client.campaign(campaign_id), self._ledger.step_of(self._address, campaign_id))

    def campaign_ids(self) -> list[str]:
        """The campaigns known here, oldest first: all of the workspace, where the service lists them, else the embedded
        workspace's own, and those sent from this machine; one sent elsewhere has to be named then."""
        if self._client.has_lists:
            return [campaign.id for campaign in self._client.campaigns()][::-1]
        return self._sent_from_here()

    def _sent_from_here(self) -> list[str]:
        sent = [each.campaign_id for each in self._ledger.receipts(self._address) if each.campaign_id]
        return list(dict.fromkeys([*self._history(), *sent]))

    def _newest_first(self, but: Collection[str]) -> Iterator[Campaign]:
        """All campaigns that the service lists, or the embedded workspace's own, without some; asked as needed."""
        if self._client.has_lists:
            return (campaign for campaign in self._client.campaigns() if campaign.id not in but)
        return (self._client.campaign(each) for each in reversed(self._history()) if each not in but)

    def campaigns(self) -> list[Campaign]:
        """The campaigns of `campaign_ids` as the service reports them now, newest first; one request each, unless the
        service lists them."""
        found = list(self._newest_first(()) if self._client.has_lists else map(self.campaign, self.campaign_ids()))
        return sorted(found, key=lambda campaign: campaign.created_time, reverse=True)

    def plans(self, *, states: Sequence[State] = (), limit: int = 50) -> list[Entry]:
        """Plans of this workspace in this machine's ledger, newest first, from every interface."""
        self._ledger.expire(self._address, self._now())
        return self._ledger.entries(self._address, states, limit=limit)

    def get_plan(self, plan_id: str) -> Entry:
        """One plan of this workspace, its state and its receipt; PlanNotFound if it does not exist."""
        entry = self._ledger.entry(plan_id)
        if entry.plan.workspace != self._address:
            raise PlanNotFound(f"Plan {plan_id} is for another workspace: plan the draft again in this one.")
        return entry

    def logs(
        self,
        campaigns: str | Sequence[str],
        *,
        statuses: Sequence[str] = (),
        progress: Progress | None = None,
    ) -> pd.DataFrame:
        """The delivery log of one campaign or several, one row per message; columns as `toolkit.data.logs.logs_frame`.

        `statuses` keeps messages of these alone. Long reads show progress and can be interrupted, as `contacts`.
        """
        wanted = [campaigns] if isinstance(campaigns, str) else campaigns
        return self._reader.logs(wanted, statuses=statuses, progress=progress)

    def iter_batches(self, campaign_id: str | None = None, *, statuses: Sequence[str] = ()) -> Iterator[pd.DataFrame]:
        """All contacts, or a campaign's log, as frames of one page each, in memory that does not grow with the list.

        A frame's `attrs` are those of its page, never `exact`. Raises SnapshotTorn after the last frame if the list
        changed meanwhile in a way that frames already returned cannot show.
        """
        import pyarrow as pa

        from toolkit.api.arrow_schemas import LabelBook
        from toolkit.api.snapshot_read import iter_batches
        from toolkit.data.contacts import Contacts
        from toolkit.data.logs import logs_frame

        if campaign_id is not None:
            for batch in iter_batches(self._client.logs(campaign_id, statuses=statuses)):
                yield logs_frame({campaign_id: pa.Table.from_batches([batch])}, self._service_now(), exact=False)
            return
        book = LabelBook()
        for batch in iter_batches(self._client.contacts(book)):
            page, labels = pa.Table.from_batches([batch]), tuple(book.labels)
            yield Contacts(page, labels, self._service_now(), exact=False).frame

    def mirror(self, path: str | Path) -> Mirror:
        """Contacts and logs as files in a folder, refreshed at low cost and read by any engine.

        The folder may be on an object store: `s3://bucket/folder`, `gs://…`, `abfs://…`, with the credentials that
        `pyarrow.fs` finds in the environment, the profile or the machine's role.

        See `toolkit.mirror.mirror.Mirror`.
        """
        from toolkit.mirror.mirror import Mirror

        return Mirror(
            path,
            self._client,
            now=self._service_now,
            known=self.campaign_ids,
            label_names=self._label_names,
        )

    def follow(
        self, campaign_id: str, *, every: float = 1.0, sleep: Callable[[float], object] = time.sleep
    ) -> Iterator[Campaign]:
        """The campaign again and again, every few seconds, until it has finished."""
        while True:
            campaign = self.campaign(campaign_id)
            yield campaign
            if campaign.is_finished:
                return
            sleep(every)
