"""A frame as a table that is sorted, searched and paged at a million rows; the one table of every widget.

The page holds one page of rows. What is typed narrows what is looked at, and changes neither the frame nor who
receives anything.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from anywidget import AnyWidget
from narwhals.stable.v2.typing import IntoFrame
from traitlets import Dict, TraitError, validate

from toolkit.audience.waterfall import Audience
from toolkit.data.fields import PREFIX
from toolkit.display import Section, as_html, as_text, plain
from toolkit.errors import ToolkitError
from toolkit.plans.plan import Plan
from toolkit.widgets.forms.audience_pages import AudienceSource
from toolkit.widgets.forms.table_pages import ROWS_A_PAGE, FrameSource, TablePages, TableRows, TableSource, TableView
from toolkit.widgets.views.markup import widget_style

_HINTS = {"number": "3 to 10", "time": "2026-11", "truth": "yes", "list": "contains…", "text": "contains…"}
_TWIN = 10  # rows of the version without a kernel


class FrameTable(AnyWidget):
    """A table of a frame (contacts, logs, or any other), of an `Audience` and each step of its waterfall, or of a
    `Plan` that was just made, and its arms.

    Phone numbers are masked. `value` is the `TableView` that is looked at, and `places` where the rows that fit are in
    the frame, in their order: `frame.iloc[table.places]`.
    """

    _esm = (Path(__file__).parent / "views" / "table.js").read_text(encoding="utf-8")
    _css = widget_style()

    asked = Dict(TableView().model_dump()).tag(sync=True)
    shown = Dict().tag(sync=True)

    def __init__(self, frame: IntoFrame | Audience | Plan | None = None, *, what: str = "") -> None:
        self._pages: TablePages | None = None
        self._what = what or ("people" if isinstance(frame, Audience | Plan) else "rows")
        super().__init__()
        self.add_class("seax-people-table")
        self.observe(lambda _: self._draw(), "asked")
        self.show(frame)

    @property
    def value(self) -> TableView:
        """What is looked at."""
        return TableView.model_validate(self.asked)

    @property
    def places(self) -> TableRows:
        """The places of the rows that fit, in their order; ToolkitError if a filter cannot be read."""
        if self._pages is None:
            raise ToolkitError("There are no rows yet: show a frame first.")
        return self._pages.rows(self.value)

    def show(self, frame: IntoFrame | Audience | Plan | None) -> None:
        """Show the first page of these; nothing while it is None. What was asked of the same columns is kept."""
        source: TableSource | None = None
        if isinstance(frame, Plan):
            arms = {arm: ids for arm, ids in frame.assigned.items() if arm not in frame.not_texted}
            source = AudienceSource(frame.audience, arms)
        elif frame is not None:
            source = AudienceSource(frame) if isinstance(frame, Audience) else FrameSource(frame)
        was = self._pages.source.columns if self._pages else ()
        self._pages = TablePages(source) if source else None
        steps = [step for _, step in source.steps] if source else []
        view = self.value if source and list(was) == list(source.columns) else TableView()
        step = view.step if view.step in steps else steps[0] if steps else ""
        asked = view.model_copy(update={"step": step, "page": 0}).model_dump()
        if asked == self.asked:
            self._draw()
        self.asked = asked

    @validate("asked")
    def _readable(self, proposal: Any) -> Any:
        try:
            return TableView.model_validate(proposal["value"]).model_dump()
        except ValueError as error:
            raise TraitError(str(error)) from error

    def _draw(self) -> None:
        self.shown = self._page()

    def _page(self) -> dict[str, Any]:
        """One page as the script draws it."""
        pages, view = self._pages, self.value
        page: dict[str, Any] = {
            "heads": [],
            "page": view.page,
            "rows": [],
            "following": [],  # the rows of the next page, which is drawn as soon as it is asked for
            "steps": [],
            "found": 0,
            "total": 0,
            "last": 0,
            "size": ROWS_A_PAGE,
            "what": self._what,
            "problem": "",
            "caption": "",
            "nothing": "Choose who gets it first.",
        }
        if pages is None:
            return page
        source = pages.source
        heads = zip(source.columns, pages.kinds, strict=True)
        page["heads"] = [
            {"name": name, "words": _words(name), "kind": kind, "hint": _HINTS[kind]} for name, kind in heads
        ]
        page["steps"] = [list(step) for step in source.steps]
        page["total"] = len(source.places(view.step))
        page["nothing"] = "No row fits." if page["total"] else "There are no rows."
        try:
            page["last"] = pages.last_page(view)
            page["found"] = len(pages.rows(view))
            page["rows"] = pages.page(view)
            page["following"] = pages.page(view.model_copy(update={"page": view.page + 1}))
        except ToolkitError as error:
            page["problem"] = str(error)
        order = f", sorted by {_words(view.sort)}{', highest first' if view.descending else ''}" if view.sort else ""
        page["caption"] = f"{page['found']:,} of {page['total']:,} {self._what}{order}"
        return page

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The widget, and its first rows as a plain table that is readable without a kernel."""
        titles = [head["words"] for head in self.shown["heads"]]
        rows = self.shown["rows"][:_TWIN]
        title = f"{self.shown['caption']} (run the cell to sort, search and page)"
        twin = [Section(title, [titles, *rows])]
        data, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        return data | {"text/plain": as_text(twin), "text/html": as_html(twin)}, metadata


def _words(column: str) -> str:
    """A column's title: its name, a contact field's as in the message."""
    return plain(column.removeprefix(PREFIX))
