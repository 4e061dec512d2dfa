"""The approval page over HTTP: who gets in, what counts as a person's decision there, and when it closes."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from tests.builders import campaign_draft, live_draft
from toolkit.approval_page.page_server import ApprovalPage
from toolkit.errors import ApprovalRefused
from toolkit.plans.plan import Plan
from toolkit.sending.approver_keys import Approvers
from toolkit.workspace import Workspace

WORDS = "correct horse battery"
HOSTILE = "<img src=x onerror=alert(1)>"


class Person:
    """A browser at an address of the page: it opens it, and sends its forms with what the page holds."""

    def __init__(self, page: ApprovalPage, plan: Plan | None = None) -> None:
        self.page, self.plan = page, plan
        self.address = page.address(plan.id if plan else "")
        self.html = self.post(token=self.address.rpartition("/")[2]).text

    @property
    def key(self) -> str:
        return re.findall('name="key" value="([^"]+)"', self.html)[0]

    def post(self, headers: dict[str, str] | None = None, **fields: str) -> httpx.Response:
        given = {"Origin": self.page.origin} | (headers or {})
        return httpx.post(f"http://127.0.0.1:{self.page.port}/", data=fields, headers=given | self.host(headers))

    def host(self, headers: dict[str, str] | None) -> dict[str, str]:
        return {} if headers and "Host" in headers else {"Host": f"localhost:{self.page.port}"}

    def decide(self, doing: str = "approve", **fields: str) -> str:
        assert self.plan
        return self.post(key=self.key, plan=self.plan.id, doing=doing, **fields).text


@pytest.fixture
def opened() -> Iterator[Callable[..., ApprovalPage]]:
    pages: list[ApprovalPage] = []

    def open_it(workspace: Workspace, **how: object) -> ApprovalPage:
        pages.append(ApprovalPage(workspace, **how))  # type: ignore[arg-type]
        return pages[-1]

    yield open_it
    for page in pages:
        page.close()


Opened = Callable[..., ApprovalPage]


def test_the_count_typed_into_a_page_from_a_terminal_approves_and_the_plan_is_sent_once(
    ws: Workspace, opened: Opened
) -> None:
    plan = ws.plan(campaign_draft())
    person = Person(opened(ws, from_terminal=True), plan)

    said = person.decide(count=f"{plan.recipients:,}", by="ana")

    assert "Approved" in said
    assert (ws.approvals.latest(plan.id).via, ws.approvals.latest(plan.id).by) == ("page", "ana")
    assert ws.send(ws.approvals.latest(plan.id)).status == "sent"
    assert ws.send(ws.approvals.latest(plan.id)).repeated


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"count": "1", "by": "ana"}, "1 is not the number of recipients"),
        ({"count": "", "by": "ana"}, "type the exact number"),
        ({"count": "all", "by": "ana"}, "is not the number"),
        ({"by": ""}, "Type your name"),
    ],
)
def test_anything_but_the_number_and_a_name_approves_nothing(
    ws: Workspace, opened: Opened, fields: dict[str, str], says: str
) -> None:
    plan = ws.plan(campaign_draft())
    person = Person(opened(ws, from_terminal=True), plan)

    said = person.decide(**{"count": str(plan.recipients)} | fields)

    assert says in said
    assert ws.get_plan(plan.id).state == "planned"


def test_on_a_live_workspace_a_page_that_an_assistants_server_opened_takes_signatures_alone(
    live: Workspace, opened: Opened, tmp_path: Path
) -> None:
    plan = live.plan(live_draft())
    keys = Approvers(tmp_path / "approvers")
    keys.create("ana", SecretStr(WORDS))
    keys.pin("ana")
    person = Person(opened(live), plan)

    unsigned = person.decide(count="3", by="ana")
    before = live.get_plan(plan.id).state
    signed = person.decide(count="3", approver="ana", passphrase=WORDS)

    assert "Choose who signs" in unsigned
    assert before == "planned"
    assert "Approved" in signed
    assert live.approvals.latest(plan.id).is_signed


def test_a_page_from_a_terminal_is_no_weaker_than_the_terminal(live: Workspace, opened: Opened, tmp_path: Path) -> None:
    plan = live.plan(live_draft())
    few = Person(opened(live, from_terminal=True), plan).decide(count="3", by="ana")
    (tmp_path / "policy.toml").write_text("signed_above = 2", encoding="utf-8")

    assert "Approved" in few
    with pytest.raises(ApprovalRefused, match="No approval page is being answered"):
        live.approvals.approve(plan.id, recipients=3, by="eve", via="page")


def test_a_key_that_is_not_pinned_signs_nothing_on_the_page(live: Workspace, opened: Opened, tmp_path: Path) -> None:
    plan = live.plan(live_draft())
    Approvers(tmp_path / "approvers").create("eve", SecretStr(WORDS))

    said = Person(opened(live), plan).decide(count="3", approver="eve", passphrase=WORDS)

    assert "is not pinned" in said
    assert live.get_plan(plan.id).state == "planned"


def test_the_page_closes_after_five_refused_signatures(live: Workspace, opened: Opened, tmp_path: Path) -> None:
    plan = live.plan(live_draft())
    Approvers(tmp_path / "approvers").create("ana", SecretStr(WORDS))
    page = opened(live)
    person = Person(page, plan)

    said = [person.decide(count="3", approver="ana", passphrase=f"wrong horse {n}") for n in range(5)]

    assert "for the key of ana is wrong" in said[0]
    assert "The page is closed" not in said[3]
    assert "The page is closed" in said[4]
    assert not page.is_open


def test_a_decline_closes_the_plan(ws: Workspace, opened: Opened) -> None:
    plan = ws.plan(campaign_draft())

    said = Person(opened(ws), plan).decide("decline", by="ana")

    assert "Declined: nothing of it is sent." in said
    assert ws.get_plan(plan.id).state == "declined"


def test_an_address_opens_once_and_shows_nothing_before(ws: Workspace, opened: Opened) -> None:
    plan = ws.plan(campaign_draft())
    page = opened(ws)
    address = page.address(plan.id)
    host = {"Host": f"localhost:{page.port}"}
    here = address.replace("localhost", "127.0.0.1")

    shown = [httpx.get(here, headers=host).text for _ in range(2)]  # as a host does that previews links
    person = Person(page, plan)
    again = person.post(token=address.rpartition("/")[2]).text

    assert person.address == address
    assert all(plan.draft.name not in each and plan.id not in each for each in shown)
    assert plan.draft.name in person.html
    assert "This address was used already" in again
    assert page.address(plan.id) != address


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:1"},
        {"Host": "evil.example"},
        {"Host": "127.0.0.1"},
        {"Content-Type": "text/plain"},
    ],
)
def test_foreign_pages_and_names_are_turned_away(ws: Workspace, opened: Opened, headers: dict[str, str]) -> None:
    plan = ws.plan(campaign_draft())
    person = Person(opened(ws, from_terminal=True), plan)

    said = person.post(headers, key=person.key, plan=plan.id, doing="approve", count=str(plan.recipients), by="eve")

    assert said.status_code == 403
    assert ws.get_plan(plan.id).state == "planned"


@pytest.mark.parametrize("key", ["", "guessed"])
def test_without_the_pages_key_nothing_is_shown_or_approved(ws: Workspace, opened: Opened, key: str) -> None:
    plan = ws.plan(campaign_draft())
    person = Person(opened(ws, from_terminal=True), plan)

    said = person.post(key=key, plan=plan.id, doing="approve", count=str(plan.recipients), by="eve").text

    assert plan.draft.name not in said
    assert ws.get_plan(plan.id).state == "planned"


def test_a_get_changes_nothing_and_every_answer_has_its_policy(ws: Workspace, opened: Opened) -> None:
    page = opened(ws)
    host = {"Host": f"localhost:{page.port}"}
    for path, code in (("/", 404), ("/open/x", 200), ("/open/../secret", 404), ("/open/%3Cscript%3E", 404)):
        said = httpx.get(f"http://127.0.0.1:{page.port}{path}", headers=host)

        assert said.status_code == code
        policy = said.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe-inline" not in policy.partition("script-src")[2]
        assert said.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in said.headers


def test_nobody_else_can_answer_on_the_other_loopback_address(ws: Workspace, opened: Opened) -> None:
    page = opened(ws)
    with socket.socket(socket.AF_INET6) as other:
        try:
            other.bind(("::1", 0))
        except OSError:
            pytest.skip("this machine has one loopback address")
    with socket.socket(socket.AF_INET6) as other, pytest.raises(OSError, match="in use"):
        other.bind(("::1", page.port))


def test_a_hostile_plan_is_text_and_an_assistants_is_named(ws: Workspace, opened: Opened) -> None:
    draft = campaign_draft(HOSTILE, f"{HOSTILE} Reply STOP to opt out.")
    plan = ws.plan(draft)

    html = Person(opened(ws), plan).html

    assert HOSTILE not in html
    assert "&lt;img src=x" in html


def test_it_closes_by_itself_when_nobody_asks(ws: Workspace) -> None:
    page = ApprovalPage(ws, idle=0.01)

    page.wait()

    assert not page.is_open
