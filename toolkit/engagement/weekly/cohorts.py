"""Who joined when and is still reached: growth by week, retention by the month of joining, and RFM of engagement.

What the service does not tell is absent: when somebody was deleted, and who opted out when, are known only between two
readings of a mirror, so both come as bounds, and without a mirror not at all.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import narwhals.stable.v2 as nw
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame, IntoFrameT

from toolkit.engagement.outcomes import DELIVERED, SENT
from toolkit.engagement.rates import rate
from toolkit.frames import case, flag, instant, lazy, like

WEEK = timedelta(days=7)
RECENCY = (7, 30, 90, 180)  # days since the last delivery, from best to worst
FREQUENCY = (12, 6, 3, 1)  # deliveries in 90 days
QUALITY = (0.98, 0.9, 0.75, 0.5)  # delivered of sent in 90 days


def list_growth(
    contacts: IntoFrame,
    opted_out: pd.DataFrame | None = None,
    *,
    until: datetime,
    weeks: int = 9,
    known_since: datetime | None = None,
) -> pd.DataFrame:
    """One row a week, oldest first, the last one the week before `until`'s Monday: who joined, who opted out.

    Args:
        contacts: a frame of any engine with `created_time`; who was deleted since is not in it, so `gained` is a least.
        opted_out: who was noticed to have opted out, as `mirror.opted_out(since)` gives it; None without a mirror.
        until: the end, with a zone; weeks begin on Mondays in UTC.
        weeks: how many.
        known_since: when the mirror began; opt-outs are blank in weeks that begin earlier.

    Columns: `week_time` (datetime64[us, UTC], its Monday), `gained` (int64), `opted_out_low, opted_out_high` (Int64:
    certainly in this week, and at most; missing without a mirror).
    """
    end = monday(until)
    begins = [end - WEEK * (weeks - at) for at in range(weeks)]
    time = nw.col("created_time")
    rows = lazy(contacts, "created_time").filter((time >= begins[0]) & (time < end))
    days = rows.with_columns(day_time=time.dt.truncate("1d")).group_by("day_time").agg(nw.len().alias("people"))
    by_day: pd.DataFrame = days.collect("pyarrow").to_native().to_pandas()
    at = ((by_day["day_time"] - pd.Timestamp(begins[0])) // pd.Timedelta(WEEK)).astype("int64")
    gained = by_day["people"].groupby(at).sum().reindex(range(weeks), fill_value=0)
    frame = pd.DataFrame(
        {"week_time": pd.DatetimeIndex(begins).as_unit("us"), "gained": gained.to_numpy().astype("int64")}
    )
    low: list[int | None] = [None] * weeks
    high: list[int | None] = [None] * weeks
    for number, (begin, close) in enumerate(zip(begins, [*begins[1:], end], strict=True)):
        if opted_out is not None and (known_since is None or known_since <= begin):
            low[number], high[number] = _bounds(opted_out, begin, close)
    return frame.assign(opted_out_low=pd.array(low, dtype="Int64"), opted_out_high=pd.array(high, dtype="Int64"))


def _bounds(changes: pd.DataFrame, begin: datetime, close: datetime) -> tuple[int, int]:
    """How many changes certainly, and how many at most, lie between two times."""
    after, before = changes["after_time"], changes["before_time"]
    certain = (after >= begin) & (before < close)
    possible = (after < close) & (before >= begin)
    return int(certain.sum()), int(possible.sum())


def monday(at: datetime) -> datetime:
    """The Monday, 00:00 UTC, of the week of a time."""
    utc = instant(at)
    return (utc - timedelta(days=utc.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)


def retention(contacts: IntoFrameT, logs: IntoFrame, *, as_of: datetime) -> IntoFrameT:
    """Of those who joined in a month, how many were still reached in each month after: one row a cohort and month.

    Args:
        contacts: a frame with `id` and `created_time`.
        logs: delivery logs of the same kind of frame.
        as_of: until when; the current month is excluded.

    Columns, sorted: `cohort_year, cohort_month` (int64, when they joined), `months` (int64, 0 is the month of joining),
    `people` (int64, who joined), `reached` (int64, who had a message delivered in that month), `rate, low, high`
    (float64, 95 % Wilson bounds). A month in which nobody of a cohort was reached has no row.
    """
    now = instant(as_of)
    this_month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    people = lazy(contacts, "id", "created_time").filter(nw.col("created_time") < this_month)
    people = people.select(nw.col("id").alias("contact_id"), _month("created_time").alias("cohort"))
    rows = lazy(logs, "contact_id", "status", "sent_time", "delivered_time")
    rows = rows.filter(nw.col("status").is_in(DELIVERED))
    rows = rows.with_columns(at_time=nw.coalesce("delivered_time", "sent_time"))
    rows = rows.filter(nw.col("at_time") < this_month).select("contact_id", _month("at_time").alias("month")).unique()
    joined = rows.join(people, on="contact_id", how="inner").filter(nw.col("month") >= nw.col("cohort"))
    reached = joined.group_by("cohort", "month").agg(nw.len().alias("reached"))
    sizes = people.group_by("cohort").agg(nw.len().alias("people"))
    result = reached.join(sizes, on="cohort", how="inner").with_columns(
        (nw.col("month") - nw.col("cohort")).cast(nw.Int64).alias("months"),
        nw.col("people", "reached").cast(nw.Int64),
    )
    result = result.with_columns(*rate("reached", "people"))
    result = result.with_columns(
        cohort_year=(nw.col("cohort") // 12).cast(nw.Int64), cohort_month=(nw.col("cohort") % 12 + 1).cast(nw.Int64)
    )
    columns = ("cohort_year", "cohort_month", "months", "people", "reached", "rate", "low", "high")
    return like(result.select(*columns).sort("cohort_year", "cohort_month", "months"), contacts)


def _month(column: str) -> nw.Expr:
    """Months since the year 0."""
    time = nw.col(column)
    return time.dt.year().cast(nw.Int64) * 12 + time.dt.month().cast(nw.Int64) - 1


def rfm(logs: IntoFrameT, *, as_of: datetime) -> IntoFrameT:
    """Recency, frequency and quality of each contact's deliveries, in scores from 5 (best) to 1, with fixed cut points.

    The service reports no money; quality, the share delivered of what was sent, stands in its place.
    Columns, in no order: `contact_id` (str), `reached_time` (UTC, of the last delivery, missing if never), `delivered,
    sent` (int64, in 90 days), `quality` (float64, missing if nothing was sent), `recency_score, frequency_score,
    quality_score` (int64; 1 where there is nothing to judge), `rfm` (str, such as "543").
    """
    now = instant(as_of)
    rows = lazy(logs, "contact_id", "status", "sent_time", "delivered_time")
    rows = rows.filter((nw.col("sent_time") <= now) & ~nw.col("contact_id").is_null())
    status = nw.col("status")
    is_recent = nw.col("sent_time") > now - timedelta(days=90)
    reached = nw.when(status.is_in(DELIVERED)).then(nw.coalesce("delivered_time", "sent_time"))
    rows = rows.with_columns(
        reached_time=reached,
        delivered=flag(is_recent & status.is_in(DELIVERED)),
        sent=flag(is_recent & status.is_in(SENT)),
    )
    each = rows.group_by("contact_id").agg(
        nw.col("reached_time").max(), nw.col("delivered").sum(), nw.col("sent").sum()
    )
    each = each.with_columns(nw.col("delivered", "sent").cast(nw.Int64))
    last, delivered, sent = nw.col("reached_time"), nw.col("delivered"), nw.col("sent").cast(nw.Float64)
    each = each.with_columns(quality=nw.when(nw.col("sent") > 0).then(delivered.cast(nw.Float64) / sent))
    recency = case([(last > now - timedelta(days=d), s) for d, s in zip(RECENCY, "5432", strict=True)], "1")
    frequency = case([(delivered >= least, s) for least, s in zip(FREQUENCY, "5432", strict=True)], "1")
    quality = case([(nw.col("quality") >= least, s) for least, s in zip(QUALITY, "5432", strict=True)], "1")
    each = each.with_columns(r=recency, f=frequency, q=quality)
    each = each.with_columns(
        recency_score=nw.col("r").cast(nw.Int64),
        frequency_score=nw.col("f").cast(nw.Int64),
        quality_score=nw.col("q").cast(nw.Int64),
        rfm=nw.concat_str("r", "f", "q"),
    )
    columns = ("contact_id", "reached_time", "delivered", "sent", "quality")
    return like(each.select(*columns, "recency_score", "frequency_score", "quality_score", "rfm"), logs)
