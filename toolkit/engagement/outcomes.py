"""Outcomes of messages, counted: the statuses of a delivery log in seven groups that add up.

Statuses are the vendor's (its OpenAPI file of 2025-11, which are Twilio's and, for WhatsApp, Meta's) in any case. A
message that was read has been delivered. Every other word is counted as unknown and named, never taken as pending.
Whether a message was delivered is decided by its status, never by a time, which not every service reports.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw
from narwhals.stable.v2.typing import IntoFrame

from toolkit.display import plain
from toolkit.engagement.engines import flagged, with_flags
from toolkit.engagement.rates import rate
from toolkit.frames import Frame, flag, status_counts

if TYPE_CHECKING:
    import pandas as pd

DELIVERED = ("delivered", "read", "seen", "opened", "clicked")
BOUNCED = ("undelivered", "bounced")
WAITING = ("sent",)
FAILED = ("failed",)
PENDING = ("accepted", "initialized", "pending", "processing", "queued", "scheduled", "sending")
CANCELED = ("canceled",)
SENT = (*WAITING, *DELIVERED, *BOUNCED)
KNOWN = (*SENT, *FAILED, *PENDING, *CANCELED)
COUNTS = ("attempted", "sent", "delivered", "bounced", "waiting", "failed", "pending", "canceled", "unknown")
RATES = ("delivery_rate", "delivery_low", "delivery_high", "failure_rate", "failure_low", "failure_high")
_IS_DELIVERED = nw.col("status").is_in(DELIVERED)
NO_STATUS = "no status"
REPORTED_WITHIN = timedelta(days=3)  # of the start: carriers report no later
_STATUSES = {
    "delivered": DELIVERED,
    "bounced": BOUNCED,
    "waiting": WAITING,
    "failed": FAILED,
    "pending": PENDING,
    "canceled": CANCELED,
}
_NAMED = 20  # unknown words, at most
_SHOWN = 40  # characters of one


def tally(logs: Frame, *keys: str, also: tuple[nw.Expr, ...] = ()) -> Frame:
    """The messages of each combination of keys, or one row for all of them when there are no keys.

    Columns: the keys, `messages`, COUNTS (int64), RATES (float64), and the bare reductions in `also`. `attempted` =
    `sent` + `failed`; `sent` = `delivered` + `bounced` (sent and not delivered) + `waiting` (sent, no
    report yet); `failed` was never sent; `pending` is on its way; `canceled` was stopped before it was sent; `unknown`
    is every other status, also a missing one. `messages` = `attempted` + `pending` + `canceled` + `unknown`.
    `delivery_rate` = delivered / sent, `failure_rate` = (failed + bounced) / attempted, both with 95 % Wilson bounds.
    """
    if not also:  # each status of each combination is looked at once
        return tally_all(logs.group_by(*keys, "status").agg(nw.len().alias("messages")), *keys)
    rows = with_flags(logs, "status", _STATUSES)
    reductions = (*flagged(rows, *_STATUSES), nw.len().alias("messages"), *also)
    return _with_rates(rows.group_by(*keys).agg(*reductions) if keys else rows.select(*reductions))


def tally_all(counts: Frame, *keys: str) -> Frame:
    """The columns of `tally` from a frame that has the `messages` of each `status`, one row or several, and the keys.

    `toolkit.frames.status_counts` makes one without keys.
    """
    messages = nw.col("messages")
    rows = with_flags(counts, "status", _STATUSES).with_columns(
        nw.when(nw.col(name) == 1).then(messages).otherwise(nw.lit(0)).alias(name) for name in _STATUSES
    )
    sums = [nw.col(name).sum() for name in (*_STATUSES, "messages")]
    return _with_rates(rows.group_by(*keys).agg(*sums) if keys else rows.select(*sums))


def _with_rates(counts: Frame) -> Frame:
    counts = counts.with_columns(nw.col(*_STATUSES, "messages").cast(nw.Int64))
    counts = counts.with_columns(sent=nw.col("delivered") + nw.col("bounced") + nw.col("waiting"))
    counts = counts.with_columns(attempted=nw.col("sent") + nw.col("failed"))
    counts = counts.with_columns(
        unknown=nw.col("messages") - nw.col("attempted") - nw.col("pending") - nw.col("canceled"),
        lost=nw.col("failed") + nw.col("bounced"),
    )
    return counts.with_columns(
        *rate("delivered", "sent", prefix="delivery_"), *rate("lost", "attempted", prefix="failure_")
    )


def totals(logs: IntoFrame) -> dict[str, int]:
    """`messages` and COUNTS of a whole log, as `tally` has them: each status is looked at once."""
    found = status_counts(logs).select("status", "messages").collect().rows()
    counts = {name: sum(count for word, count in found if word in words) for name, words in _STATUSES.items()}
    messages = sum(count for _, count in found)
    sent = counts["delivered"] + counts["bounced"] + counts["waiting"]
    attempted = sent + counts["failed"]
    unknown = messages - attempted - counts["pending"] - counts["canceled"]
    return counts | {"messages": messages, "sent": sent, "attempted": attempted, "unknown": unknown}


def reached_time(is_delivered: nw.Expr = _IS_DELIVERED) -> nw.Expr:
    """When a delivered message was delivered, or was sent where the service does not report the other; else missing."""
    return nw.when(is_delivered).then(nw.coalesce("delivered_time", "sent_time"))


def unknown_words(logs: Frame) -> list[str]:
    """The statuses in a log that are unknown, sorted, at most twenty; an empty one for messages without any."""
    found = logs.select("status").unique().collect()["status"].to_list()
    return sorted({word if isinstance(word, str) else "" for word in found if word not in KNOWN})[:_NAMED]


def has_status(word: str) -> nw.Expr:
    """1 for messages with this status, or without any if it is empty; else 0."""
    status = nw.col("status")
    return flag(status == word if word else status.is_null() | (status == word))


def spelled_out(word: object) -> str:
    """An unknown status as shown to people: on one short line, or "no status"."""
    return (plain(word)[:_SHOWN] if isinstance(word, str) else "") or NO_STATUS


def unknown_statuses(logs: pd.DataFrame) -> str:
    """A sentence that lists the unknown statuses, with how many messages have each; empty if all are known."""
    counts = Counter[str]()
    for word, count in logs["status"].value_counts(dropna=False).items():
        if count and not (isinstance(word, str) and word in KNOWN):
            counts[spelled_out(word)] += count
    if not counts:
        return ""
    named = ", ".join(f"{word} ({count:,})" for word, count in counts.most_common(_NAMED))
    more = f" and {len(counts) - _NAMED:,} more" if len(counts) > _NAMED else ""
    total = counts.total()
    have, it, counts_as = (
        ("1 message has", "it", "It is") if total == 1 else (f"{total:,} messages have", "them", "They are")
    )
    return (
        f"{have} a status that does not say what became of {it}: {named}{more}. {counts_as} counted neither as pending "
        "nor as sent or failed; ask SeaX what it means."
    )
