"""Reading a whole list by pages.

The list may change between two pages. A reading counts only if every page told the same total and as many
different ids came as that total; otherwise it is read again, and after the last try `SnapshotTorn` is raised.
A short list is never returned.
"""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from toolkit.api.columns import Page
from toolkit.errors import SnapshotTorn

Progress = Callable[[int, int], None]  # rows read so far, rows in all

_TRIES = 3


def read_all(fetch: Callable[[int], Page], schema: pa.Schema, *, progress: Progress | None = None) -> pa.Table:
    """Every row of a list; `fetch` reads the page at an offset. The table has `schema` also when it is empty."""
    for _ in range(_TRIES):
        table = _read_once(fetch, schema, progress)
        if table is not None:
            return table
    raise SnapshotTorn(
        f"The list kept changing while it was read, {_TRIES} times over: read it again when nobody is importing."
    )


def _read_once(fetch: Callable[[int], Page], schema: pa.Schema, progress: Progress | None) -> pa.Table | None:
    first = fetch(0)
    batches, read = [first.rows], first.rows.num_rows
    while read < first.total:
        if progress:
            progress(read, first.total)
        page = fetch(read)
        if page.total != first.total or page.rows.num_rows == 0:
            return None
        batches.append(page.rows)
        read += page.rows.num_rows
    table = pa.Table.from_batches(batches, schema=schema)
    if read != first.total or pc.count_distinct(table["id"]).as_py() != read:
        return None
    if progress:
        progress(read, first.total)
    return table
