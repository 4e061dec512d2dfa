"""Contact files to import: what may be shown of their format, and how they were read, without anybody's data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field

from mcp_server.guard.untrusted import Untrusted, clean
from mcp_server.tools.csv_page import as_csv

if TYPE_CHECKING:
    from toolkit.planning.imports import FileReading

_Column = Annotated[str, Field(min_length=1, max_length=200)]


class ColumnUse(BaseModel):
    """What a column of a file becomes."""

    model_config = ConfigDict(extra="forbid")

    theirs: _Column
    ours: _Column


Mapping = Annotated[
    list[ColumnUse],
    Field(
        max_length=100,
        description="Columns whose proposal is wrong, with what they are: name, phone, whatsapp, labels, opted out, "
        "opted in, ignore, or a field.",
    ),
]
Separator = Annotated[str, Field(max_length=10, description="Between cells; detected if empty.")]
Encoding = Annotated[str, Field(max_length=40, description="As cp1252; detected if empty.")]
_MOST_COLUMNS = 6_000  # characters


class FileReport(BaseModel):
    """How a file of contacts was read: `columns` is CSV, what each becomes and why, empty where it is undecided.

    `opted_out` counts rows whose people opt out by it, `stay_behind` rows that are not imported.
    """

    encoding: str
    separator: str
    columns: Untrusted
    columns_omitted: int
    new_labels: Untrusted
    opted_out: int
    stay_behind: int


def file_report(file: FileReading) -> FileReport:
    """How a file was read, for a model."""
    import pandas as pd  # first use

    rows = [(x.theirs, f"field {x.ours}" if x.is_field else x.ours, x.reason) for x in file.columns]
    columns, shown = as_csv(pd.DataFrame(rows, columns=["column", "becomes", "why"]), most=_MOST_COLUMNS)
    return FileReport(
        encoding=file.encoding,
        separator=file.separator,
        columns=columns,
        columns_omitted=len(rows) - shown,
        new_labels=clean("; ".join(file.new_labels), 1_000),
        opted_out=file.opted_out,
        stay_behind=file.dropped,
    )


def names_in(file: FileReading) -> set[str]:
    """The names of its columns that others made up."""
    return {clean(x.theirs, 400) for x in file.columns} - {"name", "phone", "whatsapp", "labels"}
