"""The next step for a model after something was sent, and what is still sent although its plan was closed or halted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp_server.guard.untrusted import clean
from toolkit.display import when
from toolkit.settings import allows

if TYPE_CHECKING:
    from toolkit.plans.plan import Plan
    from toolkit.plans.receipt import Receipt
    from toolkit.sending.cancel import Cancellation
    from toolkit.workspace import Workspace


def after_sending(plan: Plan, receipt: Receipt) -> str:
    """How to follow what a plan became; empty for one that needs a person or another send."""
    if receipt.is_canceled:
        return "It was canceled afterwards; get_campaign_report shows what was sent before."
    match receipt.status, plan.draft.kind:
        case "scheduled", _ if len(receipt.steps) > 1:
            return (
                f"The first of its campaigns starts at {when(receipt.start_at or receipt.at)} by itself, the others "
                "later; find_campaigns lists them, and halt_sending with campaign cancels one where the service can."
            )
        case "scheduled", _:
            return (
                f"It starts at {when(receipt.start_at or receipt.at)} by itself; halt_sending with campaign cancels it "
                "where the service can, and SeaX otherwise. Then get_campaign_report follows it."
            )
        case "partial", _ if "send the same approval again" in receipt.detail:
            return f"The first few were sent alone; call send_plan again later: {clean(receipt.detail, 400)}"
        case "sent", "campaign" | "messages" if receipt.campaign_id:
            return "Follow it with get_campaign_report."
        case "sent", "import" if receipt.job_id:
            return f"get_job with job_id={clean(receipt.job_id, 100)} reports its progress."
        case "sent", "label removal":
            return "find_contacts shows who still has the label."
        case "sent", "import":
            return "find_contacts shows the imported contacts."
        case "sent", _:
            return "The service does not report the outcome of single messages."
    return ""


def held_in_words(ws: Workspace, plan_id: str = "") -> str:
    """What the service has scheduled and starts by itself, of one plan or of all; empty if that is nothing."""
    how = "To cancel one, call halt_sending with its campaign." if allows(ws.mode, "test") else ""
    words = ws.ledger.scheduled_words(plan_id, cancel=how, with_names=False)  # names may be written by others
    return f"{clean(words, 1_000)} find_campaigns lists all." if words else ""


def canceled_in_words(done: Cancellation) -> str:
    """What came of canceling a campaign, by its id: its name and its status may be written by others."""
    which = f"Campaign {done.campaign_id}"
    counted = "how many messages had been sent is not known"
    if done.sent is not None and done.total is not None:
        counted = f"{done.sent:,} of {done.total:,} messages had been sent"
    match done.is_canceled, done.was_asked:
        case True, _ if done.campaign is None:
            words = f"{which} is gone: it had not begun, so nothing of it was sent."
        case True, True:
            words = f"{which} is canceled: {counted}."
        case True, False:
            words = f"{which} was canceled before: {counted}."
        case False, False:
            words = f"{which} has ended, so nothing of it can be canceled: {counted}."
        case _:
            words = (
                f"{which} was asked to be canceled, and the service does not confirm it: {counted}. Call halt_sending "
                "with it again, or ask the person to cancel it in SeaX under Campaigns."
            )
    return clean(f"{words} {done.problem}".strip(), 600)
