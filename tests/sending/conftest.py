"""A workspace with a policy of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders import Clock
from tests.sending.step_plans import Connect
from tests.wire import Wire
from toolkit.sandbox import Sandbox
from toolkit.settings import Mode, Settings
from toolkit.workspace import Workspace, connect


@pytest.fixture
def under(tmp_path: Path, sandbox: Sandbox, wire: Wire, clock: Clock) -> Connect:
    """The embedded workspace under a policy."""

    def open_it(policy: str = "", mode: Mode = "live") -> Workspace:
        (tmp_path / "policy.toml").write_text(policy, encoding="utf-8")
        return connect(Settings(home=tmp_path, mode=mode), sandbox=sandbox, transport=wire, now=clock)

    return open_it
