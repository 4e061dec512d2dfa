"""Tasks that count people or messages by a rule, judged by the frames alone, without the rule."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache

import pandas as pd

from tests.mcp.evals.agents import Agent, Answer, Task
from toolkit.workspace import Workspace

Chosen = Callable[[Workspace, pd.DataFrame], "pd.Series[bool]"]
FEW = "fewer than 5"
_COLUMNS = [
    *("id", "name", "phone", "labels", "created_time", "region", "state", "zones"),
    *("field.customer_tier", "field.orders", "field.last_purchase", "field.country"),
]


def counted(name: str, prompt: str, rule: str, chosen: Chosen) -> Task:
    """How many people match: right as a count may be shown, exact, rounded down to fives, or as fewer than 5."""

    async def solve(agent: Agent) -> Answer:
        return (await agent.ask("find_contacts", segment=rule, limit=0))["total"]

    def is_right(ws: Workspace, answer: Answer) -> bool:
        exact = int(chosen(ws, ws.contacts(columns=_COLUMNS)).sum())
        return exact > 0 and bool((answer == FEW and exact < 5) or answer in {exact, 5 * (exact // 5)})

    return Task(name, prompt, solve, is_right)


@lru_cache(maxsize=1)
def logs(ws: Workspace) -> pd.DataFrame:
    """All delivery logs."""
    return ws.logs(ws.campaign_ids())


def reached(ws: Workspace, days: int) -> list[str]:
    """The ids of whoever a message was delivered to in the last days."""
    got, since = logs(ws), ws.service_time() - timedelta(days=days)
    got = got[(got["status"] == "delivered") & (got["delivered_time"].fillna(got["sent_time"]) > since)]
    return [str(x) for x in got["contact_id"].dropna().unique()]


def often(ws: Workspace, days: int, least: int) -> list[str]:
    """The ids of whoever got at least that many messages in the last days."""
    got, since = logs(ws), ws.service_time() - timedelta(days=days)
    got = got[got["status"].isin(["sent", "delivered"]) & (got["sent_time"] > since)]
    counts = got["contact_id"].value_counts()
    return [str(x) for x in counts[counts >= least].index]


def labelled(*labels: str) -> Chosen:
    """People with one of these labels."""
    return lambda ws, people: people["labels"].map(lambda having: bool({*having} & {*labels}))


def equal(column: str, *values: object) -> Chosen:
    """People whose value is one of these."""
    return lambda ws, people: people[column].astype(object).isin(values)


def both(one: Chosen, other: Chosen) -> Chosen:
    """People of both kinds."""
    return lambda ws, people: one(ws, people) & other(ws, people)


def but(chosen: Chosen) -> Chosen:
    """All other people."""
    return lambda ws, people: ~chosen(ws, people)


COUNTS = (
    counted("vips", "How many vip_customers?", "labels:vip_customers", labelled("vip_customers")),
    counted("one of two labels", "How many lapsed or birthday_club?", "labels any of (lapsed, birthday_club)",
            labelled("lapsed", "birthday_club")),
    counted("two labels", "How many vip_customers read the newsletter?", "labels all of (vip_customers, newsletter)",
            both(labelled("vip_customers"), labelled("newsletter"))),
    counted("no label", "How many are in none of newsletter and vip_customers?",
            "labels none of (newsletter, vip_customers)", but(labelled("newsletter", "vip_customers"))),
    counted("gold", "How many gold customers?", "field.customer_tier = gold", equal("field.customer_tier", "gold")),
    counted("gold or silver", "How many gold or silver customers?", "field.customer_tier in (gold, silver)",
            equal("field.customer_tier", "gold", "silver")),
    counted("not gold", "How many are not gold, whoever has no tier included?", "field.customer_tier != gold",
            but(equal("field.customer_tier", "gold"))),
    counted("never bought", "For how many is no last purchase known?", "field.last_purchase is missing",
            lambda ws, people: people["field.last_purchase"].isna()),
    counted("many orders", "How many ordered more than 8 times?", "field.orders > 8",
            lambda ws, people: people["field.orders"] > 8),
    counted("some orders", "How many ordered 3 to 6 times?", "field.orders between 3 and 6",
            lambda ws, people: people["field.orders"].between(3, 6)),
    counted("in Texas", "How many are in Texas?", "state = TX", equal("state", "TX")),
    counted("two states", "How many are in New York or New Jersey?", "state in (NY, NJ)", equal("state", "NY", "NJ")),
    counted("in Canada", "How many are in Canada?", "region = CA", equal("region", "CA")),
    counted("abroad", "How many vip_customers are outside the USA?", "labels:vip_customers and region != US",
            both(labelled("vip_customers"), but(equal("region", "US")))),
    counted("in Chicago's time", "How many may be on Chicago's clock?", "zone = America/Chicago",
            lambda ws, people: people["zones"].astype(object).fillna("").str.split().map(
                lambda zones: "America/Chicago" in zones)),
    counted("new", "How many came in the last 30 days?", "created in 30d",
            lambda ws, people: people["created_time"] > ws.service_time() - timedelta(days=30)),
    counted("reached lately", "How many were reached in the last 30 days?", "delivered in 30d",
            lambda ws, people: people["id"].isin(reached(ws, 30))),
    counted("never reached lately", "How many newsletter readers were not reached in 60 days?",
            "labels:newsletter and not delivered in 60d",
            both(labelled("newsletter"), lambda ws, people: ~people["id"].isin(reached(ws, 60)))),
    counted("texted twice", "How many got 2 messages or more in 30 days?", "messages in 30d >= 2",
            lambda ws, people: people["id"].isin(often(ws, 30, 2))),
    counted("texted never", "How many got no message in 90 days?", "messages in 90d = 0",
            lambda ws, people: ~people["id"].isin(often(ws, 90, 1))),
)  # fmt: skip
