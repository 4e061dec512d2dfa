"""Findings on the cells of a contact file: damage by spreadsheets and other programs, and what was cleaned."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from toolkit.display import number_of
from toolkit.planning.imports.cells import bool_mask
from toolkit.planning.imports.column_names import key
from toolkit.planning.imports.rewrite import Rewrite
from toolkit.plans.file_reading import NAME, PHONE, WHATSAPP, row_numbers
from toolkit.plans.finding import Finding
from toolkit.plans.finding_catalogue import finding

# UTF-8 read as Windows-1252 or Latin-1 ("Ã«", "â€™"), and the replacement character of a lost letter.
_GARBLED = (
    r"Ã[\x{80}-\x{bf}€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|Â[\x{a0}-\x{bf}]|â€[\x{80}-\x{ff}™œž“”˜¦¢]|"
    r"Ð[\x{80}-\x{bf}]Ð?|ï»¿|\x{fffd}"
)
_OF_DATES = re.compile(
    r"\b(?:date|dates|joined|join|birthday|birth|dob|born|since|created|updated|purchase|"
    r"purchased|expires|expiry|expiration|"
    r"renewal|visit|visited|order date|at|on|datum|geburtstag|"
    r"fecha|data|naissance|cumpleanos|дата|anniversary|last seen)\b"
)
_SERIAL = r"^[2-6]\d{4}(?:[.,]\d+)?$"  # days since 1900
_SLASHED = r"^\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}$"
_DATED = r"^\d{4}-\d{1,2}-\d{1,2}"
_NAMED = 5


def check_cells(made: Rewrite) -> Iterator[Finding]:
    """Findings on cells."""
    yield from _check_errors(made)
    yield from _check_garbled(made)
    yield from _check_dates(made)
    yield from _check_people(made)
    yield from _check_formulas(made)
    yield from _check_cleaned(made)
    if made.unread_fields is not None and made.unread_fields.any():
        rows = made.rows(made.unread_fields)
        yield finding(
            "IMP026",
            f"The contact fields are not a JSON object in {number_of(len(rows), 'cell')}: {row_numbers(rows)}.",
            'Write them as {"city": "Rome"}, or clear them.',
        )


def _check_errors(made: Rewrite) -> Iterator[Finding]:
    errors = {name: column.is_error for name, column in made.cells.items() if column.is_error.any()}
    if errors:
        rows = made.rows(np.logical_or.reduce([*errors.values()]))
        yield finding(
            "IMP014",
            f"{number_of(len(rows), 'row', 'has', 'have')} an error of Excel, such as #N/A or #REF!, in a cell: "
            f"{row_numbers(rows)}.",
            "Correct the formula in Excel and save again; with a reason in overrides these cells count as empty, and "
            "rows without a phone because of it are excluded.",
            contacts=len(rows),
            evidence=tuple(f"{name}: {row_numbers(made.rows(which))}" for name, which in errors.items()),
        )


def _check_garbled(made: Rewrite) -> Iterator[Finding]:
    which = np.zeros(len(made.file), bool)
    seen: dict[str, None] = {}
    for column in made.cells.values():
        found = bool_mask(pc.match_substring_regex(column.texts, _GARBLED))
        which |= found
        seen |= dict.fromkeys(column.texts.filter(pa.array(found)).slice(0, _NAMED).to_pylist())
    if which.any():
        rows = made.rows(which)
        yield finding(
            "IMP013",
            f"{number_of(len(rows), 'row', 'has', 'have')} garbled letters, as when a program reads UTF-8 "
            "as "
            f"another encoding: {row_numbers(rows)}.",
            "Export the file again as CSV UTF-8: otherwise people read these letters.",
            contacts=len(rows),
            evidence=tuple(f"{text!r}{_meant(text)}" for text in [*seen][:_NAMED]),
        )


def _meant(text: str) -> str:
    """The original of a garbled text, if nothing of it is lost."""
    for encoding in ("cp1252", "latin-1"):
        try:
            return f" was {text.encode(encoding).decode('utf-8')!r}"
        except UnicodeError:
            continue
    return ""


def _check_dates(made: Rewrite) -> Iterator[Finding]:
    said, rows = [], set()
    for column in made.file.columns:
        if not column.is_field:
            continue
        texts = made.cells[column.theirs].texts
        serial, slashed, dated = (
            bool_mask(pc.match_substring_regex(texts, each)) for each in (_SERIAL, _SLASHED, _DATED)
        )
        has_dates = slashed.any() or dated.any()
        if serial.any() and (has_dates or _OF_DATES.search(key(column.theirs))):
            first = int(np.flatnonzero(serial)[0])
            day = date(1899, 12, 30) + timedelta(days=int(float(texts[first].as_py().replace(",", "."))))
            said.append(
                f"{column.theirs}: {texts[first].as_py()} in row {made.file.sheet.rows[first]} is Excel's number "
                f"for {day}"
            )
            rows |= {*made.rows(serial)}
        parts = [re.split(r"[/.-]", text) for text in texts.filter(pa.array(slashed)).unique().to_pylist()]
        if (
            parts
            and all(int(part[0]) <= 12 and int(part[1]) <= 12 for part in parts)
            and any(a != b for a, b, *_ in parts)
        ):
            first = int(np.flatnonzero(slashed)[0])
            said.append(
                f"{column.theirs}: {texts[first].as_py()} in row {made.file.sheet.rows[first]} has day or month first"
            )
            rows |= {*made.rows(slashed)}
    if said:
        yield finding(
            "IMP015",
            f"{number_of(len(rows), 'date', 'is', 'are')} ambiguous: {row_numbers(sorted(rows))}.",
            "Format these columns as yyyy-mm-dd in Excel and save again; conditions do not work on them as they are.",
            contacts=len(rows),
            evidence=tuple(said),
        )


def _check_people(made: Rewrite) -> Iterator[Finding]:
    nobody = made.is_nobody
    if nobody.any():
        rows = made.rows(nobody)
        yield finding(
            "IMP024",
            f"{number_of(len(rows), 'row', 'has', 'have')} neither a name nor a phone: {row_numbers(rows)}.",
            "Fill them in or remove them; with a reason in overrides these rows are excluded.",
            severity="block",
            contacts=len(rows),
        )
    silent = made.leaves & bool_mask(pc.equal(made.phones.e164, ""))
    if silent.any():
        rows = made.rows(silent)
        yield finding(
            "IMP024",
            f"{number_of(len(rows), 'row', 'has', 'have')} no phone, so they cannot be texted: {row_numbers(rows)}.",
            "Ignore this if you want to keep them.",
            severity="info",
            contacts=len(rows),
        )


def _check_formulas(made: Rewrite) -> Iterator[Finding]:
    which = np.zeros(len(made.file), bool)
    for column in made.file.columns:
        if column.ours == NAME or column.is_field:
            which |= bool_mask(pc.match_substring_regex(made.cells[column.theirs].texts, r"^(?:[=@]|[+-][^\d\s])"))
    if which.any():
        rows = made.rows(which)
        yield finding(
            "IMP022",
            f"{number_of(len(rows), 'row', 'has', 'have')} cells that a spreadsheet would run as formulas: "
            f"{row_numbers(rows)}.",
            "They are kept unchanged, as text; check that people should read them so.",
            contacts=len(rows),
        )


def _check_cleaned(made: Rewrite) -> Iterator[Finding]:
    said = []
    columns = [each for each in (made.phones, made.whatsapp) if each]
    for which, what in (
        ([each.is_decimal for each in columns], "phones ended in .0, as Excel and pandas write numbers"),
        ([each.is_formula for each in columns], "phones were between =\"…\" or after an apostrophe, as in Excel"),
        ([each.is_changed for each in columns], "phones are written as the service requires, as +12025550147"),
        ([each.was_unseen for each in made.cells.values()], "invisible characters are removed"),
        ([each.is_empty_word for each in made.cells.values()], "NULL, NaN, n/a, - and the like are empty cells"),
    ):  # fmt: skip
        those = np.logical_or.reduce(which)
        if those.any():
            rows = made.rows(those)
            said.append(f"{what}: {row_numbers(rows)}")
    if any(column.ours in {PHONE, WHATSAPP} for column in made.file.columns) and made.file.sheet.above:
        said.append(f"{number_of(len(made.file.sheet.above), 'line', 'is', 'are')} above the header and not imported")
    if said:
        yield finding("IMP018", "Cells were cleaned.", "Check the first rows before and after.", evidence=tuple(said))
