"""A file of contacts dropped in: looked at here, planned, approved and followed to its counts.

The file's bytes leave the page's state at once, so that no notebook keeps them; they wait beside the ledger, where
every face finds them that may send the plan.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ipywidgets import HTML, Dropdown, FileUpload, Text, VBox
from phonenumbers import SUPPORTED_REGIONS
from traitlets import Instance

from toolkit.errors import DraftError
from toolkit.sections import Section, as_html, as_text
from toolkit.sending.draft import ImportDraft
from toolkit.sending.imports import read_file
from toolkit.texting.phones import is_e164, mask
from toolkit.widgets.markup import banner, hint, refusal, refusals_in, table
from toolkit.widgets.planning import Planning
from toolkit.workspace import Workspace

_WIDE = {"layout": {"width": "640px", "max_width": "100%"}, "style": {"description_width": "180px"}}
_STRATEGIES = [
    ("add them, marked as duplicates", "mark"),
    ("skip their rows", "skip"),
    ("change the contacts that are there", "update"),
]


class ContactImport(VBox):  # type: ignore[misc]  # ipywidgets has no types
    """A CSV file of contacts: columns `name, phone, labels`, any other becomes a contact field.

    `value` is the `ImportDraft` on the page, None before there is a file that can be read. `path` shows a file that is
    on this machine already. Every edit takes the plan off the page.
    """

    value = Instance(ImportDraft, allow_none=True, read_only=True)

    def __init__(self, workspace: Workspace, path: Path | str | None = None) -> None:
        self._workspace = workspace
        self._path = Path(path) if path is not None else None
        self._upload = FileUpload(description="Choose a CSV file", accept=".csv,text/csv", layout={"width": "auto"})
        self._name = Text(self._path.stem if self._path else "", description="Name", **_WIDE)
        self._strategy = Dropdown(options=_STRATEGIES, value="mark", description="Those there already", **_WIDE)
        countries = [("as they stand in the file", ""), *((code, code) for code in sorted(SUPPORTED_REGIONS))]
        self._country = Dropdown(options=countries, value="", description="Phones without country", **_WIDE)
        self._file = HTML().add_class("seax-file")
        self._planning = Planning(workspace, "Check the rows")
        for name, field in (("name", self._name), ("strategy", self._strategy), ("country", self._country)):
            field.add_class(f"seax-{name}")
            field.observe(lambda _: self._edited(), "value")
        self._upload.add_class("seax-upload").observe(lambda change: self._dropped(change["new"]), "value")
        super().__init__(
            [
                HTML(banner(live=workspace.live)).add_class("seax-where"),
                *(self._upload, self._file, self._name, self._strategy, self._country),
                self._planning,
            ]
        )
        self.add_class("seax-import")
        self._edited()

    def _dropped(self, files: tuple[dict[str, Any], ...]) -> None:
        """Keep the bytes of a file, and none of them in the widget."""
        if not files:
            return
        with refusals_in(self._file):
            self._path = self._workspace.keep_file(files[0]["name"], bytes(files[0]["content"]))
            self._upload.value = ()
            if self._name.value == self._path.stem:
                self._edited()
            self._name.value = self._path.stem  # which counts as an edit

    def _edited(self) -> None:
        with self._planning.lock:
            draft, shown = None, ""
            said = hint("Choose a file, or drop one on the button: nothing leaves before you say so.")
            if self._path is not None:
                try:
                    draft = self._draft(self._path)
                    file = read_file(draft)
                    shown = table(file.head[0], [[_masked(cell) for cell in row] for row in file.head[1:]])
                    said = hint(f"{draft.path.name}: {len(file):,} rows. Check them before anything leaves.")
                except DraftError as error:
                    draft, said = None, refusal(str(error))
            self._file.value = shown
            self.set_trait("value", draft)
            self._planning.offer(draft, said)

    def _draft(self, path: Path) -> ImportDraft:
        return ImportDraft(
            name=self._name.value,
            path=path,
            on_duplicate=self._strategy.value,
            phone_country=self._country.value or None,
        )

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        """The widget, and a twin of it that reads without a kernel and shows nobody's data."""
        rows = [["file", self._path.name if self._path else "none"], ["name", self._name.value]]
        rows += [["those there already", self._strategy.value], ["phones of", self._country.value]]
        twin = [Section("Contact import (run the cell to use it)", rows)]
        bundle: dict[str, Any] = super()._repr_mimebundle_(**kwargs)
        return bundle | {"text/plain": as_text(twin), "text/html": as_html(twin)}


def _masked(cell: str) -> str:
    """A cell of the file without whole phone numbers, which notebooks would keep."""
    return mask(cell.strip()) if is_e164(cell.strip()) else cell
