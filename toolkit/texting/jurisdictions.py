"""Whose rules say when texts may arrive: `hours.toml`, dated and sourced, and a file that replaces some of them.

Engineering input, not legal advice: where sources differ the strictest is taken, and each rule says how sure it is.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import holidays
from pydantic import ValidationError, field_validator, model_validator

from toolkit.errors import SettingsError
from toolkit.mistakes import in_words, place_in
from toolkit.models import Frozen
from toolkit.texting.places import Place

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ELSEWHERE = "*"  # the code of the rule for countries without one
EVERYWHERE = "everywhere"  # the code of a rule that holds together with all others, such as a brand's own hours
_WINDOW = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]|24(?=:00)):([0-5]\d)", re.ASCII)


class Jurisdiction(Frozen):
    """The rule of a country (`US`) or of one of its states (`US-FL`).

    `windows` has a place a day, Monday first: the minutes of the local day at which it opens and closes, None if it
    stays closed. `most_in_24_hours` counts messages to one person on one subject. `covers` are regions with the same
    rule; `as_of` is the month in which `source` was read.
    """

    code: str
    covers: tuple[str, ...] = ()
    windows: tuple[tuple[int, int] | None, ...]
    open_on_holidays: bool
    most_in_24_hours: int | None = None
    basis: Literal["law", "practice"]
    applies_to: str
    source: str
    as_of: str
    confidence: Literal["high", "medium", "low"]
    note: str = ""

    @field_validator("windows", mode="before")
    @classmethod
    def _week(cls, windows: Mapping[str, str]) -> tuple[tuple[int, int] | None, ...]:
        """`{"mon-sat": "08:00-20:00"}` as seven places."""
        week: list[tuple[int, int] | None] = [None] * len(DAYS)
        for days, window in windows.items():
            first, _, last = days.partition("-")
            found = _WINDOW.fullmatch(window)
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

    def window_on(self, day: date) -> tuple[int, int] | None:
        """The minutes of that local day at which it opens and closes; None if it stays closed."""
        if not self.open_on_holidays and day in _calendar(self.code):
            return None
        return self.windows[day.weekday()]


@dataclass(frozen=True)
class HoursTable:
    """The rules in force, by code."""

    rules: Mapping[str, Jurisdiction]

    def of(self, place: Place) -> tuple[Jurisdiction, ...]:
        """The rules that hold together in a place: the country's and the state's, or that for everywhere else."""
        by_region = {region: rule for rule in self.rules.values() for region in (rule.code, *rule.covers)}
        country = by_region.get(place.region, self.rules[ELSEWHERE])
        found = (country, self.rules.get(f"{place.region}-{place.state}"), self.rules.get(EVERYWHERE))
        return tuple(rule for rule in found if rule)

    def most_in_24_hours(self, place: Place) -> int | None:
        """How many messages on one subject a person may have in 24 hours; None without such a rule."""
        caps = [rule.most_in_24_hours for rule in self.of(place) if rule.most_in_24_hours is not None]
        return min(caps, default=None)


def load_hours(replaced_by: Path | None = None) -> HoursTable:
    """The rules that come with the package, some of them replaced by a file of the same form.

    Raises SettingsError if that file cannot be read or a rule in it is not whole.
    """
    if replaced_by is None:
        return HoursTable(_shipped())
    try:
        own = replaced_by.read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"The hours file {replaced_by} cannot be read ({error.strerror}): name another.") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"The hours file {replaced_by} is not UTF-8 text: save it as UTF-8.") from error
    return HoursTable(_shipped() | _read(own, str(replaced_by)))


@cache
def _shipped() -> dict[str, Jurisdiction]:
    return _read(files("toolkit.texting").joinpath("hours.toml").read_text(encoding="utf-8"), "hours.toml")


def _read(text: str, name: str) -> dict[str, Jurisdiction]:
    try:
        tables: dict[str, Any] = tomllib.loads(text)
        rules = [Jurisdiction.model_validate(rule) for rule in tables["jurisdiction"]]
    except ValidationError as error:
        wrong = in_words(error, Jurisdiction.model_fields, of="the rule")
        raise SettingsError(f"A rule in {name} is not whole: {wrong}") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{name} is not whole ({place_in(error)}): see hours.toml for the form.") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise SettingsError(f"{name} holds no [[jurisdiction]] tables: see hours.toml for the form.") from error
    return {rule.code: rule for rule in rules}


@cache
def _calendar(code: str) -> holidays.HolidayBase:
    country, _, state = code.partition("-")
    return holidays.country_holidays(country, subdiv=state or None)
