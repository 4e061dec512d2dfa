"""What exactly would be sent: the frozen result of planning a draft, which a person approves or declines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from pydantic import Field, PrivateAttr

from toolkit.audience.waterfall import Audience, Step, who
from toolkit.display import Described, Section, as_text, n_recipients, when
from toolkit.errors import DraftError, PlanBlocked
from toolkit.models import CampaignSender, Frozen
from toolkit.plans import plan_text
from toolkit.plans.approval import Approval
from toolkit.plans.cost import Cost, Preview
from toolkit.plans.draft import Draft
from toolkit.plans.file_reading import FileReading
from toolkit.plans.finding import Finding
from toolkit.plans.plan_step import PlanStep
from toolkit.plans.states import TEXTS_NOBODY

LIFETIME = timedelta(minutes=30)  # of wall-clock time: an approval should rest on current facts


def _whole(said: dict[str, Any]) -> tuple[PlanStep, ...]:
    return (PlanStep(what=said["draft"].name, recipients=said["recipients"], digest=said["digest"]),)


class Plan(Described, Frozen):
    """Everything a person needs to see before approving, and the digest that the approval is bound to.

    `recipients` counts people texted, the rows of an import, or who has a label to be removed. `audience_digest` covers
    contact ids and phones, `request_digest` the text, senders, targeting, schedule and options, `digest` both; `intent`
    the draft without its times, so that running the same program twice is recognised. `recipient_ids` are in the order
    of the `steps`. `file` is how the file of an import was read, and the file uploaded in its place; None for other
    drafts. `read_others`: its
    author had read text written by others. `not_texted` are the contact ids of an experiment's arms that get nothing,
    and of the holdout. `dialect` is how the service was spoken to; what was approved in one is not sent in another.
    `channel` is the WhatsApp template or the AI agent, in words; `stages` whether it goes in two stages, by what was
    rehearsed when it was planned.
    """

    id: str
    digest: str
    audience_digest: str
    request_digest: str
    intent: str
    host: str
    workspace_id: str
    dialect: str = ""
    channel: str = ""
    stages: str = ""
    live: bool
    draft: Draft
    recipients: int
    selected: int
    waterfall: tuple[Step, ...] = ()
    senders: tuple[CampaignSender, ...] = ()
    addressing: tuple[str, ...] = ()
    cost: Cost | None = None
    previews: tuple[Preview, ...] = ()
    findings: tuple[Finding, ...] = ()
    steps: tuple[PlanStep, ...] = Field(default_factory=_whole)
    file: FileReading | None = None
    created_at: datetime
    expires_at: datetime
    recipient_ids: tuple[str, ...] = ()
    read_others: bool = False
    not_texted: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    _already_sent: str = PrivateAttr(default="")  # its outcome, if it was sent earlier
    _audience: Audience | None = PrivateAttr(default=None)
    _approve: Callable[..., Approval] | None = PrivateAttr(default=None)

    @property
    def workspace(self) -> str:
        """One workspace of one service, as the ledger keeps it: its host and its id, whatever the address is."""
        return f"{self.host}/{self.workspace_id}"

    @property
    def is_blocked(self) -> bool:
        """A blocking finding without an override stops this plan from being sent."""
        return any(finding.is_blocking for finding in self.findings)

    def refuse_if_blocked(self, opening: str) -> None:
        """Raise PlanBlocked, whose message begins with `opening` and gives every reason and what to do."""
        if blocking := [finding for finding in self.findings if finding.is_blocking]:
            reasons = " ".join(f"{finding.message} {finding.fix}" for finding in blocking)
            raise PlanBlocked(f"{opening}: {reasons} Nothing was sent.", blocking)

    @property
    def counted(self) -> str:
        """What is approved, with its number: recipients, the rows of an import, or the contacts of a label."""
        if self.draft.kind not in TEXTS_NOBODY:
            return n_recipients(self.recipients)
        noun = "row" if self.draft.kind == "import" else "contact"
        return f"{self.recipients:,} {noun}{'' if self.recipients == 1 else 's'}"

    def recipients_of(self, step: int) -> tuple[str, ...]:
        """The contact ids of one step, by its number."""
        before = sum(each.recipients for each in self.steps[: step - 1])
        return self.recipient_ids[before : before + self.steps[step - 1].recipients]

    @property
    def assigned(self) -> dict[str, tuple[str, ...]]:
        """The contact ids of each arm of an experiment, and of who is held out; empty without an experiment."""
        experiment = self.draft.experiment if self.draft.kind == "campaign" else None
        if experiment is None:
            return {}
        arms: dict[str, tuple[str, ...]] = dict.fromkeys(experiment.arms, ())
        for step in self.steps:
            arms[step.arm] += self.recipients_of(step.number)
        return arms | self.not_texted

    @property
    def already_sent(self) -> str:
        """The outcome of this plan, in words, if it was sent; empty if not."""
        return self._already_sent

    @property
    def has_audience(self) -> bool:
        """It is a campaign's and was made in this process, so that `audience` is there."""
        return self._audience is not None

    @property
    def audience(self) -> Audience:
        """Who was considered and where each of them ended; only on a plan made in this process."""
        if self._audience is None:
            raise DraftError(
                "Only a campaign's plan that was made in this program has its audience, since the ledger stores no "
                "contacts: ws.audience(segment) has it, as it is now."
            )
        return self._audience

    def approve(self, *, recipients: int, by: str) -> Approval:
        """Approve in code, with the exact number of recipients; on the embedded workspace only.

        Raises ApprovalRefused on a live workspace or for a wrong number, PlanExpired, PlanBlocked, PlanWithdrawn.
        """
        if self._approve is None:
            raise DraftError("This plan is not connected to a workspace: get it from ws.plan() or ws.get_plan().")
        return self._approve(self.id, recipients=recipients, by=by, via="code")

    def __repr__(self) -> str:
        where = "LIVE" if self.live else "embedded"
        return f"<Plan {self.id}: {self.draft.name!r}, {self.counted}, {where}>"

    def __str__(self) -> str:
        return as_text(self.describe())

    def describe(self) -> list[Section]:
        """Its content, in reading order."""
        where = "LIVE workspace: real people" if self.live else "embedded workspace: invented people"
        head = [["workspace", f"{where} ({self.workspace_id})"]]
        if self.already_sent:
            head.append(
                ["ALREADY SENT", f"{self.already_sent} It is not sent again; to send it again, give it another name."]
            )
        if self.read_others:
            head.append(["drafted", "by an assistant that had read text written by others"])
        head += plan_text.contents(self.draft, recipients=self.recipients, senders=self.senders, cost=self.cost)
        head += [["through", self.channel]] if self.channel else []
        head += [["sent in", self.stages]] if self.stages else []
        sections = [Section(f"{self.draft.kind.capitalize()} plan: {self.draft.name}", head)]
        if self.file:
            sections += self.file.describe()
        if self.waterfall:
            sections.append(who(self.selected, self.waterfall))
        if self.addressing:
            sections.append(Section("Addressed by", [[line] for line in self.addressing]))
        if len(self.steps) > 1:
            sections.append(Section("Steps", list(plan_text.steps(self.steps))))
        if self.draft.kind == "campaign" and self.draft.experiment and self.draft.experiment.registration:
            sections.append(Section("How it will be judged", self.draft.experiment.registered()))
        if self.previews:
            sections.append(Section("What they see", plan_text.previews(self.previews)))
        sections.append(Section("Findings", plan_text.findings(self.findings)))
        approval = f"{self.id}, digest {self.digest[:12]}, expires {when(self.expires_at)}"
        return [*sections, Section("Approval", [[approval]])]
