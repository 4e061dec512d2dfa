"""When messages were sent, in periods of equal length: the course of a campaign, or of a year of campaigns."""

from __future__ import annotations

from typing import Literal, get_args

import narwhals.stable.v2 as nw
from narwhals.stable.v2.typing import IntoFrameT

from toolkit.engagement.outcomes import COUNTS, RATES, tally
from toolkit.errors import ToolkitError
from toolkit.frames import Frame, lazy, like

Period = Literal["second", "minute", "hour", "day"]

# Every engine truncates times to these alike, and to few others. Beside each, the seconds from the first message to the
# last up to which it is chosen: about 200 periods.
_CUTS: dict[Period, tuple[str, float]] = {
    "second": ("1s", 200),
    "minute": ("1m", 4 * 3_600),
    "hour": ("1h", 8 * 86_400),
    "day": ("1d", float("inf")),
}


def by_period(logs: IntoFrameT, *, every: Period | None = None) -> IntoFrameT:
    """One row per period in which messages were sent, sorted; messages without a `sent_time` are excluded.

    `every` is the length of a period, in UTC; by default the shortest that gives about 200, or a day. Columns:
    `period_time` (UTC, when it begins), COUNTS and RATES as in `toolkit.engagement.outcomes.tally`. Raises
    UnknownColumn, and ToolkitError for another length.
    """
    rows = lazy(logs, "status", "sent_time").drop_nulls("sent_time")
    every = every or _fitting(rows)
    if every not in _CUTS:
        raise ToolkitError(f"Unknown period {every!r}: use one of {', '.join(get_args(Period))}.")
    cut, _ = _CUTS[every]
    result = tally(rows.with_columns(period_time=nw.col("sent_time").dt.truncate(cut)), "period_time")
    return like(result.select("period_time", *COUNTS, *RATES).sort("period_time"), logs)


def _fitting(rows: Frame) -> Period:
    time = nw.col("sent_time")
    ends = rows.select(time.min().alias("first"), time.max().alias("last"), nw.len().alias("n")).collect()
    first, last, messages = ends.row(0)
    if not messages:
        return "day"
    return next(every for every, (_, most) in _CUTS.items() if (last - first).total_seconds() <= most)
