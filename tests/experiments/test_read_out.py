from __future__ import annotations

from datetime import timedelta

import pytest

from tests.builders import START
from toolkit.errors import ToolkitError
from toolkit.experiments.read_out import ArmResult, ReadOut, read_out

WEEK = timedelta(days=7)


def arm(name: str, successes: int, **changes: int) -> ArmResult:
    counts = {"assigned": 2_000, "sent": 2_000, "delivered": 1_900} | changes
    return ArmResult(arm=name, successes=successes, **counts)


def told(*arms: ArmResult, waited: timedelta = WEEK) -> ReadOut:
    return read_out(arms, fixed_time=START + WEEK, now=START + waited)


def test_rates_are_told_with_their_denominators_and_everybody_assigned_first() -> None:
    assert str(told(arm("plain", 95), arm("emoji", 120))).split("\n") == [
        "plain: 4.75% (3.90% to 5.77%) of 2,000 assigned, 5.00% (4.11% to 6.07%) of 1,900 delivered",
        "emoji: 6.00% (5.04% to 7.13%) of 2,000 assigned, 6.32% (5.31% to 7.50%) of 1,900 delivered",
        "emoji against plain: +1.25 points (-0.15 to +2.66), p = 0.0796, not shown",
        "No arm is shown to be best, in 1 comparison.",
    ]


def test_a_winner_is_better_than_every_other_arm() -> None:
    assert told(arm("plain", 95), arm("emoji", 140)).winner == "emoji"
    assert told(arm("a", 95), arm("b", 150), arm("c", 151)).winner is None
    assert told(arm("a", 95), arm("b", 100), arm("c", 160)).winner == "c"


def test_a_difference_that_one_comparison_shows_may_be_chance_in_three() -> None:
    two, three = told(arm("a", 95), arm("b", 125)), told(arm("a", 95), arm("b", 125), arm("c", 110))

    assert two.winner == "b"
    assert [comparison.is_shown for comparison in three.comparisons] == [False, False, False]


def test_before_the_fixed_time_nothing_is_compared() -> None:
    early = told(arm("plain", 95), arm("emoji", 140), waited=timedelta(days=6))

    assert (early.comparisons, early.winner) == ((), None)
    assert early.problems == ("Too early: arms are compared from 2026-03-10 17:00 UTC on, as fixed before sending.",)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [({"sent": 1_700}, "sent to unevenly"), ({"delivered": 100}, "emoji has more successes than deliveries")],
)
def test_what_makes_arms_unlike_is_told_instead_of_a_winner(changes: dict[str, int], problem: str) -> None:
    found = told(arm("plain", 95), arm("emoji", 140, **changes))

    assert found.winner is None
    assert problem in str(found)


def test_a_read_out_needs_two_arms() -> None:
    with pytest.raises(ToolkitError, match="at least two arms"):
        told(arm("plain", 95), arm("plain", 140))
