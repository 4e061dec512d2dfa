"""What is published of the server: a bundle that hosts install, and its listing in the registry of servers."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeVar

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from jsonschema import Draft202012Validator, ValidationError
from mcp import StdioServerParameters
from packaging.requirements import Requirement
from playwright.sync_api import expect

from mcp_server.server import _TOOLS
from tests.approval_page.browser_pages import browsing
from tests.approval_page.test_in_browser import create_passkey, enter, sign
from tests.builders import KEY
from tests.mcp.host import DRAFT, Host, ask, embedded, plan, said
from tests.mcp.outside import FOLDER, node
from tests.mcp.real import loopback
from tests.mcp.test_page_offer import british_noon, page_in
from tests.wire import LiveService
from toolkit.settings import Settings

T = TypeVar("T")
MODERN = "2026-07-28"
ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SCHEMA = Draft202012Validator(json.loads((Path(__file__).parent / "server.schema.json").read_text(encoding="utf-8")))
MCPB = FOLDER / "node_modules/@anthropic-ai/mcpb/dist/cli/cli.js"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The bundle as the command makes it, and its listing."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, ".ci/bundle.py", "example/seax-toolkit", str(folder)]
    subprocess.run(command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, check=True, capture_output=True)
    (bundle,) = folder.glob("*.mcpb")
    return bundle, json.loads((folder / "server.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def unpacked(published: tuple[Path, dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installed")
    node(MCPB, "unpack", published[0], folder)
    return folder


def test_the_packer_of_bundles_takes_the_manifest(unpacked: Path) -> None:
    said = node(MCPB, "validate", unpacked / "manifest.json")

    manifest = json.loads((unpacked / "manifest.json").read_text(encoding="utf-8"))
    assert "validation passes" in said
    assert (manifest["version"], manifest["description"]) == (PROJECT["version"], PROJECT["description"])
    assert [tool["name"] for tool in manifest["tools"]] == [entry[0].__name__ for entry in _TOOLS]
    assert [name for name, asked in manifest["user_config"].items() if asked["sensitive"]] == ["api_key"]


def test_the_listing_fits_the_registry_and_names_this_bundle(published: tuple[Path, dict[str, Any]]) -> None:
    bundle, listing = published
    SCHEMA.validate(listing)

    (package,) = listing["packages"]
    assert package["fileSha256"] == hashlib.sha256(bundle.read_bytes()).hexdigest()
    assert package["identifier"].endswith(f"/v{PROJECT['version']}/{bundle.name}")
    assert [x["name"] for x in package["environmentVariables"] if x["isSecret"]] == ["SEAX_API_KEY"]


def test_the_bundle_is_for_windows_too_and_installs_the_pinned_versions(published: tuple[Path, dict[str, Any]]) -> None:
    with zipfile.ZipFile(published[0]) as archive:
        platforms = json.loads(archive.read("manifest.json"))["compatibility"]["platforms"]
        pinned = tomllib.loads(archive.read("pyproject.toml").decode())["tool"]["uv"]["constraint-dependencies"]

    assert platforms == ["darwin", "linux", "win32"]
    assert {
        Requirement(line).name for line in [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["mcp"]]
    } <= {Requirement(pin).name for pin in pinned}
    assert all(len(Requirement(pin).specifier) == 1 for pin in pinned)


def test_what_the_bundle_is_made_of_is_listed_with_licences(published: tuple[Path, dict[str, Any]]) -> None:
    folder = published[0].parent
    text = (folder / "sbom.cdx.json").read_text(encoding="utf-8")
    licences = (folder / "licences.txt").read_text(encoding="utf-8").splitlines()

    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    assert len(json.loads(text)["components"]) == len(licences)
    assert [line for line in licences if line.endswith(": ")] == []
    assert "httpx 0.28.1: BSD License" in licences


@pytest.mark.parametrize(("answer", "approvers"), [({}, None), ({"approvers": "1a2b, 3c4d"}, ("1a2b", "3c4d"))])
def test_a_key_from_the_approval_page_is_pinned_in_the_hosts_settings(
    unpacked: Path, answer: dict[str, str], approvers: tuple[str, ...] | None
) -> None:
    config = json.loads(node("config.mjs", unpacked, stdin=json.dumps(answer)))

    assert Settings.from_environment(config["env"]).approvers == approvers


@pytest.mark.parametrize("change", [{"description": "x" * 101}, {"name": "seax"}, {"version": "latest"}, {"tools": []}])
def test_a_listing_that_does_not_fit_is_noticed(published: tuple[Path, dict[str, Any]], change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SCHEMA.validate(published[1] | change)


def test_the_same_source_makes_the_same_bundle(published: tuple[Path, dict[str, Any]]) -> None:
    with zipfile.ZipFile(published[0]) as archive:
        entries = archive.infolist()

    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)


@pytest.mark.anyio
async def test_a_host_that_installs_the_bundle_gets_a_server_that_works(unpacked: Path, tmp_path: Path) -> None:
    """As the host starts it, but for uv, which would fetch the packages that are here already."""
    config = json.loads(node("config.mjs", unpacked, stdin=json.dumps({"home": str(embedded(tmp_path))})))
    assert [config["command"], *config["args"]] == ["uv", "run", "--directory", str(unpacked), "server.py"]
    assert config["env"] == {
        "SEAX_API_KEY": "", "SEAX_WORKSPACE_ID": "", "SEAX_MODE": "", "SEAX_APPROVERS": "", "SEAX_HOME": str(tmp_path)
    }  # fmt: skip

    own = [sys.executable, "-c", "import mcp_server, toolkit; print(mcp_server.__file__, toolkit.__file__)"]
    found = subprocess.run(
        own, cwd=unpacked, capture_output=True, text=True, check=True, encoding="utf-8"
    ).stdout.split()
    command = StdioServerParameters(command=sys.executable, args=["server.py"], cwd=unpacked, env=config["env"])
    async with Host(command, "2026-07-28").client() as client:
        status = await ask(client, "get_status")

    assert all(Path(path).is_relative_to(unpacked) for path in found)
    assert (status["live"], status["contacts"]) == (False, 300)


@pytest.mark.browser
@pytest.mark.anyio
async def test_from_the_bundle_alone_a_plan_is_signed_on_the_page_and_sent_without_a_terminal(
    unpacked: Path, tmp_path: Path
) -> None:
    """As its person does it: settings, a passkey, its fingerprint in the settings, a signature, a send."""
    service = LiveService()
    thread, stack = ThreadPoolExecutor(1), ExitStack()  # the browser has a thread of its own

    async def in_browser(step: Callable[[], T]) -> T:
        return await asyncio.wrap_future(thread.submit(step))

    def started(url: str, **more: str) -> Host:
        given = {"api_key": KEY, "workspace_id": "w1", "mode": "live", "home": str(tmp_path)} | more
        config = json.loads(node("config.mjs", unpacked, stdin=json.dumps(given)))
        env = config["env"] | {"SEAX_BASE_URL": url}  # where this service is
        return Host(StdioServerParameters(command=sys.executable, args=["server.py"], cwd=unpacked, env=env), MODERN)

    draft = DRAFT | {"senders": ["Shop"], "any_of": ["vip"], "none_of": [], "start_at": british_noon().isoformat()}
    page = await in_browser(lambda: stack.enter_context(browsing()))
    with loopback(service.transport) as url:
        async with started(url).client(None) as client:
            unsigned = await plan(client, **draft)
            address = page_in(said(await client.call_tool("send_plan", {"plan_id": unsigned})))
            await in_browser(lambda: enter(page, address))
            await in_browser(lambda: create_passkey(page, "ana"))
            mark = re.findall("SEAX_APPROVERS=(\\S+)", await in_browser(page.get_by_role("status").first.inner_text))[0]
        async with started(url, approvers=mark).client(None) as client:
            plan_id = await plan(client, **draft)
            address = page_in(said(await client.call_tool("send_plan", {"plan_id": plan_id})))
            before = len(service.posts)
            await in_browser(lambda: enter(page, address))
            await in_browser(lambda: sign(page, "3"))
            await in_browser(lambda: expect(page.get_by_role("status")).to_contain_text("Approved: 3 recipients"))
            sent = await ask(client, "send_plan", plan_id=plan_id)
            again = await ask(client, "send_plan", plan_id=plan_id)
    await in_browser(stack.close)

    assert before == 0
    assert (sent["answer"], sent["outcome"]["status"]) == ("standing", "scheduled")
    assert again["outcome"]["status"] == "already_sent"
    assert len(service.posts) == 1
