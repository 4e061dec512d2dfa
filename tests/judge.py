"""What the vendor publishes of its API, as judge of requests and replies: `published_openapi.json`, read relaxed.

Relaxed: what is optional may be null, a contact may lack one field, and times have microseconds and no zone. The
vendor's own captured replies break the file as it stands in just these points. Two numbers in its examples are replaced
by ones that cannot belong to anybody.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs

BASE = "/seax-api"
ASKED = ("NewCampaign", "UpdateCampaign")  # in requests times have a zone
_NAIVE = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$"
DOCUMENT: dict[str, Any] = json.loads(Path(__file__).with_name("published_openapi.json").read_text("utf-8"))


class Judged(httpx.BaseTransport):
    """Passes requests on, and fails at whatever the vendor's file does not allow; counts what it judged."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner
        self.judged: Counter[str] = Counter()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._inner.handle_request(request)
        if request.url.path.startswith(f"{BASE}/api/"):
            response.read()
            self.judged[judge(request, response)] += 1
        return response


def judge(request: httpx.Request, response: httpx.Response) -> str:
    """Fail unless a request and its reply are as published; returns the operation."""
    method = request.method.lower()
    path, operation = _operation(method, request.url.path.removeprefix(BASE))
    documented = {one["name"] for one in operation.get("parameters", []) if one["in"] == "query"}
    assert set(request.url.params) <= documented, f"{path}: {set(request.url.params) - documented} is not documented"
    is_refused = response.status_code >= 400
    asked = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if asked and not is_refused:
        _check(f"{method} {path} asks", asked["schema"], json.loads(request.read()))

    if is_refused and response.status_code != 422:  # not documented: what the vendor's other services answer
        assert set(response.json()) == {"detail"}, response.text
        return f"{method} {path} {response.status_code}"
    replies = operation["responses"]
    status = str(response.status_code)
    assert status in replies, f"{method} {path} answers {status}: {response.text[:300]}"
    content = replies[status].get("content", {}).get("application/json")
    if content is None:
        assert response.content == b""
    else:
        _check(f"{method} {path} answers", content["schema"], response.json())
    return f"{method} {path} {status}"


def relaxed() -> dict[str, Any]:
    """The vendor's document as its captured replies are: what is optional nullable, times without a zone."""
    document = deepcopy(DOCUMENT)
    document["components"]["schemas"]["Contact"]["required"].remove("profile_picture_last_synced_at")
    for owner, schema in document["components"]["schemas"].items():
        for name, one in schema.get("properties", {}).items():
            if one.get("format") == "date-time" and owner not in ASKED:
                schema["properties"][name] = one = {"type": "string", "pattern": _NAIVE}
            if name not in schema.get("required", ()):
                schema["properties"][name] = {"anyOf": [one, {"type": "null"}]}
    return document


def _operation(method: str, path: str) -> tuple[str, dict[str, Any]]:
    for template, operations in sorted(DOCUMENT["paths"].items(), key=lambda one: one[0].count("{")):
        if method in operations and re.fullmatch(re.sub(r"\{[^}]*\}", "[^/]+", template), path):
            return template.removeprefix("/api/v1/workspace/{workspace_id}"), operations[method]
    raise AssertionError(f"{method.upper()} {path} is not published")


def _check(what: str, schema: dict[str, Any], value: Any) -> None:
    for error in _validator(json.dumps(schema)).iter_errors(value):
        raise AssertionError(f"{what}: {list(error.instance_path)}: {error.message[:300]}")


@cache
def _validator(schema: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator({**json.loads(schema), "components": _relaxed()["components"]})


@cache
def _relaxed() -> dict[str, Any]:
    return relaxed()
