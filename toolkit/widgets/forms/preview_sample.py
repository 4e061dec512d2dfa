"""A few people, kept to preview what each of them reads while somebody types. Independent of widgets."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pyarrow as pa

from toolkit.api.arrow_schemas import CONTACTS
from toolkit.audience.eligibility import Outcome
from toolkit.audience.waterfall import Audience
from toolkit.data.contacts import Contacts

_FEW = 3


def few(audience: Audience) -> Audience:
    """Only the first recipients of an audience: previews then cost the same at a million contacts."""
    rows = np.flatnonzero(audience.recipients)[:_FEW]
    return _all(replace(audience.contacts, table=audience.contacts.table.take(pa.array(rows)), logs=None))


def only(contact: pd.Series) -> Audience:
    """The one person in a row of the contact frame; nobody, if the row has no name, phone or fields."""
    rows = []
    if {"name", "phone", "fields"} <= {*contact.index}:
        rows = [{name: contact[name] for name in ("name", "phone", "fields") if isinstance(contact.get(name), str)}]
    return _all(Contacts(pa.Table.from_pylist(rows, schema=CONTACTS), (), datetime.now(UTC)))


def _all(contacts: Contacts) -> Audience:
    return Audience(contacts, np.full(len(contacts), Outcome.RECIPIENT, dtype=np.int8))
