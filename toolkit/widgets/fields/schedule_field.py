"""Fields for a campaign's start and end, in a chosen time zone, with the same moments in UTC beside them."""

from __future__ import annotations

from datetime import datetime

from ipywidgets import HTML, Checkbox, Combobox, HBox, NaiveDatetimePicker, VBox

from toolkit.widgets.forms.schedule import echo, zone_names
from toolkit.widgets.views.markup import escaped

_WIDE = {"layout": {"width": "640px", "max_width": "100%"}, "style": {"description_width": "130px"}}
_INDENTED = {"layout": {"margin": "0 0 0 138px", "max_width": "640px"}}


class ScheduleField(VBox):  # type: ignore[misc]  # ipywidgets has no types
    """The times of a campaign; `controls` are the fields, by name, which can be observed."""

    def __init__(self, start: datetime | None, end: datetime | None, zone: str, *, by_zone: bool) -> None:
        self.start = NaiveDatetimePicker(value=start, description="Starts", **_WIDE)
        self.end = NaiveDatetimePicker(value=end, description="Ends", **_WIDE)
        self.zone = Combobox(value=zone, options=zone_names(), description="Time zone", **_WIDE)
        self.by_zone = Checkbox(value=by_zone, description="In each time zone, start in local daytime", **_WIDE)
        self.controls = {"start": self.start, "end": self.end, "zone": self.zone, "by-zone": self.by_zone}
        self._echo = HTML(**_INDENTED).add_class("seax-echo")
        times = HBox([self.start, self.end], layout={"flex_flow": "row wrap"})
        super().__init__([times, self.zone, self.by_zone, self._echo])

    def show(self, now: datetime) -> None:
        """Show the choice in UTC, and how far away it is; DraftError if the time or zone does not exist."""
        chosen = (("Starts", self.start.value), ("Ends", self.end.value))
        times = [f"{word} {echo(at, self.zone.value, now)}." for word, at in chosen if at]
        self._echo.value = escaped(" ".join(times) or "Starts at once.")
