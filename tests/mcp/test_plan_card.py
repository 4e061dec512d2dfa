"""The plan's card in a real browser, inside a host that speaks MCP Apps over postMessage."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest
from playwright.sync_api import FrameLocator, Page, expect, sync_playwright

from mcp_server.plan_card import ADDRESS
from mcp_server.server import Server
from tests.browser.conftest import HOSTILE
from tests.browser.jupyter import CHROMIUM, FLAGS
from tests.mcp.host import DRAFT, Host
from toolkit.workspace import Workspace

pytestmark = pytest.mark.browser
_HOST = Path(__file__).with_name("card_host.html")
_ADDRESS = "http://127.0.0.1/host"
_DEFAULT_POLICY = (  # what a host has to use where a card names no domains
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "media-src 'self' data:; connect-src 'none'"
)


class CardHost:
    """A browser with the host's page; `opened` shows a plan's card, `heard` is what cards asked of it."""

    def __init__(self, server: Server, page: Page) -> None:
        self.page = page
        self._server = server
        self._threads = ThreadPoolExecutor(1)  # playwright has this thread's loop
        page.expose_function("call_tool", lambda name, arguments: self.call(name, **arguments))

    @property
    def heard(self) -> list[dict[str, Any]]:
        return list(self.page.evaluate("heard"))

    @property
    def card(self) -> FrameLocator:
        return self.page.frame_locator("#card")

    def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """A tool's result, as the host's page gets it."""

        async def ask() -> dict[str, Any]:
            async with Host(self._server, "2026-07-28").client(None) as client:
                result = await client.call_tool(tool, arguments)
                return result.model_dump(mode="json", by_alias=True, exclude_none=True)

        return self._threads.submit(anyio.run, ask).result()

    def html(self) -> str:
        async def read() -> str:
            async with Host(self._server, "2026-07-28").client(None) as client:
                (content,) = (await client.read_resource(ADDRESS)).contents
                assert content.mime_type == "text/html;profile=mcp-app"
                return content.text

        return self._threads.submit(anyio.run, read).result()

    def opened(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Call a tool and show its card; the structured result."""
        result = self.call(tool, **arguments)
        self.page.goto(_ADDRESS)
        context = {"theme": "light", "styles": {"variables": {}}}
        self.page.evaluate(
            "([html, result, context]) => open_card(html, result, context)", [self.html(), result, context]
        )
        return dict(result.get("structuredContent", {}))


@pytest.fixture
def host(server: Server) -> Iterator[CardHost]:
    outside: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_context(viewport={"width": 760, "height": 900}).new_page()
        page.set_default_timeout(30_000)
        text = _HOST.read_text(encoding="utf-8")
        headers = {"content-type": "text/html", "content-security-policy": _DEFAULT_POLICY}
        page.route(_ADDRESS, lambda route: route.fulfill(body=text, headers=headers))
        page.on("request", lambda request: outside.append(request.url))
        page.on("pageerror", lambda error: outside.append(str(error)))
        yield CardHost(server, page)
        browser.close()
    assert {url for url in outside if not url.startswith("about:")} <= {_ADDRESS}


def number(words: str) -> int:
    return int(words.replace(",", "").replace("−", "-"))


def test_the_card_shows_the_plan_and_its_numbers_add_up(host: CardHost) -> None:
    plan = host.opened("plan_campaign", **DRAFT | {"message": "Spring at last\nReply STOP to opt out."})

    card = host.card
    expect(card.get_by_role("heading", name=f"Send {plan['recipients']:,} text messages?")).to_be_visible()
    expect(card.get_by_text("EMBEDDED")).to_be_visible()
    expect(card.get_by_text("with the label vip_customers and without the label location_nyc")).to_be_visible()
    expect(card.locator(".seax-bubble")).to_have_text("Spring at last\nReply STOP to opt out.")
    expect(card.get_by_role("status").first).to_have_text("Waits for a person's approval, which this card cannot give.")
    stairs = [number(words) for words in card.locator(".seax-fall td:first-child").all_inner_texts()]
    assert (stairs[0], stairs[-1], sum(stairs[:-1])) == (plan["selected"], plan["recipients"], plan["recipients"])
    assert card.locator(".seax-find").count() == len(plan["findings"]) > 0


def test_the_timetable_sums_to_all_and_each_arm_shows_its_text(host: CardHost, ws: Workspace) -> None:
    start = (ws.service_time() + timedelta(days=1)).isoformat()
    plan = host.opened(
        "plan_campaign",
        **DRAFT | {"local_time": "10:00", "start_at": start, "any_of": [], "none_of": []},
        arms=[{"arm": "friendly", "text": "Hello you! Reply STOP to opt out."}],
        least_lift=0.3,
        baseline=0.2,
    )

    expect(host.card.get_by_role("region", name="Timetable")).to_be_visible()
    people = [number(words) for words in host.card.locator(".seax-table td.n").all_inner_texts()]
    assert sum(people) == plan["recipients"]
    assert {each["arm"] != "" for each in plan["texts"]} == {True}
    expect(host.card.locator(".seax-bubble")).to_have_text([DRAFT["message"], "Hello you! Reply STOP to opt out."])


def test_a_person_asks_for_changes_in_the_conversation_in_their_own_words(host: CardHost) -> None:
    plan = host.opened("plan_campaign", **DRAFT)
    card = host.card

    card.get_by_role("button", name="Ask the assistant").click()
    expect(card.get_by_text("Write first what should be different.")).to_be_visible()
    card.get_by_label("What should be different?").fill("Leave out Texas")
    card.get_by_role("button", name="Ask the assistant").click()
    expect(card.get_by_text("Asked in the conversation.")).to_be_visible()
    asked = [each["params"] for each in host.heard if each.get("method") == "ui/message"]
    host.page.evaluate("refuses = true")
    card.get_by_label("What should be different?").fill("Leave out Texas")
    card.get_by_role("button", name="Ask the assistant").click()
    expect(card.get_by_text("write it in the conversation")).to_be_visible()

    text = f"About {plan['plan_id']}, asked on its card: Leave out Texas"
    assert asked == [{"role": "user", "content": [{"type": "text", "text": text}]}]


def test_the_card_follows_the_plan_and_offers_no_approval(
    host: CardHost, ws: Workspace, sent: Callable[[], int]
) -> None:
    plan = host.opened("plan_campaign", **DRAFT)
    card = host.card
    buttons = card.get_by_role("button").all_inner_texts()
    approval = ws.approvals.approve(plan["plan_id"], recipients=plan["recipients"], by="ana", via="code")
    card.get_by_role("button", name="Look again").click()
    expect(card.get_by_text("Approved: it can be sent once.")).to_be_visible()
    assert sent() == 0
    ws.send(approval)
    card.get_by_role("button", name="Look again").click()
    expect(card.get_by_text("The service accepted it.")).to_be_visible()

    assert buttons == ["Ask the assistant", "Look again"]
    assert {each["params"]["name"] for each in host.heard if each.get("method") == "tools/call"} == {"get_plan"}


def test_a_text_that_others_wrote_stays_a_text(host: CardHost) -> None:
    host.opened("plan_campaign", **DRAFT | {"name": HOSTILE, "message": f"{HOSTILE} Reply STOP to opt out."})

    expect(host.card.locator(".seax-bubble")).to_have_text(f"{HOSTILE} Reply STOP to opt out.")
    expect(host.card.get_by_text(HOSTILE, exact=True)).to_be_visible()
    assert host.card.locator("img").count() == 0


def test_a_refused_plan_says_why(host: CardHost) -> None:
    host.opened("plan_campaign", **DRAFT | {"senders": ["Nobody"]})

    expect(host.card.get_by_role("alert")).to_contain_text("Nobody")
