"""Logs counted by groups, and small groups taken together."""

from __future__ import annotations

from typing import get_args

import pandas as pd
import pytest

from toolkit.data.groups import LEAST, Key, group_logs, suppress_small, without_small_parts
from toolkit.errors import UnknownColumn
from toolkit.workspace import Workspace


@pytest.mark.parametrize("key", [key for key in get_args(Key) if key not in {"label", "region", "state"}])
def test_groups_of_a_log_add_up_to_it(ws: Workspace, key: Key) -> None:
    logs = ws.logs(ws.campaign_ids())

    groups = group_logs(logs, [key])

    assert groups["messages"].sum() == len(logs)
    assert groups["messages"].is_monotonic_decreasing


def test_groups_by_contact_agree_with_the_frame(ws: Workspace) -> None:
    logs, contacts = ws.logs(ws.campaign_ids()[1]), ws.snapshot()
    labels = contacts.frame.set_index("id")["labels"]

    by_label = group_logs(logs, ["label"], contacts=contacts).set_index("label")["messages"]
    by_state = group_logs(logs, ["state"], contacts=contacts)

    vips = sum("vip_customers" in labels[contact] for contact in logs["contact_id"])
    assert by_label["vip_customers"] == vips
    assert by_state["messages"].sum() == len(logs)


def test_failures_are_grouped_by_class(ws: Workspace) -> None:
    logs = ws.logs(ws.campaign_ids())

    groups = group_logs(logs, ["failure"]).dropna(subset="failure")

    assert groups["messages"].sum() == logs["status"].isin(["failed", "undelivered"]).sum()


def test_no_keys_give_the_whole(ws: Workspace) -> None:
    logs = ws.logs(ws.campaign_ids()[1])

    assert group_logs(logs, [])["messages"].tolist() == [len(logs)]


def test_an_unknown_key_is_refused_with_a_near_one(ws: Workspace) -> None:
    with pytest.raises(UnknownColumn, match="did you mean status"):
        group_logs(ws.logs(ws.campaign_ids()[1]), ["statuss"])  # type: ignore[list-item]


def test_keys_of_contacts_need_the_contacts(ws: Workspace) -> None:
    with pytest.raises(UnknownColumn, match="pass contacts"):
        group_logs(ws.logs(ws.campaign_ids()[1]), ["label"])


@pytest.mark.parametrize(
    ("counts", "shown", "hidden"),
    [
        ([9, 7, 5], [9, 7, 5], (0, 0)),
        ([9, 7, 5, 4, 1], [9, 7, 5], (2, 5)),
        ([9, 7, 4], [9], (2, 11)),  # one alone would be what the total lacks
        ([3], [], (1, 3)),
        ([], [], (0, 0)),
    ],
)
def test_small_groups_are_taken_together_and_never_one_alone(
    counts: list[int], shown: list[int], hidden: tuple[int, int]
) -> None:
    left = suppress_small(pd.DataFrame({"messages": pd.Series(counts, dtype="int64")}))

    assert left.shown["messages"].tolist() == shown
    assert (left.groups, left.messages) == hidden
    assert all(count >= LEAST for count in left.shown["messages"])


def test_no_count_by_fewer_keys_gives_a_small_group_away() -> None:
    cells = {("TX", "failed"): 3, ("TX", "sent"): 100, ("TX", "queued"): 40, ("CA", "failed"): 60, ("CA", "sent"): 90,
             ("NY", "failed"): 9, ("NY", "sent"): 12}  # fmt: skip
    rows = [(state, status, count) for (state, status), count in cells.items()]
    frame = pd.DataFrame(rows, columns=["state", "status", "messages"]).astype({"messages": "int64"})

    kept = suppress_small(frame, ["state", "status"])

    shown = set(zip(kept.shown["state"], kept.shown["status"], strict=True))
    hidden = {cell: count for cell, count in cells.items() if cell not in shown}
    assert shown
    assert ("TX", "queued") in shown  # whose number the count by status tells anyway
    for margin in [*{state for state, _ in cells}, *{status for _, status in cells}, None]:
        inside = [count for cell, count in hidden.items() if margin is None or margin in cell]
        assert not inside or (len(inside) > 1 and sum(inside) >= LEAST)
    assert (kept.groups, kept.messages) == (len(hidden), sum(hidden.values()))


def test_small_parts_of_a_group_are_told_in_fives_with_the_rates_of_those() -> None:
    frame = pd.DataFrame(
        {"messages": [100, 80], "sent": [98, 80], "delivered": [97, 60], "bounced": [1, 20], "failed": [2, 0],
         "delivery_rate": [97 / 98, 0.75], "failure_rate": [0.03, 0.25]}
    )  # fmt: skip

    told = without_small_parts(frame)

    assert told.loc[0, ["sent", "delivered", "bounced", "failed"]].tolist() == [100, 95, 0, 0]
    assert told.loc[0, ["delivery_rate", "failure_rate"]].tolist() == [0.95, 0.0]
    pd.testing.assert_series_equal(told.loc[1], frame.loc[1])
