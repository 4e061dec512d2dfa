"""The files of a mirror and their columns, which any engine can read: those of the frames, and ids of labels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pyarrow.compute as pc

from toolkit.api.columns import CONTACTS, LOGS
from toolkit.data.contacts import Contacts
from toolkit.data.folder import Folder
from toolkit.data.label_history import CHANGES
from toolkit.data.manifest import ContactsPart, Part

MIRRORED_LOGS = LOGS.insert(0, pa.field("campaign_id", pa.string()))

_ROWS = 100_000  # contacts in a file
_CHANGES = 100_000  # changes in a file, before the next one is begun
_AT = CONTACTS.get_field_index("labels")
_WORDS = pa.list_(pa.dictionary(pa.int32(), pa.string()))
_MIRRORED_CONTACTS = CONTACTS.set(_AT, pa.field("labels", _WORDS)).insert(_AT + 1, pa.field("label_ids", _WORDS))
_LABEL_IDS = "label_ids.list.element"


def write_contacts(
    folder: Folder,
    contacts: Contacts,
    held: Sequence[Part] = (),
    before: Contacts | None = None,
    touched: pa.Array | None = None,
) -> tuple[Part, ...]:
    """Write contacts to files, the newest first, and keep the files held that would be the same.

    `held` are the files of the contacts `before`, and only contacts whose ids are in `touched` may differ from those;
    None for all. Files are filled from the oldest contact on, so newcomers change the first file alone.
    """
    table, total = _spelled(contacts), len(contacts)
    slices = [(max(0, end - _ROWS), end) for end in range(total, 0, -_ROWS)] or [(0, 0)]
    parts: list[Part | None] = [None] * len(slices)
    if before is not None and touched is not None:
        is_touched = pc.is_in(table["id"], value_set=touched)
        for at, ((low, high), part) in enumerate(zip(slices, reversed(held), strict=False)):
            if part.rows != high - low or pc.any(is_touched.slice(low, high - low)).as_py():
                continue
            then = before.table["id"].slice(len(before) - total + low, high - low)
            if then.equals(table["id"].slice(low, high - low)):
                parts[at] = part

    def written(span: tuple[int, int], part: Part | None) -> Part:
        rows = table.slice(span[0], span[1] - span[0]).to_batches()
        return part or folder.write("contacts", _MIRRORED_CONTACTS, rows, repeating=("labels.list.element", _LABEL_IDS))

    with ThreadPoolExecutor() as pool:
        return tuple(pool.map(written, slices, parts))[::-1]


def read_contacts(folder: Folder, kept: ContactsPart) -> Contacts:
    """The contacts in files; label codes are places in `kept.labels`."""
    labels = tuple(known.label for known in kept.labels)
    ids = pa.array([label.id for label in labels], pa.string())
    columns = [name if name != "labels" else "label_ids" for name in CONTACTS.names]
    parts = [folder.read(part, columns=columns, read_dictionary=[_LABEL_IDS]) for part in kept.parts]
    table = pa.concat_tables(parts)
    codes = []
    for lists in table["label_ids"].chunks:
        known = pc.index_in(lists.values.dictionary, value_set=ids)
        codes.append(pa.ListArray.from_arrays(lists.offsets, known.take(lists.values.indices)))
    table = table.set_column(_AT, CONTACTS.field("labels"), pa.chunked_array(codes, CONTACTS.field("labels").type))
    return Contacts(table, labels, kept.read_time, kept.repairs, kept.exact)


def write_log(folder: Folder, batches: Iterable[pa.RecordBatch]) -> Part:
    """Write a campaign's log, in the MIRRORED_LOGS schema, to a file."""
    return folder.write("log", MIRRORED_LOGS, batches, repeating=("campaign_id", "contact_name", "status", "error"))


def write_changes(folder: Folder, held: tuple[Part, ...], changes: pa.Table) -> tuple[Part, ...]:
    """Add changes of labels to those held, in the last file or a new one; there is always one, which may be empty."""
    if held and not changes.num_rows:
        return held
    if held and held[-1].rows < _CHANGES:
        changes = pa.concat_tables([folder.read(held[-1]), changes])
        held = held[:-1]
    return (*held, folder.write("changes", CHANGES, changes.to_batches(), repeating=CHANGES.names[1:]))


def _spelled(contacts: Contacts) -> pa.Table:
    """Contacts with labels by name, and by id beside."""
    lists = contacts.table["labels"].combine_chunks()

    def words(of: list[str]) -> pa.Array:
        return pa.ListArray.from_arrays(
            lists.offsets, pa.DictionaryArray.from_arrays(lists.values, pa.array(of, pa.string()))
        )

    table = contacts.table.set_column(_AT, "labels", words([label.name for label in contacts.labels]))
    return table.add_column(_AT + 1, "label_ids", words([label.id for label in contacts.labels]))
