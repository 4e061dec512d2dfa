"""A person's approval of exactly one plan, of two strengths: confirmed, or signed.

There is one way to ask for each place where a person can be, and each way checks that one is there: a click
must be the browser's, a number typed at a terminal is read here and nowhere else, a page must be one that was opened
from there, a form one that the MCP server has just received an answer to. Code may approve on the embedded workspace
alone. Whoever can change this process's code can fake each of these; they stop a program, or a model, that only calls
it. A signature stops the rest: see `toolkit.sending.approver_keys`. The policy sets above how many recipients a live
workspace requires one or two signatures.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from pydantic import SecretStr

from toolkit.display import n_recipients, when
from toolkit.errors import (
    ApprovalInvalid,
    ApprovalRefused,
    OutcomeUnknown,
    PlanExpired,
    PlanWithdrawn,
)
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.recent_unsigned import Reached
from toolkit.plans.approval import Approval, Asked, Needed, Via
from toolkit.plans.plan import Plan
from toolkit.plans.policy import SendPolicy
from toolkit.plans.states import TEXTS_NOBODY
from toolkit.sending.approver_keys import Approvers
from toolkit.sending.human_presence import NOT_WITNESSED, is_witnessed, typed_number

_DOES = {"import": "imports", "label removal": "takes a label from"}


def needed(plan: Plan, policy: SendPolicy, already: Reached, *, can_ask: bool = True) -> Needed:
    """What is required to send a plan after what other plans reached within a day, so that slices count as the whole.

    On a live workspace an interface that cannot ask (`can_ask`) always requires a signature. The embedded workspace
    accepts a confirmation; two people are two names there. An import or the removal of a label texts
    nobody, a test the operator's own numbers.
    """
    if plan.draft.kind in TEXTS_NOBODY | {"test"}:
        return Needed(signed=plan.live and not can_ask)
    two = policy.two_person_above is not None and already.by_one + plan.recipients > policy.two_person_above
    many = already.unsigned + plan.recipients > policy.signed_above
    return Needed(people=2 if two else 1, signed=plan.live and (two or many or not can_ask))


class Approver:
    """Records approvals in the ledger, after the checks that apply to every way of approving."""

    def __init__(self, ledger: Ledger, policy: SendPolicy, keys: Approvers, *, now: Callable[[], datetime]) -> None:
        self._ledger = ledger
        self._policy = policy
        self._keys = keys
        self._now = now

    def approve(self, plan_id: str, *, recipients: int, by: str, via: Asked) -> Approval:
        """Record a person's approval of `recipients` people; for a plan already sent, the approval it was sent on.

        Raises ApprovalRefused, PlanBlocked, PlanExpired, PlanWithdrawn, PlanNotFound or OutcomeUnknown.
        """
        if not is_witnessed(via, live=self._ledger.entry(plan_id).plan.live):
            raise ApprovalRefused(NOT_WITNESSED[via])
        return self._record(plan_id, recipients=recipients, by=by, via=via)

    def sign(self, plan_id: str, *, recipients: int, approver: str, passphrase: SecretStr) -> Approval:
        """Record an approver's signature of `recipients` people; raises as `approve`, and ApprovalRefused if the
        passphrase does not open their key."""

        def sign(plan: Plan) -> Approval:
            return self._keys.sign(plan, approver, passphrase, now=self._now())

        return self._record(plan_id, recipients=recipients, by=approver, via="signature", sign=sign)

    def sign_with_passkey(self, plan_id: str, *, recipients: int, approver: str, answer: str) -> Approval:
        """Record an approver's signature of `recipients` people, as their passkey's device answered in a browser.

        Raises as `approve`, and ApprovalInvalid if the answer is not theirs for this plan.
        """

        def sign(plan: Plan) -> Approval:
            return self._keys.accept(plan, approver, answer, now=self._now())

        return self._record(plan_id, recipients=recipients, by=approver, via="signature", sign=sign)

    def ask_at_terminal(self, plan_id: str, *, by: str, ask: Callable[[], str]) -> Approval:
        """Have the person at this process's terminal type the number of recipients, with `ask`; no code can pass it.

        Raises as `approve`; ApprovalRefused also if there is no terminal or anything but a number is typed.
        """
        return self._record(plan_id, recipients=typed_number(ask), by=by, via="terminal")

    def sign_at_terminal(
        self, plan_id: str, *, approver: str, ask: Callable[[], str], ask_passphrase: Callable[[], SecretStr]
    ) -> Approval:
        """Have the person at this process's terminal type the number of recipients and their passphrase."""
        recipients = typed_number(ask)
        return self.sign(plan_id, recipients=recipients, approver=approver, passphrase=ask_passphrase())

    def needed(self, plan: Plan, *, can_ask: bool = True) -> Needed:
        """What is required to send a plan, counting what other plans reached by now; see `needed`."""
        return needed(plan, self._policy, self._ledger.reached(plan, self._now()), can_ask=can_ask)

    def check(self, plan: Plan) -> None:
        """Raise ApprovalRefused or ApprovalInvalid unless a plan has the approvals it needs by now."""
        given, already = self._ledger.approvals(plan.id), self._ledger.reached(plan, self._now())
        check_approvals(plan, given, self._policy, self._keys, already, now=self._now())

    def _record(
        self, plan_id: str, *, recipients: int, by: str, via: Via, sign: Callable[[Plan], Approval] | None = None
    ) -> Approval:
        self._ledger.check(plan_id)
        entry = self._ledger.entry(plan_id)
        plan = entry.plan
        if not by.strip():
            raise ApprovalRefused("No name was given: pass one, as in by='ana'. Nothing was sent.")
        if type(recipients) is not int or recipients != plan.recipients:
            raise ApprovalRefused(
                f"The plan {_DOES.get(plan.draft.kind, 'reaches')} {plan.counted} and {recipients} "
                "were approved: check the plan again and give its exact number. Nothing was sent."
            )
        if entry.state == "sent" or (entry.state == "partial" and sign is None):
            return self._ledger.approval_of(plan_id)
        if entry.state in {"sending", "unknown"}:
            raise OutcomeUnknown(
                f"Plan {plan_id} was sent earlier and its outcome is unknown: find the campaign {plan.draft.name!r} in "
                "SeaX and pass what you found to ws.ledger.reconcile(). It was not sent again."
            )
        check_open(plan, entry.state, self._now())
        if sign is not None:
            approval = sign(plan)
            self._keys.verify(plan, approval)
        elif (wanted := needed(plan, self._policy, already := self._ledger.reached(plan, self._now()))).signed:
            raise ApprovalRefused(
                f"Sending to {n_recipients(plan.recipients)} on a live workspace requires {wanted}{_after(already)}: "
                f"run `seax approve {plan.id} --sign NAME` in a terminal, or sign in the notebook's panel. Nothing was "
                "sent."
            )
        else:
            approval = Approval(
                id=f"approval_{secrets.token_hex(12)}",
                plan_id=plan_id,
                digest=plan.digest,
                by=by.strip(),
                via=via,
                approved_at=self._now().astimezone(UTC),
                expires_at=plan.expires_at,
            )
        self._ledger.record_approval(approval)
        return approval


def check_approvals(
    plan: Plan, approvals: Sequence[Approval], policy: SendPolicy, keys: Approvers, already: Reached, *, now: datetime
) -> None:
    """Raise unless the required approvals of a plan were given: ApprovalInvalid for a forged one, else ApprovalRefused.

    A signature with a key that does not count here adds nothing, and does no harm where others are enough.
    """
    wanted = needed(plan, policy, already)
    people, passed_over = set(), []
    for approval in approvals:
        if approval.plan_id != plan.id or approval.digest != plan.digest:
            raise ApprovalInvalid("This approval is for another version of the plan: approve again. Nothing was sent.")
        if now >= approval.expires_at:
            continue
        if approval.is_signed:
            if not keys.counts(approval.key, live=plan.live):
                passed_over.append(approval)
                continue
            keys.verify(plan, approval)
        if approval.is_signed or not wanted.signed:
            people.add(approval.key or approval.by.casefold())
    if len(people) < wanted.people:
        for approval in passed_over:
            keys.verify(plan, approval)  # which explains why it does not count
        raise ApprovalRefused(
            f"This plan requires {wanted}{_after(already)}, and {len(people)} approved: run `seax approve {plan.id}"
            f"{' --sign NAME' if wanted.signed else ''}` in a terminal. Nothing was sent."
        )


def _after(already: Reached) -> str:
    if not already.by_one:
        return ""
    return f" (other plans reached {n_recipients(already.by_one)} within 24 hours with fewer signatures)"


def check_open(plan: Plan, state: str, now: datetime) -> None:
    """Raise if a plan can no longer be approved or sent."""
    if state in {"declined", "withdrawn"}:
        raise PlanWithdrawn(f"Plan {plan.id} was {state}: plan the draft again if you still want it. Nothing was sent.")
    if state == "refused":
        raise PlanWithdrawn(
            f"Plan {plan.id} never arrived and is closed: plan the draft again if you still want it. Nothing was sent."
        )
    if state == "stopped":
        raise PlanWithdrawn(
            f"Plan {plan.id} was stopped after a part of it: ws.ledger.check_plan_recipients({plan.id!r}).missing are "
            "the contacts that remain; plan for them under another name. Nothing was sent now."
        )
    plan.refuse_if_blocked("The plan is blocked")
    if state == "expired" or now >= plan.expires_at:
        raise PlanExpired(f"Plan {plan.id} expired at {when(plan.expires_at)}: plan the draft again. Nothing was sent.")
