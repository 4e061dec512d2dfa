"""A model behind inspect-ai calls tools and answers: run with pytest by hand, where inspect-ai is installed."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from mcp import Client

from mcp_server.server import Server
from tests.mcp.evals.agents import Agent, Task
from tests.mcp.evals.inspect_model import InspectModel

pytestmark = pytest.mark.anyio


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # inspect-ai's own
async def test_a_model_of_inspect_calls_tools_and_answers(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    from inspect_ai import model

    # its counts of tokens would load a table from the network
    monkeypatch.setattr(
        "tiktoken.get_encoding", lambda name: SimpleNamespace(encode=lambda text, **options: text.split())
    )
    name = "mockllm/model"
    call = model.ModelOutput.for_tool_call(name, "find_contacts", {"any_of": ["vip_customers"], "limit": 0})
    outputs = [call, model.ModelOutput.from_content(name, 'So: {"answer": [7]}')]
    task = Task("count", "How many?", solve=lambda agent: agent.ask("get_status"), is_right=lambda ws, answer: True)

    async with Client(server, mode="2026-07-28") as client:
        agent = Agent(client)
        answer = await InspectModel(name, custom_outputs=outputs).solve(task, agent)

    assert answer == [7]
    assert len(agent.results) == 1
    assert '"total"' in agent.results[0]
