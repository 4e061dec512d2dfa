from __future__ import annotations

import datetime
from datetime import date, timedelta

import pandas as pd
import pytest

from tests.builders import START
from toolkit.data.logs import STATUSES
from toolkit.widgets.forms.log_view import LogView

LOGS = pd.DataFrame(
    {
        "campaign_id": pd.Categorical(["a", "a", "b", "b"]),
        "contact_id": pd.Series(["1", "2", "3", None], dtype="str"),
        "contact_name": pd.Series(["Ana (x)", "Ben", None, "Cy"], dtype="str"),
        "phone": pd.Series(["+12025550101", "+12025550102", "+12025550103", None], dtype="str"),
        "status": pd.Categorical(["delivered", "failed", "undelivered", "queued"], STATUSES),
        "sent_time": pd.Series(
            [START, None, START + timedelta(days=1), START + timedelta(days=2)], dtype="datetime64[us, UTC]"
        ),
        "error": pd.Series([None, "Landline (30006)", "spam", None], dtype="str"),
    }
).set_axis([7, 7, 8, 9])  # nobody said that an index names rows once


@pytest.mark.parametrize(
    ("view", "contacts"),
    [
        (LogView(), ["1", "2", "3", None]),
        (LogView(campaigns=("b",)), ["3", None]),
        (LogView(statuses=("failed", "delivered")), ["1", "2"]),
        (LogView(causes=("landline",)), ["2"]),
        (LogView(causes=("landline", "filtered"), campaigns=("b",)), ["3"]),
        (LogView(contact="ANA ("), ["1"]),
        (LogView(contact="0103"), ["3"]),
        (LogView(since=date(2026, 3, 4)), ["3", None]),
        (LogView(until=date(2026, 3, 3)), ["1"]),
        (LogView(since=date(2026, 3, 3), until=date(2026, 3, 4)), ["1", "3"]),
        (LogView(contact="nobody"), []),
    ],
)
def test_a_view_means_these_messages(view: LogView, contacts: list[str | None]) -> None:
    found = view.rows(LOGS)["contact_id"]

    assert [None if pd.isna(contact) else contact for contact in found] == contacts


def test_a_printed_view_makes_the_view_again() -> None:
    view = LogView(campaigns=("a",), since=date(2026, 3, 4), by=("label", "day"), contact="'\"")

    assert eval(repr(view), {"LogView": LogView, "datetime": datetime}) == view
    assert LogView.model_validate_json(view.model_dump_json()) == view
