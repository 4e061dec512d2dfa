# One file: every test serves over HTTP, as is set up here.
"""The server over HTTP: nobody without a token, no page, no foreign host; any worker takes what another one asked."""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx2
import jwt
import pytest
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from mcp.client.streamable_http import streamable_http_client
from mcp_types import InputRequiredResult
from pydantic import SecretStr

from mcp_server.__main__ import main
from mcp_server.connection import Connection
from mcp_server.guard.auth import Access
from mcp_server.guard.server_settings import Options
from mcp_server.http import App, build_app
from mcp_server.http import app as http_app
from tests.mcp.host import MODES, Answer, Host, ask, decline, embedded, plan, said, yes
from toolkit.errors import SettingsError
from toolkit.workspace import Workspace

pytestmark = pytest.mark.anyio
TOKEN = "t" * 40
BASE = "http://127.0.0.1:8766"
Sent = Callable[[], int]


@asynccontextmanager
async def serving(app: App, **headers: str) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of the application, really served on this machine, with these headers on every request."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="on"))  # type: ignore[arg-type]
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        with anyio.fail_after(30):
            while not server.started:
                await anyio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=30) as http:
            yield http
    finally:
        server.should_exit = server.force_exit = True
        thread.join(10)


def host_over(http: httpx2.AsyncClient, mode: str) -> Host:
    return Host(streamable_http_client(str(http.base_url.join("/mcp")), http_client=http), mode)


@pytest.fixture
def app(ws: Workspace, options: Options) -> App:
    return build_app(Connection(lambda: ws, options), Access(token=SecretStr(TOKEN)), are_limited=False)


async def knock(http: httpx2.AsyncClient, **headers: str) -> int:
    """The status of a well-formed request."""
    body = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "raw", "version": "1"},
    }}  # fmt: skip
    accept = {"accept": "application/json, text/event-stream", "content-type": "application/json"}
    return (await http.post("/mcp", content=json.dumps(body), headers=accept | headers)).status_code


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("answer", "verdict", "count"), [(yes, "yes", 1), (decline, "declined", 0)])
async def test_the_whole_path_over_http(
    app: App, sent: Sent, mode: str, answer: Answer, verdict: str, count: int
) -> None:
    async with serving(app, authorization=f"Bearer {TOKEN}") as http:
        host = host_over(http, mode)
        async with host.client(answer) as client:
            plan_id = await plan(client)
            result = await ask(client, "send_plan", plan_id=plan_id)

    assert (result["answer"], len(host.questions), sent()) == (verdict, 1, count)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": ""},
        {"authorization": "Bearer"},
        {"authorization": f"Bearer {TOKEN[:-1]}"},
        {"authorization": f"Bearer {TOKEN}t"},
        {"authorization": f"Basic {TOKEN}"},
        {"authorization": TOKEN},
        {"x-authorization": f"Bearer {TOKEN}"},
    ],
)
async def test_nobody_is_let_in_without_the_token(app: App, headers: dict[str, str]) -> None:
    async with serving(app) as http:
        assert await knock(http, **headers) == 401
        assert await knock(http, authorization=f"Bearer {TOKEN}") == 200


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [
        ("host", "evil.example", 421),
        ("host", "127.0.0.1.evil.example", 421),
        ("origin", "https://evil.example", 403),
        ("host", "localhost:evil.example", 421),
        ("host", "localhost:80@evil.example", 421),
        ("host", "127.1:8766", 421),
        ("host", "LOCALHOST:8766", 200),
        ("host", "[::1]:8766", 200),
        ("origin", "null", 403),
        ("origin", "http://localhost:evil.example", 403),
        ("origin", "http://localhost:80@evil.example", 403),
        ("origin", "http://localhost.evil.example", 403),
        ("origin", "http://evil.example@localhost", 403),
        ("host", "evil.example@localhost", 421),
        ("origin", "http://127.0.0.1.evil.example:80", 403),
        ("origin", "https://127.0.0.1:9999", 403),
        ("origin", "http://localhost", 200),
        ("origin", "http://[::1]:3000", 200),
        ("origin", "http://127.0.0.1:9999", 200),
    ],
)
async def test_foreign_hosts_and_pages_are_turned_away(app: App, header: str, value: str, status: int) -> None:
    async with serving(app, authorization=f"Bearer {TOKEN}") as http:
        assert await knock(http, **{header: value}) == status


async def test_another_worker_takes_the_answer_and_sends_once(ws: Workspace, options: Options, sent: Sent) -> None:
    def worker() -> App:
        return build_app(Connection(lambda: ws, options), Access(token=SecretStr(TOKEN)), are_limited=False)

    async with (
        serving(worker(), authorization=f"Bearer {TOKEN}") as one,
        serving(worker(), authorization=f"Bearer {TOKEN}") as other,
    ):
        hosts = [host_over(http, "2026-07-28") for http in (one, other)]
        async with hosts[0].client(yes) as client, hosts[1].client(yes) as second:
            arguments = {"plan_id": await plan(client)}
            asked = await client.session.call_tool("send_plan", arguments, allow_input_required=True)
            assert isinstance(asked, InputRequiredResult)
            assert asked.input_requests
            ((key, request),) = asked.input_requests.items()
            result = await second.session.call_tool(
                "send_plan",
                arguments,
                input_responses={key: yes(request.params.message)},  # type: ignore[union-attr]
                request_state=asked.request_state,
            )

    assert not result.is_error
    assert sent() == 1


async def test_a_wary_worker_takes_no_form_because_another_may_have_read_others_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedded(tmp_path)
    for name, value in {"SEAX_HOME": str(tmp_path), "SEAX_MCP_TOKEN": TOKEN, "SEAX_MCP_WARY": "1"}.items():
        monkeypatch.setenv(name, value)
    async with serving(http_app(), authorization=f"Bearer {TOKEN}") as http:
        host = host_over(http, "2026-07-28")
        async with host.client(yes) as client:
            result = await client.call_tool("send_plan", {"plan_id": await plan(client)})

    assert "others was read" in said(result)
    assert host.questions == []


@pytest.fixture
def issuer(tmp_path: Path) -> tuple[Access, Callable[..., str]]:
    """An issuer of tokens: what the server is told of it, and how it makes one."""
    key = Ed25519PrivateKey.generate()
    public = json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(key.public_key()))
    (tmp_path / "keys.json").write_text(
        json.dumps({"keys": [public | {"kid": "one", "alg": "EdDSA", "use": "sig"}]}), encoding="utf-8"
    )
    resource = f"{BASE}/mcp"
    access = Access(issuer="https://issuer.example", resource=resource, jwks=str(tmp_path / "keys.json"))

    def make(signer: Ed25519PrivateKey = key, **changes: Any) -> str:
        claims = {"iss": "https://issuer.example", "aud": resource, "sub": "ana", "client_id": "host"}
        claims |= {"exp": int(time.time()) + 600, "scope": "seax:read seax:send"} | changes
        return jwt.encode({k: v for k, v in claims.items() if v is not None}, signer, "EdDSA", headers={"kid": "one"})

    return access, make


async def test_a_token_of_the_issuer_sends(
    ws: Workspace, options: Options, issuer: tuple[Access, Callable[..., str]], sent: Sent
) -> None:
    access, make = issuer
    app = build_app(Connection(lambda: ws, options), access, are_limited=False)
    async with serving(app, authorization=f"Bearer {make()}") as http:
        host = host_over(http, "2026-07-28")
        async with host.client(yes) as client:
            await ask(client, "send_plan", plan_id=await plan(client))

    assert sent() == 1


async def test_a_token_that_may_only_read_sends_nothing(
    ws: Workspace, options: Options, issuer: tuple[Access, Callable[..., str]], sent: Sent
) -> None:
    access, make = issuer
    app = build_app(Connection(lambda: ws, options), access, are_limited=False)
    async with serving(app, authorization=f"Bearer {make(scope='seax:read')}") as http:
        host = host_over(http, "2026-07-28")
        async with host.client(yes) as client:
            result = await client.call_tool("send_plan", {"plan_id": await plan(client)})

    assert "seax:send" in said(result)
    assert (host.questions, sent()) == ([], 0)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, 200),
        ({"aud": "https://other.example/mcp"}, 401),
        ({"aud": None}, 401),
        ({"iss": "https://evil.example"}, 401),
        ({"exp": 1}, 401),
        ({"exp": None}, 401),
        ({"scope": ""}, 403),
        ({"signer": Ed25519PrivateKey.generate()}, 401),
    ],
)
async def test_only_tokens_for_this_server_are_taken(
    ws: Workspace, options: Options, issuer: tuple[Access, Callable[..., str]], changes: dict[str, Any], status: int
) -> None:
    access, make = issuer
    app = build_app(Connection(lambda: ws, options), access, are_limited=False)
    async with serving(app) as http:
        assert await knock(http, authorization=f"Bearer {make(**changes)}") == status


@pytest.mark.parametrize(
    ("resource", "is_offered"),
    [
        ("", True),  # a token of this machine's own
        ("http://localhost:8766/mcp", True),
        ("https://seax.example/mcp", False),
        ("http://localhost.evil.example/mcp", False),
    ],
)
async def test_the_approval_page_is_offered_where_its_person_is_on_this_machine(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    issuer: tuple[Access, Callable[..., str]],
    resource: str,
    is_offered: bool,
) -> None:
    access, make = issuer
    by_issuer = {"ISSUER": str(access.issuer), "RESOURCE": resource, "JWKS": access.jwks}
    monkeypatch.setenv("SEAX_HOME", str(embedded(tmp_path)))
    for name, value in (by_issuer if resource else {"TOKEN": TOKEN}).items():
        monkeypatch.setenv(f"SEAX_MCP_{name}", value)
    apps, is_over = queue.SimpleQueue[App](), threading.Event()
    monkeypatch.setattr(uvicorn, "run", lambda app, **_: (apps.put(app), is_over.wait()))
    command = threading.Thread(target=main, args=(["--http"],), daemon=True)
    command.start()
    token = make(aud=resource) if resource else TOKEN
    async with (
        serving(apps.get(timeout=30), authorization=f"Bearer {token}") as http,
        host_over(http, "2026-07-28").client(None) as client,
    ):
        result = await client.call_tool("send_plan", {"plan_id": await plan(client)})
    is_over.set()
    command.join(30)

    assert "in a terminal" in said(result)
    assert ("http://localhost:" in said(result)) is is_offered


async def test_the_resource_says_who_issues_tokens(
    ws: Workspace, options: Options, issuer: tuple[Access, Callable[..., str]]
) -> None:
    async with serving(build_app(Connection(lambda: ws, options), issuer[0])) as http:
        told = (await http.get("/.well-known/oauth-protected-resource/mcp")).json()

    assert told["authorization_servers"] == ["https://issuer.example/"]


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"SEAX_MCP_TOKEN": "short"},
        {"SEAX_MCP_TOKEN": "ü" * 40},
        {"SEAX_MCP_ISSUER": "https://issuer.example"},
        {
            "SEAX_MCP_ISSUER": "https://issuer.example",
            "SEAX_MCP_RESOURCE": "http://elsewhere/mcp",
            "SEAX_MCP_JWKS": "k",
        },
    ],
)
def test_http_without_a_proper_token_does_not_start(environment: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="SEAX_MCP_"):
        Access.from_environment(environment)
