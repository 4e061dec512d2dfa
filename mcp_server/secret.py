"""The key of this machine's MCP servers: one file in SEAX_HOME, shared by every worker and never shown.

Handles of contacts are keyed with it, so that they mean the same in every process and nothing outside, and so is the
sealed state of a question, so that another worker can take the answer.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path

from toolkit.errors import SettingsError


def read_key(home: Path, purpose: str) -> bytes:
    """32 bytes for one purpose; the file is made at first use. SettingsError if it cannot be."""
    path = home / "mcp.key"
    try:
        if not path.exists():
            _make(path)
        key = path.read_bytes()
    except OSError as error:
        raise SettingsError(f"The key {path} cannot be used ({error.strerror}): check SEAX_HOME.") from error
    if len(key) < 32:
        raise SettingsError(f"The key {path} is too short: remove the file, and a new one is made.")
    return hmac.new(key, purpose.encode(), hashlib.sha256).digest()


def _make(path: Path) -> None:
    """Write it whole before it has its name, so that no other process reads half of it; the first one stays."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(32))
        with suppress(FileExistsError):  # another process was first
            path.hardlink_to(draft)
    finally:
        draft.unlink(missing_ok=True)
