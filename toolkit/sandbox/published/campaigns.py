"""Campaigns: listed, shown, and read message by message."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import msgspec

from toolkit.sandbox.delivery import campaigns
from toolkit.sandbox.delivery.campaigns import Campaign
from toolkit.sandbox.errors import Refused
from toolkit.sandbox.published import bodies, drafts, lists
from toolkit.sandbox.published.lists import Page
from toolkit.sandbox.published.rows import STATUSES, Log
from toolkit.sandbox.published.schemas import MESSAGE_STATUSES
from toolkit.sandbox.service import Service
from toolkit.sandbox.times import from_us, naive

_SORTED_BY = ("created_time", "updated_time", "start_time", "end_time", "name")

_IS_BULK = "EXISTS (SELECT 1 FROM texts WHERE campaign = number)"


@dataclass(frozen=True)
class Wanted:
    """Which campaigns are listed; nothing given means all that are not drafts."""

    types: Sequence[str] = ()
    phone_numbers: Sequence[str] = ()
    statuses: Sequence[str] = ()
    mode: str | None = None
    stage: str = "INSTANCE"
    start_from: datetime | None = None
    start_to: datetime | None = None
    end_from: datetime | None = None
    end_to: datetime | None = None

    @property
    def takes_drafts(self) -> bool:
        """Whether only the stage is asked for: a draft has neither begun nor a status."""
        return self == Wanted(stage=self.stage)

    def has(self, campaign: Campaign, now_us: int) -> bool:
        """Tell whether a campaign is one of these."""
        end_us = campaign.end_us if now_us < campaign.done_us else campaign.done_us
        return (
            self.stage == "INSTANCE"
            and self.mode in (None, "WEB")
            and (not self.types or campaign.type in self.types)
            and (not self.statuses or bodies.campaign_status(campaign, now_us) in self.statuses)
            and (not self.phone_numbers or any(phone["phone"] in self.phone_numbers for phone in campaign.phones))
            and _is_within(campaign.start_us, self.start_from, self.start_to)
            and _is_within(end_us, self.end_from, self.end_to)
        )


def listed(service: Service, page: Page, wanted: Wanted, *, order_by: str) -> bytes:
    """Return campaigns with their statistics."""
    now_us = service.settled()
    with service.store.read() as db:
        hidden = "" if service.behaviour.published.is_bulk_listed else f"WHERE NOT {_IS_BULK}"
        ids = [own_id for (own_id,) in db.execute(f"SELECT id FROM campaigns {hidden} ORDER BY number")]
        every = [one for own_id in ids if (one := campaigns.find(db, "id", own_id))]
        drafts_listed = drafts.listed(service, db, wanted.stage) if wanted.takes_drafts else []
    rows = [
        {
            "id": one.id,
            "name": one.name,
            "created_time": naive(one.created_us),
            "updated_time": naive(max(one.created_us, min(now_us, one.done_us))),
            "start_time": naive(one.start_us),
            "end_time": naive(one.done_us),
        }
        for one in every
        if wanted.has(one, now_us)
    ]
    rows += drafts_listed
    ordered = lists.in_order(rows, order_by, _SORTED_BY)
    offset, limit = page.within(service)
    shown = []
    for row in ordered[offset : offset + limit]:
        if "stage" in row:  # a draft, which is listed whole
            shown.append(row)
            continue
        with service.viewing(row["id"]) as (db, campaign, at_us):
            shown.append(bodies.campaign(_log(service, db, campaign, at_us)))
    return msgspec.json.encode({"data": shown, "total": len(rows)})


def shown(service: Service, campaign_id: str) -> bytes:
    """Return one campaign with its statistics."""
    with service.store.read() as db:
        draft = drafts.shown(service, db, campaign_id)
    if draft is not None:
        return msgspec.json.encode(draft)
    with _viewing(service, campaign_id) as log:
        return msgspec.json.encode(bodies.campaign(log))


def logs(service: Service, campaign_id: str, page: Page, *, statuses: Sequence[str]) -> bytes:
    """Return some rows of a campaign's log, and the campaign."""
    for status in statuses:
        if status not in MESSAGE_STATUSES:
            message = f"message_statuses takes {', '.join(MESSAGE_STATUSES)}, not {status!r}"
            raise Refused(422, message, field="message_statuses")
    offset, limit = page.within(service)
    with _viewing(service, campaign_id) as log:
        known = [STATUSES.index(status) for status in statuses if status in STATUSES]
        rows, total = (b"", 0) if statuses and not known else log.page(known, offset=offset, limit=limit)
        campaign = msgspec.json.encode(bodies.campaign(log))
    return b'{"campaign_logs":{"data":[%s],"total":%d},"campaign":%s}' % (rows, total, campaign)


@contextmanager
def _viewing(service: Service, campaign_id: str) -> Iterator[Log]:
    with service.store.read() as db:
        hidden = "" if service.behaviour.published.is_bulk_listed else f"AND NOT {_IS_BULK}"
        found = db.execute(f"SELECT 1 FROM campaigns WHERE id = ? {hidden}", (f"campaign_{campaign_id}",)).fetchone()
        if found is None:
            raise Refused(404, f"No campaign has the id {campaign_id!r}")
    with service.viewing(f"campaign_{campaign_id}") as (db, campaign, now_us):
        yield _log(service, db, campaign, now_us)


def _log(service: Service, db: sqlite3.Connection, campaign: Campaign, now_us: int) -> Log:
    return Log(db, campaign, now_us, service.seed, service.behaviour.published)


def _is_within(us: int | None, start: datetime | None, stop: datetime | None) -> bool:
    if us is None:
        return start is None and stop is None
    return (start is None or start <= from_us(us)) and (stop is None or from_us(us) <= stop)
