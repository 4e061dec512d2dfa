"""Findings name the law of the places they found, weigh as much as it is sure, and say times that are true."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.builders import START, campaign_draft
from tests.planning.preflight.cases import NOBODYS, Draft, had, people, person
from toolkit.display import when
from toolkit.plans.finding import Finding
from toolkit.workspace import Workspace

WEDNESDAY, SUNDAY = datetime(2026, 12, 2, tzinfo=UTC), datetime(2026, 12, 6, tzinfo=UTC)


@pytest.fixture
def in_new_york(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def in_state(*states: str, **changes: object) -> Draft:
    """Somebody in each state, on a live workspace."""
    there = [
        person(f"p{at}", phone=f"{NOBODYS[:-2]}{at:02}", fields=f'{{"state": "{state}"}}')
        for at, state in enumerate(states)
    ]
    return people(*there, live=True, **changes)


def of(draft: Draft, code: str) -> list[Finding]:
    return [found for found in draft.findings() if found.code == code]


def test_an_evening_in_oregon_is_blocked_by_oregons_act_alone() -> None:
    def evening(now: datetime) -> list[Finding]:
        fields = '{"state": "OR", "timezone": "America/Los_Angeles"}'
        return of(people(person(phone=NOBODYS, fields=fields), live=True, now=now), "TIM001")

    (found,) = evening(WEDNESDAY + timedelta(hours=4, minutes=30))  # 20:30 there

    assert found.severity == "block"
    assert found.source == "US-OR: Oregon HB 3865 of 2025 (ORS 646.651 ff.)"
    assert found.as_of == "2026-12"
    assert not evening(datetime(2026, 1, 1, 4, 30, tzinfo=UTC))  # still 2025 there


def test_a_night_names_the_law_of_each_place() -> None:
    (found,) = of(in_state("OR", "FL", now=WEDNESDAY + timedelta(hours=8)), "TIM001")

    assert {each.split(":")[0] for each in found.source.split("; ")[:3]} == {"US", "US-OR", "US-FL"}
    assert "501.616" in found.source


@pytest.mark.parametrize(("state", "hours"), [("PA", 0.5), ("CA", 16.5), ("IL", 14.5)])
def test_what_is_of_low_confidence_warns_and_says_why(state: str, hours: float) -> None:
    (found,) = of(in_state(state, now=WEDNESDAY + timedelta(hours=hours)), "TIM001")

    assert found.severity == "warn"
    assert "may not be forbidden (US-" in found.message


def test_a_night_is_blocked_where_one_rule_is_sure_and_another_is_not() -> None:
    (found,) = of(in_state("PA", now=WEDNESDAY + timedelta(hours=8)), "TIM001")

    assert found.severity == "block"
    assert "not sure" not in found.message


def test_an_unsure_sunday_does_not_hide_its_night() -> None:
    found = in_state("PA", now=SUNDAY + timedelta(hours=8)).findings()

    assert [(each.code, each.severity) for each in found if each.code.startswith("TIM")] == [
        ("TIM001", "block"),
        ("TIM004", "warn"),
    ]
    assert not of(in_state("PA", now=datetime(2026, 10, 11, 18, tzinfo=UTC)), "TIM004")  # a Sunday before


def test_a_sunday_in_utah_is_lifted_by_consent_that_the_policy_states() -> None:
    (found,) = of(in_state("UT", now=SUNDAY + timedelta(hours=20)), "TIM004")
    consented = in_state("UT", now=SUNDAY + timedelta(hours=20), policy={"consent": ["express"]})

    assert (found.severity, found.source) == ("block", "US-UT: Utah Code 13-25a-103(3)")
    assert 'consent = ["express"]' in found.fix
    assert not of(consented, "TIM004")


def test_a_cap_names_the_acts_of_the_states_where_it_is_reached() -> None:
    draft = in_state("OR", "FL", "MD", past=had("p0", "p0", "p0", "p1", "p1", "p1", "p2", "p2"))

    full, lately = of(draft, "AUD008")

    assert (full.severity, full.contact_ids) == ("block", ("p0", "p1"))
    assert "3 in US-OR" in full.message
    assert "3 in US-FL" in full.message
    assert set(full.source.split("; ")) == {
        "US-OR: Oregon HB 3865 of 2025 (ORS 646.651 ff.)",
        "US-FL: Fla. Stat. 501.616(6), 501.059",
    }
    assert (lately.severity, lately.contact_ids) == ("warn", ("p2",))
    related = in_state("OR", past=had("p0", "p0", "p0"), policy={"consent": ["relationship"]})
    assert [each.severity for each in of(related, "AUD008")] == ["warn"]


def test_a_cap_counts_what_is_scheduled_before_and_after() -> None:
    def severities(*hours: float) -> list[str]:
        past = had()
        past = type(past)(sent=[sent for each in hours for sent in had("p0", hours=each).sent])
        return [each.severity for each in of(in_state("FL", past=past), "AUD008")]

    assert severities(-10, 2, 10) == ["block"]
    assert severities(-13, 2, 11) == ["warn"]  # never three within 24 hours of one another and this
    assert severities(24, 240) == []


def test_a_rule_of_the_next_year_is_announced_sixty_days_before_at_midnight_there() -> None:
    honolulu = person(phone=NOBODYS, fields='{"timezone": "Pacific/Honolulu", "state": "HI"}')

    def found(at: str) -> list[Finding]:
        return of(people(honolulu, live=True, now=datetime.fromisoformat(at)), "OPT001")

    assert found("2026-12-02T09:59:00+00:00") == []
    (announced,) = found("2026-12-02T10:00:00+00:00")
    assert announced.message.startswith("From 2027-01-31 whoever opts out of one kind")
    (holds,) = found("2027-01-31T10:00:00+00:00")
    assert holds.message.startswith("Since 2027-01-31")
    assert found("2027-01-31T09:59:00+00:00")[0].message.startswith("From ")


def test_an_end_that_comes_too_soon_is_told() -> None:
    start = START + timedelta(hours=1)
    slow = {"messages_per_second": 1 / 60}

    (found,) = of(Draft(policy=slow, fields={"start_at": start, "end_at": start + timedelta(seconds=30)}), "TIM005")

    assert "ends at 2026-03-03 18:00 UTC" in found.message
    assert "would be sent at 2026-03-03 18:01 UTC" in found.message


def test_a_start_is_converted_before_it_is_named() -> None:
    start = datetime.fromisoformat("2026-12-02T22:00:00-05:00")

    (found,) = of(campaign_at(start), "TIM001")

    assert "between 2026-12-03 03:00 UTC (2026-12-02 22:00 UTC-05:00) and" in found.message


@pytest.mark.usefixtures("in_new_york")
def test_times_are_shown_in_the_zone_of_whoever_looks_too(ws: Workspace) -> None:
    start = datetime.fromisoformat("2026-03-05T22:00:00-06:00")
    plan = ws.plan(campaign_draft().model_copy(update={"start_at": start}))

    assert "2026-03-06 04:00 UTC (2026-03-05 23:00 EST, 2026-03-05 22:00 UTC-06:00)" in str(plan)
    assert f"expires {when(plan.expires_at)}" in str(plan)
    assert "12:30 EST)" in str(plan)


@pytest.mark.usefixtures("in_new_york")
def test_a_moment_in_words_names_each_clock_once() -> None:
    assert when(datetime(2026, 12, 3, 3, tzinfo=UTC), "%a %H:%M") == "Thu 03:00 UTC (Wed 22:00 EST)"
    assert when(datetime.fromisoformat("2026-12-02T22:00:00-05:00")) == "2026-12-03 03:00 UTC (2026-12-02 22:00 EST)"
    kathmandu = datetime.fromisoformat("2026-07-01T05:45:00+05:45")
    assert when(kathmandu, "%H:%M") == "00:00 UTC (20:00 EDT, 05:45 UTC+05:45)"


def campaign_at(start: datetime) -> Draft:
    return Draft(now=start - timedelta(hours=1), fields={"start_at": start})
