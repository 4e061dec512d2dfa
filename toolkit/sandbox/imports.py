"""Importing contacts: a CSV becomes a job whose rows take effect one by one as the clock passes."""

import csv
import io
import json
import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from toolkit.sandbox import bitmaps, contacts, hashing, labels, numbers, orderings
from toolkit.sandbox.contacts import Contact
from toolkit.sandbox.errors import Refused
from toolkit.sandbox.times import SECOND, zulu
from toolkit.sandbox.world import opt_outs

ROWS_PER_SECOND = 2_000
PROBLEMS_SHOWN = 100
_RESERVED = ("name", "phone", "whatsapp", "labels")


def parse(content: bytes) -> list[dict[str, str]]:
    """Read a CSV with a header row; 422 if it cannot contain contacts."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refusal("The file must be CSV text in UTF-8", "INVALID_ENCODING") from error
    if "\0" in text:
        raise _refusal("The file must be CSV text in UTF-8, without null characters", "INVALID_ENCODING")
    reader = csv.reader(io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n")))
    try:
        rows = [row for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise _refusal(f"The file is not readable as CSV: {error}", "INVALID_FORMAT") from error
    if not rows:
        raise _refusal("The file has no header row; add one with the columns name, phone, …", "EMPTY_FILE")
    header = [name.strip() for name in rows[0]]
    columns = [name.lower() if name.lower() in _RESERVED else name for name in header]
    if "name" not in columns and "phone" not in columns:
        raise _refusal("The header row has neither a name nor a phone column", "MISSING_COLUMN")
    if len(set(columns)) != len(columns):
        raise _refusal("The header row has a column twice", "DUPLICATE_COLUMN")
    return [dict(zip(columns, (cell.strip() for cell in row), strict=False)) for row in rows[1:]]


def create(
    db: sqlite3.Connection, rows: Iterable[dict[str, str]], *, job_id: str, now_us: int, country: str, strategy: str
) -> int:
    """Store a job and its rows, each due at its turn; returns the job's number."""
    pending = list(rows)
    done_us = now_us + len(pending) * SECOND // ROWS_PER_SECOND
    number: int = db.execute(
        "INSERT INTO jobs (id, created_us, country, strategy, total, done_us) VALUES (?, ?, ?, ?, ?, ?)"
        " RETURNING number",
        (job_id, now_us, country, strategy, len(pending), done_us),
    ).fetchone()[0]
    db.executemany(
        "INSERT INTO import_rows VALUES (?, ?, ?, ?, 0, NULL)",
        (
            (number, row, now_us + row * SECOND // ROWS_PER_SECOND, json.dumps(cells))
            for row, cells in enumerate(pending, start=1)
        ),
    )
    return number


def settle(db: sqlite3.Connection, *, now_us: int, workspace_id: str, seed: int) -> None:
    """Apply the rows that are due, in the order in which they became due."""
    due = db.execute(
        "SELECT r.job, r.row, r.due_us, r.cells, j.country, j.strategy FROM import_rows r"
        " JOIN jobs j ON j.number = r.job WHERE NOT r.is_done AND r.due_us <= ? ORDER BY r.due_us, r.job, r.row",
        (now_us,),
    ).fetchall()
    if not due:
        return
    arrivals = _Arrivals(db, workspace_id=workspace_id, seed=seed)
    outcomes = [
        (arrivals.take(json.loads(cells), due_us=due_us, country=country, strategy=strategy), job, row)
        for job, row, due_us, cells, country, strategy in due
    ]
    arrivals.flush()
    db.executemany("UPDATE import_rows SET is_done = 1, problem = ? WHERE job = ? AND row = ?", outcomes)
    orderings.forget(db)


def add_newcomer(db: sqlite3.Connection, *, now_us: int, workspace_id: str, seed: int) -> None:
    """Append one contact that was not imported."""
    arrivals = _Arrivals(db, workspace_id=workspace_id, seed=seed)
    arrivals.take({"name": "Newcomer"}, due_us=now_us, country="US", strategy="mark")
    arrivals.flush()
    orderings.forget(db)


def add_unknown(db: sqlite3.Connection, phones: Iterable[str], *, now_us: int, workspace_id: str, seed: int) -> None:
    """Append a contact for each number that none has."""
    arrivals = _Arrivals(db, workspace_id=workspace_id, seed=seed)
    for phone in phones:
        arrivals.take({"phone": phone}, due_us=now_us, country="US", strategy="skip")
    arrivals.flush()
    orderings.forget(db)


class _Arrivals:
    """The contacts of one settling, collected so that they are appended together."""

    def __init__(self, db: sqlite3.Connection, *, workspace_id: str, seed: int) -> None:
        self._db = db
        self._workspace_id = workspace_id
        self._seed = seed
        self._first = contacts.how_many(db)
        self._new: list[Contact] = []
        self._by_phone: dict[str, int] = {}
        self._labelled: dict[int, list[int]] = {}
        self._unlabelled: list[int] = []
        self._opted_out: list[tuple[int, int]] = []
        self._system = labels.SystemLabels.of(db)

    def take(self, cells: dict[str, str], *, due_us: int, country: str, strategy: str) -> str | None:
        """Apply one row; returns why it cannot be applied, or None."""
        phone, problem = _number(cells.get("phone", ""), country)
        whatsapp, whatsapp_problem = _number(cells.get("whatsapp", ""), country)
        if problem or whatsapp_problem:
            return problem or whatsapp_problem
        if not cells.get("name") and phone is None:
            return "The row has neither a name nor a phone"
        numbers_given = [self._label(name, due_us) for name in cells.get("labels", "").split(",") if name.strip()]
        fields = {key: value for key, value in cells.items() if key not in _RESERVED and key and value}
        twin = None if phone is None else self._holder(phone)
        if twin is not None and strategy == "skip":
            return None
        if twin is not None and strategy in ("update", "merge", "replace"):
            self._update(twin, cells, whatsapp, fields, due_us)
            if strategy == "replace":
                self._detach(twin)
            self._attach(twin, numbers_given, due_us)
            return None
        seq = self._first + len(self._new)
        self._new.append(
            Contact(
                id=hashing.identifier(self._seed, "contact", seq),
                name=cells.get("name") or (phone or ""),
                phone=phone,
                whatsapp_phone=whatsapp,
                note="",
                fields=fields,
                created_us=due_us,
                updated_us=due_us,
            )
        )
        if phone is not None:
            self._by_phone.setdefault(phone, seq)
        self._attach(seq, [*numbers_given, *([self._system.duplicate] if twin is not None else [])], due_us)
        return None

    def flush(self) -> None:
        """Append what was gathered."""
        contacts.insert(self._db, self._first, self._new, workspace_id=self._workspace_id)
        total = self._first + len(self._new)
        if self._unlabelled:
            bits = bitmaps.of_positions(np.array(self._unlabelled, np.int64), contacts=total)
            for label in labels.of_users(self._db):
                bitmaps.remove_members(self._db, label, bits)
        for label, seqs in self._labelled.items():
            bits = bitmaps.of_positions(np.array(seqs, np.int64), contacts=total)
            bitmaps.add_members(self._db, label, bits)
        opt_outs.record(self._db, self._opted_out)

    def _label(self, name: str, now_us: int) -> int:
        new_id = hashing.identifier(self._seed, "label", name.strip())
        return labels.number_for_import(self._db, name.strip(), new_id=new_id, now_us=now_us)

    def _attach(self, seq: int, given: list[int], due_us: int) -> None:
        for label in given:
            self._labelled.setdefault(label, []).append(seq)
        if self._system.opting_out & set(given):
            self._opted_out.append((seq, due_us))

    def _detach(self, seq: int) -> None:
        """Take the labels that users gave from a contact; those of the service stay."""
        if seq < self._first:
            self._unlabelled.append(seq)
        for label in labels.of_users(self._db):
            seqs = self._labelled.get(label, [])
            self._labelled[label] = [other for other in seqs if other != seq]

    def _holder(self, phone: str) -> int | None:
        row = self._db.execute("SELECT min(seq) FROM contacts WHERE phone = ?", (phone,)).fetchone()
        return row[0] if row[0] is not None else self._by_phone.get(phone)

    def _update(
        self, seq: int, cells: dict[str, str], whatsapp: str | None, fields: dict[str, str], due_us: int
    ) -> None:
        is_new = seq >= self._first
        old = self._new[seq - self._first] if is_new else contacts.stored(self._db, seq)
        updated = replace(
            old,
            name=cells.get("name") or old.name,
            whatsapp_phone=whatsapp or old.whatsapp_phone,
            fields={**old.fields, **fields},
            updated_us=due_us,
        )
        if is_new:
            self._new[seq - self._first] = updated
        else:
            contacts.replace_stored(self._db, seq, updated, workspace_id=self._workspace_id)


class ImportJob(NamedTuple):
    """An import and how far it is; `problems` are the first rows that failed, and why."""

    id: str
    created_us: int
    total: int
    done_us: int
    processed: int
    failed: int
    problems: list[tuple[int, str]]


def read_import_job(db: sqlite3.Connection, number: int) -> ImportJob:
    """Return the import job of a number."""
    made: tuple[str, int, int, int] = db.execute(
        "SELECT id, created_us, total, done_us FROM jobs WHERE number = ?", (number,)
    ).fetchone()
    counts: tuple[int, int] = db.execute(
        "SELECT count(*), count(problem) FROM import_rows WHERE job = ? AND is_done", (number,)
    ).fetchone()
    problems = db.execute(
        "SELECT row, problem FROM import_rows WHERE job = ? AND problem IS NOT NULL ORDER BY row LIMIT ?",
        (number, PROBLEMS_SHOWN),
    ).fetchall()
    return ImportJob._make([*made, *counts, problems])


def body(db: sqlite3.Connection, number: int, *, now_us: int) -> dict[str, Any]:
    """Return an import job as the guide shows it, with the first rows that failed and why."""
    job = read_import_job(db, number)
    return {
        "id": job.id,
        "status": "finished" if job.processed == job.total else "processing",
        "job_type": "import_contacts",
        "created_time": zulu(job.created_us),
        "updated_time": zulu(max(job.created_us, min(now_us, job.done_us))),
        "progress": 100 * job.processed // job.total if job.total else 100,
        "total_items": job.total,
        "processed_items": job.processed,
        "failed_items": job.failed,
        "errors": [{"row": row, "message": problem} for row, problem in job.problems],
    }


def _number(raw: str, country: str) -> tuple[str | None, str | None]:
    if not raw:
        return None, None
    e164 = numbers.to_e164(raw, country=country)
    if e164 is None:
        return None, f"{raw!r} is not a phone number"
    if not numbers.is_fictional(e164):
        return None, f"{e164} may belong to somebody; the sandbox takes fictional numbers only, such as +12125550142"
    return e164, None


def _refusal(message: str, code: str) -> Refused:
    return Refused(422, message, field="file", code=code)
