"""Rows of a frame as compact CSV text, always with how many there are and how to get the rest.

A page ends where it would grow too large for a model, whatever its limit says; the next one begins there.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, Field

from mcp_server.guard.untrusted import Untrusted, clean
from toolkit.texting.numbering.phones import mask

if TYPE_CHECKING:
    import pandas as pd

    from mcp_server.connection import Connection

MOST = 100
LARGEST_PAGE = 16_000  # characters of rows in one result, about 5,000 tokens
Limit = Annotated[int, Field(ge=0, le=MOST, description="Rows to return, at most 100; 0 for counts alone.")]
Cursor = Annotated[int, Field(ge=0, le=100_000_000, description="next_cursor of the page before.")]


class CsvPage(BaseModel):
    """Some rows of many as CSV; `next_cursor` is null on the last page."""

    total: int
    shown: int
    omitted: int
    next_cursor: int | None
    rows: Untrusted


def cut(frame: pd.DataFrame, *, total: int, cursor: int) -> CsvPage:
    """A page of rows from `cursor` of `total`; rows that would make it too large go to the next one."""
    text, shown = as_csv(frame, most=LARGEST_PAGE)
    end = cursor + shown
    return CsvPage(
        total=total,
        shown=shown,
        omitted=total - shown,
        next_cursor=end if shown and end < total else None,
        rows=text if shown else "",  # a count alone contains nothing written by others
    )


def as_csv(frame: pd.DataFrame, *, most: int | None = None) -> tuple[str, int]:
    """A header line and a line per row, and how many rows: texts are cleaned, lists joined by `; `, missing empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(frame.columns)
    shown = 0
    for row in frame.itertuples(index=False, name=None):
        end = out.tell()
        writer.writerow([_cell(value) for value in row])
        if most is not None and out.tell() > most and shown:
            out.truncate(end)
            break
        shown += 1
    return out.getvalue(), shown


def shielded(frame: pd.DataFrame, here: Connection, *, ids: str = "id", phone: str = "phone") -> pd.DataFrame:
    """The rows with handles for ids, masked numbers and no names, unless the operator shows personal data."""
    if here.options.pii:
        return frame
    hidden: dict[str, Sequence[str]] = {}
    if ids in frame:
        hidden[ids] = [here.handles.of(x) if isinstance(x, str) else "" for x in frame[ids]]
    if phone in frame:
        hidden[phone] = [mask(x) if isinstance(x, str) else "" for x in frame[phone]]
    names = [name for name in ("name", "contact_name", "note", "fields") if name in frame]
    return frame.assign(**hidden).drop(columns=names)


def _cell(value: object) -> str:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Iterable):
        return clean("; ".join(map(str, value)))
    if value is None or value != value or str(value) == "<NA>":  # missing text and times differ from themselves
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"  # frames hold UTC
    return f"{value:.4g}" if isinstance(value, float) else str(value)
