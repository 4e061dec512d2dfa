"""One request of a plan, as shown to a person."""

from __future__ import annotations

import hashlib
import unicodedata
from datetime import datetime

from pydantic import Field

from toolkit.models import Frozen


class PlanStep(Frozen):
    """One request of a plan, in their order. `digest` covers its recipients, text, senders and time.

    A `canary` is sent first, and the rest waits for its result. `arm` is the arm of the experiment it is for.
    `untextable` counts the contacts it also addresses who cannot be texted: no number, or an impossible one. `zones`
    are the recipients of a scheduled step by where they may be: names of time zones, separated by spaces, empty where
    none is known. `texts` are, of many personal texts in one request, a fingerprint of each phone and its text.
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
    texts: tuple[str, ...] = ()


def text_fingerprint(phone: str, text: str) -> str:
    """What is the same for the same text to the same phone, whatever a service does to spaces and Unicode forms."""
    said = f"{phone} {plain_form(text)}"
    return hashlib.sha256(said.encode()).hexdigest()[:20]


def plain_form(text: str) -> str:
    """A text without what a service may change: spaces and Unicode forms."""
    return " ".join(unicodedata.normalize("NFC", text).split())
