# One file: every test opens the page as its person does, who is played here.
"""The approval page over HTTP: who gets in, what counts as a person's decision there, and when it closes."""

from __future__ import annotations

import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from tests.builders import KEY, Clock, campaign_draft, live_draft
from tests.wire import LiveService
from toolkit.approval_page.page_server import ApprovalPage
from toolkit.errors import ApprovalRefused
from toolkit.plans.plan import Plan
from toolkit.sandbox import Sandbox
from toolkit.sending.approver_keys import Approvers
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect

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


def test_a_page_from_a_terminal_is_no_weaker_than_the_terminal(
    tmp_path: Path, live_service: LiveService, clock: Clock, opened: Opened
) -> None:
    (tmp_path / "policy.toml").write_text("signed_above = 3", encoding="utf-8")
    environ = {"SEAX_API_KEY": KEY, "SEAX_WORKSPACE_ID": "w1", "SEAX_HOME": str(tmp_path), "SEAX_MODE": "live"}
    with connect(Settings.from_environment(environ), transport=live_service.transport, now=clock) as live:
        page = opened(live, from_terminal=True)
        plan = live.plan(live_draft())
        few = Person(page, plan).decide(count="3", by="ana")
        live.send(live.approvals.latest(plan.id))
        more = live.plan(live_draft().model_copy(update={"name": "More"}))
        unsigned = Person(page, more).decide(count="3", by="ana")
        state = live.get_plan(more.id).state

    assert "Approved" in few
    assert "Choose who signs" in unsigned
    assert state == "planned"


def test_nothing_but_an_answered_page_approves_as_a_page(ws: Workspace) -> None:
    plan = ws.plan(campaign_draft())

    with pytest.raises(ApprovalRefused, match="No approval page is being answered"):
        ws.approvals.approve(plan.id, recipients=plan.recipients, by="eve", via="page")
    assert ws.get_plan(plan.id).state == "planned"


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
    assert "Run `seax inbox`, or have send_plan called again." in said[4]
    assert not page.is_open


def test_a_decline_closes_the_plan(ws: Workspace, opened: Opened) -> None:
    plan = ws.plan(campaign_draft())

    said = Person(opened(ws), plan).decide("decline", by="ana")

    assert "Declined: nothing of it is sent." in said
    assert ws.get_plan(plan.id).state == "declined"


def test_a_plan_that_no_longer_waits_leads_to_those_that_do_and_to_what_to_do(
    ws: Workspace, opened: Opened, clock: Clock
) -> None:
    page, ended = opened(ws, from_terminal=True), ws.plan(campaign_draft("Ended"))
    clock.move(minutes=31)
    sent, waiting = (ws.plan(campaign_draft(name)) for name in ("Sent", "Waiting"))
    Person(page, sent).decide(count=str(sent.recipients), by="ana")
    ws.send(ws.approvals.latest(sent.id))

    shown = [Person(page, plan).html for plan in (ended, sent)]

    assert "This plan is expired: ask for it to be planned again." in shown[0]
    assert "This plan is sent: run `seax plans` to see what was sent." in shown[1]
    assert all(f'value="{waiting.id}"' in html for html in shown)


def test_an_open_list_shows_a_plan_that_is_made_meanwhile_and_is_closed_when_nobody_clicks(
    ws: Workspace, opened: Opened
) -> None:
    page = opened(ws, from_terminal=True)
    person = Person(page)
    asked_at = page._asked_at
    plan = ws.plan(campaign_draft())

    said = person.post(key=person.key, doing="wait").text

    assert f'value="{plan.id}"' in said
    assert page._asked_at == asked_at
    assert plan.id not in person.post(key="another", doing="wait").text


def test_a_browser_that_leaves_before_it_is_answered_is_no_error(
    ws: Workspace, opened: Opened, capfd: pytest.CaptureFixture[str]
) -> None:
    person = Person(page := opened(ws, from_terminal=True))
    body = f"key={person.key}&doing=wait".encode()
    lines = ["POST / HTTP/1.0", f"Host: localhost:{page.port}", f"Origin: {page.origin}"]
    lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}", "", ""]
    with socket.create_connection(("127.0.0.1", page.port)) as browser:
        browser.sendall("\r\n".join(lines).encode() + body)
        browser.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # reset as it is closed

    person.post(key=person.key, doing="wait")  # accepted after the one that was reset, whose thread has begun by then
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join(20)
    assert capfd.readouterr().err == ""


def test_an_empty_inbox_waits_for_plans_of_anybody(ws: Workspace, opened: Opened) -> None:
    assert "Plans show here as they are made." in Person(opened(ws)).html


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


def can_bind(family: int, address: str, port: int = 0) -> bool:
    try:
        with socket.socket(family) as other:
            other.bind((address, port))
    except OSError:
        return False
    return True


def test_nobody_else_can_answer_on_any_loopback_address_of_this_machine(ws: Workspace, opened: Opened) -> None:
    loopback = [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]
    here = [each for each in loopback if can_bind(*each)]  # a container may have no IPv6
    page = opened(ws)

    assert [server.server_address[:2] for server in page._servers] == [(address, page.port) for _, address in here]
    assert not any(can_bind(*each, page.port) for each in here)


def test_a_hostile_plan_is_text(ws: Workspace, opened: Opened) -> None:
    draft = campaign_draft(HOSTILE, f"{HOSTILE} Reply STOP to opt out.")
    plan = ws.plan(draft)

    html = Person(opened(ws), plan).html

    assert HOSTILE not in html
    assert "&lt;img src=x" in html


def test_a_plan_says_whether_an_assistant_made_it_and_had_read_what_others_wrote(
    ws: Workspace, sandbox: Sandbox, clock: Clock, tmp_path: Path, opened: Opened
) -> None:
    by_hand = ws.plan(campaign_draft())
    with connect(Settings(home=tmp_path), sandbox=sandbox, now=clock, face="mcp") as assistant:
        asked = assistant.plan(campaign_draft("Asked"), read_others=True)
    signs = ["◆ Asked by an assistant", "Written by the assistant", "▲ Warning</b> The assistant read text"]
    page = opened(ws)

    shown = [Person(page, plan).html for plan in (asked, by_hand)]

    assert [[sign in html for sign in signs] for html in shown] == [[True] * 3, [False] * 3]


def test_it_closes_by_itself_when_nobody_asks(ws: Workspace) -> None:
    page = ApprovalPage(ws, idle=0.01)

    page.wait()

    assert not page.is_open
