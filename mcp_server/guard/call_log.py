"""One JSON line for every call: which tool, by which host, how long, how it ended. Never its content.

Arguments are recorded as their names, sizes and one digest, so that equal calls can be recognised. If a call cannot be
recorded, a tool that changes something is refused.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from mcp.server import ServerRequestContext
from mcp.server.mcpserver.exceptions import ToolError

from mcp_server.guard.untrusted import clean

_HEARD = {"tools/call", "resources/read", "prompts/get", "completion/complete"}


class CallLog:
    """Where calls are recorded: a file that only its owner can read, or standard error."""

    def __init__(self, where: Path | Literal["stderr"], *, now: Callable[[], datetime] = lambda: datetime.now(UTC)):
        self.where = where
        self._now = now
        self._lock = threading.Lock()

    async def __call__(self, ctx: ServerRequestContext[Any, Any], call_next: Callable[..., Any]) -> Any:
        """The middleware: passes every message on and records those that are requests."""
        if ctx.method not in _HEARD:
            return await call_next(ctx)
        began = time.monotonic()
        outcome = "failed"
        try:
            result = await call_next(ctx)
            outcome = _outcome(result)
            return result
        finally:
            with suppress(OSError):  # reading continues; `check` refuses what acts
                self.write(
                    {
                        "method": ctx.method,
                        "name": _name(ctx.params or {}),
                        "arguments": _digest((ctx.params or {}).get("arguments")),
                        "host": _host(ctx),
                        "protocol": ctx.protocol_version,
                        "outcome": outcome,
                        "ms": round((time.monotonic() - began) * 1000, 1),
                    }
                )

    def check(self) -> None:
        """Raise ToolError if nothing can be recorded."""
        try:
            self.write({"method": "audit/check"}) if not self._is_open() else None
        except OSError as error:
            raise ToolError(
                f"Nothing was done: calls cannot be recorded ({error.strerror}). The person checks SEAX_MCP_AUDIT."
            ) from error

    def write(self, entry: Mapping[str, object]) -> None:
        """Add one line; OSError if it cannot be."""
        line = json.dumps({"at": self._now().isoformat(timespec="milliseconds"), **entry}, ensure_ascii=False) + "\n"
        with self._lock:
            if self.where == "stderr":
                sys.stderr.write(line)
                sys.stderr.flush()
                return
            with os.fdopen(
                os.open(self.where, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a", encoding="utf-8"
            ) as file:
                file.write(line)

    def _is_open(self) -> bool:
        return self.where == "stderr"


def _outcome(result: Any) -> str:
    dumped = result if isinstance(result, dict) else getattr(result, "__dict__", {})
    if dumped.get("isError") or dumped.get("is_error"):
        return "error"
    return "asked" if dumped.get("inputRequests") or dumped.get("input_requests") else "ok"


def _name(params: Mapping[str, Any]) -> str:
    return clean(str(params.get("name") or params.get("uri") or ""), 120)


def _digest(arguments: object) -> dict[str, object]:
    """Names and sizes of arguments, and a digest that identifies equal ones."""
    if not isinstance(arguments, dict):
        return {}
    sizes = {clean(str(name), 60): len(str(value)) for name, value in list(arguments.items())[:20]}
    text = json.dumps(arguments, sort_keys=True, default=str)
    return {"sizes": sizes, "sha256": hashlib.sha256(text.encode(errors="replace")).hexdigest()[:16]}


def _host(context: ServerRequestContext[Any, Any]) -> str:
    params = context.session.client_params
    return clean(params.client_info.name, 60) if params else ""
