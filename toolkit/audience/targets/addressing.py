"""Which labels a campaign asks for, requires and forbids, computed on signatures instead of contacts.

Requiring every label that all recipients share, and forbidding every label that none has, loses no recipient and
gives the fewest outsiders; only `any_of` is a choice. Recipients can also be divided between campaigns, each of which
then requires and forbids more; to each of them the recipients of the others are outsiders, as nobody is texted twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from toolkit.audience.targets.cover import Cover, cheapest_cover, good_cover
from toolkit.audience.targets.signatures import BitWords, Signatures, bit_words, codes, contains, has, meets, smallest
from toolkit.data.bitmaps import Mask

_LABELS_TRIED = 12
_SETS_TRIED = 12


class Addressing(NamedTuple):
    """One campaign over signatures."""

    wanted: Mask  # per signature: its recipients are this campaign's
    any_of: BitWords
    all_of: BitWords
    used: BitWords  # labels that a recipient has; the others are forbidden
    reached: Mask  # per signature
    ids: int  # contacts reached who have to be excluded by id
    at_least: int  # no choice of labels needs fewer


def address_signatures(signatures: Signatures, wanted: Mask, *, quickly: bool = False) -> Addressing:
    """The campaign with the fewest ids for the recipients of these signatures, each of which has a label.

    Recipients of other signatures are outsiders to it. `quickly` accepts any small number of ids.
    """
    sets = signatures.sets
    all_of = np.bitwise_and.reduce(sets[:, wanted], axis=1)
    used = np.bitwise_or.reduce(sets[:, wanted], axis=1)
    reached = contains(sets, all_of) & ~meets(sets, ~used)
    others = reached & ~wanted
    prices = signatures.everybody[others]
    open_labels = (used & ~all_of)[:, None]
    needs = sets[:, wanted] & open_labels
    is_free = all_of.any() and not (prices.sum() and needs.any(axis=0).all())  # any_of would add nothing
    cover = (
        Cover(bit_words([], len(sets)), int(prices.sum()), int(prices.sum()))
        if is_free
        else (good_cover if quickly else cheapest_cover)(needs, sets[:, others] & open_labels, prices)
    )
    if cover.labels.any():
        reached &= meets(sets, cover.labels)
    same = int(signatures.outsiders[wanted].sum())
    return Addressing(wanted, cover.labels, all_of, used, reached, same + cover.outsiders, same + cover.at_least)


def divide(signatures: Signatures, wanted: Mask, most: int) -> list[Addressing]:
    """Up to `most` campaigns, while each more saves ids: made by dividing one of the existing ones in two."""
    unavoidable = int(signatures.outsiders[wanted].sum())
    campaigns = [address_signatures(signatures, wanted)]
    while len(campaigns) < most and _ids(campaigns) > unavoidable:
        options = [
            [*campaigns[:at], *_halves(signatures, campaign.wanted), *campaigns[at + 1 :]]
            for at, campaign in enumerate(campaigns)
        ]
        best = min(options, key=_ids)
        if _ids(best) >= _ids(campaigns):
            break
        campaigns = best
    return (
        [address_signatures(signatures, campaign.wanted) for campaign in campaigns] if len(campaigns) > 1 else campaigns
    )


def _halves(signatures: Signatures, wanted: Mask) -> list[Addressing]:
    """The best two campaigns found by separating those who have all of certain labels from the others."""
    unavoidable = int(signatures.outsiders[wanted].sum())
    best: list[Addressing] = []
    for labels in _dividing(signatures, wanted):
        half = contains(signatures.sets, labels)
        if (wanted & half).any() and (wanted & ~half).any():
            halves = [address_signatures(signatures, wanted & those, quickly=True) for those in (half, ~half)]
            best = min(best or halves, halves, key=_ids)
            if _ids(best) == unavoidable:
                break
    return best or [address_signatures(signatures, wanted)]


def _dividing(signatures: Signatures, wanted: Mask) -> list[BitWords]:
    """Candidates for dividing the wanted: the labels that separate them best, and their smallest signatures."""
    members = np.where(wanted, signatures.everybody - signatures.outsiders, 0)
    others = signatures.everybody - members

    def says(label: int) -> float:
        has_it = has(signatures.sets, label)
        return -abs(float(members[has_it].sum() / members.sum() - others[has_it].sum() / max(others.sum(), 1)))

    used = codes(np.bitwise_or.reduce(signatures.sets[:, wanted], axis=1))
    labels = [bit_words([label], len(signatures.sets)) for label in sorted(used, key=says)[:_LABELS_TRIED]]
    return [*labels, *smallest(signatures.sets[:, wanted]).T[:_SETS_TRIED]]


def _ids(campaigns: Sequence[Addressing]) -> int:
    return sum(campaign.ids for campaign in campaigns)
