"""Findings on a contact file, each with the row numbers it is about."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from toolkit.audience.contact_numbers import read_like, read_numbers
from toolkit.audience.eligibility import suppressed_codes
from toolkit.data.bitmaps import Mask
from toolkit.data.contacts import Contacts
from toolkit.display import number_of
from toolkit.planning.imports.cell_findings import check_cells
from toolkit.planning.imports.cells import bool_mask
from toolkit.planning.imports.label_findings import check_labels
from toolkit.planning.imports.rewrite import Rewrite
from toolkit.planning.imports.structure_findings import check_structure
from toolkit.plans.draft import ImportDraft
from toolkit.plans.file_reading import row_numbers
from toolkit.plans.finding import Finding
from toolkit.plans.finding_catalogue import finding
from toolkit.texting.numbering.phones import FICTIONAL
from toolkit.texting.numbering.phones import mask as mask_phone

SERVICE_COUNTRIES = ("US", "CA", "GB")  # of phone_country in the guide
_NAMED = 5  # phones listed in a finding
_BECOMES = {
    "mark": "they are added and marked as duplicates",
    "skip": "their rows are skipped",
    "update": "the existing contacts are updated from the file",
    "merge": "the file's values and labels are added to the existing contacts",
    "replace": "the existing contacts are updated, and their labels become those of the file",
}


def check_import(made: Rewrite, draft: ImportDraft, contacts: Contacts, *, live: bool) -> list[Finding]:
    """Findings on a contact file, by itself and compared with existing contacts; what blocks comes first."""
    found = [
        *_check_size(made),
        *check_structure(made),
        *check_labels(made),
        *check_cells(made),
        *_check_phones(made, draft, live=live),
        *_check_people(made, draft, contacts),
    ]
    return sorted(found, key=lambda each: ("block", "warn", "info").index(each.severity))


def _check_size(made: Rewrite) -> Iterator[Finding]:
    if not len(made.file):
        yield finding("IMP001", "The file has no rows below its header.", "Add rows below the header.")
    elif not made.reading.rows:
        yield finding("IMP001", "No row of the file can be imported.", "See the other findings, and correct the file.")


def _check_phones(made: Rewrite, draft: ImportDraft, *, live: bool) -> Iterator[Finding]:
    countries = made.reading.countries
    columns = [each for each in (made.phones, made.whatsapp) if each]
    for what, which, says, fix in (
        (
            "lost",
            [each.is_lost for each in columns],
            "cut to powers of ten by Excel, as 1.20255E+10, so the last digits are lost",
            "Format the column as Text in Excel, enter or import the phones again, and save as CSV UTF-8.",
        ),
        (
            "doubtful",
            [each.is_doubtful for each in columns],
            "can be read in several ways",
            "Write them with + and the country code, or set phone_country; it is "
            f"{' or '.join(countries) or 'not set'} now.",
        ),
        (
            "unread",
            [each.is_unread & ~each.is_lost for each in columns],
            f"cannot be read as a number of {' or '.join(countries)}",
            "Correct them, write them with + and the country code, or set phone_country; with a reason in overrides "
            "these rows are excluded.",
        ),
    ):
        those = np.logical_or.reduce(which)
        if those.any():
            rows = made.rows(those)
            verbs = ("is", "are") if what == "lost" else ()
            yield finding(
                "IMP016",
                f"{number_of(len(rows), 'phone', *verbs)} {says}: {row_numbers(rows)}.",
                fix,
                contacts=len(rows),
                evidence=_written(made, those) if what != "lost" else (),
            )
    if draft.phone_country and draft.phone_country not in SERVICE_COUNTRIES:
        yield finding(
            "IMP017",
            f"The service's guide lists {', '.join(SERVICE_COUNTRIES)} for phone_country, not {draft.phone_country}: "
            "the phones are uploaded with their country code, so the service does not need it.",
            "Check the first rows below; there is nothing else to do.",
        )
    yield from _check_lock(made, live=live)


def _written(made: Rewrite, those: Mask) -> tuple[str, ...]:
    """How some phones are written, without those that might be complete."""
    name = next(column.theirs for column in made.file.columns if column.ours in {"phone", "whatsapp"})
    texts = made.file.sheet.columns[made.file.sheet.header.index(name)].filter(pa.array(those)).slice(0, _NAMED)
    shown = [
        mask_phone(text.strip()) if sum(map(str.isdigit, text)) > 6 else text.strip() for text in texts.to_pylist()
    ]
    return tuple(f"row {row}: {text}" for row, text in zip(made.rows(those), shown, strict=False) if text)


def _check_lock(made: Rewrite, *, live: bool) -> Iterator[Finding]:
    phones = made.phones.e164
    fictional = bool_mask(pc.match_substring_regex(phones, f"^(?:{FICTIONAL.pattern})$"))
    those = (fictional == live) & made.leaves & bool_mask(pc.not_equal(phones, ""))
    if not those.any():
        return
    rows = made.rows(those)
    if live:
        yield finding(
            "PHN003",
            f"{number_of(len(rows), 'phone', 'is', 'are')} fictional and cannot belong to anybody: "
            f"{row_numbers(rows)}.",
            "Remove them: this is the live service.",
            contacts=len(rows),
        )
    else:
        yield finding(
            "PHN003",
            f"{number_of(len(rows), 'phone')} could belong to real people, so the embedded workspace will refuse their "
            f"rows: {row_numbers(rows)}.",
            "Use fictional numbers such as +1 202 555 0147 here.",
            severity="warn",
            contacts=len(rows),
        )


def _check_people(made: Rewrite, draft: ImportDraft, contacts: Contacts) -> Iterator[Finding]:
    phones = made.phones.e164.filter(pa.array(made.leaves))
    series = pd.Series(phones.to_pandas())
    times = series[series != ""].value_counts(sort=False)
    if len(repeated := times[times > 1]):
        rows = made.rows(
            made.leaves & bool_mask(pc.is_in(made.phones.e164, pa.array(repeated.index[:_NAMED].tolist(), pa.string())))
        )
        yield finding(
            "IMP002",
            f"{number_of(len(repeated), 'phone', 'is', 'are')} in more than one row.",
            f"Keep one row per person: see {row_numbers(rows)}.",
            contacts=len(repeated),
            evidence=tuple(
                f"{mask_phone(str(phone))} in {count} rows" for phone, count in repeated.iloc[:_NAMED].items()
            ),
        )
    phones = read_like(contacts, times.index.tolist())
    numbers = read_numbers(contacts, "phone")
    everybody = np.ones(len(contacts), bool)
    if there := int(phones.any_of(numbers.read.keys(everybody)).sum()):
        yield finding(
            "IMP003",
            f"{number_of(there, 'phone', 'belongs', 'belong')} to existing contacts: {_BECOMES[draft.on_duplicate]}.",
            "Choose another on_duplicate if that is not what you want.",
            contacts=there,
        )
    gone = contacts.has_any(suppressed_codes(contacts))
    if draft.on_duplicate == "replace":
        yield from _check_replaced(made, contacts, gone)
    elif suppressed := int(phones.any_of(numbers.all_keys(gone)).sum()):
        yield finding(
            "IMP004",
            f"{number_of(suppressed, 'phone', 'belongs', 'belong')} to people who opted out or cannot be reached; an "
            "import does not "
            "change that.",
            "Nothing to do: no campaign texts them.",
            contacts=suppressed,
        )
    if draft.on_duplicate == "skip":
        yield from _check_skipped(made, contacts, gone)


def _check_replaced(made: Rewrite, contacts: Contacts, gone: Mask) -> Iterator[Finding]:
    """Whose opt-out is a label that the file does not repeat."""
    kept = made.leaves & ~made.opted_out
    coded = made.phones.e164.filter(pa.array(kept)).dictionary_encode()
    is_gone = read_like(contacts, coded.dictionary).any_of(read_numbers(contacts, "phone").all_keys(gone))
    lost = kept.copy()
    lost[kept] = is_gone[coded.indices.to_numpy()] if len(is_gone) else False
    if lost.any():
        rows = made.rows(lost)
        yield finding(
            "IMP021",
            f"{number_of(len(rows), 'row', 'is', 'are')} of people who opted out or cannot be reached, and "
            f"on_duplicate='replace' could remove the label that records it: {row_numbers(rows)}.",
            "Set on_duplicate='merge', which keeps their labels.",
            contacts=len(rows),
        )


def _check_skipped(made: Rewrite, contacts: Contacts, gone: Mask) -> Iterator[Finding]:
    """Who opts out in the file and is an existing contact without an opt-out."""
    out = made.opted_out & made.leaves
    coded = made.phones.e164.filter(pa.array(out)).dictionary_encode()
    phones, numbers = read_like(contacts, coded.dictionary), read_numbers(contacts, "phone")
    is_lost = phones.any_of(numbers.read.keys(~gone)) & ~phones.any_of(numbers.all_keys(gone))
    lost = out.copy()
    lost[out] = is_lost[coded.indices.to_numpy()] if len(is_lost) else False
    if lost.any():
        rows = made.rows(lost)
        yield finding(
            "IMP021",
            f"{number_of(len(rows), 'row', 'opts', 'opt')} out existing contacts, and on_duplicate='skip' "
            "would skip "
            f"them: {row_numbers(rows)}.",
            "Set on_duplicate='update', so that their opt-out is recorded.",
            contacts=len(rows),
        )
