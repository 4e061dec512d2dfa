"""What a page does by itself: keys stay in our controls, and fields are put where the cursor is."""

from __future__ import annotations

from pathlib import Path

from anywidget import AnyWidget


class PageScript(AnyWidget):
    """Has the page run `page.js`, once for all widgets on it."""

    _esm = (Path(__file__).parent / "page.js").read_text(encoding="utf-8")

    def __init__(self) -> None:
        super().__init__()
        self.on_msg(lambda _, content, buffers: self.send(content))  # so that the page knows what was handled before
