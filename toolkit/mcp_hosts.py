"""The configuration by which an MCP host starts the server, in each host's own form. It never contains a key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

HostName = Literal["claude-desktop", "claude-code", "cursor", "vscode"]
FILES: Mapping[HostName, str] = {
    "claude-desktop": "claude_desktop_config.json (Settings, Developer, Edit Config)",
    "claude-code": ".mcp.json in the project",
    "cursor": ".cursor/mcp.json in the project",
    "vscode": ".vscode/mcp.json in the project",
}


def host_config(host: HostName, *, command: Path, home: Path, mode: str) -> str:
    """The JSON that a host needs; `command` and `home` are absolute paths.

    The key is set in the environment that the host is started from.
    """
    environment = {"SEAX_HOME": str(home), "SEAX_MODE": mode}
    entry: dict[str, object] = {"command": str(command), "env": environment}
    if host == "vscode":
        return json.dumps({"servers": {"seax": {"type": "stdio", **entry}}}, indent=2)
    return json.dumps({"mcpServers": {"seax": entry}}, indent=2)
