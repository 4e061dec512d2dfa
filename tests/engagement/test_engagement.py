from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import duckdb
import pandas as pd
import pytest

import toolkit.data.accessor  # noqa: F401 — registers df.seax
from tests.builders import START, make_contacts
from tests.engagement.engagement_logs import log_frame
from toolkit.engagement.delays import time_to_deliver
from toolkit.engagement.engagement import by_campaign, by_contact, by_label, by_sender, funnel, membership
from toolkit.engagement.failures import failures
from toolkit.engagement.fatigue import fatigue
from toolkit.engagement.hour_of_day import by_hour
from toolkit.engagement.joins import with_contacts
from toolkit.errors import ToolkitError, UnknownColumn


def sent(contact_id: str | None, status: str = "delivered", *, days: float = 0, **more: object) -> dict[str, object]:
    """A message that left so many days before START."""
    return {"contact_id": contact_id, "status": status, "sent_time": START - timedelta(days=days), **more}


def test_each_person_has_their_own_counts_and_latest_times() -> None:
    later = START + timedelta(seconds=9)
    logs = log_frame(
        sent("ana", days=3, delivered_time=later),
        sent("ana", "undelivered"),
        sent("ben", "failed"),
        {"contact_id": "ben", "status": None},
    )

    people = by_contact(logs).set_index("contact_id").to_dict("index")
    ana, ben = people["ana"], people["ben"]

    assert (ana["sent"], ana["delivered"], ana["bounced"], ana["delivery_rate"]) == (2, 1, 1, 0.5)
    assert (ana["last_sent_time"], ana["last_delivered_time"]) == (START, later)
    assert (ben["attempted"], ben["failed"], ben["unknown"], ben["failure_rate"]) == (1, 1, 1, 1.0)
    assert math.isnan(ben["delivery_rate"])


def test_messages_that_name_nobody_keep_a_row_so_that_counts_add_up() -> None:
    people = by_contact(log_frame(sent("ana"), sent(None), sent(None)))

    assert people["sent"].sum() == 3
    assert people[people["contact_id"].isna()]["sent"].tolist() == [2]


def test_counts_do_not_overflow_a_byte() -> None:
    (row,) = by_campaign(log_frame(*[sent("ana")] * 300)).to_dict("records")

    assert row["delivered"] == 300


def test_a_message_counts_once_under_each_label_of_its_contact() -> None:
    members = membership(
        make_contacts([{"id": "ana", "labels": ["vip", "nyc"]}, {"id": "ben", "labels": ["vip"]}, {"id": "eve"}]).frame
    )
    logs = log_frame(sent("ana"), sent("ana", "undelivered"), sent("ben"), sent("eve"), sent(None))

    gaps = pd.DataFrame({"contact_id": [None, "eve"], "label": ["vip", None]})
    labels = by_label(logs, pd.concat([members, members, gaps]))

    assert labels[["label", "contacts", "sent", "delivered"]].values.tolist() == [["nyc", 1, 2, 1], ["vip", 2, 3, 2]]


def test_a_campaign_of_several_senders_is_told_apart() -> None:
    logs = log_frame(*[sent("ana")] * 4).assign(campaign_id=["one", "two", "both", "unknown"])
    senders = pd.DataFrame({"campaign_id": ["one", "two", "both", "both"], "sender": ["Shop", "Shop", "Shop", "Club"]})

    counts = by_sender(logs, senders)

    assert dict(zip(counts["sender"].fillna("?"), counts["delivered"], strict=True)) == {
        "?": 1,
        "Shop": 2,
        "several": 1,
    }


def test_a_message_has_one_contact_however_many_share_its_number() -> None:
    people = [("old", 9, "1"), ("b", 5, "2"), ("a", 5, "2"), ("new", 1, "1")]
    rows = [{"id": i, "phone": p, "created_time": START - timedelta(days=d), "labels": ["vip"]} for i, d, p in people]
    contacts = make_contacts(rows).frame
    logs = log_frame(sent("new", phone="1"), sent("b", phone="2"), sent("gone", phone="3"))

    by_id = with_contacts(logs, contacts, columns=["phone", "labels"])
    by_phone = with_contacts(logs, contacts, by="phone", columns=["id"])

    assert by_id["phone_now"].fillna("").tolist() == ["1", "2", ""]
    assert by_id["labels"].dropna().map(list).tolist() == [["vip"], ["vip"]]
    assert by_phone["id_now"].fillna("").tolist() == ["old", "a", ""]
    pd.testing.assert_frame_equal(by_phone, logs.seax.with_contacts(contacts, by="phone", columns=["id"]))


def test_a_contact_without_labels_is_in_no_membership() -> None:
    contacts = make_contacts([{"id": "ana", "labels": ["vip", "nyc"]}, {"id": "eve"}]).frame

    assert membership(contacts).values.tolist() == [["ana", "vip"], ["ana", "nyc"]]


def test_bounds_of_none_and_of_all_are_exact() -> None:
    (none,) = by_campaign(log_frame(*[sent("ana", "undelivered")] * 16)).to_dict("records")
    (every,) = by_campaign(log_frame(*[sent("ana")] * 16)).to_dict("records")

    assert (none["delivery_low"], none["failure_high"]) == (0.0, 1.0)
    assert (every["delivery_high"], every["failure_low"]) == (1.0, 0.0)


def test_the_funnel_names_each_denominator() -> None:
    logs = log_frame(sent("a"), sent("b"), sent("c", "sent"), sent("d", "failed"), {"status": "queued"})

    steps = funnel(logs)

    assert steps[["stage", "count", "of", "whole"]].values.tolist() == [
        ["attempted", 4, "messages", 5],
        ["sent", 3, "attempted", 4],
        ["delivered", 2, "sent", 3],
    ]
    assert steps["rate"].tolist() == [4 / 5, 3 / 4, 2 / 3]
    assert (steps["low"] < steps["rate"]).all()
    assert (steps["rate"] < steps["high"]).all()


def test_times_to_deliver_are_of_deliveries_and_clock_errors_stand_apart() -> None:
    def after(seconds: float, status: str = "delivered") -> dict[str, object]:
        return sent("a", status, delivered_time=START + timedelta(seconds=seconds))

    logs = log_frame(
        after(0.5),
        after(10.5),
        after(-1),
        after(-1, "undelivered"),
        after(99, "undelivered"),
        sent("b"),
        sent("c", "sent"),
    )

    (row,) = time_to_deliver(logs).to_dict("records")

    assert row == {
        "campaign_id": "c1",
        "measured": 2,
        "skewed": 1,
        "seconds_p50": 5.5,
        "seconds_p90": 9.5,
        "seconds_p95": 10.0,
        "seconds_p99": pytest.approx(10.4),
    }


@pytest.mark.parametrize(
    ("start", "seconds"),
    [
        (datetime(2026, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), 2.000001),
        (datetime(2028, 2, 28, tzinfo=UTC), 172_800),
        (datetime(2028, 12, 31, 23, tzinfo=UTC), 3_600),
    ],
)
def test_times_to_deliver_cross_years_and_leap_days(start: datetime, seconds: float) -> None:
    row = {"status": "delivered", "sent_time": start, "delivered_time": start + timedelta(seconds=seconds)}

    assert time_to_deliver(log_frame(row))["seconds_p50"].tolist() == [seconds]


def test_fatigue_counts_what_may_have_reached_a_person_up_to_the_moment() -> None:
    logs = log_frame(
        sent("ana"),
        sent("ana", "sent", days=6.9),
        sent("ana", days=7),
        sent("ana", days=29.9),
        sent("ana", days=30),
        sent("ana", days=-0.1),
        sent("ana", "undelivered"),
        sent("ben", "failed"),
        {"contact_id": "ben", "status": "delivered"},
        sent(None),
    )

    people = fatigue(logs, as_of=START)

    assert sorted(people.itertuples(index=False, name=None)) == [("ana", 2, 4), ("ben", 0, 0)]


def test_fatigue_counts_what_is_scheduled_at_its_start() -> None:
    logs = log_frame({"contact_id": "ana", "status": "pending"}, sent("ana"), {"contact_id": "ben", "status": "failed"})
    start = START + timedelta(days=6)

    def messages(as_of: datetime) -> dict[str, int]:
        people = fatigue(logs, as_of=as_of, scheduled={"c1": start, "c2": START})
        return dict(zip(people["contact_id"], people["messages_7d"], strict=True))

    assert messages(START) == {"ana": 1, "ben": 0}
    assert messages(start) == {"ana": 2, "ben": 0}
    assert messages(start + timedelta(days=2)) == {"ana": 1, "ben": 0}


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ToolkitError, match="has no time zone"):
        fatigue(log_frame(), as_of=datetime(2026, 3, 3))


def test_a_moment_in_any_zone_is_the_same_moment() -> None:
    eastern = START.astimezone(datetime.fromisoformat("2026-03-03T12:00:00-05:00").tzinfo)

    assert fatigue(log_frame(sent("ana")), as_of=eastern)["messages_7d"].tolist() == [1]


def test_a_frame_that_lacks_a_column_is_refused_by_name() -> None:
    with pytest.raises(UnknownColumn, match="no column 'status'"):
        funnel(log_frame().drop(columns="status"))


def test_times_without_a_zone_are_refused() -> None:
    logs = log_frame(sent("ana"))
    logs["sent_time"] = logs["sent_time"].dt.tz_localize(None)

    with pytest.raises(ToolkitError, match=r"'sent_time' is .* not a time in UTC"):
        by_contact(logs)


def test_a_session_in_another_zone_is_refused() -> None:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'Asia/Tokyo'")
    logs = connection.sql("SELECT TIMESTAMPTZ '2026-03-03 17:00:00+00' AS sent_time, 'sent' AS status")

    with pytest.raises(ToolkitError, match="SET TimeZone = 'UTC'"):
        by_hour(logs, zone="America/New_York")


def test_statuses_may_be_of_a_closed_list() -> None:
    listed = duckdb.connect().sql("SELECT 'sent'::ENUM ('sent', 'queued') AS status")

    assert [row[1:3] for row in funnel(listed).fetchall()] == [("attempted", 1), ("sent", 1), ("delivered", 0)]


def test_a_callers_frame_is_left_as_it_was() -> None:
    logs = log_frame(sent("ana"), sent("ben", "failed"))
    before = logs.copy(deep=True)

    by_campaign(logs)
    by_contact(logs)

    pd.testing.assert_frame_equal(logs, before)


def test_a_filtered_result_has_rows_numbered_from_zero() -> None:
    logs = log_frame(sent("ana"), sent("ben"), sent("eve", "failed"))

    assert failures(logs).index.tolist() == [0]


def test_the_accessor_is_the_functions() -> None:
    contacts = make_contacts([{"id": "ana", "labels": ["vip"]}]).frame
    logs = log_frame(sent("ana"), sent("ana", "undelivered", error="Message filtered by carrier (30007)"))
    same = pd.testing.assert_frame_equal

    members = contacts.seax.membership()
    same(logs.seax.engagement(), by_campaign(logs))
    same(logs.seax.by_contact(), by_contact(logs))
    same(logs.seax.by_label(members), by_label(logs, members))
    same(logs.seax.by_hour(zone="Asia/Kolkata"), by_hour(logs, zone="Asia/Kolkata"))
    same(logs.seax.funnel(), funnel(logs))
    same(logs.seax.time_to_deliver(), time_to_deliver(logs))
    same(logs.seax.fatigue(as_of=START), fatigue(logs, as_of=START))
    assert logs.seax.by_failure()["failure_class"].tolist() == ["filtered"]
    assert logs.seax.failures()["action"].tolist() == ["reword"]
    gone = pd.DataFrame({"contact_id": ["ana"]})
    assert contacts.seax.tiers(logs, gone, as_of=START)["tier"].tolist() == ["opted_out"]
