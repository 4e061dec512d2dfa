"""Tasks of analysts: each with the calls of the script, and a judge that reads the workspace without the server."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from tests.mcp.evals.agents import Agent, Answer, Task
from tests.mcp.evals.counting import counted, often, reached
from tests.mcp.evals.planted import SENT, TEXT
from tests.mcp.host import table
from toolkit.audience.segment import Segment
from toolkit.workspace import Workspace

DRAFT: dict[str, Any] = {"message": TEXT, "senders": ["Marketing Line"]}
STOPS = {"stop", "unsubscribe", "quit"}  # what the planted people answer


def monday(ws: Workspace) -> date:
    """The Monday before last Monday, so that there are always days since."""
    today = ws.service_time().date()
    return today - timedelta(days=today.weekday() + 7)


async def newest(agent: Agent) -> str:
    found = await agent.ask("find_campaigns", words=SENT, limit=2)
    rows = table(found["rows"])
    return max(rows, key=lambda row: int(row["total"]))["id"]


def plan_of(ws: Workspace, plan_id: Answer) -> Any:
    return ws.get_plan(str(plan_id)).plan


# The requests of an analyst's assistant that the toolkit is measured by.


async def best_and_is_it_real(agent: Agent) -> Answer:
    rows = table((await agent.ask("find_campaigns", words="Weekend deal"))["rows"])
    compared = await agent.ask("compare_campaigns", campaigns=[row["id"] for row in rows])
    return [table(compared["campaigns"])[0]["name"], compared["differing"] > 0]


def is_best(ws: Workspace, answer: Answer) -> bool:
    rated = {}
    for x in (x for x in ws.campaigns() if x.name.startswith("Weekend deal")):
        mine = ws.logs(x.id)["status"]
        rated[x.name] = (mine == "delivered").sum() / mine.isin(["sent", "delivered", "undelivered", "bounced"]).sum()
    return bool(answer == [max(rated, key=lambda name: rated[name]), False])


async def three_lengths(agent: Agent) -> Answer:
    texts = ["20 % off. Reply STOP.", "20 % off 🌸 Reply STOP.", "x" * 161]
    return [(await agent.ask("check_message", message=text))["parts"] for text in texts]


async def scheduled(agent: Agent) -> Answer:
    status = await agent.ask("get_status")
    start = f"{date.fromisoformat(status['as_of'][:10]) + timedelta(days=1)}T17:00:00Z"
    draft = DRAFT | {"name": "Tomorrow", "any_of": ["vip_customers"]}
    return (await agent.ask("plan_campaign", **draft, start_at=start))["plan_id"]


def is_tomorrow(ws: Workspace, answer: Answer) -> bool:
    start = plan_of(ws, answer).draft.start_at
    return bool(start.date() == ws.service_time().date() + timedelta(days=1) and start.hour == 17)


async def split_with_holdout(agent: Agent) -> Answer:
    draft = DRAFT | {"name": "A or B", "any_of": ["newsletter"]}
    arms = [{"arm": "short", "text": "20 % off. Reply STOP."}]
    planned = await agent.ask("plan_campaign", **draft, arms=arms, holdout=0.1, least_lift=0.1, baseline=0.1)
    return planned["plan_id"]


def is_split(ws: Workspace, answer: Answer) -> bool:
    plan = plan_of(ws, answer)
    held = {step.outcome: step.count for step in plan.waterfall}.get("held_out", 0)
    return {step.arm for step in plan.steps} == {"control", "short"} and 0.05 < held / (held + plan.recipients) < 0.15


async def ten_on_their_clock(agent: Agent) -> Answer:
    draft = DRAFT | {"name": "Ten", "any_of": ["vip_customers"]}
    planned = await agent.ask("plan_campaign", **draft, local_time="10:00")
    clocks = {
        row["their_clock"].split()[1] for row in table(planned["local_times"]) if " or " not in row["their_clock"]
    }
    return [planned["plan_id"], sorted(clocks), planned["price"]]


def is_ten(ws: Workspace, answer: Answer) -> bool:
    plan_id, clocks, price = answer
    return "10:00" in clocks and len(plan_of(ws, plan_id).steps) > 1 and "no price per part" in price


async def stops_since_monday(agent: Agent) -> Answer:
    day = (await agent.ask("get_status"))["as_of"][:10]
    since = date.fromisoformat(day) - timedelta(days=date.fromisoformat(day).weekday() + 7)
    return (await agent.ask("get_replies", since=str(since), opt_outs=True))["total"]


def are_stops(ws: Workspace, answer: Answer) -> bool:
    since = ws.replies.since(datetime.combine(monday(ws), time(), UTC))
    return bool(answer == since["text"].str.casefold().isin(STOPS).sum() > 0)


async def why_not_jane(agent: Agent) -> Answer:
    page = await agent.ask("find_contacts", any_of=["unsubscribed"], limit=1)
    history = await agent.ask("get_contact_history", contact=table(page["rows"])[0]["id"])
    return [history["standing"], history["campaigns_without_them"], history["missed"]]


def is_why(ws: Workspace, answer: Answer) -> bool:
    standing, without, missed = answer
    named = any(campaign.name in missed for campaign in ws.campaigns())
    return standing.startswith("opted_out") and 0 < without <= len(ws.campaign_ids()) and named


async def exported(agent: Agent) -> Answer:
    file = (await agent.ask("find_contacts", any_of=["vip_customers"], limit=0, to_file=True))["file"]
    return [file["rows"], file["masked"]]


async def texas_and_gold(agent: Agent) -> Answer:
    pages = [
        await agent.ask("find_contacts", segment=x, limit=0) for x in ("state = Texas", "field.customer_tier = Gold")
    ]
    return [page["doubts"] for page in pages]


async def message_by_name(agent: Agent) -> Answer:
    page = await agent.ask("find_contacts", any_of=["vip_customers"], none_of=["DNC", "unsubscribed"], limit=20)
    names = [row["name"] for row in table(page["rows"]) if row["name"] and row["phone"]]
    for name in names[:1]:
        planned = await agent.ask("plan_message", contact=name, message=TEXT, sender="Marketing Line")
        return [planned["plan_id"], name]
    return None


def is_to_one_person(ws: Workspace, answer: Answer) -> bool:
    plan_id, name = answer
    people = ws.contacts()
    return bool(people.loc[people["name"] == name, "id"].tolist() == [plan_of(ws, plan_id).draft.contact_id])


async def retried(agent: Agent) -> Answer:
    campaign = await newest(agent)
    report = await agent.ask("get_campaign_report", campaign_id=campaign)
    assert "retry" in {row["action"] for row in table(report["failures"])}
    draft = DRAFT | {"name": "Once more", "segment": f"failed in {campaign} for retry"}
    return (await agent.ask("plan_campaign", **draft))["plan_id"]


def are_retried(ws: Workspace, answer: Answer) -> bool:
    plan = plan_of(ws, answer)
    (campaign,) = plan.draft.segment.campaigns
    lost = ws.logs(campaign)
    lost = lost[lost["status"].isin(["failed", "undelivered", "bounced"])]
    passing = lost[lost["error"].str.contains("30003|30008")]["contact_id"]
    return plan.selected == passing.nunique() > 0 and set(plan.recipient_ids) <= set(passing)


async def canceled(agent: Agent) -> Answer:
    return (await agent.ask("halt_sending", campaign=await newest(agent)))["next_step"]


def is_ended(ws: Workspace, answer: Answer) -> bool:
    counted = {x.id: x.statistics for x in ws.campaigns() if x.statistics}
    return "has ended, so nothing of it can be canceled" in answer and any(
        known in answer and f"{x.sent:,} of {x.total:,} messages had been sent" in answer
        for known, x in counted.items()
    )


REQUESTS = (
    counted(
        "gold in Texas",
        "How many gold customers in Texas were reached in the last 90 days and not in the last 7?",
        "field.customer_tier = gold and state = TX and delivered in 90d and not delivered in 7d",
        lambda ws, people: (people["field.customer_tier"] == "gold") & (people["state"] == "TX")
        & people["id"].isin(reached(ws, 90)) & ~people["id"].isin(reached(ws, 7)),
    ),
    Task("best campaign", "Which Weekend deal was delivered best; is it real?", best_and_is_it_real, is_best),
    Task("three lengths", "How many parts has each of three texts?", three_lengths, lambda ws, a: a == [1, 1, 2]),
    Task("schedule", "Plan it for vip_customers tomorrow at 17:00 UTC.", scheduled, is_tomorrow),
    Task("split with holdout", "Plan two wordings for newsletter, 10 % held out.", split_with_holdout, is_split),
    counted("more than 3 times", "How many people got 3 messages or more in the last 60 days?", "messages in 60d >= 3",
              lambda ws, people: people["id"].isin(often(ws, 60, 3))),
    Task("STOP since Monday", "How many asked for no more since Monday a week ago?", stops_since_monday, are_stops),
    Task("cancel", "Cancel the campaign of yesterday.", canceled, is_ended),
    Task("10 am there", "Plan it for 10 am on their clocks, and the cost.", ten_on_their_clock, is_ten),
    Task("why not her", "Why did one of the unsubscribed get nothing?", why_not_jane, is_why),
    Task("export", "Give me the vip_customers as a file.", exported,
         lambda ws, a: a[0] == len(ws.contacts(Segment.any_of("vip_customers"))) and "numbers masked" in a[1]),
    Task("Texas, Gold", "How many live in Texas, and how many are Gold?", texas_and_gold,
         lambda ws, a: "did you mean TX?" in a[0] and "did you mean gold?" in a[1]),
    Task("message by name", "Plan a message to somebody by name.", message_by_name, is_to_one_person, pii=True),
    Task("retry these", "Plan the message again for whom a retry may reach.", retried, are_retried),
)  # fmt: skip
