"""Values that tests are made of: contacts by hand, drafts, and a clock that is moved by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from toolkit.api.arrow_schemas import CONTACTS
from toolkit.audience.segment import Segment
from toolkit.data.contacts import Contacts
from toolkit.models import Label
from toolkit.plans.draft import CampaignDraft

START = datetime(2026, 3, 3, 17, 0, tzinfo=UTC)  # a Tuesday noon on the US east coast
KEY = "a" * 8 + "0" * 56


in_both_dialects = pytest.mark.parametrize("dialect", ["guide", "published"], indirect=True)
in_both_ledgers = pytest.mark.parametrize("ledger_address", ["sqlite", "postgresql"], indirect=True)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        return self.time

    def move(self, **by: float) -> None:
        self.time += timedelta(**by)


Row = dict[str, Any]


def make_contacts(rows: Sequence[Row], labels: Sequence[str] = ()) -> Contacts:
    """Contacts from rows such as `{"id": "a", "phone": "+1…", "labels": ["vip"]}`; labels get ids `id-of-<name>`."""
    names = list(dict.fromkeys([*labels, *(label for row in rows for label in row.get("labels", ()))]))
    columns: dict[str, list[Any]] = {name: [row.get(name) for row in rows] for name in CONTACTS.names}
    columns["labels"] = [[names.index(label) for label in row.get("labels", ())] for row in rows]
    columns["created_time"] = [row.get("created_time", START) for row in rows]
    columns["fields"] = [row.get("fields", "{}") for row in rows]
    table = pa.table(columns, schema=CONTACTS)
    return Contacts(table, tuple(Label(id=f"id-of-{name}", name=name) for name in names), START)


def campaign_draft(name: str = "Spring Sale", message: str = "Hello. Reply STOP to opt out.") -> CampaignDraft:
    segment = Segment.any_of("vip_customers") & ~Segment.any_of("location_nyc")
    return CampaignDraft(name=name, message=message, segment=segment, senders=("Marketing Line",))


def live_draft() -> CampaignDraft:
    return CampaignDraft(name="Live", message="Hi. Reply STOP.", segment=Segment.any_of("vip"), senders=("Shop",))
