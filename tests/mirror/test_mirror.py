"""A mirror holds what the service has, or says that this is not certain, and every engine reads it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.builders import START, Clock
from tests.engines import Engine, rows_of
from tests.mirror.imports import import_contacts
from tests.mirror.living import LivingService
from toolkit.data.bitmaps import count
from toolkit.data.label_counts import labels_frame
from toolkit.engagement.engagement import by_campaign, by_label, membership
from toolkit.mirror.mirror import Mirror
from toolkit.sandbox import Sandbox
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect

GUIDE_CAMPAIGN = "campaign_12345678-abcd-efgh-ijkl-123456789012"


def check_contacts(mirror: Mirror, ws: Workspace) -> None:
    there = ws.snapshot()
    pd.testing.assert_frame_equal(mirror.contacts(), there.frame)
    counted = [(label, count(there.bitmap(code))) for code, label in enumerate(there.labels)]
    pd.testing.assert_frame_equal(mirror.labels(), labels_frame(counted))


def test_a_mirror_holds_what_the_workspace_reads(ws: Workspace, tmp_path: Path) -> None:
    mirror = ws.mirror(tmp_path / "mirror")

    report = mirror.refresh([GUIDE_CAMPAIGN])

    assert report.exact
    check_contacts(mirror, ws)
    columns = ["id", "labels", "field.customer_tier"]
    pd.testing.assert_frame_equal(mirror.contacts(columns), ws.contacts(columns=columns))
    pd.testing.assert_frame_equal(mirror.logs(), ws.logs(GUIDE_CAMPAIGN))
    failed = ["failed", "undelivered"]
    pd.testing.assert_frame_equal(mirror.logs(statuses=failed), ws.logs(GUIDE_CAMPAIGN, statuses=failed))


def test_a_folder_may_have_any_name(live: Workspace, tmp_path: Path) -> None:
    mirror = live.mirror(tmp_path / "year=2026" / "our mirror")
    mirror.refresh()

    check_contacts(mirror, live)
    assert "year" not in mirror.label_changes(START).columns


def test_campaigns_known_here_are_mirrored_unless_some_are_named(ws: Workspace, tmp_path: Path) -> None:
    mirror = ws.mirror(tmp_path / "mirror")

    contacts_alone = mirror.refresh([])
    everything = mirror.refresh()

    assert contacts_alone.logs_read == ()
    assert set(everything.logs_read) == set(ws.campaign_ids())
    pd.testing.assert_frame_equal(mirror.logs(ws.campaign_ids()), ws.logs(ws.campaign_ids()))
    assert mirror.campaigns()["messages"].tolist() == mirror.logs()["campaign_id"].value_counts(sort=False).tolist()


Change = Callable[[LivingService], object]
SHOWN: dict[str, Change] = {
    "nothing": lambda service: None,
    "one joined": lambda service: service.join("vip"),
    "many joined": lambda service: [service.join("nyc") for _ in range(2_345)],
    "one left": lambda service: service.contacts.pop(3_333),
    "the first and the last left": lambda service: [service.contacts.pop(), service.contacts.pop(0)],
    "one joined, one left": lambda service: [service.contacts.pop(3_000), service.join()],
    "a label was given": lambda service: service.label(6_001, *service.has(6_001), "DNC"),
    "a label was taken": lambda service: service.label(service.first("nyc")),
    "one label for another": lambda service: service.label(service.first("nyc"), "vip"),
    "a new label came along": lambda service: [service.join("fresh"), service.label(5_003, "fresh")],
    "a label was given to many": lambda service: [
        service.label(at, *service.has(at), "DNC") for at in range(0, 900, 7)
    ],
    "all at once": lambda service: [
        service.contacts.pop(2_000),
        service.join("vip", "nyc"),
        service.label(100, "DNC"),
        service.label(6_100, "nyc"),
        service.join(),
    ],
}


@pytest.mark.parametrize("change", SHOWN.values(), ids=SHOWN)
def test_what_moves_rows_or_counts_is_caught_up_with(
    live: Workspace, service: LivingService, tmp_path: Path, change: Change
) -> None:
    mirror = live.mirror(tmp_path / "mirror")
    first = mirror.refresh()
    change(service)

    report = mirror.refresh()

    assert not report.is_whole
    check_contacts(mirror, live)
    assert report.rows < first.rows


HIDDEN: dict[str, Change] = {
    "an edit": lambda service: service.edit(5_000, name="Somebody Else"),
    "a label of nobody before": lambda service: service.label(5_003, *service.has(5_003), "brand new"),
    "a label that changed hands": lambda service: service.swap("vip"),
}


@pytest.mark.parametrize("change", HIDDEN.values(), ids=HIDDEN)
def test_what_the_service_does_not_show_is_owned_up_to_and_read_in_full(
    live: Workspace, service: LivingService, tmp_path: Path, change: Change
) -> None:
    mirror = live.mirror(tmp_path / "mirror")
    mirror.refresh()
    change(service)

    report = mirror.refresh()
    missed = not mirror.contacts().equals(live.contacts())
    doubtful = mirror.contacts().attrs["exact"] is False
    full = mirror.refresh(full=True)

    assert missed
    assert doubtful
    assert not report.exact
    assert "refresh(full=True)" in repr(report)
    assert full.exact
    check_contacts(mirror, live)


def test_an_edit_shows_where_the_service_keeps_an_order_of_change(tmp_path: Path, clock: Clock) -> None:
    service = LivingService(keeps_order_of_change=True)
    service.edit(5_000, name="Edited before")
    ws = service.connect(tmp_path, clock)
    mirror = ws.mirror(tmp_path / "mirror")
    mirror.refresh()
    for at, name in ((6_000, "Edited after"), (0, "Edited later")):
        service.edit(at, name=name)
        report = mirror.refresh()

        assert not report.is_whole
        assert "Edits of names" not in repr(report)
        assert not report.exact
        check_contacts(mirror, ws)


def test_an_order_of_change_that_cannot_be_told_from_the_usual_is_not_relied_on(tmp_path: Path, clock: Clock) -> None:
    service = LivingService(keeps_order_of_change=True)  # nobody was edited, so both orders are the same
    mirror = service.connect(tmp_path, clock).mirror(tmp_path / "mirror")
    mirror.refresh()

    assert "Edits of names" in repr(mirror.refresh())


def test_newcomers_cost_little_and_a_label_of_most_people_is_read_with_the_whole(
    live: Workspace, service: LivingService, tmp_path: Path
) -> None:
    mirror = live.mirror(tmp_path / "mirror")
    first = mirror.refresh()
    for _ in range(60):
        service.join("vip")
    newcomers = mirror.refresh()
    for at in range(5_000):
        service.label(at, "vip")

    most = mirror.refresh()

    assert newcomers.rows < 0.2 * first.rows
    assert most.is_whole
    assert most.exact


def test_small_workspaces_are_read_whole_because_asking_costs_as_much(ws: Workspace, tmp_path: Path) -> None:
    mirror = ws.mirror(tmp_path / "mirror")
    mirror.refresh([])

    report = mirror.refresh([])

    assert report.is_whole
    assert report.requests < 5


def test_the_embedded_workspace_is_caught_up_with(tmp_path: Path, clock: Clock) -> None:
    sandbox = Sandbox(tmp_path / "sandbox.sqlite3", contacts=42_000, now=clock)
    ws = connect(Settings(home=tmp_path), sandbox=sandbox, now=clock)
    mirror = ws.mirror(tmp_path / "mirror")
    mirror.refresh([])
    phones = ws.contacts(columns=["phone"])["phone"].dropna().sample(300, random_state=4)
    import_contacts(sandbox, clock, "name,phone,labels", [f"New {i},+1999{i:07d},birthday_club" for i in range(420)])
    import_contacts(sandbox, clock, "phone,labels", [f"{phone},location_seattle" for phone in phones], update=True)

    report = mirror.refresh([])

    assert not report.is_whole
    check_contacts(mirror, ws)
    sandbox.close()


def read_with(engine: Engine, paths: list[str], spark: Any) -> Any:
    if engine.name == "polars":
        import polars as pl

        return pl.scan_parquet(paths)
    if engine.name == "duckdb":
        import duckdb

        duckdb.execute("SET TimeZone = 'UTC'")
        return duckdb.read_parquet(paths)
    return spark.read.parquet(*paths) if engine.name == "spark" else pd.read_parquet(paths, dtype_backend="pyarrow")


def test_every_engine_reads_the_files_and_gets_the_same_engagement(
    ws: Workspace, sandbox: Sandbox, tmp_path: Path, clock: Clock, engine: Engine, request: pytest.FixtureRequest
) -> None:
    mirror = ws.mirror(tmp_path / "mirror")
    mirror.refresh(ws.campaign_ids()[:3])
    began = sandbox.clock.now()
    import_contacts(sandbox, clock, "name,phone,labels", ["New,+19990000001,vip_customers"])
    mirror.refresh()
    spark = request.getfixturevalue("spark") if engine.name == "spark" else None
    people, logs, changes = (read_with(engine, mirror.paths(of), spark) for of in ("contacts", "logs", "changes"))

    own_people, own_logs, own_changes = mirror.contacts(), mirror.logs(), mirror.label_changes(began)

    assert rows_of(by_campaign(logs)) == rows_of(by_campaign(own_logs))
    assert rows_of(by_label(logs, membership(people))) == rows_of(by_label(own_logs, membership(own_people)))
    assert rows_of(changes) == rows_of(own_changes)
    assert len(rows_of(changes)) > 0
