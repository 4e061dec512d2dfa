"""Resources: how to work with this server, what is allowed, the labels, and plans."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import anyio.to_thread
from mcp.server.mcpserver.exceptions import ResourceError
from mcp_types import Completion, CompletionArgument, CompletionContext, PromptReference, ResourceTemplateReference

from mcp_server.guard.disclosure_control import shown_rule
from mcp_server.guard.error_text import told
from mcp_server.guard.untrusted import Fence, clean, fencing
from mcp_server.tools.csv_page import as_csv
from mcp_server.tools.plan_report import plan_report
from toolkit.errors import ToolkitError

if TYPE_CHECKING:
    from mcp.server import MCPServer

    from mcp_server.connection import Connection


def add_resources(server: MCPServer[Connection], here: Connection) -> None:
    """Register the resources, the template and what completes their arguments."""

    @server.resource(
        "seax://guide", name="guide", title="Guide of operation", mime_type="text/markdown",
        description="How to work with this server: the order of tools, the grammar of rules, how to read results.",
    )  # fmt: skip
    def guide() -> str:
        return Path(__file__).with_name("guide.md").read_text(encoding="utf-8")

    @server.resource(
        "seax://policy", name="policy", title="What is allowed", mime_type="application/json",
        description="The operator's limits: mode, personal data, folder, who has to approve a send.",
    )  # fmt: skip
    async def policy() -> str:
        return await _read(lambda: _policy(here))

    @server.resource(
        "seax://labels", name="labels", title="Labels", mime_type="text/csv",
        description="Every label that contacts have, and how many have it; names were written by others.",
    )  # fmt: skip
    async def labels() -> str:
        return await _read(lambda: _labels(here))

    @server.resource(
        "seax://plans/{plan_id}", name="plan", title="Plan preview", mime_type="application/json",
        description="One plan: what would be sent, to how many, who is excluded, and its state.",
    )  # fmt: skip
    async def plan(plan_id: str) -> str:
        return await _read(lambda: _plan(here, plan_id))

    @server.resource(
        "seax://drafts/{name}", name="draft", title="Draft", mime_type="application/json",
        description="A campaign that somebody is still writing, to be planned with plan_campaign.",
    )  # fmt: skip
    async def draft(name: str) -> str:
        return await _read(lambda: _draft(here, name))

    @server.completion()  # type: ignore[no-untyped-call, untyped-decorator]  # the SDK leaves it untyped
    async def complete(
        ref: PromptReference | ResourceTemplateReference,
        argument: CompletionArgument,
        context: CompletionContext | None,
    ) -> Completion | None:
        if argument.name not in {"plan_id", "campaign_id"}:
            return None
        known = await anyio.to_thread.run_sync(lambda: _known(here, argument.name))
        fitting = [word for word in known if word.startswith(argument.value)]
        return Completion(values=fitting[:100], total=len(fitting), has_more=len(fitting) > 100)


async def _read(read: Callable[[], str]) -> str:
    """The result of a blocking function, run in a thread; ResourceError in our words."""
    try:
        return await anyio.to_thread.run_sync(read)
    except ToolkitError as error:
        raise ResourceError(told(error)) from error


def _policy(here: Connection) -> str:
    options = here.options
    return json.dumps(
        {
            "mode": options.mode,
            "sends": options.mode in {"test", "live"},
            "personal_data": options.pii,
            "exchange_folder": str(options.folder),
            "form_is_enough": not (options.is_wary and here.is_tainted),
            "approvals": "A person types the number of recipients in the host's form, in `seax approve PLAN`, in the "
            "notebook's panel or on the approval page, or signs in one of the latter three. After text written by "
            "others was read, a wary server does not accept the form. On a live workspace recipients above "
            "signed_above, counted over 24 hours and all plans, require a signature, and so do all where the host "
            "shows no form, or on a page that this server offers.",
            "limits": here.workspace.policy.model_dump(mode="json", exclude_none=True, exclude={"hours_file"}),
        },
        indent=1,
    )


def _labels(here: Connection) -> str:
    contacts = here.contacts()
    table = here.workspace.labels(contacts=contacts)[["name", "contacts", "is_system", "description"]]
    fence = Fence()
    with fencing(fence):
        return fence.around(as_csv(table, most=48_000)[0])


def _plan(here: Connection, plan_id: str) -> str:
    with fencing(Fence()):
        return plan_report(here.workspace.get_plan(plan_id), here.options).model_dump_json(indent=1)


def _draft(here: Connection, name: str) -> str:
    draft = here.workspace.drafts[name]
    kept = draft.model_dump(mode="json", exclude_defaults=True) | {"segment": shown_rule(draft.segment, here.options)}
    return Fence().around(clean(json.dumps(kept, ensure_ascii=False), 20_000))


def _known(here: Connection, name: str) -> list[str]:
    if name == "plan_id":
        return [entry.plan.id for entry in here.workspace.plans(limit=100)]
    return here.workspace.campaign_ids()[::-1]
