"""Whether a contact file was imported, found from the contacts: for a service that does not report on jobs."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from toolkit.api.client import Client
from toolkit.audience.contact_numbers import read_like, read_numbers
from toolkit.data.contacts import Contacts
from toolkit.models import Job


@dataclass(frozen=True)
class Arrivals:
    """The distinct valid numbers of a file: how many there are, how many are contacts, and how many of those were
    added or changed since the file was uploaded."""

    numbers: int
    there: int
    new: int

    @property
    def are_all_there(self) -> bool:
        """Every valid number of the file is a contact's, and there is at least one."""
        return 0 < self.numbers == self.there

    def __str__(self) -> str:
        missing = f"; WARNING: {self.numbers - self.there:,} are not" if self.new and not self.are_all_there else ""
        return (
            f"{self.there:,} of {self.numbers:,} numbers of the file are contacts, {self.new:,} of them added or "
            f"changed since it was uploaded{missing}"
        )


def arrivals(file: bytes, contacts: Contacts, *, since: datetime) -> Arrivals:
    """Compare the numbers of the uploaded file with the current contacts; `since` is by the service's clock."""
    rows = csv.DictReader(io.StringIO(file.decode(), newline=""))
    phones = read_like(contacts, list(dict.fromkeys(row.get("phone") or "" for row in rows)))
    numbers, frame = read_numbers(contacts, "phone").read, contacts.frame
    is_new = ((frame["created_time"] >= since) | (frame["updated_time"] >= since)).to_numpy()
    everybody = np.ones(len(contacts), dtype=bool)
    there, new = (phones.any_of(numbers.keys(who)).sum() for who in (everybody, is_new))
    return Arrivals(int((phones.best > 0).sum()), int(there), int(new))


def imports_since(client: Client, since: datetime, but: Collection[str]) -> list[Job]:
    """The imports since then, without those of other plans, where the service lists them."""
    jobs = client.jobs() if client.has_lists else ()
    return [job for job in jobs if job.id not in but and job.created_time is not None and job.created_time >= since]
