"""Which messages of delivery logs are shown, and how they are grouped. Independent of widgets and workspace."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from toolkit.data.groups import Key
from toolkit.engagement.failures import classified
from toolkit.frames import lazy
from toolkit.models import Frozen

if TYPE_CHECKING:
    from toolkit.data.bitmaps import Mask


class LogView(Frozen):
    """A selection of messages; empty fields exclude nothing. It prints as its constructor, and can be passed back.

    `campaigns` are ids, `statuses` as in the log, `causes` of `toolkit.texting.failure_classes`; `contact` is a part
    of a name, phone or id; `since` and `until` are days in UTC, both included; `by` what to group by.
    """

    campaigns: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    contact: str = ""
    since: date | None = None
    until: date | None = None
    by: tuple[Key, ...] = ("campaign",)

    def rows(self, logs: pd.DataFrame) -> pd.DataFrame:
        """The selected messages, in their order; columns as `toolkit.data.logs.logs_frame`."""
        keep = np.ones(len(logs), dtype=bool)
        for column, wanted in (("campaign_id", self.campaigns), ("status", self.statuses)):
            if wanted:
                keep &= logs[column].isin(wanted).to_numpy()
        if self.since:
            keep &= (logs["sent_time"] >= pd.Timestamp(self.since, tz="UTC")).to_numpy()
        if self.until:
            keep &= (logs["sent_time"] < pd.Timestamp(self.until, tz="UTC") + pd.Timedelta(days=1)).to_numpy()
        if self.contact:
            found = [
                logs[column].str.contains(self.contact, case=False, regex=False).fillna(value=False).to_numpy()
                for column in ("contact_name", "phone", "contact_id")
            ]
            keep &= np.logical_or.reduce(found)
        rows = logs[keep]
        return rows[self._is_meant_cause(rows)] if self.causes else rows

    def _is_meant_cause(self, rows: pd.DataFrame) -> Mask:
        numbered = rows.reset_index(drop=True).assign(row=np.arange(len(rows)))
        lost = classified(lazy(numbered, "row", "status", "error")).collect().to_native()
        meant = np.zeros(len(rows), dtype=bool)
        meant[lost["row"][lost["failure_class"].isin(self.causes)]] = True
        return meant
