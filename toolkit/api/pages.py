"""Pages of the guide's contacts and logs, read into columns: no row objects, unless a page cannot be read.

A value of the wrong type in an optional field is missing and counted; a page that lacks a required field, or whose
contact fields are not an object, is an UnexpectedReply that names the row and the field. Unknown fields are reported,
from the first row of each page.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable, Sequence, Sized
from dataclasses import replace
from itertools import accumulate
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from toolkit.api import wire
from toolkit.api.columns import CONTACTS, LOGS, LabelBook, Page, times
from toolkit.api.odd_values import mend
from toolkit.api.refusals import one_line
from toolkit.api.unreadable_reply import explain
from toolkit.errors import UnexpectedReply
from toolkit.models import Label

_FIRST_ROW = re.compile(rb'"data"\s*:\s*\[\s*(?=\{)')
_LONGEST_ROW = 20_000  # bytes searched for the first row
_CONTACT = {*wire.Contact.__struct_fields__, "workspace_id"}
_LOG = {*wire.Log.__struct_fields__}
_OBJECT, _NULL = b"{n"  # how a contact's fields begin


def read_contacts(body: bytes, book: LabelBook) -> Page:
    """A page of contacts in the `columns.CONTACTS` schema; labels become codes of `book`, which grows."""
    return _read(body, wire.Contacts, lambda body: _contacts(body, book))


def read_logs(body: bytes) -> Page:
    """A page of a delivery log in the `columns.LOGS` schema; statuses in lower case and stripped, an empty one
    missing."""
    return _read(body, wire.Logs, _logs)


def _read(body: bytes, reply: type[msgspec.Struct], read: Callable[[bytes], Page]) -> Page:
    """The page as received, or else with wrong values repaired, which is ten times slower."""
    try:
        return read(body)
    except (msgspec.MsgspecError, pa.ArrowInvalid, UnicodeDecodeError, RecursionError):
        mended, odd = mend(body, reply)
    try:
        return replace(read(mended), odd=odd)
    except msgspec.ValidationError as error:
        raise UnexpectedReply(explain(mended, error)) from error


def _contacts(body: bytes, book: LabelBook) -> Page:
    page = msgspec.json.decode(body, type=wire.Contacts)
    rows = page.data
    labels = [row.contact_labels or () for row in rows]
    code_of = book.codes
    try:
        codes = [code_of[label.id] for some in labels for label in some]
        is_known = not book.nameless
    except KeyError:
        is_known = False
    if not is_known:
        _add_labels(body, book)
        codes = [code_of[label.id] for some in labels for label in some]
    ids = [row.id for row in rows]
    fields = _texts([row.contact_field_data for row in rows])
    columns = [
        ids,
        [row.name for row in rows],
        [row.phone for row in rows],
        [row.whatsapp_phone for row in rows],
        [row.note for row in rows],
        pa.ListArray.from_arrays(pa.array(_offsets(labels)), pa.array(np.array(codes, np.int32))),
        fields,
        times([row.created_time for row in rows]),
        times([row.updated_time for row in rows]),
    ]
    return Page(_batch(columns, CONTACTS), ids, page.total, _unknown_fields(body, _CONTACT))


def _add_labels(body: bytes, book: LabelBook) -> None:
    """Read the names of labels, on the first page that gives them."""
    nameless = {*book.nameless}
    for labelled in msgspec.json.decode(body, type=wire.ContactLabels).data:
        for label in labelled.contact_labels or ():
            book.add(_label(label))
    for label_id in sorted(book.nameless - nameless):
        warnings.warn(
            f"The service gives no name for the label {one_line(label_id)}, so it is shown by its id: check in SeaX "
            "that it is not an opt-out label.",
            stacklevel=2,
        )


def _logs(body: bytes) -> Page:
    page = msgspec.json.decode(body, type=wire.Logs)
    rows = page.data
    ids = [row.id for row in rows]
    columns = [
        ids,
        [row.contact_id for row in rows],
        [row.contact_name for row in rows],
        [row.contact_phone for row in rows],
        _statuses([row.message_status for row in rows]),
        times([row.sent_time for row in rows]),
        times([row.delivered_time for row in rows]),
        [row.error_message for row in rows],
        [row.message_id for row in rows],
    ]
    return Page(_batch(columns, LOGS), ids, page.total, _unknown_fields(body, _LOG))


def _statuses(values: list[str | None]) -> pa.Array:
    """Statuses as one word each, in any case; missing where there is none."""
    words = pc.dictionary_encode(pa.array(values, pa.string()))
    folded = [one_line(word).casefold() or None for word in words.dictionary.to_pylist()]
    return pa.array(folded, pa.string()).take(words.indices)


def _offsets(values: Sequence[Sized]) -> npt.NDArray[np.int32]:
    """Where each of some concatenated values begins, and where the last ends."""
    return np.fromiter(accumulate(map(len, values), initial=0), np.int32, len(values) + 1)


def _texts(values: list[msgspec.Raw]) -> pa.Array:
    """Contact fields as JSON texts, copied in one pass. ValidationError if some are not a JSON object."""
    joined, offsets = b"".join(values), _offsets(values)
    texts = pa.StringArray.from_buffers(len(values), pa.py_buffer(offsets), pa.py_buffer(joined))
    texts.validate(full=True)
    starts = np.frombuffer(joined, np.uint8)[offsets[:-1]]
    odd = np.flatnonzero((starts != _OBJECT) & (starts != _NULL))
    if len(odd):
        raise msgspec.ValidationError(f"Expected `object` - at `$.data[{odd[0]}].contact_field_data`")
    return texts


def _unknown_fields(body: bytes, known: set[str]) -> frozenset[str]:
    """The unknown fields of a page's first row."""
    start = _FIRST_ROW.search(body)
    if not start:
        return frozenset()
    text = body[start.end() : start.end() + _LONGEST_ROW].decode(errors="replace")
    try:
        row, _ = json.JSONDecoder().raw_decode(text)
    except json.JSONDecodeError:  # a longer row: a shorter one follows
        return frozenset()
    return frozenset(row) - known


def _batch(columns: list[Any], schema: pa.Schema) -> pa.RecordBatch:
    arrays = [
        column if isinstance(column, pa.Array) else pa.array(column, field.type)
        for column, field in zip(columns, schema, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _label(reply: wire.Label) -> Label:
    return Label(
        id=reply.id,
        name=reply.name or reply.id,
        color=reply.color,
        description=reply.description,
        is_system=bool(reply.is_system),
    )
