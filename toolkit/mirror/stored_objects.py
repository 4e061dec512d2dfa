"""The files of a mirror in an object store (S3, Google Cloud Storage, Azure), through `pyarrow.fs`.

What is promised, where the store shows an object as soon as it is written, as these three do:

- An object is visible when it is complete. Those that a manifest names are never changed, and the manifest is replaced
  by one put: a process killed at any moment does not damage the last state, and readers see one state or the next.
- One process writes at a time. A writer puts a lock under a random name, then lists the locks; another one that is
  fresh refuses it with MirrorBusy. Two that begin within the same moment may both be refused, never both admitted.
- A writer renews its lock every 30 seconds. The lock of one that was killed is fresh for 3 minutes by the store's own
  clock; after that, the next writer takes over.
- A writer that stood still for longer (a suspended machine) finds its lock gone, or the manifest another than it has
  read, before it replaces the manifest, and gives up with MirrorBusy.

What is not: `pyarrow.fs` has no compare-and-swap, so a writer that stands still for those 3 minutes between that check
and the put right after it replaces what another one has written meanwhile. The mirror may then name files that are
gone; reading says so. Credentials, the region and the endpoint are found where `pyarrow.fs` looks for them: in the
environment, in profiles, from the machine's role.
"""

from __future__ import annotations

import mmap
import re
import secrets
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from io import BufferedRandom
from urllib.parse import urlsplit

import pyarrow as pa
from pyarrow import fs

from toolkit.errors import MirrorBusy, MirrorUnusable
from toolkit.mirror.manifest import LOCK, MANIFEST

_STALE = timedelta(minutes=3)
_RENEWED = 30.0  # seconds
_KINDS = {"s3", "gcs", "abfs"}  # where a put replaces an object at once
_HOW = "s3://bucket/folder, gs://bucket/folder or abfs://container@account.dfs.core.windows.net/folder"


class StoredObjects:
    """Objects by their names, which follow the prefix in an address such as `s3://bucket/prefix`.

    Keys and options in the address are used, and never shown. Raises MirrorUnusable for an address of another kind.
    """

    def __init__(self, uri: str) -> None:
        at_once = f"{'&' if '?' in uri else '?'}allow_delayed_open=true"  # one request to put a small object, not three
        try:
            self._store, path = fs.FileSystem.from_uri(f"{uri}{at_once if uri.startswith('s3:') else ''}")
        except (pa.ArrowException, ImportError, ValueError) as error:
            why = "such an address" if isinstance(error, ImportError) else "this address"
            raise MirrorUnusable(f"A mirror cannot be at {why}: pass a folder, {_HOW}.") from None
        except OSError as error:
            raise MirrorUnusable(f"The object store cannot be reached {self.explain(error)}") from None
        self._path = path.strip("/")
        if self._store.type_name not in _KINDS or not self._path:
            raise MirrorUnusable(f"A mirror cannot be at this address: pass a folder, {_HOW}.")
        self._address = _without_keys(uri, self._path)
        self._lock = ""
        self._replaced: bytes | None = None  # the manifest that the next one replaces

    def __str__(self) -> str:
        return self._address

    def address(self, name: str) -> str:
        """Where engines read an object."""
        return f"{self._address}/{name}"

    def names(self) -> Iterator[str]:
        """The names of all objects."""
        yield from (self._name(info) for info in self._listed())

    def read(self, name: str) -> pa.Buffer:
        """An object's content; OSError."""
        try:
            with self._store.open_input_file(self._at(name)) as stored:
                return stored.read_buffer()
        except FileNotFoundError as error:
            bucket = self._path.partition("/")[0]
            if self._store.get_file_info(bucket).type == fs.FileType.NotFound:
                raise OSError(f"there is no bucket {bucket}") from error
            raise

    @contextmanager
    def draft(self) -> Iterator[BufferedRandom]:
        """A file of this machine without a name, to be written and then `put`."""
        with tempfile.TemporaryFile() as draft:
            yield draft

    def put(self, draft: BufferedRandom, name: str) -> None:
        """Write an object with a draft's content."""
        draft.flush()
        with mmap.mmap(draft.fileno(), 0, access=mmap.ACCESS_READ) as content:
            self._put(name, content)

    def commit(self, manifest: bytes) -> None:
        """Replace the manifest, if it is still the one that this writer has read or written last."""
        if self._is_locked() and self._manifest() == self._replaced:
            self._put(MANIFEST, manifest)
            self._replaced = manifest
            return
        raise MirrorBusy(
            f"Another process has taken over the mirror in {self}, because this one had stood still: "
            "call refresh() again when that process has ended."
        )

    def remove(self, name: str) -> None:
        """Remove an object, if it is there."""
        with suppress(FileNotFoundError):
            self._store.delete_file(self._at(name))

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be the only writer. Raises MirrorBusy and OSError."""
        self._lock = f"{LOCK}-{secrets.token_hex(16)}"
        ended = threading.Event()
        renewing = threading.Thread(target=self._renew, args=(ended,), daemon=True)
        try:
            self._put(self._lock, b"The mirror here is being refreshed.")
            self._take_over()
            renewing.start()
            self._replaced = self._manifest()
            yield
        finally:
            ended.set()
            if renewing.ident:
                renewing.join()
            with suppress(OSError):
                self.remove(self._lock)

    def explain(self, error: OSError) -> str:
        """Why an object cannot be read or written, and what to do about it."""
        found = re.search(r"AWS Error (\w+)", str(error))
        reason = found[1] if found else re.sub(r"\?\S*", "", str(error))[:200].rstrip(".")
        return (
            f"({reason}): check that the bucket exists, and that the credentials in the environment or the profile "
            "may read and write there."
        )

    def _take_over(self) -> None:
        """Remove the locks of writers that were killed; MirrorBusy if there is another one."""
        locks = {self._name(info): info.mtime for info in self._listed() if self._name(info).startswith(LOCK)}
        own = locks.pop(self._lock, None)
        if own is None or any(own - renewed < _STALE for renewed in locks.values()):
            raise MirrorBusy(
                f"The mirror in {self} is being refreshed by another process: wait until that ends, or for "
                f"{_STALE.seconds // 60} minutes if it was killed."
            )
        for lock in locks:
            self.remove(lock)

    def _renew(self, ended: threading.Event) -> None:
        while not ended.wait(_RENEWED):
            with suppress(OSError):  # the next time may succeed before the lock is stale
                if not self._is_locked():
                    return
                self._put(self._lock, b"The mirror here is being refreshed.")

    def _is_locked(self) -> bool:
        return bool(self._store.get_file_info(self._at(self._lock)).type == fs.FileType.File)

    def _manifest(self) -> bytes | None:
        try:
            return bytes(self.read(MANIFEST))
        except FileNotFoundError:
            return None

    def _listed(self) -> list[fs.FileInfo]:
        selector = fs.FileSelector(self._path, recursive=True, allow_not_found=True)
        return [info for info in self._store.get_file_info(selector) if info.type == fs.FileType.File]

    def _name(self, info: fs.FileInfo) -> str:
        return str(info.path).removeprefix(f"{self._path}/")

    def _at(self, name: str) -> str:
        return f"{self._path}/{name}"

    def _put(self, name: str, content: bytes | mmap.mmap) -> None:
        with self._store.open_output_stream(self._at(name)) as stored:
            stored.write(content)


def _without_keys(uri: str, path: str) -> str:
    """The address of a path without keys and options."""
    address = urlsplit(uri)
    if not address.scheme.startswith("abfs"):
        return f"{address.scheme}://{path}"
    container, _, folder = path.partition("/")
    return f"{address.scheme}://{container}@{address.hostname}/{folder}".rstrip("/")
