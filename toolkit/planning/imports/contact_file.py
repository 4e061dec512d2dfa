"""A contact file as read, independent of a workspace: what each of its columns becomes, and its rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from toolkit.api.snapshot_read import Progress
from toolkit.errors import DraftError
from toolkit.planning.imports.column_mapping import is_exported, is_refused, masked_cell, propose, read_mapping
from toolkit.planning.imports.encoding import decode
from toolkit.planning.imports.other_formats import refuse_other_kinds
from toolkit.planning.imports.sheet import Sheet, read_sheet
from toolkit.plans.draft import ImportDraft
from toolkit.plans.file_reading import PHONE, WHATSAPP, ColumnReading

_HEAD = 5  # rows to show


@dataclass(frozen=True, eq=False)
class ContactFile:
    """A CSV file in columns, and what each of them becomes; `mapping` is the draft's, by header names."""

    sheet: Sheet
    columns: tuple[ColumnReading, ...]
    mapping: Mapping[str, str]

    def __len__(self) -> int:
        return len(self.sheet)

    @property
    def is_export(self) -> bool:
        """It was written by `.seax.to_csv()`, as contacts or refused rows are: formulas in it are escaped."""
        return is_exported(self.sheet.header) or is_refused(self.sheet.header)

    @property
    def head(self) -> tuple[tuple[str, ...], ...]:
        """The names of its columns and the first rows, as in the file, phones masked."""
        rows = zip(*(column.slice(0, _HEAD).to_pylist() for column in self.sheet.columns), strict=True)
        return (
            self.sheet.header,
            *(tuple(map(masked_cell, row, [column.ours for column in self.columns])) for row in rows),
        )


def read_bytes(draft: ImportDraft) -> bytes:
    """The bytes of the draft's file; DraftError if they cannot be read."""
    try:
        return draft.path.read_bytes()
    except OSError as error:
        raise DraftError(
            f"{draft.path} cannot be read ({error.strerror}): check the path and your permissions."
        ) from error


def read_columns(draft: ImportDraft, *, progress: Progress | None = None) -> ContactFile:
    """Read the draft's file, and decide what its columns become; a phone column may still be missing.

    Raises DraftError, with what to do, if it is not a text in columns, if its encoding or separator is uncertain, if
    it has no header, or if the mapping does not fit.
    """
    content, name = read_bytes(draft), draft.path.name
    refuse_other_kinds(name, content)
    mapping = draft.mapping or {}
    sheet = read_sheet(
        name, decode(name, content, draft.encoding), mapping=mapping, separator=draft.separator, progress=progress
    )
    mapping = read_mapping(name, sheet.header, mapping)
    return ContactFile(sheet, propose(sheet, mapping), mapping)


def read_file(draft: ImportDraft, *, progress: Progress | None = None) -> ContactFile:
    """Read the draft's file, and decide what its columns become; DraftError as `read_columns`, or without a phone."""
    file = read_columns(draft, progress=progress)
    if missing := without_phones(draft, file):
        raise DraftError(missing)
    return file


def without_phones(draft: ImportDraft, file: ContactFile) -> str:
    """That no column is the phone, and what to do; empty if one is."""
    if {PHONE, WHATSAPP} & {column.ours for column in file.columns}:
        return ""
    names = ", ".join(repr(column.theirs) for column in file.columns)
    likely = next((column.theirs for column in file.columns if _has_phones(column)), file.columns[-1].theirs)
    return (
        f"{draft.path.name} has no recognizable phone column. It has {names}. Set it with "
        f"mapping={{{likely!r}: 'phone'}}."
    )


def _has_phones(column: ColumnReading) -> bool:
    return any("•••" in value or sum(map(str.isdigit, value)) >= 7 for value in column.sample)
