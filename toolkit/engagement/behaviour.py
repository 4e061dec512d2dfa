"""What delivery logs show about each contact, as columns beside the contact's own: the basis of rules on behaviour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import narwhals.stable.v2 as nw
from narwhals.stable.v2.typing import IntoFrame, IntoFrameT

from toolkit.engagement.failures import of_causes
from toolkit.engagement.fatigue import sent_within
from toolkit.engagement.outcomes import DELIVERED, reached_time
from toolkit.engagement.tiers import tiers
from toolkit.frames import Frame, lazy, like

BEHAVIOUR_COLUMNS = ("tier", "last_delivered_time", "hard_failures")


def received_column(campaign_id: str) -> str:
    """The name of the column for who received a campaign."""
    return f"received {campaign_id}".replace(".", "_")  # Spark reads a dot as access to a struct field


def failed_column(campaign_id: str, causes: Sequence[str]) -> str:
    """The name of the column for whose message of a campaign failed for one of these causes, or for any."""
    return f"failed {campaign_id} {' '.join(causes)}".replace(".", "_")


def messages_column(within: str) -> str:
    """The name of the column for how many messages a contact got in a span."""
    return f"messages {within}"


@dataclass(frozen=True)
class AskedOfLogs:
    """What rules ask of delivery logs: who received campaigns, by id; whose message failed, by campaign and causes; how
    many messages each got within spans, as they are typed."""

    received: tuple[str, ...] = ()
    failed: tuple[tuple[str, tuple[str, ...]], ...] = ()
    messages: tuple[tuple[str, timedelta], ...] = ()


def with_behaviour(
    contacts: IntoFrameT,
    logs: IntoFrame,
    opted_out: IntoFrame,
    *,
    asked: AskedOfLogs = AskedOfLogs(),
    as_of: datetime,
) -> IntoFrameT:
    """The contacts that existed at `as_of`, in no order, with columns of their behaviour added.

    Args:
        contacts: a frame with `id` and `created_time`.
        logs: delivery logs of the same kind of frame.
        opted_out: `contact_id` of everybody who asked not to be texted, in the same kind of frame.
        asked: what else gets a column each.
        as_of: the time to look back from, with a time zone.

    Columns added: `tier` (str), `last_delivered_time` (UTC, missing if never), `hard_failures` (int64); for each
    campaign asked for, `received_column` and `failed_column` (int8, 1 where one of its messages was delivered by then,
    or failed, else missing); for each span `messages_column` (int64).

    Raises:
        UnknownColumn: a frame lacks a column.
        ToolkitError: `as_of` has no time zone, or a frame has times in a zone other than UTC.
    """
    people = lazy(contacts)
    told = lazy(tiers(contacts, logs, opted_out, as_of=as_of), "contact_id", *BEHAVIOUR_COLUMNS)
    people = people.join(told, left_on="id", right_on="contact_id", how="inner")
    rows = lazy(logs, "campaign_id", "contact_id", "status", "sent_time", "delivered_time")
    rows = rows.filter(nw.col("status").is_in(DELIVERED) & ((reached_time() <= as_of) | reached_time().is_null()))
    for campaign in dict.fromkeys(asked.received):
        people = _marked(people, rows.filter(nw.col("campaign_id") == campaign), received_column(campaign))
    for campaign, causes in dict.fromkeys(asked.failed):
        lost = lazy(logs, "campaign_id", "contact_id", "status", "error").filter(nw.col("campaign_id") == campaign)
        people = _marked(people, of_causes(lost, causes), failed_column(campaign, causes))
    for within, span in dict.fromkeys(asked.messages):
        column = messages_column(within)
        counts = lazy(sent_within(logs, {column: span}, as_of=as_of), "contact_id", column)
        people = people.join(counts, left_on="id", right_on="contact_id", how="left")
        people = people.with_columns(nw.col(column).fill_null(0))
    return like(people, contacts)


def _marked(people: Frame, rows: Frame, column: str) -> Frame:
    """The people, with 1 in a new column where one of the rows is theirs."""
    theirs = rows.select("contact_id").unique().with_columns(nw.lit(1).cast(nw.Int8).alias(column))
    return people.join(theirs, left_on="id", right_on="contact_id", how="left")
