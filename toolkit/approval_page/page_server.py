"""The approval page's server: on this machine alone, under an address that opens once, until it was idle for a while.

What is typed into the page counts as what is typed at a terminal, if it was opened from one; opened by anything else,
as by an assistant's server, which knows the address, on a live workspace only signatures count. Every request after
the first is a POST with a key that stands in the page and in no address, header or cookie; Host and Origin are
compared exactly.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Mapping

from pydantic import SecretStr

from toolkit.approval_page import page_views
from toolkit.approval_page.loopback_requests import listening
from toolkit.approval_page.page_views import Shown, Signer
from toolkit.display import n_recipients, when
from toolkit.errors import ApprovalRefused, SendRefused, SettingsError
from toolkit.plans.states import MAY_BE_SENT, OPEN
from toolkit.platform_support import user_name
from toolkit.sending.human_presence import answered_page
from toolkit.widgets.forms.send_form import SendForm
from toolkit.widgets.views.markup import refusal, status
from toolkit.workspace import Workspace

_WAITING = (*OPEN, "partial")
_EVERY = 2.0  # seconds after which a list of plans is read again, if nothing happened
_WRONG = 5  # refused signatures, after which the page closes
_USED = (
    "<h1>This address was used already</h1><p>It opens once. Run <code>seax inbox</code> for a new one, or let your "
    "assistant call send_plan again.</p>"
)
_CLOSED = f"The page is closed after {_WRONG} refused signatures. Run `seax inbox`, or have send_plan called again."


class ApprovalPage:
    """Serves the plans that wait for a person, until `close` or until nobody asked for `idle` seconds.

    `from_terminal` is true only where a person at a terminal opened it and nobody else knows the address.
    """

    def __init__(self, workspace: Workspace, *, from_terminal: bool = False, idle: float = 1800) -> None:
        self._workspace = workspace
        self._from_terminal = from_terminal
        self._idle = idle
        self._tokens: dict[str, str] = {}  # addresses not used yet, and the plan that each opens
        self._keys: set[str] = set()
        self._challenges: dict[str, bytes] = {}
        self._last_events: dict[str, int] = {}  # by key of a page
        self._wrong = 0
        self._asked_at = time.monotonic()
        self._closing = threading.Event()
        self._servers = listening(self)
        self.port: int = self._servers[0].server_address[1]
        for server in self._servers:
            threading.Thread(target=server.serve_forever, name="approval page", daemon=True).start()
        threading.Thread(target=self._wait, name="approval page, until idle", daemon=True).start()

    @property
    def is_open(self) -> bool:
        """It answers."""
        return not self._closing.is_set()

    def address(self, plan_id: str = "") -> str:
        """An address that opens the page once, at a plan if one is named; the same until it was used."""
        token = next((token for token, plan in self._tokens.items() if plan == plan_id), secrets.token_urlsafe(24))
        self._tokens[token] = plan_id
        self._asked_at = time.monotonic()
        return f"{self.origin}/open/{token}"

    @property
    def origin(self) -> str:
        """Where it is served: the one name under which passkeys work."""
        return f"http://localhost:{self.port}"

    def wait(self) -> None:
        """Return once it is closed."""
        self._closing.wait()

    def close(self) -> None:
        """Stop answering."""
        if not self._closing.is_set():
            self._closing.set()
            for server in self._servers:
                threading.Thread(target=server.stop, daemon=True).start()  # from its own thread it would wait

    def answer(self, form: Mapping[str, str]) -> str:
        """The page that a request of a person leads to."""
        if form.get("doing") == "wait" and form.get("key") in self._keys:
            return self._news(form["key"])
        self._asked_at = time.monotonic()
        token = form.get("token", "")
        if token:
            plan_id = self._tokens.pop(token, None)
            if plan_id is None:
                return page_views.closed(_USED)
            self._keys.add(key := secrets.token_urlsafe(24))
            return self._plan(key, plan_id) if plan_id else self._inbox(key)
        key = form.get("key", "")
        if key not in self._keys:
            return page_views.closed(_USED)
        doing, plan_id = form.get("doing", ""), form.get("plan", "")
        match doing:
            case "approve":
                return self._approve(key, plan_id, form)
            case "decline":
                return self._decline(key, plan_id, form)
            case "new passkey" | "keep passkey":
                return self._passkey(key, form if doing == "keep passkey" else None)
            case "list":
                return self._inbox(key)
        return self._plan(key, plan_id) if plan_id else self._inbox(key)

    def _inbox(self, key: str, said: str = "") -> str:
        entries = [entry for entry in self._workspace.plans(states=_WAITING) if not entry.plan.is_blocked]
        return page_views.inbox(key, [self._shown(entry.plan.id) for entry in entries], said=said)

    def _news(self, key: str) -> str:
        """The list once it may be another one; asked by the page itself, so that it does not keep the page open."""
        last = self._last_events.get(key, 0)
        self._last_events[key] = self._workspace.ledger.wait_for_event(_EVERY, after=last)
        return self._inbox(key)

    def _plan(self, key: str, plan_id: str, **said: str) -> str:
        entry = self._workspace.get_plan(plan_id)
        if entry.state not in _WAITING:
            is_over = entry.state not in MAY_BE_SENT
            then = "ask for it to be planned again" if is_over else "run `seax plans` to see what was sent"
            return self._inbox(key, f"This plan is {entry.state}: {then}.")
        until = f"ends {when(entry.plan.expires_at, '%H:%M')}"
        return page_views.plan_page(key, self._shown(plan_id, **said), until=until)

    def _shown(self, plan_id: str, **said: str) -> Shown:
        approvals, plan = self._workspace.approvals, self._workspace.get_plan(plan_id).plan
        made = next(iter(self._workspace.ledger.events(plan_id)), None)
        needed = approvals.needed(plan_id, can_ask=self._from_terminal)
        signers = []
        for name in approvals.approvers() if needed.signed else ():
            passkey = approvals.passkey_of(name)
            challenge = page_views.base64url(approvals.challenge(plan_id, name)) if passkey else ""
            signers.append(Signer(name, passkey.id if passkey else "", challenge))
        by = said.pop("by", "" if needed.signed else user_name())
        who, via = (made.who, made.via) if made else ("", "")
        return Shown(plan, needed, who, via, signers, by=by, **said)

    def _approve(self, key: str, plan_id: str, form: Mapping[str, str]) -> str:
        plan = self._workspace.get_plan(plan_id).plan
        needed = self._workspace.approvals.needed(plan_id, can_ask=self._from_terminal)
        by, answer = form.get("approver" if needed.signed else "by", ""), form.get("answer", "")
        filled = SendForm(plan, form.get("count", ""), by, needed, bool(answer or form.get("passphrase")))
        try:
            if filled.missing:
                raise ApprovalRefused(filled.missing)
            self._record(filled, answer, form.get("passphrase", ""))
        except SendRefused as error:
            self._count_refused(is_signed=needed.signed and not filled.missing)
            if not self.is_open:
                return page_views.closed(refusal(f"{error} {_CLOSED}"))
            return self._plan(key, plan_id, refused=str(error), typed=filled.typed, by=by)
        try:
            self._workspace.approvals.check(plan_id)
        except SendRefused as waiting:
            return page_views.closed(status(f"Your approval is recorded. {waiting}"))
        return page_views.closed(
            status(
                f"Approved: {n_recipients(plan.recipients)}. You can close this page. Whoever asked can send this plan "
                f"once: tell your assistant to go on, or run `seax send {plan.id}` in a terminal."
            )
        )

    def _record(self, filled: SendForm, answer: str, passphrase: str) -> None:
        approvals, plan_id, count = self._workspace.approvals, filled.plan.id, filled.recipients or 0
        if not filled.needed.signed:
            with answered_page():
                approvals.approve(plan_id, recipients=count, by=filled.by, via="page")
        elif answer:
            approvals.sign_with_passkey(plan_id, recipients=count, approver=filled.by, answer=answer)
        else:
            approvals.sign(plan_id, recipients=count, approver=filled.by, passphrase=SecretStr(passphrase))

    def _count_refused(self, *, is_signed: bool) -> None:
        self._wrong += is_signed
        if self._wrong >= _WRONG:
            self.close()

    def _decline(self, key: str, plan_id: str, form: Mapping[str, str]) -> str:
        by = form.get("by", "").strip() or form.get("approver", "") or user_name()
        is_ended = self._workspace.ledger.close_plan(plan_id, "declined", by=by, via="page")
        return self._inbox(key, "Declined: nothing of it is sent." if is_ended else "There was nothing to decline.")

    def _passkey(self, key: str, form: Mapping[str, str] | None) -> str:
        asked = self._challenges.pop(key, b"")
        said = refused = ""
        if form is not None:
            try:
                name = form.get("name", "").strip()
                mark = self._workspace.approvals.add_passkey(name, form.get("answer", ""), asked)
                said = (
                    f"{name} signs with this passkey, whose key is {mark}. On a live workspace it counts once it is "
                    f"pinned: SEAX_APPROVERS={mark} in the settings of whatever starts the sender (Approvers, where an "
                    f"assistant runs it from a bundle), or `seax approver pin {name}` in a terminal."
                )
            except SettingsError as error:
                refused = str(error)
        self._challenges[key] = secrets.token_bytes(32)
        return page_views.passkey_page(key, page_views.base64url(self._challenges[key]), said=said, refused=refused)

    def _wait(self) -> None:
        while not self._closing.wait(max(0.05, self._asked_at + self._idle - time.monotonic())):
            if time.monotonic() >= self._asked_at + self._idle:
                self.close()
