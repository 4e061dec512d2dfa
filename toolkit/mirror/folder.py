"""A mirror's folder: Parquet files named by their content, and the manifest that says which of them count.

A file is on the disk, whole and under its name, before a manifest names it, and a manifest replaces the one before in
one step: whoever is stopped at any moment leaves the last state. Files are never changed, and those of the state
before stay until the next refresh begins, so that who is reading goes on reading. One process writes at a time.
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
from toolkit.mirror.manifest import Manifest, Part, read_manifest, write_manifest

_MANIFEST = "manifest.json"
_DRAFT = "draft-"
_PART = re.compile(rf"(contacts|changes|log)-[0-9a-f]{{32}}\.parquet|{_DRAFT}\w+")
_LOCK = re.compile(r"lock(-journal)?")
_GROUP = 100_000  # rows that are compressed, and held in memory, together


class Folder:
    """The files of one mirror."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def manifest(self) -> Manifest | None:
        """The state that counts now; None before the first. Raises MirrorUnusable."""
        try:
            return read_manifest((self.path / _MANIFEST).read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise MirrorUnusable(f"The mirror in {self.path} cannot be read ({error.strerror}).") from error

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be the only writer, also if the last one was killed: the lock goes when its process does.

        Raises MirrorBusy, and MirrorUnusable for a folder that is not ours or cannot be written.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            names = [path.name for path in self.path.iterdir()]
            if _MANIFEST not in names and not all(_PART.fullmatch(name) or _LOCK.fullmatch(name) for name in names):
                raise MirrorUnusable(f"The folder {self.path} holds other files: give the mirror one of its own.")
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
                    f"The mirror in {self.path} is being refreshed already: it can be read meanwhile."
                ) from error
            raise MirrorUnusable(f"The mirror in {self.path} cannot be locked ({error}).") from error

    def write(
        self, kind: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch], *, repeating: Sequence[str] = ()
    ) -> Part:
        """Write a file of rows that may be more than memory holds; values of some columns repeat."""
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
            draft.replace(self.path / name)
        finally:
            draft.unlink(missing_ok=True)
        self._sync()
        return Part(file=name, rows=rows)

    def read(self, part: Part, **how: Any) -> pa.Table:
        """A file's rows, as pyarrow.parquet.read_table is told how; MirrorUnusable if it is not as it was written."""
        path = self.path / part.file
        try:
            with path.open("rb") as file:
                is_whole = f"-{_digest(file)}." in part.file
            if is_whole:
                return pq.read_table(path, partitioning=None, **how)
        except FileNotFoundError:
            pass
        raise MirrorUnusable(f"The mirror's file {path} is gone or damaged: delete the mirror's folder and refresh().")

    def commit(self, manifest: Manifest) -> None:
        """Let a manifest count from now on."""
        draft = self._draft()
        with draft.open("wb") as file:
            file.write(write_manifest(manifest))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path / _MANIFEST)
        self._sync()

    def clean(self, manifest: Manifest | None) -> None:
        """Remove the files that do not count: of the state before, and of a refresh that was stopped."""
        counts = manifest.files if manifest else set()
        for path in self.path.iterdir():
            if _PART.fullmatch(path.name) and path.name not in counts:
                with suppress(PermissionError):  # Windows keeps a file that is being read; it goes the next time
                    path.unlink()

    def _draft(self) -> Path:
        handle, name = tempfile.mkstemp(prefix=_DRAFT, dir=self.path)
        os.close(handle)
        return Path(name)

    def _sync(self) -> None:
        if hasattr(os, "O_DIRECTORY"):  # elsewhere the names of files are on the disk when they are given
            folder = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)


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
