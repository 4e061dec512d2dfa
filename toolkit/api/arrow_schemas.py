"""The columns that pages are read into: the Arrow schemas and the codes of labels.

A page becomes a RecordBatch in one step; no row objects. Label codes index `LabelBook.labels`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from toolkit.api.error_replies import one_line
from toolkit.models import Label

# For large data: Arrow's own allocator asks for huge pages, which a virtual machine may provide slowly.
MALLOC = pa.system_memory_pool()

_TIME = pa.timestamp("us", tz="UTC")

CONTACTS = pa.schema(
    {
        "id": pa.string(),
        "name": pa.string(),
        "phone": pa.string(),
        "whatsapp_phone": pa.string(),
        "note": pa.string(),
        "labels": pa.list_(pa.int32()),
        "fields": pa.string(),
        "created_time": _TIME,
        "updated_time": _TIME,
    }
)

LOGS = pa.schema(
    {
        "id": pa.string(),
        "contact_id": pa.string(),
        "contact_name": pa.string(),
        "phone": pa.string(),
        "status": pa.string(),
        "sent_time": _TIME,
        "delivered_time": _TIME,
        "error": pa.string(),
        "message_id": pa.string(),
        "sender": pa.string(),
        "text": pa.string(),
        "parts": pa.float64(),
        "changed_time": _TIME,
    }
)

MESSAGES = pa.schema(
    {
        "id": pa.string(),
        "contact_id": pa.string(),
        "phone": pa.string(),
        "sender": pa.string(),
        "conversation_id": pa.string(),
        "campaign_id": pa.string(),
        "direction": pa.string(),
        "text": pa.string(),
        "status": pa.string(),
        "parts": pa.float64(),
        "created_time": _TIME,
        "clicks": pa.int64(),
        "first_click_time": _TIME,
    }
)


@dataclass
class LabelBook:
    """Every label found while reading, each with a code: its index in `labels`."""

    labels: list[Label] = field(default_factory=list)
    codes: dict[str, int] = field(default_factory=dict)  # by label id
    nameless: set[str] = field(default_factory=set)  # ids used as names, because the service gave none so far

    def add(self, label: Label) -> None:
        """Give a new label a code, and update a label that had no name."""
        code = self.codes.setdefault(label.id, len(self.labels))
        if code == len(self.labels):
            self.labels.append(label)
            if label.name == label.id:
                self.nameless.add(label.id)
        elif label.id in self.nameless and label.name != label.id:
            self.labels[code] = label
            self.nameless.discard(label.id)


@dataclass(frozen=True)
class Page:
    """Some rows of a list and their ids, how many rows the whole list has, and the names of unknown fields.

    `odd` are the rows, and their fields, with values that could not be read and are missing.
    """

    rows: pa.RecordBatch
    ids: list[str]
    total: int
    unknown_fields: frozenset[str]
    odd: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class Listing:
    """A list that is read by pages: `fetch(offset, limit)` from any thread, `decode` from one."""

    fetch: Callable[[int, int], bytes]
    decode: Callable[[bytes], Page]
    schema: pa.Schema


def times(values: Sequence[str | None]) -> pa.Array:
    """ISO 8601 texts as UTC microseconds; a text without a zone is taken as UTC. ArrowInvalid for an invalid time."""
    texts = pa.array(values, pa.string())
    try:
        return texts.cast(pa.timestamp("us")).view(_TIME)
    except pa.ArrowInvalid:  # some have a zone, or are not times
        zoned = pc.match_substring_regex(texts, r"(Z|[+-]\d\d:?\d\d)$")
    return pc.if_else(zoned, texts, pc.binary_join_element_wise(texts, "Z", "")).cast(_TIME)


def status_words(values: Sequence[str | None]) -> pa.Array:
    """Statuses as one word each, in lower case and stripped; missing where there is none."""
    words = pc.dictionary_encode(pa.array(values, pa.string()))
    folded = [one_line(word).casefold() or None for word in words.dictionary.to_pylist()]
    return pa.array(folded, pa.string()).take(words.indices)


def batch(columns: Sequence[Any], schema: pa.Schema) -> pa.RecordBatch:
    """Columns of one page, in the order of a schema."""
    arrays = [
        column if isinstance(column, pa.Array) else pa.array(column, field.type)
        for column, field in zip(columns, schema, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
