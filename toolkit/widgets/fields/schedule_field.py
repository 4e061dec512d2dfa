"""When a campaign starts: at once, at a time on the clocks of a zone, or by day in each recipient's zone."""

from __future__ import annotations

from datetime import datetime

from ipywidgets import HTML, Combobox, NaiveDatetimePicker, RadioButtons, VBox

from toolkit.errors import DraftError
from toolkit.widgets.forms.schedule import check_times, echo, zone_names
from toolkit.widgets.views.markup import escaped, refusal

_NOW, _TIME, _ZONES = "now", "time", "zones"


class ScheduleField(VBox):  # type: ignore[misc]  # ipywidgets has no types
    """The times of a campaign; `controls` are the fields, by name, which can be observed.

    `start` and `end` are local times in `zone`, None where they are not asked for.
    """

    def __init__(self, start: datetime | None, end: datetime | None, zone: str, *, by_zone: bool) -> None:
        ways = [("Now", _NOW), ("At a time", _TIME), ("By day in each zone", _ZONES)]
        self._when = RadioButtons(options=ways, description="Starts")
        self._start = NaiveDatetimePicker(description="Start")
        self._end = NaiveDatetimePicker(description="End, if it must end")
        self._zone = Combobox(options=zone_names(), description="On clocks in", placeholder="A city, such as New York")
        self.controls = {"when": self._when, "start": self._start, "end": self._end, "zone": self._zone}
        self._echo = HTML().add_class("seax-echo")
        self._times = VBox([self._start, self._zone, self._end]).add_class("seax-pair")
        super().__init__([self._when, self._times, self._echo])
        self.add_class("seax-lines")
        self.fill(start, end, zone, by_zone=by_zone)

    def fill(self, start: datetime | None, end: datetime | None, zone: str, *, by_zone: bool) -> None:
        """Put these times in the fields."""
        self._start.value, self._end.value, self._zone.value = start, end, zone
        self._when.value = _ZONES if by_zone else _TIME if start else _NOW

    @property
    def start(self) -> datetime | None:
        """The start, as typed."""
        return None if self._when.value == _NOW else self._start.value

    @property
    def end(self) -> datetime | None:
        """The end, as typed."""
        return None if self._when.value == _NOW else self._end.value

    @property
    def zone(self) -> str:
        """The zone of both, as typed."""
        typed: str = self._zone.value
        return typed

    @property
    def by_zone(self) -> bool:
        """In each zone it starts in local daytime."""
        return bool(self._when.value == _ZONES)

    def show(self, now: datetime) -> None:
        """Show the choice in UTC, and how far away it is; DraftError, which is shown as well, if it cannot be."""
        is_now = self._when.value == _NOW
        self._times.layout.display = "none" if is_now else None
        if is_now:
            self._echo.value = "Starts at once."
            return
        try:
            if self._when.value == _TIME and self.start is None:
                raise DraftError("Choose when it starts.")
            check_times(self.start, self.end, self.zone, now)
            chosen = (("Starts", self.start), ("Ends", self.end))
            times = [f"{word} {echo(at, self.zone, now)}." for word, at in chosen if at]
        except DraftError as error:
            self._echo.value = refusal(str(error))
            raise
        by_day = "In each time zone it starts in local daytime, in as many steps as needed." if self.by_zone else ""
        self._echo.value = escaped(" ".join([by_day, *times]).strip())

    def focus(self) -> None:
        """Put the page's focus on the zone beside the start: pickers of times take none from code."""
        self._zone.focus()
