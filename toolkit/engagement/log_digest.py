"""What two delivery logs have in common only if they hold the same messages, in whatever order they were read."""

from __future__ import annotations

import hashlib

import pandas as pd

_COLUMNS = ["campaign_id", "contact_id", "status", "sent_time", "delivered_time"]


def log_digest(logs: pd.DataFrame) -> str:
    """The first 12 characters of the SHA-256 of a log's messages: recipients, campaigns, outcomes and times."""
    rows = logs[_COLUMNS].astype("str").sort_values(_COLUMNS)
    return hashlib.sha256(rows.to_csv(index=False, lineterminator="\n").encode()).hexdigest()[:12]
