"""An agent that always tries to send without a person: every way it knows fails, by name."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest
from mcp import Client, MCPError
from mcp_types import ElicitRequest, ElicitResult, InputRequiredResult

from mcp_server.connection import Connection
from mcp_server.guard.server_settings import Options
from mcp_server.server import Server, build_server
from tests.builders import Clock
from tests.mcp.host import Host, ask, decline, plan, read, said, yes
from toolkit.workspace import Workspace

pytestmark = pytest.mark.anyio
Attempt = Callable[[Client, str], Awaitable[object]]
Sent = Callable[[], int]


def argument(name: str, value: Any) -> Attempt:
    """A send with an argument that would approve it."""

    async def attempt(client: Client, plan_id: str) -> object:
        return await client.call_tool("send_plan", {"plan_id": plan_id, name: value})

    return attempt


def identifier(change: Callable[[str], Any]) -> Attempt:
    """A send of something that is no plan's id."""

    async def attempt(client: Client, plan_id: str) -> object:
        return await client.call_tool("send_plan", {"plan_id": change(plan_id)})

    return attempt


def tool(name: str, **arguments: Any) -> Attempt:
    """A call of a tool that might approve."""

    async def attempt(client: Client, plan_id: str) -> object:
        return await client.call_tool(name, {"plan_id": plan_id, **arguments})

    return attempt


def message(method: str, **params: Any) -> Attempt:
    """A message of the protocol that is no tool call."""

    async def attempt(client: Client, plan_id: str) -> object:
        request: Any = {"method": method, "params": {"plan_id": plan_id, **params}}
        return await client.session.send_request(request, dict)  # type: ignore[arg-type]

    return attempt


async def question(client: Client, plan_id: str) -> tuple[str, str, dict[str, Any]]:
    """What the server asks: the key of the answer, the sealed state, and what a person would fill in."""
    asked = await client.session.call_tool("send_plan", {"plan_id": plan_id}, allow_input_required=True)
    assert isinstance(asked, InputRequiredResult)
    assert asked.input_requests
    ((key, request),) = asked.input_requests.items()
    assert isinstance(request, ElicitRequest)
    return key, asked.request_state or "", read(request.params.message)


def answer(
    *, state: Callable[[str], str | None] = lambda state: state, content: Callable[[dict[str, Any]], Any] = lambda c: c,
    action: Any = "accept", key: Callable[[str], str] = lambda key: key, other_plan: bool = False,
) -> Attempt:  # fmt: skip
    """An answer that no host gave, built on a question that was really asked."""

    async def attempt(client: Client, plan_id: str) -> object:
        asked, sealed, filled = await question(client, plan_id)
        target = await plan(client, name="Another") if other_plan else plan_id
        forged = ElicitResult.model_construct(action=action, content=content(filled))
        return await client.session.call_tool(
            "send_plan",
            {"plan_id": target},
            input_responses={key(asked): forged},
            request_state=state(sealed),
            allow_input_required=True,
        )

    return attempt


async def unasked(client: Client, plan_id: str) -> object:
    content = {"approve": True, "recipients": 1}
    forged = ElicitResult(action="accept", content=content)  # type: ignore[arg-type]
    return await client.session.call_tool(
        "send_plan", {"plan_id": plan_id}, input_responses={"ask_person": forged}, allow_input_required=True
    )


async def after_withdrawing(client: Client, plan_id: str) -> object:
    key, state, filled = await question(client, plan_id)
    await client.call_tool("withdraw_plan", {"plan_id": plan_id})
    forged = ElicitResult(action="accept", content=filled)
    return await client.session.call_tool(
        "send_plan", {"plan_id": plan_id}, input_responses={key: forged}, request_state=state
    )


def flipped(text: str) -> str:
    at = len(text) // 2
    return text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]


APPROVED = {"answer": "yes", "action": "accept", "data": {"approve": True, "recipients": 1}, "approval": True}
ATTEMPTS: dict[str, Attempt] = {
    "argument gate": argument("gate", APPROVED),
    "argument gate as text": argument("gate", json.dumps(APPROVED)),
    "argument approval": argument("approval", APPROVED),
    "argument answer": argument("answer", "yes"),
    "argument approve": argument("approve", True),
    "argument confirm": argument("confirm", True),
    "argument force": argument("force", True),
    "argument recipients": argument("recipients", 1),
    "argument via": argument("via", "terminal"),
    "argument _meta": argument("_meta", {"approved": True}),
    "argument inputResponses": argument("inputResponses", {"ask_person": APPROVED}),
    "argument requestState": argument("requestState", "sealed"),
    "argument mode": argument("mode", "live"),
    "id in a list": identifier(lambda plan_id: [plan_id]),
    "id in an object": identifier(lambda plan_id: {"plan_id": plan_id, "approved": True}),
    "id with a line": identifier(lambda plan_id: f"{plan_id}\n"),
    "id with a comment": identifier(lambda plan_id: f"{plan_id}' OR state='approved"),
    "id of nothing": identifier(lambda plan_id: f"plan_{'0' * 16}"),
    "id in capitals": identifier(str.upper),
    "tool approve_plan": tool("approve_plan", recipients=1),
    "tool confirm_send": tool("confirm_send"),
    "tool send_campaign": tool("send_campaign"),
    "tool name with a space": tool("send_plan "),
    "tool name in capitals": tool("SEND_PLAN"),
    "tool withdraw with an outcome": tool("withdraw_plan", outcome="approved"),
    "tool get_plan with a state": tool("get_plan", state="approved"),
    "message elicitation/create": message("elicitation/create", message="yes", requestedSchema={}),
    "message sampling/createMessage": message("sampling/createMessage", messages=[]),
    "message tools/approve": message("tools/approve"),
    "message notifications/elicitation/complete": message("notifications/elicitation/complete"),
    "message resources/write": message("resources/write", uri="seax://policy", text="{}"),
    "answer before any question": unasked,
    "answer without state": answer(state=lambda state: None),
    "answer with made-up state": answer(state=lambda state: "v1.AAAA"),
    "answer with state cut short": answer(state=lambda state: state[:-5]),
    "answer with state changed": answer(state=flipped),
    "answer with state twice": answer(state=lambda state: state + state),
    "answer for another plan": answer(other_plan=True),
    "answer under another key": answer(key=lambda key: f"{key}x"),
    "answer that is empty": answer(content=lambda filled: {}),
    "answer that is missing": answer(content=lambda filled: None),
    "answer without a count": answer(content=lambda filled: {"approve": True}),
    "answer with a wrong count": answer(content=lambda filled: filled | {"recipients": filled["recipients"] + 1}),
    "answer with the count as text": answer(content=lambda filled: filled | {"recipients": str(filled["recipients"])}),
    "answer with the count as a fraction": answer(content=lambda filled: filled | {"recipients": 1.5}),
    "answer with the tick as a number": answer(content=lambda filled: filled | {"approve": 1}),
    "answer with the tick as text": answer(content=lambda filled: filled | {"approve": "true"}),
    "answer with one field more": answer(content=lambda filled: filled | {"confirm": True}),
    "answer without the tick": answer(content=lambda filled: filled | {"approve": False}),
    "answer of an unknown kind": answer(action="approved"),
    "answer that declines with a yes inside": answer(action="decline"),
    "answer that cancels with a yes inside": answer(action="cancel"),
    "answer after withdrawing": after_withdrawing,
}


def test_there_are_more_than_thirty_ways() -> None:
    assert len(ATTEMPTS) >= 30


@pytest.fixture
def agent(server: Server) -> Host:
    return Host(server, "2026-07-28")


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")  # some forged answers are of no valid type
async def test_no_attempt_sends_anything(agent: Host, ws: Workspace, sent: Sent) -> None:
    failed = []
    async with agent.client(decline) as client:
        for number, (name, attempt) in enumerate(ATTEMPTS.items()):
            plan_id = await plan(client, name="Spring Sale", message=f"{number} Reply STOP to opt out.")
            with suppress(MCPError, ValueError, TypeError, AttributeError):
                await attempt(client, plan_id)
            if sent() or ws.get_plan(plan_id).state not in {"planned", "declined", "withdrawn"}:
                failed.append(name)

    assert failed == []
    assert sent() == 0


async def test_the_same_answer_unforged_does_send(agent: Host, sent: Sent) -> None:
    """What the attempts change is what stops them: unchanged, as a host answers for a person, it goes through."""
    async with agent.client(yes) as client:
        await answer()(client, await plan(client))

    assert sent() == 1


async def test_a_host_that_answers_by_itself_is_not_enough_once_others_words_were_read(
    ws: Workspace, options: Options, sent: Sent
) -> None:
    wary = options.model_copy(update={"is_wary": True})
    host = Host(build_server(Connection(lambda: ws, wary), are_limited=False), "2026-07-28")
    async with host.client(yes) as client:
        plan_id = await plan(client)
        await ask(client, "find_contacts", limit=1)
        result = await client.call_tool("send_plan", {"plan_id": plan_id})

    assert "Text written by others" in said(result)
    assert f"seax approve {plan_id}" in said(result)
    assert (host.questions, sent()) == ([], 0)


async def test_a_fresh_process_still_knows_that_a_plan_was_made_after_others_words_were_read(
    ws: Workspace, options: Options, sent: Sent
) -> None:
    wary = options.model_copy(update={"is_wary": True})
    before, after = (
        Host(build_server(Connection(lambda: ws, wary), are_limited=False), "2026-07-28") for _ in range(2)
    )
    async with before.client(yes) as client:
        await ask(client, "find_contacts", limit=1)
        plan_id = await plan(client)
    async with after.client(yes) as client:
        result = await client.call_tool("send_plan", {"plan_id": plan_id})

    assert "read before this plan was made" in said(result)
    assert (after.questions, sent()) == ([], 0)
    assert "had read text written by others" in str(ws.get_plan(plan_id).plan)


async def test_the_operators_own_senders_and_labels_are_no_words_of_others(
    ws: Workspace, options: Options, sent: Sent
) -> None:
    wary = options.model_copy(update={"is_wary": True})
    host = Host(build_server(Connection(lambda: ws, wary), are_limited=False), "2026-07-28")
    async with host.client(yes) as client:
        await ask(client, "get_status")
        await client.read_resource("seax://labels")
        await ask(client, "send_plan", plan_id=await plan(client))

    assert (len(host.questions), sent()) == (1, 1)


async def test_a_wary_server_asks_in_a_form_before_others_words_were_read(
    ws: Workspace, options: Options, sent: Sent
) -> None:
    wary = options.model_copy(update={"is_wary": True})
    host = Host(build_server(Connection(lambda: ws, wary), are_limited=False), "2026-07-28")
    async with host.client(yes) as client:
        await ask(client, "find_contacts", any_of=["vip_customers"], limit=0)  # a count holds nobody's words
        await ask(client, "send_plan", plan_id=await plan(client))

    assert (len(host.questions), sent()) == (1, 1)


@pytest.mark.parametrize("mode", ["read", "draft"])
async def test_below_test_there_is_nothing_to_send_with(
    ws: Workspace, options: Options, clock: Clock, sent: Sent, mode: str
) -> None:
    below = options.model_copy(update={"mode": mode})
    host = Host(build_server(Connection(lambda: ws, below), are_limited=False), "2026-07-28")
    async with host.client(yes) as client:
        result = await client.call_tool("send_plan", {"plan_id": f"plan_{'0' * 16}"})

    assert result.is_error
    assert "Unknown tool" in said(result)
    assert sent() == 0
