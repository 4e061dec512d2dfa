"""The key of this machine's MCP servers: one file in SEAX_HOME, shared by every worker and never shown.

Handles of contacts are keyed with it, so that they mean the same in every process and nothing outside, and so is the
sealed state of a question, so that another worker can take the answer.
"""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

import toolkit.secret


def server_key(home: Path, purpose: str) -> bytes:
    """32 bytes for one purpose; SettingsError if the file cannot be used."""
    return hmac.new(toolkit.secret.read_key(home / "mcp.key"), purpose.encode(), hashlib.sha256).digest()
