"""The texts of a campaign: one, or one for each arm of an experiment, in tabs, with who is held out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ipywidgets import HTML, BoundedFloatText, Button, Dropdown, Tab, Text, VBox

from toolkit.widgets.fields.chips import Chip, Chips
from toolkit.widgets.fields.message_field import MessageField
from toolkit.widgets.forms.arms import ARMS, ArmsForm
from toolkit.widgets.views.markup import hint

_HELD_OUT = (0.0, 0.05, 0.1, 0.2, 0.5)


class ArmsField(VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Puts more texts beside a message, which is arm A's; `changed` is called after each edit of the others."""

    def __init__(self, message: MessageField, arms: ArmsForm, *, changed: Callable[[], None]) -> None:
        self._message = message
        self._changed = changed
        self._others: list[_Arm] = []
        self._offered: Sequence[str] = ()
        self._is_filled = True
        self._people: int | None = None
        self._is_compared: bool | None = None  # what is on the page
        self._held_out = Dropdown(description="People who get nothing").add_class("seax-held-out")
        self._strata = Dropdown(description="Arms alike in", options=[("nothing in particular", "")])
        self._counts = Text(description="What counts, by person", placeholder="Such as: an order")
        self._rate = BoundedFloatText(description="Expected of A, in %", min=0.1, max=99, step=0.5)
        self._gain = BoundedFloatText(description="Least rise worth it, in points", min=0.1, max=99, step=0.5)
        self._size = HTML().add_class("seax-arm-size")
        self._adding = Chips(self._add, style="seax-btn--link").add_class("seax-add-arm")
        self._held = VBox(
            [HTML(hint("The same people are held out of each campaign that holds people out here.")), self._held_out]
        ).add_class("seax-lines")
        rule = VBox([self._counts, self._rate, self._gain, self._strata]).add_class("seax-pair")
        self._tabs = Tab().add_class("seax-arms")
        self._compared = VBox([self._tabs, rule, self._size]).add_class("seax-lines")
        super().__init__()
        self.add_class("seax-lines")
        self.fill(arms)
        named = {"counts": self._counts, "rate": self._rate, "gain": self._gain, "held-out": self._held_out}
        named["strata"] = self._strata
        for name, field in named.items():
            field.add_class(f"seax-{name}").observe(lambda _: self._edited(), "value")

    @property
    def value(self) -> ArmsForm:
        """The arms as filled in."""
        texts = tuple(arm.message.value for arm in self._others)
        rate, gain = (round(field.value / 100, 6) for field in (self._rate, self._gain))
        return ArmsForm(texts, self._held_out.value, self._counts.value, rate, gain, self._strata.value)

    def fill(self, arms: ArmsForm) -> None:
        """Put these arms on the page."""
        shares = sorted({*_HELD_OUT, arms.held_out})
        options = tuple((f"{share:.0%}" if share else "nobody", share) for share in shares)
        if self._held_out.options != options:
            self._held_out.options = options
        self._held_out.value, self._counts.value = arms.held_out, arms.counts
        self._rate.value, self._gain.value = arms.rate * 100, arms.gain * 100
        self._offer_strata(arms.strata)
        for arm in self._others[len(arms.texts) :]:
            arm.close()
        del self._others[len(arms.texts) :]
        for arm, text in zip(self._others, arms.texts, strict=False):
            arm.message.text.value = text
        for text in arms.texts[len(self._others) :]:
            self._append(text)
        self._show()

    def offer(self, fields: Sequence[str], *, is_filled: bool) -> None:
        """Offer these fields of contacts in each text; `is_filled` if the service fills them in a campaign."""
        self._offered, self._is_filled = fields, is_filled
        self._offer_strata(self._strata.value)
        for message in (self._message, *(arm.message for arm in self._others)):
            message.offer(fields, is_filled=is_filled)

    def _offer_strata(self, chosen: str) -> None:
        columns = [*(f"field.{name}" for name in self._offered if name != "name"), *([chosen] if chosen else [])]
        options = (("nothing in particular", ""), *((column, column) for column in dict.fromkeys(columns)))
        if self._strata.options != options:
            self._strata.options = options
        self._strata.value = chosen

    def show_size(self, people: int | None) -> None:
        """Show what arms of this many people can show; None while that is not known."""
        self._people = people
        self._size.value = hint(self.value.size_words(people)) if self._others else ""

    def focus(self) -> None:
        """Put the page's focus on the first text that is to be written."""
        blank = next((at for at, arm in enumerate(self._others, 1) if not arm.message.value.strip()), 0)
        at = blank if self._message.value.strip() else 0
        if self._others:
            self._tabs.selected_index = at
        (self._others[at - 1].message if at else self._message).focus()

    def _append(self, text: str) -> None:
        arm = _Arm(text, ARMS[len(self._others) + 1], removed=self._remove)
        arm.message.offer(self._offered, is_filled=self._is_filled)
        arm.message.text.observe(lambda _: self._edited(), "value")
        self._others.append(arm)

    def _add(self, arm: str) -> None:
        """Add this arm, which starts with A's text."""
        if ARMS.index(arm) == len(self._others) + 1:
            self._append(self._message.value)
            self._show()
            self._tabs.selected_index = len(self._others)
            self._changed()

    def _remove(self, arm: _Arm) -> None:
        if arm in self._others:
            self._others.remove(arm)
            self._show()
            arm.close()
            self._changed()

    def _edited(self) -> None:
        self._show()
        self._changed()

    def _show(self) -> None:
        """Show a tab for each text and who is held out, or the one text there is."""
        form = self.value
        self._message.text.description = "Message of arm A" if form.names else "Message"
        for arm, name in zip(self._others, ARMS[1:], strict=False):
            arm.show(name)
        tabs = [self._message, *self._others, self._held] if form.names else []
        if self._tabs.children != tuple(tabs):
            self._tabs.children = tabs
        if tabs:
            shares = [f"{name} · {form.share:.0%}" for name in form.names]
            self._tabs.titles = [*shares, f"Held out · {form.held_out:.0%}"]
        following = len(self._others) + 1
        self._adding.show(
            [
                Chip(arm, f"+ Arm {arm}" if at > 1 else "+ Test another text", is_shown=at == following)
                for at, arm in enumerate(ARMS)
                if at
            ]
        )
        self.show_size(self._people)
        if self._is_compared != bool(tabs):
            self._is_compared = bool(tabs)
            self.children = (self._compared if tabs else self._message, self._adding)


class _Arm(VBox):  # type: ignore[misc]  # ipywidgets has no types
    """One more text, and the button that removes it."""

    def __init__(self, text: str, name: str, *, removed: Callable[[_Arm], None]) -> None:
        self.message = MessageField(text, called=f"message-{name.lower()}")
        self._remove = Button().add_class("seax-btn--link").add_class("seax-remove-arm")
        self._remove.on_click(lambda _: removed(self))
        super().__init__([self.message, self._remove])
        self.add_class("seax-lines")

    def show(self, name: str) -> None:
        """Show it as the arm of this name."""
        self.message.text.description = f"Message of arm {name}"
        self.message.show()
        self._remove.description = f"Remove arm {name}"
