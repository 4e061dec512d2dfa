"""Findings on when a text would arrive: within allowed hours wherever its recipients may be, to the last of them.

On the embedded workspace nobody is woken, so quiet hours only warn there, by the workspace's own clock; on a live one
they block, unless all their sources are of low confidence. For a single message they warn too: hours bind
solicitations, and it may be an answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyarrow as pa

from toolkit.display import n_recipients, plain, when
from toolkit.planning.preflight.check_input import Departure, Outgoing, ids
from toolkit.plans.draft import CampaignDraft
from toolkit.plans.finding import Finding, Severity
from toolkit.plans.finding_catalogue import finding
from toolkit.texting.quiet_hours import HORIZON, HoursCheck, PlaceHours, check_hours, hours_of
from toolkit.texting.quiet_hours_rules import Jurisdiction, lifted

_SHOWN = 6
_SOURCES = 6
_DAY_AND_TIME = "%a %H:%M"


def check(out: Outgoing) -> Iterator[Finding]:
    """Findings on the time of sending, of each departure by itself."""
    yield from _gone_by(out)
    yield from _unread(out)
    if isinstance(out.draft, CampaignDraft) and (problem := _unschedulable(out.draft, out.now)):
        yield finding("TIM002", problem, "Set other times for start_at and end_at, or remove both.")
        return
    yield from _cut_short(out)
    for leaving in out.departures:
        held = check_hours(leaving.where.places, start=leaving.start, end=leaving.end, table=out.policy.hours)
        found: dict[tuple[str, Severity], list[_Closed]] = {}
        for hours in held.closed:
            for code, each in _judged(out, leaving, hours):
                found.setdefault((code, each.severity), []).append(each)
        for (code, severity), closed in sorted(found.items()):
            yield _closed(out, leaving, held, code, severity, closed)
    yield from _wide(out)


def _gone_by(out: Outgoing) -> Iterator[Finding]:
    """A finding if the start of a batch has passed."""
    own = [at for at, _ in out.starts.others]
    past = [at for at in own if at <= out.now]
    if past:
        yield finding(
            "TIM002",
            f"{len(past):,} of {len(own):,} steps were to start by {when(max(past))}, and have not.",
            "Plan the draft again: it gets new starts.",
        )


@dataclass(frozen=True)
class _Closed:
    """A place where the send would break some rules, and the severity."""

    hours: PlaceHours
    rules: tuple[Jurisdiction, ...]
    severity: Severity


def _judged(out: Outgoing, leaving: Departure, hours: PlaceHours) -> Iterator[tuple[str, _Closed]]:
    """By code, what is broken in a place: closed days, and hours, unless the day alone is as severe."""
    most: Severity = "block" if out.live and out.is_to_many else "warn"
    broken = hours.broken(leaving.start, leaving.end) or hours.rules
    closed_days = hours.closed_on(leaving.start, leaving.end)
    resting = tuple(rule for rule in broken if rule in closed_days)
    asleep = tuple(rule for rule in broken if rule not in closed_days)
    rests: Severity = most if any(rule.is_sure and rule.basis == "law" for rule in resting) else "warn"
    wakes: Severity = most if any(rule.is_sure for rule in asleep) else "warn"
    if resting:
        yield "TIM004", _Closed(hours, resting, rests)
    if asleep and (not resting or (wakes == "block" and rests == "warn")):
        yield "TIM001", _Closed(hours, asleep, wakes)


_WHAT = {
    "TIM001": "outside of the hours allowed where they are",
    "TIM004": "on a Sunday or public holiday on which no texts are allowed where they are",
}


def _cut_short(out: Outgoing) -> Iterator[Finding]:
    """A finding if the draft ends before the last message would be sent."""
    end = out.draft.end_at if isinstance(out.draft, CampaignDraft) else None
    if end is not None and end < out.projected_end:
        yield finding(
            "TIM005",
            f"The campaign ends at {when(end)}, and at {out.reading.parts_per_second:g} parts per second the last "
            f"message would be sent at {when(out.projected_end)}: some would not be sent.",
            "Set a later end_at or remove it, send to fewer, or correct messages_per_second in the policy.",
            contacts=len(out.audience),
        )


def _unschedulable(draft: CampaignDraft, now: datetime) -> str | None:
    if draft.start_at is None:
        return None if draft.end_at is None else "It has an end but no start."
    if draft.start_at <= now:
        return f"The start {when(draft.start_at)} is in the past."
    if draft.start_at > now + HORIZON:
        return "The start is more than 7 days ahead, further than SeaX schedules."
    if draft.end_at is not None and draft.end_at <= draft.start_at:
        return "The end is not after the start."
    return None


def _closed(
    out: Outgoing, leaving: Departure, held: HoursCheck, code: str, severity: Severity, closed: Sequence[_Closed]
) -> Finding:
    places = [each.hours for each in closed]
    people = sum(hours.place.people for hours in places)
    rules = dict.fromkeys(rule for each in closed for rule in each.rules)
    sources = list(dict.fromkeys(f"{rule.code}: {rule.source}" for rule in rules))
    consents = sorted({rule.consent for rule in rules if rule.consent})
    return finding(
        code,
        f"{n_recipients(people)} would be texted {_WHAT[code]}, between {when(leaving.start)} and the projected end at "
        f"{when(leaving.end)}.{_doubt(rules)}",
        " ".join([_fix(out, held), *map(lifted, consents)]),
        severity=severity,
        evidence=[*_places(leaving, places), *_batches(held)],
        contacts=people,
        contact_ids=ids(leaving.where, leaving.where.in_places(hours.place for hours in places)),
        source="; ".join(sources[:_SOURCES]) + (f"; {len(sources) - _SOURCES} more" if len(sources) > _SOURCES else ""),
        as_of=min(rule.read_on for rule in rules),
    )


def _doubt(rules: Collection[Jurisdiction]) -> str:
    """What is uncertain about the rules, if they all are."""
    if any(rule.is_sure for rule in rules):
        return ""
    notes = dict.fromkeys(f"{rule.code}: {rule.note}" for rule in rules if rule.note)
    return f" It may not be forbidden ({'; '.join(notes)})." if notes else " It may not be forbidden."


def _fix(out: Outgoing, held: HoursCheck) -> str:
    if held.next_start:
        there = when(held.next_start).partition(" UTC")[2]
        together = f"Start at {held.next_start:%Y-%m-%dT%H:%M}+00:00{there}, when all of them may be texted to the end"
    else:
        together = f"There is no time within {HORIZON.days} days at which all of them may be texted to the end"
    if len(held.batches) > 1:
        return f"{together}; by_zone=True starts it in local daytime, step by step."
    if out.duration > timedelta(hours=6):
        return f"{together}; at {out.reading.parts_per_second:g} parts per second it takes {_hours(out.duration)}."
    return f"{together}."


def _places(leaving: Departure, closed: Sequence[PlaceHours]) -> list[str]:
    lines = []
    for hours in closed[:_SHOWN]:
        opens = next((window.opens for window in hours.windows if window.opens >= leaving.start), None)
        then = f"opens {when(opens, _DAY_AND_TIME)}" if opens else "is never open"
        lines.append(f"{hours.place.people:,} in {hours.place}: {then}")
    if len(closed) > _SHOWN:
        lines.append(f"and more, {len(closed):,} places in total")
    return lines


def _batches(held: HoursCheck) -> list[str]:
    if len(held.batches) < 2:
        return []
    times = [f"{batch.people:,} from {when(batch.start, _DAY_AND_TIME)}" for batch in held.batches[:_SHOWN]]
    left = sum(place.people for place in held.never)
    return [f"zone by zone: {', '.join(times)}" + (f"; {left:,} never" if left else "")]


def _wide(out: Outgoing) -> Iterator[Finding]:
    several = [place for place in out.where.places if len(place.zones) > 1]
    if several:
        people = sum(place.people for place in several)
        yield finding(
            "TIM003",
            f"{n_recipients(people, 'has', 'have')} numbers that may be in several time zones; all of these count.",
            "Add a contact field timezone to narrow it down.",
            evidence=[f"{place.people:,} in {place}" for place in several[:_SHOWN]],
            contacts=people,
            contact_ids=out.ids(out.where.in_places(several)),
        )
    every = [hours_of(place, out.start, out.policy.hours) for place in out.where.places]
    if guessed := [hours for hours in every if hours.guessed_zone]:
        places = [hours.place for hours in guessed]
        people = sum(place.people for place in places)
        yield finding(
            "TIM003",
            f"The time zones where {n_recipients(people)} may be are never open together, so the main one of their "
            "country is used for all.",
            "Add a contact field timezone, or exclude them.",
            severity="warn",
            evidence=[f"{hours.place}: {hours.guessed_zone}" for hours in guessed[:_SHOWN]],
            contacts=people,
            contact_ids=out.ids(out.where.in_places(places)),
        )


def _unread(out: Outgoing) -> Iterator[Finding]:
    unread = out.where.located["unread"].to_numpy(dtype=bool)
    if unread.any():
        values = [
            f"{name}: {value}"
            for name, column in out.where.said.items()
            for value in column.filter(pa.array(unread)).to_pylist()
            if value and value.strip()
        ]
        yield finding(
            "TIM006",
            f"{n_recipients(unread.sum(), 'has', 'have')} a time zone or state in their fields that cannot be read, so "
            "the hours of their number are used.",
            "Write time zones as America/New_York or UTC-5, and states as TX.",
            evidence=[f"{count:,} × {plain(value)[:60]}" for value, count in Counter(values).most_common(_SHOWN)],
            contacts=int(unread.sum()),
            contact_ids=out.ids(unread),
        )


def _hours(length: timedelta) -> str:
    return f"{length / timedelta(hours=1):,.1f} hours"
