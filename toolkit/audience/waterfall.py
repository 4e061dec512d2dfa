"""From a segment to the people who will receive a message: who is left out at which step, and why.

Every contact ends at exactly one step. Opting out counts by phone: whoever shares a number with a person who opted
out is left out too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from toolkit.audience.segment import Segment
from toolkit.data.contacts import Contacts, Mask
from toolkit.models import OPTED_OUT_LABELS, Frozen
from toolkit.texting.phones import is_e164, is_fictional, mask

UNREACHABLE_LABELS = ("invalid number", "unreachable")  # compared without regard to case


class Outcome(IntEnum):
    """Where a contact ends, in the order of the steps."""

    NOT_SELECTED = 0
    NO_PHONE = 1
    MALFORMED = 2
    LOCKED = 3
    OPTED_OUT = 4
    UNREACHABLE = 5
    DUPLICATE = 6
    UNLABELLED = 7
    RECIPIENT = 8


_REASONS = {
    Outcome.NOT_SELECTED: "the segment does not mean them",
    Outcome.NO_PHONE: "they have no phone number",
    Outcome.MALFORMED: "their phone number is not in the form +12025550147",
    Outcome.LOCKED: "a live workspace never texts fictional numbers, the embedded one only those",
    Outcome.OPTED_OUT: "they, or somebody with the same number, asked not to be texted",
    Outcome.UNREACHABLE: "the service has labelled their number invalid or unreachable",
    Outcome.DUPLICATE: "another contact with the same number receives it",
    Outcome.UNLABELLED: "they have no label, and a campaign can only address contacts by label",
    Outcome.RECIPIENT: "they receive it",
}


class Step(Frozen):
    """One step of the waterfall: how many contacts ended there, and why."""

    outcome: str
    count: int
    reason: str


@dataclass(frozen=True, eq=False)
class Audience:
    """A segment applied to all contacts; `outcomes` holds an `Outcome` per contact, in row order."""

    contacts: Contacts
    outcomes: npt.NDArray[np.int8]

    @cached_property
    def recipients(self) -> Mask:
        """One truth per contact: receives it."""
        received: Mask = self.outcomes == Outcome.RECIPIENT
        return received

    def __len__(self) -> int:
        return int(np.count_nonzero(self.recipients))

    def __repr__(self) -> str:
        return f"<Audience: {len(self):,} of {self.selected:,} selected contacts will receive it>"

    @property
    def frame(self) -> pd.DataFrame:
        """The recipients as rows of the contact frame."""
        return self.contacts.frame[self.recipients]

    @property
    def selected(self) -> int:
        """How many contacts the segment means."""
        return int(np.count_nonzero(self.outcomes != Outcome.NOT_SELECTED))

    @property
    def waterfall(self) -> tuple[Step, ...]:
        """The steps at which selected contacts were left out, then the recipients."""
        counts = np.bincount(self.outcomes, minlength=len(Outcome))
        return tuple(
            Step(outcome=outcome.name.lower(), count=int(counts[outcome]), reason=_REASONS[outcome])
            for outcome in Outcome
            if outcome is Outcome.RECIPIENT or (outcome is not Outcome.NOT_SELECTED and counts[outcome])
        )

    def ids(self, outcome: Outcome) -> tuple[str, ...]:
        """The ids of the contacts that ended at this step."""
        return tuple(self.contacts.ids[self.outcomes == outcome])

    def why(self, contact_id: str) -> str:
        """Why this contact does, or does not, receive the message; SegmentError if there is no such contact."""
        row = self.contacts.rows_of([contact_id])[0]
        outcome = Outcome(self.outcomes[row])
        name, phone = (self.contacts.table[column][int(row)].as_py() for column in ("name", "phone"))
        verdict = "receives it" if outcome is Outcome.RECIPIENT else f"does not receive it: {_REASONS[outcome]}"
        return f"{name or contact_id} ({mask(phone) if phone else 'no phone'}) {verdict}."


def build_audience(segment: Segment, contacts: Contacts, *, live: bool, by_label: bool = True) -> Audience:
    """Apply a segment to a reading of the contact list; cost grows with the contacts, in whole columns.

    `by_label` leaves out people without a label, as a campaign must and a single message need not. Numbers are the
    same person's if their digits are, however they are written.
    """
    outcomes = np.zeros(len(contacts), dtype=np.int8)
    codes, phones = pd.factorize(contacts.table["phone"].to_pandas())  # -1 where there is no phone
    same = np.append(pd.factorize(pd.Series(phones, dtype="str").str.replace(r"[^\d+]", "", regex=True))[0], -1)
    line = same[codes]  # per contact: its number, by digits; -1 where there is none
    formed = np.fromiter((is_e164(phone) for phone in phones), dtype=bool, count=len(phones))
    locked = np.fromiter((is_fictional(phone) is live for phone in phones), dtype=bool, count=len(phones))
    has_phone = codes >= 0
    opted_out = _labelled(contacts, OPTED_OUT_LABELS)
    silenced = np.zeros(len(phones) + 1, dtype=bool)  # the last place is for line -1 and stays False
    silenced[line[opted_out & has_phone]] = True

    left = segment.mask(contacts)
    for outcome, out in (
        (Outcome.NO_PHONE, ~has_phone),
        (Outcome.MALFORMED, ~np.append(formed, True)[codes]),
        (Outcome.LOCKED, np.append(locked, False)[codes]),
        (Outcome.OPTED_OUT, opted_out | silenced[line]),
        (Outcome.UNREACHABLE, _labelled(contacts, UNREACHABLE_LABELS)),
    ):
        outcomes[left & out] = outcome
        left &= ~out
    chosen = _one_per_phone(contacts, line, left)
    outcomes[left & ~chosen] = Outcome.DUPLICATE
    labelled = contacts.has_any(range(len(contacts.labels))) if by_label else np.ones(len(contacts), dtype=bool)
    outcomes[chosen & ~labelled] = Outcome.UNLABELLED
    outcomes[chosen & labelled] = Outcome.RECIPIENT
    return Audience(contacts, outcomes)


def suppressed_codes(contacts: Contacts) -> list[int]:
    """The codes of the labels nobody with which is ever texted."""
    names = {*OPTED_OUT_LABELS, *UNREACHABLE_LABELS}
    return [code for code, label in enumerate(contacts.labels) if label.name.casefold() in names]


def _labelled(contacts: Contacts, names: Sequence[str]) -> Mask:
    codes = [code for code, label in enumerate(contacts.labels) if label.name.casefold() in names]
    return contacts.has_any(codes)


def _one_per_phone(contacts: Contacts, line: npt.NDArray[np.intp], candidates: Mask) -> Mask:
    """Of the candidates that share a phone keep one: labelled, not marked a duplicate, the oldest, by id."""
    rows = np.flatnonzero(candidates)
    order = pd.DataFrame(
        {
            "phone": line[rows],
            "unlabelled": ~contacts.has_any(range(len(contacts.labels)))[rows],
            "duplicate": _labelled(contacts, ("duplicate",))[rows],
            "created": contacts.table["created_time"].cast("int64").to_numpy()[rows],
            "id": contacts.ids[rows],
            "row": rows,
        }
    ).sort_values(["phone", "unlabelled", "duplicate", "created", "id"])
    chosen = np.zeros(len(contacts), dtype=bool)
    chosen[order.drop_duplicates("phone")["row"]] = True
    return chosen
