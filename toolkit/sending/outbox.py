"""The outbox: from a person's approval to the posting of each step.

An approved plan is planned again from fresh contacts and compared with what the person saw. Then each of its steps is
claimed in the ledger and posted once, in order, by `toolkit.sending.posting`. After its claim a step counts as sent:
whatever happens is recorded, never tried again. A stop between two steps loses nothing: the same approval continues
there. Whatever ends a send, its error states how much was sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial

from toolkit.api.client import Client
from toolkit.audience.waterfall import Audience
from toolkit.errors import (
    ApprovalInvalid,
    CanaryStopped,
    DraftError,
    ModeForbids,
    NotSupported,
    PlanChanged,
    SendRefused,
)
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.limits import Limits
from toolkit.ledger.plan_entry import Entry
from toolkit.ledger.recent_unsigned import Reached
from toolkit.models import CampaignRequest
from toolkit.planning.digest import Request
from toolkit.planning.freeze import Prepared
from toolkit.planning.planner import Planner
from toolkit.plans.approval import Approval
from toolkit.plans.plan import Plan
from toolkit.plans.policy import SendPolicy
from toolkit.plans.receipt import Receipt, StepReceipt
from toolkit.plans.states import StepState
from toolkit.sending.approver import check_approvals, check_open
from toolkit.sending.approver_keys import Approvers
from toolkit.sending.canary_verdict import verdict_on
from toolkit.sending.evidence import IN_STAGES
from toolkit.sending.kill_switch import KillSwitch
from toolkit.sending.personal_texts import counting, still_wanted
from toolkit.sending.plan_difference import compare_with_approved
from toolkit.sending.posting import BeforeLaunch, Posting
from toolkit.sending.sent_summary import SendProgress, earlier, stating
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
        is_rehearsed: Callable[[], bool],
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
        self._is_rehearsed = is_rehearsed
        self._rehearsing = ""  # the plan that is
        self._service_now = service_now

    def send(self, approval: Approval) -> Receipt:
        """Send what was approved, once; a plan of several steps from the first waiting one to the last.

        For a plan already sent, its receipt, marked `repeated`. Raises SendRefused (it was not sent, and why),
        ServiceError (the service rejected it; the approval stays valid), OutcomeUnknown (it was sent, and it is unknown
        whether it arrived) or SendInterrupted. Steps sent before stay sent, and the message says how many they are.
        """
        return self._stated(approval)

    def rehearse(self, approval: Approval, watch: BeforeLaunch) -> Receipt:
        """Send what was approved as `send` does, in two stages though they are unproven; `watch` looks between them.

        DraftError unless it is one campaign, to the operator's own numbers alone; then mode test is enough.
        """
        if not self._client.has_stages:
            raise NotSupported("This service keeps no drafts, so two stages cannot be rehearsed. Nothing was sent.")

        def look(draft_id: str) -> None:
            watch(draft_id)
            self._switch.check()  # watching takes a minute

        self._rehearsing = approval.plan_id
        try:
            return self._stated(approval, look)
        finally:
            self._rehearsing = ""

    def _stated(self, approval: Approval, look: BeforeLaunch | None = None) -> Receipt:
        if not isinstance(approval, Approval):
            raise ApprovalInvalid("Only an approval can be sent: plan the draft and have a person approve it.")
        progress = SendProgress(self._ledger, approval.plan_id)
        with stating(progress):
            return self._send(approval, progress, look)

    def _send(self, approval: Approval, progress: SendProgress, look: BeforeLaunch | None) -> Receipt:
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
        if plan.id == self._rehearsing:
            check_own_alone(plan, now.audience, self._policy.test_numbers)
        limits = self._limits(now.audience)
        posting = self._posting(approval, plan, progress, look or self._between_stages(plan))
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
            entry = posting.post(receipt, request)
        if entry.receipt is None:
            raise SendRefused("There are no recipients. Nothing was sent.")
        return entry.receipt

    def _posting(
        self, approval: Approval, plan: Plan, progress: SendProgress, before_launch: BeforeLaunch | None
    ) -> Posting:
        return Posting(
            self._client,
            self._ledger,
            approval,
            plan,
            progress,
            via=self._via,
            now=self._now,
            before_launch=before_launch,
        )

    def _between_stages(self, plan: Plan) -> BeforeLaunch | None:
        """What looks between the two stages of a campaign; none if it is sent in one request."""
        if self._is_rehearsed():
            return lambda draft_id: self._switch.check()
        if plan.stages.startswith(IN_STAGES):
            raise PlanChanged(
                "It was approved to be sent in two stages, which are not proven here: run `seax doctor --rehearse` "
                "and send it then; or plan it again under another name, to be sent in one request."
            )
        return None

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
        is_test = plan.draft.kind == "test" or plan.id == self._rehearsing
        wanted: Mode = "test" if is_test else "live"
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


def check_own_alone(plan: Plan, audience: Audience | None, own: Sequence[str]) -> None:
    """Raise DraftError unless a plan is one campaign, to the operator's own numbers alone."""
    phones = set() if audience is None else {*audience.phones}
    if plan.draft.kind != "campaign" or len(plan.steps) != 1 or not phones or not phones <= {*own}:
        raise DraftError(
            "A rehearsal is one campaign to the policy's test_numbers alone: plan it with ws.rehearsal.plan(). Nothing "
            "was sent."
        )
