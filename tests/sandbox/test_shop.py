"""Orders of the invented people bring what was asked for, and are as odd as those of a shop."""

from datetime import UTC, datetime, timedelta

import pandas as pd

from toolkit.sandbox.world.shop import shop_orders

SENT = datetime(2026, 3, 4, 16, tzinfo=UTC)
ARMS = {"a": [f"a{at}" for at in range(4_000)], "b": [f"b{at}" for at in range(4_000)]}


def orders(**gains: float) -> pd.DataFrame:
    return pd.DataFrame(shop_orders(ARMS, sent_at=SENT, gains=gains))


def test_an_arm_gives_as_many_orders_more_as_were_put_there() -> None:
    usual, lifted = orders(), orders(b=0.1)
    span = timedelta(days=3)

    counts = [
        frame[frame["contact_id"].str[0].eq("b") & frame["time"].between(SENT, SENT + span)]["order"].nunique()
        for frame in (usual, lifted)
    ]

    assert usual.equals(orders())
    assert 350 <= counts[1] - counts[0] <= 450
    before = [frame[frame["time"] < SENT].reset_index(drop=True) for frame in (usual, lifted)]
    assert before[0].equals(before[1])


def test_some_orders_are_there_twice_and_some_are_returned() -> None:
    frame = orders()

    assert 0 < frame.duplicated().mean() < 0.03
    returns = frame[frame["amount"] < 0]
    assert 0 < len(returns) < 0.06 * len(frame)
    assert returns["order"].str.startswith("return-of-").all()
