"""The outbox: the only module that calls the client's five methods that send, or change contacts.

An approved plan is planned again from fresh contacts and compared with what the person saw. Then each of its steps is
claimed in the ledger and posted once, in order. After its claim a step counts as sent: whatever happens is recorded,
never tried again. A stop between two steps loses nothing: the same approval continues there. Whatever ends a
send, its error states how much was sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial

from toolkit.api.caller import is_definite_refusal
from toolkit.api.client import Client
from toolkit.api.dialect import LabelRemoval, PersonalTexts
from toolkit.audience.waterfall import Audience
from toolkit.errors import (
    ApprovalInvalid,
    CanaryStopped,
    InvalidRequest,
    ModeForbids,
    OutcomeUnknown,
    PlanChanged,
    RequestTooLarge,
    SendRefused,
    ServiceError,
    UnexpectedReply,
)
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.limits import Limits
from toolkit.ledger.plan_entry import Entry
from toolkit.ledger.recent_unsigned import Reached
from toolkit.models import CampaignRequest, ImportRequest, MessageRequest
from toolkit.planning.digest import Request
from toolkit.planning.freeze import Prepared
from toolkit.planning.planner import Planner
from toolkit.plans.approval import Approval
from toolkit.plans.plan import Plan
from toolkit.plans.policy import SendPolicy
from toolkit.plans.receipt import Receipt, StepReceipt, compared
from toolkit.plans.states import StepState
from toolkit.sending.approver import check_approvals, check_open
from toolkit.sending.approver_keys import Approvers
from toolkit.sending.canary_verdict import verdict_on
from toolkit.sending.kill_switch import KillSwitch
from toolkit.sending.personal_texts import counting, still_wanted
from toolkit.sending.plan_difference import compare_with_approved
from toolkit.sending.sent_summary import SendProgress, cause_of, earlier, not_kept, stating
from toolkit.sending.service_count import check_count
from toolkit.settings import Mode, allows

_USUAL = 10  # earlier campaigns that a canary is compared with


class Outbox:
    """Sends approved plans of one workspace; `via` is the interface it serves."""

    def __init__(
        self,
        client: Client,
        planner: Planner,
        ledger: Ledger,
        *,
        policy: SendPolicy,
        keys: Approvers,
        mode: Mode,
        switch: KillSwitch,
        via: str,
        campaigns: Callable[[], Sequence[str]],
        now: Callable[[], datetime],
        service_now: Callable[[], datetime],
        live: bool,
    ) -> None:
        self._client = client
        self._planner = planner
        self._ledger = ledger
        self._policy = policy
        self._keys = keys
        self._mode = mode
        self._switch = switch
        self._via = via
        self._campaigns = campaigns
        self._now = now
        self._live = live
        self._service_now = service_now

    def send(self, approval: Approval) -> Receipt:
        """Send what was approved, once; a plan of several steps from the first waiting one to the last.

        For a plan already sent, its receipt, marked `repeated`. Raises SendRefused (it was not sent, and why),
        ServiceError (the service rejected it; the approval stays valid), OutcomeUnknown (it was sent, and it is unknown
        whether it arrived) or SendInterrupted. Steps sent before stay sent, and the message says how many they are.
        """
        if not isinstance(approval, Approval):
            raise ApprovalInvalid("Only an approval can be sent: plan the draft and have a person approve it.")
        progress = SendProgress(self._ledger, approval.plan_id)
        with stating(progress):
            return self._send(approval, progress)

    def _send(self, approval: Approval, progress: SendProgress) -> Receipt:
        self._ledger.check_approval(approval)
        self._ledger.check(approval.plan_id)
        entry = progress.look()
        plan = entry.plan
        if approval.digest != plan.digest:
            raise ApprovalInvalid("This approval is for another version of the plan: approve again. Nothing was sent.")
        left = self._ledger.sent(plan.intent)
        if left and not (left.plan.id == plan.id and left.state == "partial"):
            return earlier(self._ledger, left, now=self._now())
        self._check_may_send(plan, entry)
        self._check_approvals(plan, self._ledger.reached(plan, self._now()))
        waiting = [at for at, state in enumerate(entry.steps, 1) if state == "waiting"]
        requests, now = self._from_now(entry, waiting)
        limits = self._limits(now.audience)
        for step in waiting:
            self._check_may_send(plan, entry)  # reading again may have taken long
            if held := self._held_back(plan, entry, step):
                return held
            request = requests.get(step)
            if plan.draft.kind == "messages":
                suppressed = partial(self._planner.are_suppressed, labels=now.suppressing)
                request = still_wanted(request, plan.steps[step - 1], suppressed)
                if request is None:
                    entry = self._leave_out(approval, plan, step)
                    continue
            if request is None:
                raise PlanChanged(
                    f"Since the plan was approved, step {step} ({plan.steps[step - 1].what}) has changed: plan what "
                    "remains under another name, and check the plan. Nothing was sent."
                )
            check_count(self._client, request, now.plan, step)
            receipt, leaves_at = counting(self._receipt(plan, step, "unknown"), request), self._leaves_at(request)
            if not self._claim(approval, plan, step, limits, leaves_at):
                return self._lost_race(plan, progress)
            entry = self._post(approval, plan, receipt, request, progress)
        if entry.receipt is None:
            raise SendRefused("There are no recipients. Nothing was sent.")
        return entry.receipt

    def _check_approvals(self, plan: Plan, already: Reached) -> None:
        check_approvals(plan, self._ledger.approvals(plan.id), self._policy, self._keys, already, now=self._now())

    def _limits(self, audience: Audience | None) -> Limits:
        most = self._policy.max_per_day
        namesakes = {} if audience is None or most is None else audience.namesakes
        return Limits(daily=self._policy.daily_messages, per_person=most, namesakes=namesakes)

    def _leaves_at(self, request: Request) -> datetime:
        """When the messages of a request are sent, by the service's clock: at its start, if in the future, else now."""
        now = self._service_now()
        start = request.start_at if isinstance(request, CampaignRequest) else None
        return max(start or now, now)

    def _check_may_send(self, plan: Plan, entry: Entry) -> None:
        wanted: Mode = "test" if plan.draft.kind == "test" else "live"
        if not allows(self._mode, wanted):
            raise ModeForbids(
                f"Mode {self._mode} does not allow sending: set SEAX_MODE={wanted} to allow it. Nothing was sent."
            )
        self._switch.check()
        check_open(plan, entry.state, self._now())

    def _from_now(self, entry: Entry, waiting: Sequence[int]) -> tuple[Mapping[int, Request], Prepared]:
        """All of it again from what is true now, and the requests of the steps that wait; SendRefused if that is not
        what was approved."""
        plan, is_begun = entry.plan, entry.state == "partial"
        now = self._planner.prepare(plan.draft, approved=plan, waiting=waiting if is_begun else ())
        return compare_with_approved(plan, now, waiting if is_begun else None), now

    def _leave_out(self, approval: Approval, plan: Plan, step: int) -> Entry:
        words = "Excluded: since the plan was approved they have opted out, or changed."
        receipt = self._receipt(plan, step, "refused").model_copy(update={"detail": words})
        return self._ledger.settle(
            plan.id, receipt, who=approval.by, via=self._via, event="left out", expected=("waiting",)
        )

    def _receipt(self, plan: Plan, step: int, state: StepState) -> StepReceipt:
        planned = plan.steps[step - 1]
        return StepReceipt(
            number=step,
            what=planned.what,
            state=state,
            recipients=planned.recipients,
            untextable=planned.untextable,
            at=self._now().astimezone(UTC),
            start_at=planned.start_at,
        )

    def _claim(self, approval: Approval, plan: Plan, step: int, limits: Limits, leaves_at: datetime) -> bool:
        return self._ledger.claim(
            approval,
            step,
            at=self._now(),
            leaves_at=leaves_at,
            via=self._via,
            service_at=None if self._live else self._service_now(),  # a live service does not report its clock
            limits=limits,
            check=partial(self._check_approvals, plan),
        )

    def _held_back(self, plan: Plan, entry: Entry, step: int) -> Receipt | None:
        """The receipt so far, if the step after the canaries has to wait; CanaryStopped if it is never sent."""
        if entry.receipt is None or plan.steps[step - 1].is_canary or not plan.steps[step - 2].is_canary:
            return None
        canaries = [each for each in entry.receipt.steps if plan.steps[each.number - 1].is_canary and each.campaign_id]
        own = {each.campaign_id for each in canaries}
        usual = [self._client.campaign(each).statistics for each in self._campaigns()[-_USUAL:] if each not in own]
        for canary in canaries:
            known = [each for each in usual if each is not None]
            verdict = verdict_on(self._client, canary, known, self._policy, now=self._now())
            if verdict.outcome == "wait":
                return entry.receipt.model_copy(update={"detail": f"{entry.receipt.detail} {verdict.words}"})
            if verdict.outcome == "stop":
                self._ledger.close(
                    plan.id, "withdrawn", by="the canary", via=self._via, at=self._now(), why=verdict.words
                )
                raise CanaryStopped(f"{verdict.words} Check the log of {canary.campaign_id} and the text.")
        return None

    def _lost_race(self, plan: Plan, progress: SendProgress) -> Receipt:
        left = self._ledger.sent(plan.intent)
        if left is None:
            raise SendRefused(f"Plan {plan.id} was withdrawn or changed meanwhile: check its state. Nothing was sent.")
        return earlier(self._ledger, left, now=self._now(), has_sent=progress.has_sent)

    def _post(
        self, approval: Approval, plan: Plan, receipt: StepReceipt, request: Request, progress: SendProgress
    ) -> Entry:
        progress.note(receipt.number, "unknown")
        try:
            answer = self._call(request)
        except BaseException as error:
            if isinstance(error, ServiceError) and is_definite_refusal(error):
                is_one_of_many = (plan.draft.kind, type(request)) == ("messages", MessageRequest)
                is_one_of_many = is_one_of_many and isinstance(error, InvalidRequest)
                update: dict[str, object] = {
                    "state": "refused" if is_one_of_many else "waiting",
                    "detail": str(error),
                    "too_large": error.bytes if isinstance(error, RequestTooLarge) else None,
                }
                entry = self._settle(receipt.model_copy(update=update), approval, plan, progress)
                if is_one_of_many:  # this one, not the others
                    return entry
                raise
            cause = cause_of(error)
            known_id = (error.known_id or "") if isinstance(error, UnexpectedReply) else ""
            unclear = receipt.model_copy(update={"detail": cause, "known_id": known_id})
            self._settle(unclear, approval, plan, progress)
            if not isinstance(error, Exception):
                raise
            raise OutcomeUnknown(
                f"The request for {plan.draft.name!r} was sent and no definite answer came ({cause}). It is not tried "
                f"again: run `seax reconcile {plan.id}` in a few minutes, which checks its outcome."
            ) from error
        return self._settle(compared(receipt.model_copy(update={"state": "sent", **answer})), approval, plan, progress)

    def _settle(self, receipt: StepReceipt, approval: Approval, plan: Plan, progress: SendProgress) -> Entry:
        """Write the outcome; from the claim on, whatever fails leaves the outcome unknown, never unsent."""
        progress.note(receipt.number, receipt.state)
        try:
            try:
                return self._ledger.settle(plan.id, receipt, who=approval.by, via=self._via)
            except KeyboardInterrupt:
                self._ledger.settle(plan.id, receipt, who=approval.by, via=self._via)  # worth more than a quick end
                raise
        except OutcomeUnknown:
            raise
        except Exception as error:  # the request was sent, whatever this is
            is_kept = self._ledger.keep_answer(plan.id, receipt)
            raise OutcomeUnknown(not_kept(receipt, plan, error, is_kept=is_kept)) from error

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
            case PersonalTexts():
                return {"campaign_id": self._client.send_personal_texts(request)}
            case ImportRequest():
                job = self._client.import_contacts(request)
                return {"job_id": job.id, "detail": _alarm(job.status)}
            case LabelRemoval():
                self._client.remove_label(request)
                return {"detail": f"The service has deleted the label {request.label_name}."}


def _alarm(status: str) -> str:
    is_bad = status.lower() in {"failed", "undelivered", "canceled", "terminated"}
    return f"WARNING: the service accepted it with the status {status!r}." if is_bad else ""
