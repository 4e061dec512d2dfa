"""A campaign built by clicking: what one decides, and beside it the card that says what that means."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from ipywidgets import HTML, HBox, VBox
from traitlets import Instance, Union

from toolkit.api.snapshot_read import Progress
from toolkit.audience.segment import Segment
from toolkit.data.contacts import Contacts
from toolkit.display import Section, as_html, as_text, when
from toolkit.errors import ToolkitError
from toolkit.planning.preflight.media_findings import check_addresses
from toolkit.plans.draft import CampaignDraft, Draft, MessagesDraft
from toolkit.plans.finding import Finding
from toolkit.plans.plan import Plan
from toolkit.widgets.campaign.audience_count import AudienceCount
from toolkit.widgets.campaign.campaign_card import CampaignCard
from toolkit.widgets.campaign.campaign_fields import CampaignFields
from toolkit.widgets.campaign.campaign_findings import CampaignFindings
from toolkit.widgets.campaign.start_field import StartField
from toolkit.widgets.fields.after_pause import AfterPause
from toolkit.widgets.fields.long_read import LongRead
from toolkit.widgets.forms.campaign_form import CampaignForm
from toolkit.widgets.forms.choices import default_sender
from toolkit.widgets.forms.exploration import Exploration
from toolkit.widgets.plan_button import Planning
from toolkit.widgets.segment_explorer import SegmentExplorer
from toolkit.widgets.views.host_support import titled
from toolkit.widgets.views.markup import heading, hint, look
from toolkit.workspace import Workspace

_LIVE = 200_000  # contacts above which the checks come with the plan, as they take longer than a person's pause


class CampaignBuilder(VBox):  # type: ignore[misc]  # ipywidgets has no types
    """An SMS or MMS campaign to contacts with some labels, conditions or matching a rule.

    `value` is the `CampaignDraft` on the page, None while something is missing; it can be observed, printed and passed
    back, as in `CampaignBuilder(ws, draft)`. With personal messages it is a `MessagesDraft` to the people of now; with
    a second text it is an experiment.
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
        self._phones, self._explorer = workspace.phones(), explorer
        form = CampaignForm.from_draft(draft) if draft else CampaignForm(senders=default_sender(self._phones))
        if explorer is not None:
            form = replace(form, any_of=(), none_of=(), conditions=(), rule=_text(explorer.value))
        self._check: AfterPause[CampaignDraft | MessagesDraft] | None = None
        self._checker: Callable[[Draft], Plan] | None = None  # of the latest contacts
        self._planning = Planning(workspace, shown=self._show_plan, edit=self._back, begin=self._begin_new)
        self._testing = self._test_of(len(workspace.policy.test_numbers))
        self._card = CampaignCard(
            self._planning.reading,
            live=workspace.live,
            next_step=self._go_on,
            jump=lambda title: self._findings.jump(title),
        )
        self._fields = CampaignFields(
            form, self._phones, workspace.segments, changed=self._edited, is_bound=explorer is not None
        )
        self._people = AudienceCount(workspace.drafts, self._fields.whom, self._card)
        self._start_from = StartField(workspace, self._open)
        self._findings = CampaignFindings(self._fields, self._card, changed=self._edited)
        self._reading = LongRead("Read the contacts again", self._read, self._have, called="contacts")
        self._reading.show_as(is_main=False)
        self._form = VBox([self._left(), self._card]).add_class("seax-build")
        super().__init__([look(), self._form, self._planning.place, self._testing.place])
        self.add_class("seax").add_class("seax-builder")
        self._refresh()
        if explorer is not None:
            explorer.observe(lambda _: self._follow(explorer), "value")
            self._explore(explorer.exploration)
        elif contacts is not None:
            self._have(contacts)
        else:
            self._reading.start()

    def _test_of(self, numbers: int) -> Planning:
        """Where the campaign is tested on one's own numbers."""
        testing = Planning(
            self._workspace,
            f"Send a test to my {'number' if numbers == 1 else f'{numbers} numbers'}",
            called="test",
            shown=lambda _: self._hide_form(testing),
            edit=self._back,
        )
        testing.reading.show_as(is_main=False, is_shown=numbers > 0)
        return testing

    def _left(self) -> VBox:
        """What one decides."""

        def part(*children: Any) -> VBox:
            return VBox(children).add_class("seax-part")

        on, found = self._fields, self._findings.lines
        ways = HBox([self._people.button, self._reading]).add_class("seax-row")
        title = HBox([HTML(heading("Who")), ways]).add_class("seax-apart")
        words = (on.arms, on.personal, found["message"], self._testing.reading, on.media, found["media"])
        return VBox(
            [
                part(self._start_from, VBox([on.name, on.type]).add_class("seax-pair"), found["type"]),
                part(title, on.whom, found["whom"], self._people.table),
                part(*words),
                part(on.schedule, found["when"]),
                part(on.sender, found["sender"]),
                part(on.shorten, on.utm, found["links"]),
                part(on.attach, found["else"]),
            ]
        ).add_class("seax-form")

    @property
    def form(self) -> CampaignForm:
        """The values typed so far."""
        return self._fields.value

    def wait(self, timeout: float) -> None:
        """Wait until the contacts are read, up to a timeout in seconds."""
        self._reading.wait(timeout)

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
            self._people.explore(exploration)
            self._checker = check
            self._check = AfterPause(lambda draft: self._checked(draft, check)) if check else None
            self._fields.explore(exploration, labels, is_filled=self._workspace.drafts.fills_fields)
            if self._fields.personal.value and self.value is None:
                self._refresh()
            else:
                self._look_at(self.form)  # what is planned meanwhile goes on
        self._reading.offer(
            hint(f"{len(contacts):,} contacts, read at {when(contacts.read_time, '%H:%M')}."), is_ready=True
        )

    def _follow(self, explorer: SegmentExplorer) -> None:
        self._people.explore(explorer.exploration)
        self._fields.whom.fill(CampaignForm(rule=_text(explorer.value)))

    def _edited(self) -> None:
        """Take what is on the page; a plan of what was there before goes."""
        with self._planning.lock:
            if self._fields.is_filling:
                return
            self._refresh()
            draft = self.value if isinstance(self.value, CampaignDraft) else None
            self._start_from.keep(self.form, draft)

    def _open(self, form: CampaignForm) -> None:
        """Put a draft, or a copy of a sent campaign, on the page."""
        self._fields.fill(form)
        with self._planning.lock:
            self._refresh()

    def _refresh(self) -> None:
        form, error = self.form, None
        self._fields.show_fitting(form)
        try:
            self._fields.schedule.show(self._workspace.service_time())
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
        return form.personal_draft(self._people.recipients(form.segment))

    def _look_at(self, form: CampaignForm) -> None:
        """Count at once, and check as soon as a person pauses."""
        self._people.show(form)
        self._fields.arms.show_size(self._people.number)
        self._show_findings(self._early(form))
        if self._check is not None:
            self._check.ask(self.value)

    def _early(self, form: CampaignForm) -> tuple[Finding, ...]:
        """The findings that are known at once; those of the latest check stay until the next."""
        if self._check is not None and self.value is not None:
            return self._findings.latest
        media = check_addresses(tuple(form.media.split())) if form.type == "MMS" else ()
        return tuple(media)

    def _checked(self, draft: CampaignDraft | MessagesDraft, check: Callable[[Draft], Plan]) -> None:
        """Show what a plan would be, if it is of what is on the page."""
        try:
            found: Plan | ToolkitError = check(draft)
        except ToolkitError as error:
            found = error
        with self._planning.lock:
            if self.value is not draft or check is not self._checker:
                return
            if isinstance(found, Plan):
                self._card.show_plan(found)
                self._card.phone.show(self.value.message, found.previews, self.value.media_urls)
                self._show_findings(found.findings)
            else:
                self._card.show_plan(None)
                self._fields.whom.show_error(str(found))

    def _show_findings(self, findings: Sequence[Finding]) -> None:
        self._findings.show(findings, is_complete=self.value is not None)

    def _show_plan(self, plan: Plan) -> None:
        """Open the plan where the form was."""
        self._show_findings(plan.findings)
        self._hide_form(self._planning)

    def _hide_form(self, planning: Planning) -> None:
        self._form.layout.display = "none"
        if planning.panel is not None:
            planning.panel.focus()

    def _begin_new(self) -> None:
        """An empty form, above what was sent."""
        self._start_from.begin()
        rule = _text(self._explorer.value) if self._explorer else None
        self._open(CampaignForm(senders=default_sender(self._phones), rule=rule))
        self._back()

    def _back(self) -> None:
        """Back from the plan to the form."""
        self._form.layout.display = None
        self._fields.focus("name")

    def _go_on(self) -> None:
        """Go to the field that the next step is about."""
        missing = self.form.missing
        if missing is not None:
            self._fields.focus(missing.field)
        elif self.value is None:
            self._fields.focus("when")
        else:
            self._findings.jump("block")

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
            *([f"message of arm {arm}", text] for arm, text in zip(form.arms.names[1:], form.arms.texts, strict=True)),
            *([["held out", f"{form.arms.held_out:.0%}"]] if form.arms.held_out else []),
            ["parts", form.counter],
        ]
        twin = [Section(titled("Campaign builder", "use it"), rows)]
        bundle: dict[str, Any] = super()._repr_mimebundle_(**kwargs)
        return bundle | {"text/plain": as_text(twin), "text/html": as_html(twin)}


def _text(segment: Segment | None) -> str:
    return "" if segment is None else str(segment)
