"""How a sent campaign did: its counters and its delivery log."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, Field

from mcp_server.connection import Call, workspace
from mcp_server.rows import Limit, Offset, Page, cut
from mcp_server.untrusted import clean

if TYPE_CHECKING:
    import pandas as pd

    from toolkit.models import Campaign, Statistics

_COLUMNS = ["contact_id", "contact_name", "phone", "status", "sent_time", "delivered_time", "error"]

CampaignId = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9_-]{1,100}$",
        description="Id of a campaign, as send_campaign and get_plan return it.",
    ),
]
LogStatus = Literal["pending", "queued", "sent", "delivered", "undelivered", "failed"]
Statuses = Annotated[
    list[LogStatus], Field(max_length=6, description="List only rows of these statuses; empty for all.")
]


class Counters(BaseModel):
    """A campaign's counters; `sent` includes what was later delivered or bounced."""

    total: int
    sent: int
    failed: int
    pending: int
    delivered: int
    bounced: int
    opened: int
    clicked: int


class CampaignReport(BaseModel):
    """A campaign as the service tells of it; `reconciliation` says whether its counters add up."""

    id: str
    name: str
    type: str
    status: str
    finished: bool
    text: str
    created_time: datetime
    start_time: datetime | None
    counters: Counters | None
    reconciliation: str


class Rate(BaseModel):
    """A share of `of` messages with its 95 % Wilson interval."""

    value: float
    low: float
    high: float
    of: int


class LogPage(Page):
    """Rows of a delivery log; counts, rates and seconds to deliver are over the whole campaign, not the page."""

    counts: dict[str, int]
    delivery_rate: Rate | None
    failure_rate: Rate | None
    seconds_p50: float | None
    seconds_p95: float | None


def get_campaign(call: Call, campaign_id: CampaignId) -> CampaignReport:
    """Tell how a campaign stands: its status, its counters, and whether they add up."""
    return _report(workspace(call).campaign(campaign_id))


def query_logs(
    call: Call,
    campaign_id: CampaignId,
    statuses: Statuses = [],  # noqa: B006 — pydantic copies it, and the schema shows a list
    limit: Limit = 20,
    offset: Offset = 0,
) -> LogPage:
    """Summarise a campaign's delivery log, one row a message, and list some of its rows."""
    logs = workspace(call).logs(campaign_id)
    rows = logs[logs["status"].isin(statuses)] if statuses else logs
    return LogPage(**cut(rows[_COLUMNS], offset=offset, limit=limit).model_dump(), **_summary(logs))


def _report(campaign: Campaign) -> CampaignReport:
    statistics = campaign.statistics
    return CampaignReport(
        id=campaign.id,
        name=clean(campaign.name),
        type=campaign.type,
        status=campaign.status,
        finished=campaign.is_finished,
        text=clean(campaign.message, 1600),
        created_time=campaign.created_time,
        start_time=campaign.start_time,
        counters=Counters.model_validate(statistics, from_attributes=True) if statistics else None,
        reconciliation=_reconcile(statistics) if statistics else "The service gave no statistics yet.",
    )


def _reconcile(counted: Statistics) -> str:
    waiting = counted.sent - counted.delivered - counted.bounced
    says = (
        f"{counted.total:,} in all: {counted.sent:,} sent, {counted.failed:,} failed, {counted.pending:,} pending. "
        f"Of those sent {counted.delivered:,} delivered, {counted.bounced:,} bounced, {waiting:,} without a word yet."
    )
    return says if min(counted.pending, waiting) >= 0 else f"The service's counters do not add up. {says}"


def _summary(logs: pd.DataFrame) -> dict[str, Any]:
    from toolkit.data.engagement import by_campaign  # pandas loads at first use

    counts = logs["status"].value_counts(sort=False)
    engagement = next(iter(by_campaign(logs).to_dict("records")), {})
    return {
        "counts": {clean(str(status)): int(count) for status, count in counts.items() if count},
        "delivery_rate": _rate(engagement, "delivery", of="sent"),
        "failure_rate": _rate(engagement, "failure", of="attempted"),
        "seconds_p50": _known(engagement.get("seconds_p50")),
        "seconds_p95": _known(engagement.get("seconds_p95")),
    }


def _rate(engagement: Mapping[Hashable, Any], name: str, *, of: str) -> Rate | None:
    if not engagement.get(of):
        return None
    value, low, high = (round(engagement[f"{name}_{part}"], 4) for part in ("rate", "low", "high"))
    return Rate(value=value, low=low, high=high, of=engagement[of])


def _known(seconds: float | None) -> float | None:
    return None if seconds is None or math.isnan(seconds) else round(seconds, 1)
