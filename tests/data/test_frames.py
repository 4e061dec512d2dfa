from __future__ import annotations

import math

import pandas as pd
import pytest

from tests.builders import START, make_contacts
from toolkit.api.arrow_schemas import LOGS
from toolkit.data.logs import logs_frame
from toolkit.engagement.engagement import by_campaign, wilson

CONTACT_DTYPES = {
    "id": "str",
    "name": "str",
    "phone": "str",
    "whatsapp_phone": "str",
    "note": "str",
    "fields": "str",
    "created_time": "datetime64[us, UTC]",
    "updated_time": "datetime64[us, UTC]",
}


def log_frame(rows: list[dict[str, object]]) -> pd.DataFrame:
    blank = dict.fromkeys(LOGS.names)
    return logs_frame({"c1": _table([blank | row for row in rows])}, START)


def _table(rows: list[dict[str, object]]):  # type: ignore[no-untyped-def] — pyarrow has no types
    import pyarrow as pa

    return pa.Table.from_pylist(rows, schema=LOGS)


def test_contact_columns_have_the_same_dtypes_with_and_without_rows() -> None:
    one = make_contacts([{"id": "a", "labels": ["vip"]}], ["vip"]).frame
    none = make_contacts([], ["vip"]).frame

    for frame in (one, none):
        assert {name: str(dtype) for name, dtype in frame.dtypes.items() if name != "labels"} == CONTACT_DTYPES
    assert one.dtypes["labels"] == none.dtypes["labels"]
    assert list(one["labels"].iloc[0]) == ["vip"]
    assert one["name"].isna().all()


def test_log_columns_have_the_same_dtypes_with_and_without_rows() -> None:
    one, none = log_frame([{"id": "l", "status": "sent"}]), log_frame([])

    assert one.dtypes.to_dict() == none.dtypes.to_dict()
    assert str(one["sent_time"].dtype) == "datetime64[us, UTC]"


def test_a_status_nobody_knows_is_kept() -> None:
    frame = log_frame([{"id": "l", "status": "teleported"}])

    assert frame["status"].tolist() == ["teleported"]


def test_engagement_counts_every_message_once() -> None:
    later = START + pd.Timedelta(seconds=10)
    rows: list[dict[str, object]] = [
        {"id": "1", "status": "delivered", "sent_time": START, "delivered_time": later},
        {"id": "2", "status": "delivered", "sent_time": START, "delivered_time": START},
        {"id": "3", "status": "undelivered", "sent_time": START},
        {"id": "4", "status": "sent", "sent_time": START},
        {"id": "5", "status": "failed"},
        {"id": "6", "status": "queued"},
        {"id": "7", "status": "teleported"},
    ]

    (row,) = by_campaign(log_frame(rows)).to_dict("records")

    assert {
        name: row[name]
        for name in ("attempted", "sent", "delivered", "bounced", "waiting", "failed", "pending", "unknown")
    } == {
        "attempted": 5,
        "sent": 4,
        "delivered": 2,
        "bounced": 1,
        "waiting": 1,
        "failed": 1,
        "pending": 1,
        "unknown": 1,
    }
    assert (row["delivery_rate"], row["failure_rate"]) == (2 / 4, 2 / 5)
    assert (row["seconds_p50"], row["campaign_id"]) == (5.0, "c1")


def test_rates_of_nothing_are_nan_and_no_rows_give_no_campaign() -> None:
    (row,) = by_campaign(log_frame([{"id": "1", "status": "queued"}])).to_dict("records")

    assert math.isnan(row["delivery_rate"])
    assert math.isnan(row["failure_low"])
    assert len(by_campaign(log_frame([]))) == 0


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (120, 2000, 0.05040, 0.07128), (1, 2, 0.0945, 0.9055)],
)
def test_wilson_intervals_agree_with_published_values(successes: int, trials: int, low: float, high: float) -> None:
    assert wilson(successes, trials) == pytest.approx((low, high), abs=1e-4)
