"""The rows of an imported file that the service refused, with its reasons, to be corrected and imported again."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import pandas as pd

from toolkit.models import RefusedRow
from toolkit.plans.file_reading import REASON


def refused_rows(content: bytes, errors: Sequence[RefusedRow]) -> pd.DataFrame:
    """One row for each refused row of an uploaded file: its cells as they were uploaded, and `reason`, all `str`.

    The index, `row`, counts the rows below the header from 1, without blank lines, as the embedded service does;
    no document defines how the live one counts. Several reasons for one row are joined with `; `. An error without a
    row of the file is in `Job.errors` alone.
    """
    rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    columns = [*next(rows, [])]
    reasons: dict[int, str] = {}
    for error in errors:
        if error.row is not None:
            reasons[error.row] = "; ".join(filter(None, [reasons.get(error.row), error.reason]))
    filled = (row for row in rows if any(cell.strip() for cell in row))
    found = {at: row for at, row in enumerate(filled, 1) if at in reasons}
    cells = [[*row, *[""] * len(columns)][: len(columns)] for row in found.values()]
    frame = pd.DataFrame(cells, index=pd.Index([*found], name="row", dtype="int64"), columns=columns, dtype="str")
    last = REASON if REASON not in columns else "refused because"
    frame.insert(len(columns), last, pd.Series([reasons[at] for at in found], index=frame.index, dtype="str"))
    return frame
