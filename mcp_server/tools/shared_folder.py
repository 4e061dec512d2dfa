"""Files exchanged between the assistant and the person: one folder, nothing outside it.

What is too large for a conversation is written here and described as a profile; imports are read from here.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from mcp.server.mcpserver.exceptions import ToolError
from pydantic import BaseModel, Field

from mcp_server.guard.untrusted import clean
from toolkit.errors import ToolkitError

if TYPE_CHECKING:
    import pandas as pd

    from mcp_server.connection import Connection

FileName = Annotated[
    str,
    Field(
        pattern=r"^[^/\\\x00-\x1f]{0,200}$",
        description="Name of a CSV file in the exchange folder shown by get_status; no path.",
    ),
]


class FileProfile(BaseModel):
    """A file that was written: its name in the exchange folder, its size, missing values of each column, and what is
    masked in it."""

    name: str
    folder: str
    rows: int
    bytes: int
    missing: dict[str, int]
    masked: str


def write_csv(here: Connection, what: str, frame: pd.DataFrame) -> FileProfile:
    """All rows as a file that only its owner reads; ToolError if it cannot be written."""
    from toolkit.data.export import to_csv  # first use: it needs pandas

    folder = here.options.folder
    name = f"{what}-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}.csv"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        size = to_csv(_on_one_line(frame), folder / name).stat().st_size
    except (OSError, ToolkitError) as error:
        raise ToolError(
            f"No file was written: the exchange folder {folder} cannot be used. Ask the person to set SEAX_MCP_FOLDER "
            "to one that can be written."
        ) from error
    masked = "" if here.options.pii else "names are omitted, numbers masked and ids are handles: a person exports them"
    missing = {str(column): int(frame[column].isna().sum()) for column in frame.columns}
    return FileProfile(name=name, folder=str(folder), rows=len(frame), bytes=size, missing=missing, masked=masked)


def shared_csv(here: Connection, name: str) -> Path:
    """The file of that name; ToolError if there is none, or it is outside the exchange folder whatever its name."""
    folder = here.options.folder.resolve()
    try:
        path = (folder / name).resolve()
    except UnicodeEncodeError as error:  # of a locale without these letters
        raise ToolError(
            "This server's locale has no such letters: ask the person to give the file a name in plain letters, or to "
            "start the server with LC_ALL=C.UTF-8. Nothing was planned."
        ) from error
    if path.parent != folder or not path.is_file():
        raise ToolError(
            "The exchange folder has no such file: ask the person to put a CSV file there, and give its name "
            "without a path. Nothing was done."
        )
    if path.suffix.lower() != ".csv":
        raise ToolError("Only a file that ends in .csv can be read. Nothing was done.")
    return path


def _on_one_line(frame: pd.DataFrame) -> pd.DataFrame:
    """A copy with texts and lists on one line each, without unprintable characters."""
    import pandas as pd  # first use

    safe = frame.copy()
    for name in frame.columns:
        if frame[name].dtype.kind not in "iufbM":
            safe[name] = pd.Series([_cell(x) for x in frame[name]], index=frame.index, dtype="str")
    return safe


def _cell(value: object) -> str | None:
    if not isinstance(value, Iterable):
        return None if value is None or value != value else str(value)
    return clean(value if isinstance(value, str) else "; ".join(map(str, value)), 1_000)
