"""How long people stay: the Kaplan-Meier estimate, for opt-outs after a campaign.

Who has not opted out by the time of reading may do so tomorrow; they count for as long as they were watched.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from toolkit.errors import ToolkitError
from toolkit.frames import instant

_Z = 1.959963984540054
_COLUMNS = ["hours", "at_risk", "events", "stayed", "low", "high"]


def kaplan_meier(durations: Any, observed: Any) -> pd.DataFrame:
    """One row a time at which something happened, sorted.

    Args:
        durations: how long each person was watched, in any unit.
        observed: whether it ended in an event; False for who was only watched for so long.

    Columns: `hours` (float64, in the unit given), `at_risk, events` (int64), `stayed` (float64, the share that had no
    event by then), `low, high` (float64, 95 %, Greenwood's variance on the log-minus-log scale).

    Raises:
        ToolkitError: a duration is below 0 or missing.
    """
    times, ended = np.asarray(durations, np.float64), np.asarray(observed, bool)
    if not (times >= 0).all():
        raise ToolkitError("A duration is below 0 or missing: give each person the time they were watched.")
    at, events = np.unique(times[ended], return_counts=True)
    at_risk = len(times) - np.searchsorted(np.sort(times), at, side="left")
    with np.errstate(divide="ignore", invalid="ignore"):
        stayed = np.cumprod(1 - events / at_risk)
        greenwood = np.cumsum(events / (at_risk * (at_risk - events)))
        spread = _Z * np.sqrt(greenwood) / np.log(stayed)
        low, high = (np.exp(-np.exp(np.log(-np.log(stayed)) + side * spread)) for side in (-1, 1))
    return pd.DataFrame(dict(zip(_COLUMNS, (at, at_risk, events, stayed, low, high), strict=True)))


def opt_outs_after(logs: pd.DataFrame, opted_out: pd.DataFrame, *, until: datetime) -> pd.DataFrame:
    """How many had not opted out, by hours since the first message that each was sent.

    Args:
        logs: delivery logs of a campaign or several; people count from their first message.
        opted_out: who was noticed to have opted out, as `mirror.opted_out(since)` gives it. The service does not say
            when; the time of noticing is taken, so that nobody is counted too early.
        until: until when people were watched, such as the mirror's last refresh.

    Columns as `kaplan_meier`, in hours.
    """
    end = pd.Timestamp(instant(until))
    first = logs.dropna(subset=["sent_time"]).groupby("contact_id", observed=True)["sent_time"].min()
    first = first[first <= end]
    noticed = opted_out.groupby("contact_id", observed=True)["before_time"].min().reindex(first.index)
    has_left = (noticed >= first) & (noticed <= end)
    ends = noticed.where(has_left, end)
    return kaplan_meier((ends - first).dt.total_seconds() / 3600, has_left)
