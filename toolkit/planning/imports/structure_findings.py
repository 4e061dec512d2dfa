"""Findings on the structure of a contact file: its quotes, its rows and its columns."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from toolkit.display import number_of
from toolkit.planning.imports.cells import bool_mask
from toolkit.planning.imports.column_mapping import conflicts
from toolkit.planning.imports.column_names import may_be_opt_out, role
from toolkit.planning.imports.rewrite import Rewrite
from toolkit.planning.imports.sheet import Fault, Sheet
from toolkit.plans.file_reading import OPTED_IN, OPTED_OUT, PHONE, row_numbers
from toolkit.plans.finding import Finding
from toolkit.plans.finding_catalogue import finding

_NUMBER = re.compile(r"['\"=\s(]*\+?[\d(][\d\s().\-/]{6,}")
_MOST = 10_000  # cells of several lines that are checked


def check_structure(made: Rewrite) -> Iterator[Finding]:
    """Findings on quotes, rows and columns."""
    for fault in made.file.sheet.faults:
        yield _fault(fault, made.file.sheet)
    if swallowed := _swallowed(made):
        yield finding(
            "IMP006",
            f"A quoted cell contains whole rows: {row_numbers(swallowed)}. A quote was probably never closed.",
            "Close or remove the quote at the beginning of that cell.",
        )
    yield from _check_columns(made)


def _fault(fault: Fault, sheet: Sheet) -> Finding:
    where = row_numbers(fault.rows)
    width = len(sheet.header)
    match fault.kind:
        case "unclosed":
            rest = f", so {row_numbers(fault.rows[1:])} would become part of one cell" if len(fault.rows) > 1 else ""
            return finding(
                "IMP006",
                f"Row {fault.rows[0]} opens a quote that is never closed{rest}.",
                "Close or remove the quote in that row.",
            )
        case "quote":
            return finding(
                "IMP006",
                f"A quoted cell continues after its closing quote: {where}.",
                'Write a quote inside a quoted cell twice, as "Bo ""Bob"" Ray", or remove it.',
            )
        case "many":
            at = set(fault.rows)
            cells = [column.to_pylist() for column in sheet.columns] if len(sheet) < _MOST else []
            rows = zip(sheet.rows.tolist(), *cells, strict=True) if cells else ()
            is_smart = any(row[0] in at and any(sign in cell for cell in row[1:] for sign in "“”„«") for row in rows)
            smart = " They have typographic quotes (“ ”), which do not quote cells." if is_smart else ""
            return finding(
                "IMP007",
                f"{number_of(len(fault.rows), 'row', 'has', 'have')} more cells than the header, which has {width}: "
                f"{where}.{smart}",
                f'Put cells that have a {sheet.separator!r} in them between straight quotes, as "Lee, Ann".',
                contacts=len(fault.rows),
            )
        case "few":
            return finding(
                "IMP008",
                f"{number_of(len(fault.rows), 'row', 'has', 'have')} fewer cells than the header, which has {width}: "
                f"{where}.",
                "Fill the rows up to the last column, and join lines that a line break has cut; with a reason in "
                "overrides the missing cells count as empty.",
                contacts=len(fault.rows),
            )
        case _:
            return finding(
                "IMP023",
                f"{number_of(len(fault.rows), 'row', 'has', 'have')} null characters in them: {where}.",
                "Export the file again as CSV UTF-8; these rows were damaged.",
                contacts=len(fault.rows),
            )


def _swallowed(made: Rewrite) -> list[int]:
    """Rows with a cell of several lines, one of which has a phone where a row of this file has its phone."""
    sheet = made.file.sheet
    at = next((at for at, column in enumerate(made.file.columns) if column.ours == PHONE), None)
    if at is None or len(sheet.header) < 2:
        return []
    found = set()
    for column in sheet.columns:
        broken = bool_mask(pc.match_substring_regex(column, r"[\r\n]"))
        cells = column.filter(pa.array(broken)).slice(0, _MOST).to_pylist()
        for row, cell in zip(made.rows(broken), cells, strict=False):
            lines = csv.reader(re.split(r"[\r\n]+", cell)[1:], delimiter=sheet.separator)
            if any(len(line) > max(at, 1) and _NUMBER.fullmatch(line[at].strip()) for line in lines):
                found.add(row)
    return sorted(found)


def _check_columns(made: Rewrite) -> Iterator[Finding]:
    columns = made.file.columns
    undecided = [column for column in columns if not column.ours]
    consent = [each for each in undecided if each.theirs not in made.file.sheet.unnamed]
    if unnamed := [each.theirs for each in undecided if each.theirs in made.file.sheet.unnamed]:
        yield finding(
            "IMP009",
            f"{number_of(len(unnamed), 'column', 'has', 'have')} cells and no name: {', '.join(unnamed)}.",
            f"Name them in the file, or set what they become, with mapping={{{unnamed[0]!r}: 'ignore'}}.",
        )
    for ours, names in conflicts(columns).items():
        what = f"the {ours}" if ours in {"name", "phone", "whatsapp"} else f"the contact field {ours}"
        quoted = " and ".join(repr(name) for name in names)
        yield finding(
            "IMP009",
            f"{len(names)} columns would all become {what}: {quoted}.",
            f"Set what each becomes, with mapping={{{names[0]!r}: {ours!r}, {names[1]!r}: 'ignore'}}.",
        )
    if consent:
        yield finding(
            "IMP010",
            f"{number_of(len(consent), 'column')} may contain opt-outs, and it is unclear how: "
            f"{', '.join(each.theirs for each in consent)}.",
            f"Set what they become, with mapping={{{consent[0].theirs!r}: 'opted out'}}; 'opted in', 'ignore' or the "
            "name of a contact field are possible too.",
            evidence=tuple(f"{each.theirs}: {each.reason}" for each in consent),
        )
    lifted = [
        each
        for each in columns
        if each.theirs in made.file.mapping
        and each.ours not in {OPTED_OUT, OPTED_IN}
        and (role(each.theirs) in {"opted out", "opted in", "unclear"} or may_be_opt_out(each.theirs))
    ]
    if lifted:
        yield finding(
            "IMP025",
            "By the mapping, no opt-outs are read from " + ", ".join(f"{each.theirs}" for each in lifted) + ".",
            "Keep this only if these columns are not about who may be texted.",
            evidence=tuple(f"{each.theirs} → {each.ours}" for each in lifted),
        )
    for name, which in made.unread_consent.items():
        if which.any():
            rows = made.rows(which)
            values = made.cells[name].texts.filter(pa.array(which)).unique().slice(0, 5).to_pylist()
            yield finding(
                "IMP011",
                f"{name} is neither yes nor no in {number_of(len(rows), 'cell')} ({', '.join(map(repr, values))}): "
                f"{row_numbers(rows)}.",
                "Write yes, no, a date or nothing in them, or map the column to something else.",
                contacts=len(rows),
            )
