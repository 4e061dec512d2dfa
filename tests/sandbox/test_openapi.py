"""The service keeps what /openapi.json promises, whatever it is asked."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, settings

from toolkit.sandbox import Sandbox

from .conftest import NOON

FOLDER = Path(tempfile.mkdtemp())  # schemathesis reads the document while the tests are collected
SANDBOX = Sandbox(FOLDER / "workspace.db", contacts=100, now=lambda: NOON)
SCHEMA = schemathesis.openapi.from_asgi(
    "/openapi.json",
    SANDBOX.app,
    config=schemathesis.Config.from_dict(
        {
            "headers": {"X-API-KEY": SANDBOX.api_key},
            # Which ids exist and what time it is, no schema can say: a well-formed request may meet a 422.
            "checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", "404", "422"]}},
        }
    ),
)


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


def test_the_page_for_readers_needs_no_network(client: httpx.Client) -> None:
    page = client.get("http://sandbox.invalid/docs")

    assert page.headers["content-type"].startswith("text/html")
    assert "curl -X POST" in page.text
    assert "any_contact_label_ids" in page.text
    assert "<script" not in page.text
    assert "src=" not in page.text
