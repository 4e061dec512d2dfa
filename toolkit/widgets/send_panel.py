"""Where a person approves one plan, or does not.

The panel decides nothing: the approver checks the count and the click, or the signature, and the outbox checks
everything else. It makes one attempt; to try again, see the plan again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from ipywidgets import HTML, Button, Dropdown, HBox, Text, VBox
from traitlets import Instance

from toolkit.display import as_html, as_text
from toolkit.errors import ApprovalRefused
from toolkit.plans.approval import Approval, Needed
from toolkit.plans.plan import Plan
from toolkit.plans.receipt import Receipt
from toolkit.platform_support import user_name
from toolkit.widgets.campaign_monitor import CampaignMonitor
from toolkit.widgets.fields.human_button import HumanButton
from toolkit.widgets.fields.passphrase_field import PassphraseField
from toolkit.widgets.forms.send_form import SendForm
from toolkit.widgets.frame_table import FrameTable
from toolkit.widgets.job_monitor import JobMonitor
from toolkit.widgets.plan_monitor import PlanMonitor
from toolkit.widgets.views.host_support import elsewhere
from toolkit.widgets.views.markup import banner, hint, look, refusal, refusals_in, status
from toolkit.widgets.views.plan_view import count_html, plan_facts, plan_html
from toolkit.workspace import Workspace

_NAMES: WeakKeyDictionary[Workspace, str] = WeakKeyDictionary()  # who approved last, to be typed once


class SendPanel(VBox):  # type: ignore[misc]  # ipywidgets has no types
    """A plan, and a card beside it with the exact count to type and the button that sends it.

    `value` is the `Receipt` once there is one, None before. Where the policy requires a signature, the person chooses
    their key and types its passphrase, which is used once and not stored. With `edit` there is a way back to the form,
    with `begin` one to an empty form once it was sent.
    """

    value = Instance(Receipt, allow_none=True, read_only=True)

    def __init__(
        self,
        workspace: Workspace,
        plan: Plan,
        *,
        edit: Callable[[], None] | None = None,
        begin: Callable[[], None] | None = None,
    ) -> None:
        self._workspace = workspace
        self._plan = plan
        self._needed: Needed = workspace.approvals.needed(plan.id)
        self._lock = threading.Lock()  # some kernels run two clicks in two threads
        self._is_open = True  # until the one attempt, or until the plan is removed from the page
        self._monitor: CampaignMonitor | PlanMonitor | JobMonitor | None = None
        counted = SendForm(plan).counted
        self._count = Text(description=f"Type the number of {counted}").add_class("seax-count")
        self._by = self._who().add_class("seax-by")
        self._passphrase = PassphraseField(description="Passphrase").add_class("seax-passphrase")
        verb = {"import": "Import", "label removal": "Remove"}.get(plan.draft.kind, "Send")
        self._button = HumanButton(
            description=f"Sign and {verb.lower()}" if self._needed.signed else verb, button_style="danger"
        ).add_class("seax-send")
        self._outcome = HTML().add_class("seax-outcome")
        self._progress = VBox().add_class("seax-lines")
        for field, trait in ((self._count, "value"), (self._by, "value"), (self._passphrase, "is_filled")):
            field.observe(lambda _: self._refresh(), trait)
        self._button.on_click(lambda _: self._dispatch())
        self._edit = Button(description="‹ Edit").add_class("seax-edit")
        self._edit.on_click(lambda _: edit() if edit else None)
        self._begin = Button(description="Start a new campaign", layout={"display": "none"}).add_class(
            "seax-new-campaign"
        )
        self._begin.on_click(lambda _: begin() if begin else None)
        signing = [self._passphrase] if self._needed.signed else []
        one = "person receives it" if plan.recipients == 1 else "people receive it"
        what = {"Import": "rows are uploaded", "Remove": "contacts lose the label"}.get(verb, one)
        card = VBox(
            [
                VBox(
                    [
                        HTML(banner(live=plan.live)).add_class("seax-where"),
                        HTML(count_html(plan.recipients, what)),
                    ]
                ).add_class("seax-top"),
                VBox([HTML(plan_facts(plan))]).add_class("seax-mid"),
                VBox([self._count, self._by, *signing, self._button, self._outcome])
                .add_class("seax-foot")
                .add_class("seax-approving"),
            ]
        ).add_class("seax-card")
        self._content = HTML(plan_html(plan)).add_class("seax-plan")
        # apart from Send, in whose place a second click of a double click would land
        way_back = [HBox([self._edit, *([self._begin] if begin else [])]).add_class("seax-row")] if edit else []
        left = VBox([*way_back, self._progress, self._content, *_people_of(plan)])
        left.add_class("seax-lines").add_class("seax-form")
        super().__init__([look(), VBox([left, card]).add_class("seax-build")])
        self.add_class("seax")
        self.add_class("seax-send-panel")
        self._refresh()
        self._show_earlier()

    def retire(self) -> None:
        """Disable the panel of a plan that is no longer the one shown."""
        self._close()
        if self._monitor:
            self._monitor.stop()

    def supersede(self) -> None:
        """Withdraw the plan unless somebody has acted on it: another one of the same page takes its place."""
        if self._is_open:
            self._workspace.ledger.close_plan(self._plan.id, "withdrawn", by=user_name(), via=self._workspace.face)
        self.retire()

    @property
    def is_used(self) -> bool:
        """Its one attempt was made, or the plan was sent before: what came of it stays on the page."""
        return self.value is not None

    def focus(self) -> None:
        """Put the page's focus on the top of the plan, where reading begins."""
        self._edit.focus()

    @property
    def form(self) -> SendForm:
        """What was typed."""
        return SendForm(
            self._plan,
            typed=self._count.value,
            by=self._by.value,
            needed=self._needed,
            has_passphrase=self._passphrase.is_filled,
        )

    def _who(self) -> Text | Dropdown:
        if not self._needed.signed:
            return Text(_NAMES.get(self._workspace, ""), description="Your name")
        names = [("choose…", ""), *((name, name) for name in self._workspace.approvals.approvers())]
        return Dropdown(options=names, value="", description="Signed by")

    def _refresh(self) -> None:
        if not self._is_open:
            return
        missing = self.form.missing
        self._button.disabled = bool(missing)
        self._outcome.value = hint(missing or "Ready: press the button once. It cannot be recalled.")

    def _show_earlier(self) -> None:
        entry = self._workspace.get_plan(self._plan.id)
        if entry.state == "sent" and entry.receipt:
            self._close()
            self._show(entry.receipt.model_copy(update={"repeated": True}))
        elif entry.state == "partial" and entry.receipt:
            self._outcome.value = hint(f"{entry.receipt} Approve again to send the rest.")
        elif entry.state in {"declined", "withdrawn", "expired", "refused", "stopped"}:
            self._close()
            self._outcome.value = refusal(f"This plan is {entry.state}: plan the draft again if you still want it.")
        elif entry.state in {"sending", "unknown"}:
            self._close()
            self._outcome.value = refusal(self._workspace.ledger.on_its_way(self._plan.id))

    def _dispatch(self) -> None:
        with self._lock, refusals_in(self._outcome):
            form = self.form
            if not self._is_open or form.missing:
                return
            self._outcome.value = hint("Sending…")
            approval = self._approved(form)
            if waiting := self._waiting_for(approval):
                self._outcome.value = status(waiting)
            else:
                self._show(self._workspace.send(approval))

    def _approved(self, form: SendForm) -> Approval:
        passphrase = self._passphrase.take()
        self._close()
        _NAMES[self._workspace] = form.by
        if not form.needed.signed:
            return self._workspace.approvals.approve(
                self._plan.id, recipients=form.recipients or 0, by=form.by, via="panel"
            )
        if passphrase is None:
            raise ApprovalRefused("The passphrase was dropped: see the plan again and type it. Nothing was sent.")
        return self._workspace.approvals.sign(
            self._plan.id, recipients=form.recipients or 0, approver=form.by, passphrase=passphrase
        )

    def _waiting_for(self, approval: Approval) -> str:
        """Who else has to approve, in words; empty if nobody."""
        events = self._workspace.ledger.events(self._plan.id)
        people = {event.who.casefold() for event in events if event.event == "approved"} | {approval.by.casefold()}
        if len(people) >= self._needed.people:
            return ""
        return (
            f"{len(people)} of {self._needed.people} people approved. It is sent when the other one opens this plan "
            "in an inbox and approves it too."
        )

    def _show(self, receipt: Receipt) -> None:
        self.set_trait("value", receipt)
        for control in (self._count, self._by, self._passphrase, self._button):
            control.layout.display = "none"
        if receipt.status in {"sent", "scheduled"}:
            self._begin.layout.display = None
        waits = receipt.status == "scheduled" and not receipt.repeated
        words = f"{receipt}{' The service starts it by itself, without this notebook.' if waits else ''}"
        self._outcome.value = status(words)
        if len(receipt.campaign_ids) > 1 or (receipt.campaign_id and any(step.arm for step in self._plan.steps)):
            self._monitor = PlanMonitor(self._workspace, receipt)
        elif receipt.campaign_id:
            self._monitor = CampaignMonitor(self._workspace, receipt.campaign_id)
        elif receipt.job_id:
            self._monitor = JobMonitor(self._workspace, receipt.job_id)
        if self._monitor:
            self._progress.children = (self._monitor,)
            self._monitor.start()

    def _close(self) -> None:
        self._is_open = False
        self._passphrase.take()
        for control in (self._count, self._by, self._passphrase, self._button):
            control.disabled = True

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        """The widget, and the plan and its receipt, which are readable without a kernel."""
        twin = [
            *elsewhere("approve and send it"),
            *self._plan.describe(),
            *(self.value.describe() if self.value else []),
        ]
        bundle: dict[str, Any] = super()._repr_mimebundle_(**kwargs)
        return bundle | {"text/plain": as_text(twin), "text/html": as_html(twin)}


def _people_of(plan: Plan) -> list[VBox]:
    """A button that shows who gets what, arm by arm; nothing for a plan that was not made in this notebook."""
    if not plan.has_audience:
        return []
    button = Button(description="Show who gets what").add_class("seax-btn--link").add_class("seax-who-gets-what")
    place = VBox([button]).add_class("seax-lines")
    button.on_click(lambda _: setattr(place, "children", (FrameTable(plan),)))
    return [place]
