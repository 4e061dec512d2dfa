"""Who is excluded from everything, so that what texting does at all can be measured: a lasting share of all people.

The draw is of the contact id, the same for ever; people who share a number go with whoever of them is the oldest
contact, so that nobody held out is texted under another name.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from toolkit.audience.contact_numbers import Channel, read_numbers
from toolkit.audience.random_draws import draws
from toolkit.data.bitmaps import Mask
from toolkit.data.contacts import Contacts

BUCKETS = 10_000


@dataclass(frozen=True)
class Holdout:
    """A share of all people, to a ten-thousandth; another `salt` draws others."""

    share: float
    salt: str = "holdout"

    def mask(self, contacts: Contacts, channel: Channel, among: Mask) -> Mask:
        """Who of some contacts is held out."""
        held = np.zeros(len(contacts), dtype=bool)
        rows = np.flatnonzero(among)
        held[rows] = buckets(self.salt, drawn_as(contacts, channel)[rows]) < round(self.share * BUCKETS)
        return held


def buckets(salt: str, contact_ids: pd.Index[str]) -> npt.NDArray[np.int64]:
    """A bucket from 0 to 9,999 for each contact, the same for ever."""
    return (draws(salt, contact_ids) / 2.0**64 * BUCKETS).astype(np.int64)


def drawn_as(contacts: Contacts, channel: Channel) -> pd.Index[str]:
    """For each contact the id that is drawn for it: its own, or of the oldest contact with the same number."""
    lines = read_numbers(contacts, channel).lines
    rows = np.flatnonzero(pd.Series(lines).duplicated(keep=False).to_numpy() & (lines > 0))
    if not len(rows):
        return contacts.ids
    sharing = pd.DataFrame(
        {
            "line": lines[rows],
            "created": contacts.table["created_time"].cast("int64").fill_null(0).to_numpy()[rows],
            "id": contacts.ids[rows],
            "row": rows,
        }
    ).sort_values(["line", "created", "id"])
    first = sharing.groupby("line", sort=False)["row"].transform("first").to_numpy()
    of = np.arange(len(contacts))
    of[sharing["row"].to_numpy()] = first
    return contacts.ids[of]
