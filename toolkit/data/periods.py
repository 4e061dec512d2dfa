"""When messages left, in periods of one length: how a campaign, or a year of them, went on."""

from __future__ import annotations

import re

import narwhals.stable.v2 as nw
from narwhals.stable.v2.typing import IntoFrameT

from toolkit.data.frames import Frame, lazy, like
from toolkit.data.outcomes import COUNTS, RATES, tally
from toolkit.errors import ToolkitError

_LENGTHS = {"1s": 1, "5s": 5, "15s": 15, "1m": 60, "5m": 300, "15m": 900, "1h": 3_600, "6h": 21_600, "1d": 86_400}
_MOST = 60  # periods, where the length is not named
_LONGEST = "7d"


def by_period(logs: IntoFrameT, *, every: str = "") -> IntoFrameT:
    """One row a period in which messages left, sorted; messages without a `sent_time` are not in it.

    `every` is the length of a period, such as 15s, 5m, 1h or 1d, counted from midnight UTC; unless named it is the
    shortest usual one that makes 60 periods or fewer, at most 7d. Columns: `period_time` (UTC, when it begins), COUNTS
    and RATES as in `toolkit.data.outcomes.tally`. Raises UnknownColumn, and ToolkitError for a length that is none.
    """
    rows = lazy(logs, "status", "sent_time").drop_nulls("sent_time")
    every = every or _fitting(rows)
    if not re.fullmatch(r"[1-9][0-9]{0,3}[smhd]", every):
        raise ToolkitError(f"{every!r} is no length of a period: write it as 15s, 5m, 1h or 1d.")
    result = tally(rows.with_columns(period_time=nw.col("sent_time").dt.truncate(every)), "period_time")
    return like(result.select("period_time", *COUNTS, *RATES).sort("period_time"), logs)


def _fitting(rows: Frame) -> str:
    ends = rows.select(nw.col("sent_time").min().alias("first"), nw.col("sent_time").max().alias("last")).collect()
    first, last = ends.row(0)
    if nw.from_native(ends.to_native()).select(nw.all().is_null().any()).row(0)[0]:
        return "1d"
    seconds = (last - first).total_seconds()
    return next((every for every, length in _LENGTHS.items() if seconds / length <= _MOST), _LONGEST)
