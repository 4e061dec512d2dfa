"""What a restored ledger has forgotten is written into it again, from what a home kept, so that it is not sent twice.

A plan that could still be sent is claimed as it was, so its outcome is looked up, its recipients count, and its draft
is not sent again. One that was not approved yet is withdrawn. What is not there, a person has to remember.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Literal

from toolkit.errors import Halted
from toolkit.ledger import audit, chain, halts
from toolkit.ledger.claimed_people import note_claimed, step_ids
from toolkit.ledger.step_rows import step_states
from toolkit.ledger.team.send_journal import KeptClaim, SendJournal, claim_just_made
from toolkit.ledger.transaction import Transaction
from toolkit.models import Frozen
from toolkit.plans.states import CLAIMABLE, MAY_BE_SENT, TEXTS_NOBODY

_WORDS = {
    "claimed": "counts as being sent: `seax reconcile {plan}` records or checks its outcome",
    "withdrawn": "is withdrawn; plan the same draft only if it is to be sent again",
    "closed": "cannot be sent any more; plan the same draft only if it is to be sent again",
    "missing": "is not in the ledger any more; plan the same draft only if it is to be sent again",
}


class Recovered(Frozen):
    """A claim that the ledger had forgotten, and what its plan is now."""

    claim: KeptClaim
    outcome: Literal["claimed", "withdrawn", "closed", "missing"]

    def __str__(self) -> str:
        return f"{self.claim}: it {_WORDS[self.outcome].format(plan=self.claim.plan_id)}."


def recover(db: Transaction, sends: SendJournal, committed: ExitStack, *, at: datetime, by: str) -> list[Recovered]:
    """Write into the ledger what it has forgotten and was sent from here; the caller holds the write lock.

    What is claimed again is kept once `committed` closes, after the ledger has committed it. Raises Halted while all
    sending is.
    """
    gone = sends.forgotten(db)
    if gone and (why := halts.reason(db)) is not None:
        raise Halted(f"{halts.halted_words(why)} Then run `seax ledger recover` in each home before anything is sent.")
    recovered = [_recovered(db, sends, committed, claim, at=at, by=by) for claim in gone]
    committed.callback(sends.forget, gone)  # before what is claimed again is kept, under numbers that may be the same
    return recovered


def _recovered(
    db: Transaction, sends: SendJournal, committed: ExitStack, claim: KeptClaim, *, at: datetime, by: str
) -> Recovered:
    plan = db.execute("SELECT state, kind, intent FROM plans WHERE id = ?", (claim.plan_id,)).fetchone()
    if plan is None:
        chain.append(db, "", "forgotten", "", at=at, who=by, detail=str(claim))
        return Recovered(claim=claim, outcome="missing")
    if plan["state"] == "planned":
        db.execute("UPDATE plans SET state = 'withdrawn' WHERE id = ?", (claim.plan_id,))
        why = f"sent before the ledger was restored: {claim}"
        chain.append(db, claim.plan_id, "withdrawn", "withdrawn", at=at, who=by, detail=why)
        return Recovered(claim=claim, outcome="withdrawn")
    is_waiting = step_states(db, claim.plan_id)[claim.step - 1] == "waiting"
    if not is_waiting or plan["state"] not in (*CLAIMABLE, "sending") or _is_sent_as_another(db, claim, plan["intent"]):
        return Recovered(claim=claim, outcome="closed")
    db.execute(
        "UPDATE steps SET state = 'sending', claimed_at = ?, leaves_at = ? WHERE plan_id = ? AND number = ?",
        (*(each.astimezone(UTC).isoformat() for each in (claim.at, claim.leaves_at)), claim.plan_id, claim.step),
    )
    db.execute("UPDATE plans SET state = 'sending' WHERE id = ?", (claim.plan_id,))
    people: Sequence[str] = () if plan["kind"] in TEXTS_NOBODY else step_ids(db, claim.plan_id, claim.step)
    note_claimed(db, claim.plan_id, claim.step, people, at=at, leaves_at=claim.leaves_at)
    chain.append(
        db,
        claim.plan_id,
        "sending",
        "sending",
        at=claim.at,
        step=claim.step,
        who=claim.who,
        via=claim.via,
        digest=audit.step_digest("sending", None),
        detail=claim.detail,
    )
    renewed = claim_just_made(db, recipients=claim.recipients, leaves_at=claim.leaves_at)
    chain.append(db, claim.plan_id, "recovered", "sending", at=at, step=claim.step, who=by, detail="from a home")
    committed.enter_context(sends.kept(renewed, sends.answer_to(claim)))
    return Recovered(claim=claim, outcome="claimed")


def _is_sent_as_another(db: Transaction, claim: KeptClaim, intent: str) -> bool:
    among = ", ".join("?" * len(MAY_BE_SENT))
    query = f"SELECT 1 FROM plans WHERE intent = ? AND id <> ? AND state IN ({among})"
    return db.execute(query, (intent, claim.plan_id, *MAY_BE_SENT)).fetchone() is not None
