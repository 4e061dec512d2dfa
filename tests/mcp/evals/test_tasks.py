"""The requests of the evals and a sample of their tasks, scripted: answered rightly, in few calls and tokens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest

from mcp_server.server import Server
from tests.mcp.evals.agents import Model, Script, Task
from tests.mcp.evals.planted import plant
from tests.mcp.evals.run import GATE, MOST_CALLS, MOST_TOKENS, TASKS, Outcome, answered, servers, tokens_of
from tests.mcp.evals.tasks import REQUESTS
from toolkit.workspace import Workspace

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with closing(plant(tmp_path_factory.mktemp("home"))) as found:
        yield found


@pytest.fixture(scope="module")
def served(ws: Workspace, tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Server]:
    return servers(ws, tmp_path_factory.mktemp("files"))


def test_there_are_enough_tasks_with_names_of_their_own() -> None:
    assert len(REQUESTS) >= 13
    assert len({task.name for task in TASKS}) == len(TASKS) >= 40


async def test_tasks_are_answered_rightly_in_few_calls_and_tokens(ws: Workspace, served: dict[bool, Server]) -> None:
    outcomes = [await answered(Script(), task, ws, served) for task in GATE]

    tokens = tokens_of(outcomes)
    wrong = {x.task: x.answer for x in outcomes if not x.is_right}
    assert wrong == {}
    assert {x.task: x.calls for x in outcomes if x.calls > MOST_CALLS} == {}
    assert {name: count for name, count in tokens.items() if count > MOST_TOKENS} == {}


async def test_a_wrong_answer_is_told_from_a_right_one(ws: Workspace, served: dict[bool, Server]) -> None:
    for task in TASKS[:4]:

        async def solve(agent: object) -> object:
            return 10**9

        wrong = Task(task.name, task.prompt, solve, task.is_right)
        assert not (await answered(Script(), wrong, ws, served)).is_right


async def test_a_model_behind_a_chat_service_is_given_the_tools_and_their_results(
    ws: Workspace, served: dict[bool, Server]
) -> None:
    asked: list[dict[str, object]] = []

    def chat(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        asked.append(body)
        if body["messages"][-1]["role"] == "user":
            call = {"name": "find_contacts", "arguments": '{"any_of": ["vip_customers"], "limit": 0}'}
            message = {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": "1", "type": "function", "function": call}],
            }
        else:
            total = json.loads(body["messages"][-1]["content"])["total"]
            message = {"role": "assistant", "content": f'It is: {{"answer": {total}}}'}
        return httpx.Response(200, json={"choices": [{"message": message}]})

    task = next(task for task in TASKS if task.name == "vips")
    async with httpx.AsyncClient(base_url="http://127.0.0.1:9", transport=httpx.MockTransport(chat)) as http:
        outcome = await answered(Model("any", http), task, ws, served)

    assert outcome == Outcome("vips", "any", outcome.answer, True, 1, outcome.results)
    assert {tool["function"]["name"] for tool in asked[0]["tools"]} >= {"find_contacts", "plan_campaign"}  # type: ignore[attr-defined]
    assert asked[0]["messages"][1]["content"] == task.prompt  # type: ignore[index]
