"""More requests of an analyst, each held against the workspace in detail: answered rightly, in few calls and tokens."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from mcp import Client

from mcp_server.connection import Connection
from mcp_server.guard.server_settings import Options
from mcp_server.server import build_server
from tests.mcp.evals.agents import Agent
from tests.mcp.evals.run import MOST_CALLS, MOST_TOKENS
from tests.mcp.host import DRAFT, embedded, said, table
from tests.mcp.outside import node
from toolkit.audience.segment import Segment
from toolkit.plans.draft import CampaignDraft
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with closing(connect(Settings(home=embedded(tmp_path_factory.mktemp("home"), contacts=600)), face="mcp")) as found:
        yield found


async def gold_customers_reached_lately_but_not_this_week(agent: Agent, ws: Workspace) -> None:
    rule = "field.customer_tier = gold and delivered in 30d and not delivered in 7d"
    found = await agent.ask("find_contacts", segment=rule, limit=0)

    exact = len(ws.contacts(Segment.parse(rule)))
    assert found["total"] in {exact, 5 * (exact // 5)}


async def the_best_campaign_and_whether_that_is_real(agent: Agent, ws: Workspace) -> None:
    known = table((await agent.ask("find_campaigns", limit=2))["rows"])
    compared = await agent.ask("compare_campaigns", campaigns=[row["id"] for row in known])

    rates = [float(row["rate"]) for row in table(compared["campaigns"])]
    assert rates == sorted(rates, reverse=True)
    assert "p" in table(compared["pairs"])[0]


async def three_wordings_and_their_lengths(agent: Agent, ws: Workspace) -> None:
    texts = ["20 % off. Reply STOP to opt out.", "20 % off 🌸 Reply STOP to opt out.", "x" * 161]
    checked = [await agent.ask("check_message", message=text) for text in texts]

    assert [(each["encoding"], each["parts"]) for each in checked] == [("GSM-7", 1), ("UCS-2", 1), ("GSM-7", 2)]
    assert {each["price"] for each in checked} == {"not known: the operator has set no price per part in policy.toml"}


async def a_split_with_a_holdout(agent: Agent, ws: Workspace) -> None:
    arms = [{"arm": arm, "text": f"{text} Reply STOP."} for arm, text in (("A", "20 % off."), ("B", "Sale."))]
    planned = await agent.ask("plan_campaign", **DRAFT, arms=arms, holdout=0.1, least_lift=0.05, baseline=0.05)

    assert {cut["step"] for cut in planned["left_out"]} >= {"held_out"}
    assert planned["experiment"]


async def local_morning_with_its_timetable_and_cost(agent: Agent, ws: Workspace) -> None:
    planned = await agent.ask("plan_campaign", **DRAFT | {"name": "Local"}, by_zone=True)

    clocks = table(planned["local_times"])
    assert sum(int(row["people"]) for row in clocks) == planned["recipients"]
    assert all(8 <= int(row["their_clock"].split()[1][:2]) < 21 for row in clocks if " or " not in row["their_clock"])
    assert planned["price"] == "not known: the operator has set no price per part in policy.toml"


async def why_somebody_is_not_messaged_with_names(agent: Agent, ws: Workspace) -> None:
    page = await agent.ask("find_contacts", segment="delivered in 90d and labels:DNC", limit=1)
    handle = table(page["rows"])[0]["id"]
    history = await agent.ask("get_contact_history", contact=handle)

    names = {campaign.id: campaign.name for campaign in ws.campaigns()}
    rows = table(history["deliveries"])
    assert rows
    assert all(row["campaign"] == names[row["campaign_id"]] for row in rows)
    assert history["standing"].startswith("opted_out")
    assert history["missed"]


async def an_export_that_states_what_is_masked(agent: Agent, ws: Workspace) -> None:
    page = await agent.ask("find_contacts", any_of=["vip_customers"], limit=0, to_file=True)

    assert "numbers masked" in page["file"]["masked"]
    assert page["file"]["rows"] == page["total"]


async def a_value_written_in_another_way(agent: Agent, ws: Workspace) -> None:
    state = await agent.ask("find_contacts", segment="state = Texas", limit=0)
    tier = await agent.ask("find_contacts", segment="field.customer_tier = Gold", limit=0)

    assert "did you mean TX?" in state["doubts"]
    assert "did you mean gold?" in tier["doubts"]


async def which_fields_there_are_and_with_what_values(agent: Agent, ws: Workspace) -> None:
    status = await agent.ask("get_status")
    fields = {row["field"]: row for row in table(status["fields"])}
    values = {row["field"]: row["commonest"] for row in table(status["field_values"])}

    tiers = set(values["customer_tier"].split("; "))
    assert tiers == set(ws.contacts(columns=["field.customer_tier"])["field.customer_tier"].dropna().unique())
    assert int(fields["customer_tier"]["contacts"]) <= 600


async def failures_of_the_last_weeks(agent: Agent, ws: Workspace) -> None:
    newest = max(campaign.created_time for campaign in ws.campaigns())
    since = (newest - timedelta(days=1)).date().isoformat()
    counted = await agent.ask("query_logs", by=["failure"], since=since)
    day = await agent.ask("query_logs", since=since, until=newest.date().isoformat(), limit=0)
    before = await agent.ask("query_logs", until=since, limit=0)

    logs = ws.logs(ws.campaign_ids())
    sent = logs["sent_time"].dt.strftime("%Y-%m-%d")
    assert counted["messages"] == int((sent >= since).sum())
    assert day["messages"] == int(((sent >= since) & (sent <= newest.date().isoformat())).sum())
    assert before["messages"] == int((sent <= since).sum())
    assert 0 < counted["messages"] < len(logs)


async def who_was_texted_most_this_month(agent: Agent, ws: Workspace) -> None:
    logs = ws.logs(ws.campaign_ids())
    since = (logs["sent_time"].max() - timedelta(days=90)).date().isoformat()
    often = await agent.ask(
        "query_logs", by=["contact"], since=since, statuses=["sent", "delivered"], at_least=3, limit=5
    )
    mixed = await agent.call("query_logs", by=["contact", "state"])

    reached = logs[logs["status"].isin(["sent", "delivered"]) & (logs["sent_time"].dt.strftime("%Y-%m-%d") >= since)]
    counts = reached["contact_id"].value_counts()
    rows = table(often["rows"])
    assert often["total"] == int((counts >= 3).sum()) > 5
    assert [int(row["messages"]) for row in rows] == sorted(counts, reverse=True)[:5]
    assert not set(counts.index) & {row["contact_id"] for row in rows}
    assert "by contact alone" in said(mixed)


async def replies_to_nothing_in_particular(agent: Agent, ws: Workspace) -> None:
    asked = await agent.call("get_replies")

    assert asked.is_error
    assert "Give a campaign_id, or since" in said(asked)


async def campaigns_since_a_day(agent: Agent, ws: Workspace) -> None:
    newest: datetime = max(campaign.created_time for campaign in ws.campaigns())
    found = await agent.ask("find_campaigns", since=newest.date().isoformat())
    later = await agent.ask("find_campaigns", since=(newest + timedelta(days=30)).date().isoformat())

    assert found["total"] == sum((x.start_time or x.created_time).date() >= newest.date() for x in ws.campaigns())
    assert later["total"] == 0


async def a_plan_withdrawn(agent: Agent, ws: Workspace) -> None:
    planned = await agent.ask("plan_campaign", **DRAFT | {"name": "Not this"})
    closed = await agent.ask("withdraw_plan", plan_id=planned["plan_id"])
    again = await agent.call("send_plan", plan_id=planned["plan_id"])

    assert closed["state"] == "withdrawn"
    assert again.is_error
    assert "Nothing was sent" in said(again)


async def everything_stopped(agent: Agent, ws: Workspace) -> None:
    draft = CampaignDraft(
        name="Held", message="Hi. Reply STOP.", segment=Segment.any_of("vip_customers"), senders=("Marketing Line",),
        start_at=ws.service_time() + timedelta(hours=1),
    )  # fmt: skip
    ws.send((plan := ws.plan(draft)).approve(recipients=plan.recipients, by="ana"))
    halted = await agent.ask("halt_sending", why="asked")
    ws.switch.resume()

    assert halted["halted"]
    assert "starts" in halted["next_step"]


REQUESTS: list[Callable[[Agent, Workspace], Awaitable[None]]] = [
    gold_customers_reached_lately_but_not_this_week,
    the_best_campaign_and_whether_that_is_real,
    three_wordings_and_their_lengths,
    a_split_with_a_holdout,
    local_morning_with_its_timetable_and_cost,
    why_somebody_is_not_messaged_with_names,
    an_export_that_states_what_is_masked,
    a_value_written_in_another_way,
    which_fields_there_are_and_with_what_values,
    failures_of_the_last_weeks,
    who_was_texted_most_this_month,
    replies_to_nothing_in_particular,
    campaigns_since_a_day,
    a_plan_withdrawn,
    everything_stopped,
]


@pytest.mark.anyio
@pytest.mark.parametrize("request_", REQUESTS, ids=lambda each: each.__name__)
async def test_a_request_is_answered_rightly_in_few_calls_and_tokens(
    ws: Workspace, tmp_path: Path, request_: Callable[[Agent, Workspace], Awaitable[None]]
) -> None:
    server = build_server(Connection(lambda: ws, Options.at(tmp_path)), are_limited=False)
    client = Client(server, mode="2026-07-28")
    async with client:
        agent = Agent(client)
        await request_(agent, ws)

    tokens = sum(json.loads(node("tokens.mjs", stdin=json.dumps(agent.results))))
    assert len(agent.results) <= MOST_CALLS
    assert tokens <= MOST_TOKENS
