"""One request of a plan, as a person sees it."""

from __future__ import annotations

from datetime import datetime

from toolkit.models import Frozen


class PlanStep(Frozen):
    """One request of a plan, in their order. `digest` covers its recipients, text, senders and time.

    A `canary` goes first, and the rest waits until it is known how it fared. `arm` is the experiment's it is for.
    """

    number: int = 1
    what: str
    recipients: int
    digest: str
    start_at: datetime | None = None
    is_canary: bool = False
    arm: str = ""
