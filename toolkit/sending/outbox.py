"""The one door out. Nothing else in this project calls the client's three sending methods.

An approved plan is planned again from fresh contacts, compared with what the person saw, claimed in the ledger, and
posted once. After the claim the plan has left: whatever happens then is written down, never tried again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal

from toolkit.api.client import Client, is_definite_refusal
from toolkit.errors import (
    ApprovalInvalid,
    AudienceChanged,
    LedgerUnavailable,
    ModeForbids,
    OutcomeUnknown,
    PlanChanged,
    SendRefused,
    ServiceError,
    ToolkitError,
)
from toolkit.models import CampaignRequest, ImportRequest, MessageRequest
from toolkit.sending.approval import Approval, check_open
from toolkit.sending.halt import KillSwitch
from toolkit.sending.ledger import Entry, Ledger, Receipt
from toolkit.sending.plan import Plan
from toolkit.sending.planner import Planner, Request
from toolkit.settings import Mode, allows


class Outbox:
    """Sends approved plans of one workspace."""

    def __init__(
        self,
        client: Client,
        planner: Planner,
        ledger: Ledger,
        *,
        mode: Mode,
        switch: KillSwitch,
        now: Callable[[], datetime],
    ) -> None:
        self._client = client
        self._planner = planner
        self._ledger = ledger
        self._mode = mode
        self._switch = switch
        self._now = now

    def send(self, approval: Approval) -> Receipt:
        """Send what was approved, once.

        For a plan already sent, the receipt of then, marked `repeated`. Raises SendRefused (nothing was sent, and
        why), ServiceError (the service turned it down; the approval stays good) or OutcomeUnknown (it left, and nobody
        knows whether it arrived).
        """
        if not isinstance(approval, Approval):
            raise ApprovalInvalid("Only an approval can be sent: plan the draft and have a person approve it.")
        self._ledger.check_approval(approval)
        entry = self._ledger.entry(approval.plan_id)
        if approval.digest != entry.plan.digest:
            raise ApprovalInvalid("This approval is for another version of the plan: approve again. Nothing was sent.")
        if earlier := self._ledger.sent(entry.plan.intent):
            return _earlier(earlier)
        self._check_mode()
        self._switch.check()
        check_open(entry.plan, entry.state, self._now())
        prepared = self._planner.prepare(entry.plan.draft)
        _refuse_drift(entry.plan, prepared.plan)
        if prepared.request is None:  # only a plan for nobody has none, and that is blocked
            raise SendRefused("Nobody is left to send to. Nothing was sent.")
        check_open(entry.plan, entry.state, self._now())  # reading again may have taken long
        self._switch.check()
        if not self._ledger.claim(approval, self._now()):
            return self._lost_race(entry.plan)
        return self._post(approval, entry.plan, prepared.request)

    def _check_mode(self) -> None:
        if not allows(self._mode, "live"):
            raise ModeForbids(
                f"Mode {self._mode} does not send: whoever runs this sets SEAX_MODE=live to let it. Nothing was sent."
            )

    def _lost_race(self, plan: Plan) -> Receipt:
        earlier = self._ledger.sent(plan.intent)
        if earlier is None:
            raise SendRefused(
                f"Plan {plan.id} was withdrawn or given back meanwhile: look at it again. Nothing was sent."
            )
        return _earlier(earlier)

    def _post(self, approval: Approval, plan: Plan, request: Request) -> Receipt:
        receipt = Receipt(plan_id=plan.id, status="unknown", at=self._now().astimezone(UTC), recipients=plan.recipients)
        try:
            answer = self._call(request)
        except BaseException as error:
            if isinstance(error, ServiceError) and is_definite_refusal(error):
                self._settle(receipt.model_copy(update={"status": "refused", "detail": str(error)}), approval)
                raise
            self._settle(receipt.model_copy(update={"detail": f"{type(error).__name__}: {error}"}), approval)
            if not isinstance(error, ToolkitError):
                raise
            raise OutcomeUnknown(
                f"The request for {plan.draft.name!r} left and no definite answer came ({error}). It is not tried "
                f"again: look for it in SeaX, then tell ws.reconcile({plan.id!r}, …) what you found."
            ) from error
        sent = _compared(receipt.model_copy(update={"status": "sent", **answer}))
        self._settle(sent, approval)
        return sent

    def _settle(self, receipt: Receipt, approval: Approval) -> None:
        """Write the outcome; from the claim on, a ledger that fails leaves the outcome unknown, never unsent."""
        state: Literal["approved", "sent", "unknown"] = "approved" if receipt.status == "refused" else receipt.status
        try:
            self._ledger.settle(receipt, state, who=approval.by)
        except LedgerUnavailable as error:
            raise OutcomeUnknown(
                f"The request left ({receipt}) but the ledger {self._ledger.path} could not be written: mend it, then "
                f"tell ws.reconcile({receipt.plan_id!r}, …). Do not send it again."
            ) from error

    def _call(self, request: Request) -> dict[str, object]:
        match request:
            case CampaignRequest():
                campaign = self._client.create_campaign(request)
                return {
                    "campaign_id": campaign.id,
                    "job_id": campaign.job_id,
                    "accepted": campaign.target_count,
                    "detail": _alarm(campaign.status),
                }
            case MessageRequest():
                message = self._client.send_message(request)
                return {"message_id": message.id, "detail": _alarm(message.status)}
            case ImportRequest():
                job = self._client.import_contacts(request)
                return {"job_id": job.id, "detail": _alarm(job.status)}


def _alarm(status: str) -> str:
    is_bad = status.lower() in {"failed", "undelivered", "canceled", "terminated"}
    return f"ATTENTION: the service accepted it and says {status!r}." if is_bad else ""


def _compared(receipt: Receipt) -> Receipt:
    if receipt.accepted in {None, receipt.recipients}:
        return receipt
    warning = (
        f"ATTENTION: the service counts {receipt.accepted:,} recipients, {receipt.recipients:,} were approved. Stop "
        "the campaign in SeaX if you can, and compare its log with the plan."
    )
    return receipt.model_copy(update={"detail": warning})


def _earlier(entry: Entry) -> Receipt:
    if entry.state != "sent" or entry.receipt is None:
        raise OutcomeUnknown(
            f"{entry.plan.draft.name!r} left earlier as plan {entry.plan.id} and its outcome is not known: look for it "
            "in SeaX, then tell ws.reconcile() what you found. Nothing was sent now."
        )
    return entry.receipt.model_copy(update={"repeated": True})


def _refuse_drift(approved: Plan, current: Plan) -> None:
    if current.audience_digest != approved.audience_digest:
        before, after = set(approved.recipient_ids), set(current.recipient_ids)
        joined, left = sorted(after - before), sorted(before - after)
        what = (
            f"{len(joined):,} contacts joined and {len(left):,} left"
            if joined or left
            else "some contacts have other phone numbers"
        )
        raise AudienceChanged(
            f"The audience changed since it was approved: {what}. Plan the draft again and look. Nothing was sent.",
            joined=joined,
            left=left,
        )
    if current.digest != approved.digest:
        raise PlanChanged(
            "The senders, the file or the way recipients are addressed changed since the plan was approved. Plan the "
            "draft again and look. Nothing was sent."
        )
    if current.is_blocked:
        check_open(current, "approved", current.created_at)
