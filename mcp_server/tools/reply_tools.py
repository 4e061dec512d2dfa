"""What people answered to a campaign, with the opt-outs among it; their words are data."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Annotated

from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field

from mcp_server.connection import Call, connection, reporting
from mcp_server.tools.campaign_tools import CampaignId, Since
from mcp_server.tools.csv_page import CsvPage, Cursor, Limit, cut, shielded

OptOuts = Annotated[bool, Field(description="Only replies that ask for no more messages, certain ones first.")]


class ReplyPage(CsvPage):
    """Replies as CSV, without their texts while personal data is hidden; `replies` counts all, `certain` and `likely`
    those that ask for no more messages."""

    replies: int
    certain: int
    likely: int
    next_step: str


def get_replies(
    call: Call,
    campaign_id: CampaignId | None = None,
    since: Since = None,
    opt_outs: OptOuts = False,
    limit: Limit = 20,
    cursor: Cursor = 0,
) -> ReplyPage:
    """List what people answered to a campaign within 72 hours, or to all since a day, and who asks for no more
    messages."""
    here, tell = connection(call), reporting(call)
    if campaign_id is None and since is None:
        raise ToolError("Replies to what? Give a campaign_id, or since for those to all campaigns from a day on.")
    begins = datetime.combine(since, time(), UTC) if since else None
    if campaign_id:
        replies = here.workspace.replies.to(campaign_id, progress=tell)
        replies = replies[replies["created_time"] >= begins] if begins else replies
    else:
        assert begins
        replies = here.workspace.replies.since(begins, progress=tell)
    received, counts = len(replies), replies["opt_out"].value_counts()
    if opt_outs:
        replies = replies[replies["opt_out"].notna()].sort_values("opt_out", kind="stable")
    campaign = [] if campaign_id else ["campaign_id"]
    columns = ["contact_id", *campaign, "created_time", "opt_out", *(["text"] if here.options.pii else [])]
    frame = replies[columns].astype({"opt_out": "str"})
    page = shielded(frame.iloc[cursor : cursor + limit], here, ids="contact_id")
    return ReplyPage(
        **dict(cut(page, total=len(frame), cursor=cursor)),
        replies=received,
        certain=int(counts["certain"]),
        likely=int(counts["likely"]),
        next_step=_SUPPRESS if counts.sum() else "Nobody asks for no more messages.",
    )


_SUPPRESS = (
    "Ask the person to run `seax replies` in a terminal: it lists who asks for no more messages and can still be "
    "texted, and plans their suppression, which a person approves."
)
