"""`ws.approvals`: a person's approval of a plan, in each way in which one is given."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import SecretStr

from toolkit.errors import SettingsError
from toolkit.ledger.ledger import Ledger
from toolkit.plans.approval import Approval, Asked, Needed
from toolkit.sending.approver import Approver
from toolkit.sending.approver_keys import Approvers
from toolkit.sending.passkeys import Passkey, new_passkey
from toolkit.settings import Mode, need
from toolkit.workspace_reads import Records


class Approvals:
    """Approving the plans of one workspace; see `toolkit.sending.approver`."""

    def __init__(self, records: Records, ledger: Ledger, approver: Approver, keys: Approvers, mode: Mode) -> None:
        self._records = records
        self._ledger = ledger
        self._approver = approver
        self._keys = keys
        self._mode = mode

    def approve(self, plan_id: str, *, recipients: int, by: str, via: Asked) -> Approval:
        """Record a person's approval of the exact number of recipients."""
        return self._approver.approve(self._approvable(plan_id), recipients=recipients, by=by, via=via)

    def ask_at_terminal(self, plan_id: str, *, by: str, ask: Callable[[], str]) -> Approval:
        """Have the person at the terminal type the number of recipients."""
        return self._approver.ask_at_terminal(self._approvable(plan_id), by=by, ask=ask)

    def sign_at_terminal(
        self, plan_id: str, *, approver: str, ask: Callable[[], str], ask_passphrase: Callable[[], SecretStr]
    ) -> Approval:
        """Have the person at the terminal type the number of recipients and the passphrase of their key."""
        plan_id = self._approvable(plan_id)
        return self._approver.sign_at_terminal(plan_id, approver=approver, ask=ask, ask_passphrase=ask_passphrase)

    def sign(self, plan_id: str, *, recipients: int, approver: str, passphrase: SecretStr) -> Approval:
        """Record an approver's signature, made with the key unlocked by their passphrase; see
        `toolkit.sending.approver_keys`. The passphrase is not kept or passed on."""
        plan_id = self._approvable(plan_id)
        return self._approver.sign(plan_id, recipients=recipients, approver=approver, passphrase=passphrase)

    def sign_with_passkey(self, plan_id: str, *, recipients: int, approver: str, answer: str) -> Approval:
        """Record an approver's signature, made by their passkey's device in a browser: its answer as JSON."""
        plan_id = self._approvable(plan_id)
        return self._approver.sign_with_passkey(plan_id, recipients=recipients, approver=approver, answer=answer)

    def needed(self, plan_id: str, *, can_ask: bool = True) -> Needed:
        """What is required to send a plan: how many approvers, and whether they have to sign."""
        return self._approver.needed(self._records.get_plan(plan_id).plan, can_ask=can_ask)

    def check(self, plan_id: str) -> None:
        """Raise ApprovalRefused or ApprovalInvalid, with what is missing, unless a plan has the approvals it needs."""
        self._approver.check(self._records.get_plan(plan_id).plan)

    def latest(self, plan_id: str) -> Approval:
        """The latest approval of a plan, a signed one first; ApprovalInvalid if it has none."""
        return self._ledger.approval_of(self._records.get_plan(plan_id).plan.id)

    def approvers(self) -> dict[str, str]:
        """Who can sign here: the fingerprint of each public key, by name."""
        return self._keys.names()

    def passkey_of(self, approver: str) -> Passkey | None:
        """The passkey that an approver signs with; None if they sign with a passphrase."""
        return self._keys.passkey_of(approver)

    def challenge(self, plan_id: str, approver: str) -> bytes:
        """What an approver's passkey is asked to sign for a plan."""
        return self._keys.challenge(self._records.get_plan(plan_id).plan, approver)

    def add_passkey(self, name: str, answer: str, asked: bytes) -> str:
        """Keep a new passkey of somebody, from a device's answer to a challenge, and return its fingerprint.

        On a live workspace it counts once it is pinned. SettingsError if it is not one of a verified user.
        """
        passkey = new_passkey(answer, asked)
        if passkey is None:
            raise SettingsError("The device gave no passkey of a verified user: nothing was kept. Try again.")
        return self._keys.create_passkey(name, passkey)

    def _approvable(self, plan_id: str) -> str:
        need(self._mode, "draft", "approve")
        return self._records.get_plan(plan_id).plan.id
