"""Findings on the cost of a plan, as estimated with the policy's price."""

from __future__ import annotations

from collections.abc import Iterator

from toolkit.planning.preflight.check_input import Outgoing
from toolkit.plans.finding import Finding
from toolkit.plans.finding_catalogue import finding


def check(out: Outgoing) -> Iterator[Finding]:
    """Findings on the cost."""
    most = out.policy.max_cost
    if most is None:
        return
    price = out.wording.cost(out.reading.priced, is_mms=out.reading.is_mms).price
    if price is None:
        yield finding(
            "CST001",
            f"The policy limits the cost of a plan to {most} {out.policy.currency} and has no price for {out.type}.",
            "Add price_per_part or price_per_mms to the policy; for WhatsApp there is none, so remove max_cost.",
        )
    elif price.high > most:
        yield finding(
            "CST001",
            f"It may cost {price.high} {price.currency}, more than the {most} that the policy allows.",
            "Shorten the text or narrow the segment; the limit is max_cost of the policy.",
        )
