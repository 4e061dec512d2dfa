"""Delivery logs, counted by groups in the server, so that a model reads the result and not the rows."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal

from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field

from mcp_server.connection import Call, Connection, connection, reporting
from mcp_server.guard.untrusted import Untrusted, clean
from mcp_server.tools.campaign_tools import CampaignId, Since
from mcp_server.tools.contact_tools import ToFile
from mcp_server.tools.csv_page import CsvPage, Cursor, Limit, cut, shielded
from mcp_server.tools.shared_folder import FileProfile, write_csv

if TYPE_CHECKING:
    import pandas as pd

_ROWS = ["campaign_id", "contact_id", "contact_name", "phone", "status", "sent_time", "delivered_time", "error"]
_GROUPS = ["messages", "sent", "delivered", "bounced", "failed", "unknown", "delivery_rate", "failure_rate"]

GroupKey = Literal["campaign", "contact", "status", "failure", "day", "hour", "label", "region", "state"]
Keys = Annotated[
    list[GroupKey],
    Field(
        max_length=3,
        description="Count by these instead of rows; failure is the cause, contact a person (alone), hours are UTC.",
    ),
]
AtLeast = Annotated[int, Field(ge=1, le=1_000_000, description="Only groups of at least this many messages.")]
Campaigns = Annotated[list[CampaignId], Field(max_length=50, description="Campaign ids; empty for all known here.")]
LogStatus = Literal["queued", "sent", "delivered", "undelivered", "failed", "canceled", "unknown"]
Statuses = Annotated[
    list[LogStatus],
    Field(max_length=6, description="Only messages of these; read ones are delivered; empty for all."),
]


Until = Annotated[date | None, Field(description="To this day (UTC), and all of it.")]


class LogPage(CsvPage):
    """Messages, or groups of them with rates of sent and attempted; `suppressed` is what is not shown, and why, and
    `unknown_statuses` the words of the log that state no outcome."""

    messages: int
    suppressed: str
    unknown_statuses: Untrusted
    file: FileProfile | None


def query_logs(
    call: Call,
    campaigns: Campaigns = [],  # noqa: B006 — pydantic copies it, and the schema shows a list
    by: Keys = [],  # noqa: B006
    statuses: Statuses = [],  # noqa: B006
    since: Since = None,
    until: Until = None,
    at_least: AtLeast = 1,
    limit: Limit = 20,
    cursor: Cursor = 0,
    to_file: ToFile = False,
) -> LogPage:
    """Count messages by groups (by), largest first, or list single messages with their errors; `messages` is how many
    there are in all."""
    from toolkit.engagement.outcomes import unknown_statuses  # pandas loads at first use

    here = connection(call)
    if "contact" in by and len(set(by)) > 1:
        raise ToolError("Messages are counted by contact alone: give by=[contact], and filter by campaigns or days.")
    if since and until and since > until:
        raise ToolError(f"since {since} is later than until {until}: give an earlier since, or a later until.")
    logs = here.logs(campaigns or here.workspace.campaign_ids(), reporting(call))
    logs = _of(logs, statuses) if statuses else logs
    logs = _between(logs, since, until)
    frame, suppressed = _grouped(here, logs, by, call) if by else (logs[_ROWS], "")
    frame = frame[frame["messages"] >= at_least] if by else frame
    page = frame.iloc[cursor : cursor + limit]
    return LogPage(
        **dict(cut(shielded(page, here, ids="contact_id"), total=len(frame), cursor=cursor)),
        messages=len(logs),
        suppressed=suppressed,
        unknown_statuses=clean(unknown_statuses(logs), 600),
        file=write_csv(here, "logs", shielded(frame, here, ids="contact_id")) if to_file else None,
    )


def _between(logs: pd.DataFrame, since: date | None, until: date | None) -> pd.DataFrame:
    """The messages sent from one day to another; those without a time are in neither.

    Whole days: two windows that differ by a second would tell one person's message apart from the others'.
    """
    if since is None and until is None:
        return logs
    day = logs["sent_time"].dt.strftime("%Y-%m-%d")
    first, last = since or date.min, until or date.max
    kept: pd.DataFrame = logs[day.between(first.isoformat(), last.isoformat())]
    return kept


def _of(logs: pd.DataFrame, statuses: list[LogStatus]) -> pd.DataFrame:
    """The messages with one of these outcomes, whatever word the log uses."""
    from toolkit.engagement.outcomes import BOUNCED, DELIVERED, FAILED, KNOWN, PENDING, WAITING

    words = {"queued": PENDING, "sent": WAITING, "delivered": DELIVERED, "undelivered": BOUNCED, "failed": FAILED}
    meant = logs["status"].isin([word for status in statuses for word in words.get(status, ())])
    return logs[meant | ~logs["status"].isin(KNOWN)] if "unknown" in statuses else logs[meant]


def _grouped(here: Connection, logs: pd.DataFrame, by: list[GroupKey], call: Call) -> tuple[pd.DataFrame, str]:
    from toolkit.data import groups as counted  # pandas loads at first use

    keys = list(dict.fromkeys(by))
    contacts = here.contacts(reporting(call)) if counted.OF_CONTACTS & set(keys) else None
    groups = counted.group_logs(logs, keys, contacts=contacts)[[*keys, *_GROUPS]]
    if "contact" in keys:
        return groups.rename(columns={"contact": "contact_id"}), ""  # handles, as in the rows that are listed
    if here.options.pii:
        return groups, ""
    kept = counted.suppress_small(groups, keys)
    said = (
        f"{kept.groups} groups, {kept.messages} messages in total, are not shown: those below {counted.LEAST}, and "
        "those that would reveal them."
    )
    return counted.without_small_parts(kept.shown), said if kept.groups else ""
