"""An embedded workspace on which two stages were rehearsed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders import Clock
from tests.published.stages.edge import Stages
from toolkit.sandbox import Sandbox
from toolkit.sending.evidence import Evidence
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect


@pytest.fixture
def edge(sandbox: Sandbox) -> Stages:
    return Stages(sandbox)


@pytest.fixture
def ws(tmp_path: Path, sandbox: Sandbox, edge: Stages, clock: Clock, ledger_address: str | None) -> Workspace:
    settings = Settings(home=tmp_path, dialect="published")
    workspace = connect(settings, sandbox=sandbox, transport=edge, now=clock, ledger=ledger_address)
    workspace._evidence.keep("two stages", Evidence(on="2026-03-02"))
    return workspace
