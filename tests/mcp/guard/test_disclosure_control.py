"""What stays in while SEAX_MCP_PII is off: numbers, names, and the few people that two counts would single out."""

from __future__ import annotations

import pytest

from tests.mcp.host import DRAFT, Host, ask, said
from toolkit.audience.segment import Segment
from toolkit.workspace import Workspace

pytestmark = pytest.mark.anyio
TOOLS = ("find_contacts", "plan_campaign")


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize(
    "rule",
    [
        'phone starts with "+12025550"',
        'phone starts with "+1202555"',
        'phone contains "0147"',
        'phone = "+12025550147"',
        'whatsapp_phone starts with "+12025550"',
        "name = Ana",
        "name starts with A",
        "name contains a",
        "note contains vip",
        'labels:vip_customers and not phone starts with "+12025"',
        "labels:vip_customers or (labels:lapsed and name contains x)",
    ],
)
async def test_rules_that_could_single_somebody_out_are_refused(host: Host, tool: str, rule: str) -> None:
    async with host.client() as client:
        given = {} if tool == "find_contacts" else {name: DRAFT[name] for name in ("name", "message", "senders")}
        result = await client.call_tool(tool, given | {"segment": rule})

    assert result.is_error
    assert "could single people out" in said(result)


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize(
    "rule", ['phone starts with "+1"', 'phone starts with "+1212"', 'phone starts with "+44"', "region = US",
             "phone is missing", "name is not missing"]
)  # fmt: skip
async def test_countries_states_and_area_codes_are_no_secret(host: Host, tool: str, rule: str) -> None:
    async with host.client() as client:
        given = {} if tool == "find_contacts" else {name: DRAFT[name] for name in ("name", "message", "senders")}
        result = await client.call_tool(tool, given | {"segment": rule})

    assert not result.is_error, said(result)


def few(ws: Workspace) -> str:
    """A rule that means one to four contacts."""
    states = ws.snapshot().column("state").value_counts()
    return f"state = {states[states.between(1, 4)].index[0]}"


async def test_a_count_below_five_is_not_given_and_nobody_of_it_listed(host: Host, ws: Workspace) -> None:
    async with host.client() as client:
        page = await ask(client, "find_contacts", segment=few(ws))
        nobody = await ask(client, "find_contacts", segment="field.orders > 1e9")

    assert (page["total"], page["shown"], page["rows"], page["omitted"]) == ("fewer than 5", 0, "", 0)
    assert nobody["total"] == 0


async def test_two_counts_do_not_differ_by_a_handful(host: Host, ws: Workspace) -> None:
    handful, many = few(ws), "labels:vip_customers"
    async with host.client() as client:
        pairs = [
            (f"not {handful}", "everyone"),
            (f"{many} and not ({many} and {handful})", many),
            (f"{many} or {handful}", many),
            (f"field.orders >= 0 and not {handful}", "field.orders >= 0"),
        ]
        for narrow, broad in pairs:
            exact = ws.snapshot()
            difference = abs(Segment.parse(narrow).count(exact) - Segment.parse(broad).count(exact))
            given = [(await ask(client, "find_contacts", segment=rule, limit=0))["total"] for rule in (narrow, broad)]
            if 0 < difference < 5:
                assert given[0] % 5 == 0, narrow
            page = await ask(client, "find_contacts", segment=narrow, limit=100)
            assert page["shown"] + page["omitted"] == given[0]


@pytest.mark.parametrize("contact", ["+12025550147", "(202) 555-0147", "2025550147", "Jane Smith", "c_1"])
async def test_nobodys_history_is_looked_up_by_number_or_name(host: Host, contact: str) -> None:
    async with host.client() as client:
        result = await client.call_tool("get_contact_history", {"contact": contact})

    assert "Contacts cannot be looked up by name or number" in said(result)


async def test_small_groups_hidden_in_one_count_show_in_no_other(host: Host) -> None:
    async with host.client() as client:
        pages = [
            await ask(client, "query_logs", by=by, limit=100)
            for by in (["state"], ["status"], ["state", "status"], ["state", "failure"])
        ]

    for page in pages:
        rows = [line.split(",") for line in page["rows"].split("\n")[1:-1]]
        assert rows
    assert "would reveal them" in pages[2]["suppressed"]
