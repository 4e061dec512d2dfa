"""Delivery logs joined with their contacts: one row per message, whatever the contacts are like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import narwhals.stable.v2 as nw
from narwhals.stable.v2.typing import IntoFrame, IntoFrameT

from toolkit.frames import Frame, lazy, like, spelled

_KEYS = {"id": "contact_id", "phone": "phone"}


def with_contacts(
    logs: IntoFrameT,
    contacts: IntoFrame,
    *,
    by: Literal["id", "phone"] = "id",
    columns: Sequence[str] = ("labels", "created_time"),
) -> IntoFrameT:
    """The rows of a log, in no order, with columns of their contacts added; missing where the contact is unknown.

    Args:
        logs: delivery logs.
        contacts: contacts of the same kind of frame.
        by: `id`, the contact a message was sent to; or `phone`, who has the number now. Of several contacts with
            one number it is the oldest, by id if equally old, so that no message is counted twice.
        columns: of the contacts; one that the log has too is added as `<name>_now`.

    Raises:
        UnknownColumn: a frame lacks a column.
    """
    rows = lazy(logs)
    people = lazy(contacts, *dict.fromkeys((by, *columns, *(("created_time", "id") if by == "phone" else ()))))
    people = people.filter(~nw.col(by).is_null())
    if by == "phone":
        people = _oldest(people)
    there = [spelled(name, people.collect_schema()) or name for name in columns]
    names = {name: f"{name}_now" if name in rows.collect_schema() else name for name in there}
    people = people.select(nw.col(by).alias("contact key"), *(nw.col(old).alias(new) for old, new in names.items()))
    return like(rows.join(people, left_on=_KEYS[by], right_on="contact key", how="left"), logs)


def _oldest(people: Frame) -> Frame:
    """One contact a phone."""
    for column in ("created_time", "id"):
        first = people.group_by("phone").agg(nw.col(column).min().alias("first"))
        people = people.join(first, on="phone", how="left")
        people = people.filter((nw.col(column) == nw.col("first")) | nw.col("first").is_null()).drop("first")
    return people
