"""Messages that did not arrive, by the class of their failure (see `toolkit.texting.failure_classes`)."""

from __future__ import annotations

import re
from collections import Counter

import narwhals.stable.v2 as nw
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame, IntoFrameT

from toolkit.engagement.outcomes import BOUNCED, FAILED, tally_all
from toolkit.engagement.rates import rate
from toolkit.frames import Frame, case, lazy, like, status_counts
from toolkit.texting.failure_classes import FAILURE_CLASSES, UNKNOWN, FailureClass, patterns


def by_failure(logs: IntoFrameT) -> IntoFrameT:
    """One row per failure class in the log, sorted by class.

    Columns: `failure_class` and `action` (str, as in FAILURE_CLASSES), `messages` (int64), `attempted` (int64, all
    sent or failed in the log: the denominator), `failure_rate, failure_low, failure_high` (float64, 95 % Wilson
    bounds).
    """
    counts = (
        classified(lazy(logs, "status", "error")).group_by("failure_class", "action").agg(nw.len().alias("messages"))
    )
    whole = tally_all(status_counts(logs)).select("attempted")
    result = counts.with_columns(nw.col("messages").cast(nw.Int64)).join(whole, how="cross")
    return like(result.with_columns(*rate("messages", "attempted", prefix="failure_")).sort("failure_class"), logs)


def failures(logs: IntoFrameT) -> IntoFrameT:
    """The messages that failed or bounced, in no order, each with its class.

    Columns: `contact_id` (str), `sent_time` (UTC, missing if it was never sent), `error` (str, the carrier's words),
    `failure_class, action` (str, as in `by_failure`).
    """
    rows = classified(lazy(logs, "contact_id", "status", "sent_time", "error"))
    return like(rows.select("contact_id", "sent_time", "error", "failure_class", "action"), logs)


def causes(logs: IntoFrame) -> dict[FailureClass, int]:
    """How many messages failed or bounced for each class, most first, those as many by name; each distinct text is
    looked at once. As `by_failure` counts them."""
    rows = lazy(logs, "status", "error").filter(nw.col("status").is_in([*FAILED, *BOUNCED]))
    texts = rows.select(nw.col("error").cast(nw.String)).group_by("error").agg(nw.len().alias("messages"))
    counts = Counter[FailureClass]()
    for text, count in texts.collect().rows():
        said = text if isinstance(text, str) else ""
        counts[next((known for pattern, known in patterns() if re.search(pattern, said)), UNKNOWN)] += count
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0].name)))


def classified(logs: Frame) -> Frame:
    """The rows that failed or bounced, with `failure_class` and `action`; unknown where no text gives the reason."""
    rows = logs.filter(nw.col("status").is_in([*FAILED, *BOUNCED]))
    text = nw.col("error").cast(nw.String)
    choices = [(text.str.contains(pattern), known.name) for pattern, known in patterns()]
    rows = rows.with_columns(failure_class=case(choices, UNKNOWN.name))
    is_class = nw.col("failure_class")
    return rows.with_columns(action=case([(is_class == x.name, x.action) for x in FAILURE_CLASSES], UNKNOWN.action))


def failing(logs: pd.DataFrame | None) -> dict[str, str]:
    """The failure class of each contact, by id, whose latest message failed permanently; empty without logs."""
    if logs is None or not len(logs):
        return {}
    latest = logs.sort_values("sent_time", na_position="last").drop_duplicates("contact_id", keep="last")
    classes = failures(latest)
    return dict(nw.from_native(classes[classes["action"] == "suppress"]).select("contact_id", "failure_class").rows())
