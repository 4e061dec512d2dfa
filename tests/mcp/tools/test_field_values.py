"""Fields are described by what they hold, and the words in them, which others may have written, are shown as such."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mcp_server.connection import Connection
from mcp_server.guard.server_settings import Options
from mcp_server.server import build_server
from mcp_server.tools.field_values import field_values
from tests.builders import make_contacts
from tests.mcp.host import Host, ask, plan, said, table
from toolkit.workspace import Workspace

TIME = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("values", "few", "summary", "common"),
    [
        (list(range(1, 1_001)), 5, "50.95 to 950.05", ""),
        ([at / 1_000 for at in range(1_000)], 5, "0.04995 to 0.94905", ""),
        ([f"{TIME + timedelta(days=at):%Y-%m-%d}" for at in range(101)], 5, "2026-01-06 to 2026-04-06", ""),
        (list(range(99)), 5, "99 distinct values", ""),
        (list(range(99)), 0, "4.9 to 93.1", ""),
        ([7.5] * 200, 5, "7.5 to 7.5", ""),
        (["gold"] * 5 + ["silver"] * 4, 5, "2 distinct values", "gold"),
        (["gold"] * 5 + ["silver"] * 4, 0, "2 distinct values", "gold; silver"),
        ([True] * 9, 5, "1 distinct value", "True"),
        ([f"name {at}" for at in range(1_000)], 0, "1,000 distinct values", ""),
        (["a", "b", "c", "d", "e"], 5, "5 distinct values", ""),
    ],
)
def test_a_field_is_described_by_its_range_or_its_values(
    values: list[Any], few: int, summary: str, common: str
) -> None:
    rows = [{"id": f"c{at}", "fields": json.dumps({"x": value})} for at, value in enumerate(values)]

    fields, commonest = field_values(make_contacts(rows), few=few)

    assert table(fields) == [{"field": "x", "contacts": str(len(values)), "values": summary}]
    assert table(commonest) == ([{"field": "x", "commonest": common}] if common else [])


def test_a_field_of_too_few_contacts_is_not_listed() -> None:
    rows = [{"id": f"c{at}", "fields": json.dumps({"x": "gold"})} for at in range(4)]

    assert field_values(make_contacts(rows), few=5) == ("field,contacts,values\n", "")


@pytest.mark.anyio
async def test_a_wary_server_lists_fields_without_the_words_in_them(ws: Workspace, options: Options) -> None:
    wary = Connection(lambda: ws, options.model_copy(update={"is_wary": True}))
    host = Host(build_server(wary, are_limited=False), "2026-07-28")
    async with host.client() as client:
        status = await ask(client, "get_status")
        was_tainted = wary.is_tainted
        found = await ask(client, "find_contacts", segment="field.customer_tier = x", limit=0)

    assert "customer_tier" in {row["field"] for row in table(status["fields"])}
    assert (status["field_values"], was_tainted) == ("", False)
    assert "gold" not in status["fields"]
    assert "doubts of find_contacts" in str(status["next_steps"])
    assert "gold" in found["doubts"]


@pytest.mark.anyio
async def test_elsewhere_the_words_in_fields_are_shown_as_written_by_others(ws: Workspace, options: Options) -> None:
    here = Connection(lambda: ws, options)
    host = Host(build_server(here, are_limited=False), "2026-07-28")
    async with host.client() as client:
        status = await ask(client, "get_status")
        plan_id = await plan(client)
        sent = await client.call_tool("send_plan", {"plan_id": plan_id})

    assert status["field_values"].startswith("<data-")
    assert "gold" in {row["field"]: row["commonest"] for row in table(status["field_values"])}["customer_tier"]
    assert here.is_tainted
    assert ws.get_plan(plan_id).plan.read_others
    assert '"status":"sent"' in said(sent)
    assert "doubts of find_contacts" not in str(status["next_steps"])
