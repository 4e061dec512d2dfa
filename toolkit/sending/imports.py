"""A contact file looked at before anything leaves: columns, rows, phones, labels, and who is there already."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np

from toolkit.audience.eligibility import suppressed_codes
from toolkit.audience.numbers import read_like, read_numbers
from toolkit.data.contacts import Contacts
from toolkit.errors import DraftError
from toolkit.models import DuplicateStrategy
from toolkit.sending.catalogue import finding
from toolkit.sending.draft import ImportDraft
from toolkit.sending.finding import Finding
from toolkit.texting.phones import is_e164, is_fictional, mask

_NAMED = 5  # rows or labels that a finding names
_BECOMES = {
    "mark": "they are added and marked as duplicates",
    "skip": "their rows are skipped",
    "update": "the contacts there are changed to what the file says",
}


@dataclass(frozen=True)
class ContactFile:
    """A CSV file as read: its bytes, the phone of every row that is not blank, and the labels in it, each once.

    `head` are the names of its columns and the first rows, as they stand in the file.
    """

    content: bytes
    phones: tuple[str, ...]
    labels: tuple[str, ...] = ()
    head: tuple[tuple[str, ...], ...] = ()

    def __len__(self) -> int:
        return len(self.phones)


def read_file(draft: ImportDraft) -> ContactFile:
    """Read the draft's file; DraftError if it cannot be read, is no UTF-8 CSV or has no `name` or `phone`."""
    try:
        content = draft.path.read_bytes()
        rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
        columns = tuple(next(rows, []))
        names = [column.strip().lower() for column in columns]
        if "name" not in names or "phone" not in names:
            raise DraftError(
                f"{draft.path.name} has no column 'name' or no column 'phone' in its first line: it has "
                f"{', '.join(columns) or 'nothing'}."
            )
        filled = [row for row in rows if any(cell.strip() for cell in row)]
        phones, named = (_column(filled, names, name) for name in ("phone", "labels"))
        labels = dict.fromkeys(label.strip() for cell in named for label in cell.split(",") if label.strip())
        head = (columns, *(tuple(row) for row in filled[:_NAMED]))
    except OSError as error:
        raise DraftError(
            f"{draft.path} cannot be read ({error.strerror}): check the path and your rights to it."
        ) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise DraftError(f"{draft.path.name} is no CSV in UTF-8 ({error}): save it as CSV UTF-8.") from error
    return ContactFile(content, tuple(phones), tuple(labels), head)


def _column(rows: list[list[str]], names: list[str], name: str) -> list[str]:
    at = names.index(name) if name in names else len(names)
    return [row[at].strip() if at < len(row) else "" for row in rows]


def check_import(
    file: ContactFile, contacts: Contacts, *, on_duplicate: DuplicateStrategy = "mark", live: bool
) -> Iterator[Finding]:
    """Findings on a contact file, by itself and beside the contacts there are."""
    yield from _check_phones(file, live=live)
    yield from _check_people(file, contacts, on_duplicate)
    yield from _check_labels(file, contacts)


def _check_people(file: ContactFile, contacts: Contacts, on_duplicate: DuplicateStrategy) -> Iterator[Finding]:
    times = Counter(phone for phone in file.phones if phone)
    if repeated := {phone: count for phone, count in times.items() if count > 1}:
        yield finding(
            "IMP002",
            f"{len(repeated):,} phones stand in more than one row.",
            "Leave one row for each person.",
            contacts=len(repeated),
            evidence=tuple(f"{mask(phone)} in {count} rows" for phone, count in [*repeated.items()][:_NAMED]),
        )
    phones, numbers = read_like(contacts, list(times)), read_numbers(contacts, "phone")
    everybody = np.ones(len(contacts), dtype=bool)
    if there := int(phones.any_of(numbers.read.keys(everybody)).sum()):
        yield finding(
            "IMP003",
            f"{there:,} phones belong to contacts that are there already: {_BECOMES[on_duplicate]}.",
            "Choose another on_duplicate if that is not what you want.",
            contacts=there,
        )
    gone = contacts.has_any(suppressed_codes(contacts))
    if suppressed := int(phones.any_of(numbers.all_keys(gone)).sum()):
        yield finding(
            "IMP004",
            f"{suppressed:,} phones are of people who opted out or cannot be reached, which an import leaves so.",
            "Leave their rows out: no campaign texts them.",
            contacts=suppressed,
        )


def _check_labels(file: ContactFile, contacts: Contacts) -> Iterator[Finding]:
    known = [label.name for label in contacts.labels]
    if new := [label for label in file.labels if label not in known]:
        meant = {label: get_close_matches(label, known, n=1, cutoff=0.8) for label in new[:_NAMED]}
        yield finding(
            "IMP005",
            f"{len(new):,} labels are new to this workspace.",
            "Check their spelling: a label that is written otherwise is another label.",
            evidence=tuple(f"{label}: did you mean {near[0]}?" if near else label for label, near in meant.items()),
        )


def _check_phones(file: ContactFile, *, live: bool) -> Iterator[Finding]:
    if len(file) == 0:
        yield finding("IMP001", "The file has no rows.", "Add rows below the column names.")
    complete = [phone for phone in file.phones if is_e164(phone)]
    wrong = sum(is_fictional(phone) is live for phone in complete)
    if wrong and live:
        yield finding(
            "PHN003",
            f"{wrong:,} phones are fictional and can belong to nobody.",
            "Remove them: this is the real service.",
            contacts=wrong,
        )
    elif wrong:
        yield finding(
            "PHN003",
            f"{wrong:,} phones could belong to real people; the embedded workspace will refuse those rows.",
            "Use fictional numbers such as +1 202 555 0147 here.",
            severity="warn",
            contacts=wrong,
        )
    if local := len(file) - len(complete):
        yield finding(
            "PHN001",
            f"{local:,} phones are not in the form +12025550147; the service completes or refuses them.",
            "Name phone_country, and check the job's failed rows afterwards.",
            severity="info",
            contacts=local,
        )
