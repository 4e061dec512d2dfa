"""Several campaigns compared: which differ significantly, and what these numbers can show.

The campaigns were not randomised, so a difference is one of the campaigns with their audiences and times, not of
their texts alone; `toolkit.experiments.read_out` judges experiments.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from toolkit.display import Described, Section
from toolkit.engagement.campaign_report import CampaignReport
from toolkit.engagement.rates import percent_text, wilson
from toolkit.errors import ToolkitError
from toolkit.experiments.read_out import PairComparison, compare_pairs
from toolkit.experiments.sample_size import least_lift
from toolkit.models import Frozen

Measure = Literal["delivery", "failure", "click"]
_OF = {"delivery": "sent", "failure": "attempted", "click": "delivered"}


class Measured(Frozen):
    """One campaign's share with its 95 % Wilson interval; `least_lift` is the smallest rise this size could show."""

    campaign_id: str
    name: str
    count: int
    whole: int
    rate: float
    low: float
    high: float
    least_lift: float | None


class CampaignComparison(Described, Frozen):
    """Campaigns by one measure, the highest first, and every two of them with p-values adjusted for their number.

    `left_out` are campaigns without this measure, and why. `caveat` applies to every result.
    """

    measure: Measure
    of: str
    campaigns: tuple[Measured, ...]
    pairs: tuple[PairComparison, ...]
    left_out: tuple[str, ...]
    caveat: str = (
        "The campaigns had audiences and times of their own, so a difference may not come from the text; only a split "
        "of one audience can show that."
    )

    def describe(self) -> list[Section]:
        """Campaigns with their denominators, every two of them, and what cannot be concluded."""
        rows = [
            [x.name, f"{x.count:,} of {x.whole:,} {self.of}", percent_text(x.count, x.whole)] for x in self.campaigns
        ]
        names = {x.campaign_id: x.name for x in self.campaigns}
        pairs = [[f"{names[p.arm]} against {names[p.other]}", p.words] for p in self.pairs]
        sections = [Section(f"{self.measure} rates, of {self.of}, with 95 % intervals", rows or [["none"]])]
        if pairs:
            sections.append(Section("Differences, with 95 % intervals", pairs))
        return [*sections, Section("Mind", [[line] for line in (*self.left_out, self.caveat)])]


def compare_campaigns(reports: Sequence[CampaignReport], measure: Measure = "delivery") -> CampaignComparison:
    """Compare campaigns pair by pair; ToolkitError unless there are 2 to 20 different ones."""
    if not 2 <= len({report.campaign.id for report in reports}) == len(reports) <= 20:
        raise ToolkitError("A comparison takes from two to twenty different campaigns.")
    counted = [(report, _counts(report, measure)) for report in reports]
    measured = sorted(
        (_measured(report, *counts) for report, counts in counted if counts), key=lambda x: x.rate, reverse=True
    )
    return CampaignComparison(
        measure=measure,
        of=_OF[measure],
        campaigns=tuple(measured),
        pairs=compare_pairs([(each.campaign_id, each.count, each.whole) for each in measured]),
        left_out=tuple(
            f"{report.campaign.id}: nothing was {_OF[measure]}, or its counters are not plausible."
            for report, counts in counted
            if not counts
        ),
    )


def _counts(report: CampaignReport, measure: Measure) -> tuple[int, int] | None:
    if measure == "click":
        return (report.clicks.count, report.clicks.whole) if report.clicks else None
    by_stage = {stage.stage: stage.count for stage in report.funnel}
    lost = sum(cause.messages for cause in report.causes)
    counts = (by_stage["delivered"], by_stage["sent"]) if measure == "delivery" else (lost, by_stage["attempted"])
    return counts if counts[1] else None


def _measured(report: CampaignReport, count: int, whole: int) -> Measured:
    low, high = wilson(count, whole)
    rate = count / whole
    higher = least_lift(whole, rate) if 0 < rate < 1 else None
    return Measured(
        campaign_id=report.campaign.id,
        name=report.campaign.name,
        count=count,
        whole=whole,
        rate=rate,
        low=low,
        high=high,
        least_lift=None if higher is None else higher - rate,
    )
