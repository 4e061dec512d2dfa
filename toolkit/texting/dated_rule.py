"""The fields that every row of a rules table has: whose rule it is, when it applies, and its source."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Literal, Self, TypeVar

from pydantic import ConfigDict, Field, ValidationError, model_validator

from toolkit.errors import SettingsError
from toolkit.invalid_values import in_words, place_in
from toolkit.models import Frozen

STALE = timedelta(days=180)  # after which a source should be checked again


class DatedRule(Frozen):
    """One row: `code` is a country (`US`) or one of its states (`US-FL`).

    `since` (`from` in the file) is the first day it applies and `until` the first day it no longer does, by the
    recipient's calendar; None without that bound. `source` was read on `read_on`, at `url`.
    """

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    code: str
    since: date | None = Field(default=None, alias="from")
    until: date | None = None
    source: str
    url: str = ""
    read_on: date
    confidence: Literal["high", "medium", "low"]
    note: str = ""

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.since and self.until and self.until <= self.since:
            raise ValueError(f"until {self.until} is not after from {self.since}")
        return self

    def holds_on(self, day: date) -> bool:
        """It is in force on that day, by the recipient's calendar."""
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)

    def is_stale(self, day: date) -> bool:
        """Its source was last read more than 180 days before that day."""
        return day - self.read_on > STALE


Row = TypeVar("Row", bound=DatedRule)


def read_rules(text: str, name: str, table: str, model: type[Row]) -> tuple[Row, ...]:
    """The rows of `[[table]]` in a TOML text; SettingsError names the row of the file `name` that is wrong, and why."""
    see = f"see toolkit/texting/{'hours' if table == 'jurisdiction' else 'notices'}.toml for the form"
    try:
        rows = tomllib.loads(text).get(table)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{name} is not valid TOML ({place_in(error)}): {see}.") from error
    if not rows or not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise SettingsError(f"{name} has no [[{table}]] tables: {see}.")
    return tuple(_row(row, at, name, model, see) for at, row in enumerate(rows, 1))


def _row(row: Mapping[str, Any], at: int, name: str, model: type[Row], see: str) -> Row:
    try:
        return model.model_validate(row)
    except ValidationError as error:
        known = [field.alias or name for name, field in model.model_fields.items()]
        raise SettingsError(
            f"Row {at} of {name} (code {row.get('code', 'missing')}) is wrong: {in_words(error, known, of='the row')} "
            f"{see.capitalize()}."
        ) from error
