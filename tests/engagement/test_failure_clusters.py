from __future__ import annotations

import pandas as pd

from tests.builders import START
from toolkit.data.logs import STATUSES
from toolkit.engagement.failure_clusters import failure_clusters


def test_failures_of_one_cause_are_together_with_their_words_people_and_advice() -> None:
    errors = ["Landline (30006)", "landline or mobile?", "Landline (30006)", "spam", None, None]
    statuses = ["failed", "undelivered", "failed", "undelivered", "delivered", "failed"]
    logs = pd.DataFrame(
        {
            "contact_id": pd.Series(["a", "a", "b", "c", "d", "e"], dtype="str"),
            "status": pd.Categorical(statuses, STATUSES),
            "error": pd.Series(errors, dtype="str"),
            "sent_time": pd.Series([START] * 6, dtype="datetime64[us, UTC]"),
        }
    )

    clusters = failure_clusters(logs)

    assert clusters["failure_class"].to_list() == ["landline", "filtered", "unknown"]
    assert clusters["messages"].to_list() == [3, 1, 1]
    assert clusters["contacts"].to_list() == [2, 1, 1]
    assert clusters["words"].to_list() == ["Landline (30006) / landline or mobile?", "spam", ""]
    assert clusters["advice"].iloc[0] == "Label these contacts and never text the number again."
    assert failure_clusters(logs[logs["status"] == "delivered"]).empty
