"""Findings on when a text would arrive: at hours that are allowed wherever its readers may be, to the last of them.

On the embedded workspace nobody is woken, so closed hours warn there, by the workspace's own clock; on a live one they
block. For a single message they warn too: hours bind solicitations, and it may be an answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa

from toolkit.sections import n_recipients, plain
from toolkit.sending.catalogue import finding
from toolkit.sending.draft import CampaignDraft
from toolkit.sending.finding import Finding, Severity
from toolkit.sending.preflight.outgoing import Outgoing
from toolkit.texting.hours import HORIZON, HoursCheck, PlaceHours, check_hours
from toolkit.texting.jurisdictions import Jurisdiction

_SHOWN = 6


def check(out: Outgoing) -> Iterator[Finding]:
    """Findings on the time of sending."""
    yield from _unread(out)
    if isinstance(out.draft, CampaignDraft) and (problem := _unschedulable(out.draft, out.now)):
        yield finding("TIM002", problem, "Set start_at and end_at anew, or leave both out.")
        return
    held = check_hours(out.places, start=out.start, end=out.end, table=out.policy.hours)
    resting = {hours: rules for hours in held.closed if (rules := _closed_days(hours, out.start, out.end))}
    asleep = [hours for hours in held.closed if hours not in resting]
    weight: Severity = "block" if out.live and out.is_to_many else "warn"
    if asleep:
        broken = [rule for hours in asleep for rule in hours.rules]
        yield _closed(out, held, "TIM001", asleep, broken, weight, "outside of the hours allowed where they are")
    by_law = [hours for hours, rules in resting.items() if any(rule.basis == "law" for rule in rules)]
    by_custom = [hours for hours in resting if hours not in by_law]
    for those, severity in ((by_law, weight), (by_custom, "warn")):
        if those:
            broken = [rule for hours in those for rule in resting[hours]]
            what = "on a Sunday or public holiday on which no texts are allowed where they are"
            yield _closed(out, held, "TIM004", those, broken, severity, what)
    yield from _wide(out, held)


def _unschedulable(draft: CampaignDraft, now: datetime) -> str | None:
    if draft.start_at is None:
        return None if draft.end_at is None else "An end but no start."
    if draft.start_at <= now:
        return f"The start {draft.start_at.isoformat()} is in the past."
    if draft.start_at > now + HORIZON:
        return "The start is more than 7 days ahead, further than SeaX schedules."
    if draft.end_at is not None and draft.end_at <= draft.start_at:
        return "The end is not after the start."
    return None


def _closed(
    out: Outgoing,
    held: HoursCheck,
    code: str,
    closed: Sequence[PlaceHours],
    rules: Iterable[Jurisdiction],
    severity: Severity,
    what: str,
) -> Finding:
    people = sum(hours.place.people for hours in closed)
    sources = dict.fromkeys(f"{rule.code}: {rule.source}" for rule in rules)
    return finding(
        code,
        f"{n_recipients(people)} would be texted {what}, between {out.start:%Y-%m-%d %H:%M} "
        f"UTC and the projected end at {out.end:%H:%M}{_days(out)}.",
        _fix(out, held),
        severity=severity,
        evidence=[*_places(out, closed), *_batches(held)],
        contacts=people,
        contact_ids=out.ids(out.in_places(hours.place for hours in closed)),
        source="; ".join(list(sources)[:4]) + ("; and others" if len(sources) > 4 else ""),
    )


def _fix(out: Outgoing, held: HoursCheck) -> str:
    if held.next_start:
        together = f"Start at {held.next_start:%Y-%m-%dT%H:%M}+00:00, when all of them may be texted to the end"
    else:
        together = f"There is no time within {HORIZON.days} days at which all of them may be texted to the end"
    if len(held.batches) > 1:
        return f"{together}; by_zone=True starts it where it is day, step by step."
    if out.duration > timedelta(hours=6):
        return f"{together}; at {out.policy.messages_per_second:g} parts a second it takes {_hours(out.duration)}."
    return f"{together}."


def _places(out: Outgoing, closed: Sequence[PlaceHours]) -> list[str]:
    lines = []
    for hours in closed[:_SHOWN]:
        opens = next((window.opens for window in hours.windows if window.opens >= out.start), None)
        when = f"opens {opens:%a %H:%M} UTC" if opens else "is never open"
        lines.append(f"{hours.place.people:,} in {hours.place}: {when}")
    if len(closed) > _SHOWN:
        lines.append(f"and more, in all {len(closed):,} places")
    return lines


def _batches(held: HoursCheck) -> list[str]:
    if len(held.batches) < 2:
        return []
    times = [f"{batch.people:,} from {batch.start:%a %H:%M} UTC" for batch in held.batches[:_SHOWN]]
    left = sum(place.people for place in held.never)
    return [f"zone by zone: {', '.join(times)}" + (f"; {left:,} never" if left else "")]


def _closed_days(hours: PlaceHours, start: datetime, end: datetime) -> tuple[Jurisdiction, ...]:
    """The rules that are closed there for a whole day between the start and the end, by the clocks of the place."""
    zones = [hours.guessed_zone] if hours.guessed_zone else hours.place.zones
    days = {
        (start + timedelta(days=days)).astimezone(ZoneInfo(zone)).date()
        for zone in zones
        for days in range(min((end - start).days, HORIZON.days) + 1)
    } | {end.astimezone(ZoneInfo(zone)).date() for zone in zones}
    return tuple(rule for rule in hours.rules if any(rule.window_on(day) is None for day in days))


def _wide(out: Outgoing, held: HoursCheck) -> Iterator[Finding]:
    several = [place for place in out.places if len(place.zones) > 1]
    if several:
        people = sum(place.people for place in several)
        yield finding(
            "TIM003",
            f"{n_recipients(people, 'has', 'have')} numbers that may be in several time zones; all of these count.",
            "Keep a contact field timezone to narrow it.",
            evidence=[f"{place.people:,} in {place}" for place in several[:_SHOWN]],
            contacts=people,
            contact_ids=out.ids(out.in_places(several)),
        )
    if held.guessed:
        places = [hours.place for hours in held.guessed]
        people = sum(place.people for place in places)
        yield finding(
            "TIM003",
            f"The time zones where {n_recipients(people)} may be are never open together, so the main one of their "
            "country stands for all.",
            "Keep a contact field timezone, or leave them out.",
            severity="warn",
            evidence=[f"{hours.place}: {hours.guessed_zone}" for hours in held.guessed[:_SHOWN]],
            contacts=people,
            contact_ids=out.ids(out.in_places(places)),
        )


def _unread(out: Outgoing) -> Iterator[Finding]:
    unread = out.located["unread"].to_numpy(dtype=bool)
    if unread.any():
        values = [
            f"{name}: {value}"
            for name, column in out.said.items()
            for value in column.filter(pa.array(unread)).to_pylist()
            if value and value.strip()
        ]
        yield finding(
            "TIM006",
            f"{n_recipients(unread.sum(), 'has', 'have')} a time zone or state in their fields that cannot be read, so "
            "that the hours of their number count.",
            "Write time zones as America/New_York or UTC-5, and states as TX.",
            evidence=[f"{count:,} × {plain(value)[:60]}" for value, count in Counter(values).most_common(_SHOWN)],
            contacts=int(unread.sum()),
            contact_ids=out.ids(unread),
        )


def _days(out: Outgoing) -> str:
    days = (out.end.date() - out.start.date()).days
    return "" if not days else f", {days} day{'s' if days > 1 else ''} later"


def _hours(length: timedelta) -> str:
    return f"{length / timedelta(hours=1):,.1f} hours"
