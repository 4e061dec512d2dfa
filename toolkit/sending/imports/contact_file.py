"""A contact file as it was read, before a workspace is known: what each of its columns becomes, and its rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from toolkit.api.paging import Progress
from toolkit.errors import DraftError
from toolkit.sending.draft import ImportDraft
from toolkit.sending.imports.columns import is_exported, masked, propose, read_mapping
from toolkit.sending.imports.encoding import decode
from toolkit.sending.imports.kinds import refuse_other_kinds
from toolkit.sending.imports.reading import PHONE, WHATSAPP, ColumnReading
from toolkit.sending.imports.sheet import Sheet, read_sheet

_HEAD = 5  # rows to look at


@dataclass(frozen=True, eq=False)
class ContactFile:
    """A CSV file in columns, and what each of them becomes; `mapping` is the draft's, by the names in the header."""

    sheet: Sheet
    columns: tuple[ColumnReading, ...]
    mapping: Mapping[str, str]

    def __len__(self) -> int:
        return len(self.sheet)

    @property
    def is_export(self) -> bool:
        """It was written by `ws.contacts().seax.to_csv()`, in our own form."""
        return is_exported(self.sheet.header)

    @property
    def head(self) -> tuple[tuple[str, ...], ...]:
        """The names of its columns and the first rows, as they are in the file, phones masked."""
        rows = zip(*(column.slice(0, _HEAD).to_pylist() for column in self.sheet.columns), strict=True)
        return (self.sheet.header, *(tuple(map(masked, row)) for row in rows))


def read_bytes(draft: ImportDraft) -> bytes:
    """The bytes of the draft's file; DraftError if they cannot be read."""
    try:
        return draft.path.read_bytes()
    except OSError as error:
        raise DraftError(
            f"{draft.path} cannot be read ({error.strerror}): check the path and your rights to it."
        ) from error


def read_file(draft: ImportDraft, *, progress: Progress | None = None) -> ContactFile:
    """Read the draft's file, and find what its columns become.

    Raises DraftError, with what to do, if it is not a text in columns, if its encoding or separator is not certain, if
    it has no header or no column of phones, or if the mapping does not fit.
    """
    content, name = read_bytes(draft), draft.path.name
    refuse_other_kinds(name, content)
    mapping = draft.mapping or {}
    sheet = read_sheet(
        name, decode(name, content, draft.encoding), mapping=mapping, separator=draft.separator, progress=progress
    )
    mapping = read_mapping(name, sheet.header, mapping)
    columns = propose(sheet, mapping)
    if not {PHONE, WHATSAPP} & {column.ours for column in columns}:
        names = ", ".join(repr(column.theirs) for column in columns)
        raise DraftError(
            f"{name} has no column of phones that can be recognized. It has {names}. Name it, as "
            f"mapping={{{columns[-1].theirs!r}: 'phone'}}."
        )
    return ContactFile(sheet, columns, mapping)
