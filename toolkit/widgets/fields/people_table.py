"""Show these people: a table that is sorted, searched and paged, of those who receive a campaign or do not."""

from __future__ import annotations

from ipywidgets import HTML, Button, Checkbox, Dropdown, HBox, Text, VBox

from toolkit.widgets.forms.audience_pages import PEOPLE_A_PAGE, AudiencePages, pages_of
from toolkit.widgets.views.markup import escaped, hint, refusals_in


class PeopleTable(VBox):  # type: ignore[misc]  # ipywidgets has no types
    """The people of an audience. Searching narrows what is looked at, and not who receives anything."""

    def __init__(self) -> None:
        self._people: AudiencePages | None = None
        self._at = 0
        self._is_filling = False
        self._step = Dropdown(options=[], description="Show").add_class("seax-people-step")
        self._find = Text(description="Find", placeholder="In names and fields").add_class("seax-people-find")
        self._find.continuous_update = False
        self._sort = Dropdown(options=[("as read", "")], description="Sort by").add_class("seax-people-sort")
        self._down = Checkbox(description="Descending", indent=False).add_class("seax-people-descending")
        self._back = Button(description="‹ Back", tooltip="Previous page").add_class("seax-people-back")
        self._next = Button(description="Next ›", tooltip="Next page").add_class("seax-people-next")
        self._said = HTML().add_class("seax-people-said")
        self._grid = HTML().add_class("seax-people-grid")
        for field in (self._step, self._find, self._sort, self._down):
            field.observe(lambda _: self._show(0), "value")
        self._back.on_click(lambda _: self._show(self._at - 1))
        self._next.on_click(lambda _: self._show(self._at + 1))
        choices = VBox([self._step, self._find, self._sort, self._down]).add_class("seax-pair")
        turning = HBox([self._back, self._next, self._said]).add_class("seax-row")
        super().__init__([choices, self._grid, turning])
        self.add_class("seax-box").add_class("seax-people-table")

    def show(self, people: AudiencePages | None) -> None:
        """Show the first page of these; nobody while it is not known who they are."""
        self._people = people
        self._is_filling = True
        steps = people.steps if people else []
        chosen = self._step.value
        self._step.options = steps
        self._step.value = chosen if chosen in [step for _, step in steps] else steps[0][1] if steps else None
        columns = people.columns if people else []
        if [value for _, value in self._sort.options[1:]] != columns:
            self._sort.options = [("as read", ""), *((column, column) for column in columns)]
            self._sort.value = ""
        self._is_filling = False
        self._show(0)

    def _show(self, at: int) -> None:
        if self._is_filling:
            return
        people = self._people
        if people is None or self._step.value is None:
            self._grid.value, self._said.value = "", hint("Choose who gets it first.")
            return
        with refusals_in(self._said):
            rows = people.rows(
                self._step.value, find=self._find.value, sort=self._sort.value, descending=self._down.value
            )
            last = pages_of(rows) - 1
            self._at = min(max(at, 0), last)
            self._back.disabled, self._next.disabled = self._at == 0, self._at == last
            first = self._at * PEOPLE_A_PAGE
            span = (
                f"{first + 1:,} to {min(first + PEOPLE_A_PAGE, len(rows)):,} of {len(rows):,}"
                if len(rows)
                else "nobody"
            )
            self._said.value = hint(span)
            self._grid.value = self._html(people.columns, people.page(rows, self._at))

    def _html(self, columns: list[str], lines: list[list[str]]) -> str:
        """A table whose sorted column says so."""
        order = "descending" if self._down.value else "ascending"
        heads = "".join(
            f'<th scope="col"{f" aria-sort={order}" if name == self._sort.value else ""}>{escaped(name)}</th>'
            for name in columns
        )
        body = "".join(
            "<tr>" + "".join(f'<td><bdi dir="{_side(at)}">{escaped(cell)}</bdi></td>' for at, cell in enumerate(line))
            + "</tr>"
            for line in lines
        )  # fmt: skip
        return (
            '<div class="seax-scroll" tabindex="0" role="region" aria-label="These people"><table class="seax-grid">'
            f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
        )


def _side(column: int) -> str:
    return "ltr" if column == 1 else "auto"  # a masked number turns around beside an Arabic name otherwise
