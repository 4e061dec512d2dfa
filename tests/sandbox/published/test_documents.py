"""What the face answers is as the vendor publishes, and what its own document says of requests is the vendor's."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings

from tests.judge import BASE, DOCUMENT
from tests.sandbox.conftest import NOON
from toolkit.sandbox import Sandbox

from . import vendors
from .conftest import Face

FOLDER = Path(tempfile.mkdtemp())  # schemathesis reads the document while the tests are collected
SANDBOX = Sandbox(FOLDER / "workspace.db", contacts=100, now=lambda: NOON)
SCHEMA = vendors.schema(SANDBOX)
OWN = schemathesis.openapi.from_asgi(
    f"{BASE}/openapi.json", SANDBOX.app, config=vendors.CONFIG, headers={"Host": "localhost"}
)


@pytest.fixture(scope="module", autouse=True)
def folder() -> Iterator[None]:
    yield
    SANDBOX.close()
    shutil.rmtree(FOLDER)


@SCHEMA.parametrize()
@settings(max_examples=4, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
def test_no_request_of_the_vendors_gets_another_reply(case: schemathesis.Case) -> None:
    case.call_and_validate(checks=vendors.CHECKS)


@OWN.parametrize()
@settings(max_examples=2, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
def test_no_request_of_the_faces_own_document_gets_another_reply(case: schemathesis.Case) -> None:
    case.call_and_validate(checks=vendors.CHECKS)


def test_the_faces_document_is_part_of_the_vendors(face: Face) -> None:
    ours = face.get(f"http://sandbox.invalid{BASE}/openapi.json").json()
    calls = [(path, method) for path, methods in ours["paths"].items() for method in methods]

    assert len(calls) > 15
    for path, method in calls:
        mine, theirs = ours["paths"][path][method], DOCUMENT["paths"][path.removeprefix(BASE)][method]
        assert parameters(ours, mine) == parameters(DOCUMENT, theirs), (method, path)
        assert set(theirs["responses"]) <= set(mine["responses"]), (method, path)
        for kind, body in theirs.get("requestBody", {}).get("content", {}).items():
            asked = mine["requestBody"]["content"][kind]["schema"]
            assert fields(ours, asked) == fields(DOCUMENT, body["schema"]), (method, path)


def parameters(document: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    """Name, required, default and allowed words of each parameter but the key's header."""
    return {
        one["name"]: (
            one["in"],
            one.get("required", False),
            words(document, one["schema"]),
            one["schema"].get("default"),
        )
        for one in operation["parameters"]
        if one["in"] != "header" and one["name"] != "workspace_id"  # ours has one workspace
    }


def fields(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Whether each field of a body is required, and its allowed words."""
    found = resolved(document, schema)
    return {
        name: (name in found.get("required", ()), words(document, one)) for name, one in found["properties"].items()
    }


def words(document: dict[str, Any], schema: dict[str, Any]) -> list[str]:
    found = resolved(document, schema)
    if "const" in found:
        return [found["const"]]
    for part in (*found.get("allOf", ()), *found.get("anyOf", ())):
        if inner := words(document, part):
            return inner
    return sorted(found.get("enum", ()))


def resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in schema:
        return schema
    found: dict[str, Any] = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return found
