"""Follows all campaigns of one plan, and shows their progress together."""

from __future__ import annotations

import threading

from ipywidgets import HTML, Accordion, VBox
from traitlets import Tuple

from toolkit.plans.receipt import Receipt
from toolkit.widgets.campaign_monitor import CampaignMonitor
from toolkit.widgets.campaign_watch import CampaignLook
from toolkit.widgets.views.markup import hint, refusals_in, status
from toolkit.workspace import Workspace


class PlanMonitor(VBox):  # type: ignore[misc]  # ipywidgets has no types
    """A monitor for each campaign of a receipt, and their total; they are checked in turn, one each `every` seconds.

    `value` is the latest `Look` at each, or None, in the order of the steps.
    """

    value = Tuple(read_only=True)

    def __init__(self, workspace: Workspace, receipt: Receipt, *, every: float = 1.0) -> None:
        self._workspace = workspace
        self._plan_id = receipt.plan_id
        self._lock = threading.Lock()  # each monitor has a thread
        sent = [(step, step.campaign_id) for step in receipt.steps if step.campaign_id]
        self._monitors = tuple(CampaignMonitor(workspace, each, every=every * len(sent)) for _, each in sent)
        self._sum = HTML(hint("Waiting for the first figures…")).add_class("seax-sum")
        each = Accordion(self._monitors, titles=[f"{step.number}. {step.what}" for step, _ in sent])
        for monitor in self._monitors:
            monitor.observe(lambda _: self._add_up(), "value")
        super().__init__([self._sum, each.add_class("seax-campaigns")])
        self.add_class("seax-plan-monitor")

    def start(self) -> None:
        """Follow all of them, unless they are already being followed."""
        for monitor in self._monitors:
            monitor.start()

    def stop(self) -> None:
        """Stop following; the campaigns continue."""
        for monitor in self._monitors:
            monitor.stop()

    def close(self) -> None:
        """Remove it from the page, and stop following."""
        if self.comm is not None:  # otherwise its constructor failed, and there is nothing to stop
            self.stop()
        super().close()

    def wait(self, timeout: float) -> None:
        """Wait until none is followed any longer, up to a timeout in seconds for each."""
        for monitor in self._monitors:
            monitor.wait(timeout)

    def _add_up(self) -> None:
        with self._lock, refusals_in(self._sum):
            looks = tuple(monitor.value for monitor in self._monitors)
            self.set_trait("value", looks)
            text = _in_sum(looks)
            if any(look is None or look.report is None or look.waiting for look in looks):
                self._sum.value = hint(text)
            else:
                self._sum.value = status(f"{text} {self._workspace.ledger.check_plan_recipients(self._plan_id)}")


def _in_sum(looks: tuple[CampaignLook | None, ...]) -> str:
    finished = sum(look is not None and look.campaign.is_finished for look in looks)
    counted = [look.campaign.statistics for look in looks if look is not None and look.campaign.statistics]
    total, sent, delivered, failed = (
        sum(getattr(x, name) for x in counted) for name in ("total", "sent", "delivered", "failed")
    )
    return (
        f"{finished:,} of {len(looks):,} campaigns have finished: {sent:,} of {total:,} sent, {delivered:,} delivered, "
        f"{failed:,} failed."
    )
