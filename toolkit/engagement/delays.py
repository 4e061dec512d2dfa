"""How long messages take: from being sent to the carrier's delivery report."""

from __future__ import annotations

import narwhals.stable.v2 as nw
from narwhals.stable.v2.typing import IntoFrameT

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
    is_delivered = nw.col("status").is_in(DELIVERED)
    is_sane = nw.col("delivered_time") >= nw.col("sent_time")
    seconds = (_microseconds("delivered_time") - _microseconds("sent_time")) / 1_000_000
    return logs.with_columns(
        seconds=nw.when(is_delivered & is_sane).then(seconds),
        skewed=flag(is_delivered & (nw.col("delivered_time") < nw.col("sent_time"))),
    )


def percentile(percent: int) -> nw.Expr:
    """The aggregation of `seconds` to `seconds_p<percent>`."""
    return nw.col("seconds").quantile(percent / 100, interpolation="linear").alias(f"seconds_p{percent}")


def _microseconds(column: str) -> nw.Expr:
    """Microseconds since 1970, from calendar parts: Spark cannot subtract two times in seconds.

    Whole numbers below 2**53 kept as floats, because pandas has no missing int64. Leap years as from 1901 to 2099.
    """
    time = nw.col(column).dt
    years = time.year().cast(nw.Float64) - 1969
    days = (years * 365.25).floor() + time.ordinal_day().cast(nw.Float64) - 366
    hours = days * 24 + time.hour().cast(nw.Float64)
    minutes = hours * 60 + time.minute().cast(nw.Float64)
    seconds = minutes * 60 + time.second().cast(nw.Float64)
    return seconds * 1_000_000 + time.microsecond().cast(nw.Float64)
