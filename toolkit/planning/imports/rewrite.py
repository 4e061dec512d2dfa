"""The uploaded file: in our own format, as the service requires it, made from what was read and checked.

UTF-8, commas, a header of `name, phone, whatsapp, labels` and the contact fields; phones in E.164, labels joined by
commas, and the opt-out label on everybody who opted out according to the file, and on everybody with their number.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import and_, or_
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from toolkit.api.snapshot_read import Progress
from toolkit.data.bitmaps import Mask
from toolkit.data.label_names import AS_NAMED, LabelNames
from toolkit.planning.imports.cells import Cells, bool_mask, clean_cells
from toolkit.planning.imports.column_mapping import in_order, masked_cell
from toolkit.planning.imports.contact_file import ContactFile
from toolkit.planning.imports.field_cells import read_fields
from toolkit.planning.imports.label_cells import LabelCell, LabelReader
from toolkit.planning.imports.opt_out_cells import Direction, read_consent
from toolkit.planning.imports.phone_cells import PhoneCells, read_column
from toolkit.plans.file_reading import (
    IGNORE,
    LABELS,
    NAME,
    OPTED_IN,
    PHONE,
    WHATSAPP,
    FileReading,
    RowChange,
)

_CHUNK = 50_000  # rows
_SHOWN = 5  # rows before and after
_ROWS = 20  # row numbers that a reading keeps
_NEUTRAL = r"^'([=+\-@＝＋－＠\t\r\n])"  # what our export puts before a formula


@dataclass(frozen=True, eq=False)
class Rewrite:
    """The file to upload, how it was made, and what was found on the way: masks over the rows of the original file.

    `labels` has the reading of each distinct label cell, `label_codes` which of them a row has.
    """

    file: ContactFile
    content: bytes
    reading: FileReading
    known: tuple[str, ...]
    opt_out: str
    phones: PhoneCells
    whatsapp: PhoneCells | None
    leaves: Mask
    is_nobody: Mask
    opted_out: Mask
    labels: Sequence[LabelCell]
    label_codes: np.ndarray[Any, np.dtype[np.int32]]
    cells: Mapping[str, Cells]
    unread_consent: Mapping[str, Mask] = field(default_factory=dict)
    silent_consent: Mapping[str, int] = field(default_factory=dict)
    unread_fields: Mask | None = None

    def rows(self, which: Mask) -> list[int]:
        """The numbers of some rows in the file."""
        return [int(row) for row in self.file.sheet.rows[which]]


def rewrite(
    file: ContactFile,
    *,
    labels: Iterable[str],
    label_names: LabelNames = AS_NAMED,
    fields: Iterable[str],
    regions: Sequence[str],
    progress: Progress | None = None,
) -> Rewrite:
    """Make the file to upload, for a workspace with these labels and contact fields."""
    sheet, size = file.sheet, len(file.sheet)
    told = _Told(progress, 4 + len(file.columns))
    cells = _cells(file, told)
    by_ours: dict[str, list[str]] = {}
    for column in file.columns:
        by_ours.setdefault(column.ours, []).append(column.theirs)
    blank = pa.array([""] * size, pa.string())

    name = _joined([cells[each].texts for each in in_order(file.columns, file.mapping)], " ") or blank
    phones, whatsapp = (
        _numbers(cells[by_ours[ours][0]], regions) if ours in by_ours else None for ours in (PHONE, WHATSAPP)
    )
    phones = phones or read_column(blank, regions)
    told.step(size)
    reader = LabelReader(labels, label_names)
    label_cells, codes = _read_labels(
        reader, _joined([cells[each].texts for each in by_ours.get(LABELS, [])], "\n") or blank
    )
    refused, unread, silent = _consent(cells, by_ours)
    opted_out = np.array([bool(cell.opted_out) for cell in label_cells], bool)[codes] | refused
    opted_out |= _sharing(opted_out, [phones, *([whatsapp] if whatsapp else [])])
    told.step(size)
    columns, unread_fields = read_fields(file, by_ours, cells, fields)
    wrong = [each.is_unread | each.is_doubtful for each in (phones, whatsapp) if each]
    empty = [bool_mask(pc.equal(each, "")) for each in (name, phones.e164, whatsapp.e164 if whatsapp else blank)]
    is_wrong = reduce(or_, wrong)
    is_nobody = reduce(and_, empty) & ~is_wrong
    leaves = ~(is_wrong | is_nobody)
    table = {
        NAME: name,
        PHONE: phones.e164,
        **({WHATSAPP: whatsapp.e164} if whatsapp else {}),
        LABELS: _label_texts(reader, label_cells, codes, opted_out),
        **columns,
    }
    kept = {ours: texts if leaves.all() else texts.filter(pa.array(leaves)) for ours, texts in table.items()}
    told.step(size)
    content = _csv(kept, told)
    reading = FileReading(
        encoding=sheet.encoding,
        separator={"\t": "tab"}.get(sheet.separator, sheet.separator),
        header_row=sheet.header_row,
        above=sheet.above,
        columns=file.columns,
        countries=tuple(regions),
        header=tuple(table),
        rows=int(leaves.sum()),
        changes=_changes(file, table, leaves),
        opted_out=int((opted_out & leaves).sum()),
        opted_out_rows=tuple(int(row) for row in sheet.rows[opted_out & leaves][:_ROWS]),
        dropped=int((~leaves).sum()),
        sha256=hashlib.sha256(content).hexdigest(),
        **_labels(reader, label_cells, codes, leaves, opted_out),
    )
    return Rewrite(
        file=file,
        content=content,
        reading=reading,
        known=tuple(reader.known),
        opt_out=reader.opt_out,
        phones=phones,
        whatsapp=whatsapp,
        leaves=leaves,
        is_nobody=is_nobody,
        opted_out=opted_out,
        labels=label_cells,
        label_codes=codes,
        cells=cells,
        unread_consent=unread,
        silent_consent=silent,
        unread_fields=unread_fields,
    )


def _cells(file: ContactFile, told: _Told) -> dict[str, Cells]:
    """The cells of each column that is used, by its header."""
    cells: dict[str, Cells] = {}
    for column, texts in zip(file.columns, file.sheet.columns, strict=True):
        if column.ours not in {"", IGNORE}:
            texts = pc.replace_substring_regex(texts, _NEUTRAL, r"\1") if file.is_export else texts
            cells[column.theirs] = clean_cells(texts)
        told.step(len(file.sheet))
    return cells


def _consent(
    cells: Mapping[str, Cells], by_ours: Mapping[str, Sequence[str]]
) -> tuple[Mask | bool, dict[str, Mask], dict[str, int]]:
    """Who opted out by the columns of consent, and by column what cannot be read and how many cells are silent."""
    opted_out: Mask | bool = False
    unread: dict[str, Mask] = {}
    silent: dict[str, int] = {}
    directions: tuple[Direction, ...] = ("opted out", "opted in")
    for direction in directions:
        for each in by_ours.get(direction, []):
            out, unread[each] = read_consent(cells[each].texts, direction)
            if direction == OPTED_IN:
                silent[each] = int(bool_mask(pc.equal(cells[each].texts, "")).sum())
            opted_out = opted_out | out
    return opted_out, unread, silent


def _numbers(column: Cells, regions: Sequence[str]) -> PhoneCells:
    phones = read_column(column.texts, regions)
    return phones._replace(is_unread=phones.is_unread | column.is_error)


class _Told:
    """Progress over some passes through the rows."""

    def __init__(self, progress: Progress | None, passes: int) -> None:
        self._progress = progress
        self._passes = passes
        self._done = 0

    def step(self, rows: int, part: float = 1.0) -> None:
        self._done += 1
        if self._progress and rows:
            self._progress(min(rows, rows * self._done // self._passes), rows)


def _joined(columns: Sequence[pa.StringArray], between: str) -> pa.StringArray | None:
    if len(columns) < 2:
        return columns[0] if columns else None
    texts = pc.binary_join_element_wise(*columns, between)
    if between == " ":
        texts = pc.utf8_trim_whitespace(pc.replace_substring_regex(texts, r"\s{2,}", " "))
    return texts


def _read_labels(
    reader: LabelReader, texts: pa.StringArray
) -> tuple[list[LabelCell], np.ndarray[Any, np.dtype[np.int32]]]:
    coded = texts.dictionary_encode()
    return [reader.read(cell) for cell in coded.dictionary.to_pylist()], coded.indices.to_numpy()


def _label_texts(reader: LabelReader, cells: Sequence[LabelCell], codes: Any, opted_out: Mask) -> pa.StringArray:
    """The labels of each row, with the opt-out label on who opted out."""
    plain = pa.array([",".join(cell.labels) for cell in cells], pa.string())
    suppressed = pa.array([",".join(reader.suppressed(cell.labels)) for cell in cells], pa.string())
    indices = pa.array(codes)
    return pc.if_else(pa.array(opted_out), suppressed.take(indices), plain.take(indices))


def _sharing(opted_out: Mask, columns: Sequence[PhoneCells]) -> Mask:
    """Rows with a number of somebody who opted out."""
    theirs = pa.concat_arrays([column.e164.filter(pa.array(opted_out)) for column in columns]).unique()
    theirs = theirs.filter(pc.not_equal(theirs, ""))
    return reduce(or_, (bool_mask(pc.is_in(column.e164, theirs)) for column in columns))


def _csv(table: Mapping[str, pa.StringArray], told: _Told) -> bytes:
    content = bytearray()
    size = len(next(iter(table.values())))
    for start in range(-1, size, _CHUNK):
        part = io.StringIO()
        rows = csv.writer(part, lineterminator="\n")
        if start < 0:
            rows.writerow(table)
        at, length = max(start, 0), _CHUNK + min(start, 0)
        rows.writerows(zip(*(texts.slice(at, length).to_pylist() for texts in table.values()), strict=True))
        content += part.getvalue().encode()
    told.step(size)
    return bytes(content)


def _changes(file: ContactFile, table: Mapping[str, pa.StringArray], leaves: Mask) -> tuple[RowChange, ...]:
    sheet = file.sheet
    used = [(at, column.ours) for at, column in enumerate(file.columns) if column.ours != IGNORE]
    before = zip(*(sheet.columns[at].slice(0, _SHOWN).to_pylist() for at, _ in used), strict=True)
    after = zip(*(texts.slice(0, _SHOWN).to_pylist() for texts in table.values()), strict=True)
    return tuple(
        RowChange(
            row=int(sheet.rows[at]),
            before=tuple(map(masked_cell, was, [ours for _, ours in used])),
            after=tuple(map(masked_cell, now, table)) if leaves[at] else (),
        )
        for at, (was, now) in enumerate(zip(before, after, strict=True))
    )


def _labels(
    reader: LabelReader, cells: Sequence[LabelCell], codes: Any, leaves: Mask, opted_out: Mask
) -> dict[str, tuple[str, ...]]:
    used = [cells[code] for code in np.unique(codes[leaves])]
    names = dict.fromkeys(name for cell in used for name in cell.labels)
    if (opted_out & leaves).any():
        names |= dict.fromkeys(reader.suppressed(()))
    return {
        "known_labels": tuple(name for name in names if reader.is_known(name)),
        "new_labels": tuple(name for name in names if not reader.is_known(name)),
        "opt_out_labels": tuple(dict.fromkeys(word for cell in used for word in cell.opted_out)),
    }
