"""From a segment to the people who will receive a message: who is excluded at which step, and why.

Every contact ends at exactly one step, the first that matches. One contact is chosen for each number, and what is known
of a number counts for all who have it: whoever shares one with a person who opted out, who is unreachable, or who
was texted enough recently, is excluded too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from toolkit.audience.caps import Cap
from toolkit.audience.contact_lookup import row_of
from toolkit.audience.contact_numbers import Channel, read_numbers
from toolkit.audience.eligibility import SUPPRESSING, Eligibility, Outcome, Outcomes, read_eligibility
from toolkit.audience.holdout import Holdout
from toolkit.audience.segment import Segment
from toolkit.data.bitmaps import Mask
from toolkit.data.contacts import Contacts
from toolkit.display import Described, Section
from toolkit.errors import SegmentError
from toolkit.models import Frozen
from toolkit.suggest import suggest
from toolkit.texting.numbering.phones import mask

REASONS = {
    Outcome.NOT_SELECTED: "they are not in the segment",
    Outcome.NO_PHONE: "they cannot be texted: they have no phone number",
    Outcome.MALFORMED: "they cannot be texted: their phone number is not in the form +12025550147",
    Outcome.LOCKED: "a live workspace never texts fictional numbers, the embedded one only those",
    Outcome.DUPLICATE: "another contact with the same number is counted instead",
    Outcome.OPTED_OUT: "they, or somebody with the same number, asked not to be texted",
    Outcome.UNREACHABLE: "a label marks their number as unreachable",
    Outcome.CAPPED: "their number has reached its cap of messages, sent or scheduled",
    Outcome.GLOBAL_HOLDOUT: "the policy holds them out of every send, to measure the effect of texting",
    Outcome.UNLABELLED: "they have no label, and this service cannot address them, or not that many, without one",
    Outcome.OVER_LIMIT: "the message goes to a limited number of contacts, and they were not drawn",
    Outcome.RESERVED: "their layer reserves them for another experiment",
    Outcome.HELD_OUT: "the experiment holds them out, as a comparison group",
    Outcome.RECIPIENT: "they receive it",
}


class Step(Frozen):
    """One step of the waterfall: how many contacts ended there, and why."""

    outcome: str
    count: int
    reason: str


def who(selected: int, steps: Iterable[Step]) -> Section:
    """The waterfall for display: who is selected, who is excluded at each step and why, who remains."""
    rows = [[f"{selected:,}", "selected", "they are in the segment"]]
    for step in steps:
        is_left = step.outcome == Outcome.RECIPIENT.name.lower()
        words = "will receive it" if is_left else step.outcome.replace("_", " ")
        rows.append([f"{'' if is_left else '−'}{step.count:,}", words, step.reason])
    return Section("Who", rows)


@dataclass(frozen=True, eq=False, repr=False)
class Audience(Described):
    """A segment applied to all contacts; `outcomes` holds an `Outcome` per contact, in row order."""

    contacts: Contacts
    outcomes: Outcomes
    channel: Channel = "phone"  # the number that is texted
    caps: tuple[Cap, ...] = ()
    segment: Segment | None = None

    @cached_property
    def recipients(self) -> Mask:
        """A mask over contacts: receives it."""
        received: Mask = self.outcomes == Outcome.RECIPIENT
        return received

    @cached_property
    def phones(self) -> pd.Series[str]:
        """The number at which each recipient is texted, by contact id."""
        table = self.contacts.table.select([self.channel]).filter(pa.array(self.recipients))
        return pd.Series(
            table[self.channel].to_pandas().to_numpy(), index=self.contacts.ids[self.recipients], dtype="str"
        )

    @cached_property
    def namesakes(self) -> dict[str, tuple[str, ...]]:
        """The ids of the other contacts with a recipient's number, by its id, for recipients that share theirs."""
        read = read_numbers(self.contacts, self.channel).read
        rows = np.concatenate([np.arange(len(read.best)), read.rows])
        numbers = np.concatenate([read.best, read.more])
        shared = pd.Series(numbers).duplicated(keep=False).to_numpy() & (numbers > 0)
        pairs = list(zip(numbers[shared].tolist(), self.contacts.ids[rows[shared]].tolist(), strict=True))
        by_number: dict[int, list[str]] = {}
        for number, contact_id in pairs:
            by_number.setdefault(number, []).append(contact_id)
        found: dict[str, dict[str, None]] = {}
        for (number, contact_id), is_recipient in zip(pairs, self.recipients[rows[shared]].tolist(), strict=True):
            if is_recipient:
                found.setdefault(contact_id, {}).update(dict.fromkeys(by_number[number]))
        return {each: tuple(other for other in others if other != each) for each, others in found.items()}

    @cached_property
    def digest(self) -> str:
        """A digest that is equal exactly for audiences with the same recipients at the same numbers."""
        table = self.contacts.table.select(["id", self.channel]).filter(pa.array(self.recipients)).sort_by("id")
        lines = pc.binary_join_element_wise(table["id"], table[self.channel], "\n", "\t")
        return sha256("".join(lines.to_pylist()).encode()).hexdigest()

    def __len__(self) -> int:
        return int(np.count_nonzero(self.recipients))

    def __repr__(self) -> str:
        return f"<Audience: {len(self):,} of {self.selected:,} selected contacts will receive it>"

    def describe(self) -> list[Section]:
        """The waterfall, and what to call next."""
        asks = "audience.why('a name, phone or id') explains one contact; audience.frame has the recipients."
        doubts = [] if self.segment is None else self.segment.doubts(self.contacts)
        return [who(self.selected, self.waterfall), Section("More", [*([doubt] for doubt in doubts), [asks]])]

    @property
    def frame(self) -> pd.DataFrame:
        """The recipients as rows of the contact frame."""
        return self.contacts.frame[self.recipients]

    @property
    def selected(self) -> int:
        """How many contacts are in the segment."""
        return int(np.count_nonzero(self.outcomes != Outcome.NOT_SELECTED))

    @property
    def waterfall(self) -> tuple[Step, ...]:
        """The steps at which selected contacts were excluded, then the recipients."""
        counts = np.bincount(self.outcomes, minlength=len(Outcome))
        return tuple(
            Step(outcome=outcome.name.lower(), count=int(counts[outcome]), reason=REASONS[outcome])
            for outcome in Outcome
            if outcome is Outcome.RECIPIENT or (outcome is not Outcome.NOT_SELECTED and counts[outcome])
        )

    def only(self, members: Mask, outcome: Outcome = Outcome.NOT_SELECTED) -> Audience:
        """The audience with these of its recipients alone; the others end at the step `outcome`."""
        others = self.recipients & ~members
        if not others.any():
            return self
        return replace(self, outcomes=np.where(others, np.int8(outcome), self.outcomes))

    def ids(self, step: Outcome | str) -> tuple[str, ...]:
        """The ids of the contacts that ended at a step, such as `opted_out`; SegmentError for an unknown step."""
        if isinstance(step, str):
            name = step.strip().upper().replace(" ", "_")
            if name not in Outcome.__members__:
                known = [outcome.name.lower() for outcome in Outcome]
                raise SegmentError(f"Unknown step {step!r}: {suggest(step, known)}")
            step = Outcome[name]
        return tuple(self.contacts.ids[self.outcomes == step].tolist())

    def why(self, contact: str) -> str:
        """Why a contact does, or does not, receive the message; by id, or by a phone or name only they have.

        A phone may be written in any way. Raises SegmentError if no contact matches, or several.
        """
        row = row_of(self.contacts, contact)
        outcome = Outcome(self.outcomes[row])
        grounds = self.segment.grounds(self.contacts, row) if self.segment is not None else ""
        if outcome is Outcome.RECIPIENT:
            return f"{self._called(row)} receives it{grounds and f': the segment includes contacts {grounds}'}."
        reason = REASONS[outcome]
        if outcome is Outcome.NOT_SELECTED and grounds:
            reason = f"the segment excludes contacts {grounds}"
        if outcome in SUPPRESSING:
            suppressing = self.contacts.codes_meaning(SUPPRESSING[outcome])
            has = self.contacts.table["labels"][row].as_py()
            theirs = next((self.contacts.labels[code].name for code in has if code in suppressing), None)
            reason += f" (the label {theirs})" if theirs else " (a label of somebody with the same number)"
        if outcome is Outcome.DUPLICATE:
            lines = read_numbers(self.contacts, self.channel).lines
            stands = (self.outcomes > Outcome.DUPLICATE) & (lines == lines[row])
            reason += f": {self.why(self.contacts.ids[stands][0])[:-1]}"
        if outcome is Outcome.CAPPED:
            numbers = read_numbers(self.contacts, self.channel)
            had = [int(cap.had(self.contacts, numbers)[row]) for cap in self.caps]
            reason = next(cap.said_of(count) for cap, count in zip(self.caps, had, strict=True) if count >= cap.most)
        return f"{self._called(row)} does not receive it: {reason}."

    def _called(self, row: int) -> str:
        contact_id, name, phone = (self.contacts.table[x][row].as_py() for x in ("id", "name", self.channel))
        return f"{name or contact_id} ({mask(phone) if phone else 'no phone'})"


def build_audience(
    segment: Segment,
    contacts: Contacts,
    *,
    live: bool,
    by_label: bool = True,
    channel: Channel = "phone",
    caps: Sequence[Cap] = (),
    holdout: Holdout | None = None,
    limit: int | None = None,
) -> Audience:
    """Apply a segment to a snapshot of the contact list.

    `by_label`, `channel`, `caps` and `holdout` are as in `toolkit.audience.eligibility.read_eligibility`. If there are
    more than `limit` contacts, that many are drawn, the same ones each time.
    """
    eligibility = read_eligibility(contacts, live=live, by_label=by_label, channel=channel, caps=caps, holdout=holdout)
    return audience_of(segment, eligibility, limit=limit)


def audience_of(segment: Segment, eligibility: Eligibility, *, limit: int | None = None) -> Audience:
    """Apply a segment to contacts evaluated before: milliseconds at a million contacts."""
    outcomes = eligibility.apply(segment.mask(eligibility.contacts), limit=limit)
    return Audience(eligibility.contacts, outcomes, eligibility.channel, eligibility.caps, segment)
