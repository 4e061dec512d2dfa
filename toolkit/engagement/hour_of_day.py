"""When messages were sent by recipients' clocks: hour and weekday in a zone, summer time included."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrameT

from toolkit.engagement.engines import with_microseconds
from toolkit.engagement.outcomes import COUNTS, RATES, tally
from toolkit.errors import ToolkitError
from toolkit.frames import Frame, lazy, like, spelled

_DAY = 24 * 60  # minutes
_WEEK = 7 * _DAY
_MONDAY = 3 * _DAY  # from the Monday before 1970 until then
_Change = tuple[datetime, int]  # when a zone's offset from UTC changes, and to how many minutes


def by_hour(logs: IntoFrameT, *, zone: str, own: str | None = None) -> IntoFrameT:
    """One row per hour of the week in which messages were sent, sorted; messages without a `sent_time` are excluded.

    Args:
        logs: delivery logs.
        zone: the time zone to use, a name such as America/New_York.
        own: a column of the log with each recipient's zone, which takes precedence over `zone`. Of several names
            separated by spaces, as in the `zones` of contacts, the first is used; an invalid zone is ignored. Use
            `toolkit.engagement.joins.with_contacts` for such a column.

    Columns: `weekday` (int64, Monday is 1), `hour` (int64, 0 to 23), COUNTS and RATES as in
    `toolkit.engagement.outcomes.tally`.

    Raises:
        UnknownColumn: the frame lacks a column.
        ToolkitError: `zone` does not exist, or the frame has times in a zone other than UTC.
    """
    rows = lazy(logs, "status", "sent_time", *([] if own is None else [own])).drop_nulls("sent_time")
    offset = _minutes_ahead(rows, zone, None if own is None else spelled(own, rows.collect_schema()))
    rows = with_microseconds(rows, sent_us="sent_time")
    minute = (nw.col("sent_us") / 60_000_000).floor().cast(nw.Int64)
    rows = rows.with_columns(local=((minute + _MONDAY + offset) % _WEEK + _WEEK) % _WEEK)
    rows = rows.with_columns(weekday=nw.col("local") // _DAY + 1, hour=nw.col("local") % _DAY // 60)
    result = tally(rows, "weekday", "hour").with_columns(nw.col("weekday", "hour").cast(nw.Int64))
    return like(result.select("weekday", "hour", *COUNTS, *RATES).sort("weekday", "hour"), logs)


def _minutes_ahead(rows: Frame, zone: str, own: str | None) -> nw.Expr:
    """How far the clock of each row is ahead of UTC."""
    ends = rows.select(nw.col("sent_time").min().alias("first"), nw.col("sent_time").max().alias("last")).collect()
    first, last = ends.item(0, "first"), ends.item(0, "last")
    minutes = _since(_changes(_zone(zone), first, last))
    if own is None:
        return minutes
    alike: dict[tuple[_Change, ...], list[str]] = {}  # many zone names share few distinct clocks
    for said in rows.select(own).drop_nulls().unique().collect()[own].to_list():
        try:
            local = _zone(str(said).partition(" ")[0])
        except ToolkitError:
            continue
        alike.setdefault(tuple(_changes(local, first, last)), []).append(said)
    for changes, names in alike.items():
        minutes = nw.when(nw.col(own).is_in(names)).then(_since(changes)).otherwise(minutes)
    return minutes


def _since(changes: Iterable[_Change]) -> nw.Expr:
    minutes = nw.lit(0)
    for since, ahead in changes:
        minutes = nw.when(nw.col("sent_time") >= since).then(nw.lit(ahead)).otherwise(minutes)
    return minutes


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ToolkitError(f"Unknown time zone {name!r}: pass a name such as America/New_York.") from error


def _changes(local: ZoneInfo, first: Any, last: Any) -> Iterator[_Change]:
    """The changes of a zone's offset from UTC between two times; empty without times.

    Engines agree on clocks in UTC only, so summer time is computed here, to a quarter of an hour.
    """
    if pd.isna(first):
        return
    since, until = pd.Timestamp(first).tz_convert("UTC"), pd.Timestamp(last).tz_convert("UTC")
    quarters = pd.date_range(since.floor("D"), until, freq="15min")
    ahead = quarters.tz_convert(local).tz_localize(None) - quarters.tz_localize(None)
    minutes = (ahead // pd.Timedelta(minutes=1)).to_numpy()
    for change in np.flatnonzero(np.diff(minutes, prepend=_WEEK)).tolist():
        yield quarters[change].to_pydatetime(), int(minutes[change])
