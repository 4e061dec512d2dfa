"""A campaign that would wake people is split into ones that do not, and nobody is lost or doubled by that."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from tests.builders import campaign_draft
from tests.planning.preflight.cases import NOBODYS, Draft, person
from toolkit.errors import DraftError
from toolkit.planning.zones import ZoneSplit, split_by_zone
from toolkit.plans.draft import CampaignDraft
from toolkit.workspace import Workspace

EVENING = datetime(2026, 1, 14, 2, 30, tzinfo=UTC)  # 21:30 in New York, 20:30 in Chicago


def somebody(contact_id: str, zone: str) -> dict[str, object]:
    return person(contact_id, phone=f"{NOBODYS}{contact_id}", fields=f'{{"timezone": "{zone}"}}')


PEOPLE = (somebody("1", "America/New_York"), somebody("2", "America/Los_Angeles"), somebody("3", "America/Chicago"))


def split(draft: Draft, local: time | None = None) -> ZoneSplit:
    out = draft.outgoing()
    return split_by_zone(
        out.audience, start=out.start, now=out.now, duration=out.duration, table=out.policy.hours, local=local
    )


def test_each_batch_starts_when_all_of_it_may_be_texted() -> None:
    zones = split(Draft(people=PEOPLE, live=True, now=EVENING))

    starts = {batch.contact_ids: batch.start_at for batch in zones.batches}
    assert starts == {
        ("2", "3"): EVENING + timedelta(minutes=5),
        ("1",): datetime(2026, 1, 14, 13, 0, tzinfo=UTC),
    }
    assert zones.never == ()


def test_at_a_local_time_each_zone_starts_when_its_clock_shows_it() -> None:
    zones = split(Draft(people=PEOPLE, live=True, now=EVENING), time(18, 15))

    starts = {batch.contact_ids: batch.start_at for batch in zones.batches}
    assert starts == {
        ("1",): datetime(2026, 1, 14, 23, 15, tzinfo=UTC),
        ("3",): datetime(2026, 1, 15, 0, 15, tzinfo=UTC),
        ("2",): datetime(2026, 1, 15, 2, 15, tzinfo=UTC),  # 18:15 there had just passed in Los Angeles
    }
    assert zones.never == ()


def test_a_local_time_at_night_reaches_nobody() -> None:
    zones = split(Draft(people=PEOPLE, live=True, now=EVENING), time(3))

    assert zones.batches == ()
    assert sorted(zones.never) == ["1", "2", "3"]


def test_a_local_time_needs_zones() -> None:
    with pytest.raises(DraftError, match="set `by_zone`, too"):
        CampaignDraft(**(dict(campaign_draft()) | {"local_time": time(10)}))


def test_who_has_no_known_clock_is_in_no_batch_and_named() -> None:
    zones = split(Draft(people=[*PEOPLE, person("x", phone="+99912345678")], live=True))

    assert zones.never == ("x",)
    assert sorted(x for batch in zones.batches for x in batch.contact_ids) == ["1", "2", "3"]


def test_a_fictional_number_of_no_area_is_where_its_contact_says() -> None:
    away = person("w", phone="+15555550101", fields='{"timezone": "America/Phoenix"}')
    zones = split(Draft(people=[*PEOPLE, away, person("x", phone="+15555550102")], now=EVENING), time(18, 15))

    starts = {contact_id: batch.start_at for batch in zones.batches for contact_id in batch.contact_ids}
    assert starts["w"] == datetime(2026, 1, 15, 1, 15, tzinfo=UTC)
    assert starts["x"] == min(starts.values())  # nobody's clock is known of a number that nobody has


def test_a_batch_that_takes_longer_than_the_evening_starts_in_the_morning() -> None:
    slow = {"messages_per_second": 1 / 3600}  # an hour a message
    late = datetime(2026, 1, 14, 4, 30, tzinfo=UTC)  # 20:30 in Los Angeles

    zones = split(Draft(people=PEOPLE, live=True, now=late, policy=slow))

    (west,) = [batch for batch in zones.batches if batch.contact_ids == ("2",)]
    assert west.start_at == datetime(2026, 1, 14, 16, 0, tzinfo=UTC)
    assert west.end_at - west.start_at == timedelta(hours=1)


def test_the_drafts_reach_the_same_people_at_hours_that_are_allowed(ws: Workspace) -> None:
    draft = campaign_draft()
    whole = ws.plan(draft)
    assert "TIM001" in {finding.code for finding in whole.findings}

    split = ws.split_by_zone(draft)
    plans = [ws.plan(part) for part in split.drafts(draft)]

    reached = [contact_id for plan in plans for contact_id in plan.recipient_ids]
    assert sorted([*reached, *split.never]) == sorted(whole.recipient_ids)
    assert len(plans) > 1
    assert not {finding.code for plan in plans for finding in plan.findings} & {"TIM001", "TIM002", "TIM004"}
