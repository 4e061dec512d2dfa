"""A time as a person types it: the local time in some zone, and the same in UTC.

The browser's own zone is not used: on a shared server it is unknown whose it is.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from toolkit.errors import DraftError
from toolkit.suggest import suggest

_OTHER_NAMES = ("US/", "Etc/", "posix/", "right/", "Canada/", "Brazil/", "Mexico/", "Chile/", "SystemV/")  # of old


@cache
def zone_names() -> tuple[str, ...]:
    """The existing time zones, by name."""
    return tuple(sorted(available_timezones()))


def zone_named(typed: str) -> str:
    """The zone of this name, or of this city: New York, America/New_York; DraftError if there is none or several."""
    sought = "_".join(typed.split()).casefold()
    names = [name for name in zone_names() if sought in (name.casefold(), name.rpartition("/")[2].casefold())]
    cities = [name for name in names if not name.startswith(_OTHER_NAMES)] or names
    if len(cities) == 1:
        return cities[0]
    if cities:
        raise DraftError(f"Several time zones are called {typed!r}: choose {' or '.join(cities)}.")
    cities = [name.rpartition("/")[2].replace("_", " ") for name in zone_names()]
    near = suggest(sought, zone_names()) if "/" in sought else suggest(" ".join(typed.split()), cities)
    raise DraftError(f"Unknown time zone {typed!r}: {near if near.startswith('did you') else 'type a city'}")


def in_utc(typed: datetime, zone: str) -> datetime:
    """The moment at which the clocks of a zone show a time; the first, where they show it twice.

    Raises DraftError for an unknown zone, and for a time that clocks skip when they go forward.
    """
    zone = zone_named(zone)
    moment = typed.replace(tzinfo=ZoneInfo(zone), fold=0)
    if moment.astimezone(UTC).astimezone(moment.tzinfo).replace(tzinfo=None) != typed:
        raise DraftError(
            f"Clocks in {zone} skip {typed:%H:%M} on {typed:%Y-%m-%d}, as they go forward: choose another."
        )
    return moment


def check_times(start: datetime | None, end: datetime | None, zone: str, now: datetime) -> None:
    """Raise DraftError, with what to do, for an unknown zone, a skipped hour, a past start or an end before it."""
    zone_named(zone)
    begins, ends = (in_utc(at, zone) if at else None for at in (start, end))
    if begins and begins <= now:
        raise DraftError(f"The start {start:%Y-%m-%d %H:%M} is in the past: choose a later time.")
    if ends and ends <= (begins or now):
        raise DraftError("The end is not after the start: choose a later end, or remove it.")


def echo(typed: datetime, zone: str, now: datetime) -> str:
    """A typed time in words: local, in UTC, and how far away it is."""
    moment = in_utc(typed, zone)
    twice = moment.replace(fold=1).utcoffset() != moment.utcoffset()
    note = "; clocks show it twice that night, the first is used" if twice else ""
    utc = f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return f"{typed:%Y-%m-%d %H:%M} {zone_named(zone)} = {utc}, {_till(moment - now)}{note}"


def _till(left: timedelta) -> str:
    if left <= timedelta(0):
        return "which is in the past"
    hours, minutes = divmod(int(left.total_seconds()) // 60, 60)
    days, hours = divmod(hours, 24)
    return "in " + " ".join(
        f"{n} {unit}" for n, unit in ((days, "d"), (hours, "h"), (minutes, "m")) if n or unit == "m"
    )
