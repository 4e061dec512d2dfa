"""Orders of the workspace's invented people, as the export of a shop would have them; the service knows none of them.

What each text brings is put there by whoever asks for the orders, so that a read-out can be checked against it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from toolkit.sandbox import hashing

_BEFORE, _AFTER, _WORKS = 42, 7, 3  # days before a send, after it, and of them those in which it works
_PER_DAY, _AMOUNT = 0.012, 40.0  # orders of a person, and dollars of an order, in the middle
_TWICE, _RETURNED = 0.01, 0.03  # shares of orders


def shop_orders(
    arms: Mapping[str, Sequence[str]], *, sent_at: datetime, gains: Mapping[str, float] | None = None
) -> dict[str, Any]:
    """Columns of orders of the people in each arm, by contact id, in the 42 days before a send and the 7 after it.

    `gains` is how many orders a person of the arm gives on top, on average, in the three days after: 0.05 is one order
    of every twenty people. Who orders often before does so afterwards. As in any export, some orders are there twice,
    under one `order` id, and some are returned.

    Columns: `contact_id, order` (str), `time` (UTC), `amount` (float, below 0 for a return).
    """
    ids = [contact for people in arms.values() for contact in people]
    people = np.array([hashing.key("shop", contact) for contact in ids], np.uint64).view(np.int64)
    gain = np.repeat([(gains or {}).get(arm, 0.0) for arm in arms], [len(members) for members in arms.values()])
    temper = hashing.normal(hashing.uniform(people, hashing.key("often")), hashing.uniform(people, hashing.key("as")))
    days = np.arange(-_BEFORE, _AFTER)
    draws = np.stack([hashing.uniform(people, hashing.key("day", day)) for day in days], axis=1)
    is_at_work = (days >= 0) & (days < _WORKS)
    chance = (_PER_DAY * np.exp(1.1 * temper))[:, None] + (gain / _WORKS)[:, None] * is_at_work
    who, when = np.nonzero(draws < chance)
    seconds = (hashing.uniform(people[who], hashing.key("second")) * 86_400).astype(int)
    sizes = hashing.normal(hashing.uniform(people[who] + when, hashing.key("size")), draws[who, when] % 1)
    rows = [
        (ids[at], f"order-{at}-{day}", sent_at + timedelta(days=int(days[day]), seconds=int(second)), round(amount, 2))
        for at, day, second, amount in zip(
            who, when, seconds, _AMOUNT * np.exp(0.4 * temper[who] + 0.3 * sizes), strict=True
        )
    ]
    luck = hashing.uniform(people[who] + when, hashing.key("luck"))
    twice = [row for row, drawn in zip(rows, luck, strict=True) if drawn < _TWICE]
    back = [
        (contact, f"return-of-{order}", time + timedelta(hours=20), -amount)
        for (contact, order, time, amount), drawn in zip(rows, luck, strict=True)
        if drawn > 1 - _RETURNED
    ]
    columns = zip(*sorted([*rows, *twice, *back], key=lambda row: (row[2], row[1])), strict=True)
    return dict(zip(("contact_id", "order", "time", "amount"), map(list, columns), strict=True))
