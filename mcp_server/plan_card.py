"""The card: a plan as a person sees it in a host that shows MCP Apps; elsewhere the same result is read as text.

An app of MCP Apps (SEP-1865, version 2026-01-26, read on 2026-12-02): one HTML document that asks for nothing outside
itself and puts whatever it is given on the page as text. It can look at the plan again and write what a person asks for
into the conversation. It cannot approve: hosts let it call `get_plan` alone, and no tool approves.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from mcp.server.apps import APP_MIME_TYPE, Apps
from mcp.server.mcpserver.resources import FunctionResource

from mcp_server.tools import plan_tools

ADDRESS = "ui://seax/plan"
_HERE = Path(__file__).parent
_SHOWN: Sequence[Callable[..., Any]] = (
    plan_tools.plan_campaign,
    plan_tools.plan_message,
    plan_tools.plan_import,
    plan_tools.get_plan,
)


def plan_card() -> Apps:
    """The extension that declares MCP Apps and serves the card."""
    apps = Apps()
    apps.add_resource(
        FunctionResource.from_function(
            card_html,
            ADDRESS,
            name="plan_card",
            title="Plan",
            description="Shows a plan: who receives it, who is excluded, the texts, the times, its state.",
            mime_type=APP_MIME_TYPE,
            meta={"ui": {"csp": {}, "prefersBorder": False}},
        )
    )
    return apps


def ui_of(tool: Callable[..., Any]) -> dict[str, Any]:
    """What a tool's definition says to hosts with MCP Apps: its card, and whether the card may call it."""
    shown = {"resourceUri": ADDRESS} if tool in _SHOWN else {}
    visible = ["model", "app"] if tool is plan_tools.get_plan else ["model"]
    return {"ui": {**shown, "visibility": visible}}


def card_html() -> str:
    """The whole document, with a policy that lets in its own script and nothing else."""
    from toolkit.widgets.views.markup import widget_style  # first use

    script = (_HERE / "plan_card.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; form-action 'none'"
    style = widget_style() + (_HERE / "plan_card.css").read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width"><title>Plan</title>'
        f'<style>{style}</style></head><body><main class="seax"><div id="plan"><p role="status">Waiting for the plan…'
        f"</p></div></main><script>{script}</script></body></html>"
    )
