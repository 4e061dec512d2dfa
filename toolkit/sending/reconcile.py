"""Finding the outcome of a plan whose outcome is unknown.

What can be asked is asked first: a service that lists its campaigns, messages and jobs, and the contacts, in which an
import shows; and an interrupted answer may have contained an id. If nothing can be asked, a person checks in SeaX and
gives what it became, which is compared with the plan part by part, or types that it is not there. That is accepted only
when nothing can appear any more and nothing was found; then the step is closed, and sending it takes a new plan and a
new approval.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from types import EllipsisType

from toolkit.display import when
from toolkit.errors import DraftError, NotFound, NotSupported, OutcomeUnknown
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.plan_entry import claimed
from toolkit.models import Campaign
from toolkit.planning.label_removal import check_removed
from toolkit.plans.plan_step import plain_form
from toolkit.plans.receipt import Receipt, StepReceipt, compared
from toolkit.sending.arrived_messages import are_all_planned, arrived_messages, find_personal_texts
from toolkit.sending.import_lookup import Arrivals, arrivals, imports_since
from toolkit.sending.lost_step import SLOW, LostStep, Witness
from toolkit.sending.sent_summary import IN_FLIGHT

NOT_THERE = "not there"  # what a person types after checking


def reconcile(
    witness: Witness,
    ledger: Ledger,
    plan_id: str,
    *,
    found: str | EllipsisType | None,
    by: str,
    via: str,
    now: datetime,
) -> Receipt:
    """Settle a plan of unknown outcome: as the campaign, message or job of that id, or as never arrived (None).

    What this home knew of it, and a team's ledger could not record, comes first. With `...` every source is asked.
    Raises OutcomeUnknown, with the reason, if the plan is not waiting, may still be
    on its way, what was found is another one, or no source knows.
    """
    before = ledger.entry(plan_id)
    ledger.merge_answers()
    entry = ledger.entry(plan_id)
    if entry.steps != before.steps and entry.receipt is not None:
        return entry.receipt  # it was known in this home
    number = next((at for at, state in enumerate(entry.steps, 1) if state in {"sending", "unknown"}), None)
    if number is None:
        raise OutcomeUnknown(f"Plan {plan_id} is {entry.state}: there is nothing to reconcile.")
    written = [each for each in entry.receipt.steps if each.number == number] if entry.receipt else []
    lost = LostStep(
        entry.plan, entry.plan.steps[number - 1], written[0].known_id, *claimed(ledger.events(plan_id), number)
    )
    taken = {each.reference for each in ledger.receipts() if each.reference}
    if isinstance(found, str):
        if found in taken:
            raise OutcomeUnknown(f"{found} belongs to another plan: check again in SeaX.")
        update = _looked_up(witness, lost, found) | {"state": "sent"}
        update["detail"] = " ".join(filter(None, [str(update.get("detail", "")), f"Found in SeaX by {by}."]))
    else:
        update = _asked(witness, lost, taken, is_said=found is None)
        if "state" in update:
            by = "the service"
            if found is None:
                raise OutcomeUnknown(
                    f"Plan {plan_id} did arrive: {update['detail']} Run `seax reconcile {plan_id}`, to settle it."
                )
        else:
            update = {"state": "refused", "detail": _missing(witness, lost, by, now=now, is_said=found is None)}
    receipt = StepReceipt(
        number=number,
        what=lost.step.what,
        state="unknown",
        at=now.astimezone(UTC),
        recipients=lost.step.recipients,
        untextable=lost.step.untextable,
        start_at=lost.step.start_at,
    ).model_copy(update=update)
    settled = ledger.settle(
        plan_id, compared(receipt), who=by, via=via, event="reconciled", expected=("sending", "unknown")
    ).receipt
    assert settled is not None  # it has the step just settled
    return settled


def _asked(witness: Witness, lost: LostStep, taken: set[str], *, is_said: bool) -> dict[str, object]:
    """What the sources know of it; empty if they know that nothing is there.

    OutcomeUnknown if no source can be asked, unless a person states it.
    """
    if lost.known_id and lost.plan.draft.kind == "campaign":
        try:
            return _campaign(witness, lost, lost.known_id) | {"state": "sent"}
        except NotFound:
            pass
    if lost.step.texts:
        return _sent_to_many(witness, lost, taken, is_said=is_said)
    if lost.plan.draft.kind == "import":
        return _imported(witness, lost, taken, is_said=is_said)
    if lost.plan.draft.kind == "label removal":
        return _removed(witness, lost)
    if lost.plan.draft.kind in {"message", "messages"} and witness.client.has_lists:
        return _messaged(witness, lost, taken, is_said=is_said)
    if lost.plan.draft.kind != "campaign" or (witness.live and not witness.client.has_lists):
        if is_said:
            return {}
        raise OutcomeUnknown(_look_in_seax(lost))
    begun = lost.earliest - (SLOW if lost.service_left_at is None else timedelta(0))
    matching = []
    for campaign in witness.listed(taken):
        if campaign.created_time < begun:
            break  # the list is in the order of the service's clock
        if not _differences(campaign, lost):
            matching.append(campaign)
    if len(matching) > 1 or (matching and matching[0].created_time < lost.earliest):
        number = "1 campaign" if len(matching) == 1 else f"{len(matching)} campaigns"
        raise OutcomeUnknown(
            f"{number} could be plan {lost.plan.id} ({', '.join(each.id for each in matching)}): check in SeaX which "
            f"one is, and run `seax reconcile {lost.plan.id} --found ID`."
        )
    return _campaign(witness, lost, matching[0].id) | {"state": "sent"} if matching else {}


def _sent_to_many(witness: Witness, lost: LostStep, taken: set[str], *, is_said: bool) -> dict[str, object]:
    found = find_personal_texts(witness, lost, taken)
    if len(found) > 1:
        raise OutcomeUnknown(f"These could be plan {lost.plan.id}: {', '.join(found)}. {_look_in_seax(lost)}")
    if found:
        return {"state": "sent", "campaign_id": found[0], "detail": f"It is campaign {found[0]}."}
    if witness.live and not is_said:  # whether such campaigns are listed is not known
        raise OutcomeUnknown(_look_in_seax(lost))
    return {}


def _messaged(witness: Witness, lost: LostStep, taken: set[str], *, is_said: bool) -> dict[str, object]:
    since, contacts = lost.earliest - SLOW, witness.contacts()
    found = arrived_messages(witness.client, lost.plan, lost.step.number, contacts, since=since, but=taken)
    if found is None:
        if is_said:
            return {}
        raise OutcomeUnknown(f"The contacts of plan {lost.plan.id} have changed since. {_look_in_seax(lost)}")
    if len(found) > 1 or (found and found[0].created_time < lost.earliest):
        named = ", ".join(each.id for each in found)
        raise OutcomeUnknown(f"Of the messages to that contact, these could be it: {named}. {_look_in_seax(lost)}")
    return {"state": "sent", "message_id": found[0].id, "detail": f"It is message {found[0].id}."} if found else {}


def _missing(witness: Witness, lost: LostStep, by: str, *, now: datetime, is_said: bool) -> str:
    """Why it is taken to have never arrived; OutcomeUnknown while it may still appear, or unless a person states it."""
    until = lost.left_at + IN_FLIGHT
    if now < until:
        minutes = IN_FLIGHT // timedelta(minutes=1)
        raise OutcomeUnknown(
            f"Plan {lost.plan.id} was sent at {when(lost.left_at, '%H:%M')} and may still be on its way: a request can "
            f"wait in the network and at the service for some minutes, so {minutes} have to pass. Run this again "
            f"after {when(until, '%H:%M')}."
        )
    if not is_said:
        return "The service was asked, and has nothing of it."
    if witness.ask is None:
        if witness.live:
            raise OutcomeUnknown(
                f"Confirm that nothing arrived, at a terminal: `seax reconcile {lost.plan.id} --nothing`. "
                f"Plan {lost.plan.id} stays unknown."
            )
    else:
        if not sys.stdin.isatty():
            raise OutcomeUnknown(
                "No person is at a terminal here to confirm that it is not in SeaX: run "
                f"`seax reconcile {lost.plan.id} --nothing` in a terminal. Plan {lost.plan.id} stays unknown."
            )
        if witness.ask(f"{_look_there(lost)} If it is in none of these, type: {NOT_THERE}").strip() != NOT_THERE:
            raise OutcomeUnknown(
                f"That was not {NOT_THERE!r}, so plan {lost.plan.id} stays unknown and is not sent again."
            )
    return f"{by} found nothing of it in SeaX."


def _look_there(lost: LostStep) -> str:
    where = {
        "campaign": f"under Campaigns for {lost.name!r}",
        "message": "in the conversation with that contact",
        "messages": f"under Campaigns for {lost.name!r}"
        if lost.step.texts
        else f"in the conversation with {lost.step.what}",
        "test": f"in the conversation with {lost.step.what}",
        "import": f"under Contacts for those of {lost.name!r}",
        "label removal": f"under Contacts, Labels, for {lost.step.what!r}",
    }[lost.plan.draft.kind]
    return f"Look in SeaX {where}, sent at {when(lost.left_at)} or soon after, to {lost.step.recipients:,}."


def _look_in_seax(lost: LostStep) -> str:
    plan_id = lost.plan.id
    return (
        f"The service cannot be asked what became of plan {plan_id}. {_look_there(lost)} If it is there, its id is in "
        f"the address of its page: `seax reconcile {plan_id} --found ID`. If not: `seax reconcile {plan_id} --nothing`."
    )


def _looked_up(witness: Witness, lost: LostStep, found: str) -> dict[str, object]:
    """What a person found, compared with the plan."""
    if lost.step.texts:
        if not are_all_planned(witness, lost, found):
            raise OutcomeUnknown(f"Campaign {found} has other texts than plan {lost.plan.id}: check again.")
        return {"campaign_id": found}
    match lost.plan.draft.kind:
        case "message" | "messages" | "test":
            return {"message_id": found}  # the service reports nothing about single messages
        case "label removal":
            raise OutcomeUnknown(f"A label that was removed has no id: `seax reconcile {lost.plan.id}` reads it back.")
        case "import":
            try:
                return {"job_id": witness.client.job(found).id}
            except NotSupported:
                try:
                    arrived = _arrivals(witness, lost)
                except DraftError as error:
                    return {"job_id": found, "detail": f"The service does not report on jobs. {error}"}
                if not arrived.are_all_there:
                    raise OutcomeUnknown(
                        f"The service does not report on jobs, and {arrived}: check again, or later if it is still "
                        "being imported."
                    ) from None
                return {"job_id": found, "detail": f"The service does not report on jobs; {arrived}."}
    return _campaign(witness, lost, found)


def _campaign(witness: Witness, lost: LostStep, found: str) -> dict[str, object]:
    campaign = witness.client.campaign(found)
    if differences := _differences(campaign, lost):
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


def _differences(campaign: Campaign, lost: LostStep) -> list[str]:
    """The parts in which a campaign differs from what was sent, in words; spaces and Unicode forms are ignored."""
    draft = lost.plan.draft
    has_template = draft.kind == "campaign" and draft.template  # whose text the service may not repeat
    parts = (
        ("name", campaign.name, lost.name),
        ("text", campaign.message, campaign.message if has_template else lost.text),
    )
    differing = [each for each in parts if plain_form(each[1]) != plain_form(each[2])]
    return [f"its {part} is {theirs!r}, not {ours!r}" for part, theirs, ours in differing]


def _imported(witness: Witness, lost: LostStep, taken: set[str], *, is_said: bool) -> dict[str, object]:
    jobs = imports_since(witness.client, lost.earliest, taken)
    if unfinished := [job.id for job in jobs if not job.is_finished]:
        raise OutcomeUnknown(f"An import is still running ({', '.join(unfinished)}): run this again when it has ended.")
    job: dict[str, object] = {"job_id": jobs[0].id} if len(jobs) == 1 else {}
    try:
        arrived = _arrivals(witness, lost)
    except DraftError as error:
        if is_said:
            return {}
        raise OutcomeUnknown(f"{error} {_look_in_seax(lost)}") from error
    if arrived.new:
        return {"state": "sent", "detail": f"Found among the contacts: {arrived}."} | job
    if arrived.are_all_there and job:
        return {"state": "sent", "detail": f"It is import {job['job_id']}; {arrived}."} | job
    if arrived.are_all_there and not is_said:
        raise OutcomeUnknown(
            f"{arrived}, so the contacts do not show whether plan {lost.plan.id} arrived. {_look_in_seax(lost)}"
        )
    return {}


def _removed(witness: Witness, lost: LostStep) -> dict[str, object]:
    """Whether the contacts still have the label: it arrived if nobody does."""
    is_gone = check_removed(lost.plan, witness.contacts()).is_exact
    return {"state": "sent", "detail": "No contact has the label any more."} if is_gone else {}


def _arrivals(witness: Witness, lost: LostStep) -> Arrivals:
    """What the contacts show of the uploaded file; DraftError if its copy is gone."""
    return arrivals(witness.uploaded(lost.plan), witness.contacts(), since=lost.earliest)
