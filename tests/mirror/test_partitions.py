"""Engines open only the logs of the months and campaigns that a condition needs, and read conditions into the files."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pyarrow import dataset, fs

from tests.builders import START
from tests.engines import Engine
from tests.mirror.living import LivingService
from tests.mirror.object_server import ObjectServer
from toolkit.mirror.mirror import Mirror
from toolkit.workspace import Workspace

EARLIER, LATER = "2026-01", "2026-03"
STATUSES = ["failed", "delivered", "delivered"]


@pytest.fixture
def service() -> LivingService:
    service = LivingService(contacts=30)
    for campaign_id, days in (("c1", 0), ("c2", 40), ("c3", 80), ("c4", 120)):
        service.send(campaign_id, STATUSES)
        service.campaigns[campaign_id]["start_time"] = (START - timedelta(days=days)).isoformat()
    return service


def logs_in(engine: Engine, mirror: Mirror, spark: Any) -> Any:
    """The mirrored logs as the guide says to read them."""
    paths = mirror.paths("logs")
    if engine.name == "polars":
        import polars as pl

        return pl.scan_parquet(paths, hive_partitioning=True)
    if engine.name == "duckdb":
        import duckdb

        return duckdb.read_parquet(paths, hive_partitioning=True)
    if engine.name == "spark":
        return spark.read.option("basePath", f"{mirror.path}/logs").parquet(*paths)
    return paths


def failures(engine: Engine, logs: Any, month: str) -> list[str]:
    """The campaigns of a month's failed messages."""
    if engine.name == "polars":
        import polars as pl

        kept = logs.filter(pl.col("month") == month, pl.col("status") == "failed")
        return list(kept.select("campaign_id").collect()["campaign_id"])
    if engine.name == "duckdb":
        return [
            row[0] for row in logs.filter(f"month = '{month}' AND status = 'failed'").select("campaign_id").fetchall()
        ]
    if engine.name == "spark":
        return [
            row[0] for row in logs.filter(f"month = '{month}' AND status = 'failed'").select("campaign_id").collect()
        ]
    filters = [("month", "==", month), ("status", "==", "failed")]
    return list(pd.read_parquet(logs, filters=filters, columns=["campaign_id"])["campaign_id"])


def test_logs_of_other_months_are_not_opened(
    live: Workspace, tmp_path: Path, engine: Engine, request: pytest.FixtureRequest
) -> None:
    mirror = live.mirror(tmp_path / "mirror")
    mirror.refresh(["c1", "c2"])
    spark = request.getfixturevalue("spark") if engine.name == "spark" else None
    logs = logs_in(engine, mirror, spark)
    both = [failures(engine, logs, month) for month in (LATER, EARLIER)]
    (earlier,) = (path for path in mirror.paths("logs") if f"month={EARLIER}" in path)
    Path(earlier).write_bytes(b"not even Parquet")

    assert both == [["c1"], ["c2"]]
    assert failures(engine, logs, LATER) == ["c1"]


def test_sparks_plan_shows_the_partitions_and_the_conditions_it_reads_by(
    live: Workspace, tmp_path: Path, spark: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    mirror = live.mirror(tmp_path / "mirror")
    mirror.refresh(["c1", "c2"])
    logs = spark.read.option("basePath", f"{mirror.path}/logs").parquet(*mirror.paths("logs"))

    logs.filter(f"month = '{LATER}' AND campaign = 'c1' AND status = 'failed'").explain()

    plan = capsys.readouterr().out
    partitions, pushed = (
        plan.partition(f"{name}: [")[2].partition("]")[0] for name in ("PartitionFilters", "PushedFilters")
    )
    assert "2026-03" in partitions
    assert "= c1" in partitions
    assert "EqualTo(status,failed)" in pushed
    assert "month" not in pushed


def test_a_campaign_that_is_moved_to_another_month_is_found_there(
    live: Workspace, service: LivingService, tmp_path: Path
) -> None:
    mirror = live.mirror(tmp_path / "mirror")
    mirror.refresh(["c1", "c2"])
    service.campaigns["c1"]["start_time"] = (START + timedelta(days=40)).isoformat()

    mirror.refresh()

    assert ["month=2026-04/campaign=c1/" in path for path in mirror.paths("logs")] == [True, False]
    assert len(mirror.logs()) == 2 * len(STATUSES)


def test_a_strange_id_of_a_campaign_names_no_other_folder(
    live: Workspace, service: LivingService, tmp_path: Path
) -> None:
    strange = "..%2f.. =é"
    service.send(strange, STATUSES)
    mirror = live.mirror(tmp_path / "mirror")

    mirror.refresh([strange])

    assert [file.parent.parent.parent for file in tmp_path.rglob("log-*")] == [tmp_path / "mirror" / "logs"]
    assert mirror.logs()["campaign_id"].unique().tolist() == [strange]


@pytest.mark.parametrize("reader", ["polars", "duckdb"])
def test_logs_on_an_object_store_are_read_by_month(
    live: Workspace, objects: ObjectServer, tmp_path: Path, reader: str
) -> None:
    import duckdb
    import polars as pl

    mirror = live.mirror(objects.mirror(tmp_path.name))
    mirror.refresh(["c1", "c2", "c3", "c4"])
    asked: list[str] = []
    objects.on_request = lambda method, path: asked.append(f"{method} {path}")
    paths = mirror.paths("logs")
    if reader == "polars":
        of_month = pl.scan_parquet(paths, hive_partitioning=True).filter(pl.col("month") == EARLIER)
        found = of_month.select("campaign_id").collect()["campaign_id"].to_list()
    else:
        store, folder = fs.FileSystem.from_uri(f"{mirror.path}/logs")
        files = [folder + path.removeprefix(f"{mirror.path}/logs") for path in paths]
        logs = dataset.dataset(files, filesystem=store, partitioning="hive")
        of_month = duckdb.from_arrow(logs).filter(f"month = '{EARLIER}'")
        found = [campaign for (campaign,) in of_month.select("campaign_id").fetchall()]

    assert found == ["c2"] * len(STATUSES)
    fetched = {line for line in asked if line.startswith("GET") and "/logs/" in line}
    assert [line for line in fetched if f"month={EARLIER}" in line]
    if reader == "duckdb":  # Polars looks at each file's end
        assert len(fetched) == 2, "that of the month, and the first, for the columns"
