"""Delivery logs counted by groups, and the small groups of a count left out where people could be recognised.

Of a handful of people a count says something of each. So groups below LEAST are taken together, and never a single
one, which the total would give away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from toolkit.data.contacts import PLACES, Contacts, suggest
from toolkit.data.engagement import membership
from toolkit.data.failures import classified
from toolkit.data.frames import lazy
from toolkit.data.outcomes import COUNTS, RATES, tally
from toolkit.errors import UnknownColumn

LEAST = 5
Key = Literal["campaign", "status", "failure", "day", "hour", "label", "region", "state"]
OF_CONTACTS = frozenset({"label", "region", "state"})  # keys that need the contacts, too


@dataclass(frozen=True)
class Suppressed:
    """What is left of a count: `shown` groups; `groups` and `messages` of those taken together."""

    shown: pd.DataFrame
    groups: int
    messages: int


def group_logs(logs: pd.DataFrame, by: Sequence[Key], *, contacts: Contacts | None = None) -> pd.DataFrame:
    """One row a combination of keys, the largest first; no keys give one row.

    Columns: the keys (`day` a date in UTC, `hour` 0 to 23 in UTC, `failure` a class as in `toolkit.texting.failures`,
    missing for messages that did not fail), `messages`, COUNTS and RATES as in `toolkit.data.outcomes.tally`. A
    message counts under each label of its contact. Raises UnknownColumn for another key, or without the contacts that
    `label`, `region` and `state` need.
    """
    rows = logs
    for key in dict.fromkeys(by):
        if key not in get_args(Key):
            raise UnknownColumn(f"Logs are not grouped by {key!r}: {suggest(key, get_args(Key))}")
        rows = _with_key(rows, key, contacts)
    result = tally(lazy(rows, "status", *(f"by {key}" for key in dict.fromkeys(by))), *(f"by {k}" for k in by))
    frame: pd.DataFrame = result.collect().to_native()
    frame = frame.rename(columns={f"by {key}": key for key in by})[[*by, "messages", *COUNTS, *RATES]]
    if "day" in by:
        frame["day"] = frame["day"].dt.strftime("%Y-%m-%d").astype("str")
    return frame.sort_values(["messages", *by], ascending=[False, *[True] * len(by)], ignore_index=True)


def suppress_small(frame: pd.DataFrame, *, count: str = "messages", least: int = LEAST) -> Suppressed:
    """The rows whose count is at least `least`; those below it are left out, and one more if that was only one."""
    order = np.argsort(frame[count].to_numpy(), kind="stable")
    small = int((frame[count] < least).sum())
    if small == 1:
        small = min(2, len(frame))
    hidden = frame.iloc[order[:small]]
    return Suppressed(frame.drop(index=hidden.index).reset_index(drop=True), small, int(hidden[count].sum()))


def _with_key(rows: pd.DataFrame, key: Key, contacts: Contacts | None) -> pd.DataFrame:
    name = f"by {key}"
    match key:
        case "campaign":
            return rows.assign(**{name: rows["campaign_id"].astype("str")})
        case "status":
            return rows.assign(**{name: rows["status"].astype("str")})
        case "day":
            return rows.assign(**{name: rows["sent_time"].dt.floor("D")})  # written out once a day, not once a message
        case "hour":
            return rows.assign(**{name: rows["sent_time"].dt.hour.astype("Int64")})
        case "failure":
            rows = rows.reset_index(drop=True)
            lost = rows.assign(row=np.arange(len(rows)))[["row", "status", "error"]]
            found = classified(lazy(lost)).collect().to_native().set_index("row")["failure_class"]
            return rows.assign(**{name: found.reindex(range(len(rows))).to_numpy()})
    if contacts is None:
        raise UnknownColumn(f"Logs are grouped by {key} with the contacts beside them: pass contacts.")
    if key == "label":
        members = membership(contacts.frame[["id", "labels"]]).rename(columns={"label": name})
        return rows.merge(members.astype({name: "str"}), on="contact_id", how="inner")
    places = contacts.select(["id", *PLACES])[["id", key]].rename(columns={"id": "contact_id", key: name})
    return rows.merge(places.astype({name: "str"}), on="contact_id", how="left")
