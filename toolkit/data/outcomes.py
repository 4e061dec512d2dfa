"""What became of messages, counted: the statuses of a delivery log in six words that add up."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from toolkit.data.frames import Frame, flag
from toolkit.data.rates import rate

COUNTS = ("attempted", "sent", "delivered", "bounced", "waiting", "failed", "pending")
RATES = ("delivery_rate", "delivery_low", "delivery_high", "failure_rate", "failure_low", "failure_high")
_STATUSES = {"delivered": "delivered", "bounced": "undelivered", "waiting": "sent", "failed": "failed"}


def tally(logs: Frame, *keys: str, also: tuple[nw.Expr, ...] = ()) -> Frame:
    """The messages of each combination of keys, or one row for all of them when there are no keys.

    Columns: the keys, `messages`, COUNTS (int64), RATES (float64), and the bare reductions in `also`. `attempted` =
    `sent` + `failed`; `sent` (all that left) = `delivered` + `bounced` (left and came back) + `waiting` (left, no
    report yet); `failed` never left; `pending` is every other status, also a missing or unknown one.
    `delivery_rate` = delivered / sent, `failure_rate` = (failed + bounced) / attempted, both with 95 % Wilson bounds.
    """
    status = nw.col("status")
    rows = logs.with_columns(flag(status == word).alias(name) for name, word in _STATUSES.items())
    reductions = (*(nw.col(name).sum() for name in _STATUSES), nw.len().alias("messages"), *also)
    counts = rows.group_by(*keys).agg(*reductions) if keys else rows.select(*reductions)
    counts = counts.with_columns(nw.col(*_STATUSES, "messages").cast(nw.Int64))
    counts = counts.with_columns(sent=nw.col("delivered") + nw.col("bounced") + nw.col("waiting"))
    counts = counts.with_columns(attempted=nw.col("sent") + nw.col("failed"))
    counts = counts.with_columns(
        pending=nw.col("messages") - nw.col("attempted"), lost=nw.col("failed") + nw.col("bounced")
    )
    return counts.with_columns(
        *rate("delivered", "sent", prefix="delivery_"), *rate("lost", "attempted", prefix="failure_")
    )
