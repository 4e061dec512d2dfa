"""A mirror's files: Parquet files named by their content, and the manifest that lists the current ones.

Files are never changed, and those of the previous state stay until the next refresh begins, so that readers can finish.
Logs are in folders by month and campaign, as Hive names them, so that engines open only those that a condition needs.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from io import BufferedRandom
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from toolkit.errors import MirrorUnusable
from toolkit.mirror.local_files import LocalFiles
from toolkit.mirror.manifest import DRAFT, LOCK, MANIFEST, FilePart, Manifest, read_manifest, write_manifest
from toolkit.mirror.stored_objects import StoredObjects

_PART = re.compile(rf"((contacts|changes)|logs/month=[^/]+/campaign=[^/]+/log)-[0-9a-f]{{32}}\.parquet|{DRAFT}\w+")
_LOCK = re.compile(rf"{LOCK}(-journal|-[0-9a-f]{{32}})?")
_GROUP = 100_000  # rows compressed, and in memory, together


class Folder:
    """The files of one mirror, in a folder of this machine or at the address of an object store."""

    def __init__(self, path: Path | str) -> None:
        self._files = StoredObjects(path) if isinstance(path, str) and "://" in path else LocalFiles(Path(path))

    def __str__(self) -> str:
        return str(self._files)

    def address(self, part: FilePart) -> str:
        """Where engines read a file."""
        return self._files.address(part.file)

    def manifest(self) -> Manifest | None:
        """The current state; None before the first. Raises MirrorUnusable."""
        content = b""
        try:
            while content != (content := bytes(self._files.read(MANIFEST))):  # replaced while it was read: once more
                with suppress(MirrorUnusable):
                    return read_manifest(content)
            return read_manifest(content)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise MirrorUnusable(f"The mirror in {self} cannot be read {self._files.explain(error)}") from error

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be the only writer, even if the last one was killed.

        Raises MirrorBusy, and MirrorUnusable for a folder with other files or one that cannot be written.
        """
        try:
            if self.manifest() is None and not all(
                _PART.fullmatch(name) or _LOCK.fullmatch(name) for name in self._files.names()
            ):
                raise MirrorUnusable(f"The folder {self} contains other files: choose an empty one.")
            with self._files.alone():
                yield
        except OSError as error:
            raise MirrorUnusable(f"The mirror in {self} cannot be written {self._files.explain(error)}") from error

    def write(
        self, kind: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch], *, repeating: Sequence[str] = ()
    ) -> FilePart:
        """Write a file of rows that may exceed memory; values of some columns repeat."""
        rows = 0
        how = {"compression": "zstd", "use_dictionary": list(repeating), "store_schema": False}
        with self._files.draft() as draft:
            with pq.ParquetWriter(draft, schema, **how) as writer:
                for table in _groups(batches, schema):
                    writer.write_table(table)
                    rows += table.num_rows
            name = f"{kind}-{_digest(draft)}.parquet"
            self._files.put(draft, name)
        return FilePart(file=name, rows=rows)

    def read(self, part: FilePart, **how: Any) -> pa.Table:
        """A file's rows, with the options of pyarrow.parquet.read_table; MirrorUnusable if it was changed."""
        try:
            content = self._files.read(part.file)
            if f"-{hashlib.sha256(content).hexdigest()[:32]}." in part.file:
                return pq.read_table(pa.BufferReader(content), **how)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise MirrorUnusable(f"The mirror in {self} cannot be read {self._files.explain(error)}") from error
        why = f"The mirror's file {self.address(part)} is missing or damaged"
        raise MirrorUnusable(f"{why}: delete the mirror's folder and refresh().")

    def commit(self, manifest: Manifest) -> None:
        """Make a manifest the current state."""
        self._files.commit(write_manifest(manifest))

    def clean(self, manifest: Manifest | None) -> None:
        """Remove unused files: of the previous state, and of a refresh that was stopped."""
        counts = manifest.files if manifest else set()
        for name in self._files.names():
            if _PART.fullmatch(name) and name not in counts:
                self._files.remove(name)


def _digest(draft: BufferedRandom) -> str:
    draft.seek(0)
    return hashlib.file_digest(draft, "sha256").hexdigest()[:32]


def _groups(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.Table]:
    held: list[pa.RecordBatch] = []
    for batch in batches:
        held.append(batch)
        if sum(one.num_rows for one in held) >= _GROUP:
            yield pa.Table.from_batches(held).combine_chunks()
            held = []
    yield pa.Table.from_batches(held, schema=schema).combine_chunks()
