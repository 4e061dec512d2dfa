"""Frequency caps: who has reached the limit of messages in a period.

Pure: how often people were texted comes from outside, from delivery logs and from the ledger. A message to a number
counts for everybody who has it. Messages count at the time they are sent, so scheduled ones count as well.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from toolkit.audience.contact_numbers import Keys, Numbers, read_like
from toolkit.audience.rules.literals import span, span_words
from toolkit.data.bitmaps import Mask
from toolkit.data.contacts import Contacts
from toolkit.engagement.outcomes import DELIVERED, WAITING
from toolkit.errors import DraftError, UnknownColumn
from toolkit.frames import instant

DAY = timedelta(hours=24)
_MAY_HAVE_COME = (*WAITING, *DELIVERED)


@dataclass(frozen=True, eq=False)
class Sent:
    """Messages sent or scheduled together: the time, and `ids()` of their contacts."""

    at: datetime
    ids: Callable[[], Sequence[str]]


@dataclass(frozen=True, eq=False)
class Starts:
    """When each contact's message is to be sent: `usual`, except for each of `others`, a mask of contacts."""

    usual: datetime
    others: Sequence[tuple[datetime, Mask]] = ()


@dataclass(frozen=True, eq=False)
class Cap:
    """Nobody gets more than `most` messages in a span: whoever already had `most` in it gets no other.

    Args:
        most: messages; with 0, nobody receives anything.
        within: the span, as `24h`, `7d` or `2w`.
        texted: the messages received in that span, each counted once, by contact id or by phone as `+12025550147`: a
            mapping or a series, as `messages_within` returns. Contacts not in it had none; ids and phones that no
            contact has are ignored.

    Raises:
        SegmentError: `within` is not a span.
        DraftError: `most` is below 0.
    """

    most: int
    within: str
    texted: Mapping[str, int] | pd.Series[int]

    def __post_init__(self) -> None:
        span(self.within)
        if self.most < 0:
            raise DraftError(f"A cap cannot be {self.most} messages: allow 0 or more.")

    def had(self, contacts: Contacts, numbers: Numbers) -> npt.NDArray[np.int64]:
        """Per contact: the number of messages that count."""
        return messages_to(self.texted, contacts, numbers)

    def said_of(self, had: int) -> str:
        """The reason for excluding somebody."""
        messages = "1 message" if had == 1 else f"{had:,} messages"
        return f"their number had {messages} in the last {span_words(self.within)}, and the cap is {self.most:,}"


@dataclass(frozen=True, eq=False)
class DayCap(Cap):
    """Nobody has more than `most` messages in any 24 hours, counting one sent at `starts` and all in `sent`."""

    sent: Sequence[Sent]
    starts: Starts

    def had(self, contacts: Contacts, numbers: Numbers) -> npt.NDArray[np.int64]:
        """Per contact: the most other messages in any 24 hours that include its own."""
        return messages_around(self.sent, self.starts, contacts, numbers)

    def said_of(self, had: int) -> str:
        """The reason for excluding somebody."""
        messages = "1 message" if had == 1 else f"{had:,} messages"
        return (
            f"their number has {messages}, sent or scheduled, within 24 hours of this one, and {self.most:,} is the "
            "most a day"
        )


def messages_around(
    sent: Sequence[Sent], starts: Starts, contacts: Contacts, numbers: Numbers
) -> npt.NDArray[np.int64]:
    """Per contact: the most messages to its number, for any contact with it, in any 24 hours that include
    a message sent at `starts`. For a number with several readings, the one with most messages."""
    if not sent:
        return np.zeros(len(contacts), np.int64)
    read = numbers.read
    known, at_key = np.unique(np.concatenate([[0], read.best, read.more]), return_inverse=True)
    best, more = np.split(at_key[1:], [len(read.best)])

    def codes_of(ids: Sequence[str]) -> npt.NDArray[np.intp]:
        rows = contacts.ids.get_indexer(pd.Index(list(ids), dtype="str"))
        rows = rows[rows >= 0]
        is_theirs = np.zeros(len(contacts), dtype=bool)
        is_theirs[rows] = True
        codes = np.concatenate([best[rows], more[is_theirs[read.rows]]])
        return codes[codes > 0]  # 0 is the code of numbers that cannot be read

    def around(at: datetime) -> npt.NDArray[np.int64]:
        totals = most_around(sent, at, codes_of, len(known))
        had: npt.NDArray[np.int64] = totals[best]
        np.maximum.at(had, read.rows, totals[more])
        return had

    found = around(starts.usual)
    for at, members in starts.others:
        found[members] = around(at)[members]
    return found


def most_around(
    sent: Iterable[Sent], at: datetime, codes_of: Callable[[Sequence[str]], npt.NDArray[np.intp]], size: int
) -> npt.NDArray[np.int64]:
    """Per code: the most messages in any 24 hours that include `at`.

    A message exactly 24 hours before another one is not in the same 24 hours. `codes_of` gives a code below `size` for
    each contact id that counts.
    """
    near = sorted((each for each in sent if abs(each.at - at) < DAY), key=lambda each: each.at)
    counts = np.zeros(size, np.int64)
    most = counts.copy()
    window: deque[tuple[datetime, npt.NDArray[np.intp]]] = deque()
    for each in near:
        while window and window[0][0] <= max(each.at, at) - DAY:
            np.subtract.at(counts, window.popleft()[1], 1)
        codes = codes_of(each.ids())
        np.add.at(counts, codes, 1)
        window.append((each.at, codes))
        most[codes] = np.maximum(most[codes], counts[codes])
    return most


def messages_to(
    texted: Mapping[str, int] | pd.Series[int], contacts: Contacts, numbers: Numbers
) -> npt.NDArray[np.int64]:
    """The messages to each contact's number, for any contact with it; `texted` as in `Cap`.

    For a number with several readings, the one with most messages.
    """
    said = pd.Series(texted, dtype="int64")
    who, counts = pd.Index(said.index, dtype="str"), said.to_numpy()
    rows = contacts.ids.get_indexer(who)
    is_phone = rows < 0
    each = np.zeros(len(contacts), np.int64)
    np.add.at(each, rows[~is_phone], counts[~is_phone])
    read, phones = numbers.read, read_like(contacts, who[is_phone].tolist())
    is_texted, by_phone = each > 0, counts[is_phone]
    keys = [read.best[is_texted], read.more[is_texted[read.rows]], phones.best, phones.more]
    had = [each[is_texted], each[read.rows[is_texted[read.rows]]], by_phone, by_phone[phones.rows]]
    known, of = np.unique(np.concatenate([[0], *keys]), return_inverse=True)
    totals = np.zeros(len(known), np.int64)
    np.add.at(totals, of[1:], np.concatenate(had))
    totals[0] = 0  # messages to numbers that cannot be read

    def to(numbers: Keys) -> Keys:
        at = np.minimum(np.searchsorted(known, numbers), len(known) - 1)
        return np.where(known[at] == numbers, totals[at], 0)

    found: npt.NDArray[np.int64] = to(read.best)
    np.maximum.at(found, read.rows, to(read.more))
    return found


def messages_within(messages: pd.DataFrame, within: str, *, as_of: datetime) -> pd.Series[int]:
    """How many messages each contact had in a span that ends with `as_of`, by contact id: what a `Cap` takes.

    Args:
        messages: a row per message, with `contact_id` (str) and `sent_time` (UTC): delivery logs of `ws.logs(…)`, or
            from the ledger, or both together without listing a message twice. Of those with a
            `status`, only sent and delivered ones count; a row without `contact_id` counts for its `phone`, if any.
        within: the span, as `24h`, `7d` or `2w`.
        as_of: its end, with a time zone: the time at which the next message is to be sent.

    Raises:
        UnknownColumn: `contact_id` or `sent_time` is missing.
        ToolkitError: `as_of` has no time zone.
    """
    end = pd.Timestamp(instant(as_of))
    if missing := {"contact_id", "sent_time"}.difference(messages.columns):
        raise UnknownColumn(f"The messages have no column {sorted(missing)[0]!r}: pass rows of ws.logs().")
    lately = (messages["sent_time"] > end - span(within)) & (messages["sent_time"] <= end)
    if "status" in messages.columns:
        lately &= messages["status"].isna() | messages["status"].isin(_MAY_HAVE_COME)
    people = messages["contact_id"]
    if "phone" in messages.columns:
        people = people.fillna(messages["phone"])
    return people[lately].value_counts(sort=False).rename("messages")
