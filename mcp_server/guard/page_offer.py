"""The approval page, offered where a form of this client is not enough, or was not answered.

A host that declares URL elicitation shows the address to the person itself, and the model does not see it; any other,
and one that shows nothing in time, gets a sentence with the address. Knowing the address approves nothing on a live
workspace: the page takes signatures there.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import anyio
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ElicitRequest, ElicitRequestURLParams, InputRequiredResult

from mcp_server.connection import Connection
from mcp_server.guard.send_obstacles import is_asked_by_result

FORM_TIMEOUT = 9.0  # seconds: some hosts declare forms or pages and never show one
_NAME = "approval_page"
_DECLINED = {"decline": "declined to open it", "cancel": "closed the offer without an answer"}


class PageOffer(ToolError):
    """Nothing was sent, and a person can approve at `address`; `why` a form is not enough, `code` the plan's."""

    def __init__(self, why: str, *, address: str, code: str, otherwise: str) -> None:
        self.why, self.address, self.code, self.otherwise = why, address, code, otherwise
        super().__init__(
            f"{why} Ask the person to open this page in a browser on this computer and to decide there: {address} "
            f"(it opens once and shows the code {code}). {otherwise} Then call send_plan again."
        )


async def offer_by_url(offer: PageOffer, context: Context[Connection, Any]) -> InputRequiredResult | None:
    """Have the host show the page, where it can and does in time; None leaves it to the sentence.

    ToolError says what to do after the person's answer.
    """
    declared = context.client_capabilities.elicitation if context.client_capabilities else None
    if declared is None or declared.url is None:
        return None
    asked = f"Approve or decline this plan on a page of this computer? It shows the code {offer.code}."
    if is_asked_by_result(context):
        if _NAME not in (context.input_responses or {}):
            params = ElicitRequestURLParams(message=asked, url=offer.address)
            return InputRequiredResult(input_requests={_NAME: ElicitRequest(params=params)})
        action = getattr((context.input_responses or {})[_NAME], "action", "cancel")
    elif context.session.can_send_request:
        action = ""
        with anyio.move_on_after(FORM_TIMEOUT):
            action = (await context.elicit_url(asked, offer.address, uuid4().hex)).action
        if not action:
            return None
    else:
        return None
    raise ToolError(
        f"{offer.why} The person was offered a page to decide on"
        + (
            ": wait until they say that they approved, then call send_plan again."
            if action == "accept"
            else f" and {_DECLINED[action]}. {offer.otherwise} Then call send_plan again."
        )
    )
