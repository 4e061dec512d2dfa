"""Three jobs as prompts that a person picks: explore engagement, plan a campaign, review failures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

if TYPE_CHECKING:
    from mcp.server import MCPServer

    from mcp_server.connection import Connection

Question = Annotated[str, Field(max_length=500, description="What you would like to know; empty for an overview.")]
Goal = Annotated[str, Field(max_length=1_000, description="What the campaign should say, and to whom.")]
Campaign = Annotated[str, Field(max_length=100, description="Id of a campaign; empty for the latest.")]


def add_prompts(server: MCPServer[Connection], here: Connection) -> None:
    """Register the prompts; the one that plans is there if planning is allowed."""

    @server.prompt(
        name="explore_engagement",
        title="Explore engagement",
        description="Find out who can be reached and how campaigns performed.",
    )
    def explore_engagement(question: Question = "") -> str:
        return (
            "Read seax://guide and call get_status. Then find out how people engage with our messages. Use "
            "find_campaigns, get_campaign_report and query_logs by failure, day or label. Give every rate with its "
            "denominator and 95 % interval, say what the data cannot show, and end with three things worth doing."
            f"{f' Answer this above all: {question}' if question else ''}"
        )

    if here.options.mode != "read":

        @server.prompt(
            name="plan_campaign",
            title="Plan a campaign",
            description="From a goal to a plan that a person can approve.",
        )
        def plan_a_campaign(goal: Goal) -> str:
            return (
                f"Plan a campaign with this goal: {goal}\n"
                "Read seax://guide and call get_status. Count the audience with find_contacts (limit=0), check the "
                "text with check_message until it has no findings that matter, then plan_campaign. Show me who gets "
                "it, who is excluded and why, the text, the parts and every finding. Do not call send_plan before I "
                "say so."
            )

    @server.prompt(
        name="review_failures",
        title="Review failures",
        description="Why messages of a campaign did not arrive, and what to do.",
    )
    def review_failures(campaign_id: Campaign = "") -> str:
        which = f"the campaign {campaign_id}" if campaign_id else "the latest finished campaign of find_campaigns"
        return (
            f"Review the failures of {which}. Call get_campaign_report, then query_logs by failure and status. For "
            "each cause say how many of how many, what it means and what to do: whom to label, what to reword, what to "
            "wait for. Say where the service's counters and its log disagree."
        )
