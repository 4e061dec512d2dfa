"""The contact ids in whatever somebody passes: a list, or a frame of any engine."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import narwhals.stable.v2 as nw
from narwhals.stable.v2.typing import IntoFrame

from toolkit.errors import SegmentError


def ids_in(contacts: IntoFrame | Iterable[str]) -> list[str]:
    """The ids in a list, or in the column `contact_id` or `id` of a frame; SegmentError for anything else."""
    if isinstance(contacts, str):
        raise SegmentError(f"{contacts!r} is a single text: pass a list of ids, or rows of ws.contacts().")
    frame: object = nw.from_native(contacts, pass_through=True)
    ids = _column(frame.lazy()) if isinstance(frame, nw.DataFrame | nw.LazyFrame) else _listed(frame)
    texts = [each for each in ids if isinstance(each, str)]
    if len(texts) < len(ids):
        strange = next(each for each in ids if not isinstance(each, str))
        raise SegmentError(f"{strange!r} is not a contact id: pass ids of ws.contacts() without missing values.")
    return texts


def _listed(ids: object) -> list[object]:
    if not isinstance(ids, Iterable):
        raise SegmentError(f"{ids!r} is not a list of contact ids: pass a list, or rows of ws.contacts().")
    return list(ids)


def _column(frame: nw.LazyFrame[Any]) -> list[object]:
    """The contacts of a frame; if it has both columns, as in a log, `id` is the message's."""
    columns = frame.collect_schema().names()
    column = next((name for name in ("contact_id", "id") if name in columns), None)
    if column is None:
        raise SegmentError("The frame has no column 'id' or 'contact_id': pass rows of ws.contacts(), or contact ids.")
    return frame.select(column).collect()[column].to_list()
