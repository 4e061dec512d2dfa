from __future__ import annotations

from datetime import timedelta
from typing import Any

import pandas as pd
import pytest

from tests.builders import START, make_contacts
from tests.engagement.engagement_logs import log_frame
from toolkit.engagement.tiers import tiers

NOBODY = pd.DataFrame({"contact_id": pd.Series([], dtype="str")})
OLD = START - timedelta(days=400)
LANDLINE = "Landline (30006)"


def message(days: float, status: str = "delivered", error: str | None = None) -> dict[str, Any]:
    """A message to Ana so many days before START, delivered at once."""
    time = START - timedelta(days=days)
    delivered = time if status == "delivered" else None
    return {"contact_id": "ana", "status": status, "error": error, "sent_time": time, "delivered_time": delivered}


def tier_of(*messages: dict[str, Any], created_time: Any = OLD, opted_out: pd.DataFrame = NOBODY) -> dict[Any, Any]:
    contacts = make_contacts([{"id": "ana", "created_time": created_time}]).frame
    (row,) = tiers(contacts, log_frame(*messages), opted_out, as_of=START).to_dict("records")
    return row


@pytest.mark.parametrize(
    ("days", "tier"),
    [
        ([], "dormant"),
        ([90], "dormant"),
        ([89.9], "at_risk"),
        ([30, 40, 50, 60], "at_risk"),
        ([29.9], "active"),
        ([0, 1], "active"),
        ([0, 1, 90], "active"),
        ([0, 1, 89.9], "engaged"),
        ([-1, -2, -3], "dormant"),
    ],
)
def test_deliveries_lately_and_often_make_the_tier(days: list[float], tier: str) -> None:
    assert tier_of(*map(message, days))["tier"] == tier


def test_one_bounce_in_four_is_not_engaged_yet() -> None:
    row = tier_of(message(1), message(2), message(3), message(4, "undelivered"))

    assert row["tier"] == "active"
    assert (row["delivered_90d"], row["sent_90d"], row["delivery_rate"]) == (3, 4, 3 / 4)
    assert row["last_delivered_time"] == START - timedelta(days=1)


@pytest.mark.parametrize(
    ("messages", "tier"),
    [
        ([message(1, "failed", LANDLINE)], "dormant"),
        ([message(200, "failed", LANDLINE), message(1, "undelivered", LANDLINE)], "unreachable"),
        ([message(1, "failed", "Unknown (30008)"), message(2, "undelivered", "Unreachable (30003)")], "dormant"),
        ([message(2, "failed", LANDLINE), message(1, "failed", LANDLINE), message(80)], "at_risk"),
        ([message(-2, "failed", LANDLINE), message(-1, "failed", LANDLINE)], "dormant"),
    ],
)
def test_two_hard_failures_and_no_delivery_make_a_person_unreachable(messages: list[dict[str, Any]], tier: str) -> None:
    assert tier_of(*messages)["tier"] == tier


def test_a_failure_that_never_left_has_no_time_and_still_counts() -> None:
    never_left = {"contact_id": "ana", "status": "failed", "error": LANDLINE}

    assert tier_of(never_left, never_left)["hard_failures"] == 2


def test_a_delivery_whose_report_has_no_time_counts_from_when_it_was_sent() -> None:
    row = tier_of(message(5) | {"delivered_time": None})

    assert (row["tier"], row["last_delivered_time"]) == ("active", START - timedelta(days=5))


def test_a_report_that_came_later_does_not_count_yet() -> None:
    row = tier_of(message(1) | {"delivered_time": START + timedelta(seconds=1)})

    assert (row["tier"], row["delivered_90d"], row["sent_90d"]) == ("dormant", 0, 1)


def test_newcomers_come_before_how_they_do_and_after_who_cannot_be_reached() -> None:
    created = START - timedelta(days=29.9)
    failure = message(1, "failed", LANDLINE)

    assert tier_of(message(0), message(1), message(2), created_time=created)["tier"] == "new"
    assert tier_of(failure, failure, created_time=created)["tier"] == "unreachable"
    assert tier_of(created_time=START - timedelta(days=30))["tier"] == "dormant"


def test_opting_out_comes_before_everything() -> None:
    gone = pd.DataFrame({"contact_id": ["ana", "ana", "ben"]})

    assert tier_of(message(0), message(1), message(2), opted_out=gone)["tier"] == "opted_out"


def test_contacts_made_later_are_not_told_of() -> None:
    contacts = make_contacts([{"id": "ana", "created_time": START + timedelta(seconds=1)}]).frame

    assert len(tiers(contacts, log_frame(), NOBODY, as_of=START)) == 0


def test_a_contact_whose_making_has_no_time_is_told_of_and_is_not_new() -> None:
    assert tier_of(message(1), created_time=None)["tier"] == "active"
