"""Why messages do not arrive, in a few classes, and what to do about each.

Carriers report it in free text, often with a code; codes are split and renumbered from time to time, so nothing depends
on one code: a known code decides, else the words do, else the class is `unknown`. Codes: Twilio's and WhatsApp's error
dictionaries, read 2026-11; 11200, 12300, 21217, 30019, 30022 and 30032 are less certain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Action = Literal["retry", "suppress", "reword", "wait"]
ACTIONS: tuple[Action, ...] = get_args(Action)


@dataclass(frozen=True)
class FailureClass:
    """A class of failures, what to do about it, and the codes and words (a regular expression) that identify it.

    Actions: retry, once and later; suppress, never text this number again; reword, change the message; wait, until the
    account or the service allows it.
    """

    name: str
    action: Action
    codes: tuple[int, ...]
    words: str


UNKNOWN = FailureClass("unknown", "retry", (30008,), "unknown")
FAILURE_CLASSES = (
    FailureClass("invalid_number", "suppress", (21211, 21217, 21614, 30005), "invalid .*number|unknown destination"),
    FailureClass("landline", "suppress", (30006,), "landline|cannot receive"),
    FailureClass("opted_out", "suppress", (21610, 30004), "opted out|opt-out|unsubscribed|blocked"),
    FailureClass("unreachable", "retry", (30003,), "unreachable|switched off|out of coverage"),
    FailureClass("filtered", "reword", (30007,), "filtered|spam"),
    FailureClass("media", "reword", (11200, 12300, 30011, 30019), "media|attachment"),
    FailureClass("unregistered", "wait", (30032, 30034), "unregistered|not registered"),
    FailureClass("account", "wait", (30002,), "account suspended|insufficient (?:balance|credit|funds)"),
    FailureClass("whatsapp", "wait", (131021, 131026, 131047, 131049), "whatsapp"),
    FailureClass("queue", "retry", (20429, 30001, 30022), "queue|rate limit|too many"),
    FailureClass("expired", "retry", (), "campaign ended|expired"),
    UNKNOWN,
)


def patterns() -> tuple[tuple[str, FailureClass], ...]:
    """Regular expressions that RE2 and Python read alike, and their classes: the first match decides."""
    codes = [(rf"\b(?:{'|'.join(map(str, known.codes))})\b", known) for known in FAILURE_CLASSES if known.codes]
    return (*codes, *((f"(?i){known.words}", known) for known in FAILURE_CLASSES))
