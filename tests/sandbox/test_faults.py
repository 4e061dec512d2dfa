"""Faults that a test asks for, and what they leave done."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.filling import new_sandbox
from toolkit.sandbox import Behaviour, Faults, Sandbox

from .conftest import NOON, client_of

MESSAGE = {"phone_number": "+1234567890", "to_phone_number": "+12125550142", "content": "Hello"}
PAGE = "/contacts?limit=5"


def open_with(faults: Faults | None, tmp_path: Path) -> Sandbox:
    behaviour = Behaviour(faults=faults)
    return new_sandbox(tmp_path / "faulty.db", contacts=20, now=lambda: NOON, behaviour=behaviour)


@pytest.fixture
def faulty(tmp_path: Path) -> Iterator[httpx.Client]:
    sandbox = open_with(Faults(latency_seconds=60), tmp_path)
    with client_of(sandbox) as client:
        yield client
    sandbox.close()


def send(client: httpx.Client, fault: str | None = None, **how: Any) -> httpx.Response:
    headers = {} if fault is None else {"X-Sandbox-Fault": fault}
    return client.post("/send_message", json=MESSAGE, headers=headers, **how)


def first_message_id(tmp_path: Path) -> str:
    """The id that the first message of an untouched workspace gets."""
    untouched = new_sandbox(tmp_path / "untouched.db", contacts=20, now=lambda: NOON)
    with client_of(untouched) as client:
        message_id: str = send(client).json()["id"]
    untouched.close()
    return message_id


@pytest.mark.parametrize(("fault", "status"), [("500-before", 500), ("503-before", 503), ("429", 429)])
def test_a_failure_before_the_effect_leaves_nothing_done(
    faulty: httpx.Client, tmp_path: Path, fault: str, status: int
) -> None:
    failed = send(faulty, fault)

    assert failed.status_code == status
    assert failed.json()["status_code"] == status
    assert send(faulty).json()["id"] == first_message_id(tmp_path)


@pytest.mark.parametrize(("fault", "status"), [("500-after", 500), ("503-after", 503)])
def test_a_failure_after_the_effect_leaves_it_done(
    faulty: httpx.Client, tmp_path: Path, fault: str, status: int
) -> None:
    failed = send(faulty, fault)

    assert failed.status_code == status
    assert send(faulty).json()["id"] != first_message_id(tmp_path)


def test_a_broken_connection_raises_and_leaves_the_effect_done(faulty: httpx.Client, tmp_path: Path) -> None:
    with pytest.raises(httpx.ReadError):
        send(faulty, "reset")

    assert send(faulty).json()["id"] != first_message_id(tmp_path)


def test_a_late_reply_times_out_and_leaves_the_effect_done(faulty: httpx.Client, tmp_path: Path) -> None:
    with pytest.raises(httpx.ReadTimeout):
        send(faulty, "latency", timeout=0.2)

    assert send(faulty).json()["id"] != first_message_id(tmp_path)


def test_a_truncated_reply_is_no_json(faulty: httpx.Client) -> None:
    whole = faulty.get(PAGE)
    cut = faulty.get(PAGE, headers={"X-Sandbox-Fault": "truncate"})

    assert cut.status_code == 200
    assert cut.content == whole.content[: len(whole.content) // 2]


def test_pages_shift_by_one_row(faulty: httpx.Client) -> None:
    before = faulty.get(PAGE).json()
    after = faulty.get(PAGE, headers={"X-Sandbox-Fault": "shift"}).json()

    assert after["data"][1:] == before["data"][:-1]
    assert after["total"] == before["total"] + 1


def test_faults_at_a_rate_hit_about_that_share_of_requests(tmp_path: Path) -> None:
    sandbox = open_with(Faults(rates={"503-before": 0.3, "429": 0.1}), tmp_path)
    with client_of(sandbox) as client:
        statuses = [client.get("/phones").status_code for _ in range(400)]
    sandbox.close()

    assert 0.22 < statuses.count(503) / 400 < 0.38
    assert 0.05 < statuses.count(429) / 400 < 0.15
    assert statuses.count(200) == 400 - statuses.count(503) - statuses.count(429)


def test_no_request_can_switch_faults_on(client: httpx.Client) -> None:
    assert client.get(PAGE, headers={"X-Sandbox-Fault": "503-before"}).status_code == 200
