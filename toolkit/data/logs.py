"""Delivery logs in columns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa

from toolkit.api.arrow_schemas import LOGS
from toolkit.data.arrow_frames import to_pandas

STATUSES = ("queued", "sent", "delivered", "undelivered", "failed")  # these first; others are kept, in lower case


def logs_frame(
    tables: Mapping[str, pa.Table], read_time: datetime, *, repairs: int = 0, exact: bool = True
) -> pd.DataFrame:
    """One row per message, of the logs of one or more campaigns by id.

    Columns: `campaign_id` (category), `id, contact_id, contact_name, phone` (str), `status` (category),
    `sent_time, delivered_time` (datetime64[us, UTC], NaT where it has not happened), `error, message_id` (str); and,
    missing where the service does not report them, `sender, text` (str), `parts` (float64), `changed_time`
    (datetime64[us, UTC], of the latest status). Some services report no `delivered_time` and no `contact_name`: a
    message was delivered if its status says so.
    `attrs` has `read_time` (ISO 8601), `total`, `repairs` made while reading, and `exact`: each log is complete, as it
    was at one moment.
    """
    frame = to_pandas(pa.concat_tables([LOGS.empty_table(), *tables.values()]))
    codes = np.repeat(np.arange(len(tables)), [table.num_rows for table in tables.values()])
    frame.insert(
        0,
        "campaign_id",
        pd.Series(pd.Categorical.from_codes(codes, pd.Index(list(tables), dtype="str")), index=frame.index),
    )
    seen = [status for status in frame["status"].dropna().unique() if status not in STATUSES]
    frame["status"] = frame["status"].astype(pd.CategoricalDtype([*STATUSES, *sorted(seen)]))
    frame.attrs = {"read_time": read_time.isoformat(), "total": len(frame), "repairs": repairs, "exact": exact}
    return frame
