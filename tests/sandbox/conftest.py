"""A small workspace behind its own transport, on a clock that only the test moves."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from tests.filling import new_sandbox
from toolkit.sandbox import Sandbox

NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)


def client_of(sandbox: Sandbox, *, base: str = Sandbox.base_url) -> httpx.Client:
    return httpx.Client(
        transport=sandbox.transport(),
        base_url=f"{base}/api/v1/workspace/{sandbox.workspace_id}",
        headers={"X-API-KEY": sandbox.api_key},
        timeout=60,
    )


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    sandbox = new_sandbox(tmp_path / "workspace.db", contacts=600, now=lambda: NOON)
    yield sandbox
    sandbox.close()


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with client_of(sandbox) as client:
        yield client
