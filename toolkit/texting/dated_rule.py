"""What every row of a table of rules says: whose rule it is, from when until when it holds, and how that is known."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Literal, Self, TypeVar

from pydantic import ConfigDict, Field, ValidationError, model_validator

from toolkit.errors import SettingsError
from toolkit.invalid_values import in_words, place_in
from toolkit.models import Frozen

STALE = timedelta(days=180)  # after which a source should be read again


class Rule(Frozen):
    """One row: `code` is a country (`US`) or one of its states (`US-FL`).

    `since` (`from` in the file) is the first day on which it holds and `until` the first on which it no longer does, by
    the calendar of whoever receives; None without that bound. `source` was read on `read_on`, at `url`.
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
        """It is in force on that day, by the calendar of whoever receives."""
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)

    def is_stale(self, day: date) -> bool:
        """Its source was read more than 180 days before that day."""
        return day - self.read_on > STALE


Row = TypeVar("Row", bound=Rule)


def read_rules(text: str, name: str, table: str, model: type[Row]) -> tuple[Row, ...]:
    """The rows of `[[table]]` in a TOML text; SettingsError says which row of the file `name` is wrong, and how."""
    see = f"see toolkit/texting/{'hours' if table == 'jurisdiction' else 'notices'}.toml for the form"
    try:
        rows = tomllib.loads(text).get(table)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{name} is not whole ({place_in(error)}): {see}.") from error
    if not rows or not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise SettingsError(f"{name} holds no [[{table}]] tables: {see}.")
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
