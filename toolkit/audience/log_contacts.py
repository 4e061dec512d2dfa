"""Whose a message is where its log row names no contact: that of the contact with the number it was sent to."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from toolkit.audience.contact_numbers import read_like, read_numbers
from toolkit.data.contacts import Contacts


def lack_contacts(logs: pd.DataFrame) -> pd.Series[bool]:
    """The rows of a log, as of `toolkit.data.logs.logs_frame`, that have a number and name no contact."""
    return logs["contact_id"].isna() & logs["phone"].notna()


def contacts_by_number(logs: pd.DataFrame, contacts: Contacts, planned: Collection[str] = ()) -> pd.DataFrame:
    """The log with the contact that has a row's number where the row names none.

    Of several, the one whose id is in `planned`; else the one that a plan of all of them would text: who has a label,
    is not marked a duplicate, is the oldest, then by id. A row whose number no contact has stays without one.
    """
    lacking = lack_contacts(logs).to_numpy()
    wanted = read_like(contacts, logs["phone"][lacking].tolist()).best
    numbers = read_numbers(contacts, "phone").read.best
    rows = np.flatnonzero(np.isin(numbers, wanted[wanted > 0]))
    marked = [code for code, label in enumerate(contacts.labels) if label.name.casefold() == "duplicate"]
    candidates = pd.DataFrame(
        {
            "number": numbers[rows],
            "unplanned": ~contacts.ids[rows].isin(list(planned)),
            "unlabelled": ~contacts.has_any(range(len(contacts.labels)))[rows],
            "duplicate": contacts.has_any(marked)[rows],
            "created": contacts.table["created_time"].cast("int64").fill_null(0).to_numpy()[rows],
            "id": contacts.ids.to_numpy()[rows],
        }
    ).sort_values(["number", "unplanned", "unlabelled", "duplicate", "created", "id"])
    holder = candidates.drop_duplicates("number").set_index("number")["id"]
    names = logs["contact_id"].copy()
    names[lacking] = pd.Series(wanted).map(holder).to_numpy()
    return logs.assign(contact_id=names.astype("str"))
