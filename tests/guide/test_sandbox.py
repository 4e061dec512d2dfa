"""The guide's own examples, put to the sandbox word for word."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.sandbox.soak_sandbox import guide
from toolkit.sandbox import Behaviour, Sandbox

GUIDE = json.loads((Path(__file__).parent / "examples.json").read_text("utf-8"))
NOON = datetime(2025, 12, 1, 12, 0, tzinfo=UTC)
KEY = "0" * 64
CSV = b"name,phone,labels,City\nAda Lovelace,+12125550142,newsletter,London\n"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    path = tmp_path_factory.mktemp("guide") / "workspace.db"
    sandbox = Sandbox(path, contacts=1_500, now=lambda: NOON, behaviour=Behaviour(requests_per_minute=100))
    yield sandbox
    sandbox.close()


def ask(sandbox: Sandbox, example: dict[str, Any], **changes: Any) -> httpx.Response:
    url = urlsplit(example["url"])
    sent: dict[str, Any] = {"headers": {"X-API-Key": KEY}}
    if example["form_file"]:
        sent["files"] = {"file": ("contacts.csv", CSV)}
    elif example["request"] is not None:
        sent["json"] = example["request"]
    with httpx.Client(transport=sandbox.transport()) as client:
        return client.request(example["method"], f"http://sandbox.invalid{url.path}?{url.query}", **{**sent, **changes})


def shape(value: Any) -> Any:
    """The keys and types of a JSON value; a list by its first item, free-form field data as any object."""
    if isinstance(value, dict):
        return {key: "object" if key == "contact_field_data" else shape(inside) for key, inside in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


@pytest.mark.parametrize("example", GUIDE["examples"], ids=lambda example: example["title"])
def test_every_example_of_the_guide_gets_the_documented_keys_and_types(
    sandbox: Sandbox, example: dict[str, Any]
) -> None:
    if example["step"] == 2:  # the newest contact may lack what the guide's John Doe has
        example = {**example, "url": example["url"] + "&keyword=John%20Doe"}
    reply = ask(sandbox, example)

    assert reply.status_code == 200
    assert shape(reply.json()) == shape(example["response"])


def test_every_command_of_the_guide_runs_against_the_served_workspace(tmp_path: Path) -> None:
    guide(tmp_path)


def test_the_guides_marketing_line_is_answered_word_for_word(sandbox: Sandbox) -> None:
    step = GUIDE["examples"][0]

    assert step["response"]["data"][0] in ask(sandbox, step).json()["data"]


def test_the_guides_john_doe_is_answered_word_for_word(tmp_path: Path) -> None:
    step = GUIDE["examples"][1]
    untouched = Sandbox(tmp_path / "workspace.db", contacts=10, now=lambda: NOON)
    reply = ask(untouched, {**step, "url": step["url"] + "&keyword=%2B12345678900"}).json()
    untouched.close()

    assert reply == step["response"]


def test_a_wrong_key_gets_the_guides_error_body(sandbox: Sandbox) -> None:
    reply = ask(sandbox, GUIDE["examples"][0], headers={"X-API-Key": "1" * 64})

    assert reply.status_code == 401
    assert reply.json() == GUIDE["errors"][0]


def test_a_malformed_recipient_gets_the_guides_error_body(sandbox: Sandbox) -> None:
    step = GUIDE["examples"][6]
    reply = ask(sandbox, step, json={**step["request"], "to_phone_number": "not a number"})

    assert reply.status_code == 422
    assert reply.json() == GUIDE["errors"][1]


def test_a_client_that_asks_too_often_gets_the_guides_error_body(tmp_path: Path) -> None:
    sandbox = Sandbox(
        tmp_path / "workspace.db", contacts=10, now=lambda: NOON, behaviour=Behaviour(requests_per_minute=2)
    )
    replies = [ask(sandbox, GUIDE["examples"][0]) for _ in range(3)]
    sandbox.close()

    assert [reply.status_code for reply in replies] == [200, 200, 429]
    assert replies[2].json() == GUIDE["errors"][2]
    assert replies[2].headers["Retry-After"] == "60"
