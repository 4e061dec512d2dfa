"""What exactly would go out: the frozen answer to a draft, which a person says yes or no to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pydantic import Field, PrivateAttr

from toolkit.audience.waterfall import Audience, Step
from toolkit.errors import DraftError
from toolkit.models import CampaignSender, Frozen
from toolkit.sections import Described, Section, as_text, n_recipients
from toolkit.sending import report
from toolkit.sending.draft import Draft
from toolkit.sending.finding import Finding
from toolkit.sending.imports.reading import FileReading

if TYPE_CHECKING:
    from toolkit.sending.approval import Approval

LIFETIME = timedelta(minutes=30)  # of wall-clock time: a yes should rest on what is true now


class Preview(Frozen):
    """The message as one recipient reads it, and why it is shown: typical, longest or flipped; the phone is masked."""

    name: str
    phone: str
    text: str
    kind: str = "typical"
    encoding: str = ""
    parts: int = 1


class Price(Frozen):
    """An estimate: from `low` if carriers count as most do to `high` if they keep joined characters whole."""

    low: Decimal
    high: Decimal
    currency: str

    def __str__(self) -> str:
        span = f"{self.low:,.2f}" if self.low == self.high else f"{self.low:,.2f} to {self.high:,.2f}"
        return f"{span} {self.currency}"


class Cost(Frozen):
    """What the carriers count. `by_parts` says how many messages take one part, two and so on.

    `encoding` and `parts` are those of most messages, `total_parts` is over all recipients, `total_parts_max` with
    joined characters kept whole, `wide` counts messages in UCS-2. `price` is an estimate, if the policy names one.
    """

    encoding: str
    parts: int
    total_parts: int
    total_parts_max: int = 0
    wide: int = 0
    by_parts: dict[int, int] = Field(default_factory=dict)
    price: Price | None = None

    def estimate(self, price_per_part: Decimal, *, currency: str) -> Price:
        """What it would cost at a price, without carriers' fees."""
        most = max(self.total_parts, self.total_parts_max)
        return Price(low=price_per_part * self.total_parts, high=price_per_part * most, currency=currency)

    def __str__(self) -> str:
        if len(self.by_parts) < 2:
            return f"{self.total_parts:,} in all, {self.parts} each ({self.encoding})"
        spread = ", ".join(f"{messages:,} of {size}" for size, messages in self.by_parts.items())
        return f"{self.total_parts:,} in all, messages {spread} ({self.wide:,} in UCS-2)"


class PlanStep(Frozen):
    """One request of a plan, in their order. `digest` covers its recipients, text, senders and time.

    A `canary` goes first, and the rest waits until it is known how it fared. `arm` is the experiment's it is for.
    """

    number: int = 1
    what: str
    recipients: int
    digest: str
    start_at: datetime | None = None
    is_canary: bool = False
    arm: str = ""


def _whole(said: dict[str, Any]) -> tuple[PlanStep, ...]:
    return (PlanStep(what=said["draft"].name, recipients=said["recipients"], digest=said["digest"]),)


class Plan(Described, Frozen):
    """Everything a person needs to see before saying yes, and the digest that the yes is bound to.

    `recipients` counts people texted, or the rows of an import. `audience_digest` covers contact ids and phones,
    `request_digest` the text, senders, targeting, schedule and options, `digest` both; `intent` the draft without its
    times, so that running the same program twice is recognised. `recipient_ids` are in the order of the `steps`. `file`
    is how the file of an import was read, and what leaves in its place; None for other drafts. `read_others`: whoever
    drafted it had read text that others wrote. `not_texted` are the contact ids of an experiment's arms that get
    nothing, and of who is held out.
    """

    id: str
    digest: str
    audience_digest: str
    request_digest: str
    intent: str
    base_url: str
    workspace_id: str
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

    _left: str = PrivateAttr(default="")  # what became of it earlier
    _audience: Audience | None = PrivateAttr(default=None)
    _approve: Callable[..., Approval] | None = PrivateAttr(default=None)

    @property
    def workspace(self) -> str:
        """One workspace of one service: its address and its id."""
        return f"{self.base_url}/{self.workspace_id}"

    @property
    def is_blocked(self) -> bool:
        """A finding that the draft gives no reason to override stops this plan from being sent."""
        return any(finding.is_blocking for finding in self.findings)

    @property
    def counted(self) -> str:
        """What the yes is given to, with its number: recipients, or the rows of an import."""
        if self.draft.kind != "import":
            return n_recipients(self.recipients)
        return "1 row" if self.recipients == 1 else f"{self.recipients:,} rows"

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
    def left(self) -> str:
        """What became of this plan, in words, if it has left; empty if not."""
        return self._left

    @property
    def audience(self) -> Audience:
        """Who was considered and where each of them ended; only on a plan made in this process."""
        if self._audience is None:
            raise DraftError("This plan was read from the ledger, which keeps no people: ws.audience() shows them.")
        return self._audience

    def approve(self, *, recipients: int, by: str) -> Approval:
        """Say yes in code, naming the exact number of recipients; the embedded workspace only.

        Raises ApprovalRefused on a live workspace or for a wrong number, PlanExpired, PlanBlocked, PlanWithdrawn.
        """
        if self._approve is None:
            raise DraftError("This plan belongs to no workspace: get it from ws.plan() or ws.get_plan().")
        return self._approve(self.id, recipients=recipients, by=by, via="code")

    def __repr__(self) -> str:
        where = "LIVE" if self.live else "embedded"
        return f"<Plan {self.id}: {self.draft.name!r}, {self.counted}, {where}>"

    def __str__(self) -> str:
        return as_text(self.describe())

    def describe(self) -> list[Section]:
        """Its content, in reading order."""
        return report.describe(self)
