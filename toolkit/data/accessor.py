"""Analyses as methods of frames, available once a workspace is connected: `logs.seax.engagement()`.

Each method calls the function of the same subject and does nothing else; for other kinds of frame use the functions.
It imports that function's module when it is called, so that connecting is quick.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pandas as pd

if TYPE_CHECKING:
    from toolkit.engagement.periods import Period


@pd.api.extensions.register_dataframe_accessor("seax")
class SeaxAccessor:
    """Analyses of a frame of delivery logs; of a frame of contacts, `membership` and `tiers`; of any frame,
    `to_csv`."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame

    def to_csv(self, path: str | Path) -> Path:
        """Write any frame as CSV that a spreadsheet opens without formulas; see `toolkit.data.export.to_csv`."""
        from toolkit.data import export

        return export.to_csv(self._frame, path)

    def engagement(self) -> pd.DataFrame:
        """One row per campaign; see `toolkit.engagement.engagement.by_campaign`."""
        from toolkit.engagement import engagement

        return engagement.by_campaign(self._frame)

    def by_contact(self) -> pd.DataFrame:
        """One row per contact; see `toolkit.engagement.engagement.by_contact`."""
        from toolkit.engagement import engagement

        return engagement.by_contact(self._frame)

    def by_label(self, members: pd.DataFrame) -> pd.DataFrame:
        """One row per label; see `toolkit.engagement.engagement.by_label`."""
        from toolkit.engagement import engagement

        return engagement.by_label(self._frame, members)

    def by_sender(self, senders: pd.DataFrame) -> pd.DataFrame:
        """One row per sender; see `toolkit.engagement.engagement.by_sender`."""
        from toolkit.engagement import engagement

        return engagement.by_sender(self._frame, senders)

    def with_contacts(
        self,
        contacts: pd.DataFrame,
        *,
        by: Literal["id", "phone"] = "id",
        columns: Sequence[str] = ("labels", "created_time"),
    ) -> pd.DataFrame:
        """The log with columns of its contacts; see `toolkit.engagement.joins.with_contacts`."""
        from toolkit.engagement import joins

        return joins.with_contacts(self._frame, contacts, by=by, columns=columns)

    def by_hour(self, *, zone: str, own: str | None = None) -> pd.DataFrame:
        """One row per hour of the week; see `toolkit.engagement.hour_of_day.by_hour`."""
        from toolkit.engagement import hour_of_day

        return hour_of_day.by_hour(self._frame, zone=zone, own=own)

    def by_period(self, *, every: Period | None = None) -> pd.DataFrame:
        """One row per period; see `toolkit.engagement.periods.by_period`."""
        from toolkit.engagement import periods

        return periods.by_period(self._frame, every=every)

    def by_failure(self) -> pd.DataFrame:
        """One row per class of failures; see `toolkit.engagement.failures.by_failure`."""
        from toolkit.engagement import failures

        return failures.by_failure(self._frame)

    def failures(self) -> pd.DataFrame:
        """One row per message that did not arrive; see `toolkit.engagement.failures.failures`."""
        from toolkit.engagement import failures

        return failures.failures(self._frame)

    def funnel(self) -> pd.DataFrame:
        """One row per step; see `toolkit.engagement.engagement.funnel`."""
        from toolkit.engagement import engagement

        return engagement.funnel(self._frame)

    def time_to_deliver(self) -> pd.DataFrame:
        """One row per campaign; see `toolkit.engagement.delays.time_to_deliver`."""
        from toolkit.engagement import delays

        return delays.time_to_deliver(self._frame)

    def fatigue(self, *, as_of: datetime, scheduled: Mapping[str, datetime] | None = None) -> pd.DataFrame:
        """One row per contact; see `toolkit.engagement.fatigue.fatigue`."""
        from toolkit.engagement import fatigue

        return fatigue.fatigue(self._frame, as_of=as_of, scheduled=scheduled)

    def membership(self) -> pd.DataFrame:
        """One row per contact and label, of a frame of contacts; see `toolkit.engagement.engagement.membership`."""
        from toolkit.engagement import engagement

        return engagement.membership(self._frame)

    def tiers(self, logs: pd.DataFrame, opted_out: pd.DataFrame, *, as_of: datetime) -> pd.DataFrame:
        """One row per contact, of a frame of contacts; see `toolkit.engagement.tiers.tiers`."""
        from toolkit.engagement import tiers

        return tiers.tiers(self._frame, logs, opted_out, as_of=as_of)
