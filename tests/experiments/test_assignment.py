"""An order is of whoever its number can only mean, however it is written; else it is of nobody, and said to be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from tests.builders import make_contacts
from toolkit.experiments.arm_outcomes import CountedOutcomes, count_outcomes
from toolkit.experiments.assignment import Assignment
from toolkit.experiments.metric import Metric

SINCE = datetime(2026, 11, 4, tzinfo=UTC)
ANN, BEN, CAT = "+12025550175", "+447700900147", "+12025550143"
WHY = "of nobody who was assigned: without a country code the number may be that of several contacts."


def counted(written: Sequence[Any], *, countries: tuple[str, ...] = ("US", "GB"), **others: str) -> CountedOutcomes:
    """The orders of Ann and Ben, each an arm, beside Cat, who is in none, and other contacts."""
    numbers = {"ann": ANN, "ben": BEN, "cat": CAT, **others}
    rows = [{"id": name, "phone": phone} for name, phone in numbers.items()]
    people = Assignment({"a": ["ann"], "b": ["ben"]}, make_contacts(rows).in_countries(countries)).people("phone")
    frame = pd.DataFrame({"phone": pd.Series(list(written)), "time": pd.Timestamp(SINCE)})
    metric = Metric(name="an order", kind="mean", value="n", by="phone")
    return count_outcomes(
        frame.assign(n=1.0), metric, people, since=SINCE, until=SINCE + timedelta(days=1), before=None
    )


def sums(found: CountedOutcomes) -> list[float]:
    return [float(found.groups[at].means[0]) for at in range(2)]


@pytest.mark.parametrize(
    "written",
    [
        [ANN, BEN],
        ["12025550175", "447700900147"],
        ["(202) 555-0175", "07700 900147"],
        ["2025550175", "7700900147"],
        ["+1 202-555-0175", "0044 7700 900147"],
        [2025550175, 447700900147],
        [12025550175.0, 7700900147.0],
        ["2025550175.0", "447700900147.0"],
        [2025550175, "+44 7700 900147"],
    ],
)
def test_a_number_is_found_with_and_without_its_country_code(written: list[Any]) -> None:
    assert sums(counted(written)) == [1, 1]


def test_a_number_without_country_code_that_may_be_of_two_contacts_counts_for_neither() -> None:
    found = counted(["2025550175", ANN], eve="+44" + ANN.removeprefix("+1"))

    assert sums(found) == [1, 0]
    assert found.notes[:2] == ("2 rows are in the period that counts.", f"1 of them is {WHY}")


def test_a_number_of_another_country_is_not_taken_for_one_at_home() -> None:
    found = counted(["+" + ANN.removeprefix("+1")])

    assert sums(found) == [0, 0]
    assert found.notes[1] == "1 of them is of nobody who was assigned: their phone is that of no contact."
    assert "None of the 1 rows is of a contact of this workspace" in found.problem


def test_orders_of_other_contacts_are_told_from_numbers_that_nobody_has() -> None:
    found = counted([CAT, "2025550143", "2025550188", "", None])

    assert found.notes[1:4] == (
        "2 of them are of nobody who was assigned: contacts outside of this experiment.",
        "2 of them are of nobody who was assigned: no phone in the row.",
        "1 of them is of nobody who was assigned: their phone is that of no contact.",
    )
    assert not found.problem
