"""A campaign built by clicking: what one decides, and beside it the card that says what that means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ipywidgets import HTML, Button, Checkbox, HBox, RadioButtons, Text, Textarea, VBox
from traitlets import Instance, Union

from toolkit.api.snapshot_read import Progress
from toolkit.audience.segment import Segment
from toolkit.audience.waterfall import Audience
from toolkit.data.contacts import Contacts
from toolkit.display import Section, as_html, as_text, when
from toolkit.errors import DraftError, ToolkitError
from toolkit.planning.preflight.media_findings import check_addresses
from toolkit.plans.draft import MOST_MESSAGES, CampaignDraft, Draft, MessagesDraft
from toolkit.plans.finding import Finding
from toolkit.plans.plan import Plan
from toolkit.widgets.fields.after_pause import AfterPause
from toolkit.widgets.fields.audience_field import AudienceField
from toolkit.widgets.fields.campaign_card import CampaignCard
from toolkit.widgets.fields.choice_field import ChoiceField
from toolkit.widgets.fields.finding_lines import FindingLines
from toolkit.widgets.fields.long_read import LongRead
from toolkit.widgets.fields.message_field import MessageField
from toolkit.widgets.fields.people_table import PeopleTable
from toolkit.widgets.fields.schedule_field import ScheduleField
from toolkit.widgets.fields.start_field import StartField
from toolkit.widgets.forms.audience_pages import AudiencePages
from toolkit.widgets.forms.campaign_form import CampaignForm
from toolkit.widgets.forms.choices import default_sender, label_choices, sender_choices
from toolkit.widgets.forms.exploration import Counted, Exploration
from toolkit.widgets.forms.preview_sample import few
from toolkit.widgets.forms.repairs import FIELDS, Repair, field_of
from toolkit.widgets.plan_button import Planning
from toolkit.widgets.segment_explorer import SegmentExplorer
from toolkit.widgets.views.host_support import titled
from toolkit.widgets.views.markup import heading, hint, look
from toolkit.workspace import Workspace

_LIVE = 200_000  # contacts above which the checks come with the plan, as they take longer than a person's pause


class CampaignBuilder(VBox):  # type: ignore[misc]  # ipywidgets has no types
    """An SMS or MMS campaign to contacts with some labels, conditions or matching a rule.

    `value` is the `CampaignDraft` on the page, None while something is missing; it can be observed, printed and passed
    back, as in `CampaignBuilder(ws, draft)`. With personal messages it is a `MessagesDraft` to the people of now.
    With an `explorer` it uses the segment built there, as it changes. Labels to choose from, and who would receive it,
    come from the contacts: the explorer's, an earlier `ws.snapshot()`, or one read while the page is open. Every edit
    removes a plan that was not sent from the page, and is kept in `ws.drafts`. Raises DraftError for a draft that the
    builder has no fields for, ServiceError if the senders cannot be read.
    """

    value = Union(
        [Instance(CampaignDraft), Instance(MessagesDraft)], default_value=None, allow_none=True, read_only=True
    )

    def __init__(
        self,
        workspace: Workspace,
        draft: CampaignDraft | None = None,
        *,
        explorer: SegmentExplorer | None = None,
        contacts: Contacts | None = None,
    ) -> None:
        self._workspace = workspace
        self._phones = workspace.phones()
        form = CampaignForm.from_draft(draft) if draft else CampaignForm(senders=default_sender(self._phones))
        if explorer is not None:
            form = replace(form, any_of=(), none_of=(), conditions=(), rule=_text(explorer.value))
        senders = sender_choices(self._phones, form.senders, form.type)
        self._kept = form  # the rest of the draft, without a field
        self._exploration: Exploration | None = None  # before the contacts are read
        self._check: AfterPause[CampaignDraft | MessagesDraft] | None = None
        self._counted: tuple[Segment, Counted, Audience] | None = (
            None  # of the latest segment: its counts, a few people
        )
        self._findings: tuple[Finding, ...] = ()
        self._reasons = dict(form.overrides)
        self._is_filling = False
        self._start_from = StartField(workspace, self._open)
        self._name = Text(description="Campaign name", placeholder="Only you see it").add_class("seax-name")
        self._type = RadioButtons(options=["SMS", "MMS"], description="Type").add_class("seax-type")
        self._sender = ChoiceField("Sent from", called="sender")
        self._whom = AudienceField(form, workspace.segments, changed=self._edited, is_bound=explorer is not None)
        self._message = MessageField(form.message)
        self._personal = Checkbox(
            description=f"Personal messages: fill {{fields}} for each, for {MOST_MESSAGES} people at most", indent=False
        ).add_class("seax-personal")
        self._media = Textarea(rows=2, description="Media", placeholder="https:// addresses, one per line")
        self._schedule = ScheduleField(form.start, form.end, form.zone, by_zone=form.by_zone)
        self._shorten = Checkbox(description="Shorten links, and count clicks", indent=False).add_class("seax-shorten")
        self._attach = ChoiceField("Labels put on afterwards", called="attach", offered=0)
        self._found = {field: FindingLines(field, repair=self._repair, reason=self._reason) for field in FIELDS}
        self._reading = LongRead("Read the contacts again", self._read, self._have, called="contacts")
        self._reading.show_as(is_main=False)
        self._table = PeopleTable()
        self._table.layout.display = "none"
        self._show_people = Button(description="Show these people").add_class("seax-btn--link")
        self._show_people.add_class("seax-show-people").on_click(lambda _: self._open_table())
        self._planning = Planning(workspace, shown=self._show_plan, edit=self._back)
        numbers = len(workspace.policy.test_numbers)
        self._testing = Planning(
            workspace,
            f"Send a test to my {'number' if numbers == 1 else f'{numbers} numbers'}",
            called="test",
            shown=lambda _: self._hide_form(self._testing),
            edit=self._back,
        )
        self._testing.reading.show_as(is_main=False, is_shown=numbers > 0)
        self._card = CampaignCard(self._planning.reading, live=workspace.live, next_step=self._go_on, jump=self._jump)
        self._fields: dict[str, Any] = {
            "name": self._name,
            "whom": self._whom,
            "message": self._message,
            "media": self._media,
            "when": self._schedule,
            "start": self._schedule,
            "sender": self._sender,
        }
        self._form = VBox([self._left(), self._card]).add_class("seax-build")
        super().__init__([look(), self._form, self._planning.place, self._testing.place])
        self.add_class("seax").add_class("seax-builder")
        self._sender.offer(senders, form.senders)
        self._fill(form)
        texts = (self._name, self._message.text, self._media)
        choices = (self._type, self._sender, self._shorten, self._personal, self._attach)
        for field in (*texts, *choices, *self._schedule.controls.values()):
            field.observe(lambda _: self._edited(), "value")
        for name, field in self._schedule.controls.items():
            field.add_class(f"seax-{name}")
        self._refresh()
        if explorer is not None:
            explorer.observe(lambda _: self._follow(explorer), "value")
            self._explore(explorer.exploration)
        elif contacts is not None:
            self._have(contacts)
        else:
            self._reading.start()

    def _left(self) -> VBox:
        """What one decides."""

        def part(*children: Any) -> VBox:
            return VBox(children).add_class("seax-part")

        found = self._found
        about = VBox([self._name, self._type]).add_class("seax-pair")
        ways = HBox([self._show_people, self._reading]).add_class("seax-row")
        title = HBox([HTML(heading("Who")), ways]).add_class("seax-apart")
        return VBox(
            [
                part(self._start_from, about, found["type"]),
                part(title, self._whom, found["whom"], self._table),
                part(
                    self._message,
                    self._personal,
                    found["message"],
                    self._testing.reading,
                    self._media.add_class("seax-media"),
                    found["media"],
                ),
                part(self._schedule, found["when"]),
                part(self._sender, found["sender"]),
                part(self._shorten, found["links"]),
                part(self._attach, found["else"]),
            ]
        ).add_class("seax-form")

    @property
    def form(self) -> CampaignForm:
        """The values typed so far."""
        return replace(
            self._kept,
            **self._whom.choices,
            name=self._name.value,
            type=self._type.value,
            senders=self._sender.value,
            message=self._message.value,
            media=self._media.value,
            start=self._schedule.start,
            end=self._schedule.end,
            zone=self._schedule.zone,
            shorten_links=self._shorten.value,
            attach_labels=self._attach.value,
            by_zone=self._schedule.by_zone,
            personal=self._personal.value,
            overrides=dict(self._reasons),
        )

    def wait(self, timeout: float) -> None:
        """Wait until the contacts are read, up to a timeout in seconds."""
        self._reading.wait(timeout)

    def _fill(self, form: CampaignForm) -> None:
        """Put a form's values on the page."""
        self._is_filling = True
        self._kept, self._reasons = form, dict(form.overrides)
        self._name.value, self._type.value, self._media.value = form.name, form.type, form.media
        self._message.text.value = form.message
        self._whom.fill(form)
        self._schedule.fill(form.start, form.end, form.zone, by_zone=form.by_zone)
        self._shorten.value, self._personal.value = form.shorten_links, form.personal
        self._sender.choose(form.senders)
        if self._exploration is None:
            self._attach.offer([(name, name) for name in form.attach_labels], form.attach_labels)
        else:
            self._attach.choose(form.attach_labels)
        self._is_filling = False

    def _read(self, progress: Progress) -> Contacts:
        return self._workspace.snapshot(progress=progress)

    def _have(self, contacts: Contacts) -> None:
        self._explore(Exploration(contacts, self._workspace.live, self._workspace.policy.held_out))

    def _explore(self, exploration: Exploration) -> None:
        """Offer the labels of a snapshot of the contacts, and count and check on it from now on."""
        contacts = exploration.contacts
        labels = self._workspace.labels(contacts=contacts)
        check = self._workspace.drafts.checker(contacts) if len(contacts) <= _LIVE else None
        with self._planning.lock:
            self._exploration, self._counted = exploration, None
            self._check = AfterPause(lambda draft: self._checked(draft, check)) if check else None
            self._is_filling = True  # selecting the same choices again is not an edit
            self._whom.explore(exploration, labels)
            self._attach.offer(label_choices(labels, self._attach.value), self._attach.value)
            self._message.offer(["name", *contacts.field_names])
            self._is_filling = False
            if self._personal.value and self.value is None:
                self._refresh()
            else:
                self._look_at(self.form)  # what is planned meanwhile goes on
        self._reading.offer(
            hint(f"{len(contacts):,} contacts, read at {when(contacts.read_time, '%H:%M')}."), is_ready=True
        )

    def _follow(self, explorer: SegmentExplorer) -> None:
        self._exploration = explorer.exploration
        self._whom.fill(CampaignForm(rule=_text(explorer.value)))

    def _edited(self) -> None:
        """Take what is on the page; a plan of what was there before goes."""
        with self._planning.lock:
            if self._is_filling:
                return
            self._refresh()
            draft = self.value if isinstance(self.value, CampaignDraft) else None
            self._start_from.keep(self.form, draft)

    def _open(self, form: CampaignForm) -> None:
        """Put a draft, or a copy of a sent campaign, on the page."""
        self._fill(form)
        with self._planning.lock:
            self._refresh()

    def _refresh(self) -> None:
        form, error = self.form, None
        self._offer(form)
        self._message.show()
        try:
            self._schedule.show(self._workspace.service_time())
        except ToolkitError as found:
            error = found
        try:
            draft: CampaignDraft | MessagesDraft | None = self._draft_of(form)
            words = f"For: {form.segment.explain()}"
        except ToolkitError as found:
            draft, words = None, str(found)
        if error is not None and (draft is not None or form.missing is None):
            draft, words = None, str(error)
        self.set_trait("value", draft)
        self._planning.offer(draft, hint(words) if draft is None else "")
        self._testing.offer(draft.as_test() if isinstance(draft, CampaignDraft) else None, "")
        if self._planning.panel is None and self._testing.panel is None:
            self._form.layout.display = None
        self._look_at(form)

    def _draft_of(self, form: CampaignForm) -> CampaignDraft | MessagesDraft:
        if not form.personal:
            return form.draft()
        if self._exploration is None:
            raise DraftError("The contacts are still being read: personal messages are made for each of them.")
        audience = self._exploration.audience(form.segment)
        return form.personal_draft(audience.contacts.ids[audience.recipients].tolist())

    def _look_at(self, form: CampaignForm) -> None:
        """Count at once, and check as soon as a person pauses."""
        self._count(form)
        self._show_found(self._early(form))
        if self._check is not None:
            self._check.ask(self.value)

    def _early(self, form: CampaignForm) -> tuple[Finding, ...]:
        """The findings that are known at once; those of the latest check stay until the next."""
        if self._check is not None and self.value is not None:
            return self._findings
        media = check_addresses(tuple(form.media.split())) if form.type == "MMS" else ()
        return tuple(media)

    def _count(self, form: CampaignForm) -> None:
        """Count the people of the form, and show what one of them reads."""
        media = tuple(form.media.split()) if form.type == "MMS" else ()
        if self._exploration is None:
            self._card.show_count(None, "The contacts are being read. You can write meanwhile.")
            self._card.phone.show(form.message, (), media)
            return
        reachable = len(self._exploration.audience(Segment.everyone()))
        everybody = f"There are {len(self._exploration.contacts):,} contacts here, {reachable:,} reachable by text."
        self._whom.show_error("")
        try:
            if form.missing is not None and form.missing.field == "whom":
                self._card.show_count(None, f"people would receive it. {everybody}")
                self._card.phone.show(form.message, (), media)
                return
            segment = form.segment
            if self._counted is None or self._counted[0] != segment:
                audience = self._exploration.audience(segment)
                self._counted = segment, self._exploration.count(segment), few(audience)
                self._fill_table()
            one = "person would receive it" if self._counted[1].recipients == 1 else "people would receive it"
            self._card.show_count(self._counted[1], one)
        except ToolkitError as error:
            self._whom.show_error(self._whom.unknown or str(error))
            counted = self._counted[1] if self._counted else None
            self._card.show_count(counted, "of the last rule that could be read", is_quiet=True)
        people = self._counted[2] if self._counted else None
        self._card.phone.show(form.message, self._previews(form.message, people), media)

    def _open_table(self) -> None:
        """Show the people of the form, or hide them again."""
        is_open = self._table.layout.display is None
        self._table.layout.display = "none" if is_open else None
        self._show_people.description = "Show these people" if is_open else "Hide these people"
        self._fill_table()

    def _fill_table(self) -> None:
        if self._table.layout.display is None:
            exploration, counted = self._exploration, self._counted
            self._table.show(AudiencePages(exploration.audience(counted[0])) if exploration and counted else None)

    def _previews(self, message: str, people: Audience | None) -> Any:
        try:
            return self._workspace.drafts.previews(message, people) if people is not None and message.strip() else ()
        except ToolkitError:  # half a character, which the plan will report
            return ()

    def _checked(self, draft: CampaignDraft | MessagesDraft, check: Callable[[Draft], Plan]) -> None:
        """Show what a plan would be, if it is of what is on the page."""
        try:
            found: Plan | ToolkitError = check(draft)
        except ToolkitError as error:
            found = error
        with self._planning.lock:
            if self.value is not draft:
                return
            if isinstance(found, Plan):
                self._findings = found.findings
                self._card.show_plan(found)
                self._card.phone.show(self.value.message, found.previews, self.value.media_urls)
                self._show_found(found.findings)
            else:
                self._card.show_plan(None)
                self._whom.show_error(str(found))

    def _show_found(self, findings: tuple[Finding, ...]) -> None:
        form = self.form
        for field, lines in self._found.items():
            lines.show([each for each in findings if field_of(each) == field], form, self._reasons)
        self._card.show_findings(findings)
        blocks = any(each.is_blocking for each in findings) and self.value is not None
        missing = form.missing.step if form.missing else "" if self.value is not None else "Correct what is marked"
        self._card.show_step("Go to the first block" if blocks else missing, is_complete=self.value is not None)

    def _show_plan(self, plan: Plan) -> None:
        """Open the plan where the form was."""
        self._findings = plan.findings
        self._show_found(plan.findings)
        self._hide_form(self._planning)

    def _hide_form(self, planning: Planning) -> None:
        self._form.layout.display = "none"
        if planning.panel is not None:
            planning.panel.focus()

    def _back(self) -> None:
        """Back from the plan to the form."""
        self._form.layout.display = None
        self._name.focus()

    def _offer(self, form: CampaignForm) -> None:
        """Offer what fits the choices: senders by capability, media for MMS."""
        offered = sender_choices(self._phones, [], form.type, kept=form.senders)
        if list(self._sender.options) != offered:
            self._sender.offer(offered, form.senders)
        self._media.layout.display = None if form.type == "MMS" else "none"

    def _go_on(self) -> None:
        """Go to the field that the next step is about."""
        missing = self.form.missing
        if missing is not None:
            self._fields[missing.field].focus()
        elif self.value is None:
            self._schedule.focus()
        else:
            self._jump("block")

    def _jump(self, title: str) -> None:
        first = next((each for each in self._findings if each.title == title), None)
        if first is not None:
            field = field_of(first)
            (self._fields.get(field) or self._shorten).focus()
            self._found[field].focus()

    def _repair(self, repair: Repair) -> None:
        self._fill(repair.apply(self.form))
        self._edited()

    def _reason(self, code: str, typed: str) -> None:
        self._reasons[code] = typed
        self._edited()

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
            *(["and", str(Segment(rule=rule))] for rule in form.conditions),
            ["message", form.message],
            ["parts", form.counter],
        ]
        twin = [Section(titled("Campaign builder", "use it"), rows)]
        bundle: dict[str, Any] = super()._repr_mimebundle_(**kwargs)
        return bundle | {"text/plain": as_text(twin), "text/html": as_html(twin)}


def _text(segment: Segment | None) -> str:
    return "" if segment is None else str(segment)
