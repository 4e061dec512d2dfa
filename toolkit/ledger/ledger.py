"""What was planned, approved and sent: one SQLite file shared by every interface on this machine. No ledger, no send.

Every change is one transaction: the rows, if `toolkit.plans.states` allows it, and an event in the chain with
who did it and from which interface, sealing the rows' content. Phones are stored masked, keys never.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from datetime import UTC, datetime

from toolkit.audience.caps import Sent
from toolkit.errors import ApprovalInvalid, OutcomeUnknown, PlanNotFound, PlanWithdrawn
from toolkit.ledger import audit, chain, halts
from toolkit.ledger.claimed_people import compressed, ids_of, note_claimed, step_ids
from toolkit.ledger.journal import ENDABLE, Journal, state_of
from toolkit.ledger.limits import Limits, check_limits, texted
from toolkit.ledger.plan_entry import SERVICE_TIME, Entry, entries_of
from toolkit.ledger.recent_unsigned import Reached, reached
from toolkit.ledger.step_rows import step_states
from toolkit.ledger.team.send_journal import KeptClaim, claim_just_made, is_last_claim
from toolkit.plans.approval import Approval
from toolkit.plans.plan import Plan
from toolkit.plans.receipt import StepReceipt
from toolkit.plans.states import CLAIMABLE, MAY_BE_SENT, TEXTS_NOBODY, State, StepState, standing


class Ledger(Journal):
    """The ledger file; made on first use."""

    def record_plan(self, plan: Plan, *, who: str = "", via: str = "") -> None:
        """Store a new plan."""
        row = (
            plan.id,
            plan.workspace,
            plan.draft.kind,
            plan.intent,
            plan.digest,
            "planned",
            plan.created_at.isoformat(),
            plan.expires_at.isoformat(),
            plan.model_dump_json(exclude={"recipient_ids"}),
            compressed(plan.recipient_ids),
        )
        with self._store.writing() as db:
            db.execute(f"INSERT INTO plans VALUES ({', '.join('?' * len(row))})", row)
            db.executemany(
                "INSERT INTO steps (plan_id, number, recipients, state) VALUES (?, ?, ?, 'waiting')",
                [(plan.id, step.number, step.recipients) for step in plan.steps],
            )
            digest = audit.content_digest(db, plan.id)
            lifted = "; ".join(f"{x.code} overridden: {x.override}" for x in plan.findings if x.override)
            chain.append(
                db, plan.id, "planned", "planned", at=plan.created_at, who=who, via=via, digest=digest, detail=lifted
            )

    def entry(self, plan_id: str) -> Entry:
        """One plan with its recipients' ids; PlanNotFound if it does not exist."""
        with self._store.reading() as db:
            entries = entries_of(db, "WHERE id = ?", (plan_id,))
            if not entries:
                audit.check_whole(db)  # it may exist, and not be found because of damage
                raise PlanNotFound(f"Plan {plan_id!r} does not exist here: `seax plans` lists all plans.")
            plan = entries[0].plan.model_copy(update={"recipient_ids": ids_of(db, plan_id)})
        return entries[0].model_copy(update={"plan": plan})

    def entries(self, workspace: str, states: Sequence[State] = (), *, limit: int = 50) -> list[Entry]:
        """A workspace's plans, newest first and without recipients' ids; all of them or those in these states."""
        among = f"AND state IN ({', '.join('?' * len(states))})" if states else ""
        with self._store.reading() as db:
            condition = f"WHERE workspace = ? {among} ORDER BY created_at DESC LIMIT ?"
            return entries_of(db, condition, (workspace, *states, limit))

    def sent(self, intent: str) -> Entry | None:
        """The plan of the same intent that was sent, if any: in full, in part, or with an unknown outcome."""
        among = ", ".join("?" * len(MAY_BE_SENT))
        with self._store.reading() as db:
            rows = entries_of(db, f"NOT INDEXED WHERE intent = ? AND state IN ({among})", (intent, *MAY_BE_SENT))
        return rows[0] if rows else None

    def check(self, plan_id: str = "") -> None:
        """Raise LedgerTampered if a plan, or whatever prevents sending twice, was changed."""
        self.merge_answers()
        with self._store.reading() as db:
            if self._sends:
                self._sends.check(db)
            audit.check_whole(db)
            if plan_id:
                audit.check_plan(db, plan_id)

    def plan_of(self, workspace: str, reference: str) -> Entry | None:
        """The plan that a workspace's campaign or job was sent as, with its recipients' ids, if it was sent from
        here."""
        named = "(json_extract(receipt, '$.campaign_id'), json_extract(receipt, '$.job_id'))"
        condition = f"WHERE workspace = ? AND id IN (SELECT plan_id FROM steps WHERE ? IN {named})"
        with self._store.reading() as db:
            found = entries_of(db, condition, (workspace, reference))
        return self.entry(found[0].plan.id) if found else None

    def recipients_of(self, workspace: str, campaign_id: str) -> tuple[str, ...]:
        """The ids of everybody in the plan that a workspace's campaign was sent as; empty if it was not sent from
        here."""
        entry = self.plan_of(workspace, campaign_id)
        return entry.plan.recipient_ids if entry else ()

    def record_approval(self, approval: Approval) -> None:
        """Record a person's approval."""
        body = approval.model_dump_json()
        with self._store.writing() as db:
            state = state_of(db, approval.plan_id)
            if state not in ENDABLE:
                raise PlanWithdrawn("The plan was closed or sent just now: check its state. Nothing was sent.")
            row = (approval.id, approval.plan_id, approval.digest, body)
            db.execute("INSERT INTO approvals (id, plan_id, digest, body) VALUES (?, ?, ?, ?)", row)
            after: State = "partial" if state == "partial" else "approved"
            db.execute("UPDATE plans SET state = ? WHERE id = ?", (after, approval.plan_id))
            chain.append(
                db,
                approval.plan_id,
                "approved",
                after,
                at=approval.approved_at,
                who=approval.by,
                via=approval.via,
                digest=chain.digest_of(body),
                detail=approval.key and f"signed with {approval.key}",
            )

    def approvals(self, plan_id: str) -> list[Approval]:
        """Every approval of a plan, oldest first."""
        with self._store.reading() as db:
            rows = db.execute("SELECT body FROM approvals WHERE plan_id = ? ORDER BY rowid", (plan_id,))
            return [Approval.model_validate_json(row[0]) for row in rows]

    def approval_of(self, plan_id: str) -> Approval:
        """The latest approval of a plan, the latest signed one if there is any; ApprovalInvalid if it has none."""
        approvals = sorted(self.approvals(plan_id), key=lambda approval: approval.is_signed)
        if not approvals:
            self.check()
            raise ApprovalInvalid(f"Plan {plan_id} was never approved. Nothing was sent.")
        return approvals[-1]

    def reached(self, plan: Plan, at: datetime) -> Reached:
        """How many recipients the workspace's other plans reached within a day, by number of signatures."""
        with self._store.reading() as db:
            return reached(db, plan.workspace, at, but=plan.id, live=plan.live)

    def check_approval(self, approval: Approval) -> None:
        """Raise ApprovalInvalid unless this exact approval was recorded here."""
        if approval not in self.approvals(approval.plan_id):
            self.check()
            raise ApprovalInvalid(
                "This approval was not given through the toolkit: approve the plan again. Nothing was sent."
            )

    def claim(
        self,
        approval: Approval,
        step: int,
        *,
        at: datetime,
        leaves_at: datetime | None = None,
        via: str = "",
        service_at: datetime | None = None,
        limits: Limits = Limits(),  # noqa: B008 — frozen
        check: Callable[[Reached], None] = lambda already: None,
    ) -> bool:
        """Claim the right to send a step, once; False if it is already claimed. From here on the step counts as sent.

        `leaves_at` is when its messages are sent by the service's clock, `at` unless given; `service_at` the time by
        that clock where it is known: what the service creates for the step is not older. `check` is called with what
        other plans have reached, and raises to refuse. Raises LimitReached if it would exceed a limit, counting those
        of all processes, and Halted if somebody halted the team's ledger.
        """
        leaving = leaves_at or at
        detail = f"{SERVICE_TIME}{service_at.isoformat()}" if service_at else ""
        try:
            with ExitStack() as committed, self._store.writing() as db:
                query = (
                    "SELECT plans.state, digest, workspace, kind, json_extract(body, '$.live') AS live, "
                    "steps.state AS step FROM plans JOIN steps ON plan_id = id WHERE id = ? ORDER BY number"
                )
                steps = db.execute(query, (approval.plan_id,)).fetchall()
                plan, states = steps and steps[0], [row["step"] for row in steps]
                if (
                    not plan
                    or plan["state"] not in CLAIMABLE
                    or plan["digest"] != approval.digest
                    or states[step - 1] != "waiting"
                    or not {"sent", "refused"}.issuperset(states[: step - 1])
                ):
                    return False
                halts.check(db)
                if self._sends:
                    self._sends.check(db)
                people = () if plan["kind"] in TEXTS_NOBODY else step_ids(db, approval.plan_id, step)
                check_limits(db, limits, plan["workspace"], people, at=leaving)
                check(reached(db, plan["workspace"], at, but=approval.plan_id, live=bool(int(plan["live"]))))
                db.execute(
                    "UPDATE steps SET state = 'sending', claimed_at = ?, leaves_at = ? "
                    "WHERE plan_id = ? AND number = ?",
                    (*(each.astimezone(UTC).isoformat() for each in (at, leaving)), approval.plan_id, step),
                )
                db.execute("UPDATE plans SET state = 'sending' WHERE id = ?", (approval.plan_id,))
                note_claimed(db, approval.plan_id, step, people, at=at, leaves_at=leaving)
                chain.append(
                    db,
                    approval.plan_id,
                    "sending",
                    "sending",
                    at=at,
                    step=step,
                    who=approval.by,
                    via=via or approval.via,
                    digest=audit.step_digest("sending", None),
                    detail=detail,
                )
                if self._sends:  # before anything is sent
                    claim = claim_just_made(db, recipients=len(people), leaves_at=leaving)
                    committed.enter_context(self._sends.kept(claim))
        except self._store.conflicts:
            return False
        return True

    def settle(
        self,
        plan_id: str,
        receipt: StepReceipt,
        *,
        who: str,
        via: str = "",
        event: str = "",
        expected: Sequence[StepState] = ("sending",),
        claim: KeptClaim | None = None,
    ) -> Entry:
        """Record the outcome of a step, that of one claim alone if it is given; returns the updated entry.

        Raises OutcomeUnknown if the step was settled otherwise meanwhile; the answer is recorded as an event anyway.
        Recording the same outcome again changes nothing.
        """
        body = receipt.model_dump_json()
        detail = " ".join(filter(None, [receipt.reference, receipt.detail]))
        word = event or ("refused" if receipt.state == "waiting" else receipt.state)
        with self._store.writing() as db:
            states = step_states(db, plan_id)
            is_due = states[receipt.number - 1] in expected and (claim is None or is_last_claim(db, claim))
            if is_due:
                states[receipt.number - 1] = receipt.state
                db.execute(
                    "UPDATE steps SET state = ?, receipt = ? WHERE plan_id = ? AND number = ?",
                    (receipt.state, body, plan_id, receipt.number),
                )
                db.execute("UPDATE plans SET state = ? WHERE id = ?", (standing(states), plan_id))
            chain.append(
                db,
                plan_id,
                word if is_due else f"{word}, too late",
                state_of(db, plan_id),
                at=receipt.at,
                step=receipt.number,
                who=who,
                via=via,
                digest=audit.step_digest(receipt.state, body) if is_due else "",
                detail=detail,
            )
        if is_due:
            self.keep_answer(plan_id, receipt, is_recorded=True)
        entry = self.entry(plan_id)
        if not is_due and not entry.says(receipt):
            raise OutcomeUnknown(
                f"The answer ({word} {detail}) came after plan {plan_id} was settled otherwise: check in SeaX, and "
                f"see `seax events {plan_id}`."
            )
        return entry

    def merge_answers(self) -> None:
        """Record what came of steps while a team's ledger could not be used; it was kept in this home.

        What was settled otherwise meanwhile stays so, with an event that gives the answer.
        """
        if (sends := self._sends) is None:
            return
        for claim, receipt in sends.due():
            with self._store.reading() as db:
                if chain.seal_of(db, claim.event) != claim.seal:
                    continue  # it was forgotten, which stops the next send
            with suppress(OutcomeUnknown):
                self.settle(claim.plan_id, receipt, who=claim.who, via=claim.via, claim=claim)
            sends.recorded(claim)

    def texted(self, workspace: str, since: datetime, *, but: str = "") -> list[Sent]:
        """The messages after a time that were sent, may have been, or are scheduled; not those of the plan `but`."""
        with self._store.reading() as db:
            return texted(db, workspace, since, but=but)
