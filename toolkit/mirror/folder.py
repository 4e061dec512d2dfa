"""A mirror's folder: Parquet files named by their content, and the manifest that lists the current ones.

A file is on the disk, complete and under its name, before a manifest names it, and a manifest replaces the previous one
atomically: a process killed at any moment does not damage the last state. Files are never changed, and those of the
previous state stay until the next refresh begins, so that readers can finish. One process writes at a time.
"""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from toolkit.errors import MirrorBusy, MirrorUnusable
from toolkit.mirror.manifest import FilePart, Manifest, read_manifest, write_manifest
from toolkit.platform_support import replace, sync_folder

_MANIFEST = "manifest.json"
_DRAFT = "draft-"
_PART = re.compile(rf"(contacts|changes|log)-[0-9a-f]{{32}}\.parquet|{_DRAFT}\w+")
_LOCK = re.compile(r"lock(-journal)?")
_GROUP = 100_000  # rows compressed, and in memory, together


class Folder:
    """The files of one mirror."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def manifest(self) -> Manifest | None:
        """The current state; None before the first. Raises MirrorUnusable."""
        try:
            return read_manifest((self.path / _MANIFEST).read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise MirrorUnusable(f"The mirror in {self.path} cannot be read ({error.strerror}).") from error

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be the only writer, even if the last one was killed: the lock is released when its process ends.

        Raises MirrorBusy, and MirrorUnusable for a folder with other files or one that cannot be written.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            names = [path.name for path in self.path.iterdir()]
            if _MANIFEST not in names and not all(_PART.fullmatch(name) or _LOCK.fullmatch(name) for name in names):
                raise MirrorUnusable(f"The folder {self.path} contains other files: choose an empty one.")
            with closing(sqlite3.connect(self.path / "lock", timeout=0, isolation_level=None)) as lock:
                self._hold(lock)
                yield
        except OSError as error:
            raise MirrorUnusable(f"The mirror in {self.path} cannot be written ({error.strerror or error}).") from error

    def _hold(self, lock: sqlite3.Connection) -> None:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                raise MirrorBusy(
                    f"The mirror in {self.path} is being refreshed by another process: wait until that ends."
                ) from error
            raise MirrorUnusable(f"The mirror in {self.path} cannot be locked ({error}).") from error

    def write(
        self, kind: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch], *, repeating: Sequence[str] = ()
    ) -> FilePart:
        """Write a file of rows that may exceed memory; values of some columns repeat."""
        draft, rows = self._draft(), 0
        how = {"compression": "zstd", "use_dictionary": list(repeating), "store_schema": False}
        try:
            with pq.ParquetWriter(draft, schema, **how) as writer:
                for table in _groups(batches, schema):
                    writer.write_table(table)
                    rows += table.num_rows
            with draft.open("rb+") as file:
                name = f"{kind}-{_digest(file)}.parquet"
                os.fsync(file.fileno())
            replace(draft, self.path / name)
        finally:
            draft.unlink(missing_ok=True)
        sync_folder(self.path)
        return FilePart(file=name, rows=rows)

    def read(self, part: FilePart, **how: Any) -> pa.Table:
        """A file's rows, with the options of pyarrow.parquet.read_table; MirrorUnusable if it was changed."""
        path = self.path / part.file
        try:
            with path.open("rb") as file:
                is_whole = f"-{_digest(file)}." in part.file
            if is_whole:
                return pq.read_table(path, partitioning=None, **how)
        except FileNotFoundError:
            pass
        why = f"The mirror's file {path} is missing or damaged"
        raise MirrorUnusable(f"{why}: delete the mirror's folder and refresh().")

    def commit(self, manifest: Manifest) -> None:
        """Make a manifest the current state."""
        draft = self._draft()
        with draft.open("wb") as file:
            file.write(write_manifest(manifest))
            file.flush()
            os.fsync(file.fileno())
        replace(draft, self.path / _MANIFEST)
        sync_folder(self.path)

    def clean(self, manifest: Manifest | None) -> None:
        """Remove unused files: of the previous state, and of a refresh that was stopped."""
        counts = manifest.files if manifest else set()
        for path in self.path.iterdir():
            if _PART.fullmatch(path.name) and path.name not in counts:
                with suppress(PermissionError):  # Windows keeps a file that is being read; it is removed the next time
                    path.unlink()

    def _draft(self) -> Path:
        handle, name = tempfile.mkstemp(prefix=_DRAFT, dir=self.path)
        os.close(handle)
        return Path(name)


def _digest(file: Any) -> str:
    return hashlib.file_digest(file, "sha256").hexdigest()[:32]


def _groups(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.Table]:
    held: list[pa.RecordBatch] = []
    for batch in batches:
        held.append(batch)
        if sum(one.num_rows for one in held) >= _GROUP:
            yield pa.Table.from_batches(held).combine_chunks()
            held = []
    yield pa.Table.from_batches(held, schema=schema).combine_chunks()
