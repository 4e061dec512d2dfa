"""Who answers a task: a script that knows the calls, or a model behind a chat service, both over the same protocol."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx
from mcp import Client
from mcp_types import CallToolResult

from tests.mcp.host import said
from toolkit.workspace import Workspace

Answer = Any  # a JSON value
TURNS = 12
RULES = (
    "You answer an analyst with the tools of a text messaging workspace. When you know the answer, reply with one line "
    'of JSON and nothing else: {"answer": …}. If the tools refuse what is asked, answer with their words.'
)


@dataclass
class Agent:
    """Calls tools over the protocol, and keeps every result."""

    client: Client
    results: list[str] = field(default_factory=list)

    async def call(self, tool: str, **arguments: Any) -> CallToolResult:
        """The result of a call, whatever it is."""
        result = await self.client.call_tool(tool, arguments)
        self.results.append(said(result))
        return result

    async def ask(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The structured result of a call that must go well."""
        result = await self.call(tool, **arguments)
        assert not result.is_error, said(result)
        return dict(result.structured_content or {})

    async def refused(self, tool: str, **arguments: Any) -> str:
        """The words of a call that must be refused."""
        result = await self.call(tool, **arguments)
        assert result.is_error, said(result)
        return said(result)


@dataclass(frozen=True)
class Task:
    """What an analyst asks. `solve` is how the script answers it; `is_right` judges an answer by the workspace itself,
    without the server. `pii` where the operator shows personal data."""

    name: str
    prompt: str
    solve: Callable[[Agent], Awaitable[Answer]]
    is_right: Callable[[Workspace, Answer], bool]
    pii: bool = False


class Solver(Protocol):
    """Whoever answers tasks."""

    name: str

    async def solve(self, task: Task, agent: Agent) -> Answer: ...


class Script:
    """Does the calls that the task names."""

    name = "script"

    async def solve(self, task: Task, agent: Agent) -> Answer:
        """The answer of the task's own script."""
        return await task.solve(agent)


class Model:
    """A model behind a chat service of the usual form (`POST /chat/completions`, with tools)."""

    def __init__(self, name: str, http: httpx.AsyncClient) -> None:
        self.name = name
        self._http = http

    async def solve(self, task: Task, agent: Agent) -> Answer:
        """The model's answer; None if it gives none within twelve turns."""
        offered = (await agent.client.list_tools()).tools
        tools = [
            {
                "type": "function",
                "function": {"name": x.name, "description": x.description, "parameters": x.input_schema},
            }
            for x in offered
        ]
        said_so_far: list[dict[str, Any]] = [
            {"role": "system", "content": RULES},
            {"role": "user", "content": task.prompt},
        ]
        for _ in range(TURNS):
            body = {"model": self.name, "messages": said_so_far, "tools": tools}
            reply = (await self._http.post("/chat/completions", json=body)).raise_for_status().json()
            message = reply["choices"][0]["message"]
            said_so_far.append(message)
            if not message.get("tool_calls"):
                return answer_in(message.get("content") or "")
            for each in message["tool_calls"]:
                result = await agent.call(each["function"]["name"], **json.loads(each["function"]["arguments"]))
                said_so_far.append({"role": "tool", "tool_call_id": each["id"], "content": said(result)})
        return None


def answer_in(text: str) -> Answer:
    """The answer in a reply, from its last brace on."""
    try:
        return json.loads(text[text.rindex('{"answer"') :])["answer"]
    except (ValueError, KeyError):
        return text
