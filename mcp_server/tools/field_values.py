"""The contacts' fields, and their commonest values, so that a rule is written with values that exist."""

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


def field_values(contacts: Contacts, *, few: int) -> tuple[str, str]:
    """Each field, how many of the newest contacts have it, and its range or how many values it has; and the commonest
    values of texts that `few` contacts have at least, which others may have written. Both as CSV, the latter empty if
    there are none.

    The range of numbers and times is without the lowest and the highest 5 %, and shown for `20 * few` contacts or more.
    """
    import pandas as pd  # first use

    newest = replace(contacts, table=contacts.table.slice(0, _NEWEST))
    names = newest.field_names[:_FIELDS]
    frame, fields, values = newest.select([f"field.{name}" for name in names]), [], []
    for name in names:
        series = frame[f"field.{name}"].dropna()
        if len(series) >= max(few, 1):
            fields.append((name, len(series), _summary(series, few)))
            if common := _common(series, few):
                values.append((name, common))
    return (
        as_csv(pd.DataFrame(fields, columns=["field", "contacts", "values"]), most=_MOST)[0],
        as_csv(pd.DataFrame(values, columns=["field", "commonest"]), most=_MOST)[0] if values else "",
    )


def _summary(series: pd.Series, few: int) -> str:
    import pandas as pd  # first use

    if not _is_measure(series) or len(series) < 20 * few:
        distinct = series.nunique()
        return f"{distinct:,} distinct value{'s' if distinct != 1 else ''}"
    form = "%Y-%m-%d" if pd.api.types.is_datetime64_any_dtype(series) else ".6g"
    return f"{series.quantile(0.05):{form}} to {series.quantile(0.95):{form}}"


def _common(series: pd.Series, few: int) -> str:
    counts = series.value_counts()
    common = counts[counts >= max(few, 1)]
    if _is_measure(series) or len(counts) > 20 * _VALUES:
        return ""
    more = f" and {len(common) - _VALUES} more" if len(common) > _VALUES else ""
    return f"{'; '.join(map(str, common.index[:_VALUES]))}{more}"


def _is_measure(series: pd.Series) -> bool:
    from pandas.api import types  # first use

    return (types.is_numeric_dtype(series) and not types.is_bool_dtype(series)) or types.is_datetime64_any_dtype(series)
