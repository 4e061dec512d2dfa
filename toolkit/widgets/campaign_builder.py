"""A campaign built by clicking: the fields, their plan, and the panel that sends it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ipywidgets import (
    HTML,
    Checkbox,
    RadioButtons,
    SelectMultiple,
    Text,
    Textarea,
    VBox,
)
from traitlets import Instance

from toolkit.api.paging import Progress
from toolkit.audience.segment import Segment
from toolkit.audience.waterfall import Audience
from toolkit.data.contacts import Contacts
from toolkit.errors import ToolkitError
from toolkit.planning.preflight.media_findings import check_addresses
from toolkit.plans.draft import CampaignDraft
from toolkit.plans.finding import Finding
from toolkit.sections import Section, as_html, as_text, when
from toolkit.widgets.fields.long_read import LongRead
from toolkit.widgets.fields.message_field import MessageField
from toolkit.widgets.fields.schedule_field import ScheduleField
from toolkit.widgets.forms.campaign_form import CampaignForm
from toolkit.widgets.forms.choices import Choice, label_choices, sender_choices
from toolkit.widgets.forms.exploration import Exploration
from toolkit.widgets.forms.sample import few
from toolkit.widgets.plan_button import Planning
from toolkit.widgets.segment_explorer import SegmentExplorer
from toolkit.widgets.views.markup import banner, hint
from toolkit.widgets.views.place import titled
from toolkit.widgets.views.plan_view import finding_boxes
from toolkit.workspace import Workspace

_WIDE = {"layout": {"width": "640px", "max_width": "100%"}, "style": {"description_width": "130px"}}
_INDENTED = {"layout": {"margin": "0 0 0 138px", "max_width": "640px"}}  # under the fields, right of their descriptions
_BESIDE = {"orientation": "horizontal", **_INDENTED}  # choices beside one another
_CONCERNS = {  # the field that findings are about, by the letters of their codes
    "type": ("TYP", "WAP", "MMS001", "MMS002"),
    "sender": ("SND",),
    "whom": ("AUD", "PHN"),
    "message": ("MSG",),
    "media": ("MMS",),
    "schedule": ("TIM",),
}


class CampaignBuilder(VBox):  # type: ignore[misc]  # ipywidgets has no types
    """An SMS or MMS campaign to contacts with some labels or matching a rule.

    `value` is the `CampaignDraft` on the page, None while something is missing; it can be observed, printed and passed
    back, as in `CampaignBuilder(ws, draft)`. With an `explorer` it uses the segment built there, as it changes.
    Labels to choose from, and people to preview the message for, come from the contacts: the explorer's, an earlier
    `ws.snapshot()`, or one read while the page is open. Every edit removes the plan from the page.
    Raises DraftError for a draft that the builder has no fields for, ServiceError if the senders cannot be read.
    """

    value = Instance(CampaignDraft, allow_none=True, read_only=True)

    def __init__(
        self,
        workspace: Workspace,
        draft: CampaignDraft | None = None,
        *,
        explorer: SegmentExplorer | None = None,
        contacts: Contacts | None = None,
    ) -> None:
        form = CampaignForm.from_draft(draft) if draft else CampaignForm()
        if explorer is not None:
            form = replace(form, rule=_text(explorer.value))
        self._workspace = workspace
        self._kept = form  # the rest of the draft, without a field
        self._phones = workspace.phones()
        self._exploration: Exploration | None = None  # before the contacts are read
        self._sample: tuple[Segment, Audience] | None = None  # a few people of its latest segment
        self._is_filling = False
        senders = sender_choices(self._phones, form.senders, form.type)
        self._name = Text(form.name, description="Campaign name", **_WIDE)
        self._type = RadioButtons(options=["SMS", "MMS"], value=form.type, description="Type", **_BESIDE)
        self._sender = SelectMultiple(options=senders, value=form.senders, rows=4, description="Sent from", **_WIDE)
        self._whom = RadioButtons(
            options=[("picked labels", "labels"), ("a rule", "rule")],
            value="labels" if form.rule is None else "rule",
            description="Recipients",
            **_BESIDE,
        )
        self._any_of = SelectMultiple(
            options=form.any_of, value=form.any_of, rows=7, description="With any label of", **_WIDE
        )
        self._none_of = SelectMultiple(
            options=form.none_of, value=form.none_of, rows=4, description="With no label of", **_WIDE
        )
        self._rule = Textarea(form.rule or "", rows=2, description="Rule", continuous_update=False, **_WIDE)
        self._message = MessageField(workspace, form.message)
        self._media = Textarea(
            form.media, rows=2, description="Media", placeholder="https:// addresses, one per line", **_WIDE
        )
        self._schedule = ScheduleField(form.start, form.end, form.zone, by_zone=form.by_zone)
        self._shorten = Checkbox(value=form.shorten_links, description="Shorten links", **_WIDE)
        self._attach = SelectMultiple(
            options=form.attach_labels, value=form.attach_labels, rows=3, description="Put labels on", **_WIDE
        )
        self._several = HTML("Hold Ctrl, or ⌘ on a Mac, to select several labels or to deselect one.", **_INDENTED)
        self._reason_for: dict[str, Text] = {}
        self._reasons = VBox()
        self._found = {field: HTML(**_INDENTED).add_class(f"seax-found-{field}") for field in (*_CONCERNS, "else")}
        self._reading = LongRead("Read the contacts", self._read, self._have, called="contacts")
        self._planning = Planning(workspace, shown=lambda plan: self._show_findings(plan.findings))
        self._audience = VBox()
        fields = {
            "name": self._name,
            "type": self._type,
            "sender": self._sender,
            "whom": self._whom,
            "any-of": self._any_of,
            "none-of": self._none_of,
            "rule": self._rule,
            "media": self._media,
            **self._schedule.controls,
            "shorten": self._shorten,
            "attach": self._attach,
        }
        for name, field in fields.items():
            field.add_class(f"seax-{name}").observe(lambda _: self._edited(), "value")
        self._message.text.observe(lambda _: self._edited(), "value")
        if explorer is not None:
            explorer.observe(lambda _: self._follow(explorer), "value")
        super().__init__(
            [
                HTML(banner(live=workspace.live)).add_class("seax-where"),
                self._name,
                *(self._type, self._found["type"]),
                *(self._sender, self._found["sender"]),
                *(self._reading, self._whom, self._audience, self._found["whom"]),
                *(self._message, self._found["message"]),
                *(self._media, self._found["media"]),
                *(self._schedule, self._found["schedule"]),
                *(self._shorten, self._attach),
                *(self._found["else"], self._reasons),
                self._planning,
            ]
        )
        self.add_class("seax-builder")
        self._edited()
        if explorer is not None:
            self._explore(explorer.exploration)
        elif contacts is not None:
            self._have(contacts)
        else:
            self._reading.start()

    @property
    def form(self) -> CampaignForm:
        """The values typed so far."""
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
            start=self._schedule.start.value,
            end=self._schedule.end.value,
            zone=self._schedule.zone.value,
            shorten_links=self._shorten.value,
            attach_labels=self._attach.value,
            by_zone=self._schedule.by_zone.value,
            overrides={**self._kept.overrides, **{code: reason.value for code, reason in self._reason_for.items()}},
        )

    def wait(self, timeout: float) -> None:
        """Wait until the contacts are read, up to a timeout in seconds."""
        self._reading.wait(timeout)

    def _read(self, progress: Progress) -> Contacts:
        return self._workspace.snapshot(progress=progress)

    def _have(self, contacts: Contacts) -> None:
        self._explore(Exploration(contacts, self._workspace.live, self._workspace.policy.held_out))

    def _explore(self, exploration: Exploration) -> None:
        """Offer the labels of a snapshot of the contacts, and preview the message for people in it."""
        labels = self._workspace.labels(contacts=exploration.contacts)
        with self._planning.lock:
            self._exploration, self._sample = exploration, None
            self._is_filling = True  # selecting the same choices again is not an edit
            for field in (self._any_of, self._none_of, self._attach):
                _offer_of(field, label_choices(labels, field.value))
            self._is_filling = False
            self._message.show(self._people)
        read = exploration.contacts
        self._reading.offer(hint(f"{len(read):,} contacts, read at {when(read.read_time, '%H:%M')}."), is_ready=True)

    def _follow(self, explorer: SegmentExplorer) -> None:
        self._exploration = explorer.exploration
        self._whom.value = "rule"
        self._rule.value = _text(explorer.value)

    def _edited(self) -> None:
        with self._planning.lock:
            if self._is_filling:
                return
            for place in self._found.values():
                place.value = ""
            self._offer()
            form = self.form
            self._message.show(self._people)
            if form.type == "MMS":
                self._found["media"].value = finding_boxes([*check_addresses(tuple(form.media.split()))])
            try:
                self._schedule.show(self._workspace.service_time())
                draft = form.draft()
                said = f"Complete. For: {form.segment.explain()} Check the plan before anything is sent."
            except ToolkitError as error:
                draft, said = None, str(error)
            self.set_trait("value", draft)
            self._planning.offer(draft, hint(said))

    @property
    def _people(self) -> Audience | None:
        """A few who would receive it; None before the contacts are read, or while it cannot be computed."""
        if self._exploration is None:
            return None
        try:
            segment = self.form.segment
            if self._sample is None or self._sample[0] != segment:
                self._sample = segment, few(self._exploration.audience(segment))
        except ToolkitError:
            return None
        return self._sample[1]

    def _offer(self) -> None:
        """Offer what fits the choices: senders by capability, labels or a rule, media for MMS."""
        offered = sender_choices(self._phones, [], self._type.value, kept=self._sender.value)
        if list(self._sender.options) != offered:
            _offer_of(self._sender, offered)
        fields = (self._any_of, self._none_of, self._several) if self._whom.value == "labels" else (self._rule,)
        if self._audience.children != fields:
            self._audience.children = fields
        self._media.disabled = self._type.value == "SMS"

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

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        """The widget, and a plain version that is readable without a kernel."""
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
        twin = [Section(titled("Campaign builder", "use it"), rows)]
        bundle: dict[str, Any] = super()._repr_mimebundle_(**kwargs)
        return bundle | {"text/plain": as_text(twin), "text/html": as_html(twin)}


def _offer_of(field: SelectMultiple, choices: Sequence[Choice]) -> None:
    """Change the options and keep those selected that remain.

    The page gets both at once: otherwise a selection made between the two would be lost.
    """
    kept = field.value
    with field.hold_sync():
        field.options = choices
        field.value = [value for _, value in choices if value in kept]


def _text(segment: Segment | None) -> str:
    return "" if segment is None else str(segment)


def _field_of(finding: Finding) -> str:
    return next((field for field, codes in _CONCERNS.items() if finding.code.startswith(codes)), "else")
