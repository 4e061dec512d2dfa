"""One refresh of a mirror: what was read becomes files, and then the current state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from toolkit.errors import NotFound, SnapshotTorn
from toolkit.mirror.folder import Folder
from toolkit.mirror.label_history import CHANGES, Membership, label_changes
from toolkit.mirror.manifest import ContactsPart, FilePart, KnownLabel, LogPart, Manifest
from toolkit.mirror.parquet_files import log_folder, read_held, write_changes, write_contacts, write_log
from toolkit.mirror.refresh_reads import ContactsRead, RefreshReader, adds_up
from toolkit.models import Campaign

_EDITS = "Edits of names, notes and fields do not show in what the service reports about a list."
_LABELS = (
    "Labels that moved between contacts with their counts the same, were renamed or had no contacts before do not "
    "show in what the service reports about a list."
)
_NAMES = "Names and phones in logs that were not read again are as they were when the log was read."


@dataclass(frozen=True)
class Refresh:
    """What a refresh read, and how certain its result is: `exact`, or `doubts` that explain what may differ."""

    contacts: int
    is_whole: bool  # contacts were read in full, not updated
    label_changes: int
    logs_read: tuple[str, ...]
    logs_kept: tuple[str, ...]  # unchanged, because their counters are unchanged
    logs_gone: tuple[str, ...]  # the service no longer has the campaign; a log read before is kept
    requests: int
    rows: int
    doubts: tuple[str, ...]

    @property
    def exact(self) -> bool:
        """Everything was read: nothing that the service reports can have been missed."""
        return not self.doubts

    def __repr__(self) -> str:
        logs = [
            f"{len(ids):,} {what}"
            for ids, what in ((self.logs_read, "read"), (self.logs_kept, "kept"), (self.logs_gone, "gone"))
            if ids
        ]
        lines = [
            f"<Refresh: {self.requests:,} requests, {self.rows:,} rows",
            f" {self.contacts:,} contacts {'read in full' if self.is_whole else 'updated'}",
            f" {self.label_changes:,} label changes",
            f" logs: {', '.join(logs) or 'none'}",
            " exact" if self.exact else " not certain to be exact; refresh(full=True) would be",
            *(f"  - {doubt}" for doubt in self.doubts),
        ]
        return "\n".join(lines) + ">"


def refresh(
    folder: Folder, reader: RefreshReader, workspace: str, *, named: Sequence[str], known: Iterable[str], full: bool
) -> Refresh:
    """Read what has changed and commit it, first the contacts and then each log. The folder must be locked.

    Logs are those already mirrored, those `named`, which must exist, and those `known`, which may be gone.
    """
    held = folder.manifest()
    folder.clean(held)
    manifest, read = _contacts(folder, reader, held, workspace, full=full)
    folder.commit(manifest)
    logs: dict[str, list[str]] = {"read": [], "kept": [], "gone": []}
    for campaign_id in dict.fromkeys([*manifest.logs, *known, *named]):
        try:
            log, is_read = _log(folder, reader, campaign_id, manifest.logs.get(campaign_id), full=full)
        except NotFound:
            if campaign_id in named:
                raise
            logs["gone"].append(campaign_id)
            continue
        manifest = manifest.model_copy(update={"logs": {**manifest.logs, campaign_id: log}})
        logs["read" if is_read else "kept"].append(campaign_id)
        if is_read:
            folder.commit(manifest)
    folder.commit(manifest)
    doubts = {_EDITS: not read.is_whole and not read.changed_until, _LABELS: not read.is_whole, _NAMES: logs["kept"]}
    return Refresh(
        contacts=len(manifest.contacts),
        is_whole=read.is_whole,
        label_changes=_rows(manifest.changes) - (_rows(held.changes) if held else 0),
        logs_read=tuple(logs["read"]),
        logs_kept=tuple(logs["kept"]),
        logs_gone=tuple(logs["gone"]),
        requests=reader.requests,
        rows=reader.rows,
        doubts=tuple(doubt for doubt, is_open in doubts.items() if is_open),
    )


def _rows(parts: Iterable[FilePart]) -> int:
    return sum(part.rows for part in parts)


def _contacts(
    folder: Folder, reader: RefreshReader, held: Manifest | None, workspace: str, *, full: bool
) -> tuple[Manifest, ContactsRead]:
    """The state with the current contacts and label changes, and how they were read."""
    if held is None:
        read = reader.whole()
        kept = _kept(read, write_contacts(folder, read.contacts, read.labels, ()), {}, whole_time=read.began)
        changes = write_changes(folder, (), CHANGES.empty_table())
        return Manifest(workspace=workspace, began=read.ended, contacts=kept, changes=changes, logs={}), read
    before = held.contacts
    labels = tuple(known.label for known in before.labels)
    rows = read_held(folder, before)
    read = reader.whole() if full else reader.changes(rows, labels, before.changed_until)
    parts = write_contacts(folder, read.contacts, read.labels, before.parts)
    old = Membership(rows["id"].combine_chunks(), rows["labels"].combine_chunks(), labels)
    new = Membership(read.contacts.ids, read.contacts.labels, read.labels)
    if not read.is_whole:
        touched = new.ids.filter(pa.array(read.contacts.touched))
        old, new = old.among(pa.concat_arrays([touched, read.contacts.gone])), new.among(touched)
    read_times = {known.label.id: known.read_time for known in before.labels}
    noted = label_changes(old, new, since=read_times, otherwise=before.whole_time, until=read.ended)
    whole_time = read.began if read.is_whole else before.whole_time
    kept = _kept(read, parts, read_times, whole_time=whole_time)
    changes = write_changes(folder, held.changes, noted)
    return held.model_copy(update={"contacts": kept, "changes": changes}), read


def _kept(
    read: ContactsRead, parts: tuple[FilePart, ...], read_times: dict[str, datetime], *, whole_time: datetime
) -> ContactsPart:
    return ContactsPart(
        parts=parts,
        labels=tuple(
            KnownLabel(
                label=label,
                contacts=count,
                read_time=read.began if label.id in read.certain else read_times.get(label.id, whole_time),
            )
            for label, count in zip(read.labels, read.counts, strict=True)
        ),
        read_time=read.ended,
        whole_time=whole_time,
        repairs=read.repairs,
        exact=read.is_whole,
        changed_until=read.changed_until,
    )


def _log(
    folder: Folder, reader: RefreshReader, campaign_id: str, held: LogPart | None, *, full: bool
) -> tuple[LogPart, bool]:
    """A campaign's log, and whether it was read again because it may have changed."""
    if held and held.is_frozen and not full:
        return held, False
    campaign, asked = reader.campaign(campaign_id)
    is_in_place = held is not None and held.part.file.startswith(log_folder(campaign))
    if held and is_in_place and not full and not held.has_moved(campaign):
        return held.model_copy(update={"campaign": campaign, "checked_time": asked}), False
    part, statuses = _written(folder, reader, campaign)
    is_still = held is not None and not held.moved_counters(campaign)
    return LogPart(
        part=part,
        campaign=campaign,
        read_time=asked,
        still_since=held.still_since if held and is_still else asked,
        checked_time=asked,
        agrees=campaign.statistics is not None and adds_up(statuses, campaign.statistics),
    ), True


def _written(folder: Folder, reader: RefreshReader, campaign: Campaign) -> tuple[FilePart, Counter[str]]:
    """The file of a campaign's log, written in constant memory unless the log changed under it."""
    statuses = Counter[str]()
    try:
        return write_log(folder, campaign, reader.log(campaign, statuses)), statuses
    except SnapshotTorn:
        statuses.clear()
        return write_log(folder, campaign, reader.log(campaign, statuses, whole=True)), statuses
