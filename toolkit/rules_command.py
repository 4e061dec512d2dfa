"""`seax rules`: what holds where on a day, where that is said, when it was read and how sure it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from toolkit.errors import SettingsError
from toolkit.settings import Settings

if TYPE_CHECKING:
    from toolkit.plans.policy import SendPolicy
    from toolkit.texting.jurisdictions import Jurisdiction
    from toolkit.texting.notices import Notice
    from toolkit.texting.places import Place
    from toolkit.texting.rule import Rule

_PLACE = re.compile(r"([A-Z]{2})(?:-([A-Z]{2}))?")


def rules(
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day, as 2026-12-01; today unless given.")
    ] = None,
    place: Annotated[str, typer.Option(help="A country or state alone, such as GB or US-OR.")] = "",
    stale: Annotated[
        bool,
        typer.Option(
            "--stale", help="Only what was read more than 180 days before that day; status 1 if there is any."
        ),
    ] = False,
) -> None:
    """Show which rules on texts hold where on a day, with their sources; no legal advice."""
    from toolkit.plans.policy import load_policy
    from toolkit.texting.jurisdictions import load_hours
    from toolkit.texting.notices import load_notices
    from toolkit.texting.rule import STALE

    day = on.date() if on else date.today()
    policy = load_policy(Settings.from_environment().policy_path)
    table = load_hours(policy.hours_file)
    hours: Sequence[Jurisdiction] = table.rows
    notices: Sequence[Notice] = load_notices()
    if place:
        where = _place(place)
        hours = table.of(where)
        notices = [row for row in notices if row.code in {where.region, "*"}]
    rows: list[Rule] = [*hours, *notices]
    if stale:
        rows = [row for row in rows if row.is_stale(day)]
        _print(rows, policy, title=f"Read more than {STALE.days} days before {day}")
        if rows:
            raise typer.Exit(1)
        return
    _print([row for row in rows if row.holds_on(day)], policy, title=f"In force on {day}, where it is received")
    if coming := [row for row in rows if row.since and row.since > day]:
        _print(coming, policy, title=f"Begins after {day}")


def _place(text: str) -> Place:
    from toolkit.texting.places import Place

    found = _PLACE.fullmatch(text.strip().upper())
    if not found:
        raise SettingsError(f"{text!r} is not a place such as GB or US-OR: name a country, or a state of the USA.")
    return Place(found[1], found[2] or "", ())


def _print(rows: Sequence[Rule], policy: SendPolicy, *, title: str) -> None:
    console = Console()
    if not rows:
        console.print(f"{title}: nothing.", highlight=False)
        return
    wide = Column("source", overflow="fold", ratio=3)
    table = Table(Column("where", no_wrap=True), Column("what", ratio=4), "from", "until", wide, "read on", "sure")
    table.title = title
    for row in rows:
        dates = [f"{day or ''}" for day in (row.since, row.until)]
        source = Text("\n".join(filter(None, (row.source, row.url))))
        what = Text("\n".join(filter(None, (_what(row, policy), row.note and f"({row.note})"))))
        table.add_row(row.code, what, *dates, source, f"{row.read_on}", row.confidence)
    console.print(table)


def _what(row: Rule, policy: SendPolicy) -> str:
    """What a rule says, and what lifts it."""
    from toolkit.texting.jurisdictions import CONSENTS, Jurisdiction
    from toolkit.texting.notices import Notice

    if isinstance(row, Notice):
        return f"{row.name}: {row.what}"
    assert isinstance(row, Jurisdiction)
    says = [row.hours]
    if row.most_in_24_hours is not None:
        says.append(f"at most {row.most_in_24_hours:,} messages to one person on one subject in 24 hours")
    if row.consent is not None:
        given = ", which the policy says all have given" if row.consent in policy.consent else ""
        says.append(f"not with {CONSENTS[row.consent]}{given}")
    return "; ".join(filter(None, says))
