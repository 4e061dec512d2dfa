"""An MCP host with a person in front of it, and the service's own count of what was sent."""

from __future__ import annotations

import csv
import io
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import holidays
from mcp import Client, StdioServerParameters
from mcp.client import Transport
from mcp_types import CallToolResult, ElicitRequestParams, ElicitResult, Implementation

from mcp_server.server import Server
from tests.filling import new_sandbox
from toolkit.settings import Settings

MODES = ["legacy", "2026-07-28"]  # the handshake and the stateless generation of the protocol
NAME = "Spring Sale"
BEGUN = datetime.now(UTC)  # one time for a run, so that a workspace is filled once
DRAFT: dict[str, Any] = {
    "name": NAME,
    "message": "20 % off until Sunday. Reply STOP to opt out.",
    "senders": ["Marketing Line"],
    "any_of": ["vip_customers"],
    "none_of": ["location_nyc"],
}
Answer = Callable[[str], ElicitResult]


def fill(**content: Any) -> Answer:
    """A person who submits the form with this content."""
    return lambda question: ElicitResult(action="accept", content=content)


def read(question: str) -> dict[str, Any]:
    """What a person fills in who reads the question and wants it sent."""
    count = re.search(r"^Recipients: ([\d,]+)", question, re.MULTILINE)
    assert count, question
    return {"approve": True, "recipients": int(count[1].replace(",", ""))}


def yes(question: str) -> ElicitResult:
    return ElicitResult(action="accept", content=read(question))


def decline(question: str) -> ElicitResult:
    return ElicitResult(action="decline")


def cancel(question: str) -> ElicitResult:
    return ElicitResult(action="cancel")


class Host:
    """Connects to a server in one generation of the protocol; keeps the questions it showed."""

    def __init__(self, server: Server | StdioServerParameters | Transport, mode: str) -> None:
        self.server = server
        self.mode = mode
        self.questions: list[str] = []

    def client(self, answer: Answer | None = yes) -> Client:
        """A client whose person answers so; None is a host that cannot show forms."""

        async def show(context: object, params: ElicitRequestParams) -> ElicitResult:
            assert answer
            self.questions.append(params.message)
            return answer(params.message)

        return Client(
            self.server,
            mode=self.mode,
            elicitation_callback=show if answer else None,
            client_info=Implementation(name="test host", version="1"),
        )


async def ask(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """The structured result of a call that must go well."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, said(result)
    return dict(result.structured_content or {})


async def plan(client: Client, **changes: Any) -> str:
    """The id of a new plan."""
    return str((await ask(client, "plan_campaign", **(DRAFT | changes)))["plan_id"])


def bare(text: str) -> str:
    """A fenced text without its marks, which must be there."""
    found = re.fullmatch(r"<data-([0-9a-f]{8})>(.*)</data-\1>", text, re.DOTALL)
    assert found, text
    return found[2]


def table(text: str) -> list[dict[str, str]]:
    """CSV text, fenced or not, as rows."""
    return list(csv.DictReader(io.StringIO(bare(text) if text.startswith("<data-") else text)))


def said(result: CallToolResult) -> str:
    """The text of a result."""
    return "\n".join(getattr(block, "text", "") for block in result.content)


def embedded(home: Path, *, contacts: int = 300) -> Path:
    """A home with a small embedded workspace, at noon in America on a working day: no text is too early or too late."""
    with closing(new_sandbox(Settings(home=home).sandbox_path, contacts=contacts, now=lambda: BEGUN)) as box:
        now = box.clock.now()
        box.clock.advance(next_noon(now) - now)
    return home


def next_noon(now: datetime) -> datetime:
    """Noon in America on the next Tuesday, Wednesday or Thursday that is no holiday, in UTC."""
    closed = holidays.country_holidays("US")
    noon = now.replace(hour=17, minute=0, second=0, microsecond=0) + timedelta(days=1)
    while noon.weekday() not in {1, 2, 3} or noon.date() in closed:
        noon += timedelta(days=1)
    return noon


def campaigns(path: Path, name: str = NAME) -> int:
    """How many campaigns of this name the service has, read from its own file."""
    with closing(sqlite3.connect(path)) as db:
        return int(db.execute("SELECT count(*) FROM campaigns WHERE name = ?", (name,)).fetchone()[0])
