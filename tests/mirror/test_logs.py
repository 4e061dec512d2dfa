"""Logs are read again when their campaigns move, and left alone when they stand still."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.builders import Clock
from tests.mirror.living import LivingService
from toolkit.errors import NotFound, NotMirrored
from toolkit.workspace import Workspace


def test_a_log_is_read_again_when_its_counters_move(live: Workspace, service: LivingService, tmp_path: Path) -> None:
    service.send("c1", ["queued", "sent", "delivered"])
    service.send("c2", ["delivered", "failed"])
    mirror = live.mirror(tmp_path / "mirror")
    mirror.refresh(["c1", "c2"])
    service.send("c1", ["sent", "delivered", "undelivered"])

    report = mirror.refresh()

    assert (report.logs_read, report.logs_kept) == (("c1",), ("c2",))
    assert not report.exact
    pd.testing.assert_frame_equal(mirror.logs(), live.logs(["c1", "c2"]))
    pd.testing.assert_frame_equal(mirror.logs("c2"), live.logs("c2"))


def test_opens_and_clicks_alone_do_not_read_a_log_again(
    live: Workspace, service: LivingService, tmp_path: Path
) -> None:
    service.send("c1", ["delivered"])
    mirror = live.mirror(tmp_path / "mirror")
    mirror.refresh("c1")
    service.campaigns["c1"]["statistics"]["clicked"] = 1

    report = mirror.refresh()

    assert report.logs_kept == ("c1",)
    assert mirror.campaigns()["clicked"].tolist() == [1]


def test_a_log_that_does_not_add_up_to_its_counters_is_read_again(
    live: Workspace, service: LivingService, tmp_path: Path
) -> None:
    service.send("c1", ["sent", "delivered"])
    service.logs["c1"][0]["message_status"] = "queued"  # the log lags behind
    mirror = live.mirror(tmp_path / "mirror")
    mirror.refresh("c1")
    service.logs["c1"][0]["message_status"] = "sent"

    report = mirror.refresh()

    assert report.logs_read == ("c1",)
    pd.testing.assert_frame_equal(mirror.logs(), live.logs("c1"))


def test_a_campaign_without_counters_is_always_read(live: Workspace, service: LivingService, tmp_path: Path) -> None:
    service.send("c1", ["delivered"])
    service.campaigns["c1"]["statistics"] = None
    mirror = live.mirror(tmp_path / "mirror")
    mirror.refresh("c1")

    assert mirror.refresh().logs_read == ("c1",)
    assert mirror.campaigns()["total"].isna().all()


def test_a_finished_campaign_that_stood_still_for_a_week_is_left_alone(
    live: Workspace, service: LivingService, tmp_path: Path, clock: Clock
) -> None:
    service.send("c1", ["delivered", "sent"])
    mirror = live.mirror(tmp_path / "mirror")
    mirror.refresh("c1")
    for _ in range(2):
        clock.move(days=6)
        service.send("c1", ["delivered", "delivered"])
        mirror.refresh()
    clock.move(days=7)
    mirror.refresh()
    frozen = mirror.campaigns()["is_frozen"].tolist()
    service.asked.clear()

    mirror.refresh()
    asked = [request for request in service.asked if "/campaigns/" in request.url.path]
    full = mirror.refresh(full=True)

    assert frozen == [True]
    assert asked == []
    assert full.logs_read == ("c1",)


def test_a_running_campaign_is_never_frozen(
    live: Workspace, service: LivingService, tmp_path: Path, clock: Clock
) -> None:
    service.send("c1", ["queued"])
    service.campaigns["c1"]["status"] = "sending"
    mirror = live.mirror(tmp_path / "mirror")
    for _ in range(3):
        mirror.refresh("c1")
        clock.move(days=30)

    assert not mirror.campaigns()["is_frozen"].any()


def test_a_campaign_that_is_gone_keeps_its_log(live: Workspace, service: LivingService, tmp_path: Path) -> None:
    service.send("c1", ["delivered"])
    mirror = live.mirror(tmp_path / "mirror")
    mirror.refresh("c1")
    del service.campaigns["c1"]

    report = mirror.refresh()

    assert report.logs_gone == ("c1",)
    assert len(mirror.logs("c1")) == 1


def test_a_campaign_named_wrongly_is_told_and_the_rest_stays(
    live: Workspace, service: LivingService, tmp_path: Path
) -> None:
    service.send("c1", ["delivered"])
    mirror = live.mirror(tmp_path / "mirror")

    with pytest.raises(NotFound):
        mirror.refresh(["c1", "c-nobody-knows"])

    assert len(mirror.contacts()) == len(service.contacts)
    assert len(mirror.logs("c1")) == 1
    with pytest.raises(NotMirrored, match="refresh"):
        mirror.logs("c-nobody-knows")


def test_a_log_that_grows_while_it_is_read_is_mended(live: Workspace, service: LivingService, tmp_path: Path) -> None:
    service.send("c1", ["delivered"] * 3_000)
    rows, whole = service.logs["c1"], list(service.logs["c1"])
    service.logs["c1"] = rows[1:]
    mirror = live.mirror(tmp_path / "mirror")
    service.on_request = lambda request: service.logs.update(c1=whole) if "offset=1" in str(request.url) else None

    mirror.refresh("c1")

    assert mirror.logs("c1")["id"].tolist() == [row["id"] for row in whole]


def test_an_empty_log_has_its_columns(live: Workspace, service: LivingService, tmp_path: Path) -> None:
    service.send("c1", [])
    mirror = live.mirror(tmp_path / "mirror")
    mirror.refresh("c1")

    pd.testing.assert_frame_equal(mirror.logs(), live.logs("c1"))
    assert mirror.logs([]).dtypes.equals(live.logs([]).dtypes)
