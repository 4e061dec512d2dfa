"""Skills over MCP: listed with the digests of exactly what is read, in the modes that have their tools."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from mcp import Client

import mcp_server
from mcp_server.connection import Connection
from mcp_server.guard.server_settings import Options
from mcp_server.server import _TOOLS, build_server
from mcp_server.skill_resources import skills
from tests.mcp.outside import node
from tests.mcp.wire import ERAS, talk
from toolkit.settings import MODES, Mode

FILES = sorted((Path(mcp_server.__file__).parent / "skills").glob("*/SKILL.md"))
MOST_TOKENS = 400  # of one skill; all are listed by name and description alone


@pytest.mark.parametrize("era", ERAS)
def test_a_host_lists_skills_and_reads_what_their_digests_are_of(tmp_path: Path, era: str) -> None:
    asked: list[tuple[str, dict[str, Any]]] = [("skills/list", {})]
    for file in FILES:
        uri = {"uri": f"skill://{file.parent.name}/SKILL.md"}
        asked += [("skills/get", uri), ("resources/read", uri)]
    listed, *rest = [answer["result"] for answer in talk(era, asked, SEAX_HOME=str(tmp_path))]

    assert len(FILES) == 5
    assert sorted(entry["uri"] for entry in listed["skills"]) == sorted(asked[i][1]["uri"] for i in range(1, 11, 2))
    for got, answer in zip(rest[::2], rest[1::2], strict=True):
        text, entry = answer["contents"][0]["text"], got["skill"]
        (file,) = entry["resources"]
        assert entry in listed["skills"]
        assert file["uri"] == entry["uri"] == f"skill://{entry['frontmatter']['name']}/SKILL.md"
        assert file["digest"] == f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
        assert file["size"] == len(text.encode())
        assert entry["frontmatter"] == yaml.safe_load(text.split("---\n")[1])


def test_the_skills_are_declared_and_an_unknown_one_is_refused_by_name(tmp_path: Path) -> None:
    discovered, refused = talk(
        ERAS[1], [("server/discover", {}), ("skills/get", {"uri": "skill://send/SKILL.md"})], SEAX_HOME=str(tmp_path)
    )

    assert discovered["result"]["capabilities"]["extensions"]["io.modelcontextprotocol/skills"] == {}
    assert refused["error"]["code"] == -32602
    assert "skill://plan-campaign/SKILL.md" in refused["error"]["message"]


@pytest.mark.anyio
@pytest.mark.parametrize("mode", MODES)
async def test_a_mode_has_the_skills_whose_tools_it_has(tmp_path: Path, mode: Mode) -> None:
    here = Connection(lambda: pytest.fail("opened to list skills"), Options.at(tmp_path, mode=mode))
    async with Client(build_server(here)) as client:
        tools = {tool.name for tool in (await client.list_tools()).tools}
        prompts = {prompt.name.replace("_", "-") for prompt in (await client.list_prompts()).prompts}
        filled = await client.get_prompt("review_failures", {"campaign_id": "campaign_1"})

    served = skills(mode)
    known = {entry[0].__name__ for entry in _TOOLS}
    assert prompts == set(served)
    assert ("plan-campaign" in served) == ("run-experiment" in served) == (mode != "read")
    for skill in served.values():
        named = set(re.findall(r"`([a-z]+_[a-z_]+)`", skill.text)) & known
        assert named
        assert named - {"send_plan"} <= tools, skill.name
    assert served["review-failures"].body in filled.messages[0].content.text  # type: ignore[union-attr]
    assert "campaign_1" in filled.messages[0].content.text  # type: ignore[union-attr]


def test_a_skill_is_short_and_keeps_to_the_format() -> None:
    texts = [file.read_text(encoding="utf-8") for file in FILES]
    fields = [yaml.safe_load(text.split("---\n")[1]) for text in texts]

    assert [each["name"] for each in fields] == [file.parent.name for file in FILES]
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", each["name"]) and len(each["name"]) <= 64 for each in fields)
    assert all(0 < len(each["description"]) <= 1_024 for each in fields)
    assert max(json.loads(node("tokens.mjs", stdin=json.dumps(texts)))) <= MOST_TOKENS
