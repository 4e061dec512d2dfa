"""A time as a person types it: the local time in some zone, and the same in UTC.

The browser's own zone is not used: on a shared server it is unknown whose it is.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from toolkit.errors import DraftError
from toolkit.suggest import suggest


@cache
def zone_names() -> tuple[str, ...]:
    """The existing time zones, by name."""
    return tuple(sorted(available_timezones()))


def in_utc(typed: datetime, zone: str) -> datetime:
    """The moment at which the clocks of a zone show a time; the first, where they show it twice.

    Raises DraftError for an unknown zone, and for a time that clocks skip when they go forward.
    """
    if zone not in zone_names():
        raise DraftError(f"Unknown time zone {zone!r}: {suggest(zone, zone_names())}")
    moment = typed.replace(tzinfo=ZoneInfo(zone), fold=0)
    if moment.astimezone(UTC).astimezone(moment.tzinfo).replace(tzinfo=None) != typed:
        raise DraftError(
            f"Clocks in {zone} skip {typed:%H:%M} on {typed:%Y-%m-%d}, as they go forward: choose another."
        )
    return moment


def echo(typed: datetime, zone: str, now: datetime) -> str:
    """A typed time in words: local, in UTC, and how far away it is."""
    moment = in_utc(typed, zone)
    twice = moment.replace(fold=1).utcoffset() != moment.utcoffset()
    note = "; clocks show it twice that night, the first is used" if twice else ""
    return f"{typed:%Y-%m-%d %H:%M} {zone} = {moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC, {_till(moment - now)}{note}"


def _till(left: timedelta) -> str:
    if left <= timedelta(0):
        return "which is in the past"
    hours, minutes = divmod(int(left.total_seconds()) // 60, 60)
    days, hours = divmod(hours, 24)
    return "in " + " ".join(
        f"{n} {unit}" for n, unit in ((days, "d"), (hours, "h"), (minutes, "m")) if n or unit == "m"
    )
