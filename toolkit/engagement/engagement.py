"""How messages performed, from their delivery logs: per person, campaign and label, and as a funnel.

Every function takes any kind of frame narwhals supports and returns the same kind, equal on all of them; counts are
int64, rates float64 with 95 % Wilson bounds, and each rate's denominator is a column beside it. What the service does
not report is absent, not guessed: SMS has no read receipts, and no row states which number a message came from:
`by_sender` uses the campaign. Clicks are not in the log: `toolkit.engagement.counters` has those of campaigns, and
`ws.replies.messages` those of people where the service lists messages.
"""

from __future__ import annotations

import narwhals.stable.v2 as nw
from narwhals.stable.v2.typing import IntoFrame, IntoFrameT

from toolkit.engagement.delays import percentile, timed
from toolkit.engagement.engines import rows_of, with_flags
from toolkit.engagement.outcomes import (
    COUNTS,
    DELIVERED,
    RATES,
    has_status,
    reached_time,
    spelled_out,
    tally,
    tally_all,
    unknown_words,
)
from toolkit.engagement.rates import rate, wilson
from toolkit.frames import lazy, like, status_counts

__all__ = ["by_campaign", "by_contact", "by_label", "by_sender", "funnel", "membership", "wilson"]

FUNNEL = (("attempted", "messages"), ("sent", "attempted"), ("delivered", "sent"))


def by_contact(logs: IntoFrameT) -> IntoFrameT:
    """One row per contact in the log, in no order; messages without a contact are one row without an id.

    Columns: `contact_id` (str), COUNTS and RATES as in `toolkit.engagement.outcomes.tally`, and `last_sent_time,
    last_delivered_time` (UTC, missing if never; where the service reports no delivery times, when it was sent). A rate
    of a few messages is uncertain: mind its bounds.
    """
    latest = (
        nw.col("sent_time").max().alias("last_sent_time"),
        nw.col("reached_time").max().alias("last_delivered_time"),
    )
    rows = lazy(logs, "contact_id", "status", "sent_time", "delivered_time")
    rows = with_flags(rows, "status", {"is_delivered": DELIVERED})
    rows = rows.with_columns(reached_time=reached_time(nw.col("is_delivered") == 1))
    result = tally(rows, "contact_id", also=latest)
    return like(result.select("contact_id", *COUNTS, *RATES, "last_sent_time", "last_delivered_time"), logs)


def by_campaign(logs: IntoFrameT) -> IntoFrameT:
    """One row per campaign, sorted.

    Columns: `campaign_id` (str), COUNTS and RATES as in `toolkit.engagement.outcomes.tally`, `seconds_p50, seconds_p95`
    (float64, sent to delivered; see `toolkit.engagement.delays.time_to_deliver`), and `unknown_statuses` (str, the
    words that `unknown` counts).
    """
    rows = timed(lazy(logs, "campaign_id", "status", "sent_time", "delivered_time"))
    words = unknown_words(rows)
    rows = rows.with_columns(has_status(word).alias(f"word {at}") for at, word in enumerate(words))
    sums = tuple(nw.col(f"word {at}").sum() for at in range(len(words)))
    result = tally(rows, "campaign_id", also=(percentile(50), percentile(95), *sums))
    named = [
        nw.when(nw.col(f"word {at}") > 0).then(nw.lit(spelled_out(word))).alias(f"name {at}")
        for at, word in enumerate(words)
    ]
    spelled = nw.concat_str(named, separator=", ", ignore_nulls=True) if named else nw.lit("")
    result = result.with_columns(nw.col("campaign_id").cast(nw.String), unknown_statuses=spelled).sort("campaign_id")
    return like(result.select("campaign_id", *COUNTS, *RATES, "seconds_p50", "seconds_p95", "unknown_statuses"), logs)


def by_sender(logs: IntoFrameT, senders: IntoFrame) -> IntoFrameT:
    """One row per sender, sorted; campaigns that had more than one are together under `several`.

    `senders` has `campaign_id, sender`, one row per sender of a campaign, and is the same kind of frame as the log.
    Columns: `sender` (str, missing for campaigns not in `senders`), COUNTS and RATES as in
    `toolkit.engagement.outcomes.tally`.
    """
    pairs = (
        lazy(senders, "campaign_id", "sender").with_columns(nw.col("campaign_id", "sender").cast(nw.String)).unique()
    )
    ranges = (nw.col("sender").min().alias("first"), nw.col("sender").max().alias("last"))
    first, last = nw.col("first"), nw.col("last")
    named = nw.when(first == last).then(first).otherwise(nw.lit("several"))
    pairs = pairs.group_by("campaign_id").agg(*ranges).select("campaign_id", sender=named)
    rows = lazy(logs, "campaign_id", "status").with_columns(nw.col("campaign_id").cast(nw.String))
    result = tally(rows.join(pairs, on="campaign_id", how="left"), "sender")
    return like(result.sort("sender").select("sender", *COUNTS, *RATES), logs)


def by_label(logs: IntoFrameT, members: IntoFrame) -> IntoFrameT:
    """One row per label that somebody in the log has, sorted; a message counts under each label of its contact.

    `members` has `contact_id, label`, as `membership` gives, and is the same kind of frame as the log. Columns: `label`
    (str, as given), `contacts` (int64, with a message), COUNTS and RATES as in `toolkit.engagement.outcomes.tally`.
    """
    pairs = lazy(members, "contact_id", "label").drop_nulls().unique()
    rows = lazy(logs, "contact_id", "status").join(pairs, on="contact_id", how="inner")
    result = tally(rows, "label", also=(nw.col("contact_id").n_unique().alias("contacts"),))
    result = result.with_columns(nw.col("label").cast(nw.String), nw.col("contacts").cast(nw.Int64)).sort("label")
    return like(result.select("label", "contacts", *COUNTS, *RATES), logs)


def membership(contacts: IntoFrameT) -> IntoFrameT:
    """One row per contact and label, from a frame of contacts with `id` and a list column `labels`.

    Columns: `contact_id, label` (str; in pandas `label` is an Arrow string). Contacts without a label have no row.
    """
    rows = lazy(contacts, "id", "labels").select(nw.col("id").alias("contact_id"), nw.col("labels").alias("label"))
    return like(rows.explode("label").drop_nulls().with_columns(nw.col("label").cast(nw.String)), contacts)


def funnel(logs: IntoFrameT) -> IntoFrameT:
    """Three rows, one a step from messages to deliveries, in order.

    Columns: `step` (int64), `stage` (str: attempted, sent, delivered), `count` (int64), `of` (str, the previous stage),
    `whole` (int64, its count: the denominator), `rate, low, high` (float64, the share that reached this stage).
    """
    total = tally_all(status_counts(logs))
    befores = {stage: f"before {stage}" for stage, _ in FUNNEL}
    total = total.with_columns(nw.col(before).alias(befores[stage]) for stage, before in FUNNEL)
    total = total.select(*befores, *befores.values())
    rows = rows_of(total, list(befores), name="stage", value="count")
    stage, whole, of = nw.col("stage"), nw.col(befores["attempted"]), nw.lit("messages")
    step = nw.lit(1)
    for number, (name, before) in enumerate(FUNNEL[1:], start=2):
        whole = nw.when(stage == name).then(nw.col(befores[name])).otherwise(whole)
        of = nw.when(stage == name).then(nw.lit(before)).otherwise(of)
        step = nw.when(stage == name).then(nw.lit(number)).otherwise(step)
    rows = rows.select(step.cast(nw.Int64).alias("step"), "stage", "count", of.alias("of"), whole.alias("whole"))
    return like(rows.with_columns(*rate("count", "whole")).sort("step"), logs)
