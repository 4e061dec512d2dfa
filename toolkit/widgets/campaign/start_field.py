"""What a campaign starts from, and that what one writes is kept under its name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ipywidgets import HTML, Dropdown, HBox

from toolkit.display import when
from toolkit.groups.drafts import KeptDraft
from toolkit.ledger.plan_entry import Entry
from toolkit.plans.draft import LONGEST_NAME, CampaignDraft
from toolkit.widgets.fields.after_pause import AfterPause
from toolkit.widgets.forms.campaign_form import CampaignForm
from toolkit.widgets.forms.starts import form_of, start_choices, to_fields
from toolkit.widgets.views.markup import escaped, refusals_in
from toolkit.workspace import Workspace

_Kept = tuple[CampaignForm, CampaignDraft | None]


class StartField(HBox):  # type: ignore[misc]  # ipywidgets has no types
    """Kept drafts and sent campaigns to start from; `opened` receives the form of the one that is chosen."""

    def __init__(self, workspace: Workspace, opened: Callable[[CampaignForm], None]) -> None:
        self._workspace = workspace
        self._opened = opened
        self._keeping: AfterPause[_Kept] = AfterPause(self._write)
        self._kept_as: KeptDraft | None = None  # what this page wrote last, or opened
        choices = start_choices(*self._starts())
        self._choice = Dropdown(options=[("what is below", ""), *choices], description="Start from")
        self._choice.layout.display = None if choices else "none"
        self._said = (
            HTML(escaped("It is kept while you write, once it has a name."))
            .add_class("seax-kept")
            .add_class("seax-small")
            .add_class("seax-quiet")
        )
        self._choice.add_class("seax-start-from").observe(lambda _: self._open(), "value")
        super().__init__([self._choice, self._said])
        self.add_class("seax-apart")

    def keep(self, form: CampaignForm, draft: CampaignDraft | None) -> None:
        """Keep this form soon, with its draft if it is complete."""
        self._keeping.ask((form, draft))

    def begin(self) -> None:
        """Begin with an empty form: what was kept so far stays under its own name."""
        self._kept_as = None
        self._choice.value = self._said.value = ""

    def _starts(self) -> tuple[list[KeptDraft], list[Entry]]:
        return self._workspace.drafts.kept(), self._workspace.plans(states=("sent",), limit=20)

    def _open(self) -> None:
        if not self._choice.value:
            return
        form = form_of(self._choice.value, *self._starts())
        if form is None:
            self._said.value = escaped("The builder has no fields for this one: use ws.plan(draft).")
            return
        self._kept_as = self._workspace.drafts.find(form.name)
        self._opened(form)

    def _write(self, kept: _Kept) -> None:
        """Keep a form; whoever wrote the same draft meanwhile is named."""
        (form, draft), drafts, before = kept, self._workspace.drafts, self._kept_as
        if not form.name.strip() or len(form.name) > LONGEST_NAME:
            return
        with refusals_in(self._said):
            other = drafts.find(form.name)
            self._kept_as = drafts.keep_fields(form.name, to_fields(form), draft)
            if before is not None and before.name != form.name and before.at == _time_of(drafts.find(before.name)):
                drafts.remove(before.name)  # a name that was typed halfway
            said = f"Draft kept {when(self._kept_as.at, '%H:%M')}."
            if other is not None and (before is None or (before.name, before.at) != (other.name, other.at)):
                said += f" It replaces what {other.by} wrote at {when(other.at, '%d %b %H:%M')} under this name."
            self._said.value = escaped(said)


def _time_of(kept: KeptDraft | None) -> datetime | None:
    return kept.at if kept else None
