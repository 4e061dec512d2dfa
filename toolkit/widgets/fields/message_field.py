"""A field for a message: how many parts it takes, and what some of its recipients would read."""

from __future__ import annotations

from ipywidgets import HTML, Textarea, VBox

from toolkit.audience.waterfall import Audience
from toolkit.errors import ToolkitError
from toolkit.widgets.forms.counter import counted
from toolkit.widgets.views.markup import escaped
from toolkit.widgets.views.plan_view import bubble, bubbles
from toolkit.workspace import Workspace

_WIDE = {"layout": {"width": "640px", "max_width": "100%"}, "style": {"description_width": "130px"}}
_INDENTED = {"layout": {"margin": "0 0 0 138px", "max_width": "640px"}}  # under the text, right of its description


class MessageField(VBox):  # type: ignore[misc]  # ipywidgets has no types
    """A message; `text` is the control to type it in, which can be observed."""

    def __init__(self, workspace: Workspace, message: str) -> None:
        self._workspace = workspace
        self.text = Textarea(message, rows=4, description="Message", continuous_update=True, **_WIDE)
        self._counter = HTML(**_INDENTED).add_class("seax-counter")
        self._bubble = HTML(**_INDENTED).add_class("seax-bubble")
        super().__init__([self.text.add_class("seax-message"), self._counter, self._bubble])

    @property
    def value(self) -> str:
        """What was typed."""
        typed: str = self.text.value
        return typed

    def show(self, people: Audience | None) -> None:
        """Count what was typed, and preview it for a few people; unfilled, where nobody is known."""
        self._counter.value = escaped(counted(self.value))
        self._bubble.value = self._bubbles(people) if self.value.strip() else ""

    def _bubbles(self, people: Audience | None) -> str:
        try:
            previews = self._workspace.previews(self.value, people) if people else ()
        except ToolkitError:  # half a character, which the plan will report
            previews = ()
        return bubbles(previews) if previews else bubble(self.value)
