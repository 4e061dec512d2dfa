"""Shows the progress of a campaign, the outcome of its messages, why some failed, and whether they went as planned."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ipywidgets import HTML, Button, HBox, VBox
from traitlets import Instance

from toolkit.audience.rules.contact_rules import ContactRule
from toolkit.display import Section, as_html, as_text, n_recipients
from toolkit.widgets.campaign_watch import CampaignLook, CampaignWatch
from toolkit.widgets.views.host_support import titled
from toolkit.widgets.views.markup import hint, look, refusals_in, status
from toolkit.widgets.views.progress_view import Progressed, progress_bar
from toolkit.workspace import Workspace

_CANCEL, _SURE = "Cancel the campaign", "Press again to cancel it"
_READING = 20_000  # rows of a log above which progress is shown


class CampaignMonitor(VBox):  # type: ignore[misc]  # ipywidgets has no types
    """A campaign that is checked again and again, until it has finished and its reports have arrived.

    `value` is the latest state, None before; it can be printed and observed. `CampaignMonitor(ws, campaign_id)`
    creates another one for the same campaign, now or later. Nothing is read before `start`.
    """

    value = Instance(CampaignLook, allow_none=True, read_only=True)

    def __init__(self, workspace: Workspace, campaign_id: str, *, every: float = 1.0) -> None:
        self.campaign_id = campaign_id
        self._workspace = workspace
        self._watch = CampaignWatch(workspace, campaign_id, every=every, on_look=self._show, on_read=self._show_reading)
        self._bar = HTML().add_class("seax-progress")
        self._words = HTML(hint("Not followed: press Follow.")).add_class("seax-figures")
        self._reading = HTML().add_class("seax-reading")
        self._details = HTML().add_class("seax-details")
        self._again = Button(description="Follow", tooltip="Check this campaign again")
        self._end = Button(description="Stop following", tooltip="Stop checking; the campaign continues", disabled=True)
        self._cancel = Button(description=_CANCEL, tooltip="What was sent cannot be recalled").add_class("seax-cancel")
        self._cancel.layout.display = "none"
        self._cancel.on_click(lambda _: self._press_cancel())
        self._again.on_click(lambda _: self.start())
        self._end.on_click(lambda _: self.stop())
        self._once_more = Button(layout={"display": "none"}).add_class("seax-once-more")
        self._once_more.on_click(lambda _: self._keep_again())
        self._kept = HTML().add_class("seax-kept-again")
        pressed = [self._again.add_class("seax-follow"), self._end.add_class("seax-stop"), self._cancel]
        buttons = HBox(pressed).add_class("seax-row")
        parts = VBox([self._words, self._bar, self._reading, self._details, self._once_more, self._kept, buttons])
        super().__init__([look(), parts.add_class("seax-lines")])
        self.add_class("seax").add_class("seax-monitor")

    def start(self) -> None:
        """Follow the campaign, unless it is already being followed."""
        self._again.disabled, self._end.disabled = True, False
        if self.value is None:
            self._words.value = hint("Waiting for the first figures…")
        self._watch.start(self._run)

    def stop(self) -> None:
        """Stop following; the campaign continues."""
        self._watch.stop()

    def _press_cancel(self) -> None:
        """Cancel the campaign, once the button was pressed twice."""
        if self._cancel.description == _CANCEL:
            self._cancel.description = _SURE
            return
        self._cancel.description = _CANCEL
        with refusals_in(self._reading):
            self._reading.value = status(str(self._workspace.cancel(self.campaign_id)))

    def _keep_again(self) -> None:
        """Keep a draft of the campaign to those whom it may still reach; a person plans and sends it elsewhere."""
        draft = self.value.again if self.value else None
        if draft is None:
            return
        with refusals_in(self._kept):
            if draft.name not in self._workspace.drafts:
                self._workspace.drafts.keep(draft)
            self._kept.value = status(f"The draft “{draft.name}” is kept: choose it under Start from in a builder.")

    def close(self) -> None:
        """Remove it from the page, and stop following."""
        if self.comm is not None:  # otherwise its constructor failed, and there is nothing to stop
            self.stop()
        super().close()

    def wait(self, timeout: float) -> None:
        """Wait until it is no longer followed, up to a timeout in seconds."""
        self._watch.wait(timeout)

    def _run(self, follow: Callable[[], None]) -> None:
        with refusals_in(self._words):
            follow()
        if self._watch.is_current:  # it was not started again
            self._reading.value = ""
            self._again.disabled, self._end.disabled = False, True
            self._again.description = "Follow again"
            if self.value is not None and not self.value.is_settled and "alert" not in self._words.value:
                self._reading.value = hint("It is not followed any more; the campaign goes on without it.")

    def _show(self, seen: CampaignLook) -> None:
        self.set_trait("value", seen)
        if figures := seen.campaign.statistics:
            self._bar.value = progress_bar(Progressed.of(figures))
        text = str(seen)
        self._words.value = status(text) if seen.is_settled else hint(text)
        self._reading.value = ""
        can_cancel = not seen.campaign.is_finished and self._workspace.ledger.can_cancel
        self._cancel.layout.display = None if can_cancel else "none"
        self._details.value = as_html(seen.describe()[1:]) if seen.report else ""
        rule = seen.again.segment.rule if seen.again else None
        people = len(rule.ids) if isinstance(rule, ContactRule) else 0
        self._once_more.description = f"Keep a draft to send it once more to {n_recipients(people)}"
        self._once_more.layout.display = None if seen.is_settled and people else "none"

    def _show_reading(self, read: int, total: int) -> None:
        if total >= _READING:
            self._reading.value = hint(f"Reading the log: {read:,} of {total:,} messages.")

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        """The widget, and a plain version that is readable without a kernel."""
        begin = Section(titled(f"Campaign {self.campaign_id}", "follow it"), [])
        twin = self.value.describe() if self.value else [begin]
        bundle: dict[str, Any] = super()._repr_mimebundle_(**kwargs)
        return bundle | {"text/plain": as_text(twin), "text/html": as_html(twin)}
