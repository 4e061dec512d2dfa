"""The rules on when texts may arrive: `hours.toml`, dated and sourced, and a file that replaces some of them.

Engineering input, not legal advice: where sources differ the strictest is used, and each row states how sure it is.
The day, where the message is received, decides which rows are in force.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from pydantic import field_validator, model_validator

from toolkit.errors import SettingsError
from toolkit.texting.dated_rule import DatedRule, read_rules
from toolkit.texting.places import Place

if TYPE_CHECKING:
    import holidays

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ELSEWHERE = "*"  # the code of the rule for countries without one
EVERYWHERE = "everywhere"  # the code of a rule that applies in addition to all others, such as a brand's own hours
Consent = Literal["express", "relationship"]
CONSENTS: Mapping[Consent, str] = {
    "express": "prior express consent",
    "relationship": "an established business relationship of the last 18 months",
}
Minutes = tuple[int, int]  # of a local day, from its midnight
_WHOLE_DAY: Minutes = (0, 24 * 60)
_WINDOW = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]|24(?=:00)):([0-5]\d)", re.ASCII)


class Jurisdiction(DatedRule):
    """When texts may arrive in a country or state.

    `windows` has one entry per day, Monday first: the minutes of the local day at which it opens and closes, None if it
    is closed. `most_in_24_hours` counts messages to one person on one subject. `covers` are regions with the same
    rule. `consent` is what lifts the row where all recipients have given it, None if nothing does.
    """

    covers: tuple[str, ...] = ()
    windows: tuple[Minutes | None, ...]
    open_on_holidays: bool
    most_in_24_hours: int | None = None
    consent: Consent | None = None
    basis: Literal["law", "practice"]
    applies_to: str

    @field_validator("windows", mode="before")
    @classmethod
    def _week(cls, windows: object) -> tuple[Minutes | None, ...]:
        """`{"mon-sat": "08:00-20:00"}` as seven entries."""
        if not isinstance(windows, Mapping):
            raise ValueError(f"{windows!r} is not of the form {{ mon-sat = '08:00-20:00' }}")
        week: list[Minutes | None] = [None] * len(DAYS)
        for days, window in windows.items():
            first, _, last = days.partition("-")
            found = _WINDOW.fullmatch(str(window))
            if not {first, last or first} <= set(DAYS) or not found:
                raise ValueError(f"{days} = {window!r} is not of the form mon-sat = '08:00-20:00'")
            hour, minute, until_hour, until_minute = map(int, found.groups())
            opens, closes = 60 * hour + minute, 60 * until_hour + until_minute
            if opens >= closes or DAYS.index(first) > DAYS.index(last or first):
                raise ValueError(f"{days} = {window!r} ends before it begins")
            for day in range(DAYS.index(first), DAYS.index(last or first) + 1):
                week[day] = (opens, closes)
        return tuple(week)

    @model_validator(mode="after")
    def _has_calendar(self) -> Jurisdiction:
        if not self.open_on_holidays:
            try:
                _calendar(self.code)
            except NotImplementedError as error:
                raise ValueError(
                    f"no public holidays are known for {self.code}: set open_on_holidays = true"
                ) from error
        return self

    @property
    def is_sure(self) -> bool:
        """Its source is good enough to block a send; otherwise it is a warning."""
        return self.confidence != "low"

    def window_on(self, day: date) -> Minutes | None:
        """The minutes of that local day at which it opens and closes; None if it is closed.

        The whole day if the row is not in force then.
        """
        if not self.holds_on(day):
            return _WHOLE_DAY
        if not self.open_on_holidays and day in _calendar(self.code):
            return None
        return self.windows[day.weekday()]

    @property
    def hours(self) -> str:
        """Its windows in words, `Mon-Sat 08:00-20:00, not on holidays`; if all are whole days, only the closed ones."""
        spans: list[tuple[int, int, Minutes]] = []
        for at, minutes in enumerate(self.windows):
            if minutes is None:
                continue
            if spans and spans[-1][1] == at - 1 and spans[-1][2] == minutes:
                spans[-1] = (spans[-1][0], at, minutes)
            else:
                spans.append((at, at, minutes))
        if {minutes for _, _, minutes in spans} == {_WHOLE_DAY}:
            closed = [f"not on {DAYS[at].capitalize()}" for at, minutes in enumerate(self.windows) if minutes is None]
            return ", ".join([*closed, *([] if self.open_on_holidays else ["not on holidays"])])
        each = [f"{_days(first, last)} {_clock(opens)}-{_clock(closes)}" for first, last, (opens, closes) in spans]
        return ", ".join([*each, *([] if self.open_on_holidays else ["not on holidays"])])


@dataclass(frozen=True, eq=False)
class HoursTable:
    """All rows, whatever the day, except those lifted by `consent`, which all recipients have given."""

    rows: tuple[Jurisdiction, ...]

    def on(self, day: date) -> tuple[Jurisdiction, ...]:
        """The rows in force on a day, by the recipient's calendar."""
        return tuple(row for row in self.rows if row.holds_on(day))

    def of(self, place: Place, day: date | None = None) -> tuple[Jurisdiction, ...]:
        """The rows that apply together in a place on a day, or on any day: its country's and its state's.

        A country without a row has those for everywhere else.
        """
        codes = (f"{place.region}-{place.state}", EVERYWHERE)
        country = self._held(place.region, day) or self._held(ELSEWHERE, day)
        return (*country, *(row for code in codes for row in self._held(code, day)))

    def window_on(self, place: Place, day: date) -> Minutes | None:
        """The minutes of a local day at which all its rows are open; None if never."""
        windows = [row.window_on(day) for row in self.of(place, day)]
        if None in windows:
            return None
        opens = max((window[0] for window in windows if window), default=_WHOLE_DAY[0])
        closes = min((window[1] for window in windows if window), default=_WHOLE_DAY[1])
        return (opens, closes) if opens < closes else None

    def caps(self, place: Place, at: datetime) -> tuple[Jurisdiction, ...]:
        """The rows that limit messages on one subject to one person within 24 hours, on that local day."""
        days = {at.astimezone(ZoneInfo(zone)).date() for zone in place.zones} or {at.astimezone(UTC).date()}
        found = (row for day in sorted(days) for row in self.of(place, day) if row.most_in_24_hours is not None)
        return tuple({row.source: row for row in found}.values())

    def most_in_24_hours(self, place: Place, at: datetime) -> int | None:
        """How many messages on one subject a person may get in 24 hours around a time; None without such a rule."""
        return min((row.most_in_24_hours for row in self.caps(place, at) if row.most_in_24_hours), default=None)

    def without(self, consent: Iterable[Consent]) -> HoursTable:
        """The table for recipients who have all given these kinds of consent: without the rows they lift."""
        given = set(consent)
        return HoursTable(tuple(row for row in self.rows if row.consent not in given))

    def _held(self, code: str, day: date | None) -> tuple[Jurisdiction, ...]:
        return tuple(row for row in self._by_code.get(code, ()) if day is None or row.holds_on(day))

    @cached_property
    def _by_code(self) -> dict[str, list[Jurisdiction]]:
        rows: dict[str, list[Jurisdiction]] = {}
        for row in self.rows:
            for code in (row.code, *row.covers):
                rows.setdefault(code, []).append(row)
        return rows


def lifted(consent: Consent) -> str:
    """What to do where a rule would not apply with a consent, in words."""
    given = f'set consent = ["{consent}"] in the policy'
    return f"A rule here does not apply to recipients with {CONSENTS[consent]}: if all of them gave it, {given}."


def load_hours(replaced_by: Path | None = None) -> HoursTable:
    """The rows that come with the package, some codes replaced by a file of the same form.

    Raises SettingsError if that file cannot be read or a row in it is wrong.
    """
    if replaced_by is None:
        return HoursTable(_shipped())
    try:
        text = replaced_by.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SettingsError(f"The hours file {replaced_by} cannot be read ({error.strerror}): name another.") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"The hours file {replaced_by} is not UTF-8 text: save it as UTF-8.") from error
    own = read_rules(text, str(replaced_by), "jurisdiction", Jurisdiction)
    replaced = {row.code for row in own}
    return HoursTable((*(row for row in _shipped() if row.code not in replaced), *own))


@cache
def _shipped() -> tuple[Jurisdiction, ...]:
    text = files("toolkit.texting").joinpath("hours.toml").read_text(encoding="utf-8")
    return read_rules(text, "hours.toml", "jurisdiction", Jurisdiction)


@cache
def _calendar(code: str) -> holidays.HolidayBase:
    import holidays  # takes long to import, and most plans ask for no day's

    country, _, state = code.partition("-")
    return holidays.country_holidays(country, subdiv=state or None)


def _days(first: int, last: int) -> str:
    return DAYS[first].capitalize() + (f"-{DAYS[last].capitalize()}" if last > first else "")


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
