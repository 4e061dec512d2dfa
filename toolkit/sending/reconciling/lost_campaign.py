"""What became of a campaign whose answer was lost: by its id, by its draft's name, or among those of its name and text.

A draft that was never launched texts nobody: it is deleted once nothing can launch it any more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

import pyarrow as pa

from toolkit.api.arrow_schemas import LOGS
from toolkit.api.campaign_echo import CampaignEcho
from toolkit.api.client import Client
from toolkit.api.snapshot_read import read_all
from toolkit.display import when
from toolkit.errors import NotFound, OutcomeUnknown
from toolkit.models import Campaign
from toolkit.plans.draft import CampaignDraft
from toolkit.plans.plan_step import plain_form
from toolkit.sending.echo_comparison import is_same_second
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
            pass  # a draft was deleted; another campaign may have another id
    if lost.stage:  # what was launched has a known id
        name = draft_name_of(lost.plan.id, lost.step.number)
        ours = (draft for draft in witness.client.drafts() if draft.draft_name == name)
        return next((_never_launched(witness, lost, draft, now) for draft in ours), {})
    if witness.live and not witness.client.has_lists:
        return None
    begun = lost.earliest - (SLOW if lost.service_left_at is None else timedelta(0))
    same, rewritten = [], []
    for campaign in witness.listed(taken):
        if campaign.created_time < begun:
            break  # the list is in the order of the service's clock
        if _differences(campaign, lost):
            continue
        echo = witness.client.echo(campaign.id) if witness.client.has_stages else None
        if echo is None or not [*_repeated_otherwise(echo, lost)]:
            same.append(campaign)
        elif not echo.is_draft:
            rewritten.append(campaign)  # a colleague's, or ours, of which the service repeats a part in its own way
    matching = same or rewritten
    if len(matching) > 1 or (rewritten and not same) or (matching and matching[0].created_time < lost.earliest):
        number = "1 campaign" if len(matching) == 1 else f"{len(matching)} campaigns"
        raise OutcomeUnknown(
            f"{number} could be plan {lost.plan.id} ({', '.join(each.id for each in matching)}): check in SeaX which "
            f"one is, and run `seax reconcile {lost.plan.id} --found ID`."
        )
    return campaign_found(witness, lost, matching[0].id) | {"state": "sent"} if matching else {}


def campaign_found(witness: Witness, lost: LostStep, found: str) -> dict[str, object]:
    """That a step is the campaign of this id; OutcomeUnknown if that has another name or text, or is a draft.

    What else the service repeats otherwise stands in its detail: who named the campaign has seen it.
    """
    campaign = witness.client.campaign(found)
    echo = witness.client.echo(found) if witness.client.has_stages else None
    differences = _differences(campaign, lost)
    if echo is not None and echo.is_draft:
        differences.append("it is a draft, which was not sent")
    if differences:
        raise OutcomeUnknown(f"Campaign {found} is not plan {lost.plan.id}: {' and '.join(differences)}; check again.")
    is_counted = campaign.is_finished or not witness.client.has_lists  # else it counts what has begun
    total = campaign.statistics.total if campaign.statistics and is_counted else campaign.target_count
    said: dict[str, object] = {"campaign_id": found, "accepted": total, "detail": f"It is campaign {found}."}
    if echo is not None and (otherwise := [*_repeated_otherwise(echo, lost)]):
        said["detail"] = f"WARNING: it is campaign {found}, although {' and '.join(otherwise)}."
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
    if log_of(witness.client, draft.id).num_rows:
        words = "WARNING: its draft sent messages before it was launched. `seax doctor --rehearse` looks at it again."
        return {"state": "sent", "campaign_id": draft.id, "detail": words}
    if not discard_draft(witness.client, draft.id):
        raise OutcomeUnknown(
            f"Plan {lost.plan.id} is still a draft at the service ({draft.id}), which could not be deleted: run this "
            "again, or delete it in SeaX under Campaigns first."
        )
    return {"state": "refused", "detail": f"Its draft {draft.id} was never launched, and was deleted."}


def log_of(client: Client, campaign_id: str) -> pa.Table:
    """A campaign's log as it is now, in the `LOGS` schema; an empty one for a draft, which has none."""
    try:
        return read_all(client.logs(campaign_id)).rows
    except NotFound:
        return LOGS.empty_table()


def _campaign_draft(lost: LostStep) -> CampaignDraft:
    draft = lost.plan.draft
    assert draft.kind == "campaign"  # what is looked for
    return draft


def _differences(campaign: Campaign, lost: LostStep) -> list[str]:
    """How a campaign's name and text differ from what was sent, in words; spaces and Unicode forms are ignored."""
    draft = _campaign_draft(lost)
    parts = [
        ("name", campaign.name, lost.name),
        ("text", campaign.message, campaign.message if draft.template else lost.text),  # a template has its own
    ]
    differing = [each for each in parts if plain_form(each[1]) != plain_form(each[2])]
    return [f"its {part} is {theirs!r}, not {ours!r}" for part, theirs, ours in differing]


def _repeated_otherwise(echo: CampaignEcho, lost: LostStep) -> Iterator[str]:
    """What else a service repeats of a campaign otherwise than a plan has it."""
    draft = _campaign_draft(lost)
    if echo.is_draft:
        yield "it is a draft, which was not sent"
    if echo.type != draft.type:
        yield f"its type is {echo.type!r}, not {draft.type!r}"
    if {*echo.sender_ids} != {sender.id for sender in lost.plan.senders}:
        yield "it has other senders"
    if {*echo.media_urls} != {*draft.media_urls}:
        yield "it has other media"
    if echo.shorten_links is not draft.shorten_links:
        yield f"its links are {'' if echo.shorten_links else 'not '}shortened"
    template = "/".join(echo.template[1:])
    if draft.template not in {template, *echo.template[1:2], ""} or (template and not draft.template):
        yield f"its template is {template!r}, not {draft.template!r}"
    if lost.step.start_at and not is_same_second(echo.start_at, lost.step.start_at):
        yield "it starts at another time"
