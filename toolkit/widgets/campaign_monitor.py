"""Follows a campaign in the background and shows how far it has come.

The thread only reads the service and sets traits; ending or losing it changes nothing about the campaign.
"""

from __future__ import annotations

import threading

from ipywidgets import HTML, Button, HBox, IntProgress, VBox

from toolkit.models import Campaign
from toolkit.widgets.markup import hint, refusals_in, status
from toolkit.workspace import Workspace


class CampaignMonitor(VBox):  # type: ignore[misc]  # ipywidgets has no types
    """A progress bar over a campaign's messages, until it has finished."""

    def __init__(self, workspace: Workspace, campaign_id: str, *, every: float = 1.0) -> None:
        self.campaign_id = campaign_id
        self._workspace = workspace
        self._every = every
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._bar = IntProgress(description="Progress", max=1).add_class("seax-progress")
        self._words = HTML(hint("Waiting for the first figures…")).add_class("seax-figures")
        self._again = Button(description="Follow again", disabled=True).add_class("seax-follow")
        self._again.on_click(lambda _: self.start())
        super().__init__([HBox([self._bar, self._again]), self._words])
        self.add_class("seax-monitor")

    def start(self) -> None:
        """Follow the campaign, unless it is being followed already."""
        if self._thread and self._thread.is_alive():
            return
        self._stop.clear()
        self._again.disabled = True
        self._thread = threading.Thread(target=self._follow, name=f"follow {self.campaign_id}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop following; the campaign goes on."""
        self._stop.set()

    def close(self) -> None:
        """Take it off the page, and stop following."""
        self.stop()
        super().close()

    def wait(self, timeout: float) -> None:
        """Wait until it is no longer followed, at most so many seconds."""
        if self._thread:
            self._thread.join(timeout)

    def _follow(self) -> None:
        with refusals_in(self._words):
            for campaign in self._workspace.follow(self.campaign_id, every=self._every, sleep=self._stop.wait):
                if self._stop.is_set():
                    break
                self._show(campaign)
        self._again.disabled = False

    def _show(self, campaign: Campaign) -> None:
        figures = campaign.statistics
        if figures is None:
            self._words.value = hint(f"{campaign.name} is {campaign.status}; the service gives no figures yet.")
            return
        self._bar.max = max(figures.total, 1)
        self._bar.value = figures.total - figures.pending
        text = (
            f"{campaign.name} is {campaign.status}: {figures.sent:,} of {figures.total:,} sent, "
            f"{figures.delivered:,} delivered so far, {figures.failed:,} failed."
        )
        self._words.value = status(text) if campaign.is_finished else hint(text)
