"""A contact file uploaded in the page: its columns mapped, checked, planned, approved and followed to its counts.

The file's bytes are removed from the page's state at once, so that no notebook stores them; they are kept beside the
ledger, where every interface that may send the plan finds them.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ipywidgets import HTML, Dropdown, FileUpload, Text, VBox
from phonenumbers import SUPPORTED_REGIONS
from traitlets import Instance

from toolkit.api.progress import telling
from toolkit.api.snapshot_read import Progress
from toolkit.data.contacts import Contacts
from toolkit.display import Section, as_html, as_text
from toolkit.errors import DraftError
from toolkit.models import DuplicateStrategy
from toolkit.planning.imports import ContactFile, ImportCheck, read_columns
from toolkit.planning.imports.encoding import NAMES
from toolkit.plans.draft import ImportDraft
from toolkit.plans.file_options import SEPARATORS
from toolkit.plans.plan import Plan
from toolkit.widgets.fields.long_read import LongRead
from toolkit.widgets.fields.mapping_table import MappingTable
from toolkit.widgets.plan_button import Planning
from toolkit.widgets.views.contact_file_view import file_html
from toolkit.widgets.views.finding_view import finding_list
from toolkit.widgets.views.host_support import titled
from toolkit.widgets.views.markup import banner, hint, look, refusal, refusals_in
from toolkit.workspace import Workspace

_STRATEGIES: dict[DuplicateStrategy, str] = {
    "mark": "add them, marked as duplicates",
    "skip": "skip their rows",
    "update": "update the existing contacts",
    "merge": "add the file's values and labels",
    "replace": "update, and replace their labels",
}
_SEPARATORS = [(name if char == "\t" else f"{name} {char}", char) for char, name in SEPARATORS.items()]
_ENCODINGS = [*{name: encoding for encoding, name in NAMES.items()}.items()]


class ContactImport(VBox):  # type: ignore[misc]  # ipywidgets has no types
    """A file of contacts, what each of its columns becomes, and the way to its import.

    `value` is the `ImportDraft` on the page, None before there is a readable file. `path` opens a file that is
    already on this machine. Every edit shows how the file is read now, and removes the plan from the page.
    """

    value = Instance(ImportDraft, allow_none=True, read_only=True)

    def __init__(self, workspace: Workspace, path: Path | str | None = None) -> None:
        self._workspace = workspace
        self._path = Path(path) if path is not None else None
        self._contacts: Contacts | None = None  # read once; the plan reads them again
        self._showing: int | None = None  # the thread that changes controls: its changes are not edits
        self._upload = FileUpload(description="Choose a CSV file", accept=".csv,text/csv", layout={"width": "auto"})
        self._name = Text(self._path.stem if self._path else "", description="Name")
        taken = [(_STRATEGIES[each], each) for each in workspace.imports.duplicate_strategies]
        self._strategy = Dropdown(options=taken, description="Existing contacts")
        countries = [("as of the workspace's senders", ""), *((code, code) for code in sorted(SUPPORTED_REGIONS))]
        self._country = Dropdown(options=countries, value="", description="Phones without country")
        self._separator = Dropdown(options=[("as detected", ""), *_SEPARATORS], description="Separator")
        self._encoding = Dropdown(options=[("as detected", ""), *_ENCODINGS], description="Encoding")
        self._mapping = MappingTable()
        self._looking = LongRead("Read the file again", self._look, self._show, called="look")
        self._file = HTML().add_class("seax-file")
        self._planning = Planning(workspace, "Check the rows", shown=self._planned)
        fields = {"name": self._name, "strategy": self._strategy, "country": self._country}
        for name, field in (fields | {"separator": self._separator, "encoding": self._encoding}).items():
            field.add_class(f"seax-{name}").observe(lambda _: self._edited(), "value")
        self._mapping.observe(lambda _: self._edited(), "value")
        self._upload.add_class("seax-upload").observe(lambda change: self._dropped(change["new"]), "value")
        self._looking.show_as(is_main=False)
        where = HTML(banner(live=workspace.live)).add_class("seax-where")
        about = VBox([self._name, self._strategy, self._country, self._separator, self._encoding]).add_class(
            "seax-pair"
        )
        form = VBox([where, self._upload, about, self._mapping, self._looking, self._file, self._planning])
        super().__init__([look(), form.add_class("seax-lines")])
        self.add_class("seax").add_class("seax-import")
        self._edited()

    def wait(self, timeout: float) -> None:
        """Wait until the file is read, up to a timeout in seconds."""
        self._looking.wait(timeout)

    def _dropped(self, files: tuple[dict[str, Any], ...]) -> None:
        """Store the bytes of a file, and none of them in the widget."""
        if not files:
            return
        with refusals_in(self._file):
            self._path = self._workspace.imports.keep_file(files[0]["name"], bytes(files[0]["content"]))
            self._upload.value = ()
            with self._planning.lock, self._no_edits():
                self._mapping.clear()
                self._separator.value = self._encoding.value = ""
                self._name.value = self._path.stem
            self._edited()

    def _edited(self) -> None:
        """Take what is on the page now, and read the file accordingly."""
        if self._showing == threading.get_ident():
            return
        with self._planning.lock:
            draft, said = None, hint("Choose a file, or drop one on the button: nothing is uploaded yet.")
            if self._path is not None:
                try:
                    draft = self._draft(self._path)
                    said = hint("Check the rows before anything is uploaded.")
                except DraftError as error:
                    said = refusal(str(error))
            self.set_trait("value", draft)
            self._planning.offer(draft, said)
            self._looking.offer("", is_ready=draft is not None, anew=True)
            self._looking.start()

    def _draft(self, path: Path) -> ImportDraft:
        return ImportDraft(
            name=self._name.value,
            path=path,
            on_duplicate=self._strategy.value,
            phone_country=self._country.value or None,
            mapping=dict(self._mapping.value),
            separator=self._separator.value or None,
            encoding=self._encoding.value or None,
        )

    def _look(self, progress: Progress) -> tuple[ImportDraft, ImportCheck] | None:
        """Read the file as drafted: its columns are shown at once, the rows to upload when the contacts are read."""
        draft = self.value
        if draft is None:
            return None
        try:
            with telling(progress):
                file = read_columns(draft, progress=progress)
            self._show_columns(draft, file)
            if self._contacts is None:
                self._contacts = self._workspace.snapshot(progress=progress)
            return draft, self._workspace.imports.check(draft, file=file, contacts=self._contacts, progress=progress)
        except DraftError as error:
            self._refuse(draft, str(error))
            return None

    def _refuse(self, draft: ImportDraft, why: str) -> None:
        """The draft on the page cannot be planned."""
        with self._planning.lock:
            if self.value is draft:
                self._file.value = ""
                self.set_trait("value", None)
                self._planning.offer(None, refusal(why))

    def _show_columns(self, draft: ImportDraft, file: ContactFile) -> None:
        with self._planning.lock:
            if self.value is not draft:
                return
            with self._no_edits():
                self._mapping.show(file.columns)
                if not draft.separator:
                    char = file.sheet.separator
                    self._separator.options = [(f"detected: {SEPARATORS.get(char, char)}", ""), *_SEPARATORS]
                if not draft.encoding:
                    self._encoding.options = [(f"detected: {file.sheet.encoding}", ""), *_ENCODINGS]

    def _show(self, looked: tuple[ImportDraft, ImportCheck] | None) -> None:
        with self._planning.lock:
            self._looking.offer("", is_ready=True)
            if looked is None or self.value is not looked[0]:
                return
            draft, check = looked
            if check.problem:
                self._refuse(draft, check.problem)
            found = finding_list(check.findings) or "<p>No findings.</p>"
            self._file.value = f"{file_html(check.file)}<p class='seax-above'><b>Findings</b></p>{found}"

    @contextmanager
    def _no_edits(self) -> Iterator[None]:
        self._showing = threading.get_ident()
        try:
            yield
        finally:
            self._showing = None

    def _planned(self, plan: Plan) -> None:
        """The plan contains all findings: each is on the page once."""
        self._file.value = ""

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        """The widget, and a plain version that is readable without a kernel and shows nobody's data."""
        rows = [["file", self._path.name if self._path else "none"], ["name", self._name.value]]
        rows += [["existing contacts", self._strategy.value], ["phones of", self._country.value]]
        twin = [Section(titled("Contact import", "use it"), rows)]
        bundle: dict[str, Any] = super()._repr_mimebundle_(**kwargs)
        return bundle | {"text/plain": as_text(twin), "text/html": as_html(twin)}
