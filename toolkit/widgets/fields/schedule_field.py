"""When a campaign starts: at once, at a time in one zone, or by day or at a time on each recipient's own clock."""

from __future__ import annotations

from datetime import datetime, time

from ipywidgets import HTML, Combobox, NaiveDatetimePicker, RadioButtons, TimePicker, VBox

from toolkit.errors import DraftError
from toolkit.widgets.forms.campaign_form import CampaignForm
from toolkit.widgets.forms.schedule import check_times, echo, zone_names
from toolkit.widgets.views.markup import escaped, refusal

_NOW, _TIME, _ZONES, _LOCAL = "now", "time", "zones", "local"


class ScheduleField(VBox):  # type: ignore[misc]  # ipywidgets has no types
    """The times of a campaign; `controls` are the fields, by name, which can be observed.

    `start` and `end` are local times in `zone`, `local_time` is one on the clocks of each recipient; None where they
    are not asked for.
    """

    def __init__(self) -> None:
        ways = [("Now", _NOW), ("At a time", _TIME), ("By day in each zone", _ZONES), ("At a local time", _LOCAL)]
        self._when = RadioButtons(options=ways, description="Starts")
        self._start = NaiveDatetimePicker(description="Start")
        self._end = NaiveDatetimePicker(description="End, if it must end")
        self._zone = Combobox(options=zone_names(), description="On clocks in", placeholder="A city, such as New York")
        self._local = TimePicker(description="On their clocks, at")
        self.controls = {
            "when": self._when,
            "local-time": self._local,
            "start": self._start,
            "end": self._end,
            "zone": self._zone,
        }
        self._echo = HTML().add_class("seax-echo")
        self._times = VBox([self._start, self._zone, self._end]).add_class("seax-pair")
        super().__init__([self._when, VBox([self._local]).add_class("seax-pair"), self._times, self._echo])
        self.add_class("seax-lines")

    def fill(self, form: CampaignForm) -> None:
        """Put the times of a form in the fields."""
        self._start.value, self._end.value, self._zone.value = form.start, form.end, form.zone
        self._local.value = form.local_time
        by_zone = _LOCAL if form.local_time else _ZONES
        self._when.value = by_zone if form.by_zone else _TIME if form.start else _NOW

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
        """In each zone it starts by itself, in local daytime or at a local time."""
        return self._when.value in (_ZONES, _LOCAL)

    @property
    def local_time(self) -> time | None:
        """The time on the clocks of each zone, as typed."""
        typed: time | None = self._local.value
        return typed if self._when.value == _LOCAL else None

    def show(self, now: datetime) -> None:
        """Show the choice in UTC, and how far away it is; DraftError, which is shown as well, if it cannot be."""
        is_now = self._when.value == _NOW
        self._times.layout.display = "none" if is_now else None
        self._local.layout.display = None if self._when.value == _LOCAL else "none"
        self._start.description = "Not before, if it must wait" if self.by_zone else "Start"
        if is_now:
            self._echo.value = "Starts at once."
            return
        try:
            if self._when.value == _TIME and self.start is None:
                raise DraftError("Choose when it starts.")
            if self._when.value == _LOCAL and self.local_time is None:
                raise DraftError("Choose the time on their clocks, such as 10:00.")
            check_times(self.start, self.end, self.zone, now)
            chosen = (("Not before" if self.by_zone else "Starts", self.start), ("Ends", self.end))
            times = [f"{word} {echo(at, self.zone, now)}." for word, at in chosen if at]
        except DraftError as error:
            self._echo.value = refusal(str(error))
            raise
        at = f"at {self.local_time:%H:%M} on the clocks there" if self.local_time else "in local daytime"
        by_day = f"In each time zone it starts {at}, in as many steps as needed." if self.by_zone else ""
        self._echo.value = escaped(" ".join([by_day, *times]).strip())

    def focus(self) -> None:
        """Put the page's focus on the zone beside the start: pickers of times take none from code."""
        self._zone.focus()
