"""Buttons of which each stands for one thing for as long as it is there: a late click does what it shows."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, NamedTuple

from ipywidgets import Button, HBox


class Chip(NamedTuple):
    """What one button stands for, and how it looks; `style` is a class of the stylesheet, the same for each key."""

    key: Hashable
    text: str
    tooltip: str = ""
    style: str = ""
    is_shown: bool = True


class Chips(HBox):  # type: ignore[misc]  # ipywidgets has no types
    """A row of buttons; `pressed` receives the key of the one that was pressed.

    A button that is not shown is hidden and keeps its key, so that one pressed while the page changes under the pointer
    still does what it stood for. `pressed` has to do nothing where that is done already.
    """

    def __init__(self, pressed: Callable[[Any], None], *, style: str = "seax-chip") -> None:
        self._pressed = pressed
        self._style = style
        self._buttons: dict[Hashable, Button] = {}
        super().__init__()
        self.add_class("seax-chips")

    def show(self, chips: Sequence[Chip]) -> None:
        """Show these, in this order, and hide those not shown; buttons of all others are closed."""
        before, self._buttons = self._buttons, {}
        order = [*before.values()]
        for chip in chips:
            button = before.pop(chip.key, None)
            if button is None and chip.is_shown:
                button = self._button(chip)
            if button is None:
                continue
            if chip.is_shown:
                button.description, button.tooltip, button.disabled = chip.text, chip.tooltip or None, False
            button.layout.display = None if chip.is_shown else "none"
            self._buttons[chip.key] = button
        if order != [*self._buttons.values()]:
            self.children = tuple(self._buttons.values())
        for gone in before.values():
            gone.close()

    def disable(self) -> None:
        """Let none be pressed, until they are shown again."""
        for button in self._buttons.values():
            button.disabled = True

    @property
    def shown(self) -> list[Button]:
        """The buttons that are shown, in their order."""
        return [button for button in self._buttons.values() if button.layout.display is None]

    def _button(self, chip: Chip) -> Button:
        button = Button().add_class(self._style)
        if chip.style:
            button.add_class(chip.style)
        button.on_click(lambda _: self._press(chip.key))
        return button

    def _press(self, key: Hashable) -> None:
        """Pass it on. The page's focus stays: on a busy kernel the person is elsewhere by now, and types there."""
        if key in self._buttons:  # else it was closed
            self._pressed(key)
