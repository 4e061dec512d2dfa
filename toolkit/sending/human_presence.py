"""Whether a person is there to approve: a click sent by the browser, a number typed at this process's terminal or into
the page that was opened from it, or a form that the MCP server has just received an answer to."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from toolkit.errors import ApprovalRefused
from toolkit.plans.approval import Via

_answering: ContextVar[Via | None] = ContextVar("what a person is answering", default=None)

NOT_WITNESSED = {
    "code": "Code cannot approve on a live workspace: approve in the notebook's panel, in a terminal with "
    "`seax approve`, or in the form of an MCP host. Nothing was sent.",
    "page": "No approval page is being answered here: open one with `seax inbox` in a terminal. Nothing was sent.",
    "panel": "A campaign is approved by clicking in a browser, not by running code. Nothing was sent.",
    "terminal": "No person is at a terminal here: run `seax approve` in a terminal. Nothing was sent.",
    "signature": "A signature requires the approver's passphrase: `seax approve PLAN --sign NAME`. Nothing was sent.",
    "form": "No form of an MCP host is being answered here: approve in a terminal. Nothing was sent.",
}


def is_witnessed(via: Via, *, live: bool) -> bool:
    match via:
        case "code":
            return not live
        case "panel":
            return is_browser_event()
        case "form" | "page":
            return _answering.get() == via
        case "terminal" | "signature":
            return False  # asked in `ask_at_terminal` alone, and signed in `sign`


def typed_number(ask: Callable[[], str]) -> int:
    """A number that the person at the terminal types."""
    if not sys.stdin.isatty():
        raise ApprovalRefused(NOT_WITNESSED["terminal"])
    typed = ask().replace(",", "").strip()
    if not (typed.isascii() and typed.isdigit()):
        raise ApprovalRefused("That is not a number, so nothing was approved. Nothing was sent.")
    return int(typed)


@contextmanager
def answered_form() -> Iterator[None]:
    """While a host's answer to a form is being recorded; only the MCP server's consent enters this."""
    with _being_answered("form"):
        yield


@contextmanager
def answered_page() -> Iterator[None]:
    """While what a person sent from the approval page is being recorded; only its server enters this."""
    with _being_answered("page"):
        yield


@contextmanager
def _being_answered(via: Via) -> Iterator[None]:
    token = _answering.set(via)
    try:
        yield
    finally:
        _answering.reset(token)


def is_browser_event() -> bool:
    """True while a notebook kernel handles an event from the page, False in a cell or outside a kernel."""
    ipython = sys.modules.get("IPython")
    kernel = getattr(ipython.get_ipython(), "kernel", None) if ipython else None
    if kernel is None:
        return False
    parent = kernel.get_parent() or {}
    return bool(parent.get("header", {}).get("msg_type") == "comm_msg")
