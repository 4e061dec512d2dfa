"""Pages of a long list decoded in processes beside this one, since Python decodes in one thread at a time.

They help, and are never needed: a page for which none is free, or which one cannot read, is decoded here, where errors
are reported. A process reads a page from its standard input and answers with Arrow's bytes; it ends with its input.
"""

from __future__ import annotations

import os
import pickle
import struct
import subprocess
import sys
import warnings
from contextlib import suppress
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue
from threading import Thread
from typing import IO

import numpy as np
import pyarrow as pa

from toolkit.api.arrow_schemas import LabelBook, Page, tell_nameless
from toolkit.api.dialect import Dialect
from toolkit.api.dialect_detection import DIALECTS
from toolkit.models import Label

LONG = 200_000  # rows of a list from which a process pays: to start one takes as long as to decode half of them
_MOST = 3
_SIZE = struct.Struct("<Q")  # before each page and each answer; 0 for a page that cannot be read
_START = "import sys; from toolkit.api.decoding_processes import serve; serve(sys.argv[1], sys.argv[2] == 'contacts')"


@dataclass(frozen=True)
class Decoding:
    """Decodes pages of contacts, whose labels become codes of `book`, or without one pages of delivery logs."""

    dialect: Dialect
    book: LabelBook | None = None

    def __call__(self, body: bytes) -> Page:
        """A page, decoded in this process."""
        return self.dialect.read_logs(body) if self.book is None else self.dialect.read_contacts(body, self.book)


@dataclass(frozen=True)
class Decoded:
    """A page as a process answered it, with the labels that its codes mean."""

    page: Page
    labels: list[Label]

    def into(self, book: LabelBook | None) -> Page:
        """The page with codes of this book, which grows as if the page had been decoded here."""
        if book is None:
            return self.page
        rows = self.page.rows
        lists = rows["labels"]
        codes = lists.values.to_numpy()
        used, first = np.unique(codes, return_index=True)
        nameless = {*book.nameless}
        for code in used[np.argsort(first)].tolist():
            book.add(self.labels[code])
        tell_nameless(book, nameless)
        own = np.zeros(len(self.labels), np.int32)
        own[used] = [book.codes[self.labels[code].id] for code in used.tolist()]
        at = rows.schema.get_field_index("labels")
        labels = pa.ListArray.from_arrays(lists.offsets, pa.array(own[codes]))
        return replace(self.page, rows=rows.set_column(at, rows.schema.field(at), labels))


class _Process:
    """A process that decodes pages, and the labels that it has met."""

    def __init__(self, decoding: Decoding) -> None:
        known = {name: value for name, value in os.environ.items() if not name.startswith("SEAX_")}
        what = "logs" if decoding.book is None else "contacts"
        self._process = subprocess.Popen(
            [sys.executable, "-c", _START, decoding.dialect.NAME, what],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=known | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            pipesize=1 << 20,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._labels: list[Label] = []

    def is_ready(self) -> bool:
        """True once it waits for pages; False if it ended first."""
        return self._answers.read(1) == b"+"

    def decode(self, body: bytes) -> Decoded | None:
        """A page; None if it cannot read it. OSError or EOFError if it has ended."""
        _write(self._pages, body)
        answer = _read(self._answers)
        if not answer:
            return None
        batch, ids, total, unknown, odd, labels = pickle.loads(answer)
        self._labels = labels or self._labels
        return Decoded(Page(pa.ipc.open_stream(batch).read_next_batch(), ids, total, unknown, odd), self._labels)

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._pages, self._answers):
            with suppress(OSError):  # a page that was not written
                pipe.close()

    @property
    def _pages(self) -> IO[bytes]:
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def _answers(self) -> IO[bytes]:
        assert self._process.stdout is not None
        return self._process.stdout


class Processes:
    """Processes that decode pages of one list; `decode` may be called from any thread."""

    def __init__(self, decoding: Decoding) -> None:
        self._free: SimpleQueue[_Process] = SimpleQueue()
        self._all: list[_Process] = []
        with suppress(OSError):  # no more processes are allowed: those that there are will do, or none
            for _ in range(max(1, min(_MOST, (os.cpu_count() or 1) - 1))):
                self._all.append(_Process(decoding))
        for each in self._all:
            Thread(target=self._await, args=(each,), daemon=True).start()

    def decode(self, body: bytes) -> Decoded | None:
        """A page; None if no process is free, or the one that was could not read it."""
        try:
            process = self._free.get_nowait()
        except Empty:
            return None
        try:
            found = process.decode(body)
        except (OSError, EOFError, ValueError):  # it has ended, or its pipes are closed: it is asked no more
            return None
        self._free.put(process)
        return found

    def end(self) -> None:
        """End them all."""
        for each in self._all:
            each.end()

    def _await(self, process: _Process) -> None:
        with suppress(OSError, ValueError):  # ended meanwhile
            if process.is_ready():
                self._free.put(process)


def serve(dialect: str, is_contacts: bool) -> None:
    """Decode the pages that come by standard input until it ends."""
    warnings.simplefilter("ignore")  # the process that asked warns of labels without a name
    book = LabelBook() if is_contacts else None
    decoding, pages, answers = Decoding(DIALECTS[dialect], book), sys.stdin.buffer, sys.stdout.buffer
    answers.write(b"+")
    answers.flush()
    told = (0, 0)
    while True:
        try:
            body = _read(pages)
        except EOFError:
            return
        try:
            page = decoding(body)
        except Exception:  # noqa: BLE001 — whatever it is, the page is decoded again where it can be reported
            _write(answers, b"")
            continue
        knows = (len(book.labels), len(book.nameless)) if book else told
        labels = list(book.labels) if book and knows != told else None
        told = knows
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, page.rows.schema) as stream:
            stream.write_batch(page.rows)
        answer = (sink.getvalue().to_pybytes(), page.ids, page.total, page.unknown_fields, page.odd, labels)
        _write(answers, pickle.dumps(answer, protocol=5))


def _write(pipe: IO[bytes], content: bytes) -> None:
    pipe.write(_SIZE.pack(len(content)))
    pipe.write(content)
    pipe.flush()


def _read(pipe: IO[bytes]) -> bytes:
    size = _SIZE.unpack(_exactly(pipe, _SIZE.size))[0]
    return _exactly(pipe, size)


def _exactly(pipe: IO[bytes], size: int) -> bytes:
    found = pipe.read(size)
    if len(found) < size:
        raise EOFError
    return found
