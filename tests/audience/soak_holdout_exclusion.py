"""Plans 1,000 random drafts, none with anybody held out: `python tests/audience/soak_holdout_exclusion.py [plans]`.

Drafts of every kind come from Python, from the builder and over MCP, as they would from a person, a page and a model.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
from mcp import Client

from mcp_server.connection import Connection
from mcp_server.guard.server_settings import Options
from mcp_server.server import build_server
from tests.audience.test_holdout import SENDER, TEXT, campaign, held_out
from toolkit.audience.segment import Segment
from toolkit.experiments.split import Experiment
from toolkit.plans.draft import Draft, MessageDraft, MessagesDraft
from toolkit.plans.plan import Plan
from toolkit.settings import Settings
from toolkit.widgets import CampaignBuilder
from toolkit.workspace import Workspace, connect, open_sandbox

LABELS = ("vip_customers", "interest_shoes", "lapsed", "newsletter", "tier_gold", "location_la")


def drafts(chance: random.Random, ids: list[str]) -> list[Draft]:
    """One draft of each kind."""
    some, labels = chance.sample(ids, chance.randint(1, 12)), chance.sample(LABELS, chance.randint(1, 3))
    test = Experiment(name=str(chance.random()), arms={"a": 0.5, "b": 0.5}, holdout=chance.choice([0.0, 0.2]))
    return [
        campaign(Segment.any_of(*labels)),
        campaign(Segment.any_of(labels[0]) & ~Segment.any_of(*chance.sample(LABELS, 1))),
        campaign(Segment.from_contacts(some)),
        campaign(Segment.any_of(*labels), by_zone=True),
        campaign(Segment.any_of(*labels), experiment=test, messages={"b": TEXT.upper()}),
        MessageDraft(name="x", message=TEXT, contact_id=some[0], sender=SENDER),
        MessagesDraft(name="x", message=TEXT, contact_ids=tuple(some), sender=SENDER),
    ]


def plan_in_builder(ws: Workspace, chance: random.Random, ids: list[str]) -> Plan:
    """What the builder shows for a draft that was filled in."""
    builder = CampaignBuilder(ws, campaign(Segment.any_of(*chance.sample(LABELS, 2))))
    return ws.plan(builder.value)


async def plan_over_mcp(client: Client, chance: random.Random, wanted: int) -> list[str]:
    """The ids of as many plans that a model made."""
    found = []
    for at in range(wanted):
        draft: dict[str, Any] = {"name": f"m{at}", "message": TEXT, "senders": [SENDER], "any_of": [LABELS[at % 6]]}
        if chance.random() < 0.3:
            draft |= {"arms": [{"arm": "b", "text": TEXT.upper()}], "least_lift": 0.4, "baseline": 0.1, "holdout": 0.2}
        result = await client.call_tool("plan_campaign", draft)
        assert not result.is_error, result
        found.append(str((result.structured_content or {})["plan_id"]))
    return found


def main(plans: int = 1_000) -> None:
    chance = random.Random(20_261_201)
    faces: dict[str, int] = {}
    reached: set[str] = set()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder))
        (settings.home / "policy.toml").write_text("holdout = 0.2\n", encoding="utf-8")
        box = open_sandbox(settings, contacts=400)
        with connect(settings, sandbox=box) as ws:
            held, ids = held_out(ws), list(ws.contacts()["id"])
            makers: dict[str, Callable[[], Plan]] = {
                "Python": lambda: ws.plan(chance.choice(drafts(chance, ids))),
                "builder": lambda: plan_in_builder(ws, chance, ids),
            }

            def check(face: str, plan: Plan) -> None:
                faces[face] = faces.get(face, 0) + 1
                reached.update(plan.recipient_ids)
                if texted := held.intersection(plan.recipient_ids):
                    raise SystemExit(f"{face}: {plan.id} would text {len(texted)} people who are held out.")

            for face, make in makers.items():
                for _ in range(plans // 2 if face == "Python" else plans // 10):
                    check(face, make())

            async def over_mcp() -> None:
                server = build_server(Connection(lambda: ws, Options.at(settings.home)), are_limited=False)
                async with Client(server) as client:
                    for plan_id in await plan_over_mcp(client, chance, plans - sum(faces.values())):
                        check("MCP", ws.get_plan(plan_id).plan)

            anyio.run(over_mcp)
        box.close()
    said = ", ".join(f"{count:,} from {face}" for face, count in faces.items())
    sys.stdout.write(
        f"ok {len(held)} of {len(ids)} people are held out; none of them is in {said}, of {len(reached)}\n"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000)
