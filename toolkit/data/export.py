"""Frames as files for other programs: CSV that a spreadsheet opens without running formulas, and Parquet.

A cell that begins with = + - @, their full-width forms, a tab or a line break is a formula to a spreadsheet, whoever
wrote it; an apostrophe before it makes it text (OWASP, “CSV Injection”, read 2026-11). Phones begin with + and get one
too, so that none becomes a number.
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow.csv import WriteOptions, write_csv

from toolkit.errors import ToolkitError

_FORMULA = r"\A[=+\-@＝＋－＠\t\r\n]"


def to_csv(frame: pd.DataFrame, path: str | Path) -> Path:
    """Write a frame as CSV and return the path: UTF-8 with a byte order mark for Excel, texts in quotes.

    Only its owner can read the file. Times are ISO 8601 in UTC, lists are joined with semicolons, missing values are
    empty. Raises ToolkitError if the file already exists, or it cannot be written.
    """
    names = [_neutral(pa.array([str(name)], pa.string()))[0].as_py() for name in frame.columns]
    cells = pa.table([_cells(frame.iloc[:, at]) for at in range(len(names))], names)

    def write(part: Path) -> None:
        with part.open("wb") as file:
            file.write(codecs.BOM_UTF8)
            write_csv(cells, file, WriteOptions(quoting_style="all_valid"))

    return _written(path, write)


def to_parquet(frame: pd.DataFrame, path: str | Path) -> Path:
    """Write a frame as Parquet, its columns unchanged, and return the path; raises as `to_csv`."""
    return _written(path, lambda file: frame.to_parquet(file, index=False))


def _cells(column: pd.Series) -> pa.Array:
    """The column with its texts made safe; numbers unchanged, for -1 is one."""
    values = pa.Array.from_pandas(column)
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    kind = values.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind):
        return values
    if pa.types.is_timestamp(kind):
        return pc.strftime(values, format="%Y-%m-%dT%H:%M:%SZ" if kind.tz else "%Y-%m-%dT%H:%M:%S")
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        values = pc.binary_join(values.cast(pa.list_(pa.string())), "; ")
    return _neutral(values.cast(pa.string()))


def _neutral(texts: pa.Array) -> pa.Array:
    marked = pc.binary_join_element_wise("'", texts, "")
    return pc.if_else(pc.match_substring_regex(texts, _FORMULA), marked, texts)


def _written(path: str | Path, write: Callable[[Path], object]) -> Path:
    """The file, once it is complete; an existing file is never replaced."""
    path = Path(path)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.touch(mode=0o600)  # it contains people's names and numbers
        write(part)
        os.link(part, path)  # unlike a rename, this fails where a file exists
    except FileExistsError as error:
        raise ToolkitError(f"The file {path} already exists, and was not changed: choose another name.") from error
    except OSError as error:
        why = f"{path} cannot be written ({error})"
        raise ToolkitError(f"{why}: choose a folder that exists and that you can write.") from error
    finally:
        part.unlink(missing_ok=True)
    return path
