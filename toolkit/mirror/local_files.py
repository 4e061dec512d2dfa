"""The files of a mirror in a folder of this machine: durable when they are named, replaced atomically, one writer.

A file is on the disk, complete and under its name, before a manifest names it, and a manifest replaces the previous one
atomically: a process killed at any moment does not damage the last state. The lock is released when its process ends.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from io import BufferedRandom
from pathlib import Path

import pyarrow as pa

from toolkit.errors import MirrorBusy, MirrorUnusable
from toolkit.mirror.manifest import DRAFT, LOCK, MANIFEST
from toolkit.platform_support import replace, sync_folder


class LocalFiles:
    """Files by their names, which are paths inside the folder with `/` between their parts."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __str__(self) -> str:
        return str(self._path)

    def address(self, name: str) -> str:
        """Where engines read a file."""
        return str(self._path / name)

    def names(self) -> Iterator[str]:
        """The names of all files; none if there is no folder yet."""
        for folder, _, files in os.walk(self._path):
            yield from ((Path(folder) / file).relative_to(self._path).as_posix() for file in files)

    def read(self, name: str) -> pa.Buffer:
        """A file's content; OSError."""
        return pa.memory_map(str(self._path / name)).read_buffer()

    @contextmanager
    def draft(self) -> Iterator[BufferedRandom]:
        """A file that nobody reads, to be written and then `put`; it is removed otherwise."""
        handle, name = tempfile.mkstemp(prefix=DRAFT, dir=self._path)
        os.close(handle)
        try:
            with Path(name).open("rb+") as draft:
                yield draft
        finally:
            Path(name).unlink(missing_ok=True)

    def put(self, draft: BufferedRandom, name: str) -> None:
        """Give a draft its name, once it is on the disk."""
        draft.flush()
        os.fsync(draft.fileno())
        draft.close()  # Windows renames no open file
        path = self._path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        replace(Path(draft.name), path)
        for folder in path.parents[: len(Path(name).parts)]:
            sync_folder(folder)

    def commit(self, manifest: bytes) -> None:
        """Replace the manifest."""
        with self.draft() as draft:
            draft.write(manifest)
            self.put(draft, MANIFEST)

    def remove(self, name: str) -> None:
        """Remove a file, and the folders that are empty then."""
        path = self._path / name
        with suppress(PermissionError):  # Windows keeps a file that is being read; it is removed the next time
            path.unlink()
        with suppress(OSError):
            for folder in path.parents[: len(Path(name).parts) - 1]:
                folder.rmdir()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be the only writer, even if the last one was killed. Raises MirrorBusy, MirrorUnusable and OSError."""
        self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with closing(sqlite3.connect(self._path / LOCK, timeout=0, isolation_level=None)) as lock:
            try:
                lock.execute("BEGIN EXCLUSIVE")
            except sqlite3.Error as error:
                if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                    raise MirrorBusy(
                        f"The mirror in {self} is being refreshed by another process: wait until that ends."
                    ) from error
                raise MirrorUnusable(f"The mirror in {self} cannot be locked ({error}).") from error
            yield

    def explain(self, error: OSError) -> str:
        """Why a file cannot be read or written."""
        return f"({error.strerror or error})."
