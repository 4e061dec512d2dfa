"""How often people are texted around a time, by when their messages were or will be sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import narwhals.stable.v2 as nw
from narwhals.stable.v2.typing import IntoFrameT

from toolkit.engagement.outcomes import DELIVERED, WAITING
from toolkit.frames import flag, instant, lazy, like

_NEVER = ("failed", "bounced", "undelivered", "canceled")


def fatigue(logs: IntoFrameT, *, as_of: datetime, scheduled: Mapping[str, datetime] | None = None) -> IntoFrameT:
    """One row per contact in the log, in no order: the messages that may have reached them by `as_of`.

    `scheduled` are the starts of campaigns that have not begun, by id: their messages count at that time, so `as_of`
    can be the start of the next one. Columns: `contact_id` (str), `messages_7d, messages_30d` (int64): delivered, or
    sent without a report yet, and sent, or to be sent, in the 7 and 30 days up to and including `as_of`.
    Raises ToolkitError if a time has no time zone.
    """
    return sent_within(logs, {f"messages_{x}d": timedelta(days=x) for x in (7, 30)}, as_of=as_of, scheduled=scheduled)


def sent_within(
    logs: IntoFrameT,
    spans: Mapping[str, timedelta],
    *,
    as_of: datetime,
    scheduled: Mapping[str, datetime] | None = None,
) -> IntoFrameT:
    """As `fatigue`, for other spans up to `as_of`: `contact_id` and a column (int64) of each name."""
    now = instant(as_of)
    starts = {campaign: instant(at) for campaign, at in (scheduled or {}).items()}
    columns = ["contact_id", "status", "sent_time", *(["campaign_id"] if starts else [])]
    rows = lazy(logs, *columns).drop_nulls("contact_id")
    leaves, may_come = nw.col("sent_time"), nw.col("status").is_in([*WAITING, *DELIVERED])
    waits = nw.col("sent_time").is_null() & ~nw.col("status").is_in(_NEVER).fill_null(False)
    for campaign, start in starts.items():
        is_due = waits & (nw.col("campaign_id") == campaign)
        leaves, may_come = nw.when(is_due).then(nw.lit(start)).otherwise(leaves), may_come | is_due
    windows = {name: now - span for name, span in spans.items()}
    rows = rows.with_columns(
        flag(may_come & (leaves > since) & (leaves <= now)).alias(name) for name, since in windows.items()
    )
    result = rows.group_by("contact_id").agg(nw.col(*windows).sum())
    return like(result.with_columns(nw.col(*windows).cast(nw.Int64)), logs)
