"""How a campaign did, from its delivery log: counts, rates with intervals, and time to deliver.

Written once for every kind of frame narwhals knows. SMS has no read receipts and the log no clicks, so neither
opens nor clicks per person appear here.
"""

from __future__ import annotations

import math

import narwhals.stable.v2 as nw
import pandas as pd
from narwhals.stable.v2.typing import IntoDataFrame


def by_campaign(logs: IntoDataFrame) -> pd.DataFrame:
    """One row a campaign: what was attempted and what became of it.

    Columns, counts as int64: `campaign_id` (str), `attempted` (sent + failed), `sent` (all that left), `delivered`,
    `bounced` (left and came back), `waiting` (left, no report yet), `failed` (never left), `pending` (all others);
    `delivery_rate` = delivered / sent with `delivery_low, delivery_high`, `failure_rate` = (failed + bounced) /
    attempted with `failure_low, failure_high` (float64, 95 % Wilson intervals, NaN when nothing was attempted);
    `seconds_p50, seconds_p95` (float64, sent to delivered).
    """
    rows = nw.from_native(logs).select(
        nw.col("campaign_id").cast(nw.String),
        *(
            (nw.col("status").cast(nw.String) == status).cast(nw.Int64).alias(status)
            for status in ("sent", "delivered", "undelivered", "failed")
        ),
        nw.lit(1).alias("rows"),
        ((nw.col("delivered_time") - nw.col("sent_time")).dt.total_milliseconds() / 1000).alias("seconds"),
    )
    counts = rows.group_by("campaign_id").agg(
        *(nw.col(name).sum() for name in ("sent", "delivered", "undelivered", "failed", "rows"))
    )
    waits = rows.group_by("campaign_id").agg(
        nw.col("seconds").quantile(0.5, interpolation="linear").alias("seconds_p50"),
        nw.col("seconds").quantile(0.95, interpolation="linear").alias("seconds_p95"),
    )
    table = counts.join(waits, on="campaign_id", how="left").sort("campaign_id").to_pandas()
    sent = table["sent"] + table["delivered"] + table["undelivered"]
    attempted = sent + table["failed"]
    result = pd.DataFrame(
        {
            "campaign_id": table["campaign_id"].astype("str"),
            "attempted": attempted,
            "sent": sent,
            "delivered": table["delivered"],
            "bounced": table["undelivered"],
            "waiting": table["sent"],
            "failed": table["failed"],
            "pending": table["rows"] - attempted,
        }
    )
    lost = result["failed"] + result["bounced"]
    for name, part, whole in (("delivery", table["delivered"], sent), ("failure", lost, attempted)):
        pairs = list(zip(part, whole, strict=True))
        result[f"{name}_rate"] = [x / n if n else math.nan for x, n in pairs]
        result[f"{name}_low"] = [wilson(x, n)[0] for x, n in pairs]
        result[f"{name}_high"] = [wilson(x, n)[1] for x, n in pairs]
    result["seconds_p50"] = table["seconds_p50"].astype("float64")
    result["seconds_p95"] = table["seconds_p95"].astype("float64")
    return result


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """The 95 % Wilson score interval of a rate; (nan, nan) for no trials."""
    if trials == 0:
        return math.nan, math.nan
    z = 1.959963984540054
    rate = successes / trials
    middle = rate + z * z / (2 * trials)
    spread = z * math.sqrt(rate * (1 - rate) / trials + z * z / (4 * trials * trials))
    scale = 1 + z * z / trials
    low = 0.0 if successes == 0 else (middle - spread) / scale
    high = 1.0 if successes == trials else (middle + spread) / scale
    return low, high
