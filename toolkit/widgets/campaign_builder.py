"""A campaign put together by clicking: the fields, the plan they make, and the panel that sends it."""

from __future__ import annotations

from typing import Any

from ipywidgets import HTML, Button, Dropdown, SelectMultiple, Text, Textarea, VBox
from traitlets import Instance

from toolkit.errors import ToolkitError
from toolkit.sections import Section, as_html, as_text
from toolkit.sending.draft import CampaignDraft
from toolkit.widgets.campaign_form import CampaignForm
from toolkit.widgets.choices import label_choices, sender_choices
from toolkit.widgets.markup import banner, escaped, hint, refusals_in
from toolkit.widgets.send_panel import SendPanel
from toolkit.workspace import Workspace

_WIDE = {"layout": {"width": "640px", "max_width": "100%"}, "style": {"description_width": "130px"}}
_INDENTED = {"layout": {"margin": "0 0 0 138px"}}  # under the fields, right of their descriptions


class CampaignBuilder(VBox):  # type: ignore[misc]  # ipywidgets has no types
    """An SMS campaign to everybody with, or without, some labels.

    `value` is the `CampaignDraft` on the page, None while something is missing; it can be observed, printed and given
    back, as in `CampaignBuilder(ws, draft)`. Every edit takes the plan off the page. Raises DraftError for a draft
    that says what the builder has no field for, ServiceError if the workspace cannot be read.
    """

    value = Instance(CampaignDraft, allow_none=True, read_only=True)

    def __init__(self, workspace: Workspace, draft: CampaignDraft | None = None) -> None:
        form = CampaignForm.from_draft(draft) if draft else CampaignForm()
        self._workspace = workspace
        senders = sender_choices(workspace.phones(), [form.sender] if form.sender else [])
        labels = label_choices(workspace.labels(), [*form.any_of, *form.none_of])
        self._name = Text(form.name, description="Campaign name", **_WIDE)
        self._sender = Dropdown(options=senders, value=form.sender, description="Sent from", **_WIDE)
        self._any_of = SelectMultiple(
            options=labels, value=form.any_of, rows=7, description="With any label of", **_WIDE
        )
        self._none_of = SelectMultiple(
            options=labels, value=form.none_of, rows=4, description="With no label of", **_WIDE
        )
        self._message = Textarea(form.message, rows=4, description="Message", continuous_update=True, **_WIDE)
        self._counter = HTML(**_INDENTED).add_class("seax-counter")
        self._look = Button(description="See the plan", button_style="primary").add_class("seax-see-plan")
        self._said = HTML().add_class("seax-said")
        self._place = VBox().add_class("seax-panel")
        fields = {
            "seax-name": self._name,
            "seax-sender": self._sender,
            "seax-any-of": self._any_of,
            "seax-none-of": self._none_of,
            "seax-message": self._message,
        }
        for dom_class, field in fields.items():
            field.add_class(dom_class)
            field.observe(lambda _: self._edited(), "value")
        self._look.on_click(lambda _: self._see_plan())
        super().__init__(
            [
                HTML(banner(live=workspace.live)).add_class("seax-where"),
                self._name,
                self._sender,
                self._any_of,
                self._none_of,
                HTML("Hold Ctrl, or ⌘ on a Mac, to choose several labels or to let one go.", **_INDENTED),
                self._message,
                self._counter,
                self._look,
                self._said,
                self._place,
            ]
        )
        self.add_class("seax-builder")
        self._edited()

    @property
    def form(self) -> CampaignForm:
        """What is filled in."""
        return CampaignForm(
            self._name.value, self._sender.value, self._any_of.value, self._none_of.value, self._message.value
        )

    def _edited(self) -> None:
        self._clear_panel()
        form = self.form
        self._counter.value = escaped(form.counter)
        try:
            self.set_trait("value", form.draft())
            self._said.value = hint(
                f"Complete. For: {form.segment.explain()} Look at the plan before anything is sent."
            )
        except ToolkitError as error:
            self.set_trait("value", None)
            self._said.value = hint(str(error))
        self._look.disabled = self.value is None

    def _see_plan(self) -> None:
        self._clear_panel()
        draft = self.value
        if draft is None:
            return
        self._said.value = hint("Reading the contacts…")
        with refusals_in(self._said):
            plan = self._workspace.plan(draft)
            if self.value == draft:  # some kernels handle an edit while this reads
                self._place.children = (SendPanel(self._workspace, plan),)
                self._said.value = ""

    def _clear_panel(self) -> None:
        for panel in self._place.children:
            panel.retire()
        self._place.children = ()

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        """The widget, and a twin of it that reads without a kernel."""
        form = self.form
        rows = [
            ["campaign name", form.name],
            ["sent from", form.sender or ""],
            ["with any label of", ", ".join(form.any_of)],
            ["with no label of", ", ".join(form.none_of)],
            ["message", form.message],
            ["parts", form.counter],
        ]
        twin = [Section("Campaign builder (run the cell to use it)", rows)]
        bundle: dict[str, Any] = super()._repr_mimebundle_(**kwargs)
        return bundle | {"text/plain": as_text(twin), "text/html": as_html(twin)}
