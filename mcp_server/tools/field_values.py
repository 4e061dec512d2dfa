"""The contacts' fields with their commonest values, so that a rule is written with values that exist."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mcp_server.tools.csv_page import as_csv

if TYPE_CHECKING:
    import pandas as pd

    from toolkit.data.contacts import Contacts

_FIELDS, _VALUES = 20, 6
_MOST = 2_500  # characters
_NEWEST = 50_000  # contacts that are read, so that the first look at a million is quick


def field_values(contacts: Contacts, *, few: int) -> str:
    """Each field, how many of the newest contacts have it, and its commonest values that `few` have at least, as CSV.

    A field with many distinct values is described by its range if it holds numbers or times, else by their number.
    """
    import pandas as pd  # first use

    newest = replace(contacts, table=contacts.table.slice(0, _NEWEST))
    names = newest.field_names[:_FIELDS]
    frame, rows = newest.select([f"field.{name}" for name in names]), []
    for name in names:
        series = frame[f"field.{name}"].dropna()
        if len(series) >= max(few, 1):
            rows.append((name, len(series), _described(series, few)))
    return as_csv(pd.DataFrame(rows, columns=["field", "contacts", "values"]), most=_MOST)[0]


def _described(series: pd.Series, few: int) -> str:
    import pandas as pd  # first use

    counts = series.value_counts()
    common = counts[counts >= max(few, 1)]
    is_measure = pd.api.types.is_numeric_dtype(series) or pd.api.types.is_datetime64_any_dtype(series)
    if is_measure and not pd.api.types.is_bool_dtype(series):
        return f"{series.quantile(0.05)} to {series.quantile(0.95)}" if len(common) > 1 else ""
    if len(counts) > 20 * _VALUES or common.empty:
        return f"{len(counts):,} different values"
    more = f" and {len(common) - _VALUES} more" if len(common) > _VALUES else ""
    return f"{'; '.join(map(str, common.index[:_VALUES]))}{more}"
