"""One Spark for the whole run, started by the first test that asks for it, and a live workspace changed by hand."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.builders import Clock
from tests.data.engines import Engine, duckdb_engine, pandas_engine, polars_engine, spark_engine
from tests.data.living import LivingService
from toolkit.workspace import Workspace

SPARK: dict[str, bool | float | int | str | None] = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.log.level": "ERROR",
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


@pytest.fixture
def service() -> LivingService:
    return LivingService()


@pytest.fixture
def live(tmp_path: Path, service: LivingService, clock: Clock) -> Iterator[Workspace]:
    with service.connect(tmp_path, clock) as workspace:
        yield workspace
