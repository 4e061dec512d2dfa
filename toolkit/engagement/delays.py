"""How long messages take: from being sent to the carrier's delivery report."""

from __future__ import annotations

import narwhals.stable.v2 as nw
from narwhals.stable.v2.typing import IntoFrameT

from toolkit.engagement.engines import with_flags, with_microseconds
from toolkit.engagement.outcomes import DELIVERED
from toolkit.frames import Frame, flag, lazy, like


def time_to_deliver(logs: IntoFrameT) -> IntoFrameT:
    """One row per campaign, sorted.

    Columns: `campaign_id` (str); `measured` (int64), the delivered messages with both times, which the percentiles are
    of; `skewed` (int64), those delivered before they were sent, which are clock errors and excluded; `seconds_p50,
    seconds_p90, seconds_p95, seconds_p99` (float64, interpolated, missing when nothing was measured). A message without
    a report yet is not included: while many are waiting, the percentiles are of the fast ones.
    """
    rows = timed(lazy(logs, "campaign_id", "status", "sent_time", "delivered_time"))
    result = rows.group_by("campaign_id").agg(
        nw.col("seconds").count().alias("measured"),
        nw.col("skewed").sum(),
        *(percentile(p) for p in (50, 90, 95, 99)),
    )
    result = result.with_columns(nw.col("campaign_id").cast(nw.String), nw.col("measured", "skewed").cast(nw.Int64))
    return like(result.sort("campaign_id"), logs)


def timed(logs: Frame) -> Frame:
    """The log with `seconds` (float64, missing unless delivered with sane times) and `skewed` (int8, 1 or 0)."""
    is_delivered = nw.col("is_delivered") > 0
    is_sane = nw.col("delivered_time") >= nw.col("sent_time")
    seconds = (nw.col("delivered_us") - nw.col("sent_us")) / 1_000_000
    rows = with_microseconds(logs, delivered_us="delivered_time", sent_us="sent_time")
    return with_flags(rows, "status", {"is_delivered": DELIVERED}).with_columns(
        seconds=nw.when(is_delivered & is_sane).then(seconds),
        skewed=flag(is_delivered & (nw.col("delivered_time") < nw.col("sent_time"))),
    )


def percentile(percent: int) -> nw.Expr:
    """The aggregation of `seconds` to `seconds_p<percent>`."""
    return nw.col("seconds").quantile(percent / 100, interpolation="linear").alias(f"seconds_p{percent}")
