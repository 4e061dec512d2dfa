"""Pages of the guide's contacts and logs, read into columns: no row objects, unless a page cannot be read.

A page that is not as documented is an UnexpectedReply that names the row and the field. Fields that nobody reads are
told by name, by the first row of each page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence, Sized
from itertools import accumulate
from typing import Any, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from toolkit.api import wire
from toolkit.api.columns import CONTACTS, LOGS, LabelBook, Page, times
from toolkit.api.explain import explain
from toolkit.api.refusals import one_line
from toolkit.errors import GarbledReply, UnexpectedReply
from toolkit.models import Label

T = TypeVar("T", bound=msgspec.Struct)

_FIRST_ROW = re.compile(rb'"data"\s*:\s*\[\s*(?=\{)')
_LONGEST_ROW = 20_000  # bytes that the first row is looked for in
_CONTACT = {*wire.Contact.__struct_fields__, "workspace_id"}
_LOG = {*wire.Log.__struct_fields__}


def read_contacts(body: bytes, book: LabelBook) -> Page:
    """A page of contacts in the `columns.CONTACTS` schema; labels become codes of `book`, which grows."""
    page = _decode(body, wire.Contacts)
    rows = page.data
    labels = [row.contact_labels or () for row in rows]
    code_of = book.codes
    try:
        codes = [code_of[label.id] for some in labels for label in some]
    except KeyError:  # what a label is called is read on the first page it is on
        for labelled in _decode(body, wire.ContactLabels).data:
            for label in labelled.contact_labels or ():
                book.add(_label(label))
        codes = [code_of[label.id] for some in labels for label in some]
    ids = [row.id for row in rows]
    columns = [
        ids,
        [row.name for row in rows],
        [row.phone for row in rows],
        [row.whatsapp_phone for row in rows],
        [row.note for row in rows],
        pa.ListArray.from_arrays(pa.array(_offsets(labels)), pa.array(np.array(codes, np.int32))),
        _texts([row.contact_field_data for row in rows]),
        _times(body, wire.Contacts, [row.created_time for row in rows]),
        _times(body, wire.Contacts, [row.updated_time for row in rows]),
    ]
    return Page(_batch(columns, CONTACTS), ids, page.total, _unknown_fields(body, _CONTACT))


def read_logs(body: bytes) -> Page:
    """A page of a delivery log in the `columns.LOGS` schema."""
    page = _decode(body, wire.Logs)
    rows = page.data
    ids = [row.id for row in rows]
    columns = [
        ids,
        [row.contact_id for row in rows],
        [row.contact_name for row in rows],
        [row.contact_phone for row in rows],
        [row.message_status for row in rows],
        _times(body, wire.Logs, [row.sent_time for row in rows]),
        _times(body, wire.Logs, [row.delivered_time for row in rows]),
        [row.error_message for row in rows],
        [row.message_id for row in rows],
    ]
    return Page(_batch(columns, LOGS), ids, page.total, _unknown_fields(body, _LOG))


def _decode(body: bytes, reply: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=reply)
    except msgspec.ValidationError as error:
        raise _unexpected(body, reply, error) from error
    except msgspec.MsgspecError as error:
        raise GarbledReply(f"it is no JSON ({one_line(str(error))})") from error


def _offsets(values: Sequence[Sized]) -> npt.NDArray[np.int32]:
    """Where each of some values begins when they stand behind one another, and where the last ends."""
    return np.fromiter(accumulate(map(len, values), initial=0), np.int32, len(values) + 1)


def _texts(values: list[msgspec.Raw]) -> pa.Array:
    """Pieces of JSON as texts, copied once and all together."""
    joined = pa.py_buffer(b"".join(values))
    texts = pa.StringArray.from_buffers(len(values), pa.py_buffer(_offsets(values)), joined)
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid as error:
        raise GarbledReply(f"it is no UTF-8 ({one_line(str(error))})") from error
    return texts


def _times(body: bytes, reply: type[msgspec.Struct], values: list[str] | list[str | None]) -> pa.Array:
    try:
        return times(values)
    except pa.ArrowInvalid as error:
        raise _unexpected(body, reply, error) from error


def _unexpected(body: bytes, reply: type[msgspec.Struct], error: Exception) -> UnexpectedReply:
    return UnexpectedReply(explain(body, reply) or one_line(str(error)))


def _unknown_fields(body: bytes, known: set[str]) -> frozenset[str]:
    """The fields of a page's first row that are not among the known."""
    start = _FIRST_ROW.search(body)
    if not start:
        return frozenset()
    text = body[start.end() : start.end() + _LONGEST_ROW].decode(errors="replace")
    try:
        row, _ = json.JSONDecoder().raw_decode(text)
    except json.JSONDecodeError:  # longer than that: some other page's will be shorter
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
        name=reply.name,
        color=reply.color,
        description=reply.description,
        is_system=bool(reply.is_system),
    )
