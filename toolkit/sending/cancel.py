"""Canceling a campaign: the only module that asks the service to stop one.

It lowers harm, so it needs no approval. It is written in the ledger before the service is asked and after, with how
many messages had been sent by then; those cannot be recalled. Only what the service itself reports is called canceled.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from toolkit.api.caller import is_definite_refusal
from toolkit.api.client import Client
from toolkit.display import Described, Section, plain
from toolkit.errors import LedgerUnavailable, NotFound, ServiceError
from toolkit.ledger.canceled import CancelEvent
from toolkit.ledger.ledger import Ledger
from toolkit.models import Campaign, Frozen

_SHORT = (0, 1, 2, 4, 8)  # seconds between one look and the next
_LONG = (15, 30)


class Cancellation(Described, Frozen):
    """What came of canceling a campaign; `campaign` is as the service reported it last, None if that is not known.

    `is_canceled` only if the service says so, or if it `is_gone` from the service and had not begun. `was_asked` is
    False if it had ended before, so that nothing was done.
    `sent` and `total` are messages, None where the service counts none.
    """

    campaign_id: str
    name: str
    is_canceled: bool
    is_gone: bool = False
    was_asked: bool = True
    campaign: Campaign | None = None
    problem: str = ""

    @property
    def sent(self) -> int | None:
        """How many messages had been sent, which cannot be recalled."""
        if self.is_gone and self.is_canceled:
            return 0
        return self.campaign.statistics.sent if self.campaign and self.campaign.statistics else None

    @property
    def spent(self) -> int | None:
        """How many messages count toward limits: those sent, and those that failed, which may have been."""
        counted = self.campaign and self.campaign.statistics
        return counted.sent + counted.failed if counted else self.sent

    @property
    def total(self) -> int | None:
        """How many messages it was for."""
        counted = self.campaign and self.campaign.statistics
        return counted.total if counted else None

    def __str__(self) -> str:
        name, counted = f"Campaign {plain(self.name)!r}", self._counted
        status = plain(self.campaign.status) if self.campaign else "unknown"
        if self.is_gone and self.is_canceled:
            words = f"{name} is gone: it had not begun, so nothing of it was sent."
        elif self.is_gone:
            sent = "how many had been sent is not known" if self.sent is None else f"{self.sent:,} had been sent"
            words = (
                f"{name} is gone; {sent} when it was last seen. Look for {self.campaign_id} in SeaX under Campaigns, "
                "and cancel it there if it still runs."
            )
        elif self.is_canceled:
            before = "" if self.was_asked else " was canceled before"
            words = f"{name}{before or ' is canceled'}: {counted}."
        elif not self.was_asked:
            words = f"{name} has ended ({status}), so nothing of it can be canceled: {counted}."
        else:
            words = (
                f"{name} was asked to be canceled, and the service does not confirm it (status {status}): {counted}. "
                f"Try again, or open {self.campaign_id} in SeaX under Campaigns and cancel it there."
            )
        return " ".join(filter(None, [words, self.problem]))

    @property
    def _counted(self) -> str:
        counted = self.campaign and self.campaign.statistics
        if not counted:
            return "how many had been sent is not counted, and its log shows it"
        failed = f", {counted.failed:,} had failed" if counted.failed else ""
        rest = counted.total - counted.sent - counted.failed
        unsent = f", {rest:,} are not sent any more" if self.is_canceled else f", {rest:,} remain"
        return f"{counted.sent:,} of {counted.total:,} had been sent{failed}{unsent if rest else ''}"

    def describe(self) -> list[Section]:
        """What came of it, in a sentence."""
        return [Section(str(self), [["id", self.campaign_id]])]


def cancel(
    client: Client,
    ledger: Ledger,
    campaign_id: str,
    *,
    workspace: str,
    by: str,
    via: str,
    why: str,
    now: Callable[[], datetime],
    service_now: Callable[[], datetime],
    sleep: Callable[[float], object] = time.sleep,
) -> Cancellation:
    """Cancel a campaign, and look until the service confirms it, for a minute at most.

    One that has not begun and is still scheduled after that is deleted. Raises NotSupported, NotFound, or the
    ServiceError with which the service refuses; then nothing has changed. Safe to repeat.
    """
    client.check_cancel(campaign_id)
    before = client.campaign(campaign_id)
    noted = _Notes(ledger, workspace, campaign_id, by, via, now)
    if before.is_finished:
        is_canceled = before.is_canceled
        ended = Cancellation(
            campaign_id=campaign_id, name=before.name, is_canceled=is_canceled, was_asked=False, campaign=before
        )
        if is_canceled and noted.is_due:
            noted.write("canceled", str(ended), ended.spent)
        return ended.model_copy(update={"problem": noted.problem})
    noted.write("cancel asked", why)
    refusal: ServiceError | None = None
    try:
        client.cancel_campaign(campaign_id)
    except ServiceError as error:
        refusal = error if is_definite_refusal(error) else None
    found = _look(client, before, () if refusal else _SHORT, sleep, service_now)
    if not found.is_canceled and _has_not_begun(found.campaign, service_now()):
        with suppress(ServiceError):  # what it came to is looked at
            client.delete_campaign(campaign_id)
            found = _look(client, found.campaign or before, _SHORT, sleep, service_now)
    elif not (found.is_canceled or found.is_gone or refusal):
        found = _look(client, found.campaign or before, _LONG, sleep, service_now)
    noted.write("canceled" if found.is_canceled else "cancel not confirmed", str(found), found.spent)
    if refusal and not (found.is_canceled or found.is_gone or (found.campaign and found.campaign.is_finished)):
        raise refusal
    return found.model_copy(update={"problem": noted.problem})


def _look(
    client: Client,
    before: Campaign,
    pauses: Sequence[float],
    sleep: Callable[[float], object],
    service_now: Callable[[], datetime],
) -> Cancellation:
    """The campaign as it is, looked at after each pause until it has ended; at once if there are none.

    One that is gone is canceled only if it cannot have begun since it was last seen.
    """
    campaign: Campaign | None = None
    for pause in pauses or (0,):
        sleep(pause)
        try:
            campaign = client.campaign(before.id)
        except NotFound:
            last = campaign or before
            unbegun = _has_not_begun(last, service_now())
            return Cancellation(
                campaign_id=before.id, name=before.name, is_canceled=unbegun, is_gone=True, campaign=last
            )
        except ServiceError:
            continue
        if campaign.is_finished:
            break
    is_canceled = campaign is not None and campaign.is_canceled
    return Cancellation(campaign_id=before.id, name=before.name, is_canceled=is_canceled, campaign=campaign)


def _has_not_begun(campaign: Campaign | None, now: datetime) -> bool:
    if campaign is None or campaign.is_finished or campaign.start_time is None or campaign.start_time <= now:
        return False
    return campaign.statistics is None or not campaign.statistics.sent


class _Notes:
    """What is written in the ledger meanwhile; a ledger that cannot be written stops nothing here, and is reported."""

    def __init__(
        self, ledger: Ledger, workspace: str, campaign_id: str, by: str, via: str, now: Callable[[], datetime]
    ) -> None:
        self._ledger, self._workspace, self._campaign_id = ledger, workspace, campaign_id
        self._by, self._via, self._now = by, via, now
        self.problem = ""

    def write(self, event: CancelEvent, detail: str, sent: int | None = None) -> None:
        """Add an event."""
        try:
            self._ledger.note_cancel(
                self._workspace,
                self._campaign_id,
                event,
                at=self._now().astimezone(UTC),
                who=self._by,
                via=self._via,
                detail=detail,
                sent=sent,
            )
        except LedgerUnavailable as error:
            self._missed(error)

    @property
    def is_due(self) -> bool:
        """It was sent from here, and the ledger does not have yet that it is canceled."""
        try:
            step = self._ledger.step_of(self._workspace, self._campaign_id)
        except LedgerUnavailable as error:
            self._missed(error)
            return False
        return step is not None and step.canceled_at is None

    def _missed(self, error: LedgerUnavailable) -> None:
        self.problem = f"It could not be written in the ledger: {error.reason} Then run it again."
