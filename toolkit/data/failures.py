"""Why messages did not arrive, in a few classes, and what to do about each.

Carriers say it in free text, often with a code; codes are split and renumbered from time to time, so nothing hangs on
one code: a known code decides, else the words do, else the class is `unknown`. Codes: Twilio's and WhatsApp's error
dictionaries, read 2026-11.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import narwhals.stable.v2 as nw
from narwhals.stable.v2.typing import IntoFrameT

from toolkit.data.frames import Frame, case, lazy, like
from toolkit.data.outcomes import tally
from toolkit.data.rates import rate

Action = Literal["retry", "suppress", "reword", "wait"]


@dataclass(frozen=True)
class FailureClass:
    """A class of failures, what to do about it, and the codes and words (a regular expression) it is known by."""

    name: str
    action: Action
    codes: tuple[int, ...]
    words: str


FAILURE_CLASSES = (
    FailureClass("invalid_number", "suppress", (21211, 21217, 21614, 30005), "invalid .*number|unknown destination"),
    FailureClass("landline", "suppress", (30006,), "landline|cannot receive"),
    FailureClass("opted_out", "suppress", (21610, 30004), "opted out|opt-out|unsubscribed|blocked"),
    FailureClass("unreachable", "retry", (30003,), "unreachable|switched off|out of coverage"),
    FailureClass("filtered", "reword", (30007,), "filtered|spam"),
    FailureClass("media", "reword", (11200, 12300, 30011, 30019), "media|attachment"),
    FailureClass("unregistered", "wait", (30032, 30034), "unregistered|not registered"),
    FailureClass("account", "wait", (30002,), "account suspended|insufficient (?:balance|credit|funds)"),
    FailureClass("whatsapp", "wait", (131021, 131026, 131047, 131049), "whatsapp"),
    FailureClass("queue", "retry", (20429, 30001, 30022), "queue|rate limit|too many"),
    FailureClass("expired", "retry", (), "campaign ended|expired"),
    FailureClass("unknown", "retry", (30008,), "unknown"),
)


def by_failure(logs: IntoFrameT) -> IntoFrameT:
    """One row a failure class in the log, sorted by class.

    Columns: `failure_class` (str, a name in FAILURE_CLASSES), `action` (str: retry, later and once; suppress, never
    text this number again; reword, change the message; wait, until the account or the service allows it), `messages`
    (int64), `attempted` (int64, all in the log that left or failed: the denominator), `failure_rate, failure_low,
    failure_high` (float64, 95 % Wilson bounds).
    """
    rows = lazy(logs, "status", "error")
    counts = classified(rows).group_by("failure_class", "action").agg(nw.len().alias("messages"))
    result = counts.with_columns(nw.col("messages").cast(nw.Int64)).join(tally(rows).select("attempted"), how="cross")
    return like(result.with_columns(*rate("messages", "attempted", prefix="failure_")).sort("failure_class"), logs)


def failures(logs: IntoFrameT) -> IntoFrameT:
    """The messages that failed or bounced, in no order, each with its class.

    Columns: `contact_id` (str), `sent_time` (UTC, missing if it never left), `error` (str, the carrier's words),
    `failure_class, action` (str, as in `by_failure`).
    """
    rows = classified(lazy(logs, "contact_id", "status", "sent_time", "error"))
    return like(rows.select("contact_id", "sent_time", "error", "failure_class", "action"), logs)


def classified(logs: Frame) -> Frame:
    """The rows that failed or bounced, with `failure_class` and `action`; unknown where no text says why."""
    rows = logs.filter(nw.col("status").is_in(["failed", "undelivered"]))
    codes = [(rf"\b(?:{'|'.join(map(str, known.codes))})\b", known.name) for known in FAILURE_CLASSES if known.codes]
    words = [(f"(?i){known.words}", known.name) for known in FAILURE_CLASSES]
    text = nw.col("error").cast(nw.String)
    rows = rows.with_columns(
        failure_class=case([(text.str.contains(pattern), name) for pattern, name in [*codes, *words]], "unknown")
    )
    is_class = nw.col("failure_class")
    return rows.with_columns(action=case([(is_class == x.name, x.action) for x in FAILURE_CLASSES], "retry"))
