"""A contact file that gives the recipients of a campaign labels of their own, so that labels alone reach them."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace

import pyarrow as pa

from toolkit.display import n_recipients
from toolkit.errors import DraftError
from toolkit.planning.batches import split
from toolkit.planning.digest import digest
from toolkit.planning.read import DraftReading

_PREFIX = "seax:"
_DIGITS = 12
_MADE_HERE = re.compile(rf"{_PREFIX}[0-9a-f]{{{_DIGITS}}}")


def label_file(reading: DraftReading) -> bytes:
    """A CSV of each recipient's name, phone and new label, which is named after a digest of whom it is for.

    Those who are sent to together, as the arms of an experiment are, share one. People without a label are in it.
    The phone is what an import finds a contact by, whatever channel the campaign is on. Raises DraftError if there are
    no recipients, or if one has no phone.
    """
    recipients = split(replace(reading, most_named=len(reading.contacts)))
    if recipients.audience is None or not recipients.batches:
        raise DraftError("There are no recipients, so nobody needs a label: widen the segment.")
    contacts, text = recipients.audience.contacts.table, io.StringIO(newline="")
    everybody = contacts["phone"].filter(pa.array(recipients.audience.recipients))
    if without := sum(not phone for phone in everybody.to_pylist()):
        raise DraftError(
            f"{n_recipients(without, 'has', 'have')} no phone, by which an import finds a contact: add it in SeaX, or "
            "narrow the segment with `phone is present`."
        )
    rows = csv.writer(text)
    rows.writerow(["name", "phone", "labels"])
    for batch in recipients.batches:
        people = contacts.filter(pa.array(batch.members))
        label = f"{_PREFIX}{digest(sorted(people['id'].to_pylist()))[:_DIGITS]}"
        pairs = zip(people["name"].to_pylist(), people["phone"].to_pylist(), strict=True)
        rows.writerows((name or "", phone, label) for name, phone in pairs)
    return text.getvalue().encode()


def is_made_here(name: str) -> bool:
    """Whether a label's name is one that a label file gives."""
    return _MADE_HERE.fullmatch(name) is not None
