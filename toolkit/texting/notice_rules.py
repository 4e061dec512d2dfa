"""Rules other than those on hours, such as what an opt-out covers or how a sender's name is shown: `notices.toml`."""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib.resources import files

from toolkit.texting.dated_rule import DatedRule, read_rules


class Notice(DatedRule):
    """A rule in words; `name` is its topic."""

    name: str
    what: str


@cache
def load_notices() -> tuple[Notice, ...]:
    """The notices that come with the package."""
    text = files("toolkit.texting").joinpath("notices.toml").read_text(encoding="utf-8")
    return read_rules(text, "notices.toml", "notice", Notice)


def notices(name: str, *, on: date | None = None) -> tuple[Notice, ...]:
    """Those with a name, on any day or in force on one."""
    return tuple(row for row in load_notices() if row.name == name and (on is None or row.holds_on(on)))
