"""A campaign put together by clicking: the fields, the plan they make, and the panel that sends it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ipywidgets import (
    HTML,
    Button,
    Checkbox,
    Combobox,
    HBox,
    NaiveDatetimePicker,
    SelectMultiple,
    Text,
    Textarea,
    ToggleButtons,
    VBox,
)
from traitlets import Instance

from toolkit.audience.segment import Segment
from toolkit.errors import ToolkitError
from toolkit.sections import Section, as_html, as_text
from toolkit.sending.draft import CampaignDraft
from toolkit.sending.finding import Finding
from toolkit.sending.preflight.media import check_addresses
from toolkit.widgets.campaign_form import CampaignForm
from toolkit.widgets.choices import label_choices, sender_choices
from toolkit.widgets.markup import banner, escaped, hint, refusals_in
from toolkit.widgets.plan_view import bubble, finding_boxes
from toolkit.widgets.schedule import echo, zone_names
from toolkit.widgets.segment_explorer import SegmentExplorer
from toolkit.widgets.send_panel import SendPanel
from toolkit.workspace import Workspace

_WIDE = {"layout": {"width": "640px", "max_width": "100%"}, "style": {"description_width": "130px"}}
_INDENTED = {"layout": {"margin": "0 0 0 138px", "max_width": "640px"}}  # under the fields, right of their descriptions
_CONCERNS = {  # the field that findings are about, by the letters their codes begin with
    "type": ("TYP", "WAP", "MMS001", "MMS002"),
    "sender": ("SND",),
    "whom": ("AUD", "PHN", "EXP"),
    "message": ("MSG",),
    "media": ("MMS",),
    "schedule": ("TIM",),
}


class CampaignBuilder(VBox):  # type: ignore[misc]  # ipywidgets has no types
    """An SMS or MMS campaign to whom labels or a rule mean.

    `value` is the `CampaignDraft` on the page, None while something is missing; it can be observed, printed and given
    back, as in `CampaignBuilder(ws, draft)`. With an `explorer` it is for the segment found there, whatever it becomes.
    Every edit takes the plan off the page. Raises DraftError for a draft that the builder has no fields for,
    ServiceError if the workspace cannot be read.
    """

    value = Instance(CampaignDraft, allow_none=True, read_only=True)

    def __init__(
        self,
        workspace: Workspace,
        draft: CampaignDraft | None = None,
        *,
        explorer: SegmentExplorer | None = None,
    ) -> None:
        form = CampaignForm.from_draft(draft) if draft else CampaignForm()
        if explorer is not None:
            form = replace(form, rule=_text(explorer.value))
        self._workspace = workspace
        self._kept = form  # what has no field
        self._phones = workspace.phones()
        labels = label_choices(workspace.labels(), [*form.any_of, *form.none_of, *form.attach_labels])
        senders = sender_choices(self._phones, form.senders, form.type)
        self._name = Text(form.name, description="Campaign name", **_WIDE)
        self._type = ToggleButtons(options=["SMS", "MMS"], value=form.type, description="Type", **_toggles())
        self._sender = SelectMultiple(options=senders, value=form.senders, rows=4, description="Sent from", **_WIDE)
        self._whom = ToggleButtons(
            options=[("picked labels", "labels"), ("a rule", "rule")],
            value="labels" if form.rule is None else "rule",
            description="To whom",
            **_toggles(),
        )
        self._any_of = SelectMultiple(
            options=labels, value=form.any_of, rows=7, description="With any label of", **_WIDE
        )
        self._none_of = SelectMultiple(
            options=labels, value=form.none_of, rows=4, description="With no label of", **_WIDE
        )
        self._rule = Textarea(form.rule or "", rows=2, description="Rule", continuous_update=False, **_WIDE)
        self._message = Textarea(form.message, rows=4, description="Message", continuous_update=True, **_WIDE)
        self._media = Textarea(
            form.media, rows=2, description="Media", placeholder="https:// addresses, one a line", **_WIDE
        )
        self._counter = HTML(**_INDENTED).add_class("seax-counter")
        self._bubble = HTML(**_INDENTED).add_class("seax-bubble")
        self._start = NaiveDatetimePicker(value=form.start, description="Starts", **_WIDE)
        self._end = NaiveDatetimePicker(value=form.end, description="Ends", **_WIDE)
        self._zone = Combobox(value=form.zone, options=zone_names(), description="On clocks in", **_WIDE)
        self._echo = HTML(**_INDENTED).add_class("seax-echo")
        self._shorten = Checkbox(value=form.shorten_links, description="Shorten links", **_WIDE)
        self._attach = SelectMultiple(
            options=labels, value=form.attach_labels, rows=3, description="Put labels on", **_WIDE
        )
        self._several = HTML("Hold Ctrl, or ⌘ on a Mac, to choose several labels or to let one go.", **_INDENTED)
        self._reason_for: dict[str, Text] = {}
        self._reasons = VBox()
        self._found = {field: HTML(**_INDENTED).add_class(f"seax-found-{field}") for field in (*_CONCERNS, "else")}
        self._look = Button(description="See the plan", button_style="primary").add_class("seax-see-plan")
        self._said = HTML().add_class("seax-said")
        self._place = VBox().add_class("seax-panel")
        self._audience = VBox()
        self._schedule = VBox([HBox([self._start, self._end], layout={"flex_flow": "row wrap"}), self._zone])
        fields = {
            "name": self._name,
            "type": self._type,
            "sender": self._sender,
            "whom": self._whom,
            "any-of": self._any_of,
            "none-of": self._none_of,
            "rule": self._rule,
            "message": self._message,
            "media": self._media,
            "start": self._start,
            "end": self._end,
            "zone": self._zone,
            "shorten": self._shorten,
            "attach": self._attach,
        }
        for name, field in fields.items():
            field.add_class(f"seax-{name}")
            field.observe(lambda _: self._edited(), "value")
        self._look.on_click(lambda _: self._see_plan())
        if explorer is not None:
            explorer.observe(lambda change: self._follow(change["new"]), "value")
        super().__init__(
            [
                HTML(banner(live=workspace.live)).add_class("seax-where"),
                self._name,
                *(self._type, self._found["type"]),
                *(self._sender, self._found["sender"]),
                *(self._whom, self._audience, self._found["whom"]),
                *(self._message, self._counter, self._bubble, self._found["message"]),
                *(self._media, self._found["media"]),
                *(self._schedule, self._echo, self._found["schedule"]),
                *(self._shorten, self._attach),
                *(self._found["else"], self._reasons),
                *(self._look, self._said, self._place),
            ]
        )
        self.add_class("seax-builder")
        self._edited()

    @property
    def form(self) -> CampaignForm:
        """What is filled in."""
        return replace(
            self._kept,
            name=self._name.value,
            type=self._type.value,
            senders=self._sender.value,
            any_of=self._any_of.value,
            none_of=self._none_of.value,
            rule=self._rule.value if self._whom.value == "rule" else None,
            message=self._message.value,
            media=self._media.value,
            start=self._start.value,
            end=self._end.value,
            zone=self._zone.value,
            shorten_links=self._shorten.value,
            attach_labels=self._attach.value,
            overrides={**self._kept.overrides, **{code: reason.value for code, reason in self._reason_for.items()}},
        )

    def _follow(self, segment: Segment | None) -> None:
        self._whom.value = "rule"
        self._rule.value = _text(segment)

    def _edited(self) -> None:
        self._clear_panel()
        self._offer()
        form = self.form
        self._counter.value = escaped(form.counter)
        self._bubble.value = bubble(form.message) if form.message.strip() else ""
        if form.type == "MMS":
            self._found["media"].value = finding_boxes([*check_addresses(tuple(form.media.split()))])
        try:
            self._echo.value = escaped(self._said_times(form))
            self.set_trait("value", form.draft())
            self._said.value = hint(
                f"Complete. For: {form.segment.explain()} Look at the plan before anything is sent."
            )
        except ToolkitError as error:
            self.set_trait("value", None)
            self._said.value = hint(str(error))
        self._look.disabled = self.value is None

    def _offer(self) -> None:
        """Offer what suits what is chosen: senders by capability, labels or a rule, media for MMS."""
        kept = self._sender.value
        offered = sender_choices(self._phones, [], self._type.value, kept=kept)
        if list(self._sender.options) != offered:
            self._sender.options = offered
            self._sender.value = tuple(name for name in kept if name in [value for _, value in offered])
        fields = (self._any_of, self._none_of, self._several) if self._whom.value == "labels" else (self._rule,)
        if self._audience.children != fields:
            self._audience.children = fields
        self._media.disabled = self._type.value == "SMS"

    def _said_times(self, form: CampaignForm) -> str:
        now = self._workspace.service_time()
        times = [
            f"{word} {echo(at, form.zone, now)}." for word, at in (("Starts", form.start), ("Ends", form.end)) if at
        ]
        return " ".join(times) or "Starts at once."

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
                self._show_findings(plan.findings)

    def _show_findings(self, findings: Sequence[Finding]) -> None:
        for field, place in self._found.items():
            place.value = finding_boxes([finding for finding in findings if _field_of(finding) == field])
        for finding in findings:
            if finding.severity == "block" and not finding.is_final and finding.code not in self._reason_for:
                self._reason_for[finding.code] = self._reason(finding.code)
        self._reasons.children = tuple(self._reason_for.values())

    def _reason(self, code: str) -> Text:
        reason = Text(
            self._kept.overrides.get(code, ""),
            description=code,
            placeholder=f"a reason to send although {code} blocks it; see the plan again",
            continuous_update=False,
            **_WIDE,
        ).add_class(f"seax-reason-{code}")
        reason.observe(lambda _: self._edited(), "value")
        return reason

    def _clear_panel(self) -> None:
        for panel in self._place.children:
            panel.retire()
        self._place.children = ()
        for place in self._found.values():
            place.value = ""

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        """The widget, and a twin of it that reads without a kernel."""
        form = self.form
        rows = [
            ["campaign name", form.name],
            ["type", form.type],
            ["sent from", ", ".join(form.senders)],
            *([["rule", form.rule]] if form.rule is not None else []),
            ["with any label of", ", ".join(form.any_of)],
            ["with no label of", ", ".join(form.none_of)],
            ["message", form.message],
            ["parts", form.counter],
        ]
        twin = [Section("Campaign builder (run the cell to use it)", rows)]
        bundle: dict[str, Any] = super()._repr_mimebundle_(**kwargs)
        return bundle | {"text/plain": as_text(twin), "text/html": as_html(twin)}


def _text(segment: Segment | None) -> str:
    return "" if segment is None else str(segment)


def _toggles() -> dict[str, Any]:
    return {"style": {"description_width": "130px", "button_width": "110px"}}


def _field_of(finding: Finding) -> str:
    return next((field for field, codes in _CONCERNS.items() if finding.code.startswith(codes)), "else")
