"""One request of a plan, as shown to a person."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from toolkit.models import Frozen


class PlanStep(Frozen):
    """One request of a plan, in their order. `digest` covers its recipients, text, senders and time.

    A `canary` is sent first, and the rest waits for its result. `arm` is the arm of the experiment it is for.
    `untextable` counts the contacts it also addresses who cannot be texted: no number, or an impossible one. `zones`
    are the recipients of a scheduled step by where they may be: names of time zones, separated by spaces, empty where
    none is known.
    """

    number: int = 1
    what: str
    recipients: int
    digest: str
    untextable: int = 0
    start_at: datetime | None = None
    is_canary: bool = False
    arm: str = ""
    zones: dict[str, int] = Field(default_factory=dict)
