"""Frequency caps: who has had so many messages lately that one more is too many.

Pure: how often people were texted comes from outside, from delivery logs and from the ledger. What was sent to a number
counts for everybody who has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd

from toolkit.audience.literals import span, span_words
from toolkit.audience.numbers import Numbers, digits_of
from toolkit.data.contacts import Contacts
from toolkit.data.frames import instant
from toolkit.data.outcomes import DELIVERED, WAITING
from toolkit.errors import DraftError, UnknownColumn

_MAY_HAVE_COME = (*WAITING, *DELIVERED)


@dataclass(frozen=True, eq=False)
class Cap:
    """Nobody has more than `most` messages in a span: whoever had `most` in it receives no other.

    Args:
        most: messages; with 0, nobody receives anything.
        within: the span, as `24h`, `7d` or `2w`.
        texted: the messages had in that span, each counted once, by contact id or by phone as `+12025550147`: a
            mapping or a series, as `messages_within` makes one. Who is not in it had none; ids and phones that no
            contact has are passed over.

    Raises:
        SegmentError: `within` is no span.
        DraftError: `most` is below 0.
    """

    most: int
    within: str
    texted: Mapping[str, int] | pd.Series[int]

    def __post_init__(self) -> None:
        span(self.within)
        if self.most < 0:
            raise DraftError(f"A cap of {self.most} messages cannot be: allow 0 or more.")

    def said_of(self, had: int) -> str:
        """The reason that somebody is left out."""
        messages = "1 message" if had == 1 else f"{had:,} messages"
        return f"their number had {messages} in the last {span_words(self.within)}, and {self.most:,} is the most"


def messages_to(
    texted: Mapping[str, int] | pd.Series[int], contacts: Contacts, numbers: Numbers
) -> npt.NDArray[np.int64]:
    """Per contact: the messages to its number, whoever with that number they were for; `texted` as a `Cap` has it."""
    told = pd.Series(texted, dtype="int64")
    keys, counts = pd.Index(told.index, dtype="str"), told.to_numpy()
    rows = contacts.ids.get_indexer(keys)
    is_phone = rows < 0
    digits = np.concatenate([numbers.digits[rows[~is_phone]], digits_of(keys[is_phone])])
    known, of = np.unique(digits, return_inverse=True)
    if not len(known):
        return np.zeros(len(contacts), np.int64)
    totals = np.zeros(len(known), np.int64)
    np.add.at(totals, of, np.concatenate([counts[~is_phone], counts[is_phone]]))
    at = np.minimum(np.searchsorted(known, numbers.digits), len(known) - 1)
    found: npt.NDArray[np.int64] = np.where((known[at] == numbers.digits) & (numbers.digits > 0), totals[at], 0)
    return found


def messages_within(messages: pd.DataFrame, within: str, *, as_of: datetime) -> pd.Series[int]:
    """How many messages each contact had in a span that ends with `as_of`, by contact id: what a `Cap` takes.

    Args:
        messages: one row a message, with `contact_id` (str) and `sent_time` (UTC): delivery logs of `ws.logs(…)`, or
            what the ledger knows of its sends, or both together without telling of a message twice. Of those with a
            `status`, only sent and delivered ones count; a row without `contact_id` counts for its `phone`, if any.
        within: the span, as `24h`, `7d` or `2w`.
        as_of: its end, with a zone: the time at which the next message is to leave.

    Raises:
        UnknownColumn: `contact_id` or `sent_time` is missing.
        ToolkitError: `as_of` has no zone.
    """
    end = pd.Timestamp(instant(as_of))
    if missing := {"contact_id", "sent_time"}.difference(messages.columns):
        raise UnknownColumn(f"The messages have no column {sorted(missing)[0]!r}: pass rows as ws.logs() has them.")
    lately = (messages["sent_time"] > end - span(within)) & (messages["sent_time"] <= end)
    if "status" in messages.columns:
        lately &= messages["status"].isna() | messages["status"].isin(_MAY_HAVE_COME)
    people = messages["contact_id"]
    if "phone" in messages.columns:
        people = people.fillna(messages["phone"])
    return people[lately].value_counts(sort=False).rename("messages")
