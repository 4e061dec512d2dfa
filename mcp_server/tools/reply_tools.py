"""What people answered to a campaign, with the opt-outs among it; their words are data."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mcp_server.connection import Call, connection, reporting
from mcp_server.tools.campaign_tools import CampaignId
from mcp_server.tools.csv_page import CsvPage, Cursor, Limit, cut, shielded

OptOuts = Annotated[bool, Field(description="Only replies that ask for no more messages, certain ones first.")]


class ReplyPage(CsvPage):
    """Replies as CSV, without their texts while personal data is hidden; `certain` and `likely` count those that ask
    for no more messages."""

    replies: int
    certain: int
    likely: int
    next_step: str


def get_replies(
    call: Call, campaign_id: CampaignId, opt_outs: OptOuts = False, limit: Limit = 20, cursor: Cursor = 0
) -> ReplyPage:
    """List what people answered to a campaign within 72 hours, and who asks for no more messages."""
    here = connection(call)
    replies = here.workspace.replies.to(campaign_id, progress=reporting(call))
    counts = replies["opt_out"].value_counts()
    if opt_outs:
        replies = replies[replies["opt_out"].notna()].sort_values("opt_out", kind="stable")
    columns = ["contact_id", "created_time", "opt_out", *(["text"] if here.options.pii else [])]
    frame = replies[columns].astype({"opt_out": "str"})
    page = shielded(frame.iloc[cursor : cursor + limit], here, ids="contact_id")
    asked = int(counts.sum())
    return ReplyPage(
        **dict(cut(page, total=len(frame), cursor=cursor)),
        replies=len(replies) if not opt_outs else int(counts.sum()),
        certain=int(counts["certain"]),
        likely=int(counts["likely"]),
        next_step=_SUPPRESS if asked else "Nobody asks for no more messages.",
    )


_SUPPRESS = (
    "Ask the person to run `seax replies` in a terminal: it lists who asks for no more messages and can still be "
    "texted, and plans their suppression, which a person approves."
)
