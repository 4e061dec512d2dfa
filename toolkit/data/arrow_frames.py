"""From Arrow to pandas, with the same dtypes whatever the rows are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from toolkit.api.arrow_schemas import MALLOC


def to_pandas(table: pa.Table) -> pd.DataFrame:
    """The table as a frame with fixed dtypes, even when empty: text is str, lists stay Arrow."""
    for at, column in enumerate(table.columns):
        if pa.types.is_string(column.type):  # as pandas keeps it
            texts = pc.cast(column, pa.large_string(), memory_pool=MALLOC)
            table = table.set_column(at, table.schema.names[at], texts)
    frame: pd.DataFrame = table.to_pandas(types_mapper=_dtype)
    return frame


def _dtype(kind: pa.DataType) -> pd.api.extensions.ExtensionDtype | None:
    if pa.types.is_large_string(kind):
        return pd.StringDtype(na_value=np.nan)
    if pa.types.is_boolean(kind):
        return pd.BooleanDtype()
    return pd.ArrowDtype(kind) if pa.types.is_nested(kind) else None
