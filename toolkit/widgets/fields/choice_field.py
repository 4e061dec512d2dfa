"""One or several of a list, chosen as chips: a plain click adds or removes one and leaves the others alone."""

from __future__ import annotations

from collections.abc import Sequence

from ipywidgets import HTML, Button, HBox, Text, VBox
from traitlets import Tuple

from toolkit.widgets.forms.choices import Choice
from toolkit.widgets.views.markup import escaped


class ChoiceField(VBox):  # type: ignore[misc]  # ipywidgets has no types
    """`value` are the chosen references, in the order of the choices; `options` are (text, reference) pairs.

    With more choices than fit, a field above finds them by a part of their text.
    """

    value = Tuple(read_only=True)
    options = Tuple(read_only=True)

    def __init__(self, description: str, *, called: str, prefix: str = "", offered: int = 6) -> None:
        self._prefix = prefix
        self._most = offered  # chips that are not chosen; the others are found by typing
        self._find = Text(description=description, placeholder="Find by name").add_class(f"seax-{called}-find")
        self._title = HTML(f'<span class="seax-label">{escaped(description)}</span>')
        self._chosen = HBox().add_class("seax-chips").add_class(f"seax-{called}-chosen")
        self._offered = HBox().add_class("seax-chips").add_class(f"seax-{called}-offered")
        self._more = HTML()
        self._find.observe(lambda _: self._show(), "value")
        super().__init__()
        self.add_class("seax-lines").add_class(f"seax-{called}")
        self._show()

    def offer(self, options: Sequence[Choice], value: Sequence[str]) -> None:
        """Offer these choices, with these chosen; those that are not offered are dropped."""
        self.set_trait("options", tuple(options))
        self.choose(value)

    def choose(self, value: Sequence[str]) -> None:
        """Choose these and no others."""
        self.set_trait("value", tuple(reference for _, reference in self.options if reference in value))
        self._show()

    def toggle(self, reference: str) -> None:
        """Add a choice, or remove it."""
        chosen = set(self.value) ^ {reference}
        self._find.value = ""
        self.choose([*chosen])

    def focus(self) -> None:
        """Put the page's focus here."""
        buttons = self._offered.children or self._chosen.children
        (self._find if self._find in self.children else buttons[0] if buttons else self._find).focus()

    def _show(self) -> None:
        sought = self._find.value.strip().casefold()
        chosen = [(text, each) for text, each in self.options if each in self.value]
        others = [(text, each) for text, each in self.options if each not in self.value]
        found = [choice for choice in others if sought in choice[0].casefold()]
        self._fill(self._chosen, chosen, "✕ ", "Remove", "seax-chip--not" if self._prefix else "seax-chip")
        self._fill(self._offered, found[: self._most], "+ ", "Add", "seax-chip--offer")
        more = len(found) - self._most
        words = f"{more:,} more: type a part of the name." if more > 0 else ""
        words = "Nothing else has this name." if sought and not found else words
        self._more.value = f'<p class="seax-quiet seax-small" role="status">{words}</p>' if words else ""
        is_long = len(self.options) > self._most + 2
        shown = (self._find if is_long else self._title, self._chosen, self._offered, self._more)
        self.children = shown

    def _fill(self, place: HBox, choices: Sequence[Choice], sign: str, verb: str, style: str) -> None:
        """Reuse the buttons on the page: changing their text is cheaper, and keeps the page's focus."""
        buttons = list(place.children[: len(choices)])
        for button in place.children[len(choices) :]:
            button.close()
        for _ in range(len(buttons), len(choices)):
            button = Button().add_class("seax-chip").add_class(style)
            button.on_click(lambda pressed: self.toggle(pressed.reference))
            buttons.append(button)
        for button, (text, reference) in zip(buttons, choices, strict=True):
            button.reference = reference
            button.description = f"{sign}{self._prefix if sign != '+ ' else ''}{text}"
            button.tooltip = f"{verb} {text}"
        if place.children != tuple(buttons):
            place.children = buttons
