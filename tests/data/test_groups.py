"""Logs counted by groups, and small groups taken together."""

from __future__ import annotations

from typing import get_args

import pandas as pd
import pytest

from toolkit.data.groups import LEAST, Key, group_logs, suppress_small
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
