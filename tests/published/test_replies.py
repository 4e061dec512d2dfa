"""Replies of the API that SeaX publishes, by hand: counters, log rows, jobs, and how an unknown workspace is asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
import stamina
from pydantic import SecretStr

from tests.builders import KEY, Clock
from toolkit.api import guide, published
from toolkit.api.caller import Caller
from toolkit.api.client import Client
from toolkit.api.dialect_detection import ServiceChoice
from toolkit.engagement.campaign_report import campaign_report
from toolkit.errors import NotFound, NotSupported, ServiceError, ToolkitError, Unauthorized, UnexpectedReply
from toolkit.models import CampaignRequest, ImportRequest, MessageRequest, Target
from toolkit.settings import Settings

TIME = "2026-03-03T17:00:00.123456"
CAMPAIGN = {
    "id": "c",
    "name": "Spring",
    "type": "SMS",
    "status": "FINISHED",
    "created_time": TIME,
    "updated_time": TIME,
}


def campaign(**counts: int) -> Any:
    return published.read_campaign(json.dumps(CAMPAIGN | {"statistics": counts}).encode())


def row(status: str, **message: Any) -> dict[str, Any]:
    said = {"id": "m", "status": status, "updated_time": TIME, "message": "Hi", "segments_number": 2} | message
    return {
        "id": f"row {status}",
        "sending_time": TIME,
        "from_number": "+12025550100",
        "to_number": "+12025550101",
        "message": said,
    }


def log(*rows: dict[str, Any]) -> Any:
    reply = {"campaign_logs": {"data": rows, "total": len(rows)}, "campaign": CAMPAIGN}
    return published.read_logs(json.dumps(reply).encode()).rows


# Counters


def test_counters_are_one_for_each_message() -> None:
    found = campaign(total=10, sent=1, delivered=4, undelivered=2, failed=1, canceled=1, queued=1, total_clicks=3)

    assert found.counters == ""
    counted = found.statistics
    assert (counted.total, counted.sent, counted.delivered, counted.bounced, counted.failed) == (10, 7, 4, 2, 1)
    assert (counted.canceled, counted.pending, counted.clicked, counted.opened) == (1, 1, 3, None)


def test_cumulative_counters_give_the_same_and_say_so() -> None:
    once, cumulative = (
        campaign(total=9, sent=2, delivered=4, undelivered=2, failed=1),
        campaign(total=9, sent=8, delivered=4, undelivered=2, failed=1),
    )

    assert cumulative.statistics == once.statistics
    assert "add up to 15 of 9 messages, so `sent` is read as including" in cumulative.counters


def test_counters_that_cannot_be_read_are_not_shown_and_the_report_says_so() -> None:
    found = campaign(total=9, sent=1, delivered=4)

    assert found.statistics is None
    report = campaign_report(found, _frame("delivered"))
    assert [problem for problem in report.problems if "add up to 5 of 9" in problem]


def test_a_report_says_how_cumulative_counters_were_read() -> None:
    report = campaign_report(campaign(total=1, sent=1, delivered=1), _frame("delivered"))

    assert [problem for problem in report.problems if "`sent` is read as including" in problem]


def _frame(*statuses: str) -> Any:
    from datetime import UTC, datetime

    import pyarrow as pa

    from toolkit.data.logs import logs_frame

    return logs_frame({"c": pa.Table.from_batches([log(*map(row, statuses))])}, datetime.now(UTC))


# Logs


@pytest.mark.parametrize("word", ["accepted", "queued", "scheduled", "sending", "initialized"])
def test_what_is_on_its_way_is_queued_and_was_not_sent(word: str) -> None:
    (found,) = log(row(word)).to_pylist()

    assert (found["status"], found["sent_time"]) == ("queued", None)


@pytest.mark.parametrize("word", ["sent", "delivered", "undelivered", "failed", "canceled", "a new word"])
def test_other_statuses_are_kept(word: str) -> None:
    (found,) = log(row(word)).to_pylist()

    assert (found["status"], found["sent_time"] is None) == (word, False)


def test_a_row_has_what_was_sent_to_whom_by_whom() -> None:
    person = {"conversation": {"contact_id": "ana"}, "external_id": "SM1"}
    failed = {"event_error_code": 30006, "event_error_message": "Landline"}

    (found,) = log(row("failed", **person, **failed)).to_pylist()

    assert (found["contact_id"], found["message_id"], found["error"]) == ("ana", "SM1", "Landline (30006)")
    assert (found["sender"], found["text"], found["parts"]) == ("+12025550100", "Hi", 2)
    assert (found["contact_name"], found["delivered_time"]) == (None, None)
    assert f"{found['changed_time']:%H:%M:%S.%f}" == "17:00:00.123456"


def test_an_invalid_value_in_a_message_is_lost_alone() -> None:
    found = log(row("delivered", updated_time="yesterday", segments_number="many"), row("sent")).to_pylist()

    assert [each["status"] for each in found] == ["delivered", "sent"]
    assert (found[0]["changed_time"], found[0]["parts"]) == (None, None)


def test_a_row_without_its_message_is_named() -> None:
    with pytest.raises(UnexpectedReply, match=r"row 1 \(id 'x'\) has no message"):
        log({"id": "x"})


# Jobs and requests


def test_a_job_that_failed_says_why() -> None:
    job = published.read_job(
        b'{"job_id": "j", "status": "failed", "type": "import_contacts", "error_msg": "No phone."}'
    )

    assert str(job) == "The import is failed (No phone)."
    assert (job.created_time, job.is_finished) == (None, True)


def test_a_campaign_needs_a_messaging_service_and_is_no_draft() -> None:
    request = CampaignRequest(name="x", type="SMS", message="y", sender_ids=("p",), target=Target(any_of=("l",)))

    with pytest.raises(NotSupported, match="messaging service"):
        published.campaign_request(request)
    body = published.campaign_request(request.model_copy(update={"service_id": "MG1"})).content["json"]
    assert (body["message_service_id"], body["mode"], body["stage"]) == ("MG1", "WEB", "INSTANCE")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"text": "x" * 1_601}, "1,600 characters"),
        ({"text": "{1}"}, "braces"),
        ({"media_urls": ("https://a.example",)}, "MMS"),
    ],
    ids=["long", "braces", "picture"],
)
def test_a_single_message_that_cannot_arrive_as_shown_is_not_requested(change: dict[str, Any], says: str) -> None:
    request = MessageRequest(sender="+12025550100", to="+12025550101", text="Hi")

    assert published.message_request(request).path == "messages/sms"
    with pytest.raises(NotSupported, match=says):
        published.message_request(request.model_copy(update=change))


@pytest.mark.parametrize("strategy", ["merge", "replace"])
def test_the_guide_has_other_ways_with_duplicates(strategy: Any) -> None:
    request = ImportRequest(filename="f.csv", content=b"", on_duplicate=strategy)

    assert published.import_request(request).params == {"duplicate_strategy": strategy}
    with pytest.raises(NotSupported, match="one of mark, skip, update"):
        guide.import_request(request)


# Which one


class Service:
    """Answers reads of some paths at some addresses, and counts them."""

    def __init__(self, *there: str, status: int = 404) -> None:
        self.there, self.status, self.asked = there, status, list[str]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        base, _, path = request.url.path.partition("/api/v1/workspace/w/")
        self.asked.append(f"{base}/{path}")
        if f"{base}/{path}" in self.there:
            return httpx.Response(200, json={"data": [], "total": 0})
        return httpx.Response(self.status, json={"detail": "Not found"})


def client_of(service: Service, home: Path, clock: Clock, **settings: Any) -> Client:
    known = Settings(home=home, api_key=SecretStr(KEY), workspace_id="w", **settings)
    choice = ServiceChoice(known, clock)
    return Client(Caller(known.base_url, "w", SecretStr(KEY), dialect=choice, transport=httpx.MockTransport(service)))


@pytest.mark.parametrize(
    ("there", "base", "name"),
    [
        (["/seax-api/campaigns", "/seax-api/contacts"], "seax-api", "published"),
        (["/bulk-sms-api/campaigns", "/bulk-sms-api/contacts"], "bulk-sms-api", "published"),
        (["/bulk-sms-api/contacts"], "bulk-sms-api", "guide"),
        (["/seax-api/contacts"], "seax-api", "guide"),
    ],
)
def test_a_live_service_is_asked_once_and_remembered(
    tmp_path: Path, clock: Clock, there: list[str], base: str, name: str
) -> None:
    service = Service(*there)
    first = client_of(service, tmp_path, clock)
    assert first.spoken is None
    assert service.asked == []

    assert name == first.dialect.NAME
    asked = len(service.asked)
    again = client_of(service, tmp_path, clock)

    assert name == again.dialect.NAME
    assert again.spoken is not None
    assert (again.spoken.base_url.rsplit("/", 1)[-1], again.spoken.seen) == (base, "2026-03-03")
    assert len(service.asked) == asked <= 4


def test_a_dialect_that_is_set_is_not_asked_for(tmp_path: Path, clock: Clock) -> None:
    service = Service()

    clients = [client_of(service, tmp_path, clock, dialect=name) for name in ("guide", "published")]

    assert [client.dialect.NAME for client in clients] == ["guide", "published"]
    assert [client.spoken.base_url.rsplit("/", 1)[-1] for client in clients if client.spoken] == [
        "bulk-sms-api",
        "seax-api",
    ]
    assert service.asked == []


def test_another_address_is_asked_again(tmp_path: Path, clock: Clock) -> None:
    service = Service("/seax-api/campaigns", "/x/contacts")
    assert client_of(service, tmp_path, clock).dialect.NAME == "published"

    assert client_of(service, tmp_path, clock, base_url="https://seax.seasalt.ai/x").dialect.NAME == "guide"


@pytest.mark.parametrize(
    ("status", "error", "says"),
    [(404, NotFound, "No SeaX service answers at"), (401, Unauthorized, "SEAX_API_KEY"), (403, ServiceError, "rights")],
)
def test_a_service_that_does_not_answer_is_one_sentence_and_nothing_is_remembered(
    tmp_path: Path, clock: Clock, status: int, error: type[ToolkitError], says: str
) -> None:
    client = client_of(Service(status=status), tmp_path, clock)

    with stamina.set_testing(True, attempts=1), pytest.raises(error, match=says):
        client.phones()

    assert not (tmp_path / "service.json").exists()


def test_a_damaged_memory_is_asked_again(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "service.json").write_text("[", encoding="utf-8")

    assert client_of(Service("/seax-api/campaigns"), tmp_path, clock).dialect.NAME == "published"
