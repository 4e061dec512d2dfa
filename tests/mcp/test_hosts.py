"""The lines that hosts need to start the server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import pytest
from typer.testing import CliRunner

from toolkit.cli.app import app
from toolkit.errors import SettingsError
from toolkit.mcp_hosts import HostName


@pytest.mark.parametrize("host", get_args(HostName))
def test_each_host_gets_its_own_form_without_a_key(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEAX_API_KEY", "0" * 64)
    monkeypatch.setenv("SEAX_WORKSPACE_ID", "w")
    monkeypatch.setenv("SEAX_MODE", "read")

    done = CliRunner().invoke(app, ["mcp", "config", host])

    assert done.exit_code == 0, done.output
    written = json.loads(done.stdout)
    (servers,) = written.values()
    assert set(written) == ({"servers"} if host == "vscode" else {"mcpServers"})
    assert Path(servers["seax"]["command"]).is_absolute()
    assert servers["seax"]["env"]["SEAX_MODE"] == "read"
    assert "0" * 64 not in done.output


def test_another_host_is_refused() -> None:
    with pytest.raises(SettingsError, match="claude-code"):
        CliRunner().invoke(app, ["mcp", "config", "emacs"], catch_exceptions=False)
