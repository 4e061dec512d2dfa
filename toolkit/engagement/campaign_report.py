"""How one campaign performed, in one value: where messages went, why some did not arrive and what to do about it.

Rates come from the delivery log, never from the service's counters; where the two disagree the report states it
instead of choosing one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.display import Described, Section
from toolkit.engagement.counters import compare_counters
from toolkit.engagement.engagement import FUNNEL
from toolkit.engagement.failures import causes
from toolkit.engagement.outcomes import DELIVERED, totals, unknown_statuses
from toolkit.engagement.rates import percent_text, wilson
from toolkit.models import NO_CLICKS, Campaign, Frozen
from toolkit.texting.failure_classes import Action

if TYPE_CHECKING:
    import pandas as pd

ADVICE: dict[Action, str] = {
    "retry": "Send once more later, to these people alone.",
    "suppress": "Label these contacts and never text the number again.",
    "reword": "Change the text, its links or the media before sending again.",
    "wait": "Wait until the account or the registration is in order; sending again does not help. In the USA texts "
    "from ten-digit numbers without a registered campaign are blocked (since 2025-02-01), and a toll-free number is "
    "verified only with a business registration number (since 2026-02-17).",
}


class Stage(Frozen):
    """A step of the funnel: `count` of the `whole` of the step before (`of`), with its 95 % Wilson interval."""

    stage: str
    count: int
    of: str
    whole: int
    rate: float | None
    low: float | None
    high: float | None


class Cause(Frozen):
    """Messages that did not arrive for one reason, their share of all attempted, and what to do about them."""

    failure_class: str
    messages: int
    rate: float | None
    low: float | None
    high: float | None
    action: Action
    advice: str


class CampaignReport(Described, Frozen):
    """One campaign: `problems` are sentences on where its counters and its log disagree, empty if they agree.

    `unknown_statuses` is the sentence that lists the unknown statuses, empty if all are known.
    `seconds_p50` and `seconds_p95` are from sending to delivery, None when nothing was measured. `click_rate` is clicks
    per delivery as the service counts them; None where it counts none, nothing was delivered or programs have clicked
    too.
    """

    campaign: Campaign
    messages: int
    funnel: tuple[Stage, ...]
    causes: tuple[Cause, ...]
    seconds_p50: float | None
    seconds_p95: float | None
    clicks: Stage | None
    problems: tuple[str, ...]
    unknown_statuses: str = ""

    def describe(self) -> list[Section]:
        """Where messages went, why some did not arrive and what to do about it; rates have 95 % intervals."""
        steps = [*self.funnel, *([self.clicks] if self.clicks else [])]
        rows = [[x.stage, f"{x.count:,} of {x.whole:,} {x.of}", percent_text(x.count, x.whole)] for x in steps]
        if self.campaign.statistics and self.campaign.clicks is None:
            rows.append(["clicked", NO_CLICKS, "–"])
        if self.seconds_p50 is not None:
            half, most = f"half within {self.seconds_p50:.0f} s", f"95 % within {self.seconds_p95:.0f} s"
            rows.append(["time to deliver", half, most])
        sections = [Section(f"{self.campaign.name}: {self.campaign.status}, {self.messages:,} messages", rows)]
        attempted = self.funnel[0].count if self.funnel else 0
        causes = [
            [x.failure_class.replace("_", " "), f"{x.messages:,}", percent_text(x.messages, attempted), x.advice]
            for x in self.causes
        ]
        if causes:
            sections.append(Section(f"Why messages did not arrive, of {attempted:,} attempted", causes))
        if self.unknown_statuses:
            sections.append(Section("Unknown statuses", [[self.unknown_statuses]]))
        if self.problems:
            sections.append(Section("Inconsistencies", [[problem] for problem in self.problems]))
        return sections


def campaign_report(campaign: Campaign, logs: pd.DataFrame) -> CampaignReport:
    """The report on a campaign from its whole delivery log; columns as `toolkit.data.logs.logs_frame`."""
    counts = totals(logs)
    seconds = _seconds(logs)
    return CampaignReport(
        campaign=campaign,
        messages=len(logs),
        funnel=tuple(
            Stage(stage=stage, count=counts[stage], of=of, whole=counts[of], **_share(counts[stage], counts[of]))
            for stage, of in FUNNEL
        ),
        causes=tuple(
            Cause(
                failure_class=known.name,
                messages=messages,
                action=known.action,
                advice=ADVICE[known.action],
                **_share(messages, counts["attempted"]),
            )
            for known, messages in causes(logs).items()
        ),
        seconds_p50=_known(float(seconds.quantile(0.5))),
        seconds_p95=_known(float(seconds.quantile(0.95))),
        clicks=_clicks(campaign),
        problems=tuple(_problems(campaign, logs)),
        unknown_statuses=unknown_statuses(logs),
    )


def _share(part: int, whole: int) -> dict[str, float | None]:
    """A rate with its interval, all missing where there is none; as `toolkit.engagement.rates.rate`."""
    if not 0 < whole >= part:
        return {"rate": None, "low": None, "high": None}
    low, high = wilson(part, whole)
    return {"rate": part / whole, "low": low, "high": high}


def _seconds(logs: pd.DataFrame) -> pd.Series[float]:
    """From leaving to delivery, of what was delivered with sane times; as `toolkit.engagement.delays.timed`."""
    delivered = logs[logs["status"].isin(DELIVERED) & (logs["delivered_time"] >= logs["sent_time"])]
    seconds: pd.Series[float] = (delivered["delivered_time"] - delivered["sent_time"]).dt.total_seconds()
    return seconds


def _clicks(campaign: Campaign) -> Stage | None:
    counted, clicks = campaign.statistics, campaign.clicks
    if counted is None or clicks is None or not 0 <= clicks <= counted.delivered or not counted.delivered:
        return None
    low, high = wilson(clicks, counted.delivered)
    rate = clicks / counted.delivered
    return Stage(stage="clicked", count=clicks, of="delivered", whole=counted.delivered, rate=rate, low=low, high=high)


def _problems(campaign: Campaign, logs: pd.DataFrame) -> Iterator[str]:
    if campaign.counters:
        yield campaign.counters
    if campaign.statistics is None:
        if not campaign.counters:
            yield "The service gives no counters of this campaign, so its log cannot be checked against them."
        return
    for check in compare_counters(campaign.statistics, logs).to_dict("records"):
        if not check["agrees"]:
            on_the_way = "" if campaign.is_finished else " The campaign is not finished, so counts still change."
            yield f"Expected {check['check']}; found {check['counted']:,} and {check['expected']:,}.{on_the_way}"


def _known(value: float | None) -> float | None:
    return None if value is None or value != value else float(value)  # a missing float differs from itself
