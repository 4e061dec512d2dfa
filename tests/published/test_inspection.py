"""`seax doctor --service`: what a service answers otherwise than published is named, and no value of a person."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import stamina
from pydantic import SecretStr
from typer.testing import CliRunner

from tests.builders import KEY, Clock
from tests.judge import DOCUMENT, Judged
from toolkit.api.conformance import Inspection
from toolkit.api.published import shapes
from toolkit.cli.app import app
from toolkit.errors import ServiceError, ToolkitError, Unauthorized, Unreachable
from toolkit.sandbox import Behaviour, Sandbox
from toolkit.sandbox.options import Published
from toolkit.settings import DialectName, Settings
from toolkit.workspace import connect

Change = Callable[[httpx.Request, httpx.Response], httpx.Response]


class Odd(httpx.BaseTransport):
    """The embedded service, each reply of which is changed on its way."""

    def __init__(self, inner: httpx.BaseTransport, change: Change) -> None:
        self._inner, self._change = inner, change

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._inner.handle_request(request)
        response.read()
        return self._change(request, response)


def inspected(
    home: Path, box: Sandbox, transport: httpx.BaseTransport, dialect: DialectName = "published"
) -> Inspection:
    with connect(Settings(home=home, dialect=dialect), sandbox=box, transport=transport, now=box.clock.now) as ws:
        return ws.inspect_service()


def test_the_embedded_service_answers_as_published_in_about_25_reads(tmp_path: Path, sandbox: Sandbox) -> None:
    judged = Judged(sandbox.transport())

    found = inspected(tmp_path, sandbox, judged)

    assert (found.deviations, found.verdict) == ([], "It answers as published.")
    assert 15 <= found.requests <= 30
    assert not any(operation.startswith(("post", "patch", "delete")) for operation in judged.judged)


def test_the_other_face_answers_as_the_guide(tmp_path: Path, sandbox: Sandbox) -> None:
    found = inspected(tmp_path, sandbox, sandbox.transport(), "guide")

    assert (found.deviations, found.verdict) == ([], "It answers as guide.")


def planted(request: httpx.Request, response: httpx.Response) -> httpx.Response:
    """A service with twelve deviations."""
    path = request.url.path.partition("/api/v1/workspace/")[2].partition("/")[2]
    reply, status = json.loads(response.content), response.status_code
    headers = {"date": "Tue, 03 Mar 2020 10:00:00 GMT"} if path == "phones" else {}
    if "order_by" in request.url.params:  # 8 an order that is not kept
        times = [{"updated_time": f"2026-0{month}-01T00:00:00"} for month in (2, 1)]
        return httpx.Response(200, json={"data": times, "total": 2})
    if status >= 400:
        return httpx.Response(status, json={"error": "no"})  # 1 wrong id, 2 wrong limit, 3 wrong key: no detail
    rows = reply.get("data") or []
    match path:
        case "phones":  # 4 a clock that is years behind
            for row in rows:
                row["type"] = "SATELLITE"  # 5 a new word
        case "contacts":
            for row in rows:
                del row["name"]  # 6 a field that is missing
                row["loyalty"] = "Ana Private"  # 7 a field that is new
            reply["data"] = rows[:100]  # 9 a page that is smaller than asked for
        case "contact_labels":
            for row in rows:
                row["is_system"] = "Ana Private"  # 10 another type
        case "jobs":
            status = 202  # 11 another status
        case "messaging_services":
            for row in rows:
                row["name"] = None  # 12 null where it may not be
    return httpx.Response(status, json=reply, headers=headers)


def test_twelve_planted_deviations_are_named_and_nobodys_values(tmp_path: Path, sandbox: Sandbox) -> None:
    found = inspected(tmp_path, sandbox, Odd(sandbox.transport(), planted))

    said = "\n".join(found.deviations)
    for each in (
        "campaigns/{id} of no campaign: status 404 comes without `detail`",
        "contacts of a wrong limit: status 422 comes without `detail`",
        "contacts with a wrong key: status 401 comes without `detail`",
        "phones: the clock is",
        "phones: PhoneDetail.type has the new word SATELLITE",
        "contacts: Contact.name is missing",
        "contacts: Contact.loyalty is new",
        "contacts: an order by updated_time is not kept",
        "contacts: a page of 1,000 has 100 rows",
        "contact_labels: ContactLabelWithCount.is_system is string, not boolean",
        "jobs: status 202, not 200",
        "messaging_services: MessagingService.name is null",
    ):
        assert each in said, each
    assert found.verdict.startswith("It answers as published, but for ")
    report = found.report()
    people = connect(Settings(home=tmp_path), sandbox=sandbox).contacts()
    values = {*people["name"].dropna(), *people["phone"].dropna(), *people["id"]}
    values |= {"Ana Private", KEY, sandbox.workspace_id}
    assert [value for value in values if value in report] == []


def test_cumulative_counters_are_named(tmp_path: Path, clock: Clock) -> None:
    box = Sandbox(
        tmp_path / "s.sqlite3", contacts=100, now=clock, behaviour=Behaviour(published=Published(counts="cumulative"))
    )

    found = inspected(tmp_path, box, box.transport())

    assert [each for each in found.deviations if "the counters are cumulative" in each]


@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        (lambda request: httpx.Response(401, json={"detail": "Invalid API key"}), Unauthorized, "SEAX_API_KEY"),
        (lambda request: httpx.Response(403, json={"detail": "no scope"}), ServiceError, "ask for its rights"),
        (lambda request: (_ for _ in ()).throw(httpx.ConnectError("no such host")), Unreachable, "check the network"),
    ],
    ids=["wrong key", "no scope", "dead host"],
)
def test_what_does_not_answer_is_one_sentence(
    tmp_path: Path, answer: Any, error: type[ToolkitError], says: str
) -> None:
    settings = Settings(home=tmp_path, api_key=SecretStr(KEY), workspace_id="w")

    with (
        stamina.set_testing(True, attempts=1),
        connect(settings, transport=httpx.MockTransport(answer)) as ws,
        pytest.raises(error, match=says) as raised,
    ):
        ws.inspect_service()

    assert KEY not in str(raised.value)


def test_the_command_writes_a_report(tmp_path: Path) -> None:
    done = CliRunner().invoke(
        app, ["doctor", "--service", "--report", str(tmp_path / "r.md")], env={"SEAX_DIALECT": "published"}
    )

    assert done.exit_code == 0, done.output
    assert "It answers as published. (" in done.output.replace("\n", " ")
    assert (tmp_path / "r.md").read_text("utf-8").startswith("# SeaX: It answers as published.")


def test_the_shapes_are_those_of_the_vendors_file() -> None:
    schemas = DOCUMENT["components"]["schemas"]

    for name, fields in shapes._shapes()["schemas"].items():
        theirs = schemas[name]
        assert fields.keys() == theirs["properties"].keys(), name
        required = {field for field, kind in fields.items() if kind.get("required")}
        assert required == set(theirs.get("required", ())) - {"profile_picture_last_synced_at"}, name
        for field, kind in fields.items():
            there = theirs["properties"][field]
            reference = next(iter(there.get("allOf", ())), there).get("$ref")
            if "words" in kind:
                assert kind["words"] == schemas[reference.rsplit("/", 1)[-1]]["enum"]
