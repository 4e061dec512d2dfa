"""One or several of a list, chosen as chips: a plain click adds or removes one and leaves the others alone."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from ipywidgets import HTML, Text, VBox
from traitlets import Tuple

from toolkit.widgets.fields.chips import Chip, Chips
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
        self._chosen = Chips(self.remove).add_class(f"seax-{called}-chosen")
        self._offered = Chips(self.add).add_class(f"seax-{called}-offered")
        self._more = HTML()
        self._find.observe(lambda _: self._show(), "value")
        super().__init__()
        self.add_class("seax-lines").add_class(f"seax-{called}")
        self._show()

    def offer(self, options: Sequence[tuple[str, Hashable]], value: Sequence[Hashable]) -> None:
        """Offer these choices, with these chosen; those that are not offered are dropped."""
        if {each for _, each in options} != {each for _, each in self.options}:
            self._find.value = ""
        self.set_trait("options", tuple(options))
        self.choose(value)

    def choose(self, value: Sequence[Hashable]) -> None:
        """Choose these and no others."""
        self.set_trait("value", tuple(reference for _, reference in self.options if reference in value))
        self._show()

    def add(self, reference: Hashable) -> None:
        """Choose this one as well."""
        self._find.value = ""
        self.choose([*self.value, reference])

    def remove(self, reference: Hashable) -> None:
        """Choose it no more."""
        self.choose([each for each in self.value if each != reference])

    def focus(self) -> None:
        """Put the page's focus here."""
        buttons = self._offered.shown or self._chosen.shown
        (self._find if self._find in self.children else buttons[0] if buttons else self._find).focus()

    def _show(self) -> None:
        sought = self._find.value.strip().casefold()
        others = [(text, each) for text, each in self.options if each not in self.value]
        found = [each for text, each in others if sought in text.casefold()]
        offered = {*found[: self._most]}
        style = "seax-chip--not" if self._prefix else ""
        self._chosen.show(
            [
                Chip(each, f"✕ {self._prefix}{text}", f"Remove {text}", style, is_shown=each in self.value)
                for text, each in self.options
            ]
        )
        self._offered.show(
            [
                Chip(each, f"+ {text}", f"Add {text}", "seax-chip--offer", is_shown=each in offered)
                for text, each in self.options
            ]
        )
        more = len(found) - self._most
        words = f"{more:,} more: type a part of the name." if more > 0 else ""
        words = "Nothing else has this name." if sought and not found else words
        self._more.value = f'<p class="seax-quiet seax-small" role="status">{words}</p>' if words else ""
        is_long = len(self.options) > self._most + 2
        self.children = (self._find if is_long else self._title, self._chosen, self._offered, self._more)
