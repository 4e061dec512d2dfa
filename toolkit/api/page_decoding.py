"""Pages of contacts, and what pages of any rows have in common, read into columns: no row objects, unless a page cannot
be read.

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

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from toolkit.api import reply_schemas
from toolkit.api.arrow_schemas import CONTACTS, LabelBook, Page, batch, times
from toolkit.api.coercion import mend
from toolkit.api.decode_errors import explain
from toolkit.api.error_replies import one_line
from toolkit.errors import UnexpectedReply
from toolkit.models import Label

_FIRST_ROW = re.compile(rb'"data"\s*:\s*\[\s*(?=\{)')
_LONGEST_ROW = 20_000  # bytes searched for the first row
_CONTACT = {
    *reply_schemas.Contact.__struct_fields__,
    *("workspace_id", "messenger_psid", "instagram_psid", "line_user_id"),
    *("profile_picture_url", "profile_picture_source", "profile_picture_last_synced_at"),
}  # known, whether read or not
_OBJECT, _NULL = b"{n"  # how a contact's fields begin


def read_contact_page(body: bytes, book: LabelBook) -> Page:
    """A page of contacts in the `columns.CONTACTS` schema; labels become codes of `book`, which grows."""
    return read_page(body, reply_schemas.Contacts, lambda body: _contacts(body, book))


def read_page(body: bytes, reply: type[msgspec.Struct], read: Callable[[bytes], Page]) -> Page:
    """A page as received, or else with wrong values repaired, which is ten times slower."""
    try:
        return read(body)
    except (msgspec.MsgspecError, pa.ArrowInvalid, UnicodeDecodeError, RecursionError):
        mended, odd = mend(body, reply)
    try:
        return replace(read(mended), odd=odd)
    except msgspec.ValidationError as error:
        raise UnexpectedReply(explain(mended, error)) from error


def row_ids(body: bytes) -> Page:
    """A page of rows of which nothing is read but their ids."""
    page = msgspec.json.decode(body, type=reply_schemas.RowIds)
    ids = [row.id for row in page.data]
    return Page(pa.record_batch({"id": pa.array(ids, pa.string())}), ids, page.total, frozenset())


def _contacts(body: bytes, book: LabelBook) -> Page:
    page = msgspec.json.decode(body, type=reply_schemas.Contacts)
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
    return Page(batch(columns, CONTACTS), ids, page.total, unknown_fields(body, _CONTACT))


def _add_labels(body: bytes, book: LabelBook) -> None:
    """Read the names of labels, on the first page that gives them."""
    nameless = {*book.nameless}
    for labelled in msgspec.json.decode(body, type=reply_schemas.ContactLabels).data:
        for label in labelled.contact_labels or ():
            book.add(read_label(label))
    for label_id in sorted(book.nameless - nameless):
        warnings.warn(
            f"The service gives no name for the label {one_line(label_id)}, so it is shown by its id: check in SeaX "
            "that it is not an opt-out label.",
            stacklevel=2,
        )


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


def unknown_fields(body: bytes, known: set[str]) -> frozenset[str]:
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


def read_label(reply: reply_schemas.Label) -> Label:
    """A label; one without a name is named by its id."""
    return Label(
        id=reply.id,
        name=reply.name or reply.id,
        color=reply.color,
        description=reply.description,
        is_system=bool(reply.is_system),
    )
