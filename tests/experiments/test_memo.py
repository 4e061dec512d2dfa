"""The decision memo is one file that anybody can rebuild, byte for byte, and that runs and loads nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.builders import Clock
from tests.experiments.studies import draft, orders_of, pass_time, send
from toolkit.errors import SettingsError
from toolkit.experiments.order_rows import read_orders
from toolkit.sandbox import Sandbox
from toolkit.workspace import Workspace


def test_the_memo_says_what_to_do_and_is_rebuilt_byte_for_byte(
    ws: Workspace, sandbox: Sandbox, clock: Clock, tmp_path: Path
) -> None:
    script = "<script>alert(1)</script> Shoes. Reply STOP to opt out."
    plan = ws.plan(draft(messages={"friendly": script}, overrides={"MSG003": "to see that it is shown as text"}))
    send(ws, plan)
    orders = orders_of(plan, {"plain": 0.1, "friendly": 0.7}, at=ws.service_time())
    early = ws.experiments.memo(plan.id, orders).html
    pass_time(ws, sandbox, clock, hours=80)

    html = ws.experiments.memo(plan.id, orders).html
    again = ws.experiments.memo(plan.id, orders.sample(frac=1, random_state=1)).save(tmp_path / "memo.html")

    assert again.read_bytes() == html.encode()
    assert ">NOT JUDGED<" in early
    assert "<svg" not in early  # nothing to compare arms by
    assert "Counted until" not in early
    assert ">SHIP<" in html
    assert "How the verdict is reached, fixed before sending" in html
    assert plan.digest[:12] in html
    assert "approved by ana" in html
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", html)


def test_orders_of_a_csv_have_times_with_their_zone(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("contact_id,time\na,2026-11-04T10:00:00+01:00\n", encoding="utf-8")

    assert str(read_orders(path, times="time")["time"].iloc[0]) == "2026-11-04 09:00:00+00:00"
    with pytest.raises(SettingsError, match=r"none of \.parquet"):
        read_orders(tmp_path / "orders.xlsx", times="time")
    with pytest.raises(SettingsError, match="cannot be read"):
        read_orders(tmp_path / "missing.csv", times="time")
