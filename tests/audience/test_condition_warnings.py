"""What looks like a slip in a rule is said, with what may be meant, wherever the rule is shown."""

from __future__ import annotations

import json

import pytest

from tests.builders import make_contacts
from toolkit.audience.segment import Segment
from toolkit.audience.waterfall import build_audience
from toolkit.data.contacts import Contacts

SEEN = ["never", "30/11/2025", "Sep 2020", "2026-11-20T09:00:00Z"]
POINTS = [1, 2, "n/a", 4]
TIERS = ["gold", "gold", "silver", "silver"]
PHONES = ["+17135550101", "+17135550102", "+447700900001", "+12125550101"]


def people() -> Contacts:
    rows = zip(SEEN, POINTS, TIERS, PHONES, strict=True)
    return make_contacts(
        [
            {
                "id": f"c{at}",
                "name": f"Person {at}",
                "phone": phone,
                "fields": json.dumps({"seen": seen, "points": points, "customer_tier": tier, "home": "TX"}),
            }
            for at, (seen, points, tier, phone) in enumerate(rows)
        ]
    )


@pytest.mark.parametrize(
    ("rule", "doubt"),
    [
        ("field.seen > 2026-11-19", "3 of 4 values of seen are not dates, such as"),
        ("field.seen older than 7d", "they match no condition on time"),
        ("field.points >= 2", "1 of 4 values of points is not a number, such as 'n/a'"),
        ("field.customer_tier > 5", "4 of 4 values of customer_tier are not numbers"),
        ("field.customer_tier = Gold", "did you mean gold?"),
        ("field.customer_tier != ' SILVER '", "did you mean silver?"),
        ("field.customer_tier in (Gold, silver)", "No contact has the field.customer_tier Gold: did you mean gold?"),
        ("state = Texas", "No contact has the state Texas: did you mean TX?"),
        ("state != tex.", "did you mean TX?"),
        ("state not in ('New York', TX)", "did you mean NY?"),
        ("region = USA", "No contact has the region USA: did you mean US?"),
        ("region = England", "did you mean GB?"),
        ("region = 'United States'", "did you mean US?"),
        ("region = gb", "did you mean GB?"),
        ("zone = 'Eastern Time'", "did you mean America/New_York?"),
        ("zone = 'america/chicago'", "did you mean America/Chicago?"),
        ("field.home = Texas", "did you mean TX?"),
        ("name = 'person 2'", 'did you mean "Person 2"?'),
        ("name contains smith", "No contact matches name contains smith."),
        ("created > 2027-01-01", "its values are all 2026-03-03"),
    ],
)
def test_a_slip_is_said_with_what_may_be_meant(rule: str, doubt: str) -> None:
    assert doubt in " ".join(Segment.parse(rule).doubts(people()))


@pytest.mark.parametrize(
    "rule",
    [
        "field.seen = never",
        "field.seen is present",
        "field.seen contains 2020",
        "field.customer_tier = gold",
        "state in (TX, NY)",
        "region = GB",
        "zone = America/Chicago",
        "name starts with person",
    ],
)
def test_a_rule_that_means_somebody_has_no_doubts(rule: str) -> None:
    assert Segment.parse(rule).doubts(people()) == []


def test_a_doubt_is_said_once_a_column() -> None:
    between = Segment.parse("field.seen between 2026-01-01 and 2026-12-01")

    assert len(between.doubts(people())) == 1


def test_values_of_few_contacts_are_not_quoted_where_that_is_asked() -> None:
    segment = Segment.parse("field.seen > 2026-11-19 and field.customer_tier = Gold and state = Texas")

    doubts = " ".join(segment.doubts(people(), least=5))

    assert "3 of 4 values" in doubts
    assert "did you mean TX?" in doubts  # of our own table
    assert not any(text in doubts for text in ("never", "gold", "Sep 2020"))


def test_a_text_that_is_no_date_fits_no_condition_on_time() -> None:
    contacts = people()

    def chosen(rule: str) -> list[str]:
        return list(contacts.ids[Segment.parse(rule).mask(contacts)])

    assert chosen("field.seen > 2026-11-19") == ["c3"]
    assert chosen("field.seen < 2030-01-01") == ["c3"]
    assert chosen("not field.seen > 2026-11-19") == ["c0", "c1", "c2"]
    assert chosen("field.seen = 2026-11-20") == ["c3"]
    assert chosen("field.seen = never") == ["c0"]


def test_an_audience_shows_its_doubts() -> None:
    def shown(rule: str) -> str:
        return build_audience(Segment.parse(rule), people(), live=False)._repr_html_()

    assert "did you mean TX?" in shown("state = Texas")
    assert "did you mean" not in shown("state = TX")
