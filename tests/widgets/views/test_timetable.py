"""A timetable says why a zone is sent to at several times."""

from __future__ import annotations

from datetime import timedelta

from tests.builders import START
from toolkit.plans.plan_step import PlanStep
from toolkit.widgets.views.timetable import timetable

CHICAGO, DENVER, PARIS = "America/Chicago", "America/Denver", "Europe/Paris"


def step(number: int, hours: int | None, zones: dict[str, int], *, is_canary: bool = False) -> PlanStep:
    start = None if hours is None else START + timedelta(hours=hours)
    people = sum(zones.values())
    return PlanStep(
        number=number, what="Sale", recipients=people, digest="", start_at=start, zones=zones, is_canary=is_canary
    )


def test_zones_whose_states_have_other_hours_are_named_with_the_reason_the_most_people_first() -> None:
    shown = timetable([step(1, 1, {CHICAGO: 97, PARIS: 5, DENVER: 3}), step(2, 2, {CHICAGO: 174, DENVER: 36, "": 2})])

    assert "Chicago, Denver have several times: the hours in which texts are allowed differ by state." in shown
    assert "Paris have" not in shown
    one = timetable([step(1, 1, {CHICAGO: 97}), step(2, 2, {CHICAGO: 174})])
    assert "Chicago has several times" in one


def test_without_several_times_there_is_no_reason_also_for_arms_and_what_is_sent_first() -> None:
    arms = timetable([step(1, 1, {CHICAGO: 9}), step(2, 1, {CHICAGO: 9}), step(3, 2, {DENVER: 1})])
    first = timetable([step(1, 1, {CHICAGO: 9}, is_canary=True), step(2, 2, {CHICAGO: 90})])
    unknown = timetable([step(1, 1, {"": 9}), step(2, 2, {"": 90})])

    assert not [shown for shown in (arms, first, unknown) if "several times" in shown]
    assert timetable([step(1, None, {CHICAGO: 9})]) == ""
