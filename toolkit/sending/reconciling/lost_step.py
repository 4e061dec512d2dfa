"""A step of unknown outcome, and who can be asked about it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from toolkit.api.client import Client
from toolkit.data.contacts import Contacts
from toolkit.display import when
from toolkit.errors import OutcomeUnknown
from toolkit.ledger.staged import StagedStep
from toolkit.models import Campaign
from toolkit.plans.plan import Plan
from toolkit.plans.plan_step import PlanStep
from toolkit.sending.sent_summary import IN_FLIGHT

SLOW = timedelta(days=1)  # behind ours, a clock of a live service is at most
_ROUNDED = timedelta(seconds=1)  # the service reports whole seconds


@dataclass(frozen=True)
class Witness:
    """The sources of a step's outcome: the service, its list of campaigns where it has one, its contacts, and a
    person, who types a word at a terminal; `ask` is required where `live`. `listed` gives the campaigns, newest first,
    without some; `uploaded` is the file of an import."""

    client: Client
    listed: Callable[[Collection[str]], Iterable[Campaign]]
    contacts: Callable[[], Contacts]
    uploaded: Callable[[Plan], bytes]
    live: bool
    ask: Callable[[str], str] | None = None


@dataclass(frozen=True)
class LostStep:
    """One step of unknown outcome; `service_left_at` is by the service's clock, where that was known.

    `stage` is how far it got, if it was sent in two stages.
    """

    plan: Plan
    step: PlanStep
    known_id: str
    left_at: datetime
    service_left_at: datetime | None
    stage: StagedStep | None

    @property
    def draft_id(self) -> str:
        """The id of the draft that it was kept as; empty if it was not, or no answer came."""
        return self.stage.campaign_id if self.stage else ""

    @property
    def last_left_at(self) -> datetime:
        """When the last of its requests may have been made."""
        return self.stage.at if self.stage else self.left_at

    @property
    def earliest(self) -> datetime:
        """Anything created before this, by the service's clock, is not this step."""
        return self.service_left_at - _ROUNDED if self.service_left_at else self.left_at - IN_FLIGHT

    @property
    def name(self) -> str:
        """Its name at the service."""
        draft = self.plan.draft
        if self.step.texts:
            return self.step.what
        return draft.for_arm(self.step.arm).name if draft.kind == "campaign" else draft.name

    @property
    def text(self) -> str:
        """Its text at the service."""
        draft = self.plan.draft
        return draft.for_arm(self.step.arm).message if draft.kind == "campaign" else ""


def check_passed(lost: LostStep, now: datetime) -> None:
    """Raise OutcomeUnknown while one of its requests can still have an effect."""
    until = lost.last_left_at + IN_FLIGHT
    if now < until:
        minutes = IN_FLIGHT // timedelta(minutes=1)
        raise OutcomeUnknown(
            f"Plan {lost.plan.id} was sent at {when(lost.last_left_at, '%H:%M')} and may still be on its way: a "
            f"request can wait in the network and at the service for some minutes, so {minutes} have to pass. Run this "
            f"again after {when(until, '%H:%M')}."
        )
