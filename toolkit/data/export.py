"""Frames as files for other programs: CSV that a spreadsheet opens without running any of it, and Parquet.

A cell that begins with = + - @, their full-width forms, a tab or a line break is a formula to a spreadsheet, whoever
wrote it; an apostrophe before it makes it text (OWASP, “CSV Injection”, read 2026-11). Phones begin with + and get one,
too, so that none of them becomes a number.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from toolkit.errors import ToolkitError

_FORMULA = r"^[=+\-@＝＋－＠\t\r\n]"


def to_csv(frame: pd.DataFrame, path: str | Path) -> Path:
    """Write a frame as CSV and return the path: UTF-8 with a mark by which Excel knows it, every cell in quotes.

    Times are ISO 8601 in UTC, lists are joined with semicolons, what is missing is empty. Raises ToolkitError if there
    is such a file already, or it cannot be written.
    """
    cells = pd.DataFrame({_neutral(str(name)): _texts(frame.iloc[:, at]) for at, name in enumerate(frame.columns)})
    return _written(path, lambda file: cells.to_csv(file, index=False, quoting=csv.QUOTE_ALL, encoding="utf-8-sig"))


def to_parquet(frame: pd.DataFrame, path: str | Path) -> Path:
    """Write a frame as Parquet, its columns as they are, and return the path; raises as `to_csv`."""
    return _written(path, lambda file: frame.to_parquet(file, index=False))


def _texts(column: pd.Series) -> pd.Series:
    """The column with its texts neutral; numbers as they are, for -1 is one."""
    if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        return column
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        iso: pd.Series = column.dt.tz_convert("UTC").dt.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return iso
    has_lists = column.map(lambda value: hasattr(value, "__len__") and not isinstance(value, str))
    if has_lists.any():
        column = column.map(lambda value: "; ".join(map(str, value)) if hasattr(value, "__len__") else value)
    texts = column.astype("str")
    return texts.mask(texts.str.contains(_FORMULA, regex=True, na=False), "'" + texts)


def _neutral(text: str) -> str:
    return str(_texts(pd.Series([text], dtype="str")).iloc[0])


def _written(path: str | Path, write: Callable[[Path], object]) -> Path:
    """The file, once all of it is there; another of the name is never replaced."""
    path = Path(path)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        write(part)
        os.link(part, path)  # unlike a rename, this refuses where there is a file
    except FileExistsError as error:
        raise ToolkitError(f"There is a file {path} already: name another one. It was left as it is.") from error
    except OSError as error:
        raise ToolkitError(f"{path} cannot be written ({error}): name a folder that is there and yours.") from error
    finally:
        part.unlink(missing_ok=True)
    return path
