"""Where the toolkit connects and keeps its files, read once from the environment.

A key makes the workspace live; without one it is the embedded workspace. Every mistake is one sentence that
says which variable to set to what.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import platformdirs
from pydantic import SecretStr, model_validator

from toolkit.errors import SettingsError
from toolkit.models import Frozen

LIVE_URL = "https://seax.seasalt.ai/bulk-sms-api"
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class Settings(Frozen):
    """Where to connect; `api_key` is None for the embedded workspace.

    `policy` names the file of limits; without it `policy.toml` in `home` holds them, if it is there.
    """

    home: Path
    api_key: SecretStr | None = None
    workspace_id: str | None = None
    base_url: str = LIVE_URL
    policy: Path | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Settings:
        if self.api_key and not self.workspace_id:
            raise SettingsError("A key needs a workspace id: give workspace_id too.")
        return self

    @property
    def policy_path(self) -> Path | None:
        """The file that holds the limits of sending; None if there is none."""
        usual = self.home / "policy.toml"
        return self.policy or (usual if usual.exists() else None)

    @property
    def ledger_path(self) -> Path:
        """The SQLite file that every face on this machine shares; an embedded workspace has its own."""
        return self.home / ("ledger.sqlite3" if self.api_key else "embedded-ledger.sqlite3")

    @property
    def sandbox_path(self) -> Path:
        """The embedded workspace's SQLite file."""
        return self.home / "embedded-workspace.sqlite3"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the key, workspace, address, home and policy from SEAX_ variables; SettingsError if they disagree."""
        env = os.environ if environ is None else environ
        key = env.get("SEAX_API_KEY", "").strip()
        workspace_id = env.get("SEAX_WORKSPACE_ID", "").strip()
        home = _home(env.get("SEAX_HOME", "").strip())
        named = env.get("SEAX_POLICY", "").strip()
        policy = Path(named).expanduser() if named else None
        if not key:
            return cls(home=home, policy=policy)
        if not re.fullmatch(r"[\x21-\x7e]+", key):
            raise SettingsError(
                "SEAX_API_KEY holds a space or a character no key has: copy it again from Workspace → API Key."
            )
        if not workspace_id:
            raise SettingsError(
                "SEAX_API_KEY is set but SEAX_WORKSPACE_ID is not: set it to the workspace's id, or unset "
                "SEAX_API_KEY to work on the embedded workspace."
            )
        if not re.fullmatch(r"[A-Za-z0-9_-]+", workspace_id):
            raise SettingsError(
                f"SEAX_WORKSPACE_ID {workspace_id!r} is not an id: it looks like "
                "3fa85f64-5717-4562-b3fc-2c963f66afa6, copy it from the address of your workspace."
            )
        url = _url(env.get("SEAX_BASE_URL", "").strip() or LIVE_URL)
        return cls(home=home, api_key=SecretStr(key), workspace_id=workspace_id, base_url=url, policy=policy)


def _home(text: str) -> Path:
    home = Path(text).expanduser() if text else platformdirs.user_data_path("seax")
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise SettingsError(
            f"The folder {home} cannot be made ({error.strerror}): set SEAX_HOME to a folder you can write."
        ) from error
    if not os.access(home, os.W_OK | os.X_OK):
        raise SettingsError(f"The folder {home} cannot be written: set SEAX_HOME to a folder you can write.")
    return home


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
        host = parts.hostname if parts.port != 0 else None  # a port that is no number raises too
    except ValueError:
        parts, host = urlsplit(""), None
    if (
        not host
        or not text.isprintable()
        or " " in text
        or parts.scheme not in {"http", "https"}
        or parts.query
        or parts.fragment
    ):
        raise SettingsError(f"SEAX_BASE_URL {text!r} is not an address: give it as {LIVE_URL}.")
    if parts.scheme == "http" and host not in _LOOPBACK:
        raise SettingsError(f"SEAX_BASE_URL {text!r} would send the key unencrypted: use https.")
    if parts.username or parts.password:
        raise SettingsError("SEAX_BASE_URL must not hold a user name or password: put the key in SEAX_API_KEY.")
    return text.rstrip("/")
