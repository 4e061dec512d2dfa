"""The engines that engagement runs on: how a table gets into each, and what comes out of it as plain rows.

One Spark for the whole run is started by the first test that asks for it.
"""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd
import pyarrow as pa
import pytest

from toolkit.data.arrow_frames import to_pandas

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


SPARK: dict[str, bool | float | int | str | None] = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",  # many small plans, each run once
    "spark.log.level": "ERROR",
    "spark.python.sql.dataFrameDebugging.enabled": "false",  # it asks the JVM ten times for each expression
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",  # compiling costs more than these few rows
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        pytest.fail("PySpark needs Java 17 or newer: install default-jre-headless.")
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").appName("engagement")
    session = builder.config(map=SPARK).getOrCreate()
    yield session
    session.stop()


@pytest.fixture(params=["pandas", "polars", "duckdb", "spark"])
def engine(request: pytest.FixtureRequest) -> Engine:
    if request.param == "spark":
        return spark_engine(request.getfixturevalue("spark"))
    return {"pandas": pandas_engine, "polars": polars_engine, "duckdb": duckdb_engine}[request.param]()
