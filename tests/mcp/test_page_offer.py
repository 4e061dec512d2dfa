"""What a host without a form that is enough gets: the approval page, shown by the host or as a sentence."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import anyio
import anyio.to_thread
import holidays
import httpx
import pytest
from mcp import Client, ClientSession, StdioServerParameters
from mcp_types import (
    ClientCapabilities,
    ElicitationCapability,
    ElicitRequestParams,
    ElicitRequestURLParams,
    ElicitResult,
    FormElicitationCapability,
    UrlElicitationCapability,
)
from pydantic import SecretStr

from mcp_server.connection import Connection
from mcp_server.guard import consent, page_offer
from mcp_server.guard.server_settings import Options
from mcp_server.server import build_server
from tests.builders import KEY
from tests.mcp.host import DRAFT, MODES, Host, ask, campaigns, embedded, plan, said, yes
from tests.mcp.real import loopback
from tests.wire import LiveService
from toolkit.sending.approver_keys import Approvers
from toolkit.settings import Settings
from toolkit.workspace import Workspace

ROOT = Path(__file__).parents[2]
WORDS = "correct horse battery"
_ADDRESS = re.compile(r"http://localhost:(\d+)/open/([\w-]+)")


def started(home: Path, mode: str, **env: str) -> Host:
    """The real command over standard input and output."""
    environment = {"SEAX_HOME": str(home), "PYTHONPATH": str(ROOT)} | env
    return Host(StdioServerParameters(command=sys.executable, args=["-m", "mcp_server"], env=environment), mode)


def british_noon() -> datetime:
    """Noon of the next day on which nobody in Britain minds a text."""
    start = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(days=1)
    while start.weekday() not in {1, 2, 3} or start.date() in holidays.country_holidays("GB"):
        start += timedelta(days=1)
    return start


def page_in(words: str) -> str:
    """The address of the page that is offered."""
    found = _ADDRESS.search(words)
    assert found, words
    return found[0]


def decide(address: str, plan_id: str, **fields: str) -> str:
    """What a person's browser sends who opens an address and decides."""
    found = _ADDRESS.search(address)
    assert found, address
    port, token = found.groups()
    headers = {"Host": f"localhost:{port}", "Origin": f"http://localhost:{port}"}
    here = f"http://127.0.0.1:{port}/"
    key = re.findall('name="key" value="([^"]+)"', httpx.post(here, data={"token": token}, headers=headers).text)[0]
    return httpx.post(here, data={"key": key, "plan": plan_id, "doing": "approve", **fields}, headers=headers).text


async def in_browser(address: str, plan_id: str, **fields: str) -> str:
    return await anyio.to_thread.run_sync(lambda: decide(address, plan_id, **fields))


@pytest.mark.anyio
@pytest.mark.parametrize("mode", MODES)
async def test_without_forms_and_without_a_terminal_the_page_approves_and_the_send_happens_once(
    tmp_path: Path, mode: str
) -> None:
    home = embedded(tmp_path)
    async with started(home, mode).client(None) as client:
        planned = await ask(client, "plan_campaign", **DRAFT)
        offered = await client.call_tool("send_plan", {"plan_id": planned["plan_id"]})
        page = await in_browser(said(offered), planned["plan_id"], count=str(planned["recipients"]), by="ana")
        sent = await ask(client, "send_plan", plan_id=planned["plan_id"])
        again = await ask(client, "send_plan", plan_id=planned["plan_id"])

    assert offered.is_error
    assert said(offered).startswith("Nothing was sent")
    assert "Or call send_plan: it offers them a page." in planned["next_step"]
    assert "Approved" in page
    assert (sent["answer"], again["outcome"]["status"]) == ("standing", "already_sent")
    assert campaigns(Settings(home=home).sandbox_path) == 1


@pytest.fixture
def live_home(tmp_path: Path) -> Iterator[tuple[LiveService, dict[str, str]]]:
    """A live workspace, with ana's key pinned where the server is started, as a bundle's settings do."""
    service = LiveService()
    keys = Approvers(tmp_path / "approvers")
    mark = keys.create("ana", SecretStr(WORDS))
    with loopback(service.transport) as url:
        environment = {"SEAX_API_KEY": KEY, "SEAX_WORKSPACE_ID": "w1", "SEAX_BASE_URL": url, "SEAX_MODE": "live"}
        yield service, environment | {"SEAX_APPROVERS": mark}


@pytest.mark.anyio
async def test_who_knows_the_address_approves_nothing_on_a_live_workspace(
    live_home: tuple[LiveService, dict[str, str]], tmp_path: Path
) -> None:
    service, environment = live_home
    draft = {"senders": ["Shop"], "any_of": ["vip"], "none_of": [], "start_at": british_noon().isoformat()}
    async with started(tmp_path, "2026-07-28", **environment).client(None) as client:
        plan_id = await plan(client, **draft)
        offered = said(await client.call_tool("send_plan", {"plan_id": plan_id}))
        unsigned = await in_browser(offered, plan_id, count="3", by="ana")
        refused = await client.call_tool("send_plan", {"plan_id": plan_id})
        guessed = await in_browser(said(refused), plan_id, count="3", approver="ana", passphrase="guess guess guess")
        posts = len(service.posts)
        last = said(await client.call_tool("send_plan", {"plan_id": plan_id}))
        signed = await in_browser(last, plan_id, count="3", approver="ana", passphrase=WORDS)
        sent = await ask(client, "send_plan", plan_id=plan_id)

    assert "Choose who signs" in unsigned
    assert refused.is_error
    assert "is wrong" in guessed
    assert posts == 0
    assert "Approved" in signed
    assert sent["outcome"]["status"] == "scheduled"
    assert len(service.posts) == 1


class Opening:
    """A host that offers pages to its person, who approves there, declines to open them, or closes the offer."""

    def __init__(self, server: Any, mode: str, action: Literal["accept", "decline", "cancel"]) -> None:
        self.shown: list[str] = []
        self.mode = mode

        async def show(context: object, params: ElicitRequestParams) -> ElicitResult:
            assert isinstance(params, ElicitRequestURLParams)
            self.shown.append(params.url)
            if action == "accept":
                await in_browser(params.url, self.plan_id, count=str(self.recipients), by="ana")
            return ElicitResult(action=action)

        self.client = Client(server, mode=mode, elicitation_callback=show)
        self.plan_id, self.recipients = "", 0


@pytest.fixture
def offering(ws: Workspace, tmp_path: Path) -> Iterator[Connection]:
    connection = Connection(lambda: ws, Options.at(tmp_path))
    connection.has_page = True
    yield connection
    if connection._page:
        connection._page.close()


@pytest.fixture
def pages_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hosts open pages and show no forms."""
    declared = ClientCapabilities(elicitation=ElicitationCapability(url=UrlElicitationCapability()))
    monkeypatch.setattr(ClientSession, "_build_capabilities", lambda self, version: declared)


@pytest.mark.anyio
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("action", "says"),
    [
        ("accept", "wait until they say that they approved, then call send_plan again."),
        ("decline", "a page to decide on and declined to open it. Ask the person to run `seax approve"),
        ("cancel", "a page to decide on and closed the offer without an answer. Ask the person to run `seax approve"),
    ],
)
async def test_a_host_that_opens_pages_shows_the_address_to_its_person_alone(
    offering: Connection, pages_only: None, sent: Any, mode: str, action: Any, says: str
) -> None:
    host = Opening(build_server(offering, are_limited=False), mode, action)
    async with host.client as client:
        planned = await ask(client, "plan_campaign", **DRAFT)
        host.plan_id, host.recipients = planned["plan_id"], planned["recipients"]
        first = await client.call_tool("send_plan", {"plan_id": planned["plan_id"]})
        before = sent()
        if action == "accept":
            await ask(client, "send_plan", plan_id=planned["plan_id"])

    assert len(host.shown) == 1
    assert not _ADDRESS.search(said(first))
    has_gone_on = mode == "2026-07-28" and action == "accept"  # the call goes on by itself once the person has decided
    assert (says in said(first)) is not has_gone_on
    assert before == has_gone_on
    assert sent() == (action == "accept")


@pytest.mark.anyio
async def test_a_host_that_never_shows_a_page_gets_the_sentence_with_its_address(
    offering: Connection, pages_only: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_offer, "FORM_TIMEOUT", 0.05)
    offered: list[str] = []

    async def show(context: object, params: ElicitRequestParams) -> ElicitResult:
        assert isinstance(params, ElicitRequestURLParams)
        offered.append(params.url)
        await anyio.sleep_forever()
        raise AssertionError

    async with Client(build_server(offering, are_limited=False), mode="legacy", elicitation_callback=show) as client:
        plan_id = await plan(client)
        with anyio.fail_after(60):
            hung = await client.call_tool("send_plan", {"plan_id": plan_id})

    assert hung.is_error
    assert offered[0] in said(hung)


@pytest.mark.anyio
async def test_a_form_that_is_never_shown_ends_soon_and_its_late_answer_still_counts(
    offering: Connection, monkeypatch: pytest.MonkeyPatch, sent: Any
) -> None:
    monkeypatch.setattr(consent, "FORM_TIMEOUT", 0.05)
    forms = ClientCapabilities(elicitation=ElicitationCapability(form=FormElicitationCapability()))
    monkeypatch.setattr(ClientSession, "_build_capabilities", lambda self, version: forms)
    answering = anyio.Event()
    questions: list[str] = []

    async def show(context: object, params: ElicitRequestParams) -> ElicitResult:
        questions.append(params.message)
        await answering.wait()
        return yes(params.message)

    async with Client(build_server(offering, are_limited=False), mode="legacy", elicitation_callback=show) as client:
        plan_id = await plan(client)
        hung = await client.call_tool("send_plan", {"plan_id": plan_id})
        before = sent()
        monkeypatch.setattr(consent, "FORM_TIMEOUT", 30.0)
        answering.set()
        done = await ask(client, "send_plan", plan_id=plan_id)

    assert hung.is_error
    assert "the form was not answered within" in said(hung)
    assert _ADDRESS.search(said(hung))
    assert before == 0
    assert done["answer"] == "yes"
    assert len(questions) == 1
    assert sent() == 1


def test_a_form_or_page_that_is_never_shown_ends_within_ten_seconds() -> None:
    assert page_offer.FORM_TIMEOUT < 10
