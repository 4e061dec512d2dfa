"""Delivery logs counted by groups, with small groups suppressed where people could be recognised.

A count of a handful of people reveals something about each. So groups below LEAST are merged, and never so that a
total, or a count by fewer keys, would reveal one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from toolkit.data.contacts import PLACES, Contacts
from toolkit.engagement.engagement import membership
from toolkit.engagement.failures import classified
from toolkit.engagement.outcomes import COUNTS, RATES, tally
from toolkit.errors import UnknownColumn
from toolkit.frames import lazy
from toolkit.suggest import suggest

LEAST = 5
Key = Literal["campaign", "contact", "status", "failure", "day", "hour", "label", "region", "state"]
OF_CONTACTS = frozenset({"label", "region", "state"})  # keys that also need the contacts


@dataclass(frozen=True)
class Suppressed:
    """The result of a count: `shown` groups; `groups` and `messages` of the merged ones."""

    shown: pd.DataFrame
    groups: int
    messages: int


def group_logs(logs: pd.DataFrame, by: Sequence[Key], *, contacts: Contacts | None = None) -> pd.DataFrame:
    """One row per combination of keys, the largest first; without keys one row.

    Columns: the keys (`day` a date in UTC, `hour` 0–23 in UTC, `failure` a class of `toolkit.texting.failure_classes`,
    missing for messages that did not fail), `messages`, COUNTS and RATES as in `toolkit.engagement.outcomes.tally`. A
    message counts under each label of its contact, and by `contact` only if the log names one.
    Raises UnknownColumn for another key, or without the contacts that `label`, `region` and `state` need.
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


def suppress_small(
    frame: pd.DataFrame, by: Sequence[str] = (), *, count: str = "messages", least: int = LEAST
) -> Suppressed:
    """The groups whose count is at least `least`; smaller ones are suppressed, with as many others as necessary.

    A count by fewer of the keys in `by` would reveal the only group suppressed from it, or several that are
    below `least` together: so each such sum has two groups suppressed or none, of `least` messages or more.
    """
    counts = frame[count].to_numpy()
    is_hidden = counts < least
    sums = [_numbered(frame, keys) for size in range(max(len(by), 1)) for keys in combinations(by, size)]
    is_alone = np.zeros(len(frame), dtype=bool)
    for number in sums[1:]:
        is_alone |= np.bincount(number)[number] == 1
    is_known = is_alone & ~is_hidden  # by a count by fewer keys, so that suppressing it hides nothing
    while any(_hide_one_more(is_hidden, is_known, counts, number, least) for number in sums):
        pass  # each round suppresses at least one more group
    return Suppressed(frame[~is_hidden].reset_index(drop=True), int(is_hidden.sum()), int(counts[is_hidden].sum()))


def without_small_parts(frame: pd.DataFrame, *, least: int = LEAST) -> pd.DataFrame:
    """The groups with their parts rounded to `least` where one of them is smaller, and rates of the rounded values.

    A part is a count of messages by outcome; a count by status would reveal it.
    """
    parts = ["sent", "delivered", "bounced", "failed"]
    is_small = ((frame[parts] > 0) & (frame[parts] < least)).any(axis=1)
    rounded = (frame[parts] / least).round().astype("int64") * least
    frame = frame.assign(**{name: frame[name].where(~is_small, rounded[name]) for name in parts})
    attempted = frame["sent"] + frame["failed"]
    delivery, failure = frame["delivered"] / frame["sent"], (frame["failed"] + frame["bounced"]) / attempted
    return frame.assign(
        delivery_rate=frame["delivery_rate"].where(~is_small, delivery),
        failure_rate=frame["failure_rate"].where(~is_small, failure),
    )


def _numbered(frame: pd.DataFrame, keys: Sequence[str]) -> npt.NDArray[np.intp]:
    """For each group the number of the sum that it belongs to when only these keys are counted by."""
    if not keys:
        return np.zeros(len(frame), dtype=np.intp)
    number: npt.NDArray[np.intp] = np.asarray(
        frame.groupby(list(keys), dropna=False, sort=False).ngroup(), dtype=np.intp
    )
    return number


def _hide_one_more(
    is_hidden: npt.NDArray[np.bool_],
    is_known: npt.NDArray[np.bool_],
    counts: npt.NDArray[np.int64],
    number: npt.NDArray[np.intp],
    least: int,
) -> bool:
    """Suppress the smallest shown group of each sum that would reveal one; False if none would."""
    size = int(number.max(initial=-1)) + 1
    hidden = np.bincount(number, weights=is_hidden, minlength=size)
    messages = np.bincount(number, weights=counts * is_hidden, minlength=size)
    gives_away = (hidden > 0) & ((hidden == 1) | (messages < least))
    candidates = np.flatnonzero(~is_hidden & ~is_known & gives_away[number])
    candidates = candidates[np.argsort(counts[candidates], kind="stable")]
    first = candidates[np.unique(number[candidates], return_index=True)[1]]
    is_hidden[first] = True
    return len(first) > 0


def _with_key(rows: pd.DataFrame, key: Key, contacts: Contacts | None) -> pd.DataFrame:
    name = f"by {key}"
    match key:
        case "campaign":
            return rows.assign(**{name: rows["campaign_id"].astype("str")})
        case "contact":
            rows = rows.dropna(subset=["contact_id"])
            return rows.assign(**{name: rows["contact_id"].astype("str")})
        case "status":
            return rows.assign(**{name: rows["status"].astype("str")})
        case "day":
            return rows.assign(**{name: rows["sent_time"].dt.floor("D")})  # formatted once per day
        case "hour":
            return rows.assign(**{name: rows["sent_time"].dt.hour.astype("Int64")})
        case "failure":
            rows = rows.reset_index(drop=True)
            lost = rows.assign(row=np.arange(len(rows)))[["row", "status", "error"]]
            found = classified(lazy(lost)).collect().to_native().set_index("row")["failure_class"]
            return rows.assign(**{name: found.reindex(range(len(rows))).to_numpy()})
    if contacts is None:
        raise UnknownColumn(f"Logs are grouped by {key} only together with the contacts: pass contacts.")
    if key == "label":
        members = membership(contacts.frame[["id", "labels"]]).rename(columns={"label": name})
        return rows.merge(members.astype({name: "str"}), on="contact_id", how="inner")
    places = contacts.select(["id", *PLACES])[["id", key]].rename(columns={"id": "contact_id", key: name})
    return rows.merge(places.astype({name: "str"}), on="contact_id", how="left")
