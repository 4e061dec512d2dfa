"""Where a person says yes to one plan, or does not.

The panel decides nothing: the approver checks the count and the click, the outbox checks everything else. It makes
one attempt; to try again, the plan is looked at again.
"""

from __future__ import annotations

import threading

from ipywidgets import HTML, Text, VBox

from toolkit.sending.plan import Plan
from toolkit.sending.receipt import Receipt
from toolkit.widgets.campaign_monitor import CampaignMonitor
from toolkit.widgets.human_button import HumanButton
from toolkit.widgets.markup import banner, hint, refusal, refusals_in, status
from toolkit.widgets.send_form import SendForm
from toolkit.workspace import Workspace

_WIDE = {"layout": {"width": "420px"}, "style": {"description_width": "160px"}}


class SendPanel(VBox):  # type: ignore[misc]  # ipywidgets has no types
    """A plan, the exact count to type, and the button that sends it."""

    def __init__(self, workspace: Workspace, plan: Plan) -> None:
        self._workspace = workspace
        self._plan = plan
        self._lock = threading.Lock()  # some kernels run two clicks in two threads
        self._is_open = True  # until the one attempt, or until the plan is taken off the page
        self._monitor: CampaignMonitor | None = None
        self._count = Text(description="Number of recipients", **_WIDE).add_class("seax-count")
        self._by = Text(description="Your name", **_WIDE).add_class("seax-by")
        self._button = HumanButton(description="Send", button_style="danger").add_class("seax-send")
        self._outcome = HTML().add_class("seax-outcome")
        self._progress = VBox()
        for field in (self._count, self._by):
            field.observe(lambda _: self._refresh(), "value")
        self._button.on_click(lambda _: self._send())
        super().__init__(
            [
                HTML(plan._repr_html_()).add_class("seax-plan"),
                HTML(banner(live=plan.live)).add_class("seax-where"),
                self._count,
                self._by,
                self._button,
                self._outcome,
                self._progress,
            ]
        )
        self._refresh()
        self._show_earlier()

    def retire(self) -> None:
        """Make the panel of a plan that is no longer the one shown harmless."""
        self._close()
        if self._monitor:
            self._monitor.stop()

    @property
    def form(self) -> SendForm:
        """What is typed."""
        return SendForm(self._plan, typed=self._count.value, by=self._by.value)

    def _refresh(self) -> None:
        if not self._is_open:
            return
        missing = self.form.missing
        self._button.disabled = bool(missing)
        self._outcome.value = hint(missing or "Ready: press Send once. It cannot be recalled.")

    def _show_earlier(self) -> None:
        entry = self._workspace.get_plan(self._plan.id)
        if entry.state == "sent" and entry.receipt:
            self._close()
            self._show(entry.receipt.model_copy(update={"repeated": True}))
        elif entry.state in {"sending", "unknown"}:
            self._close()
            self._outcome.value = refusal(
                "This campaign left earlier and nobody knows yet whether it arrived: look for it in SeaX, then tell "
                f"ws.reconcile({self._plan.id!r}, …) what you found."
            )

    def _send(self) -> None:
        with self._lock, refusals_in(self._outcome):
            form = self.form
            if not self._is_open or form.recipients is None:
                return
            self._close()
            self._outcome.value = hint("Sending…")
            approval = self._workspace.approve(self._plan.id, recipients=form.recipients, by=form.by, via="panel")
            self._show(self._workspace.send(approval))

    def _show(self, receipt: Receipt) -> None:
        self._outcome.value = status(str(receipt))
        if receipt.campaign_id:
            self._monitor = CampaignMonitor(self._workspace, receipt.campaign_id)
            self._progress.children = (self._monitor,)
            self._monitor.start()

    def _close(self) -> None:
        self._is_open = False
        for control in (self._count, self._by, self._button):
            control.disabled = True
