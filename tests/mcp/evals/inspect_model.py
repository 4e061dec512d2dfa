"""A model of any provider that inspect-ai knows, behind the solvers' interface.

inspect-ai is optional, and not in the gate's environment; `pytest tests/mcp/evals/check_inspect_model.py` tries this.
"""

from __future__ import annotations

from typing import Any

from tests.mcp.evals.agents import RULES, TURNS, Agent, Answer, Task, answer_in
from tests.mcp.host import said


class InspectModel:
    """A model by its name in inspect-ai, as in `openai/gpt-4o`; `settings` are those of `get_model`."""

    def __init__(self, name: str, **settings: Any) -> None:
        from inspect_ai.model import get_model  # optional

        self.name = name
        self._model = get_model(name, **settings)

    async def solve(self, task: Task, agent: Agent) -> Answer:
        """The model's answer; None if it gives none within twelve turns."""
        from inspect_ai.model import ChatMessageSystem, ChatMessageTool, ChatMessageUser
        from inspect_ai.tool import ToolInfo, ToolParams

        tools = [
            ToolInfo(name=x.name, description=x.description or "", parameters=ToolParams(**_parameters(x.input_schema)))
            for x in (await agent.client.list_tools()).tools
        ]
        messages: list[Any] = [ChatMessageSystem(content=RULES), ChatMessageUser(content=task.prompt)]
        for _ in range(TURNS):
            reply = (await self._model.generate(messages, tools=tools)).message
            messages.append(reply)
            if not reply.tool_calls:
                return answer_in(reply.text)
            for each in reply.tool_calls:
                result = await agent.call(each.function, **each.arguments)
                messages.append(ChatMessageTool(content=said(result), tool_call_id=each.id, function=each.function))
        return None


def _parameters(schema: dict[str, Any]) -> dict[str, Any]:
    """Properties and required names, with what they refer to in its place: inspect-ai knows no references."""
    defs = schema.get("$defs", {})

    def inlined(part: Any) -> Any:
        if isinstance(part, list):
            return [inlined(each) for each in part]
        if not isinstance(part, dict):
            return part
        if "$ref" in part:
            return inlined(defs[part["$ref"].rpartition("/")[2]])
        return {key: inlined(value) for key, value in part.items()}

    properties: dict[str, Any] = inlined(schema["properties"])
    return {"properties": properties, "required": schema.get("required", [])}
