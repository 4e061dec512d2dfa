"""What one person reads, on a phone, with arrows to the next person."""

from __future__ import annotations

from collections.abc import Sequence

from ipywidgets import HTML, Button, HBox, VBox

from toolkit.plans.cost import Preview
from toolkit.widgets.views.markup import escaped
from toolkit.widgets.views.plan_view import bubble, reader


class PhonePreview(VBox):  # type: ignore[misc]  # ipywidgets has no types
    """One bubble, with its media above it; empty, it says what will be here."""

    def __init__(self) -> None:
        self._previews: tuple[Preview, ...] = ()
        self._media: tuple[str, ...] = ()
        self._at = 0
        self._back = (
            Button(description="‹", tooltip="Previous person").add_class("seax-icon").add_class("seax-previous")
        )
        self._next = Button(description="›", tooltip="Next person").add_class("seax-icon").add_class("seax-next-person")
        self._who = HTML().add_class("seax-reader")
        self._text = HTML().add_class("seax-read")
        self._back.on_click(lambda _: self._turn(-1))
        self._next.on_click(lambda _: self._turn(1))
        self._head = HBox([self._back, self._who, self._next]).add_class("seax-phone-head")
        super().__init__([self._head, self._text])
        self.add_class("seax-phone")
        self.show("", ())

    def show(self, text: str, previews: Sequence[Preview], media: Sequence[str] = ()) -> None:
        """Show a text as these people read it, or as it is written if nobody is known."""
        written = (Preview(name="", phone="", text=text),) if text.strip() or media else ()
        self._previews, self._media = tuple(previews) or written, tuple(media)
        self._at = min(self._at, max(len(self._previews) - 1, 0))
        self._turn(0)

    def _turn(self, by: int) -> None:
        if not self._previews:
            self._head.layout.display = "none"
            self._text.value = '<p class="seax-empty">What one person reads shows here.</p>'
            return
        self._at = (self._at + by) % len(self._previews)
        preview = self._previews[self._at]
        self._head.layout.display = None if preview.name or preview.phone else "none"
        self._back.layout.visibility = self._next.layout.visibility = "visible" if len(self._previews) > 1 else "hidden"
        self._who.value = reader(preview)
        media = "".join(f'<div class="seax-attached">Media: {escaped(url)}</div>' for url in self._media)
        self._text.value = media + (bubble(preview.text) if preview.text.strip() else "")
