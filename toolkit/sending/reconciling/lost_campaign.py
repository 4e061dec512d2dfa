"""What became of a campaign whose answer was lost: by its id, by its draft's name, or among those of its name and text.

A draft that was never launched texts nobody: it is deleted once nothing can launch it any more.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from toolkit.api.campaign_echo import CampaignEcho
from toolkit.display import when
from toolkit.errors import NotFound, OutcomeUnknown
from toolkit.models import Campaign
from toolkit.plans.plan_step import plain_form
from toolkit.sending.posting import discard_draft, draft_name_of
from toolkit.sending.reconciling.lost_step import SLOW, LostStep, Witness, check_passed


def find_campaign(
    witness: Witness, lost: LostStep, taken: Collection[str], *, now: datetime
) -> dict[str, object] | None:
    """What the service knows of it; empty if it has nothing of it, None if it cannot be asked.

    OutcomeUnknown while it may still be launched, or if several could be it.
    """
    if known_id := lost.draft_id or lost.known_id:
        try:
            return _by_id(witness, lost, known_id, now)
        except NotFound:
            if lost.draft_id:
                return {}  # its draft was deleted
    if witness.client.has_stages:
        name = draft_name_of(lost.plan.id, lost.step.number)
        for draft in witness.client.drafts():
            if draft.draft_name == name:
                return _never_launched(witness, lost, draft, now)
    if witness.live and not witness.client.has_lists:
        return None
    begun = lost.earliest - (SLOW if lost.service_left_at is None else timedelta(0))
    matching = []
    for campaign in witness.listed(taken):
        if campaign.created_time < begun:
            break  # the list is in the order of the service's clock
        if not _differences(witness, campaign, lost):
            matching.append(campaign)
    if len(matching) > 1 or (matching and matching[0].created_time < lost.earliest):
        number = "1 campaign" if len(matching) == 1 else f"{len(matching)} campaigns"
        raise OutcomeUnknown(
            f"{number} could be plan {lost.plan.id} ({', '.join(each.id for each in matching)}): check in SeaX which "
            f"one is, and run `seax reconcile {lost.plan.id} --found ID`."
        )
    return campaign_found(witness, lost, matching[0].id) | {"state": "sent"} if matching else {}


def campaign_found(witness: Witness, lost: LostStep, found: str) -> dict[str, object]:
    """That a step is the campaign of this id; OutcomeUnknown if that is another one."""
    campaign = witness.client.campaign(found)
    if differences := _differences(witness, campaign, lost):
        raise OutcomeUnknown(f"Campaign {found} is not plan {lost.plan.id}: {' and '.join(differences)}; check again.")
    is_counted = campaign.is_finished or not witness.client.has_lists  # else it counts what has begun
    total = campaign.statistics.total if campaign.statistics and is_counted else campaign.target_count
    said: dict[str, object] = {"campaign_id": found, "accepted": total, "detail": f"It is campaign {found}."}
    if campaign.created_time < lost.earliest:
        said["detail"] = (
            f"WARNING: by the service's clock {found} was created at {when(campaign.created_time)}, and "
            f"the plan was sent at {when(lost.left_at)} by this machine's: make sure that the clocks "
            "differ, and that it is not an earlier campaign of the same name and text."
        )
    return said


def _by_id(witness: Witness, lost: LostStep, campaign_id: str, now: datetime) -> dict[str, object]:
    """What a campaign or draft of this id came to; NotFound if it is gone."""
    if witness.client.has_stages:
        echo = witness.client.echo(campaign_id)
        if echo.is_draft:
            return _never_launched(witness, lost, echo, now)
    return campaign_found(witness, lost, campaign_id) | {"state": "sent"}


def _never_launched(witness: Witness, lost: LostStep, draft: CampaignEcho, now: datetime) -> dict[str, object]:
    """That a step is still a draft, which is deleted; OutcomeUnknown while it may be launched, or if it stays."""
    check_passed(lost, now)
    if not discard_draft(witness.client, draft.id):
        raise OutcomeUnknown(
            f"Plan {lost.plan.id} is still a draft at the service ({draft.id}), which could not be deleted: run this "
            "again, or delete it in SeaX under Campaigns first."
        )
    return {"state": "refused", "detail": f"Its draft {draft.id} was never launched, and was deleted."}


def _differences(witness: Witness, campaign: Campaign, lost: LostStep) -> list[str]:
    """The parts in which a campaign differs from what was sent, in words; spaces and Unicode forms are ignored."""
    draft = lost.plan.draft
    has_template = draft.kind == "campaign" and draft.template  # whose text the service may not repeat
    parts = [
        ("name", campaign.name, lost.name),
        ("text", campaign.message, campaign.message if has_template else lost.text),
    ]
    differing = [each for each in parts if plain_form(each[1]) != plain_form(each[2])]
    return [f"its {part} is {theirs!r}, not {ours!r}" for part, theirs, ours in differing]
