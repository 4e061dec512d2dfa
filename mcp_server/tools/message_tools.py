"""Checking a text before anything is planned: its parts and what carriers or readers may object to. No network."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from mcp_server.connection import Call, workspace
from mcp_server.guard.untrusted import clean
from mcp_server.tools.plan_report import NO_PRICE, Remark
from mcp_server.tools.plan_tools import Text

Recipients = Annotated[
    int, Field(ge=1, le=100_000_000, description="How many would get it, to count parts over all of them.")
]


class MessageCheck(BaseModel):
    """The size of a text: `parts` is what carriers bill, `units_left` the room in the last
    part, `price` an estimate, or why there is none."""

    encoding: str
    characters: int
    units: int
    units_left: int
    parts: int
    parts_max: int
    total_parts: int
    price: str
    forces_ucs2: str
    placeholders: list[str]
    findings: list[Remark]


def check_message(call: Call, message: Text, recipients: Recipients = 1) -> MessageCheck:
    """Return a text's encoding, parts and estimated price, and the problems found in it, without the network."""
    from toolkit.texting.parts import MULTI, SINGLE, count_parts
    from toolkit.texting.placeholders import placeholders  # these load numpy at first use

    ws, counted = workspace(call), count_parts(message)
    room = SINGLE[counted.encoding] if counted.parts == 1 else MULTI[counted.encoding] * counted.parts
    price = ws.policy.price_per_part
    return MessageCheck(
        encoding=counted.encoding,
        characters=len(message),
        units=counted.units,
        units_left=max(0, room - counted.units),
        parts=counted.parts,
        parts_max=counted.parts_max,
        total_parts=counted.parts * recipients,
        price=f"{price * counted.parts * recipients} {ws.policy.currency}" if price is not None else NO_PRICE,
        forces_ucs2=clean(" ".join(counted.offending[:20])),
        placeholders=[clean(x, 80) for x in placeholders(message)],
        findings=[Remark.of(x) for x in ws.check_text(message)],
    )
