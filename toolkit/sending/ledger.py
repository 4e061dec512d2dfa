"""What was planned, approved and sent: one SQLite file shared by every face on this machine. No ledger, no send.

    planned ─▶ approved ─▶ sending ─▶ sent
       │        │    ▲        ├─────▶ unknown ─▶ sent, or withdrawn when a person found that it never arrived
       ▼        ▼    └────────┘ a definite refusal gives the approval back
     declined, withdrawn

Every change is one transaction that is on the disk before the next step (WAL, synchronous=FULL, a connection per
call). Events are only ever added, each with the hash of the one before. Phones are kept masked, keys never.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from toolkit.errors import ApprovalInvalid, LedgerUnavailable, OutcomeUnknown, PlanNotFound, PlanWithdrawn
from toolkit.models import Frozen
from toolkit.sections import Described, Section
from toolkit.sending.approval import Approval
from toolkit.sending.plan import Plan

State = Literal["planned", "approved", "sending", "sent", "unknown", "declined", "withdrawn"]

# One send per intent: the index makes a second one impossible, whichever process or plan it comes from.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS plans (
    id TEXT PRIMARY KEY, workspace TEXT NOT NULL, intent TEXT NOT NULL, digest TEXT NOT NULL, state TEXT NOT NULL,
    created_at TEXT NOT NULL, body TEXT NOT NULL, recipient_ids BLOB NOT NULL, receipt TEXT
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS one_send ON plans (intent) WHERE state IN ('sending', 'sent', 'unknown');
CREATE TABLE IF NOT EXISTS approvals (
    id TEXT PRIMARY KEY, plan_id TEXT NOT NULL REFERENCES plans, digest TEXT NOT NULL, body TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS events (
    seq INTEGER PRIMARY KEY, plan_id TEXT NOT NULL, at TEXT NOT NULL, event TEXT NOT NULL, who TEXT NOT NULL,
    via TEXT NOT NULL, digest TEXT NOT NULL, detail TEXT NOT NULL, hash TEXT NOT NULL
) STRICT;
CREATE TRIGGER IF NOT EXISTS events_stay BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'events are only added'); END;
CREATE TRIGGER IF NOT EXISTS events_remain BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'events are only added'); END;
"""


class Receipt(Described, Frozen):
    """What became of an approved plan.

    `sent`: the service accepted it, once; `repeated` marks the answer to asking again. `refused`: it did not.
    `unknown`: the request left and no definite answer came. `accepted` is the service's own count of recipients.
    """

    plan_id: str
    status: Literal["sent", "refused", "unknown"]
    at: datetime
    recipients: int
    campaign_id: str | None = None
    message_id: str | None = None
    job_id: str | None = None
    accepted: int | None = None
    detail: str = ""
    repeated: bool = False

    @property
    def reference(self) -> str | None:
        """The service's id of what was sent."""
        return self.campaign_id or self.message_id or self.job_id

    def __str__(self) -> str:
        what = self.reference or self.plan_id
        again = " earlier; nothing was sent now" if self.repeated else ""
        detail = f" {self.detail}" if self.detail else ""
        return f"{self.status}{again}: {what}, {self.recipients:,} planned, {self.at:%Y-%m-%d %H:%M} UTC.{detail}"

    def describe(self) -> list[Section]:
        """What became of it, and what to do next."""
        rows = [["plan", self.plan_id], ["at", f"{self.at:%Y-%m-%d %H:%M} UTC"], ["planned", f"{self.recipients:,}"]]
        if self.accepted is not None:
            rows.append(["accepted by the service", f"{self.accepted:,}"])
        named = (("campaign", self.campaign_id), ("message", self.message_id), ("job", self.job_id))
        rows += [[what, reference] for what, reference in named if reference]
        rows += [["detail", self.detail]] if self.detail else []
        title = {
            "sent": "Sent earlier; nothing was sent now" if self.repeated else "Sent, once",
            "refused": "Refused: nothing was sent",
            "unknown": "Outcome unknown: it is not sent again; look in SeaX, then ws.reconcile() tells the ledger",
        }
        return [Section(title[self.status], rows)]


class Entry(Frozen):
    """A plan in the ledger, where it stands, and what became of it."""

    plan: Plan
    state: State
    receipt: Receipt | None

    def __repr__(self) -> str:
        return f"<Entry {self.state}: {self.plan!r}>"


class Event(Frozen):
    """One thing that happened to a plan."""

    seq: int
    plan_id: str
    at: datetime
    event: str
    who: str
    via: str
    digest: str
    detail: str


class Ledger:
    """The ledger file; made on first use, readable by its owner only."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._connection() as db:
            path.chmod(0o600)
            db.executescript(_SCHEMA)

    def record_plan(self, plan: Plan) -> None:
        """Keep a new plan."""
        ids = zlib.compress("\n".join(plan.recipient_ids).encode(), level=1)
        body = plan.model_dump_json(exclude={"recipient_ids"})
        with self._writing() as db:
            db.execute(
                "INSERT INTO plans VALUES (?, ?, ?, ?, 'planned', ?, ?, ?, NULL)",
                (plan.id, plan.workspace, plan.intent, plan.digest, plan.created_at.isoformat(), body, ids),
            )
            _event(db, plan.id, plan.created_at, "planned", digest=plan.digest)

    def entry(self, plan_id: str) -> Entry:
        """One plan with its recipients' ids; PlanNotFound if there is none."""
        entries = self._entries("WHERE id = ?", (plan_id,))
        if not entries:
            raise PlanNotFound(f"There is no plan {plan_id!r} here: `seax plans` lists those there are.")
        with self._connection() as db:
            (ids,) = db.execute("SELECT recipient_ids FROM plans WHERE id = ?", (plan_id,)).fetchone()
        text = zlib.decompress(ids).decode()
        plan = entries[0].plan.model_copy(update={"recipient_ids": tuple(text.split("\n")) if text else ()})
        return entries[0].model_copy(update={"plan": plan})

    def entries(self, workspace: str, states: Sequence[State] = (), *, limit: int = 50) -> list[Entry]:
        """A workspace's plans, newest first and without recipients' ids; all of them or those in these states."""
        among = f"AND state IN ({', '.join('?' * len(states))})" if states else ""
        condition = f"WHERE workspace = ? {among} ORDER BY created_at DESC LIMIT ?"
        return self._entries(condition, (workspace, *states, limit))

    def sent(self, intent: str) -> Entry | None:
        """The plan of the same intent that has left, if one has: sent, being sent, or unknown."""
        rows = self._entries("WHERE intent = ? AND state IN ('sending', 'sent', 'unknown')", (intent,))
        return rows[0] if rows else None

    def record_approval(self, approval: Approval) -> None:
        """Keep a person's yes."""
        with self._writing() as db:
            db.execute(
                "INSERT INTO approvals VALUES (?, ?, ?, ?)",
                (approval.id, approval.plan_id, approval.digest, approval.model_dump_json()),
            )
            is_open = db.execute(
                "UPDATE plans SET state = 'approved' WHERE id = ? AND state IN ('planned', 'approved')",
                (approval.plan_id,),
            ).rowcount
            if not is_open:
                raise PlanWithdrawn("The plan was ended or sent just now: look at it again. Nothing was sent.")
            _event(
                db,
                approval.plan_id,
                approval.approved_at,
                "approved",
                who=approval.by,
                via=approval.via,
                digest=approval.digest,
            )

    def approval_of(self, plan_id: str) -> Approval:
        """The latest approval of a plan; ApprovalInvalid if it has none."""
        with self._connection() as db:
            row = db.execute(
                "SELECT body FROM approvals WHERE plan_id = ? ORDER BY rowid DESC LIMIT 1", (plan_id,)
            ).fetchone()
        if row is None:
            raise ApprovalInvalid(f"Plan {plan_id} was never approved. Nothing was sent.")
        return Approval.model_validate_json(row[0])

    def check_approval(self, approval: Approval) -> None:
        """Raise ApprovalInvalid unless this very approval was recorded here."""
        with self._connection() as db:
            row = db.execute("SELECT body FROM approvals WHERE id = ?", (approval.id,)).fetchone()
        if row is None or Approval.model_validate_json(row[0]) != approval:
            raise ApprovalInvalid(
                "This approval was not given through the toolkit: approve the plan again. Nothing was sent."
            )

    def claim(self, approval: Approval, at: datetime) -> bool:
        """Take the one right to send; False if it is gone. From here on the plan has left."""
        try:
            with self._writing() as db:
                took = db.execute(
                    "UPDATE plans SET state = 'sending' WHERE id = ? AND digest = ? AND state = 'approved'",
                    (approval.plan_id, approval.digest),
                ).rowcount
                if took:
                    _event(
                        db,
                        approval.plan_id,
                        at,
                        "sending",
                        who=approval.by,
                        via=approval.via,
                        digest=approval.digest,
                    )
        except sqlite3.IntegrityError:
            return False
        return took == 1

    def settle(self, receipt: Receipt, state: Literal["sent", "unknown", "approved", "withdrawn"], *, who: str) -> None:
        """Write what became of a plan that has left: the state it is in from now on.

        Raises OutcomeUnknown if the plan was settled otherwise meanwhile; what came is kept as an event all the same.
        """
        with self._writing() as db:
            changed = db.execute(
                "UPDATE plans SET state = ?, receipt = ? WHERE id = ? AND state IN ('sending', 'unknown')",
                (state, receipt.model_dump_json(), receipt.plan_id),
            ).rowcount
            event = receipt.status if changed else f"{receipt.status}, too late"
            detail = " ".join(filter(None, [receipt.reference, receipt.detail]))
            _event(db, receipt.plan_id, receipt.at, event, who=who, detail=detail)
        if not changed:
            raise OutcomeUnknown(
                f"The answer ({receipt}) came when plan {receipt.plan_id} had been settled otherwise: look in SeaX."
            )

    def campaign_ids(self, workspace: str) -> list[str]:
        """The campaigns of a workspace that were sent from this machine, oldest first."""
        query = "SELECT receipt FROM plans WHERE workspace = ? AND receipt IS NOT NULL ORDER BY created_at"
        with self._connection() as db:
            receipts = [Receipt.model_validate_json(row[0]) for row in db.execute(query, (workspace,))]
        return [receipt.campaign_id for receipt in receipts if receipt.campaign_id]

    def is_taken(self, reference: str) -> bool:
        """A receipt names this campaign, message or job already."""
        with self._connection() as db:
            rows = db.execute("SELECT receipt FROM plans WHERE receipt IS NOT NULL").fetchall()
        return any(Receipt.model_validate_json(row[0]).reference == reference for row in rows)

    def close(self, plan_id: str, state: Literal["declined", "withdrawn"], *, by: str, via: str, at: datetime) -> bool:
        """End a plan that has not left; False if it already has, or was ended before."""
        with self._writing() as db:
            changed = db.execute(
                "UPDATE plans SET state = ? WHERE id = ? AND state IN ('planned', 'approved')",
                (state, plan_id),
            ).rowcount
            if changed:
                _event(db, plan_id, at, state, who=by, via=via)
        return changed == 1

    def events(self, plan_id: str) -> list[Event]:
        """What happened to a plan, oldest first."""
        with self._connection() as db:
            rows = db.execute("SELECT * FROM events WHERE plan_id = ? ORDER BY seq", (plan_id,)).fetchall()
        return [Event.model_validate({name: row[name] for name in Event.model_fields}) for row in rows]

    def first_tampered(self) -> int | None:
        """The number of the first event that does not follow from the one before, None if all do."""
        previous = ""
        with self._connection() as db:
            for row in db.execute("SELECT * FROM events ORDER BY seq"):
                *content, written = tuple(row)
                if written != _hash(previous, content):
                    return int(row["seq"])
                previous = written
        return None

    def _entries(self, condition: str, values: Sequence[object]) -> list[Entry]:
        with self._connection() as db:
            rows = db.execute(f"SELECT state, body, receipt FROM plans {condition}", tuple(values)).fetchall()
        return [_entry(row) for row in rows]

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            db = sqlite3.connect(self.path, timeout=30, isolation_level=None)
            try:
                db.row_factory = sqlite3.Row
                db.execute("PRAGMA journal_mode = WAL")
                db.execute("PRAGMA synchronous = FULL")
                db.execute("PRAGMA foreign_keys = ON")
                yield db
            finally:
                db.close()
        except sqlite3.IntegrityError:
            raise
        except (sqlite3.Error, OSError) as error:
            raise LedgerUnavailable(
                f"The ledger {self.path} cannot be used ({error}): check SEAX_HOME, its free space and your rights. "
                "Nothing is sent without it."
            ) from error

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._connection() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")


def _entry(row: sqlite3.Row) -> Entry:
    plan = Plan.model_validate_json(row["body"])
    receipt = Receipt.model_validate_json(row["receipt"]) if row["receipt"] else None
    return Entry(plan=plan, state=row["state"], receipt=receipt)


def _event(
    db: sqlite3.Connection,
    plan_id: str,
    at: datetime,
    event: str,
    *,
    who: str = "",
    via: str = "",
    digest: str = "",
    detail: str = "",
) -> None:
    last = db.execute("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1").fetchone() or (0, "")
    content = [last[0] + 1, plan_id, at.astimezone(UTC).isoformat(), event, who, via, digest, detail]
    db.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*content, _hash(last[1], content)))


def _hash(previous: str, content: Sequence[object]) -> str:
    return hashlib.sha256(json.dumps([previous, *content]).encode()).hexdigest()
