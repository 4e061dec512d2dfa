"""The differences between the plan that a person saw and the same draft planned again now, in words."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import pandas as pd

from toolkit.data.contacts import Contacts
from toolkit.display import plain
from toolkit.errors import AudienceChanged, PlanChanged
from toolkit.planning.digest import Request
from toolkit.planning.freeze import Prepared
from toolkit.plans.finding import Finding
from toolkit.plans.finding_catalogue import finding
from toolkit.plans.plan import Plan
from toolkit.texting.numbering.phones import mask

_NAMED = 3
_OTHER_NAME = "Plan for the remaining people under another name, and check the plan."


def compare_with_approved(approved: Plan, now: Prepared, waiting: Sequence[int] | None) -> Mapping[int, Request]:
    """Compare an approved plan with the same draft planned from now; the requests of its steps, by number.

    `waiting` are the steps that wait of a plan sent in part, None of one that was not begun. Of single messages those
    are missing whose recipient is no longer to be texted, and the others are not checked.
    Raises AudienceChanged, PlanChanged or PlanBlocked if anything that was approved is no longer so.
    """
    if waiting is None:
        refuse_drift(approved, now.plan)
        return now.requests
    if approved.draft.kind == "campaign":
        refuse_other_rest(approved, waiting, now.plan)
        return now.requests
    if any(step.texts for step in approved.steps):
        if approved.senders != now.plan.senders:
            raise PlanChanged(
                f"Since the plan was approved, its sender has changed: {_OTHER_NAME[0].lower()}{_OTHER_NAME[1:]} "
                "Nothing was sent."
            )
        return now.requests  # which of their texts are as approved is asked right before each is sent
    by_digest = {step.digest: now.requests[step.number] for step in now.plan.steps if step.number in now.requests}
    return {
        number: by_digest[step.digest]
        for number, step in enumerate(approved.steps, 1)
        if number in waiting and step.digest in by_digest
    }


def refuse_drift(approved: Plan, current: Plan) -> None:
    """Raise AudienceChanged, PlanChanged or PlanBlocked if anything that was approved has changed."""
    if current.audience_digest != approved.audience_digest:
        contacts = current.audience.contacts if current._audience else None
        refuse_other_people(approved.recipient_ids, current.recipient_ids, contacts)
    if current.digest != approved.digest:
        raise PlanChanged(
            f"Since the plan was approved, {' and '.join(_changes(approved, current))}. Plan the draft again and "
            "check it. Nothing was sent."
        )
    current.refuse_if_blocked("Since the plan was approved it was blocked")


def refuse_other_rest(approved: Plan, waiting: Sequence[int], rest: Plan) -> None:
    """Raise if the waiting steps are no longer what was approved; sent steps are not checked."""
    wanted = [each for number in waiting for each in approved.recipients_of(number)]
    if set(wanted) != set(rest.recipient_ids):
        found, joined, left = audience_changed(wanted, rest.recipient_ids, rest.audience.contacts)
        raise AudienceChanged(f"{found.message} {_OTHER_NAME} Nothing was sent.", added=joined, removed=left)
    digests = {step.number: step.digest for step in rest.steps}
    for number in waiting:
        if digests[number] != approved.steps[number - 1].digest:
            raise PlanChanged(
                f"Since the plan was approved, a phone, a sender or an option of step {number} has changed. "
                f"{_OTHER_NAME} Nothing was sent."
            )
    rest.refuse_if_blocked("Since a part was sent, the rest was blocked")


def refuse_other_people(approved: Collection[str], current: Collection[str], contacts: Contacts | None) -> None:
    """Raise AudienceChanged with who joined and who was dropped; the same people may have other phones."""
    found, joined, left = audience_changed(approved, current, contacts)
    raise AudienceChanged(f"{found.message} {found.fix} Nothing was sent.", added=joined, removed=left)


def audience_changed(
    approved: Collection[str], current: Collection[str], contacts: Contacts | None
) -> tuple[Finding, list[str], list[str]]:
    """The finding that an audience has changed, and the ids of who joined and who was dropped."""
    before, after = set(approved), set(current)
    joined, left = sorted(after - before), sorted(before - after)
    what = (
        f"{len(joined):,} contacts joined and {len(left):,} dropped out"
        f"{_named('joined', joined, contacts)}{_named('dropped', left, contacts)}"
        if joined or left
        else "some contacts have other phone numbers"
    )
    found = finding(
        "AUD004",
        f"The audience changed since it was approved: {what}.",
        "Plan the draft again and check it.",
        contacts=len(joined) + len(left),
        contact_ids=[*joined, *left],
    )
    return found, joined, left


def _named(word: str, ids: Sequence[str], contacts: Contacts | None) -> str:
    """The first few of some contacts, by name."""
    if contacts is None or not ids:
        return ""
    rows = contacts.ids.get_indexer(pd.Index(list(ids[:_NAMED])))
    people = [contacts.table.slice(int(row), 1).to_pylist()[0] for row in rows if row >= 0]
    named = [f"{plain(p['name'] or '') or p['id']} {mask(p['phone']) if p['phone'] else ''}".strip() for p in people]
    gone = len(ids[:_NAMED]) - len(named)
    more = len(ids) - len(named) - gone
    said = [*named, *([f"{gone:,} no longer in the workspace"] if gone else []), *([f"{more:,} more"] if more else [])]
    return f"; {word}: {', '.join(said)}"


def _changes(approved: Plan, current: Plan) -> Iterator[str]:
    was, now = approved.draft, current.draft
    found = False
    if approved.workspace != current.workspace:
        found = True
        yield f"the workspace is {current.workspace}, not {approved.workspace}"
    if approved.dialect != current.dialect:
        found = True
        yield f"the service is spoken to in another version of its API ({current.dialect}, not {approved.dialect})"
    if approved.senders != current.senders:
        found = True
        yield f"the senders are {_senders(current)}, not {_senders(approved)}"
    if was.kind == "import" and now.kind == "import" and approved.intent != current.intent:
        found = True
        yield f"the file {was.path.name} has changed content"
    if approved.addressing != current.addressing or len(approved.steps) != len(current.steps):
        found = True
        yield (
            f"the recipients are addressed in another way ({'; '.join(current.addressing)}, not "
            f"{'; '.join(approved.addressing)})"
        )
    if approved.draft != current.draft and was.kind != "import":
        found = True
        yield "the text or an option was edited"
    if not found:
        yield "the request has changed, in parts that are not shown"


def _senders(plan: Plan) -> str:
    return ", ".join(f"{plain(sender.name)} {sender.phone}" for sender in plan.senders)
