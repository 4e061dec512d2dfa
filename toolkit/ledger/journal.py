"""What the ledger says without its plans being rebuilt: a list of them, what happened to each, and seals.

It needs the database alone, so that a terminal that only asks the ledger starts at once.
"""

from __future__ import annotations

import json
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Any, Unpack

from toolkit.errors import LedgerUnavailable, PlanNotFound, SettingsError
from toolkit.ledger import audit, canceled, chain, halts
from toolkit.ledger.anchor import Anchor
from toolkit.ledger.chain import Event
from toolkit.ledger.staged import StageEvent, note_stage
from toolkit.ledger.step_rows import receipt_of, receipts_of, step_states
from toolkit.ledger.store import Store
from toolkit.ledger.team.recovery import Recovered, recover
from toolkit.ledger.team.send_journal import KeptClaim, SendJournal
from toolkit.ledger.team.shared_work import SharedWork
from toolkit.ledger.transaction import LedgerAccess, Transaction
from toolkit.models import Frozen
from toolkit.plans.plan_step import PlanStep
from toolkit.plans.receipt import Receipt, StepReceipt
from toolkit.plans.states import OPEN, Ending, State, StepState

if TYPE_CHECKING:
    from toolkit.ledger.team.postgres import PostgresStore

ENDABLE: tuple[State, ...] = (*OPEN, "partial")


class Listed(Frozen):
    """A plan as a list shows it, with the state of each of its steps and what was sent."""

    id: str
    name: str
    recipients: int
    state: State
    steps: tuple[StepState, ...]
    digest: str
    created_at: datetime
    expires_at: datetime
    receipt: Receipt | None


class Journal:
    """The ledger: a file that is made on first use, or a database at an address that starts with postgresql://."""

    def __init__(self, path: Path | str, home: Path | None = None) -> None:
        """`home` is where what was sent with a team's ledger is kept."""
        self.path, self.home = path, home
        self._store: Store | PostgresStore = Store(path) if isinstance(path, Path) else _postgres_store(path)

        self._sends = None
        if home and not isinstance(self._store, Store):
            with self._store.reading() as db:
                self._sends = SendJournal(home, db.key)

    def now(self) -> datetime:
        """The time by the ledger's clock: this machine's, or that of a team's server."""
        return self._store.now()

    def access(self) -> LedgerAccess | None:
        """What this login may do in a team's ledger; None for a file, which its owner may change."""
        return None if isinstance(self._store, Store) else self._store.access()

    @property
    def is_shared(self) -> bool:
        """It is a team's."""
        return not isinstance(self._store, Store)

    def shared_work(self, kind: str, workspace: str) -> SharedWork | None:
        """What a team keeps of a kind (drafts, segments) for a workspace; None with a file, beside which a folder has
        it."""
        return None if isinstance(self._store, Store) else SharedWork(self._store, kind, workspace)

    def wait_for_event(self, seconds: float, *, after: int) -> int:
        """Wait until a team's ledger has an event after number `after`, and return its last one's; `after` once these
        seconds have passed, as always with a file."""
        if not isinstance(self._store, Store):
            with suppress(LedgerUnavailable):  # whoever reads it next learns why
                return self._store.wait_for_event(seconds, after=after)
        sleep(seconds)
        return after

    def forgotten(self) -> list[KeptClaim]:
        """What was claimed from this home and a team's ledger does not have any more, oldest first."""
        if not self._sends:
            return []
        with self._store.reading() as db:
            return self._sends.forgotten(db)

    def recover(self, *, by: str) -> list[Recovered]:
        """Write into a team's ledger again what it has forgotten and was sent from this home, after a person has
        checked it in SeaX; Halted while all sending is."""
        if not self._sends:
            return []
        with ExitStack() as committed, self._store.writing() as db:
            return recover(db, self._sends, committed, at=self.now(), by=by)

    def halt(self, *, by: str, why: str = "") -> None:
        """Stop all sending with a team's ledger."""
        with self._store.writing() as db:
            halts.halt(db, at=self.now(), by=by, why=why)

    def resume(self, *, by: str) -> None:
        """Resume sending with a team's ledger; LedgerUnavailable if this login may not."""
        with self._store.writing() as db:
            halts.resume(db, at=self.now(), by=by)

    def halted(self) -> str | None:
        """Who halted all sending with a team's ledger, when and why; None if nobody did."""
        if not self.is_shared:
            return None
        with self._store.reading() as db:
            return halts.reason(db)

    def listed(self, workspace: str, *, limit: int = 50) -> list[Listed]:
        """A workspace's plans, newest first."""
        query = (
            "SELECT id, state, digest, created_at, expires_at, json_extract(body, '$.draft.name') AS name, "
            "CAST(json_extract(body, '$.recipients') AS INTEGER) AS recipients, "
            "json_extract(body, '$.steps') AS steps FROM plans WHERE workspace = ? ORDER BY created_at DESC LIMIT ?"
        )
        with self._store.reading() as db:
            return [_listed(db, row) for row in db.execute(query, (workspace, limit)).fetchall()]

    def check_known(self, plan_id: str, workspace: str) -> None:
        """Raise PlanNotFound unless the workspace has a plan of this id."""
        with self._store.reading() as db:
            row = db.execute("SELECT workspace FROM plans WHERE id = ?", (plan_id,)).fetchone()
            if row is None:
                audit.check_whole(db)  # it may exist, and not be found because of damage
                raise PlanNotFound(f"Plan {plan_id!r} does not exist here: `seax plans` lists all plans.")
            if row["workspace"] != workspace:
                raise PlanNotFound(f"Plan {plan_id} is for another workspace: plan the draft again in this one.")

    def step_of(self, workspace: str, campaign_id: str) -> StepReceipt | None:
        """The outcome of the step that a workspace's campaign was sent as, if it was sent from here."""
        condition = (
            "JOIN plans ON plans.id = plan_id WHERE workspace = ? AND json_extract(receipt, '$.campaign_id') = ?"
        )
        with self._store.reading() as db:
            return next(iter(receipts_of(db, condition, (workspace, campaign_id))), None)

    def receipts(self, workspace: str = "") -> list[StepReceipt]:
        """The outcome of every step that was tried, of one workspace or of all, oldest plans first."""
        condition = "JOIN plans ON plans.id = plan_id WHERE workspace = ? OR ? = '' ORDER BY created_at, number"
        with self._store.reading() as db:
            return receipts_of(db, condition, (workspace, workspace))

    def too_large(self, workspace: str) -> int | None:
        """The bytes of the smallest request that a workspace's service refused as too large; None if there is none."""
        size = "min(CAST(json_extract(receipt, '$.too_large') AS INTEGER))"
        with self._store.reading() as db:
            query = f"SELECT {size} FROM steps JOIN plans ON plans.id = plan_id WHERE workspace = ?"
            ((found,),) = db.execute(query, (workspace,)).fetchall()
        return int(found) if found is not None else None

    def close(self, plan_id: str, ending: Ending, *, by: str, via: str, at: datetime, why: str = "") -> bool:
        """Close a plan that was not sent, or the rest of one sent in part; False if there is nothing to close."""
        with self._store.writing() as db:
            state = state_of(db, plan_id)
            if state not in ENDABLE:
                return False
            ending_state: State = "stopped" if state == "partial" else ending
            db.execute("UPDATE plans SET state = ? WHERE id = ?", (ending_state, plan_id))
            chain.append(db, plan_id, ending, ending_state, at=at, who=by, via=via, detail=why)
        return True

    def expire(self, workspace: str, at: datetime) -> None:
        """Expire the plans of a workspace whose time is over."""
        when = at.astimezone(UTC).isoformat()
        among = ", ".join("?" * len(ENDABLE))
        query = f"SELECT id FROM plans WHERE workspace = ? AND expires_at <= ? AND state IN ({among})"
        with self._store.reading() as db:
            due = [row[0] for row in db.execute(query, (workspace, when, *ENDABLE))]
        for plan_id in due:
            self.close(plan_id, "expired", by="", via="", at=at)

    def keep_answer(self, plan_id: str, receipt: StepReceipt, *, is_recorded: bool = False) -> bool:
        """Keep in this home what came of a step that was claimed from it, in case a team's ledger cannot record it or
        forgets it; False if that is impossible, or if the ledger is a file."""
        return self._sends is not None and self._sends.keep_answer(plan_id, receipt, is_recorded=is_recorded)

    def note_cancel(
        self, workspace: str, campaign_id: str, event: canceled.CancelEvent, **note: Unpack[canceled.CancelNote]
    ) -> None:
        """Record what came of canceling a campaign, of a plan or sent elsewhere."""
        with self._store.writing() as db:
            canceled.note(db, workspace, campaign_id, event, **note)

    def note_stage(
        self, plan_id: str, step: int, event: StageEvent, detail: str, *, at: datetime, who: str, via: str
    ) -> None:
        """Record how far a step is that is being sent in two stages; see `toolkit.ledger.staged`."""
        with self._store.writing() as db:
            note_stage(db, plan_id, step, event, detail, at=at, who=who, via=via)

    def events(self, plan_id: str) -> list[Event]:
        """What happened to a plan, oldest first."""
        with self._store.reading() as db:
            return chain.events_of(db, plan_id)

    def verify(self, anchor: Anchor | None = None) -> audit.Audit:
        """Check every row and every event against the chain, and the chain against an anchor."""
        with self._store.reading() as db:
            return audit.verify(db, anchor)

    def anchor(self, at: datetime) -> Anchor:
        """The latest seal, to be kept elsewhere."""
        with self._store.reading() as db:
            event, seal = chain.head(db)
        if not seal:
            raise PlanNotFound("Nothing has been planned here yet, so there is nothing to anchor.")
        return Anchor(event=event, seal=seal, at=at)


def _postgres_store(address: str) -> PostgresStore:
    try:
        from toolkit.ledger.team.postgres import PostgresStore
    except ImportError as error:
        raise SettingsError(
            "SEAX_LEDGER names a database of PostgreSQL: `pip install 'seax-toolkit[postgresql]'` installs what speaks "
            "to it."
        ) from error
    return PostgresStore(address)


def _listed(db: Transaction, row: Any) -> Listed:
    steps = [PlanStep.model_validate(each) for each in json.loads(row["steps"])]
    return Listed(
        id=row["id"],
        name=row["name"],
        recipients=row["recipients"],
        state=row["state"],
        steps=tuple(step_states(db, row["id"])),
        digest=row["digest"],
        created_at=datetime.fromisoformat(row["created_at"]),
        expires_at=datetime.fromisoformat(row["expires_at"]),
        receipt=receipt_of(db, row["id"], row["recipients"], steps),
    )


def state_of(db: Transaction, plan_id: str) -> State:
    """The state of a plan; PlanNotFound if it does not exist."""
    row = db.execute("SELECT state FROM plans WHERE id = ?", (plan_id,)).fetchone()
    if row is None:
        raise PlanNotFound(f"Plan {plan_id!r} does not exist here: `seax plans` lists all plans.")
    state: State = row[0]
    return state
