"""When messages went out by people's clocks: hour and weekday in a zone, summer time included."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrameT

from toolkit.data.frames import lazy, like
from toolkit.data.outcomes import COUNTS, RATES, tally
from toolkit.errors import ToolkitError

_DAY = 24 * 60  # minutes
_WEEK = 7 * _DAY


def by_hour(logs: IntoFrameT, *, zone: str) -> IntoFrameT:
    """One row an hour of the week in which messages left, sorted; messages without a `sent_time` are not in it.

    `zone` is a name such as America/New_York; ToolkitError if there is none. Columns: `weekday` (int64, Monday is 1),
    `hour` (int64, 0 to 23), COUNTS and RATES as in `toolkit.data.outcomes.tally`.
    """
    rows = lazy(logs, "status", "sent_time").drop_nulls("sent_time")
    ends = rows.select(nw.col("sent_time").min().alias("first"), nw.col("sent_time").max().alias("last")).collect()
    offset = nw.lit(0)
    for since, minutes in _offsets(zone, ends.item(0, "first"), ends.item(0, "last")):
        offset = nw.when(nw.col("sent_time") >= since).then(nw.lit(minutes)).otherwise(offset)
    time = nw.col("sent_time").dt
    utc = (time.weekday().cast(nw.Int64) - 1) * _DAY + time.hour().cast(nw.Int64) * 60 + time.minute().cast(nw.Int64)
    rows = rows.with_columns(local=(utc + offset + _WEEK) % _WEEK)
    rows = rows.with_columns(weekday=nw.col("local") // _DAY + 1, hour=nw.col("local") % _DAY // 60)
    result = tally(rows, "weekday", "hour").with_columns(nw.col("weekday", "hour").cast(nw.Int64))
    return like(result.select("weekday", "hour", *COUNTS, *RATES).sort("weekday", "hour"), logs)


def _offsets(zone: str, first: Any, last: Any) -> Iterator[tuple[datetime, int]]:
    """When the zone's distance from UTC changes between two times, and to how many minutes; none of no times.

    Engines agree on clocks in UTC only, so summer time is worked out here, to the quarter of an hour.
    """
    try:
        local = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ToolkitError(f"There is no time zone {zone!r}: pass a name such as America/New_York.") from error
    if pd.isna(first):
        return
    since, until = pd.Timestamp(first).tz_convert("UTC"), pd.Timestamp(last).tz_convert("UTC")
    quarters = pd.date_range(since.floor("D"), until, freq="15min")
    ahead = quarters.tz_convert(local).tz_localize(None) - quarters.tz_localize(None)
    minutes = (ahead // pd.Timedelta(minutes=1)).to_numpy()
    for change in np.flatnonzero(np.diff(minutes, prepend=_WEEK)).tolist():
        yield quarters[change].to_pydatetime(), int(minutes[change])
