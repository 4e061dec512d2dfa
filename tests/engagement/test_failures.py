from __future__ import annotations

import pytest

from tests.engagement.engagement_logs import log_frame
from toolkit.engagement.failures import by_failure, failures
from toolkit.sandbox.delivery import carrier


@pytest.mark.parametrize(
    ("error", "failure_class", "action"),
    [
        ("Invalid phone number", "invalid_number", "suppress"),
        ("Invalid phone number (21211)", "invalid_number", "suppress"),
        ("Unknown destination handset (30005)", "invalid_number", "suppress"),
        ("UNKNOWN DESTINATION HANDSET", "invalid_number", "suppress"),
        ("Landline or unreachable carrier (30006)", "landline", "suppress"),
        ("Recipient has opted out (21610)", "opted_out", "suppress"),
        ("Unreachable destination handset (30003)", "unreachable", "retry"),
        ("Message filtered by carrier (30007)", "filtered", "reword"),
        ("Unknown error (30008)", "unknown", "retry"),
        ("error 30034", "unregistered", "wait"),
        ("error 130034 of many", "unknown", "retry"),
        ("131049", "whatsapp", "wait"),
        ("Campaign ended before this message was sent", "expired", "retry"),
        ("Invalid phone number, retry later (30001)", "queue", "retry"),
        ("", "unknown", "retry"),
        (None, "unknown", "retry"),
    ],
)
def test_a_known_code_decides_and_words_where_there_is_none(error: str | None, failure_class: str, action: str) -> None:
    found = failures(log_frame({"status": "undelivered", "error": error}))

    assert found[["failure_class", "action"]].values.tolist() == [[failure_class, action]]


def test_every_reason_of_the_embedded_carrier_has_a_class() -> None:
    reasons = [carrier.OPTED_OUT, carrier.EXPIRED, carrier.INVALID]

    found = failures(log_frame(*[{"status": "failed", "error": reason} for reason in reasons]))

    assert sorted(found["failure_class"]) == ["expired", "invalid_number", "opted_out"]


def test_only_messages_that_failed_or_bounced_are_failures() -> None:
    text = "Landline (30006)"
    logs = log_frame(*[{"status": status, "error": text} for status in ("sent", "delivered", "queued", None)])

    assert len(failures(logs)) == 0


def test_classes_are_counted_against_all_that_was_attempted() -> None:
    logs = log_frame(
        {"status": "failed", "error": "Invalid phone number"},
        {"status": "undelivered", "error": "30006"},
        {"status": "undelivered", "error": "Landline"},
        {"status": "delivered"},
        {"status": "sent"},
        {"status": "queued"},
    )

    classes = by_failure(logs)

    columns = ["failure_class", "action", "messages", "attempted", "failure_rate"]
    assert classes[columns].values.tolist() == [
        ["invalid_number", "suppress", 1, 5, 1 / 5],
        ["landline", "suppress", 2, 5, 2 / 5],
    ]
