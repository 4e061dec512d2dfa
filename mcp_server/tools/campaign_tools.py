"""Sent campaigns: which there are, how one performed, and how several compare."""

from __future__ import annotations

from datetime import UTC, date
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, Field

from mcp_server.connection import Call, connection, reporting, workspace
from mcp_server.guard.disclosure_control import SMALL_COUNT
from mcp_server.guard.untrusted import Untrusted, clean
from mcp_server.tools.contact_tools import Detail
from mcp_server.tools.csv_page import CsvPage, Cursor, Limit, as_csv, cut
from mcp_server.tools.experiment_tools import ExperimentReport, OrdersFile, experiment_report

if TYPE_CHECKING:
    from toolkit.engagement.campaign_report import CampaignReport as Report

CampaignId = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9_-]{1,100}$",
        description="Id of a campaign, from find_campaigns or send_plan.",
    ),
]
CampaignIds = Annotated[list[CampaignId], Field(min_length=2, max_length=20, description="Two to twenty campaigns.")]
Measure = Annotated[
    Literal["delivery", "failure", "click"],
    Field(description="Share to compare: delivered of sent, lost of attempted, clicked of delivered."),
]
Since = Annotated[date | None, Field(description="From this day on (UTC).")]
Words = Annotated[str, Field(max_length=200, description="Part of the name or status; empty for all.")]


class CampaignSummary(BaseModel):
    """A campaign: `funnel` and `failures` are CSV with 95 % intervals and what to do, `problems` where the service's
    counters and its log disagree, `unknown_statuses` words of the log that state no outcome."""

    id: str
    name: Untrusted
    type: str
    status: str
    finished: bool
    text: Untrusted
    created_time: str
    start_time: str | None
    messages: int
    funnel: str
    failures: str
    clicks: str
    seconds_p50: float | None
    seconds_p95: float | None
    problems: list[str]
    unknown_statuses: Untrusted
    experiment: ExperimentReport | None
    next_step: str


class CampaignsCompared(BaseModel):
    """`campaigns` by rate, the highest first; `pairs` with 95 % intervals of the difference in points and p-values
    adjusted for their number; both CSV. `least_lift` is the smallest rise that this many messages could show."""

    measure: str
    of: str
    campaigns: Untrusted
    pairs: str
    differing: int
    left_out: list[str]
    caveat: str


def find_campaigns(
    call: Call, words: Words = "", since: Since = None, limit: Limit = 20, cursor: Cursor = 0
) -> CsvPage:
    """List the campaigns known here, newest first, with their counters. The service has no list: these are the ones
    sent from this machine, and the embedded workspace's own."""
    import pandas as pd  # first use

    found = [
        x
        for x in workspace(call).campaigns()
        if words.casefold() in f"{x.name} {x.status}".casefold()
        and (since is None or (x.start_time or x.created_time).astimezone(UTC).date() >= since)
    ]
    columns = ["id", "name", "type", "status", "created_time", "total", "delivered", "failed", "clicked"]
    rows = [
        {
            **x.model_dump(include=set(columns)),
            **(x.statistics.model_dump() if x.statistics else {}),
            "clicked": x.clicks,
        }
        for x in found[cursor : cursor + limit]
    ]
    return cut(pd.DataFrame(rows, columns=columns, dtype="object"), total=len(found), cursor=cursor)


def get_campaign_report(
    call: Call, campaign_id: CampaignId, detail: Detail = "concise", orders: OrdersFile = ""
) -> CampaignSummary:
    """Report on one campaign: where its messages went, why some failed and what to do, whether the service's own
    numbers agree, and what its experiment showed. detail=full adds its text."""
    here = connection(call)
    campaign = here.workspace.campaign(campaign_id)
    logs = here.logs([campaign_id], reporting(call)) if campaign.is_finished else None
    return _report(
        here.workspace.report(campaign_id, logs=logs),
        experiment_report(here, campaign_id, orders, reporting(call)),
        few=0 if here.options.pii else SMALL_COUNT,
        detail=detail,
    )


def compare_campaigns(call: Call, campaigns: CampaignIds, measure: Measure = "delivery") -> CampaignsCompared:
    """Compare campaigns: return the rate of each, best first, and of each pair the difference and whether it is
    significant. Their audiences differed, so it does not show why."""
    compared = workspace(call).compare(list(dict.fromkeys(campaigns)), measure)
    rates = ["campaign_id", "name", "count", "whole", "rate", "low", "high", "least_lift"]
    pairs = ["arm", "other", "difference", "low", "high", "p"]
    return CampaignsCompared(
        measure=compared.measure,
        of=compared.of,
        campaigns=_table(compared.campaigns, rates),
        pairs=_table(compared.pairs, pairs),
        differing=sum(pair.is_shown for pair in compared.pairs),
        left_out=list(compared.left_out),
        caveat=compared.caveat,
    )


def _report(report: Report, experiment: ExperimentReport | None, *, few: int, detail: str) -> CampaignSummary:
    campaign = report.campaign
    return CampaignSummary(
        id=campaign.id,
        name=clean(campaign.name),
        type=clean(campaign.type, 60),
        status=clean(campaign.status, 60),
        finished=campaign.is_finished,
        text=clean(campaign.message, 1_600) if detail == "full" else "",
        created_time=campaign.created_time.isoformat(),
        start_time=campaign.start_time.isoformat() if campaign.start_time else None,
        messages=report.messages,
        funnel=_table(report.funnel, ["stage", "count", "of", "whole", "rate", "low", "high"]),
        failures=_causes(report, few),
        clicks=_table([report.clicks] if report.clicks else [], ["count", "whole", "rate", "low", "high"]),
        seconds_p50=_rounded(report.seconds_p50),
        seconds_p95=_rounded(report.seconds_p95),
        problems=list(report.problems),
        unknown_statuses=clean(report.unknown_statuses, 600),
        experiment=experiment,
        next_step="query_logs lists the messages behind a cause." if report.causes else "",
    )


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)


def _causes(report: Report, few: int) -> str:
    """The causes; those of a few people without their number: a handful could be recognised."""
    rows = []
    for cause in report.causes:
        row = cause.model_dump(include={"failure_class", "messages", "rate", "low", "high", "action", "advice"})
        is_few = cause.messages < few
        rows.append(row | ({"messages": f"<{few}", "rate": None, "low": None, "high": None} if is_few else {}))
    return _csv(rows, ["failure_class", "messages", "rate", "low", "high", "action", "advice"])


def _table(values: object, columns: list[str]) -> str:
    return _csv([x.model_dump(include=set(columns)) for x in values], columns)  # type: ignore[attr-defined]


def _csv(rows: list[dict[str, object]], columns: list[str]) -> str:
    import pandas as pd  # first use

    return as_csv(pd.DataFrame(rows, columns=columns, dtype="object"))[0] if rows else ""
