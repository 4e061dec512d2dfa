"""Delivery logs by hand."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa

from tests.builders import START
from toolkit.api.arrow_schemas import LOGS
from toolkit.data.logs import logs_frame


def log_frame(*rows: dict[str, Any]) -> pd.DataFrame:
    """A campaign's log with these rows; whatever a row does not name is missing."""
    blank = dict.fromkeys(LOGS.names)
    return logs_frame({"c1": pa.Table.from_pylist([blank | row for row in rows], schema=LOGS)}, START)
