"""The files of a mirror and their columns, readable by any engine: those of the frames, and ids of labels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from itertools import accumulate
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc

from toolkit.api.arrow_schemas import CONTACTS, LOGS
from toolkit.data.contacts import Contacts
from toolkit.mirror.folder import Folder
from toolkit.mirror.label_history import CHANGES
from toolkit.mirror.manifest import ContactsPart, FilePart
from toolkit.mirror.overlay import HELD, PLAIN, Overlay
from toolkit.models import Campaign, Label

MIRRORED_LOGS = LOGS.insert(0, pa.field("campaign_id", pa.string()))

_ROWS = 100_000  # contacts per file
_CHANGES = 100_000  # changes per file, before the next one is started
_AT = CONTACTS.get_field_index("labels")
_WORDS = pa.list_(pa.dictionary(pa.int32(), pa.string()))
_MIRRORED_CONTACTS = CONTACTS.set(_AT, pa.field("labels", _WORDS)).insert(_AT + 1, pa.field("label_ids", _WORDS))
_LABEL_IDS = "label_ids.list.element"


def write_contacts(
    folder: Folder, contacts: Overlay, labels: Sequence[Label], held: Sequence[FilePart]
) -> tuple[FilePart, ...]:
    """Write contacts to files, the newest first, and keep the `held` files that would be the same.

    Files are filled from the oldest contact on, so new contacts change the first file alone.
    """
    spans = [(max(0, end - _ROWS), end) for end in range(len(contacts), 0, -_ROWS)] or [(0, 0)]
    begins = dict(zip(accumulate((part.rows for part in held), initial=0), held, strict=False))
    lists = contacts.labels
    names, ids = pa.array([x.name for x in labels], pa.string()), pa.array([x.id for x in labels], pa.string())

    def held_rows(first: int, end: int) -> pa.Table:
        parts = [
            folder.read(part, columns=PLAIN).slice(max(0, first - begin), end - max(first, begin))
            for begin, part in begins.items()
            if begin < end and begin + part.rows > first
        ]
        return pa.concat_tables(parts)

    def written(span: tuple[int, int]) -> FilePart:
        begin = contacts.held_from(*span)
        part = None if begin is None else begins.get(begin)
        if part and part.rows == span[1] - span[0]:
            return part
        plain = contacts.rows(*span, held_rows).columns
        columns = [*plain[:_AT], *_spelled(lists[slice(*span)], names, ids), *plain[_AT:]]
        table = pa.table(columns, schema=_MIRRORED_CONTACTS)
        repeating = ("labels.list.element", _LABEL_IDS)
        return folder.write("contacts", _MIRRORED_CONTACTS, table.to_batches(), repeating=repeating)

    with ThreadPoolExecutor() as pool:
        return tuple(pool.map(written, spans))[::-1]


def read_contact_files(folder: Folder, kept: ContactsPart) -> Contacts:
    """The contacts in files; label codes are indexes of `kept.labels`."""
    labels = tuple(known.label for known in kept.labels)
    return Contacts(_read(folder, kept, CONTACTS), labels, kept.read_time, kept.repairs, kept.exact)


def read_held(folder: Folder, kept: ContactsPart) -> pa.Table:
    """The columns of mirrored contacts needed to find changes: the HELD schema; codes are indexes of `kept.labels`."""
    return _read(folder, kept, HELD)


def log_folder(campaign: Campaign) -> str:
    """Where a campaign's log is: in a folder of the month, in UTC, in which the campaign starts, and one of its own."""
    start = (campaign.start_time or campaign.created_time).astimezone(UTC)
    return f"logs/month={start:%Y-%m}/campaign={quote(campaign.id, safe='')}/"


def write_log(folder: Folder, campaign: Campaign, batches: Iterable[pa.RecordBatch]) -> FilePart:
    """Write a campaign's log, in the MIRRORED_LOGS schema, to a file."""
    kind = f"{log_folder(campaign)}log"
    return folder.write(kind, MIRRORED_LOGS, batches, repeating=("campaign_id", "contact_name", "status", "error"))


def write_changes(folder: Folder, held: tuple[FilePart, ...], changes: pa.Table) -> tuple[FilePart, ...]:
    """Add label changes to the earlier ones, in the last file or a new one; there is always one, perhaps empty."""
    if held and not changes.num_rows:
        return held
    if held and held[-1].rows < _CHANGES:
        changes = pa.concat_tables([folder.read(held[-1]), changes])
        held = held[:-1]
    return (*held, folder.write("changes", CHANGES, changes.to_batches(), repeating=CHANGES.names[1:]))


def _read(folder: Folder, kept: ContactsPart, schema: pa.Schema) -> pa.Table:
    """These columns of the contacts, with codes for labels."""
    ids = pa.array([known.label.id for known in kept.labels], pa.string())
    columns = [name if name != "labels" else "label_ids" for name in schema.names]
    table = pa.concat_tables([folder.read(part, columns=columns, read_dictionary=[_LABEL_IDS]) for part in kept.parts])
    codes = []
    for lists in table["label_ids"].chunks:
        known = pc.index_in(lists.values.dictionary, value_set=ids)
        codes.append(pa.ListArray.from_arrays(lists.offsets, known.take(lists.values.indices)))
    field = schema.field("labels")
    return table.set_column(schema.get_field_index("labels"), field, pa.chunked_array(codes, field.type))


def _spelled(lists: pa.ListArray, *words: pa.Array) -> list[pa.Array]:
    """Lists of label codes as lists of words, by code; one column for each vocabulary."""
    spelled = [pa.DictionaryArray.from_arrays(lists.values, vocabulary) for vocabulary in words]
    return [pa.ListArray.from_arrays(lists.offsets, values) for values in spelled]
