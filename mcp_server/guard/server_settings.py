"""What the operator allows an assistant, read once from the environment; no argument of a tool can change it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from toolkit.errors import SettingsError
from toolkit.models import Frozen
from toolkit.settings import Mode, Settings

_YES, _NO = {"1", "yes", "true", "on"}, {"0", "no", "false", "off"}


class Options(Frozen):
    """The limits of this server.

    `mode` decides which tools exist. `pii` shows names, full numbers and ids of contacts. `folder` is the only one
    that files are written to and imported from. `is_wary` makes a send require approval from outside the host once text
    written by others was returned. `is_strict` requires every argument in the definitions, for strict modes of model
    services. `audit` is a file, or None for stderr. `state_key` is shared by several workers.
    """

    home: Path
    mode: Mode = "live"
    pii: bool = False
    folder: Path
    is_wary: bool = False
    is_strict: bool = False
    audit: Path | Literal["stderr"]

    @classmethod
    def from_environment(cls, settings: Settings, environ: Mapping[str, str] | None = None) -> Options:
        """Read SEAX_MCP_PII, SEAX_MCP_FOLDER, SEAX_MCP_WARY, SEAX_MCP_STRICT and SEAX_MCP_AUDIT.

        Raises SettingsError if one is wrong.
        """
        env = os.environ if environ is None else environ
        folder = env.get("SEAX_MCP_FOLDER", "").strip()
        audit = env.get("SEAX_MCP_AUDIT", "").strip()
        return cls(
            home=settings.home,
            mode=settings.mode,
            pii=_flag(env, "SEAX_MCP_PII", default=False),
            folder=Path(folder).expanduser() if folder else settings.home / "files",
            is_wary=_flag(env, "SEAX_MCP_WARY", default=settings.api_key is not None),
            is_strict=_flag(env, "SEAX_MCP_STRICT", default=False),
            audit="stderr" if audit == "stderr" else Path(audit or settings.home / "mcp-audit.jsonl").expanduser(),
        )

    @classmethod
    def at(cls, home: Path, **changes: object) -> Options:
        """The default options of an embedded workspace in a folder, with changes."""
        usual = {"home": home, "folder": home / "files", "audit": home / "mcp-audit.jsonl"}
        return cls.model_validate(usual | changes)


def _flag(env: Mapping[str, str], name: str, *, default: bool) -> bool:
    word = env.get(name, "").strip().lower()
    if word and word not in _YES | _NO:
        raise SettingsError(f"{name} {word!r} is neither yes nor no: set it to 1 or 0, or unset it.")
    return word in _YES if word else default
