"""Whether texts arrive at allowed hours wherever their recipients may be, and when they would.

A send is allowed if every candidate time zone of every place is open, under the rules of its country and its state,
from its start to its projected end; the local day decides which rules apply. Everything is computed in UTC per
distinct place, so summer time, the date line and Sundays that begin at different times need no special case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache, reduce
from zoneinfo import ZoneInfo

from toolkit.errors import ToolkitError
from toolkit.texting.places import Place, default_zone
from toolkit.texting.quiet_hours_rules import HoursTable, Jurisdiction, Minutes

HORIZON = timedelta(days=7)  # SeaX schedules at most this far ahead (vendor's API description, 2025-11)


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time, UTC; a send begins before `closes` and ends by then."""

    opens: datetime
    closes: datetime


@dataclass(frozen=True, slots=True)
class PlaceHours:
    """When a place may be texted, soonest first.

    `rules` are its rows on any day. `guessed_zone` is set where its zones are never open together: the windows are then
    those of that one zone.
    """

    place: Place
    rules: tuple[Jurisdiction, ...]
    windows: tuple[Window, ...]
    guessed_zone: str | None = None

    @property
    def zones(self) -> tuple[str, ...]:
        """The zones that are checked."""
        return (self.guessed_zone,) if self.guessed_zone else self.place.zones

    def broken(self, start: datetime, end: datetime) -> tuple[Jurisdiction, ...]:
        """The rules that are not open all the time between the two; all of them where no time zone is known."""
        return tuple(
            rule
            for rule in self.rules
            if not self.zones or any(not _is_open(rule, zone, start, end) for zone in self.zones)
        )

    def closed_on(self, start: datetime, end: datetime) -> tuple[Jurisdiction, ...]:
        """The rules that are closed for a whole local day between the two."""
        days = {
            (start + timedelta(days=days)).astimezone(ZoneInfo(zone)).date()
            for zone in self.zones
            for days in range(min((end - start).days, HORIZON.days) + 1)
        } | {end.astimezone(ZoneInfo(zone)).date() for zone in self.zones}
        return tuple(rule for rule in self.rules if any(rule.window_on(day) is None for day in days))


@dataclass(frozen=True, slots=True)
class Batch:
    """Places that can be texted together, and from when."""

    start: datetime
    places: tuple[Place, ...]

    @property
    def people(self) -> int:
        """How many people are in them."""
        return sum(place.people for place in self.places)


@dataclass(frozen=True, slots=True)
class HoursCheck:
    """A send compared with the allowed hours of all its places.

    `closed` are the places where part of it would arrive too early or too late, `guessed` those with a guessed zone.
    `next_start` is the first time at which all of it is allowed everywhere, None if there is none within HORIZON.
    `batches` are the times at which it is allowed place by place, soonest first; they omit the places in `never`.
    """

    closed: tuple[PlaceHours, ...]
    guessed: tuple[PlaceHours, ...]
    next_start: datetime | None
    batches: tuple[Batch, ...]
    never: tuple[Place, ...]

    @property
    def is_allowed(self) -> bool:
        """Every place is open from the start to the end."""
        return not self.closed


def check_hours(
    places: Iterable[Place], *, start: datetime, end: datetime, table: HoursTable, local: time | None = None
) -> HoursCheck:
    """Compare a send from `start` to its projected `end` with the allowed hours of these places.

    With `local` the batches begin at that time on their clocks; where a place has several zones, on the last of them.
    Raises ToolkitError if a time has no zone or the end is before the start.
    """
    if start.tzinfo is None or end.tzinfo is None:
        raise ToolkitError("A time without a time zone is ambiguous: pass times such as 2026-03-01T17:00:00+00:00.")
    if end < start:
        raise ToolkitError(f"The projected end {end} is before the start {start}: pass a later one.")
    start, length = start.astimezone(UTC), end - start
    found = [hours_of(place, start, table) for place in places]
    together: dict[datetime, list[Place]] = {}
    never = []
    for hours in found:
        on_clocks = None if local is None else tuple(_on_clocks(local, hours.zones, start))
        at = _next_start(hours.windows, start, length, on_clocks)
        together.setdefault(at, []).append(hours.place) if at else never.append(hours.place)
    everywhere: tuple[Window, ...] = (Window(start, datetime.max.replace(tzinfo=UTC)),)
    for hours in found:
        everywhere = _intersect(everywhere, hours.windows)
    return HoursCheck(
        closed=tuple(hours for hours in found if hours.place not in together.get(start, ())),
        guessed=tuple(hours for hours in found if hours.guessed_zone),
        next_start=_next_start(everywhere, start, length),
        batches=tuple(Batch(at, tuple(those)) for at, those in sorted(together.items())),
        never=tuple(never),
    )


def hours_of(place: Place, start: datetime, table: HoursTable) -> PlaceHours:
    """When a place may be texted, from `start` to a little past HORIZON.

    If its zones are never open together, the zone in which most people of its country live is used for all of them.
    """
    rules = table.of(place)
    windows = _windows(place, place.zones, table, start)
    guessed = default_zone(place.region) if not windows and len(place.zones) > 1 else None
    if guessed:
        return PlaceHours(place, rules, _windows(place, (guessed,), table, start), guessed)
    return PlaceHours(place, rules, windows)


def _windows(place: Place, zones: Iterable[str], table: HoursTable, start: datetime) -> tuple[Window, ...]:
    """When all rules are open in all zones; never, where no zone is known."""
    since = start.astimezone(UTC).date()
    each = [_open_there(table, place.region, place.state, zone, since) for zone in zones]
    return tuple(window for window in reduce(_intersect, each) if window.closes > start) if each else ()


@lru_cache(maxsize=4096)
def _open_there(table: HoursTable, region: str, state: str, zone: str, since: date) -> tuple[Window, ...]:
    """When the rules of a place, as in force on each local day, are open by the clocks of one zone."""
    place = Place(region, state, (zone,))
    return _by_day(lambda day: table.window_on(place, day), zone, since, days=HORIZON.days)


def _by_day(window_on: Callable[[date], Minutes | None], zone: str, since: date, *, days: int) -> tuple[Window, ...]:
    """Local windows by the clocks of a zone, from two days before `day` until two days after the last of them."""
    windows: list[Window] = []
    for at in range(-2, days + 3):
        day = since + timedelta(days=at)
        hours = window_on(day)
        if hours is None:
            continue
        midnight = datetime.combine(day, time(), ZoneInfo(zone))
        opens, closes = ((midnight + timedelta(minutes=minutes)).astimezone(UTC) for minutes in hours)
        if windows and windows[-1].closes == opens:
            windows[-1] = Window(windows[-1].opens, closes)
        else:
            windows.append(Window(opens, closes))
    return tuple(windows)


def _is_open(rule: Jurisdiction, zone: str, start: datetime, end: datetime) -> bool:
    windows = _by_day(rule.window_on, zone, start.astimezone(UTC).date(), days=(end - start).days)
    return any(window.opens <= start and end <= window.closes for window in windows)


def _intersect(some: tuple[Window, ...], others: tuple[Window, ...]) -> tuple[Window, ...]:
    """The intersection of two lists of windows; each is in order and without overlaps."""
    both = [
        Window(max(one.opens, other.opens), min(one.closes, other.closes))
        for one in some
        for other in others
        if one.opens < other.closes and other.opens < one.closes
    ]
    return tuple(both)


def _on_clocks(local: time, zones: tuple[str, ...], start: datetime) -> Iterator[datetime]:
    """When it is that time, day by day, in all of the zones: on the last of their clocks."""
    first = start.date() - timedelta(days=1)
    for day in (first + timedelta(days=days) for days in range(HORIZON.days + 3)):
        if zones:
            yield max(datetime.combine(day, local, ZoneInfo(zone)).astimezone(UTC) for zone in zones)


def _next_start(
    windows: Iterable[Window], start: datetime, length: timedelta, among: Iterable[datetime] | None = None
) -> datetime | None:
    """The first time from `start`, of some if they are given, within HORIZON, at which `length` fits into a window."""
    found = tuple(windows)
    begun = [max(window.opens, start) for window in found] if among is None else [at for at in among if at >= start]
    soonest = min((at for at in begun if any(w.opens <= at and at + length <= w.closes for w in found)), default=None)
    return soonest if soonest is not None and soonest - start <= HORIZON else None
