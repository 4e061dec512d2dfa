"""The engines that engagement runs on: how a table gets into each, and what comes out of it as plain rows."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd
import pyarrow as pa

from toolkit.data.contacts import to_pandas

TIME = pa.timestamp("us", tz="UTC")
Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Engine:
    """One kind of frame: `frame` makes it of a table, and `kind` is its class."""

    name: str
    frame: Callable[[pa.Table], Any]
    kind: type


def rows_of(frame: Any) -> Rows:
    """The rows in an order of their own, with None for what is missing and floats to 12 digits."""
    table = nw.from_native(frame).lazy().collect("pyarrow").to_native()
    return sorted((tuple(map(_plain, row.values())) for row in table.to_pylist()), key=repr)


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return None if math.isnan(value) else float(f"{value:.12g}")
    return value


def schema_of(frame: Any) -> dict[str, str]:
    """The columns and their kinds, in narwhals' words."""
    return {name: str(kind) for name, kind in nw.from_native(frame).lazy().collect_schema().items()}


def pandas_engine() -> Engine:
    return Engine("pandas", to_pandas, pd.DataFrame)


def polars_engine() -> Engine:
    import polars as pl

    return Engine("polars", lambda table: pl.DataFrame(table), pl.DataFrame)


def duckdb_engine() -> Engine:
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    return Engine("duckdb", connection.from_arrow, duckdb.DuckDBPyRelation)


def spark_engine(session: Any) -> Engine:
    from pyspark.sql import DataFrame

    return Engine("spark", session.createDataFrame, DataFrame)
