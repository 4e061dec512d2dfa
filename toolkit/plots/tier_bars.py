"""How many contacts can be reached how well."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw
from narwhals.stable.v2.typing import IntoFrame

from toolkit.frames import lazy
from toolkit.plots.bars import Bar, bar_picture
from toolkit.plots.canvas import BLUE, GREEN, INK, VERMILLION, empty, share

if TYPE_CHECKING:
    from toolkit.plots.picture import Picture

_TIERS = {
    "engaged": ("engaged: messages arrive, reliably", GREEN),
    "active": ("active: reached in 30 days", GREEN),
    "new": ("new: created in 30 days", BLUE),
    "at_risk": ("at risk: reached in 90 days", BLUE),
    "dormant": ("dormant: not reached in 90 days", INK),
    "unreachable": ("unreachable: messages bounce", VERMILLION),
    "opted_out": ("opted out", VERMILLION),
}


def tiers(contacts: IntoFrame, *, title: str = "How well contacts can be reached") -> Picture:
    """One bar per tier, best first, of a frame from `toolkit.engagement.tiers.tiers`; UnknownColumn for another frame.

    Tiers show whether messages arrive, not whether they are read: SMS does not report that.
    """
    counts = lazy(contacts, "tier").group_by("tier").agg(nw.len().alias("n")).collect().rows()
    by_tier = {tier: int(n) for tier, n in counts}
    total = sum(by_tier.values())
    if not total:
        return empty(title, "No contacts yet.")
    others = {tier: (str(tier), INK) for tier in by_tier if tier not in _TIERS}
    bars = [
        Bar(name, by_tier.get(tier, 0), f"{by_tier.get(tier, 0):,} · {share(by_tier.get(tier, 0), total)}", colour)
        for tier, (name, colour) in {**_TIERS, **others}.items()
    ]
    return bar_picture(title, f"Shares are of all {total:,} contacts, so they have no interval.", bars)[0]
