"""Delivery logs in columns."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from toolkit.data.contacts import to_pandas

STATUSES = ("queued", "sent", "delivered", "undelivered", "failed")  # these first; others are kept


def logs_frame(table: pa.Table, campaign_id: str) -> pd.DataFrame:
    """One row a message.

    Columns: `campaign_id` (category), `id, contact_id, contact_name, phone` (str), `status` (category),
    `sent_time, delivered_time` (datetime64[us, UTC], NaT where it has not happened), `error, message_id` (str).
    """
    frame = to_pandas(table)
    campaign = pd.Series(campaign_id, index=frame.index, dtype=pd.CategoricalDtype([campaign_id]))
    frame.insert(0, "campaign_id", campaign)
    seen = [status for status in frame["status"].dropna().unique() if status not in STATUSES]
    frame["status"] = frame["status"].astype(pd.CategoricalDtype([*STATUSES, *sorted(seen)]))
    frame.attrs = {"total": len(frame)}
    return frame
