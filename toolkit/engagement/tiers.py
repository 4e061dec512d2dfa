"""How well each contact can be reached, in seven tiers with fixed cut points.

A tier shows what the log can show: whether messages arrive, how recently and how often, not whether they were read
or clicked. Cut points are fixed so that the same history gives the same tier everywhere.

1. `opted_out`    asked not to be texted
2. `unreachable`  2 hard failures or more (a class whose action is suppress), and nothing delivered in 90 days
3. `new`          created in the last 30 days, when people unsubscribe most easily
4. `engaged`      delivered in the last 30 days, and the 90-day rate has a Wilson lower bound of 0.4: 3 of 3 at least
5. `active`       delivered in the last 30 days
6. `at_risk`      delivered in the last 90 days
7. `dormant`      everybody else: last delivered longer ago, or never
"""

from __future__ import annotations

from datetime import datetime, timedelta

import narwhals.stable.v2 as nw
from narwhals.stable.v2.typing import IntoFrame, IntoFrameT

from toolkit.engagement.failures import classified
from toolkit.engagement.outcomes import SENT, reached_time
from toolkit.engagement.rates import rate
from toolkit.frames import Frame, case, flag, instant, lazy, like

RECENT = timedelta(days=30)
LAPSED = timedelta(days=90)
HARD_FAILURES = 2
ENGAGED_RATE = 0.4  # 3 delivered of 3 sent pass, 2 of 2 and 3 of 4 do not
TIERS = ("opted_out", "unreachable", "new", "engaged", "active", "at_risk", "dormant")

_COUNTS = ("delivered_90d", "sent_90d", "hard_failures")


def tiers(contacts: IntoFrameT, logs: IntoFrame, opted_out: IntoFrame, *, as_of: datetime) -> IntoFrameT:
    """One row per contact that existed at `as_of`, in no order: the first tier of the list above that fits.

    Args:
        contacts: a frame with `id` and `created_time`.
        logs: delivery logs of the same kind of frame.
        opted_out: `contact_id` of everybody who asked not to be texted, in the same kind of frame.
        as_of: the time to compute tiers for, with a time zone; later messages do not count.

    Columns: `contact_id, tier` (str), `last_delivered_time` (UTC, missing if never), `delivered_90d, sent_90d,
    hard_failures` (int64), `delivery_rate, delivery_low, delivery_high` (float64, of the 90 days).

    Raises:
        UnknownColumn: a frame lacks a column.
        ToolkitError: `as_of` has no time zone, or a frame has times in a zone other than UTC.
    """
    now = instant(as_of)
    people = lazy(contacts, "id", "created_time").filter(
        (nw.col("created_time") <= now) | nw.col("created_time").is_null()
    )
    people = people.select(nw.col("id").alias("contact_id"), "created_time")
    rows = lazy(logs, "contact_id", "status", "sent_time", "delivered_time", "error")
    rows = rows.filter((nw.col("sent_time") <= now) | nw.col("sent_time").is_null())
    gone = lazy(opted_out, "contact_id").drop_nulls().unique().with_columns(has_opted_out=nw.lit(1))
    result = (
        people.join(_deliveries(rows, now), on="contact_id", how="left")
        .join(_hard_failures(rows), on="contact_id", how="left")
        .join(gone, on="contact_id", how="left")
        .with_columns(nw.col(*_COUNTS).fill_null(0).cast(nw.Int64))
        .with_columns(*rate("delivered_90d", "sent_90d", prefix="delivery_"))
        .with_columns(tier=_tier(now))
    )
    return like(
        result.select(
            "contact_id", "tier", "last_delivered_time", *_COUNTS, "delivery_rate", "delivery_low", "delivery_high"
        ),
        contacts,
    )


def _deliveries(rows: Frame, now: datetime) -> Frame:
    status = nw.col("status")
    reached = reached_time()
    rows = rows.with_columns(reached_time=nw.when(reached <= now).then(reached))
    has_left = status.is_in(SENT) & (nw.col("sent_time") > now - LAPSED)
    rows = rows.with_columns(
        delivered_90d=flag(has_left & ~nw.col("reached_time").is_null()),
        sent_90d=flag(has_left),
    )
    return rows.group_by("contact_id").agg(
        nw.col("reached_time").max().alias("last_delivered_time"),
        nw.col("delivered_90d", "sent_90d").sum(),
    )


def _hard_failures(rows: Frame) -> Frame:
    hard = classified(rows).filter(nw.col("action") == "suppress")
    return hard.group_by("contact_id").agg(nw.len().alias("hard_failures"))


def _tier(now: datetime) -> nw.Expr:
    last = nw.col("last_delivered_time")
    is_recent = last > now - RECENT
    rules = (
        (nw.col("has_opted_out") == 1, "opted_out"),
        ((nw.col("hard_failures") >= HARD_FAILURES) & (nw.col("delivered_90d") == 0), "unreachable"),
        (nw.col("created_time") > now - RECENT, "new"),
        (is_recent & (nw.col("delivery_low") >= ENGAGED_RATE), "engaged"),
        (is_recent, "active"),
        (last > now - LAPSED, "at_risk"),
    )
    return case(rules, "dormant")
