"""Campaigns: listed, shown, read message by message, and created."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from toolkit.sandbox.contacts import Filter
from toolkit.sandbox.delivery import campaigns, launches
from toolkit.sandbox.delivery.campaigns import Campaign
from toolkit.sandbox.delivery.launches import CampaignRequest
from toolkit.sandbox.errors import Refused
from toolkit.sandbox.published import bodies, lists
from toolkit.sandbox.published.lists import Page
from toolkit.sandbox.published.rows import STATUSES, Log
from toolkit.sandbox.published.wire import MESSAGE_STATUSES, NewCampaign
from toolkit.sandbox.service import Service
from toolkit.sandbox.times import from_us, naive

_SORTED_BY = ("created_time", "updated_time", "start_time", "end_time", "name")
_ECHOED = (
    "media_urls", "draft_name", "header_message", "ai_agent_conversation_config_id", "timezone", "attach_files",
    "header_format", "service_provider_campaign_data",
)  # fmt: skip


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
        ids = [own_id for (own_id,) in db.execute("SELECT id FROM campaigns ORDER BY number")]
        every = [one for own_id in ids if (one := campaigns.find(db, "id", own_id))]
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
    ordered = lists.in_order(rows, order_by, _SORTED_BY)
    offset, limit = page.within(service)
    shown = []
    for row in ordered[offset : offset + limit]:
        with service.viewing(row["id"]) as (db, campaign, at_us):
            shown.append(bodies.campaign(_log(service, db, campaign, at_us)))
    return msgspec.json.encode({"data": shown, "total": len(rows)})


def shown(service: Service, campaign_id: str) -> bytes:
    """Return one campaign with its statistics."""
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


def create(service: Service, new: NewCampaign) -> bytes:
    """Create a campaign and start sending it, or schedule it."""
    with service.writing() as (db, now_us):
        request = request_of(service, db, new)
        campaign = launch(service, db, request, now_us=now_us)
        return msgspec.json.encode(bodies.campaign(_log(service, db, campaign, now_us), is_new=True))


def launch(service: Service, db: sqlite3.Connection, request: CampaignRequest, *, now_us: int) -> Campaign:
    """Send a campaign to those it selects now."""
    drops = service.behaviour.published.drops_opted_out
    audience = launches.audience_of(db, request, do_drop_opted_out=drops)
    if not audience.any():
        message = "No contact that may be texted matches these filters"
        raise Refused(422, message, field="any_contact_label_ids")
    per_second = service.behaviour.messages_per_second
    return launches.launch(db, request, audience, now_us=now_us, seed=service.seed, per_second=per_second)


def request_of(service: Service, db: sqlite3.Connection, new: NewCampaign) -> CampaignRequest:
    """Return what the service is asked for; refuses what it cannot do."""
    behaviour = service.behaviour.published
    for field in ("contact_file_url", "relative_time_config", "overwrite_phone_recipient"):
        if getattr(new, field):
            raise Refused(422, f"The embedded service knows no {field}", field=field)
    if new.mode != "WEB" or new.is_timezone_aware:
        field = "mode" if new.mode != "WEB" else "is_timezone_aware"
        raise Refused(422, "The embedded service takes mode WEB, and one time for everybody", field=field)
    if new.type in ("SMS", "MMS") and not (new.message or "").strip():
        raise Refused(422, "A campaign of texts needs a message", field="message")
    if not new.phone_ids:
        raise Refused(422, "A campaign needs a phone to be sent from", field="phone_ids")
    if new.type != "WHATSAPP_BUSINESS_PLATFORM_MESSAGE":
        _check_service(db, new, are_senders_checked=behaviour.checks_service)
    audience = Filter(
        keyword=new.keyword or "",
        any_labels=tuple(new.any_contact_label_ids or ()),
        all_labels=tuple(new.all_contact_label_ids or ()),
        additional_ids=tuple(new.addition_contact_ids or ()),
        exclude_ids=tuple(new.exclude_contact_ids or ()),
        exclude_labels=tuple(new.exclude_any_contact_label_ids or ()),
        exclude_all_labels=tuple(new.exclude_all_contact_label_ids or ()),
        has_whatsapp=new.whatsapp_phone_only,
        do_additions_win=behaviour.do_additions_win,
    )
    selects = audience.keyword or audience.any_labels or audience.all_labels
    excludes = audience.exclude_ids or audience.exclude_labels or audience.exclude_all_labels
    if audience.additional_ids:
        is_filtered = bool(selects) or behaviour.are_additions_a_filter
    else:
        is_filtered = bool(selects or excludes)
    if not is_filtered:
        message = "At least one filter of contacts must be given"
        raise Refused(422, message, field="any_contact_label_ids")
    lists.check_labels(db, audience)
    return CampaignRequest(
        name=new.name,
        type=new.type,
        message=new.message or "",
        phone_ids=new.phone_ids,
        audience=audience,
        start_time=new.start_time,
        end_time=new.end_time,
        is_schedule=new.is_schedule,
        enable_link_shortening=new.enable_link_shortening,
        attach_labels=new.attach_contact_label_ids or (),
        echo={**_echoed(new), "messaging_service_id": new.message_service_id},
    )


def _echoed(new: NewCampaign) -> Mapping[str, Any]:
    given: dict[str, Any] = new.model_dump(mode="json", include=set(_ECHOED), exclude_none=True)
    return given


def _check_service(db: sqlite3.Connection, new: NewCampaign, *, are_senders_checked: bool) -> None:
    for detail in lists.service_details(db):
        if detail["id"] == new.message_service_id:
            having = {phone["id"] for phone in detail["phones"]}
            if are_senders_checked and not set(new.phone_ids) <= having:
                message = f"The messaging service {new.message_service_id} does not have all of these phones"
                raise Refused(422, message, field="phone_ids")
            return
    message = f"No messaging service has the id {new.message_service_id!r}"
    raise Refused(422, message, field="message_service_id")


@contextmanager
def _viewing(service: Service, campaign_id: str) -> Iterator[Log]:
    with service.store.read() as db:
        if campaigns.find(db, "id", f"campaign_{campaign_id}") is None:
            raise Refused(404, f"No campaign has the id {campaign_id!r}")
    with service.viewing(f"campaign_{campaign_id}") as (db, campaign, now_us):
        yield _log(service, db, campaign, now_us)


def _log(service: Service, db: sqlite3.Connection, campaign: Campaign, now_us: int) -> Log:
    return Log(db, campaign, now_us, service.seed, service.behaviour.published)


def _is_within(us: int | None, start: datetime | None, stop: datetime | None) -> bool:
    if us is None:
        return start is None and stop is None
    return (start is None or start <= from_us(us)) and (stop is None or from_us(us) <= stop)
