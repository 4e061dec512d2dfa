"""Whether a contact file was imported, read off the contacts: for a service that does not tell about jobs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from toolkit.audience.numbers import digits_of, read_numbers
from toolkit.data.contacts import Contacts


@dataclass(frozen=True)
class Arrivals:
    """The different complete numbers of a file: how many there are, how many are contacts, and how many of those were
    added or changed since the file left."""

    numbers: int
    there: int
    new: int

    @property
    def are_all_there(self) -> bool:
        """Every complete number of the file is a contact's, and there is one at least."""
        return 0 < self.numbers == self.there

    def __str__(self) -> str:
        missing = f"; ATTENTION: {self.numbers - self.there:,} are not" if self.new and not self.are_all_there else ""
        return (
            f"{self.there:,} of {self.numbers:,} numbers of the file are contacts, {self.new:,} of them added or "
            f"changed since it left{missing}"
        )


def arrivals(phones: tuple[str, ...], contacts: Contacts, *, since: datetime) -> Arrivals:
    """Hold a file's numbers against the contacts as they are now; `since` is by the service's clock."""
    digits = np.unique(digits_of(pd.Index(list(phones), dtype="str")))
    digits = digits[digits > 0]
    theirs = read_numbers(contacts, "phone").digits
    frame = contacts.frame
    is_new = ((frame["created_time"] >= since) | (frame["updated_time"] >= since)).to_numpy()
    there = np.isin(digits, theirs)
    new = np.isin(digits, theirs[is_new])
    return Arrivals(len(digits), int(there.sum()), int(new.sum()))
