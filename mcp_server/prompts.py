"""The skills as prompts that a person picks, with what they would like to know or reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

if TYPE_CHECKING:
    from mcp.server import MCPServer

    from mcp_server.connection import Connection
    from mcp_server.skill_resources import Skill

Question = Annotated[str, Field(max_length=500, description="What you would like to know; empty for an overview.")]
Goal = Annotated[str, Field(max_length=1_000, description="What the campaign should say, and to whom.")]
Compared = Annotated[str, Field(max_length=1_000, description="What to compare, for whom, and what counts as success.")]
Campaign = Annotated[str, Field(max_length=100, description="Id of a campaign; empty for the latest.")]


def add_prompts(server: MCPServer[Connection], served: Mapping[str, Skill]) -> None:
    """Register a prompt for each skill that is served."""

    @server.prompt(
        name="explore_engagement",
        title="Explore engagement",
        description="Find out who can be reached and how campaigns performed.",
    )
    def explore_engagement(question: Question = "") -> str:
        return _asking(served["explore-engagement"], f"Answer this above all: {question}" if question else "")

    if "plan-campaign" in served:

        @server.prompt(
            name="plan_campaign",
            title="Plan a campaign",
            description="From a goal to a plan that a person can approve.",
        )
        def plan_a_campaign(goal: Goal) -> str:
            return _asking(served["plan-campaign"], f"Plan a campaign with this goal: {goal}")

    if "run-experiment" in served:

        @server.prompt(
            name="run_experiment",
            title="Run an experiment",
            description="Which text works better, or whether texting helps at all.",
        )
        def run_an_experiment(compared: Compared) -> str:
            return _asking(served["run-experiment"], f"Plan an experiment on this: {compared}")

    @server.prompt(
        name="review_failures",
        title="Review failures",
        description="Why messages of a campaign did not arrive, and what to do.",
    )
    def review_failures(campaign_id: Campaign = "") -> str:
        return _asking(served["review-failures"], f"Review the failures of {_of(campaign_id)}.")

    @server.prompt(
        name="respect_opt_outs",
        title="Respect opt-outs",
        description="Who asked for no more messages, and what remains to be done for them.",
    )
    def respect_opt_outs(campaign_id: Campaign = "") -> str:
        return _asking(served["respect-opt-outs"], f"Look through the replies to {_of(campaign_id)}.")


def _of(campaign_id: str) -> str:
    return f"the campaign {campaign_id}" if campaign_id else "the latest finished campaign of find_campaigns"


def _asking(skill: Skill, request: str) -> str:
    return f"{skill.body}\n\n{request}".strip()
