"""The service keeps what /openapi.json promises, whatever it is asked."""

import html
import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, settings

from toolkit.sandbox import Sandbox
from toolkit.sandbox.world.planted import TRUTHS

from .conftest import NOON

FOLDER = Path(tempfile.mkdtemp())  # schemathesis reads the document while the tests are collected
SANDBOX = Sandbox(FOLDER / "workspace.db", contacts=100, now=lambda: NOON)
CONFIG = schemathesis.Config.from_path(Path(__file__).with_name("schemathesis.toml"))
SCHEMA = schemathesis.openapi.from_asgi("/openapi.json", SANDBOX.app, config=CONFIG, headers={"Host": "localhost"})


@pytest.fixture(scope="module", autouse=True)
def folder() -> Iterator[None]:
    yield
    SANDBOX.close()
    shutil.rmtree(FOLDER)


@SCHEMA.parametrize()
@settings(max_examples=10, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
def test_no_request_gets_an_answer_that_is_not_documented(case: schemathesis.Case) -> None:
    case.call_and_validate()


def test_the_document_names_the_guides_calls_and_the_job(client: httpx.Client) -> None:
    document = client.get("http://sandbox.invalid/openapi.json").json()
    prefix = "/bulk-sms-api/api/v1/workspace/{workspace_id}"
    calls = {(method, path.removeprefix(prefix)) for path, methods in document["paths"].items() for method in methods}

    assert calls == {
        ("get", "/phones"),
        ("get", "/contacts"),
        ("post", "/import_contacts"),
        ("post", "/campaigns"),
        ("get", "/campaigns/{campaign_id}"),
        ("get", "/campaigns/{campaign_id}/logs"),
        ("post", "/send_message"),
        ("get", "/jobs/{job_id}"),
    }


@pytest.fixture
def page(client: httpx.Client) -> httpx.Response:
    return client.get("http://sandbox.invalid/docs")


def test_the_page_for_readers_needs_no_network(page: httpx.Response) -> None:
    assert page.headers["content-type"].startswith("text/html")
    assert "any_contact_label_ids" in page.text
    assert "<script" not in page.text
    assert "src=" not in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none';")


def test_every_command_on_the_page_for_readers_works(page: httpx.Response, client: httpx.Client) -> None:
    commands = [html.unescape(found) for found in re.findall(r"<pre>(.*?)</pre>", page.text, re.DOTALL)]
    asked = [re.match(r"curl -X (\w+) '(.*?)'.*?(?:-d '(.*)')?$", command, re.DOTALL) for command in commands]
    replies = [
        client.request(
            found[1], found[2], json=json.loads(found[3]) if found[3] else None,
            files={"file": b"name,phone\nAda,+12125550142\n"} if "import_contacts" in found[2] else None,
        )
        for found in asked if found
    ]  # fmt: skip

    assert [reply.status_code for reply in replies] == [200] * 8


def test_the_page_for_readers_tells_what_the_workspace_holds(page: httpx.Response, sandbox: Sandbox) -> None:
    text = html.unescape(page.text)

    assert all(title in text and answer in text for title, answer in TRUTHS)
    assert all(own_id in text and name in text for own_id, name in sandbox.campaigns().items())
    assert len(sandbox.campaigns()) > 20
