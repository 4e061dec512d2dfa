from __future__ import annotations

from typing import Any

import pytest

from tests.builders import make_contacts
from toolkit.audience.audience_changes import compare
from toolkit.audience.segment import Segment
from toolkit.audience.waterfall import Audience, build_audience

VIP = Segment.any_of("vip") & ~Segment.any_of("nyc")


def audience(**people: dict[str, Any]) -> Audience:
    rows = [{"id": name, "phone": f"+120255501{at:02}", "labels": ["vip"]} for at, name in enumerate("abcdefgh")]
    rows = [{**row, **people.get(row["id"], {})} for row in rows if people.get(row["id"], {}) is not None]
    rows += [{"id": name, **row} for name, row in people.items() if row is not None and name not in "abcdefgh"]
    return build_audience(VIP, make_contacts(rows, ["vip", "nyc", "DNC"]), live=False)


def test_the_same_recipients_at_the_same_numbers_are_no_drift() -> None:
    before, after = audience(), audience(other={"phone": "+12025550199", "labels": ["nyc"]})

    assert not compare(before, after)
    assert before.digest == after.digest
    assert str(compare(before, after)) == "the same recipients with the same numbers"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"a": {"labels": ["vip", "DNC"]}}, "they, or somebody with the same number, asked not to be texted"),
        ({"a": {"labels": []}}, "they lost vip"),
        ({"a": {"labels": ["vip", "nyc"]}}, "they got nyc"),
        ({"a": {"phone": None}}, "they cannot be texted: they have no phone number"),
        ({"a": None}, "they are no longer contacts"),
    ],
)
def test_it_says_who_left_and_why(change: dict[str, Any], reason: str) -> None:
    before, after = audience(), audience(**change)

    drift = compare(before, after)

    assert repr(drift) == f"<Drift: 1 left (1: {reason})>"
    assert drift.removed[0].ids == ("a",)
    assert before.digest != after.digest


def test_it_says_who_joined_and_why() -> None:
    before = audience(a={"labels": ["vip", "nyc"]}, b={"labels": ["vip", "DNC"]})
    after = audience(new={"phone": "+12025550199", "labels": ["vip"]})

    assert {change.reason: change.ids for change in compare(before, after).added} == {
        "they lost nyc": ("a",),
        "before, they, or somebody with the same number, asked not to be texted": ("b",),
        "they are new contacts": ("new",),
    }


def test_another_number_is_drift_though_the_contacts_are_the_same() -> None:
    before, after = audience(), audience(a={"phone": "+12025550199"})

    drift = compare(before, after)

    assert drift.renumbered == ("a",)
    assert str(drift) == "1 with a changed number"
    assert before.digest != after.digest
