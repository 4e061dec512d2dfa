"""The one door: the only module that calls the client's methods that send, keep and launch drafts, or change contacts.

A step that was claimed is posted once. Where two stages are used, a campaign is first kept as a draft, which texts
nobody; what the service repeats of it is compared with what was asked for, and it is launched once, after the ledger
has its id. Whatever happens is recorded, never tried again; "not sent" is recorded only if the service rejected the
request, or a draft that was not launched is gone.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import NoReturn

from toolkit.api.caller import is_definite_refusal
from toolkit.api.client import Client
from toolkit.api.dialect import LabelRemoval, PersonalTexts
from toolkit.errors import (
    InvalidRequest,
    NotFound,
    OutcomeUnknown,
    RequestTooLarge,
    SendRefused,
    ServiceError,
    ToolkitError,
    UnexpectedReply,
)
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.plan_entry import Entry
from toolkit.ledger.staged import StageEvent
from toolkit.models import CampaignRequest, ImportRequest, MessageRequest
from toolkit.planning.digest import Request
from toolkit.plans.approval import Approval
from toolkit.plans.plan import Plan
from toolkit.plans.receipt import StepReceipt, compared
from toolkit.sending.echo_comparison import compare_echo
from toolkit.sending.sent_summary import SendProgress, cause_of, not_kept

BeforeLaunch = Callable[[str], None]  # looks at a draft by its id, and raises if it is not to be launched


class _NotLaunched(Exception):
    """A campaign was not launched, and no draft of it is there; the cause says why."""


class Posting:
    """Posts the steps of one approved plan; its campaigns in two stages if there is a `before_launch`, which is called
    between them."""

    def __init__(
        self,
        client: Client,
        ledger: Ledger,
        approval: Approval,
        plan: Plan,
        progress: SendProgress,
        *,
        via: str,
        now: Callable[[], datetime],
        before_launch: BeforeLaunch | None,
    ) -> None:
        self._client = client
        self._ledger = ledger
        self._approval = approval
        self._plan = plan
        self._progress = progress
        self._via = via
        self._now = now
        self._before_launch = before_launch
        self._draft_id = ""

    def post(self, receipt: StepReceipt, request: Request) -> Entry:
        """Post a step that was claimed, and record what came of it; raises as `Outbox.send`."""
        plan = self._plan
        self._progress.note(receipt.number, "unknown")
        self._draft_id = ""
        try:
            answer = self._call(request, receipt.number)
        except BaseException as error:
            reason = (isinstance(error, _NotLaunched) and error.__cause__) or error
            if reason is not error or (isinstance(error, ServiceError) and is_definite_refusal(error)):
                is_one_of_many = (plan.draft.kind, type(request)) == ("messages", MessageRequest)
                is_one_of_many = is_one_of_many and isinstance(reason, InvalidRequest)
                update: dict[str, object] = {
                    "state": "refused" if is_one_of_many else "waiting",
                    "detail": str(reason),
                    "too_large": reason.bytes if isinstance(reason, RequestTooLarge) else None,
                }
                entry = self._settle(receipt.model_copy(update=update))
                if is_one_of_many:  # this one, not the others
                    return entry
                if reason is error:
                    raise
                raise reason from reason.__cause__  # what ended it before the launch
            cause = cause_of(error)
            known_id = (error.known_id or "") if isinstance(error, UnexpectedReply) else ""
            unclear = receipt.model_copy(update={"detail": cause, "known_id": self._draft_id or known_id})
            self._settle(unclear)
            if not isinstance(error, Exception):
                raise
            raise OutcomeUnknown(
                f"The request for {plan.draft.name!r} was sent and no definite answer came ({cause}). It is not tried "
                f"again: run `seax reconcile {plan.id}` in a few minutes, which checks its outcome."
            ) from error
        return self._settle(compared(receipt.model_copy(update={"state": "sent", **answer})))

    def _settle(self, receipt: StepReceipt) -> Entry:
        """Write the outcome; from the claim on, whatever fails leaves the outcome unknown, never unsent."""
        plan, who = self._plan, self._approval.by
        self._progress.note(receipt.number, receipt.state)
        try:
            try:
                return self._ledger.settle(plan.id, receipt, who=who, via=self._via)
            except KeyboardInterrupt:
                self._ledger.settle(plan.id, receipt, who=who, via=self._via)  # worth more than a quick end
                raise
        except OutcomeUnknown:
            raise
        except Exception as error:  # the request was sent, whatever this is
            is_kept = self._ledger.keep_answer(plan.id, receipt)
            raise OutcomeUnknown(not_kept(receipt, plan, error, is_kept=is_kept)) from error

    def _call(self, request: Request, step: int) -> dict[str, object]:
        match request:
            case CampaignRequest() if self._before_launch:
                return self._call_in_stages(request, step, self._before_launch)
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
            case PersonalTexts():
                return {"campaign_id": self._client.send_personal_texts(request)}
            case ImportRequest():
                job = self._client.import_contacts(request)
                return {"job_id": job.id, "detail": _alarm(job.status)}
            case LabelRemoval():
                self._client.remove_label(request)
                return {"detail": f"The service has deleted the label {request.label_name}."}

    def _call_in_stages(self, request: CampaignRequest, step: int, before_launch: BeforeLaunch) -> dict[str, object]:
        """Keep a campaign as a draft, compare it, and launch it; _NotLaunched if that was not done and the draft
        is gone."""
        draft_name = draft_name_of(self._plan.id, step)
        try:
            self._note("drafting", step, draft_name)
        except BaseException as cause:
            raise _NotLaunched from cause
        self._draft_id = draft_id = self._client.create_draft(request, draft_name)
        try:
            self._note("draft", step, draft_id)
            echo = self._client.echo(draft_id)
            differences = compare_echo(request, echo)
            if echo.draft_name != draft_name:  # by which it is found if an answer is lost
                differences.append(f"its draft is named {echo.draft_name!r}, not {draft_name!r}")
            if differences:
                raise SendRefused(
                    f"The service understood campaign {request.name!r} otherwise than it was asked: "
                    f"{'; '.join(differences)}. Plan it another way, and report this to SeaX. Nothing was sent."
                )
            before_launch(draft_id)
            self._note("launching", step, draft_id)
        except BaseException as cause:  # noqa: BLE001 — raised once the draft is gone
            self._discard(cause)
        try:
            launched = self._client.launch_campaign(draft_id)
        except ServiceError as cause:
            if is_definite_refusal(cause):
                self._discard(cause)
            raise
        if launched.is_draft:
            raise UnexpectedReply(f"The service accepted the launch of {draft_id}, and still calls it a draft.")
        return {"campaign_id": draft_id, "detail": _alarm(launched.status)}

    def _note(self, event: StageEvent, step: int, detail: str) -> None:
        who = self._approval.by
        self._ledger.note_stage(self._plan.id, step, event, detail, at=self._now(), who=who, via=self._via)

    def _discard(self, cause: BaseException) -> NoReturn:
        """Delete the draft, and raise _NotLaunched if it is gone; otherwise it may still be something that is sent.

        A draft that may have sent or been launched, or is settled by somebody else, stays as it is.
        """
        if not isinstance(cause, OutcomeUnknown) and discard_draft(self._client, self._draft_id):
            raise _NotLaunched from cause
        if not isinstance(cause, Exception):
            raise cause
        why = cause.reason if isinstance(cause, ToolkitError) else cause_of(cause)
        raise UnexpectedReply(f"its draft {self._draft_id} is still at the service. Why: {why}") from cause


def draft_name_of(plan_id: str, step: int) -> str:
    """The name of a step's draft, which nothing else at the service has."""
    return f"seax {plan_id}, step {step}"


def discard_draft(client: Client, draft_id: str) -> bool:
    """Delete what is still a draft; True if the service does not have it any more."""
    try:
        if client.echo(draft_id).is_draft:
            with suppress(ServiceError):  # what it came to is looked at
                client.delete_draft(draft_id)
            client.echo(draft_id)
    except NotFound:
        return True
    except ServiceError:
        pass  # it cannot be looked at, so nothing is known of it
    return False


def _alarm(status: str) -> str:
    is_bad = status.lower() in {"failed", "undelivered", "canceled", "terminated"}
    return f"WARNING: the service accepted it with the status {status!r}." if is_bad else ""
