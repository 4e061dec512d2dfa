"""A field for a message: what it takes, and the fields of contacts that can be put into it."""

from __future__ import annotations

from collections.abc import Sequence

from ipywidgets import HTML, Button, HBox, Textarea, VBox

from toolkit.widgets.forms.part_summary import counted
from toolkit.widgets.views.markup import escaped

_OFFERED = 5  # fields with a button


class MessageField(VBox):  # type: ignore[misc]  # ipywidgets has no types
    """A message; `text` is the control to type it in, which can be observed."""

    def __init__(self, message: str, *, called: str = "message") -> None:
        self.text = Textarea(message, rows=4, description="Message", placeholder="What they read")
        self._counter = HTML().add_class("seax-counter").add_class("seax-small").add_class("seax-quiet")
        self._fields = HBox().add_class("seax-row").add_class("seax-insert")
        super().__init__([self.text.add_class(f"seax-{called}"), self._counter, self._fields])
        self.add_class("seax-lines").add_class("seax-message-field")
        self.show()

    @property
    def value(self) -> str:
        """What was typed."""
        typed: str = self.text.value
        return typed

    def show(self) -> None:
        """Count what was typed."""
        self._counter.value = escaped(counted(self.value))

    def offer(self, fields: Sequence[str], *, is_filled: bool) -> None:
        """Offer these fields of contacts: `page.js` puts one at the cursor; without it, it goes to the end.

        Where the service fills them in no campaign they are marked before anybody has written one.
        """
        buttons = []
        for name in fields[:_OFFERED]:
            button = Button(description=f"{{{name}}}", tooltip=f"Put {{{name}}} into the text")
            button.add_class("seax-btn--link").on_click(lambda _, name=name: self._insert(name))
            buttons.append(button)
        words = "Insert" if is_filled else "Insert (filled in personal messages only)"
        self._fields.children = (HTML(f'<span class="seax-quiet">{words}</span>'), *buttons)

    def focus(self) -> None:
        """Put the page's focus on the text."""
        self.text.focus()

    def _insert(self, name: str) -> None:
        text = self.value
        self.text.value = f"{text}{'' if not text or text[-1].isspace() else ' '}{{{name}}}"
        self.text.focus()
