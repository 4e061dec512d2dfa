"""The approval page in a real browser: what a person sees, types and touches."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.approval_page.browser_pages import browsing
from tests.builders import KEY, Clock, campaign_draft, live_draft
from tests.mcp.host import embedded
from tests.wire import LiveService
from toolkit.approval_page.page_server import ApprovalPage
from toolkit.errors import ApprovalInvalid
from toolkit.sending.approver_keys import Approvers
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[2]


@pytest.fixture
def page() -> Iterator[Page]:
    with browsing() as opened:
        yield opened


@pytest.fixture
def strict(tmp_path: Path, live_service: LiveService, clock: Clock) -> Iterator[Callable[..., Workspace]]:
    """A live workspace; as its operator starts it, with the keys that count."""
    opened: list[Workspace] = []

    def open_it(**more: str) -> Workspace:
        environ = {"SEAX_API_KEY": KEY, "SEAX_WORKSPACE_ID": "w1", "SEAX_HOME": str(tmp_path), "SEAX_MODE": "live"}
        settings = Settings.from_environment(environ | more)
        opened.append(connect(settings, transport=live_service.transport, now=clock, face="mcp"))
        return opened[-1]

    yield open_it
    for workspace in opened:
        workspace.close()


def enter(page: Page, address: str) -> None:
    """Open an address by the person's own act."""
    page.goto(address)
    page.get_by_role("button", name="Open").click()


def create_passkey(page: Page, name: str) -> None:
    page.get_by_role("button", name="All plans").click()
    page.get_by_role("button", name="Create a passkey").click()
    page.get_by_label("Your short name").fill(name)
    page.get_by_role("button", name="Create a passkey").click()
    done = re.compile("signs with this passkey|nothing was recorded")
    expect(page.get_by_role("status").first).to_contain_text(done)  # the device answers in its own time


def sign(page: Page, count: str, name: str = "ana") -> None:
    page.get_by_label("Type the number").fill(count)
    page.get_by_label("Who signs").select_option(name)
    page.get_by_role("button", name=re.compile("Sign .* with passkey")).click()


def test_a_plan_is_signed_with_a_passkey_once_it_is_pinned_and_sent_once(
    page: Page, strict: Callable[..., Workspace], live_service: LiveService, tmp_path: Path
) -> None:
    ws = strict()
    plan = ws.plan(live_draft())
    server = ApprovalPage(ws)
    enter(page, server.address(plan.id))
    expect(page.get_by_role("heading", name="Send 3 text messages?")).to_be_visible()
    expect(page.get_by_text("nobody has a key here")).to_be_visible()
    create_passkey(page, "ana")
    expect(page.get_by_role("status")).to_contain_text("ana signs with this passkey")
    mark = Approvers(tmp_path / "approvers").names()["ana"]
    page.get_by_role("button", name="All plans").click()
    page.get_by_role("button", name="Review").click()
    expect(page.get_by_label("Passphrase")).to_be_hidden()
    sign(page, "3")
    expect(page.get_by_role("alert")).to_contain_text("is not pinned")
    assert ws.get_plan(plan.id).state == "planned"
    server.close()

    pinned = strict(SEAX_APPROVERS=mark)
    server = ApprovalPage(pinned)
    enter(page, server.address(plan.id))
    sign(page, "3")
    expect(page.get_by_role("status")).to_contain_text("Approved: 3 recipients")
    server.close()

    approval = pinned.approvals.latest(plan.id)
    assert (approval.by, approval.via, approval.key) == ("ana", "signature", mark)
    assert pinned.send(approval).status == "sent"
    assert pinned.send(approval).repeated
    assert len(live_service.posts) == 1


def test_a_passkeys_answer_is_for_one_plan_and_one_name(
    page: Page, strict: Callable[..., Workspace], tmp_path: Path
) -> None:
    ws = strict()
    plan = ws.plan(live_draft())
    other = ws.plan(live_draft().model_copy(update={"name": "Other"}))
    server = ApprovalPage(ws)
    enter(page, server.address(plan.id))
    create_passkey(page, "ana")
    keys = Approvers(tmp_path / "approvers")
    keys.pin("ana")
    page.get_by_role("button", name="All plans").click()
    page.get_by_role("button", name="Review Live").click()
    sign(page, "3")
    expect(page.get_by_role("status")).to_contain_text("Approved")
    answer = ws.approvals.latest(plan.id).signature
    passkey = keys.passkey_of("ana")
    assert passkey
    keys.create_passkey("bob", passkey)

    for plan_id, name in ((other.id, "ana"), (plan.id, "bob")):
        with pytest.raises(ApprovalInvalid):
            ws.approvals.sign_with_passkey(plan_id, recipients=3, approver=name, answer=answer)
    for wrong in ("", "{}", "[]", '{"id": 1}', "x" * 9_000, answer.replace("clientDataJSON", "other")):
        with pytest.raises(ApprovalInvalid):
            ws.approvals.sign_with_passkey(plan.id, recipients=3, approver="ana", answer=wrong)
    server.close()


def test_a_device_that_does_not_verify_its_user_makes_no_passkey(strict: Callable[..., Workspace]) -> None:
    ws = strict()
    plan = ws.plan(live_draft())
    server = ApprovalPage(ws)
    with browsing(is_verified=False) as page:
        enter(page, server.address(plan.id))
        create_passkey(page, "ana")
        expect(page.get_by_role("status")).to_contain_text("nothing was recorded")
    server.close()

    assert ws.approvals.approvers() == {}


def test_enter_approves_nothing_and_the_page_fits_any_width(page: Page, ws: Workspace) -> None:
    plan = ws.plan(campaign_draft())
    server = ApprovalPage(ws, from_terminal=True)
    enter(page, server.address(plan.id))
    page.get_by_label("Type the number").fill(str(plan.recipients))
    page.get_by_label("Type the number").press("Enter")

    assert ws.get_plan(plan.id).state == "planned"
    for width in (1440, 900, 700, 400):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("status")).to_contain_text("Approved")
    server.close()


def test_the_inbox_of_a_terminal_opens_in_a_browser_and_ends_with_ctrl_c(page: Page, tmp_path: Path) -> None:
    home = embedded(tmp_path)
    with connect(Settings(home=home), face="mcp:assistant") as ws:
        plan = ws.plan(campaign_draft())
        pid, terminal = pty.fork()
        if pid == 0:
            command = [sys.executable, "-m", "toolkit.cli", "inbox"]
            os.execve(sys.executable, command, os.environ | {"SEAX_HOME": str(home), "PYTHONPATH": str(ROOT)})
        shown = b""
        while b"without a click" not in shown:
            shown += os.read(terminal, 4096)
        address = re.findall(rb"http://localhost:\d+/open/[\w-]+", shown)[0].decode()
        enter(page, address)
        expect(page.get_by_role("heading", name="1 plan waits for you")).to_be_visible()
        page.get_by_role("button", name="Review").click()
        page.get_by_label("Type the number").fill(str(plan.recipients))
        page.get_by_label("Your name").fill("ana")
        page.get_by_role("button", name="Approve").click()
        expect(page.get_by_role("status")).to_contain_text("Approved")
        os.write(terminal, b"\x03")
        with suppress(OSError):
            while os.read(terminal, 4096):
                pass
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        os.close(terminal)

        assert status == 0
        assert ws.send(ws.approvals.latest(plan.id)).status == "sent"


def test_the_inbox_takes_a_terminal(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "toolkit.cli", "inbox"],
        env=os.environ | {"SEAX_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )

    assert done.returncode == 2
    assert "run `seax inbox` in one" in done.stderr


def test_an_open_list_shows_a_plan_as_it_is_made_and_keeps_what_has_the_focus(page: Page, ws: Workspace) -> None:
    server = ApprovalPage(ws, from_terminal=True)
    enter(page, server.address())
    expect(page.get_by_text("Plans show here as they are made.")).to_be_visible()
    page.get_by_role("button", name="Look again").focus()

    plan = ws.plan(campaign_draft())

    expect(page.get_by_role("heading", name="1 plan waits for you")).to_be_visible()
    expect(page.get_by_role("button", name="Look again")).to_be_focused()
    page.get_by_role("button", name=f"Review {plan.draft.name}").click()
    expect(page.get_by_label("Type the number")).to_be_visible()
    server.close()
