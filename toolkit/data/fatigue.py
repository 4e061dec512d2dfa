"""How often people were texted lately."""

from __future__ import annotations

from datetime import datetime, timedelta

import narwhals.stable.v2 as nw
from narwhals.stable.v2.typing import IntoFrameT

from toolkit.data.frames import flag, instant, lazy, like
from toolkit.data.outcomes import DELIVERED, WAITING


def fatigue(logs: IntoFrameT, *, as_of: datetime) -> IntoFrameT:
    """One row a contact in the log, in no order: the messages that may have reached them before `as_of`.

    Columns: `contact_id` (str), `messages_7d, messages_30d` (int64): delivered, or sent without a report yet, and sent
    in the 7 and 30 days up to and including `as_of`. ToolkitError if `as_of` has no time zone.
    """
    now = instant(as_of)
    rows = lazy(logs, "contact_id", "status", "sent_time").drop_nulls("contact_id")
    may_have_come = nw.col("status").is_in([*WAITING, *DELIVERED]) & (nw.col("sent_time") <= now)
    windows = {f"messages_{days}d": now - timedelta(days=days) for days in (7, 30)}
    rows = rows.with_columns(
        flag(may_have_come & (nw.col("sent_time") > since)).alias(name) for name, since in windows.items()
    )
    result = rows.group_by("contact_id").agg(nw.col(*windows).sum())
    return like(result.with_columns(nw.col(*windows).cast(nw.Int64)), logs)
