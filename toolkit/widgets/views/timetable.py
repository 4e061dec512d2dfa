"""When a plan's messages are sent: how many, at what time on whose clock, as HTML."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from toolkit.plans.plan_step import PlanStep
from toolkit.widgets.views.markup import escaped

_SHOWN = 12  # clocks of a step
_CITIES = 3


def timetable(steps: Sequence[PlanStep]) -> str:
    """A row for each time on a clock, with its people, its zones and UTC, in the order of sending; it sums to all.
    Below it stands why zones have several times.

    Steps that start at the same time, as those of arms do, share their rows. Empty for steps that start at once.
    """
    together: dict[datetime, list[PlanStep]] = {}
    for step in steps:
        if step.start_at:
            together.setdefault(step.start_at, []).append(step)
    rows = [row for start in sorted(together) for row in _rows(together[start], start)]
    if not rows:
        return ""
    titles = "".join(f'<th scope="col"{kind}>{title}</th>' for title, kind in _TITLES)
    lines = "".join(
        f'<tr><td>{escaped(where)}</td><td class="n">{people:,}</td><td>{clock}</td><td>{utc}</td></tr>'
        for where, people, clock, utc in rows
    )
    whole = sum(step.recipients for step in steps)
    said = "1 step" if len(steps) == 1 else f"{len(steps):,} steps, one plan"
    return (
        '<div class="seax-scroll" tabindex="0" role="region" aria-label="Timetable"><table class="seax-table">'
        f"<thead><tr>{titles}</tr></thead><tbody>{lines}</tbody>"
        f'<tfoot><tr><td>{said}</td><td class="n">{whole:,}</td><td></td><td></td></tr></tfoot></table></div>'
        + _why_twice(steps)
    )


def starts(steps: Sequence[PlanStep]) -> str:
    """When it starts, in words, for the card."""
    times = [step.start_at for step in steps if step.start_at]
    if not times:
        return "at once"
    first, last = min(times).astimezone(UTC), max(times).astimezone(UTC)
    if first == last:
        return f"{first:%a %d %b, %H:%M} UTC"
    return f"{first:%a %d %b, %H:%M} to {last:%a %d %b, %H:%M} UTC, in {len(steps):,} steps"


_TITLES = (("Where", ""), ("People", ' class="n"'), ("Their clock", ""), ("UTC", ""))


def _rows(steps: Sequence[PlanStep], start: datetime) -> Iterator[tuple[str, int, str, str]]:
    """One row for each time that the clocks of these steps' people show."""
    utc = f"{start.astimezone(UTC):%a %d %b %H:%M}"
    by_clock: dict[str, Counter[str]] = {}
    for zones, people in [each for step in steps for each in step.zones.items()]:
        clocks = dict.fromkeys(f"{start.astimezone(ZoneInfo(zone)):%a %H:%M}" for zone in zones.split())
        by_clock.setdefault(" or ".join([*clocks][:2]) or "not known", Counter())[zones] += people
    for step in steps:
        if not step.zones:
            yield step.what, step.recipients, "", utc
    found = sorted(by_clock.items(), key=lambda each: -each[1].total())
    for clock, where in found[:_SHOWN]:
        yield _cities(where), where.total(), clock, utc
    if rest := found[_SHOWN:]:
        yield f"{len(rest):,} more clocks", sum(where.total() for _, where in rest), "", utc


def _why_twice(steps: Sequence[PlanStep]) -> str:
    """Why zones are sent to at several times, what a few get first set aside; empty if none is."""
    times: dict[str, set[datetime | None]] = {}
    people = Counter[str]()
    for step in steps:
        for zones, count in () if step.is_canary else step.zones.items():
            times.setdefault(zones, set()).add(step.start_at)
            people[zones] += count
    several = Counter({zones: people[zones] for zones, starts in times.items() if zones and len(starts) > 1})
    if not several:
        return ""
    have = "has" if len(several) == 1 else "have"
    words = f"{_cities(several)} {have} several times: the hours in which texts are allowed differ by state."
    return f'<p class="seax-quiet seax-small">{escaped(words)}</p>'


def _cities(zones: Counter[str]) -> str:
    """The places of some zones, the most people first."""
    names = [" or ".join([zone.rpartition("/")[2].replace("_", " ") for zone in each.split()][:2]) for each, _ in
             zones.most_common()]  # fmt: skip
    named = [name or "no known time zone" for name in names]
    more = f" and {len(named) - _CITIES} more" if len(named) > _CITIES else ""
    return ", ".join(named[:_CITIES]) + more
