"""A contact file that gives the recipients of a campaign labels of their own, so that labels alone reach them."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pyarrow as pa

from toolkit.errors import DraftError
from toolkit.planning.batches import split
from toolkit.planning.digest import digest
from toolkit.planning.read import DraftReading

_PREFIX = "seax:"
_DIGITS = 12


def label_file(reading: DraftReading) -> bytes:
    """A CSV of each recipient's name, phone and new label, which is named after a digest of whom it is for.

    Those who are sent to together, as the arms of an experiment are, share one. People without a label are in it.
    Raises DraftError if there are no recipients.
    """
    recipients = split(replace(reading, most_named=len(reading.contacts)))
    if recipients.audience is None or not recipients.batches:
        raise DraftError("There are no recipients, so nobody needs a label: widen the segment.")
    audience, text = recipients.audience, io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(["name", "phone", "labels"])
    for batch in recipients.batches:
        people = audience.contacts.table.filter(pa.array(batch.members))
        label = f"{_PREFIX}{digest(sorted(people['id'].to_pylist()))[:_DIGITS]}"
        pairs = zip(people["name"].to_pylist(), people[audience.channel].to_pylist(), strict=True)
        rows.writerows((name or "", phone, label) for name, phone in pairs)
    return text.getvalue().encode()
