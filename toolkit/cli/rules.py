"""`seax rules`: which rules apply where on a day, with their sources, when each was read and how sure it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.cli.terminal import AsJson, console, say_json, settings
from toolkit.errors import SettingsError

if TYPE_CHECKING:
    from toolkit.plans.policy import SendPolicy
    from toolkit.texting.dated_rule import DatedRule
    from toolkit.texting.notice_rules import Notice
    from toolkit.texting.places import Place
    from toolkit.texting.quiet_hours_rules import Jurisdiction

_PLACE = re.compile(r"([A-Z]{2})(?:-([A-Z]{2}))?")


def rules(
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day, as 2026-12-01; today unless given.")
    ] = None,
    place: Annotated[str, typer.Option(help="A country or state alone, such as GB or US-OR.")] = "",
    stale: Annotated[
        bool,
        typer.Option(
            "--stale", help="Only rules last read more than 180 days before that day; exits with 1 if there are any."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show which rules on texts are in force where, on a day. Each has its source; this is not legal advice."""
    from toolkit.plans.policy import load_policy
    from toolkit.texting.dated_rule import STALE
    from toolkit.texting.notice_rules import load_notices
    from toolkit.texting.quiet_hours_rules import load_hours

    day = on.date() if on else date.today()
    policy = load_policy(settings().policy_path)
    table = load_hours(policy.hours_file)
    hours: Sequence[Jurisdiction] = table.rows
    notices: Sequence[Notice] = load_notices()
    if place:
        where = _place(place)
        hours = table.of(where)
        notices = [row for row in notices if row.code in {where.region, "*"}]
    rows: list[DatedRule] = [*hours, *notices]
    if stale:
        groups = {f"Last read more than {STALE.days} days before {day}": [row for row in rows if row.is_stale(day)]}
    else:
        groups = {
            f"In force on {day}, local date of the recipient": [row for row in rows if row.holds_on(day)],
            f"Begins after {day}": [row for row in rows if row.since and row.since > day],
        }
    if as_json:
        say_json([_as_json(row, policy, day) for found in groups.values() for row in found])
    else:
        for at, (title, found) in enumerate(groups.items()):
            if found or at == 0:
                _print(found, policy, title=title)
    if stale and any(groups.values()):
        raise typer.Exit(1)


def _place(text: str) -> Place:
    from toolkit.texting.places import Place

    found = _PLACE.fullmatch(text.strip().upper())
    if not found:
        raise SettingsError(f"{text!r} is not a place: give a country or a state of the USA, such as GB or US-OR.")
    return Place(found[1], found[2] or "", ())


def _print(rows: Sequence[DatedRule], policy: SendPolicy, *, title: str) -> None:
    if not rows:
        console.print(f"{title}: nothing.", highlight=False)
        return
    from rich.table import Column, Table
    from rich.text import Text

    wide = Column("source", overflow="fold", ratio=3)
    table = Table(Column("where", no_wrap=True), Column("what", ratio=4), "from", "until", wide, "read on", "sure")
    table.title = title
    for row in rows:
        dates = [f"{day or ''}" for day in (row.since, row.until)]
        source = Text("\n".join(filter(None, (row.source, row.url))))
        what = Text("\n".join(filter(None, (_what(row, policy), row.note and f"({row.note})"))))
        table.add_row(row.code, what, *dates, source, f"{row.read_on}", row.confidence)
    console.print(table)


def _as_json(row: DatedRule, policy: SendPolicy, day: date) -> dict[str, object]:
    return {
        "code": row.code,
        "what": _what(row, policy),
        "in_force": row.holds_on(day),
        "from": row.since and row.since.isoformat(),
        "until": row.until and row.until.isoformat(),
        "source": row.source,
        "url": row.url,
        "read_on": row.read_on.isoformat(),
        "confidence": row.confidence,
        "note": row.note,
    }


def _what(row: DatedRule, policy: SendPolicy) -> str:
    """What a rule requires, and what lifts it."""
    from toolkit.texting.notice_rules import Notice
    from toolkit.texting.quiet_hours_rules import CONSENTS, Jurisdiction

    if isinstance(row, Notice):
        return f"{row.name}: {row.what}"
    assert isinstance(row, Jurisdiction)
    says = [row.hours]
    if row.most_in_24_hours is not None:
        says.append(f"at most {row.most_in_24_hours:,} messages to one person on one subject in 24 hours")
    if row.consent is not None:
        given = ", given by all recipients (policy)" if row.consent in policy.consent else ""
        says.append(f"does not apply with {CONSENTS[row.consent]}{given}")
    return "; ".join(filter(None, says))
