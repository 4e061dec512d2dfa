"""A CSV file as columns of texts: its separator, its header, and every row that does not match the header.

Rows are counted as in a spreadsheet, from 1, including the header and blank ones. Nothing is repaired here: a quote
that is never closed, a cell too many or too few are faults with their row numbers.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import islice
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from toolkit.api.snapshot_read import Progress
from toolkit.errors import DraftError
from toolkit.planning.imports.column_names import clean_name, role
from toolkit.planning.imports.encoding import Decoded
from toolkit.plans.file_options import SEPARATORS

_SEP_LINE = re.compile(r"\s*\"?sep=(.)\"?[\s,;]*", re.IGNORECASE)
_LOOKED_AT = 200  # rows used to detect the separator
_DEEPEST = 25  # rows in which the header is searched
_CHUNK = 50_000  # rows
_FILLED = r"[^\s\x{a0}]"
_NUMBER = re.compile(r"['\"=\s]*\+?[\d\s().\-/]{7,}")


@dataclass(frozen=True)
class Fault:
    """What is wrong with some rows, by their numbers: `kind` is unclosed, quote, many, few or null."""

    kind: Literal["unclosed", "quote", "many", "few", "null"]
    rows: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Sheet:
    """A file as columns of texts, unchanged; `rows` has the number of each row in the file.

    `header` has a unique name for each column, `written` the original: `city (2)` for a second `city`.
    """

    header: tuple[str, ...]
    written: tuple[str, ...]
    columns: tuple[pa.ChunkedArray, ...]
    rows: npt.NDArray[np.int64]
    encoding: str
    separator: str
    header_row: int
    above: tuple[str, ...]
    unnamed: frozenset[str]
    faults: tuple[Fault, ...]

    def __len__(self) -> int:
        return len(self.rows)


def read_sheet(
    filename: str, text: Decoded, *, mapping: Mapping[str, str], separator: str | None, progress: Progress | None
) -> Sheet:
    """Read a file; DraftError if its separator is uncertain or it has no header."""
    first = next(text.lines(), "")
    named = _SEP_LINE.fullmatch(first.rstrip("\r\n")) if first else None
    start = 1 if named else 0
    lines = [*islice(text.lines(), start, _LOOKED_AT)]
    char = separator or (named[1] if named else _separator(filename, lines, mapping))
    at, header = _header(filename, _records(lines, char), mapping)
    above = [char.join(cells).strip(char + " ") for cells in islice(_records(lines, char), at)]
    columns, rows, faults = _read(text, start, char, at, len(header), progress)
    names = _distinct(header)
    return Sheet(
        header=names,
        written=tuple(map(clean_name, header)),
        unnamed=frozenset(name for name, written in zip(names, header, strict=True) if not clean_name(written)),
        columns=columns,
        rows=rows,
        encoding=text.name,
        separator=char,
        header_row=at + 1 + start,
        above=tuple(line for line in above if line),
        faults=faults,
    )


def _records(lines: Sequence[str], separator: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(lines, delimiter=separator)
    except csv.Error:
        return  # a cell without an end, which reading the whole file reports


def _separator(filename: str, lines: Sequence[str], mapping: Mapping[str, str]) -> str:
    """The separator with which the header has the most known names, and rows most often have equally many cells."""
    scores: dict[str, tuple[int, float, int]] = {}
    for char in SEPARATORS:
        records = [cells for cells in _records(lines, char) if any(cell.strip() for cell in cells)]
        known = max((_known(cells, mapping) for cells in records[:_DEEPEST]), default=0)
        sizes = Counter(map(len, records))
        size, often = sizes.most_common(1)[0] if sizes else (1, 0)
        if size > 1 or known:
            scores[char] = (known, round(often / len(records), 1) if size > 1 else 0.0, min(size, 2))
    if not scores:
        return ","
    best = max(scores.values())
    found = [char for char, score in scores.items() if score == best]
    if len(found) > 1 and best[2] == 1:
        return ","  # one column: there is none
    if len(found) > 1:
        names = " or a ".join(SEPARATORS[char] for char in found)
        raise DraftError(
            f"The cells of {filename} may be separated by a {names}: set the separator, with separator={found[0]!r}."
        )
    return found[0]


def _known(cells: Sequence[str], mapping: Mapping[str, str]) -> int:
    return sum(clean_name(cell) in mapping or role(cell) is not None for cell in cells)


def _header(filename: str, records: Iterator[list[str]], mapping: Mapping[str, str]) -> tuple[int, list[str]]:
    """The index of the header and its names; DraftError if there are only data."""
    seen = [(at, cells) for at, cells in enumerate(islice(records, _DEEPEST)) if any(cell.strip() for cell in cells)]
    if not seen:
        raise DraftError(f"{filename} is empty: add a first row with column names, such as name,phone,labels.")
    widest = max(len(cells) for _, cells in seen)
    for at, cells in seen:
        filled = sum(bool(cell.strip()) for cell in cells)
        if any(_NUMBER.fullmatch(cell.strip()) and sum(c.isdigit() for c in cell) >= 7 for cell in cells):
            raise DraftError(
                f"{filename} has no header: row {at + 1} has a phone and no row above it has column names. Add a "
                f"first row, such as {','.join(['name', 'phone', 'labels', 'city', 'tier'][: max(2, filled)])}."
            )
        if _known(cells, mapping) and (filled > 1 or widest == 1):
            return at, cells
    full = [(at, cells) for at, cells in seen if len(cells) == widest]
    return full[0]


def _distinct(header: Sequence[str]) -> tuple[str, ...]:
    """Names that are all different and not empty: `city`, `city (2)`, `column 3`."""
    names: list[str] = []
    for at, written in enumerate(header, 1):
        name = clean_name(written) or f"column {at}"
        times = sum(clean_name(other) == name for other in header[: at - 1])
        names.append(f"{name} ({times + 1})" if times else name)
    return tuple(names)


def _read(
    text: Decoded, start: int, separator: str, header: int, width: int, progress: Progress | None
) -> tuple[tuple[pa.ChunkedArray, ...], npt.NDArray[np.int64], tuple[Fault, ...]]:
    """All rows below the header in columns, with their numbers; rows of another size filled up or cut, and reported."""
    raw = io.BytesIO(text.content)
    lines = io.TextIOWrapper(raw, text.encoding, newline="")
    reader = csv.reader(islice(lines, start, None), delimiter=separator, strict=True)
    number = start + len([*islice(reader, header + 1)])
    parts: list[list[pa.Array]] = [[] for _ in range(width)]
    numbers = [np.empty(0, np.int64)]
    wrong: dict[str, list[int]] = {"many": [], "few": []}
    fault: Fault | None = None
    records: list[list[str]] = [[]]
    while records and fault is None:
        records, line = [], reader.line_num
        try:
            records.extend(islice(reader, _CHUNK))  # rows before a fault stay in the list
        except csv.Error as error:
            line += sum(1 + sum(cell.count("\n") for cell in record) for record in records)
            fault = _quote(error, number + len(records) + 1, reader.line_num - line)
        if records:
            rows = np.arange(number + 1, number + 1 + len(records))
            columns = [pa.array(each, pa.string()) for each in zip(*_even(records, rows, width, wrong), strict=True)]
            filled = reduce(pc.or_, (pc.match_substring_regex(column, _FILLED) for column in columns))
            for part, column in zip(parts, columns, strict=True):
                part.append(column.filter(filled))
            numbers.append(rows[filled.to_numpy(zero_copy_only=False)])
            number += len(records)
        if progress:
            progress(number, max(number, number * len(text.content) // max(1, raw.tell())))
    faults = [fault] if fault else []
    faults += [Fault("many", tuple(wrong["many"]))] if wrong["many"] else []
    faults += [Fault("few", tuple(wrong["few"]))] if wrong["few"] else []
    rows, table = np.concatenate(numbers), tuple(pa.chunked_array(part, pa.string()) for part in parts)
    if b"\0" in text.content:
        null = reduce(np.logical_or, (pc.match_substring(column, "\0").to_numpy() for column in table))
        faults += [Fault("null", tuple(rows[null].tolist()))] if null.any() else []
    return table, rows, tuple(faults)


def _even(
    records: list[list[str]], rows: npt.NDArray[np.int64], width: int, wrong: dict[str, list[int]]
) -> list[list[str]]:
    """The records with as many cells as the header; which rows had more or fewer is added to `wrong`."""
    if {*map(len, records)} == {width}:
        return records
    evened = []
    for row, record in zip(rows.tolist(), records, strict=True):
        if any(map(str.strip, record[width:])):
            wrong["many"].append(row)
        elif len(record) < width and any(map(str.strip, record)):
            wrong["few"].append(row)
        evened.append((record + [""] * width)[:width])
    return evened


def _quote(error: csv.Error, row: int, lines: int) -> Fault:
    """A quote that begins a cell and does not end it: its row, and those that it would make part of a cell."""
    is_unclosed = "end of data" in str(error) or "limit" in str(error)
    return Fault("unclosed" if is_unclosed else "quote", tuple(range(row, row + max(1, lines))))
