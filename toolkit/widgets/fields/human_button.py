"""A button that only a person can press.

Its handlers run on the message a browser sends for a click. `click()`, with which a cell could press it, refuses.
"""

from __future__ import annotations

from typing import Any

from ipywidgets import Button

from toolkit.errors import ApprovalRefused


class HumanButton(Button):  # type: ignore[misc]  # ipywidgets has no types
    """A button pressed in a browser or not at all."""

    def click(self) -> None:
        """Refuse: raises ApprovalRefused."""
        raise ApprovalRefused(
            f"{self.description!r} can only be pressed by a person in a browser, not by code. Nothing was sent."
        )

    def _handle_button_msg(self, _: object, content: dict[str, Any], buffers: object) -> None:
        if content.get("event") == "click" and not self.disabled:  # the second half of a double-click arrives disabled
            super().click()
