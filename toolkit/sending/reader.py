"""What a workspace knows of people, read whole: its contacts, with the delivery logs that a segment asks about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd
import pyarrow as pa

from toolkit.api.client import Client
from toolkit.api.columns import LabelBook
from toolkit.api.paging import Progress, read_all
from toolkit.api.progress import progressing
from toolkit.audience.segment import Segment
from toolkit.data.contacts import Contacts
from toolkit.data.label_names import AS_NAMED, LabelNames
from toolkit.data.logs import logs_frame
from toolkit.errors import ReadCancelled


@dataclass(frozen=True)
class Reader:
    """Reads one workspace; `campaigns` names all that are known here, `now` is the service's time."""

    client: Client
    campaigns: Callable[[], Sequence[str]]
    now: Callable[[], datetime]
    label_names: LabelNames = AS_NAMED

    def contacts(self, progress: Progress | None = None, *, segment: Segment | None = None) -> Contacts:
        """All contacts as they are now, with the delivery logs that a segment asks about."""
        book = LabelBook()
        with progressing("contacts", progress) as shown:
            try:
                reading = read_all(self.client.contacts(book), progress=shown)
            except ReadCancelled as stop:
                some = Contacts(stop.rows, tuple(book.labels), self.now(), exact=False)
                raise ReadCancelled(str(stop), some.frame) from None
        needs_all = segment is not None and segment.needs_behaviour
        wanted = [*(() if segment is None else segment.campaigns), *(self.campaigns() if needs_all else ())]
        logs = self.logs(wanted, progress=progress) if wanted or needs_all else None
        labels = tuple(book.labels)
        return Contacts(reading.rows, labels, self.now(), reading.repairs, logs=logs, label_names=self.label_names)

    def logs(
        self, campaigns: Sequence[str], *, statuses: Sequence[str] = (), progress: Progress | None = None
    ) -> pd.DataFrame:
        """The delivery logs of some campaigns; see `toolkit.data.logs.logs_frame`."""
        tables: dict[str, pa.Table] = {}
        now, repairs = self.now(), 0
        for campaign_id in dict.fromkeys(campaigns):
            with progressing(f"log of {campaign_id}", progress) as shown:
                try:
                    reading = read_all(self.client.logs(campaign_id, statuses=statuses), progress=shown)
                except ReadCancelled as stop:
                    read = {**tables, campaign_id: stop.rows}
                    raise ReadCancelled(str(stop), logs_frame(read, now, exact=False)) from None
            tables[campaign_id] = reading.rows
            repairs += reading.repairs
        return logs_frame(tables, now, repairs=repairs)

    def numbers_with(self, labels: Sequence[str]) -> frozenset[str]:
        """The numbers of everybody who has one of these labels, by id, now."""
        if not labels:
            return frozenset()
        rows = read_all(self.client.contacts(LabelBook(), any_of=labels)).rows
        return frozenset(phone for phone in rows["phone"].to_pylist() if phone)
