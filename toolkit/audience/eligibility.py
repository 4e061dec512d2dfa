"""The step at which each contact would end if the segment included all of them, computed once from a snapshot.

Only the choice among contacts with a shared number depends on the segment. So one computation serves every segment in
milliseconds, which makes counts live while a rule is edited.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from toolkit.audience.caps import Cap
from toolkit.audience.contact_numbers import Channel, Numbers, read_numbers
from toolkit.audience.holdout import Holdout
from toolkit.audience.random_draws import draws
from toolkit.data.bitmaps import Mask
from toolkit.data.contacts import Contacts
from toolkit.platform_support import release_memory
from toolkit.texting.opt_out_words import LabelMeaning


class Outcome(IntEnum):
    """Where a contact ends, in the order of the steps."""

    NOT_SELECTED = 0
    NO_PHONE = 1
    MALFORMED = 2
    LOCKED = 3
    DUPLICATE = 4
    OPTED_OUT = 5
    UNREACHABLE = 6
    CAPPED = 7
    GLOBAL_HOLDOUT = 8
    UNLABELLED = 9
    OVER_LIMIT = 10
    RESERVED = 11
    HELD_OUT = 12
    RECIPIENT = 13


SUPPRESSING: dict[Outcome, LabelMeaning] = {Outcome.OPTED_OUT: "opted_out", Outcome.UNREACHABLE: "unreachable"}
Outcomes = npt.NDArray[np.int8]


class Sharing(NamedTuple):
    """The contacts whose number another contact has too: number by number, the preferred contact first.

    Preferred is who has a label, is not marked a duplicate, is the oldest, then by id.
    """

    rows: npt.NDArray[np.intp]
    numbers: npt.NDArray[np.int64]
    has_label: Mask


@dataclass(frozen=True, eq=False)
class Eligibility:
    """What is known of each contact before a selection; `outcomes` ignores shared numbers."""

    contacts: Contacts
    outcomes: Outcomes
    sharing: Sharing
    channel: Channel
    caps: tuple[Cap, ...]

    def apply(self, selected: Mask, *, limit: int | None = None) -> Outcomes:
        """The `Outcome` of each contact if these are selected, in row order."""
        outcomes: Outcomes = self.outcomes * selected
        rows, numbers, has_label = (column[selected[self.sharing.rows]] for column in self.sharing)
        is_first = np.append(True, numbers[1:] != numbers[:-1])[: len(rows)]
        is_stood_for = has_label[is_first][np.cumsum(is_first) - 1]  # a contact without a label is never chosen
        outcomes[rows[~is_first & is_stood_for]] = Outcome.DUPLICATE
        if limit is not None:
            left = np.flatnonzero(outcomes == Outcome.RECIPIENT)
            drawn = np.argsort(draws("limit", self.contacts.ids[left]), kind="stable")
            outcomes[left[drawn[limit:]]] = Outcome.OVER_LIMIT
        return outcomes


def read_eligibility(
    contacts: Contacts,
    *,
    live: bool,
    by_label: bool = True,
    channel: Channel = "phone",
    caps: Sequence[Cap] = (),
    holdout: Holdout | None = None,
) -> Eligibility:
    """Evaluate every contact; cost grows with the contacts, in whole columns.

    `by_label` excludes people without a label, as a campaign must and a single message need not; `channel` is the
    column of the number that is texted. `caps` exclude who was texted enough recently; see
    `toolkit.audience.caps.Cap`. `holdout` excludes a lasting share of those who remain.
    """
    numbers = read_numbers(contacts, channel)
    has_label = contacts.has_any(range(len(contacts.labels))) if by_label else np.ones(len(contacts), dtype=bool)
    outcomes = np.full(len(contacts), Outcome.RECIPIENT, dtype=np.int8)

    def leave_out(who: Mask, outcome: Outcome) -> None:
        outcomes[who & (outcomes == Outcome.RECIPIENT)] = outcome

    leave_out(~numbers.is_written, Outcome.NO_PHONE)
    leave_out(~numbers.is_formed, Outcome.MALFORMED)
    leave_out(numbers.is_fictional == live, Outcome.LOCKED)
    sharing = _sharing(contacts, numbers, outcomes == Outcome.RECIPIENT, has_label)
    for outcome, meaning in SUPPRESSING.items():
        labelled = contacts.has_any(contacts.codes_meaning(meaning))
        leave_out(labelled | numbers.shared_with(labelled), outcome)
    for cap in caps:
        leave_out(cap.had(contacts, numbers) >= cap.most, Outcome.CAPPED)
    if holdout is not None:
        leave_out(holdout.mask(contacts, channel, outcomes == Outcome.RECIPIENT), Outcome.GLOBAL_HOLDOUT)
    leave_out(~has_label, Outcome.UNLABELLED)
    release_memory()
    return Eligibility(contacts, outcomes, sharing, channel, tuple(caps))


def suppressed_codes(contacts: Contacts) -> list[int]:
    """The codes of the labels whose contacts are never texted."""
    return contacts.codes_meaning(*SUPPRESSING.values())


def _sharing(contacts: Contacts, numbers: Numbers, candidates: Mask, has_label: Mask) -> Sharing:
    is_shared = candidates.copy()
    is_shared[candidates] = pd.Series(numbers.lines[candidates]).duplicated(keep=False)
    rows = np.flatnonzero(is_shared)
    marked = [code for code, label in enumerate(contacts.labels) if label.name.casefold() == "duplicate"]
    order = pd.DataFrame(
        {
            "number": numbers.lines[rows],
            "unlabelled": ~has_label[rows],
            "duplicate": contacts.has_any(marked)[rows],
            "created": contacts.table["created_time"].cast("int64").fill_null(0).to_numpy()[rows],
            "id": contacts.table["id"].filter(pa.array(is_shared)).to_pylist(),  # `take` would copy every id
            "row": rows,
        }
    ).sort_values(["number", "unlabelled", "duplicate", "created", "id"])
    return Sharing(order["row"].to_numpy(np.intp), order["number"].to_numpy(np.int64), ~order["unlabelled"].to_numpy())
