"""Reaching exactly a set of contacts in the service's terms: labels, and ids to exclude.

A campaign reaches `{c : has one of any_of, all of all_of, none of none_of, and is not in exclude_contacts}`. Labels are
chosen in `toolkit.audience.targets.addressing`; contacts they cannot separate are excluded by id, so that the result is
exact at the moment of the snapshot, never approximate. Where a service takes contacts by id, a small set that labels
alone do not reach is named so instead, people without a label included. Nobody is excluded by id who cannot be texted:
a contact without a number, or with an impossible one, receives nothing, whatever a request says.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from toolkit.audience.targets.addressing import Addressing, address_signatures, divide
from toolkit.audience.targets.signatures import BitWords, Signatures, codes, group, has
from toolkit.audience.targets.verification import addressed
from toolkit.data.bitmaps import Mask
from toolkit.data.contacts import Contacts
from toolkit.errors import DraftError, NotAddressable
from toolkit.models import Frozen, Target

MANY_IDS = 500  # 20 kB of ids: worth a second look
_AROUND = 3  # bytes that JSON puts around an id

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TargetPart:
    """One campaign: its target, and a mask of the contacts it reaches.

    `untextable` counts the contacts it also addresses who cannot be texted; `why` it was chosen, if there was a choice.
    """

    target: Target
    recipients: Mask
    untextable: int = 0
    why: str = ""

    @property
    def bytes(self) -> int:
        """The size of the ids of contacts in the request."""
        return sum(len(each) + _AROUND for each in (*self.target.exclude_contacts, *self.target.contacts))


@dataclass(frozen=True, eq=False)
class Targeting:
    """Campaigns that together reach every recipient once, and nobody else.

    `unavoidable` counts the ids that no choice of labels saves, in however many campaigns: outsiders whose labels are
    exactly a recipient's. `at_least` is a lower bound of the ids for this number of campaigns.
    """

    parts: tuple[TargetPart, ...]
    unavoidable: int
    at_least: int

    @property
    def ids(self) -> int:
        """How many contacts are excluded by id, over all campaigns."""
        return sum(len(part.target.exclude_contacts) for part in self.parts)

    @property
    def bytes(self) -> int:
        """The size of the excluded ids in the largest request."""
        return max(part.bytes for part in self.parts)

    @property
    def untextable(self) -> int:
        """How many contacts who cannot be texted are addressed, over all campaigns."""
        return sum(part.untextable for part in self.parts)

    def __str__(self) -> str:
        if named := sum(len(part.target.contacts) for part in self.parts):
            return f"{_number(len(self.parts), 'campaign')}, {_number(named, 'contact')} named by id"
        if not self.ids:
            return f"{_number(len(self.parts), 'campaign')}, nobody excluded by id"
        proof = "proven minimal" if self.ids == self.at_least else f"{self.at_least:,} at least"
        ids = f"{_number(self.ids, 'id')} excluded, of which {self.unavoidable:,} unavoidable"
        return f"{_number(len(self.parts), 'campaign')}, {ids} ({proof})"

    def __repr__(self) -> str:
        return f"<Targeting: {self}>"


class Alternative(Frozen):
    """A set near the requested one that can be reached; it is the same set if it neither adds nor drops contacts.

    `adds` and `drops` are contact ids. Plan it as a segment of its own, so that those it adds are checked first.
    """

    campaigns: int
    ids: int
    adds: tuple[str, ...] = ()
    drops: tuple[str, ...] = ()

    def __str__(self) -> str:
        more, fewer = _number(len(self.adds), "contact"), _number(len(self.drops), "contact")
        change = f"{more} more" if self.adds else f"{fewer} fewer" if self.drops else "exactly these"
        return f"{change} with {_number(self.campaigns, 'campaign')} and {_number(self.ids, 'id')}"


def compile_targeting(
    contacts: Contacts,
    recipients: Mask,
    *,
    suppressed: Sequence[int] = (),
    untextable: Mask | None = None,
    most_campaigns: int = 1,
    most_bytes: int | None = None,
    most_named: int = 0,
) -> Targeting:
    """The campaigns that reach exactly `recipients`, a mask of contacts.

    Up to `most_named` recipients are named by their ids, if labels alone do not reach them; 0 where the service takes
    no contacts by id.

    One campaign always can; up to `most_campaigns`, 3 at most, are used where that saves ids. `suppressed` are codes
    of labels that no recipient has; they are forbidden in every campaign, as is each label that no recipient has.
    `untextable` is a mask of contacts who cannot be texted: a target may address them, and counts them.
    `most_bytes` is the limit on the size of excluded ids in a request, None unless the service has refused one.
    Cost: one pass over the contacts for each label, then grows with the distinct signatures.

    Raises DraftError if there are no recipients, or one has no label or a suppressed one; NotAddressable if the
    excluded ids of a request would exceed `most_bytes`: its `alternatives` are the nearest sets that can be reached.
    """
    has_label = contacts.has_any(range(len(contacts.labels)))
    unlabelled = int(np.count_nonzero(recipients & ~has_label))
    by_id = _named(contacts, recipients, suppressed, most_named, most_bytes)
    _check(contacts, recipients, suppressed, is_named=by_id is not None)
    if by_id is not None and unlabelled:
        return by_id(f"{unlabelled:,} of them {'has' if unlabelled == 1 else 'have'} no label")
    anyway = np.zeros_like(recipients) if untextable is None else untextable & ~recipients
    signatures = group(contacts, recipients, but=anyway)
    wanted = signatures.everybody > signatures.outsiders
    campaigns = divide(signatures, wanted, most_campaigns)
    parts = tuple(_part(contacts, recipients, anyway, signatures, campaign) for campaign in campaigns)
    unavoidable = int(signatures.outsiders[wanted].sum())
    targeting = Targeting(parts, unavoidable, campaigns[0].at_least if len(parts) == 1 else unavoidable)
    if by_id is not None and targeting.ids:
        return by_id(f"labels would take {_number(targeting.ids, 'other contact')} to exclude by id")
    if most_bytes is not None and targeting.bytes > most_bytes:
        a_contact = int(pc.max(pc.utf8_length(contacts.table["id"])).as_py()) + _AROUND
        nearest = tuple(_alternatives(contacts, recipients, anyway, signatures, campaigns, most_bytes // a_contact))
        raise NotAddressable(
            f"Reaching exactly these {np.count_nonzero(recipients):,} contacts takes {targeting}: "
            f"{targeting.bytes:,} bytes of ids, and the limit is {most_bytes:,} since the service refused a larger "
            f"request. Nearest options: {'; '.join(map(str, nearest))}. Or give them a label of their own: import a "
            "file of their phones with a column of labels (ws.imports.label(draft) makes one), and plan again.",
            alternatives=nearest,
        )
    _verify(contacts, recipients, anyway, parts)
    return targeting


def _named(
    contacts: Contacts, recipients: Mask, suppressed: Sequence[int], most_named: int, most_bytes: int | None
) -> Callable[[str], Targeting] | None:
    """What gives the targeting that names the recipients by id, and why; None if they are too many for it."""
    if not 0 < np.count_nonzero(recipients) <= most_named:
        return None
    ids = tuple(sorted(_ids(contacts, recipients)))
    target = Target(contacts=ids, none_of=tuple(sorted(contacts.labels[code].id for code in suppressed)))
    part = TargetPart(target, recipients)
    if most_bytes is not None and part.bytes > most_bytes:
        return None

    def by_id(why: str) -> Targeting:
        _verify(contacts, recipients, np.zeros_like(recipients), [part])
        return Targeting((replace(part, why=why),), 0, 0)

    return by_id


def _ids(contacts: Contacts, those: Mask) -> list[str]:
    """The ids of some contacts, in row order; `contacts.ids` copies those of all."""
    ids: list[str] = contacts.table["id"].filter(pa.array(those)).to_pylist()
    return ids


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _check(contacts: Contacts, recipients: Mask, suppressed: Sequence[int], *, is_named: bool) -> None:
    if not recipients.any():
        raise DraftError("There are no recipients, so there is nothing to send: widen the segment.")
    unlabelled = ~contacts.has_any(range(len(contacts.labels))) & ~np.bool_(is_named)
    for who, problem in (
        (unlabelled, "no label, so no campaign can address them: label them first, or exclude them"),
        (contacts.has_any(suppressed), "a label of people who are never texted: exclude them"),
    ):
        if some := _ids(contacts, recipients & who):
            raise DraftError(f"{_number(len(some), 'recipient')} ({some[0]!r} first) with {problem}.")


def _part(
    contacts: Contacts, recipients: Mask, anyway: Mask, signatures: Signatures, campaign: Addressing
) -> TargetPart:
    members = recipients & campaign.wanted[signatures.of]
    reached = campaign.reached[signatures.of]
    excluded = reached & ~members & ~anyway

    def ids(labels: BitWords) -> tuple[str, ...]:
        return tuple(contacts.labels[code].id for code in codes(labels) if code < len(contacts.labels))

    target = Target(
        any_of=ids(campaign.any_of),
        all_of=ids(campaign.all_of),
        none_of=ids(~campaign.used),
        exclude_contacts=tuple(sorted(_ids(contacts, excluded))),
    )
    return TargetPart(target, members, int(np.count_nonzero(reached & anyway)))


def _verify(contacts: Contacts, recipients: Mask, anyway: Mask, parts: Sequence[TargetPart]) -> None:
    are_exact = all(np.array_equal(addressed(contacts, part.target) & ~anyway, part.recipients) for part in parts)
    times = np.sum([part.recipients for part in parts], axis=0)
    if not (are_exact and np.array_equal(times, recipients)):
        raise DraftError("The targets would not reach exactly the recipients: report this bug, and send nothing.")


def _alternatives(
    contacts: Contacts,
    recipients: Mask,
    anyway: Mask,
    signatures: Signatures,
    campaigns: Sequence[Addressing],
    most_ids: int,
) -> Iterator[Alternative]:
    """The same contacts in more campaigns, more of them by labels alone, fewer with as many ids as are allowed."""
    wanted = signatures.everybody > signatures.outsiders
    divided = divide(signatures, wanted, 3)
    if max(campaign.ids for campaign in divided) <= most_ids:
        yield Alternative(campaigns=len(divided), ids=sum(campaign.ids for campaign in divided))
    reached = np.logical_or.reduce([campaign.reached for campaign in campaigns])
    added = _ids(contacts, reached[signatures.of] & ~recipients & ~anyway)
    yield Alternative(campaigns=len(campaigns), ids=0, adds=tuple(sorted(added)))
    cheapest = np.flatnonzero(wanted)[np.argsort(_ids_each(signatures, campaigns)[wanted], kind="stable")]

    def first(count: int) -> Mask:
        kept = np.zeros_like(wanted)
        kept[cheapest[:count]] = True
        return kept

    def ids_for(count: int) -> int:
        return address_signatures(signatures, first(count), quickly=True).ids

    if most := bisect_left(range(1, len(cheapest)), most_ids + 1, key=ids_for):
        dropped = _ids(contacts, recipients & ~first(most)[signatures.of])
        yield Alternative(campaigns=1, ids=ids_for(most), drops=tuple(sorted(dropped)))


def _ids_each(signatures: Signatures, campaigns: Sequence[Addressing]) -> Floats:
    """Estimated ids per recipient of each signature: identical contacts, and a share of those their labels include."""
    members = signatures.everybody - signatures.outsiders
    cost: Floats = signatures.outsiders / np.maximum(members, 1)
    for campaign in campaigns:
        for label in codes(campaign.any_of):
            hit = has(signatures.sets, label)
            brought = signatures.everybody[hit & campaign.reached & ~campaign.wanted].sum()
            cost[hit] += brought / members[hit & campaign.wanted].sum()
    return cost
