"""Findings on who would be texted. The waterfall and the targeting are not trusted: opt-outs are checked again."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from operator import or_

import numpy as np
import pandas as pd

from toolkit.audience.caps import messages_around
from toolkit.audience.contact_numbers import read_numbers
from toolkit.audience.eligibility import SUPPRESSING, suppressed_codes
from toolkit.audience.rules.combined_rules import leaves
from toolkit.audience.rules.contact_rules import LabelRule
from toolkit.audience.rules.literals import listed
from toolkit.audience.segment import Segment
from toolkit.audience.targets.targeting import MANY_IDS
from toolkit.audience.targets.verification import addressed
from toolkit.data.bitmaps import Mask
from toolkit.display import n_recipients
from toolkit.planning.preflight.check_input import Outgoing
from toolkit.plans.draft import CampaignDraft, MessageDraft, MessagesDraft
from toolkit.plans.finding import Finding
from toolkit.plans.finding_catalogue import finding
from toolkit.texting.quiet_hours_rules import Jurisdiction, lifted

_MOST_DOUBTS = 3  # in a finding's message; its evidence lists all, with existing values
_NEAR = "within 24 hours of this one, sent or scheduled"


def check(out: Outgoing) -> Iterator[Finding]:
    """Findings on the audience."""
    if len(out.audience) == 0:
        yield finding("AUD010", "There are no recipients.", "See the steps under Who, and widen the segment.")
    if not out.contacts.codes_meaning("opted_out"):
        yield finding(
            "AUD003",
            "No contact has a label that means opted out, such as DNC or unsubscribed, so opt-outs are unknown.",
            "Make sure that opt-outs are recorded in this workspace. If their label has another name, add it to "
            "opt_out_labels in the policy.",
        )
    yield from _doubted(out)
    yield from _opted_out(out)
    yield from _doubtful(out)
    yield from _shared(out)
    yield from _texted(out)
    yield from _failing(out)
    yield from _by_id(out)
    if isinstance(out.draft, CampaignDraft):
        yield from _unfiltered(out, out.draft)
        yield from _attached(out, out.draft)
        yield from _unexcluded(out)
        yield from _large(out)
        yield from _untested(out)


def _doubted(out: Outgoing) -> Iterator[Finding]:
    segment = out.audience.segment
    if segment is None:
        return
    if doubts := segment.doubts(out.contacts):
        unquoted = segment.doubts(out.contacts, least=len(out.contacts) + 1)
        yield finding(
            "AUD014",
            f"The rule may not match the people you expect: {' '.join(unquoted[:_MOST_DOUBTS])}",
            "Compare with values that contacts have, or correct the fields in SeaX.",
            evidence=doubts,
        )


def _unfiltered(out: Outgoing, draft: CampaignDraft) -> Iterator[Finding]:
    if draft.segment == Segment.everyone() or any(
        not (target.any_of or target.all_of or target.contacts) for target in out.targets
    ):
        yield finding(
            "AUD001",
            "No condition limits the recipients, so it would go to everybody.",
            "Choose the labels of the recipients, all labels if necessary.",
            contacts=len(out.audience),
        )


def _attached(out: Outgoing, draft: CampaignDraft) -> Iterator[Finding]:
    """A finding for each kind of opt-out label that the campaign would put on everybody it reaches."""
    for meanings, follows in (
        (tuple(SUPPRESSING.values()), "stops all further messages to them"),
        (("doubtful",), "may mean opted out, which blocks later plans until somebody decides what it means"),
    ):
        labels = [out.contacts.labels[code] for code in out.contacts.codes_meaning(*meanings)]
        named = [label.name for label in labels if not {label.name, label.id}.isdisjoint(draft.attach_labels)]
        if named:
            yield finding(
                "AUD015",
                f"Every recipient gets the label {listed(named, 'and')}, which {follows}.",
                "Remove it from attach_labels, unless that is intended.",
            )


def _unexcluded(out: Outgoing) -> Iterator[Finding]:
    labels = [out.contacts.labels[code] for code in suppressed_codes(out.contacts)]
    missing = [label.name for label in labels if any(label.id not in target.none_of for target in out.targets)]
    if missing:
        yield finding(
            "AUD002",
            f"The request does not exclude {', '.join(missing)}, so the service would not exclude them.",
            "Plan the draft again; if this stays, it is a bug in the toolkit: do not send.",
            evidence=missing,
        )


def _by_id(out: Outgoing) -> Iterator[Finding]:
    if out.targeting and out.targeting.ids > MANY_IDS:
        yield finding(
            "AUD011",
            "Labels alone do not tell these recipients from other people, who are kept out one by one: "
            f"{out.targeting.ids:,} in all. Exactly these recipients get it.",
            "Give the recipients a label of their own, or choose them by labels that nobody else has; or send it so. "
            "If the service refuses so long a list, nothing is sent, and the next plan has shorter ones.",
            evidence=[f"{out.targeting}; the largest request has {out.targeting.bytes:,} bytes of ids."],
        )


def _opted_out(out: Outgoing) -> Iterator[Finding]:
    labelled = out.contacts.has_any(out.contacts.codes_meaning("opted_out"))
    numbers = read_numbers(out.contacts, out.audience.channel)
    theirs = (labelled | numbers.shared_with(labelled))[out.rows]
    if theirs.any():
        yield finding(
            "AUD007",
            f"{n_recipients(theirs.sum())}, or others with their number, asked not to be texted.",
            "Exclude them; this cannot be overridden.",
            contacts=int(theirs.sum()),
            contact_ids=out.ids(theirs),
        )


def _doubtful(out: Outgoing) -> Iterator[Finding]:
    """Labels that may mean "opted out", unless the draft selects them and so includes these people on purpose."""
    contacts, named = out.contacts, _labels_named(out.draft)
    numbers = read_numbers(contacts, out.audience.channel)
    having: dict[str, Mask] = {}
    for code in contacts.codes_meaning("doubtful"):
        label, labelled = contacts.labels[code], contacts.has_any([code])
        theirs = (labelled | numbers.shared_with(labelled))[out.rows]
        if theirs.any() and named.isdisjoint((label.id, label.name)):
            having[label.name] = theirs
    if having:
        among = reduce(or_, having.values())
        counted = ", ".join(f"{name} ({theirs.sum():,})" for name, theirs in having.items())
        yield finding(
            "AUD013",
            f"{n_recipients(among.sum(), 'has', 'have')} a label that may mean that they, or others with their number, "
            f"asked not to be texted: {counted}.",
            f"Ask who manages the labels. If {next(iter(having))} means opted out, add it to opt_out_labels of the "
            "policy. If not, add it to its not_opt_out_labels, or override AUD013 with the reason.",
            contacts=int(among.sum()),
            contact_ids=out.ids(among),
        )


def _labels_named(draft: CampaignDraft | MessageDraft | MessagesDraft) -> set[str]:
    if not isinstance(draft, CampaignDraft):
        return set()
    return {label for rule in leaves(draft.segment.rule) if isinstance(rule, LabelRule) for label in rule.labels}


def _shared(out: Outgoing) -> Iterator[Finding]:
    numbers = read_numbers(out.contacts, out.audience.channel)
    twice: Mask = pd.Series(numbers.lines[out.rows]).duplicated(keep=False).to_numpy()
    if twice.any():
        yield finding(
            "AUD006",
            f"{n_recipients(twice.sum(), 'shares', 'share')} a number with another one, which would get it twice.",
            "Keep one contact for each number.",
            contacts=int(twice.sum()),
            contact_ids=out.ids(twice),
        )
    rest = ~out.audience.recipients
    rest &= reduce(or_, (addressed(out.contacts, target) for target in out.targets), np.zeros_like(rest))
    also = numbers.read.any_of(numbers.read.keys(rest))[out.rows]
    if also.any():
        yield finding(
            "AUD006",
            f"{n_recipients(also.sum(), 'shares', 'share')} a number with a contact whom the request also addresses.",
            "Merge these contacts in SeaX, or exclude the others.",
            severity="warn",
            contacts=int(also.sum()),
            contact_ids=out.ids(also),
        )


def _large(out: Outgoing) -> Iterator[Finding]:
    policy, size, whole = out.policy, len(out.audience), len(out.contacts)
    if policy.max_recipients is not None and size > policy.max_recipients:
        yield finding(
            "AUD005",
            f"{size:,} recipients are more than the {policy.max_recipients:,} that the policy allows.",
            "Narrow the segment or split it; the limit is max_recipients of the policy.",
            severity="block",
            contacts=size,
            source="the policy",
        )
    elif size > policy.large_audience or size > policy.large_share * whole:
        yield finding(
            "AUD005",
            f"{n_recipients(size)}, {size / whole:.0%} of the workspace, is a large audience.",
            "Test with a small group first, and make sure that all of them want this.",
            contacts=size,
        )


def _untested(out: Outgoing) -> Iterator[Finding]:
    above = out.policy.test_send_above
    if above is not None and len(out.audience) > above and not out.past.tested.issuperset(out.texts):
        yield finding(
            "AUD012",
            f"This text has not been sent to at most {out.policy.test_send_size:,} people before, as the policy "
            f"requires above {n_recipients(above)}.",
            "Send it to your own numbers first: draft.as_test().",
        )


def _texted(out: Outgoing) -> Iterator[Finding]:
    if not out.past.sent or not len(out.rows):
        return
    numbers = read_numbers(out.contacts, out.audience.channel)
    had = messages_around(out.past.sent, out.starts, out.contacts, numbers)[out.rows]
    capping: dict[Jurisdiction, Mask] = {}
    for place in out.where.places:
        where = np.zeros(len(had), dtype=bool)
        where[out.where.in_places([place])] = True
        for start, who in out.starting:
            for row in out.policy.hours.caps(place, start):
                capping[row] = capping.get(row, np.zeros_like(where)) | (where & who)
    full: Mask = np.zeros(len(had), dtype=bool)
    over = []
    for row, theirs in capping.items():
        reached = theirs & (had >= (row.most_in_24_hours or 0))
        if reached.any():
            full |= reached
            over.append(row)
    if full.any():
        rules = ", ".join(f"{row.most_in_24_hours} in {row.code}" for row in over)
        consents = sorted({row.consent for row in over if row.consent})
        yield finding(
            "AUD008",
            f"{n_recipients(full.sum(), 'has', 'have')} as many messages from you, sent or scheduled, within 24 hours "
            f"as the law of their state allows on one subject: {rules}.",
            " ".join(["Send at another time, or exclude them.", *map(lifted, consents)]),
            severity="block",
            contacts=int(full.sum()),
            contact_ids=out.ids(full),
            source="; ".join(dict.fromkeys(f"{row.code}: {row.source}" for row in over)),
            as_of=min(row.read_on for row in over),
        )
    lately: Mask = (had > 0) & ~full
    if lately.any():
        yield finding(
            "AUD008",
            f"{n_recipients(lately.sum(), 'has', 'have')} another message from you {_NEAR}.",
            "Send at another time, or exclude them, unless it is urgent for them.",
            contacts=int(lately.sum()),
            contact_ids=out.ids(lately),
            source="this toolkit",
        )


def _failing(out: Outgoing) -> Iterator[Finding]:
    if not out.past.failed:
        return
    failed = out.contacts.ids[out.rows].isin(list(out.past.failed))
    if failed.any():
        classes = pd.Series([out.past.failed[x] for x in out.contacts.ids[out.rows][failed]]).value_counts()
        yield finding(
            "AUD009",
            f"The last messages to {n_recipients(failed.sum())} failed permanently.",
            "Exclude them with hard_failures < 1, and correct their numbers.",
            evidence=[f"{count:,} {name}" for name, count in classes.items()],
            contacts=int(failed.sum()),
            contact_ids=out.ids(failed),
        )
