"""A server in memory over an embedded workspace, met in both generations of the protocol."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mcp_server.connection import Connection
from mcp_server.guard.server_settings import Options
from mcp_server.server import Server, build_server
from tests.mcp.host import MODES, Host, campaigns
from toolkit.workspace import Workspace


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def options(tmp_path: Path) -> Options:
    return Options.at(tmp_path)


@pytest.fixture
def server(ws: Workspace, options: Options) -> Server:
    return build_server(Connection(lambda: ws, options), are_limited=False)


@pytest.fixture(params=MODES)
def host(request: pytest.FixtureRequest, server: Server) -> Host:
    return Host(server, request.param)


@pytest.fixture
def sent(tmp_path: Path) -> Callable[[], int]:
    """How many campaigns the service got."""
    return lambda: campaigns(tmp_path / "sandbox.sqlite3")
