"""Follows a campaign in a thread: the latest state, and whether it is still followed. Independent of widgets.

The thread only reads; stopping or losing it changes nothing about the campaign. The counters are read at every
check. The log, which may be long, is read at the end, and earlier as long as reading takes a small part of the time.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from toolkit.display import Described, Section, when
from toolkit.engagement.campaign_report import CampaignReport
from toolkit.engagement.outcomes import REPORTED_WITHIN
from toolkit.errors import PlanNotFound, ReadCancelled
from toolkit.models import Campaign, Frozen
from toolkit.plans.draft import CampaignDraft
from toolkit.sending.recipient_check import RecipientCheck
from toolkit.workspace import Workspace

_QUIET = 12  # checks without news, at growing intervals, after which reports are no longer waited for
_LATER = 1.3
_SHARE = 5  # times the duration of a read, from one to the next


class CampaignLook(Described, Frozen):
    """A campaign at one moment: its counters, and its report and recipient check once its log was read.

    `again` is the draft of the same campaign to those whom it may still reach later, None if there is none.
    """

    campaign: Campaign
    report: CampaignReport | None = None
    recipient_check: RecipientCheck | None = None
    again: CampaignDraft | None = None
    is_late: bool = False  # its start is so long ago that reports which are missing now do not come

    @property
    def is_settled(self) -> bool:
        """Its numbers do not change any more: all was sent, and has a report or will get none."""
        return self.campaign.is_finished and (not self.waiting or self.is_late)

    @property
    def waiting(self) -> int | None:
        """Messages sent without a report yet; None if the service gives no counters."""
        x = self.campaign.statistics
        return None if x is None else x.sent - x.delivered - x.bounced

    def __str__(self) -> str:
        x = self.campaign.statistics
        head = f"{self.campaign.name} is {self.campaign.status}"
        start = self.campaign.start_time
        if (x is None or not x.sent + x.failed) and start and not self.campaign.is_finished:
            return f"{self.campaign.name} is {self.campaign.status}: nothing was sent yet. It starts {when(start)}."
        if x is None:
            return f"{head}; the service gives no figures yet."
        if self.campaign.is_finished and not self.is_settled:
            head += " sending"
        waiting = f", {self.waiting:,} without a report yet" if self.waiting else ""
        failed = x.failed + x.bounced  # as under the bar: what bounced was sent and did not arrive
        return f"{head}: {x.sent:,} of {x.total:,} sent, {x.delivered:,} delivered{waiting}, {failed:,} failed."

    def describe(self) -> list[Section]:
        """The counters in a sentence, then the report and whether it went to the planned recipients.

        While messages are on their way there are no rates: they would change with every report.
        """
        if not self.is_settled:
            later = (
                f"Rates and intervals are shown when all have a report, or {REPORTED_WITHIN.days} days after the start."
            )
            return [Section(str(self), []), *([Section(later, [])] if self.report else [])]
        sections = [Section(str(self), [])]
        for part in (self.report, self.recipient_check):
            sections += part.describe() if part else []
        return sections


class CampaignWatch:
    """One thread at a time that checks a campaign and calls `on_look`, in that thread, with the result.

    `on_read` receives how many rows of the log are read, of how many. `every` is the time between checks, in seconds.
    """

    def __init__(
        self,
        workspace: Workspace,
        campaign_id: str,
        *,
        every: float,
        on_look: Callable[[CampaignLook], None],
        on_read: Callable[[int, int], None],
    ) -> None:
        self._workspace = workspace
        self._campaign_id = campaign_id
        self._every = every
        self._on_look = on_look
        self._on_read = on_read
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._read_next = 0.0  # when the log may be read again, by the monotonic clock
        self._last: CampaignLook | None = None

    @property
    def is_following(self) -> bool:
        """Whether the thread is running and was not asked to stop."""
        return self._thread is not None and self._thread.is_alive() and not self._stop.is_set()

    @property
    def is_current(self) -> bool:
        """Whether this is the current thread, not one that was stopped before it."""
        return threading.current_thread() is self._thread

    def start(self, run: Callable[[Callable[[], None]], None]) -> None:
        """Follow, unless it is already being followed; `run` is called in the thread with the function to run there."""
        if self.is_following:
            return
        self._stop = threading.Event()  # the previous event still stops the previous thread
        self._thread = threading.Thread(
            target=run, args=(self._follow,), name=f"follow {self._campaign_id}", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop following, also in the middle of a read; the campaign continues."""
        self._stop.set()

    def wait(self, timeout: float) -> None:
        """Wait until the thread has ended, up to a timeout in seconds."""
        if self._thread:
            self._thread.join(timeout)

    def _follow(self) -> None:
        stop, quiet, pause = self._stop, 0, self._every
        while not stop.is_set():
            campaign = self._workspace.campaign(self._campaign_id)
            has_news = self._last is None or campaign.statistics != self._last.campaign.statistics
            if not self._look(campaign, stop):
                return
            if campaign.is_finished:
                quiet, pause = (0, self._every) if has_news else (quiet + 1, pause * _LATER)
                if not (self._last and self._last.waiting) or quiet > _QUIET:
                    return
            stop.wait(pause)

    def _look(self, campaign: Campaign, stop: threading.Event) -> bool:
        """Check and report; False if it was stopped meanwhile."""
        last = self._last
        is_late = self._workspace.service_time() - (campaign.start_time or campaign.created_time) >= REPORTED_WITHIN
        look = CampaignLook(
            campaign=campaign,
            report=last and last.report,
            recipient_check=last and last.recipient_check,
            again=last and last.again,
            is_late=is_late,
        )
        if not stop.is_set():
            self._tell(look)
        is_old = look.report is None or look.report.campaign.statistics != campaign.statistics
        if is_old and (campaign.is_finished or time.monotonic() >= self._read_next):
            begun = time.monotonic()
            try:
                logs = self._workspace.logs(campaign.id, progress=lambda *rows: self._progress(stop, *rows))
            except ReadCancelled:
                return False
            self._read_next = time.monotonic() + _SHARE * (time.monotonic() - begun)
            report = self._workspace.report(campaign.id, logs=logs)
            try:
                check = self._workspace.ledger.check_campaign_recipients(campaign.id, logs=logs)
            except PlanNotFound:  # sent from elsewhere: there is no plan to compare with
                check = None
            if not stop.is_set():
                again = self._workspace.drafts.again(campaign.id, logs)
                self._tell(
                    CampaignLook(
                        campaign=report.campaign, report=report, recipient_check=check, again=again, is_late=is_late
                    )
                )
        return not stop.is_set()

    def _tell(self, look: CampaignLook) -> None:
        self._last = look
        self._on_look(look)

    def _progress(self, stop: threading.Event, read: int, total: int) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        self._on_read(read, total)
