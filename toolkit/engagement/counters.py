"""The service's counts of campaigns, where they are plausible: click rates, and a check against the log.

These counters are of whole campaigns, and machines that open links count as clicks: more clicks than deliveries
reveals them. Where the service lists messages, `ws.replies.messages` has clicks by person. `opened` is not used as a
rate, because SMS has no read receipts.
"""

from __future__ import annotations

from collections.abc import Iterable

import narwhals.stable.v2 as nw
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from toolkit.engagement.outcomes import totals
from toolkit.engagement.rates import rate
from toolkit.models import Campaign, Statistics


def click_rates(campaigns: Iterable[Campaign]) -> pd.DataFrame:
    """One row per campaign that the service gives statistics for, in the order given.

    Columns: `campaign_id, name` (str), `clicked, delivered` (int64), `click_rate` = clicked / delivered with
    `click_low, click_high` (float64, 95 % Wilson bounds; NaN when no clicks are counted, nothing was delivered, or more
    clicked than was delivered, which people alone cannot do).
    """
    known = [x for x in campaigns if x.statistics]
    counted = [(x.id, x.name, x.statistics.clicked, x.statistics.delivered) for x in known if x.statistics]
    frame = pd.DataFrame(counted, columns=["campaign_id", "name", "clicked", "delivered"]).astype(
        {"campaign_id": "str", "name": "str", "clicked": "int64", "delivered": "int64"}
    )
    rates = nw.from_native(frame).with_columns(*rate("clicked", "delivered", prefix="click_")).to_native()
    rates.loc[[x.clicks is None for x in known], ["click_rate", "click_low", "click_high"]] = float("nan")
    return rates


def compare_counters(statistics: Statistics, logs: IntoFrame) -> pd.DataFrame:
    """Whether a campaign's counters agree with its whole log, and with each other; one row per check.

    Columns: `check` (str, such as "sent = sent in the log"), `counted, expected` (int64), `agrees` (bool). Read both
    at about the same time and after the campaign has finished: while messages are on their way the counts may differ.
    """
    log = totals(logs)
    equal = [
        (f"{name} = {name} in the log", getattr(statistics, name), log[name])
        for name in ("sent", "delivered", "bounced", "failed")
    ]
    checks = [
        ("total = messages in the log", statistics.total, log["messages"]),
        *equal,
    ]
    limits = [
        ("sent + failed ≤ total", statistics.sent + statistics.failed, statistics.total),
        ("delivered + bounced ≤ sent", statistics.delivered + statistics.bounced, statistics.sent),
        ("clicked ≤ delivered", statistics.clicked, statistics.delivered),
    ]
    if statistics.opened is not None:
        limits.insert(2, ("opened ≤ delivered", statistics.opened, statistics.delivered))
    rows = [(*check, check[1] == check[2]) for check in checks] + [(*limit, limit[1] <= limit[2]) for limit in limits]
    return pd.DataFrame(rows, columns=["check", "counted", "expected", "agrees"]).astype(
        {"check": "str", "counted": "int64", "expected": "int64", "agrees": "bool"}
    )
