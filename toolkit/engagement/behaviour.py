"""What delivery logs show about each contact, as columns beside the contact's own: the basis of rules on behaviour."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import narwhals.stable.v2 as nw
from narwhals.stable.v2.typing import IntoFrame, IntoFrameT

from toolkit.engagement.outcomes import DELIVERED, reached_time
from toolkit.engagement.tiers import tiers
from toolkit.frames import lazy, like

BEHAVIOUR_COLUMNS = ("tier", "last_delivered_time", "hard_failures")


def received_column(campaign_id: str) -> str:
    """The name of the column for who received a campaign."""
    return f"received {campaign_id}".replace(".", "_")  # Spark reads a dot as access to a struct field


def with_behaviour(
    contacts: IntoFrameT,
    logs: IntoFrame,
    opted_out: IntoFrame,
    *,
    campaigns: Sequence[str] = (),
    as_of: datetime,
) -> IntoFrameT:
    """The contacts that existed at `as_of`, in no order, with columns of their behaviour added.

    Args:
        contacts: a frame with `id` and `created_time`.
        logs: delivery logs of the same kind of frame.
        opted_out: `contact_id` of everybody who asked not to be texted, in the same kind of frame.
        campaigns: campaign ids, each to get a column.
        as_of: the time to look back from, with a time zone.

    Columns added: `tier` (str), `last_delivered_time` (UTC, missing if never), `hard_failures` (int64); for each
    campaign `received_column(id)` (int8, 1 where one of its messages was delivered by then, else missing).

    Raises:
        UnknownColumn: a frame lacks a column.
        ToolkitError: `as_of` has no time zone, or a frame has times in a zone other than UTC.
    """
    people = lazy(contacts)
    told = lazy(tiers(contacts, logs, opted_out, as_of=as_of), "contact_id", *BEHAVIOUR_COLUMNS)
    people = people.join(told, left_on="id", right_on="contact_id", how="inner")
    rows = lazy(logs, "campaign_id", "contact_id", "status", "sent_time", "delivered_time")
    rows = rows.filter(nw.col("status").is_in(DELIVERED) & ((reached_time() <= as_of) | reached_time().is_null()))
    for campaign in campaigns:
        reached = rows.filter(nw.col("campaign_id") == campaign).select("contact_id").unique()
        reached = reached.with_columns(nw.lit(1).cast(nw.Int8).alias(received_column(campaign)))
        people = people.join(reached, left_on="id", right_on="contact_id", how="left")
    return like(people, contacts)
