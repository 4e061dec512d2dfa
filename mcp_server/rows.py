"""Rows of a frame as compact CSV text, always with how many there are and how to get the others."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, Field

from mcp_server.untrusted import clean
from toolkit.texting.phones import mask

if TYPE_CHECKING:
    import pandas as pd

MOST = 100
Limit = Annotated[int, Field(ge=0, le=MOST, description="Rows to return; 0 for the counts alone.")]
Offset = Annotated[int, Field(ge=0, le=100_000_000, description="Rows to skip: next_offset of the page before.")]


class Page(BaseModel):
    """Some rows of many as CSV, phones masked; `next_offset` is null on the last page."""

    total: int
    shown: int
    omitted: int
    next_offset: int | None
    rows: str


def cut(frame: pd.DataFrame, *, offset: int, limit: int) -> Page:
    """One page of a frame whose column `phone` holds people's numbers."""
    some = frame.iloc[offset : offset + limit]
    end = offset + len(some)
    return Page(
        total=len(frame),
        shown=len(some),
        omitted=len(frame) - len(some),
        next_offset=end if len(some) and end < len(frame) else None,
        rows=as_csv(some.assign(phone=some["phone"].map(mask, na_action="ignore"))),
    )


def as_csv(frame: pd.DataFrame) -> str:
    """A header line and a line a row; texts are cleaned, lists joined by `; `, missing values empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(frame.columns)
    writer.writerows([_cell(value) for value in row] for row in frame.itertuples(index=False))
    return out.getvalue()


def _cell(value: object) -> str:
    if value is None or value != value:  # missing text and times differ from themselves
        return ""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"  # frames hold UTC
    return clean("; ".join(value)) if isinstance(value, Iterable) else str(value)
