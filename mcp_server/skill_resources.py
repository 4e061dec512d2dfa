"""Skills over MCP: one job each, as a file that a host can verify by its digest.

The extension of SEP-2640 (https://modelcontextprotocol.io/extensions/skills/overview, read on 2026-12-02). To a host
without it the files are resources like any other, and the same texts are there as prompts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mcp.server.context import ServerRequestContext
from mcp.server.extension import Extension, MethodBinding, ResourceBinding
from mcp.server.mcpserver.resources import TextResource
from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS, CacheableResult, PaginatedRequestParams, RequestParams

from toolkit.settings import Mode, allows

_NEEDS: dict[str, Mode] = {
    "explore-engagement": "read",
    "plan-campaign": "draft",
    "run-experiment": "draft",
    "review-failures": "read",
    "respect-opt-outs": "read",
}
_CACHED = 3_600_000  # milliseconds; the skills are fixed at start


@dataclass(frozen=True)
class Skill:
    """A file SKILL.md: its name, what it is for, and its text."""

    name: str
    description: str
    text: str

    @property
    def uri(self) -> str:
        return f"skill://{self.name}/SKILL.md"

    @property
    def body(self) -> str:
        """The text below its frontmatter."""
        return self.text.split("---\n", 2)[2].strip()

    def entry(self) -> dict[str, Any]:
        """The skill as a host lists it, with the digest and size in bytes of what it will read."""
        raw = self.text.encode()
        file = {"uri": self.uri, "digest": f"sha256:{hashlib.sha256(raw).hexdigest()}", "size": len(raw)}
        return {
            "uri": self.uri,
            "frontmatter": {"name": self.name, "description": self.description},
            "resources": [file],
        }


def skills(mode: Mode) -> dict[str, Skill]:
    """The skills whose tools there are in a mode, by name."""
    return {name: _skill(name) for name, needed in _NEEDS.items() if allows(mode, needed)}


def _skill(name: str) -> Skill:
    text = (Path(__file__).parent / "skills" / name / "SKILL.md").read_text(encoding="utf-8")
    fields = dict(line.split(": ", 1) for line in text.split("---\n", 2)[1].splitlines())
    return Skill(fields["name"], fields["description"], text)


class ListSkillsResult(CacheableResult):
    """Every skill; there are too few for a second page."""

    result_type: str = "complete"
    skills: list[dict[str, Any]]


class GetSkillParams(RequestParams):
    """The address of a skill's SKILL.md."""

    uri: str


class GetSkillResult(CacheableResult):
    """One skill."""

    result_type: str = "complete"
    skill: dict[str, Any]


class Skills(Extension):
    """Serves skills as resources, with their entries."""

    identifier = "io.modelcontextprotocol/skills"

    def __init__(self, served: Sequence[Skill]) -> None:
        self._served = {skill.uri: skill for skill in served}

    def resources(self) -> Sequence[ResourceBinding]:
        return [
            ResourceBinding(
                TextResource(
                    uri=skill.uri,
                    name=skill.name,
                    description=skill.description,
                    mime_type="text/markdown",
                    text=skill.text,
                )
            )
            for skill in self._served.values()
        ]

    def methods(self) -> Sequence[MethodBinding]:
        return [
            MethodBinding("skills/list", PaginatedRequestParams, self._list),
            MethodBinding("skills/get", GetSkillParams, self._get),
        ]

    async def _list(self, _: ServerRequestContext[Any, Any], __: PaginatedRequestParams) -> ListSkillsResult:
        return ListSkillsResult(skills=[skill.entry() for skill in self._served.values()], ttl_ms=_CACHED)

    async def _get(self, _: ServerRequestContext[Any, Any], params: GetSkillParams) -> GetSkillResult:
        if params.uri not in self._served:
            raise MCPError(INVALID_PARAMS, f"There is no such skill: there are {', '.join(self._served)}.")
        return GetSkillResult(skill=self._served[params.uri].entry(), ttl_ms=_CACHED)
