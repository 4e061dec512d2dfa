"""What each column of a file becomes: a row for each, with its values, a choice, and why it is proposed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from ipywidgets import HTML, Dropdown, HBox, Text, VBox
from traitlets import Dict

from toolkit.plans.file_reading import (
    FIELDS,
    IGNORE,
    LABELS,
    NAME,
    OPTED_IN,
    OPTED_OUT,
    PHONE,
    WHATSAPP,
    ColumnReading,
)
from toolkit.widgets.views.markup import escaped, hint

_FIELD = "a field"  # of contacts, named in the text beside it
_CHOICES = [
    ("choose…", ""),
    *((ours, ours) for ours in (NAME, PHONE, WHATSAPP, LABELS, OPTED_OUT, OPTED_IN)),
    ("contact field…", _FIELD),
    ("contact fields as JSON", FIELDS),
    ("ignore", IGNORE),
]
_MOST = 100  # columns
_WIDE = {"layout": {"width": "380px", "max_width": "100%"}, "style": {"description_width": "180px"}}


class MappingTable(VBox):  # type: ignore[misc]  # ipywidgets has no types
    """The columns of a file, and what each becomes; `value` is a person's choices, as `ImportDraft.mapping` takes them.

    Other columns become what the file's reading proposes, and change with it.
    """

    value = Dict(read_only=True)

    def __init__(self) -> None:
        self._showing: int | None = None  # the thread that shows columns: its changes are not choices
        self._rows: dict[str, _ColumnRow] = {}
        super().__init__()
        self.add_class("seax-mapping")

    def clear(self) -> None:
        """Forget the columns and the choices: for another file."""
        self.show(())
        self.set_trait("value", {})

    def show(self, columns: Sequence[ColumnReading]) -> None:
        """Show these columns; choices for columns that still exist are kept."""
        self._showing = threading.get_ident()
        try:
            names = [column.theirs for column in columns]
            if names != [*self._rows]:
                shown = columns[:_MOST]
                self._rows = {
                    each.theirs: _ColumnRow(at, each.theirs, self._chosen) for at, each in enumerate(shown, 1)
                }
                more = len(columns) - len(shown)
                note = [HTML(hint(f"{more:,} more columns are read by their names."))] if more else []
                self.children = (*self._rows.values(), *note)
            for column in columns[:_MOST]:
                self._rows[column.theirs].show(column)
        finally:
            self._showing = None

    def _chosen(self, theirs: str, ours: str) -> None:
        if self._showing != threading.get_ident():
            kept = {name: choice for name, choice in self.value.items() if name in self._rows and name != theirs}
            self.set_trait("value", {**kept, theirs: ours} if ours else kept)


class _ColumnRow(HBox):  # type: ignore[misc]  # ipywidgets has no types
    """One column of the file."""

    def __init__(self, number: int, theirs: str, chosen: Callable[[str, str], None]) -> None:
        self._theirs = theirs
        self._tell = chosen
        self._ours = Dropdown(options=_CHOICES, description=theirs, **_WIDE).add_class(f"seax-column-{number}")
        self._field = Text(theirs, description="Field", layout={"width": "220px"}, style={"description_width": "50px"})
        self._field.add_class(f"seax-column-{number}-field").continuous_update = False
        self._about = HTML(layout={"flex": "1 1 150px", "min_width": "0"}).add_class(f"seax-column-{number}-about")
        self._ours.observe(lambda _: self._changed(), "value")
        self._field.observe(lambda _: self._changed(), "value")
        super().__init__([self._ours, self._field, self._about], layout={"flex_flow": "row wrap"})
        self.add_class("seax-row").add_class("seax-column-row")

    def show(self, column: ColumnReading) -> None:
        """Show what the column becomes, why, and some of its values."""
        if column.is_field:
            self._field.value = column.ours
        self._ours.value = _FIELD if column.is_field else column.ours
        self._show_field()
        values = f"e.g. {escaped(', '.join(column.sample))}" if column.sample else ""
        why = f"<b>Choose: {escaped(column.reason)}</b>" if not column.ours else escaped(column.reason)
        self._about.value = f'<div style="line-height:1.4">{values}{" · " if values and why else ""}{why}</div>'

    def _changed(self) -> None:
        self._show_field()
        is_field = self._ours.value == _FIELD
        self._tell(self._theirs, (self._field.value.strip() or self._theirs) if is_field else self._ours.value)

    def _show_field(self) -> None:
        self._field.layout.display = None if self._ours.value == _FIELD else "none"
