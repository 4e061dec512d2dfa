"""A workspace's contacts and delivery logs as Parquet files in a folder or an object store, updated at low cost.

`refresh` reads what has changed; everything else reads the files alone, in any number of processes, also during a
refresh. pandas has the methods here; Polars, DuckDB and Spark read the files at `paths`. Label changes
between refreshes are kept, to see who gained a label, lost it or opted out since a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Literal, TypeVar

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from toolkit.api.arrow_schemas import LOGS
from toolkit.api.client import Client
from toolkit.api.snapshot_read import Progress
from toolkit.data.arrow_frames import to_pandas
from toolkit.data.contacts import Contacts
from toolkit.data.label_counts import labels_frame
from toolkit.data.label_names import AS_NAMED, LabelNames
from toolkit.data.logs import logs_frame
from toolkit.display import when
from toolkit.errors import MirrorUnusable, NotMirrored, SegmentError
from toolkit.frames import instant
from toolkit.mirror.folder import Folder
from toolkit.mirror.label_history import CHANGES
from toolkit.mirror.manifest import Manifest
from toolkit.mirror.parquet_files import read_contact_files
from toolkit.mirror.refresh import Refresh, refresh
from toolkit.mirror.refresh_reads import RefreshReader
from toolkit.models import Statistics
from toolkit.suggest import suggest

T = TypeVar("T")
_TIME = "datetime64[us, UTC]"
_CAMPAIGNS = {
    **dict.fromkeys(("id", "name", "type", "status"), "str"),
    **dict.fromkeys(("created_time", "start_time"), _TIME),
    **dict.fromkeys(Statistics.model_fields, "Int64"),
    "messages": "int64",
    **dict.fromkeys(("read_time", "checked_time"), _TIME),
    "is_frozen": "bool",
}


class Mirror:
    """One mirror; `Workspace.mirror` creates it. Times are the service's.

    `path` is its folder or, without keys, its address on an object store, `s3://bucket/folder`; what is promised there
    is in `toolkit.mirror.stored_objects`. The first `refresh` fills the folder, used for nothing else. Reading raises
    NotMirrored before that, and MirrorUnusable if the folder mirrors another workspace or a file in it is damaged.
    """

    def __init__(
        self,
        path: Path | str,
        client: Client,
        *,
        now: Callable[[], datetime],
        known: Callable[[], Iterable[str]],
        label_names: LabelNames = AS_NAMED,
    ) -> None:
        self._folder = Folder(path)
        self.path = path if isinstance(path, Path) else str(self._folder)
        self._client = client
        self._now = now
        self._known = known
        self._label_names = label_names
        self._workspace = f"{client.host}/{client.workspace_id}"

    def __repr__(self) -> str:
        manifest = self._folder.manifest()
        if manifest is None:
            return f"<Mirror in {self.path}: empty>"
        contacts, logs = manifest.contacts, len(manifest.logs)
        read = when(contacts.read_time)
        return f"<Mirror in {self.path}: {len(contacts):,} contacts and {logs} logs, refreshed {read}>"

    def refresh(
        self,
        campaigns: str | Sequence[str] | None = None,
        *,
        full: bool = False,
        progress: Progress | None = None,
    ) -> Refresh:
        """Update the mirror to the service's current state, and report what was read and whether it is certain.

        Mirrored are the logs of the campaigns named here or in an earlier refresh; if none are named, of all that are
        known here (see `Workspace.campaign_ids`). A log is read again if the campaign's counters have changed; a
        finished campaign whose counters were unchanged for a week is not checked any more. `full` reads everything.

        What was read is kept, log by log, however the refresh ends. Raises MirrorBusy if another process is refreshing,
        MirrorUnusable if the folder cannot be used, NotFound for a named campaign that does not exist, and the errors
        of reading. Progress is shown as in `Workspace.contacts`.
        """
        named = [campaigns] if isinstance(campaigns, str) else campaigns or ()
        with self._folder.alone():
            self._own()
            reader = RefreshReader(self._client, now=self._now, progress=progress)
            known = self._known() if campaigns is None else ()
            return refresh(self._folder, reader, self._workspace, named=named, known=known, full=full)

    def snapshot(self) -> Contacts:
        """All contacts, in columns as segments are counted on; as `Workspace.snapshot`."""
        return replace(
            self._read(lambda manifest: read_contact_files(self._folder, manifest.contacts)),
            label_names=self._label_names,
        )

    def contacts(self, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Every contact, one row each; columns and dtypes as `Workspace.contacts`."""
        contacts = self.snapshot()
        return contacts.frame if columns is None else contacts.select(columns)

    def logs(self, campaigns: str | Sequence[str] | None = None, *, statuses: Sequence[str] = ()) -> pd.DataFrame:
        """The logs of one campaign, several, or all that are mirrored; columns and dtypes as `Workspace.logs`."""
        kept = pc.field("status").isin(list(statuses)) if statuses else None

        def read(manifest: Manifest) -> pd.DataFrame:
            wanted = manifest.logs if campaigns is None else [campaigns] if isinstance(campaigns, str) else campaigns
            for campaign_id in wanted:
                if campaign_id not in manifest.logs:
                    raise NotMirrored(f"The mirror has no log of {campaign_id}: call refresh([{campaign_id!r}]).")
            logs = {campaign_id: manifest.logs[campaign_id] for campaign_id in wanted}
            tables = {
                campaign_id: self._folder.read(log.part, columns=LOGS.names, filters=kept)
                for campaign_id, log in logs.items()
            }
            return logs_frame(
                tables, min((log.read_time for log in logs.values()), default=manifest.contacts.read_time)
            )

        return self._read(read)

    def labels(self) -> pd.DataFrame:
        """The labels that contacts have; columns as `Workspace.labels`."""
        return labels_frame((x.label, x.contacts) for x in self._state().contacts.labels if x.contacts)

    def campaigns(self) -> pd.DataFrame:
        """The campaigns whose logs are mirrored, in the order in which they were added.

        Columns: `id, name, type, status` (str), `created_time, start_time` (datetime64[us, UTC], NaT if unknown),
        `total, sent, failed, delivered, bounced, opened, clicked` (Int64, the service's counters), `messages` (int64,
        in the log), `read_time, checked_time` (datetime64[us, UTC], when the log was read, and last known unchanged),
        `is_frozen` (bool, not checked any more)."""
        rows = [
            {
                **log.campaign.model_dump(include={"id", "name", "type", "status", "created_time", "start_time"}),
                **(log.campaign.statistics.model_dump() if log.campaign.statistics else {}),
                "messages": log.part.rows,
                "read_time": log.read_time,
                "checked_time": log.checked_time,
                "is_frozen": log.is_frozen,
            }
            for log in self._state().logs.values()
        ]
        return pd.DataFrame(rows, columns=list(_CAMPAIGNS)).astype(_CAMPAIGNS)

    @property
    def began(self) -> datetime:
        """When the mirror began: changes of labels are known since then."""
        return self._state().began

    def label_changes(self, since: datetime) -> pd.DataFrame:
        """Every label that a contact was found to have gained or lost after a time, oldest first.

        A new contact gained its labels, a deleted one lost them. Columns: `contact_id, label_id,
        label` (str), `change` (category: gained, lost), `after_time, before_time` (datetime64[us, UTC]): the change
        happened after the one, when the label was last read in full, and not after the other, when it was found.
        Raises NotMirrored for a time before the first refresh, of which nothing is known.
        """
        start = instant(since)

        def read(manifest: Manifest) -> pd.DataFrame:
            if start < manifest.began:
                raise NotMirrored(
                    f"Label changes are known since {when(manifest.began)}, when the mirror began: pass that time "
                    "or a later one."
                )
            later = pc.field("before_time") > pa.scalar(start, CHANGES.field("before_time").type)
            tables = [self._folder.read(part, filters=later) for part in manifest.changes]
            return to_pandas(pa.concat_tables(tables))

        changes = self._read(read)
        changes["change"] = changes["change"].astype(pd.CategoricalDtype(["gained", "lost"]))
        return changes

    def gained(self, label: str, since: datetime) -> pd.DataFrame:
        """Who was found after a time to have gained a label, by its name or id; columns as `label_changes`.

        Raises SegmentError for a label that no contact has or had.
        """
        return self._of_label(label, "gained", since)

    def lost(self, label: str, since: datetime) -> pd.DataFrame:
        """Who was found after a time to have lost a label; as `gained`."""
        return self._of_label(label, "lost", since)

    def opted_out(self, since: datetime) -> pd.DataFrame:
        """Who was found after a time to have opted out: gained a label that means it, such as DNC.

        One row per contact; columns as `label_changes`. New contacts with the label are included.
        """
        changes = self.label_changes(since)
        is_opt_out = (changes["change"] == "gained") & changes["label"].map(self._means_opted_out)
        return changes[is_opt_out].drop_duplicates("contact_id", ignore_index=True)

    def _means_opted_out(self, label: str) -> bool:
        return self._label_names.meaning(label) == "opted_out"

    def paths(self, of: Literal["contacts", "logs", "changes"]) -> list[str]:
        """The Parquet files of the current state, for any engine to read: paths, or addresses on an object store.

        `pl.scan_parquet(mirror.paths("logs"))`, `duckdb.read_parquet(mirror.paths("logs"))`,
        `spark.read.parquet(*mirror.paths("logs"))`. Columns as in the frames here; contacts have the ids of their
        labels too, `label_ids`, in the same order. Logs are in folders `logs/month=2026-11/campaign=ID`, the month, in
        UTC, in which the campaign starts: with `hive_partitioning=True`, and in Spark with
        `.option("basePath", f"{mirror.path}/logs")`, these are columns `month` and `campaign` (str), and only the files
        that a condition on them needs are read. Get the paths again after a refresh: files stay until the next one
        begins. Raises NotMirrored if there are no logs.
        """
        manifest = self._state()
        parts = {
            "contacts": manifest.contacts.parts,
            "logs": [log.part for log in manifest.logs.values()],
            "changes": manifest.changes,
        }[of]
        if not parts:
            raise NotMirrored("The mirror has no logs: call refresh([…]) with campaigns.")
        return [self._folder.address(part) for part in parts]

    def _of_label(self, name_or_id: str, change: str, since: datetime) -> pd.DataFrame:
        changes = self.label_changes(since)
        is_meant = (changes["label"] == name_or_id) | (changes["label_id"] == name_or_id)
        known = {word for label in self._state().contacts.labels for word in (label.label.name, label.label.id)}
        if name_or_id not in known and not is_meant.any():
            raise SegmentError(f"No contact has a label {name_or_id!r}: {suggest(name_or_id, known)}")
        return changes[is_meant & (changes["change"] == change)].reset_index(drop=True)

    def _own(self) -> Manifest | None:
        """The current state, if there is one; MirrorUnusable if it is of another workspace."""
        manifest = self._folder.manifest()
        if manifest and manifest.workspace != self._workspace:
            raise MirrorUnusable(
                f"The folder {self.path} mirrors {manifest.workspace}, not {self._workspace}: choose another."
            )
        return manifest

    def _state(self) -> Manifest:
        manifest = self._own()
        if manifest is None:
            raise NotMirrored(f"The mirror in {self.path} is empty: call refresh() to fill it.")
        return manifest

    def _read(self, read: Callable[[Manifest], T]) -> T:
        """The content of the files of the current state; retried if refreshes have removed them meanwhile."""
        while True:
            state = self._state()
            try:
                return read(state)
            except MirrorUnusable:
                if self._state() == state:
                    raise
