"""The service's own count of a campaign's exact target, right before it is sent.

It is a read, with the names of the filters that the campaign has. If the service counts others than the plan, labels
have changed in the last seconds, or it understands the filters otherwise than we do; either way nothing is sent.
"""

from __future__ import annotations

from toolkit.api.client import Client
from toolkit.api.dialect import LabelRemoval
from toolkit.errors import PlanChanged
from toolkit.models import CampaignRequest, Target
from toolkit.planning.digest import Request
from toolkit.plans.plan import Plan

_FEW = 100  # of the ids that a request names, where all of them are too many for a query


def check_count(client: Client, request: Request, plan: Plan, number: int) -> None:
    """Raise PlanChanged, with both numbers, if the service counts others than this step of the plan is for.

    Of a target by ids that is too large for a query, the first of them are counted; one by labels with too many ids to
    exclude is not counted. A label to be removed is counted; other requests have no target.
    """
    if not isinstance(request, CampaignRequest | LabelRemoval):
        return
    step = next(each for each in plan.steps if each.number == number)
    target = Target(any_of=(request.label_id,)) if isinstance(request, LabelRemoval) else request.target
    expected = step.recipients + step.untextable
    counted = client.count(target)
    if counted is None and target.contacts:
        expected = min(_FEW, len(target.contacts))
        counted = client.count(target.model_copy(update={"contacts": target.contacts[:_FEW]}))
    if counted is None or counted == expected:
        return
    raise PlanChanged(
        f"The service counts {counted:,} contacts where step {number} ({step.what}) is for {expected:,}: contacts or "
        "their labels have just changed, or the service reads the request otherwise. Plan the draft again, and "
        "compare. Nothing was sent."
    )
