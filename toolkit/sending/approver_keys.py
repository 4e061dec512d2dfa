"""Signed approvals: a signature that the sender can verify and cannot create.

An approver's private key is an Ed25519 one, stored encrypted with a passphrase (PKCS#8, readable by its owner only), or
a passkey, which stays in their device; the sender reads public keys alone. So a host that approves by itself, a program
without the passphrase or an edited ledger cannot sign. Whoever can add a public key could sign with a key of their own,
so on a live workspace only pinned keys count: those in SEAX_APPROVERS, outside, else those that a person pinned at a
terminal. Cryptography is imported where a key is used.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
import re
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from toolkit.errors import ApprovalInvalid, ApprovalRefused, SettingsError
from toolkit.ledger.anchor import Anchor
from toolkit.plans.approval import Approval
from toolkit.sending.passkeys import Passkey, challenge

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

    from toolkit.plans.plan import Plan

SHORTEST = 12  # characters of a passphrase
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")


@dataclass(frozen=True)
class Approvers:
    """A folder of approvers' keys, and the fingerprints `named` outside; None uses the pinned ones."""

    folder: Path
    named: Collection[str] | None = None

    @property
    def pinned(self) -> tuple[str, ...]:
        """The fingerprints of the keys that count on a live workspace: the named ones, else those pinned here."""
        if self.named is not None:
            return tuple(self.named)
        try:
            return tuple(self._pins.read_text(encoding="utf-8-sig").split())
        except FileNotFoundError:
            return ()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(
                f"The pinned keys in {self._pins} cannot be read ({error}): remove the file and pin them again."
            ) from error

    def counts(self, key: str, *, live: bool) -> bool:
        """A signature with this key counts: any does on the embedded workspace, a pinned one on a live workspace."""
        return not live or key in self.pinned

    def pin(self, name: str) -> str:
        """Accept an approver's key on live workspaces, and return its fingerprint; SettingsError if that is impossible.

        A person at a terminal decides that; see `seax approver pin`.
        """
        if self.named is not None:
            raise SettingsError("SEAX_APPROVERS lists the keys that count: add the fingerprint there.")
        known = self.names()
        if name not in known:
            raise SettingsError(f"Unknown approver {name!r}; known: {', '.join(known) or 'nobody yet'}.")
        pins = dict.fromkeys([*self.pinned, known[name]])
        try:
            self._pins.write_text("".join(f"{key}\n" for key in pins), encoding="utf-8")
            self._pins.chmod(0o600)
        except OSError as error:
            raise SettingsError(f"{self._pins} cannot be written ({error.strerror}): nothing was pinned.") from error
        return known[name]

    def create(self, name: str, passphrase: SecretStr) -> str:
        """Create a pair of keys for somebody and return the fingerprint; SettingsError if that is impossible."""
        if not _NAME.fullmatch(name):
            raise SettingsError(f"{name!r} is not an approver's name: use small letters, digits and . _ -, as in ana.")
        if len(passphrase.get_secret_value()) < SHORTEST:
            raise SettingsError(f"A passphrase needs at least {SHORTEST} characters: use several words.")
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        key = Ed25519PrivateKey.generate()
        encryption = serialization.BestAvailableEncryption(passphrase.get_secret_value().encode())
        secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self._passkey(name).exists():
                raise FileExistsError
            _write_new(self._private(name), secret, 0o600)
            _write_new(self._public(name), public, 0o644)
        except FileExistsError as error:
            raise SettingsError(f"Approver {name} already exists: choose another name.") from error
        except OSError as error:
            raise SettingsError(f"The keys cannot be written to {self.folder} ({error.strerror}).") from error
        return fingerprint(key.public_key())

    def create_passkey(self, name: str, passkey: Passkey) -> str:
        """Keep the public key of somebody's passkey and return the fingerprint; SettingsError if that is impossible."""
        if not _NAME.fullmatch(name):
            raise SettingsError(f"{name!r} is not an approver's name: use small letters, digits and . _ -, as in ana.")
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self._public(name).exists():
                raise FileExistsError
            _write_new(self._passkey(name), passkey.model_dump_json().encode(), 0o644)
        except FileExistsError as error:
            raise SettingsError(f"Approver {name} already exists: choose another name.") from error
        except OSError as error:
            raise SettingsError(f"The passkey cannot be written to {self.folder} ({error.strerror}).") from error
        return passkey.fingerprint

    def names(self) -> dict[str, str]:
        """The fingerprint of each approver whose public key is here, by name."""
        names = sorted({path.stem for path in self.folder.glob("*.p*") if path.suffix in {".pub", ".passkey"}})
        return {name: self._fingerprint_of(name) for name in names if _NAME.fullmatch(name)}

    def passkey_of(self, name: str) -> Passkey | None:
        """The passkey of an approver; None if they have none. ApprovalInvalid if its file is damaged."""
        if not _NAME.fullmatch(name):
            return None
        try:
            return Passkey.model_validate_json(self._passkey(name).read_bytes())
        except FileNotFoundError:
            return None
        except (ValueError, OSError) as error:
            raise ApprovalInvalid(
                f"The passkey of {name!r} in {self.folder} cannot be read: restore it. Nothing was sent."
            ) from error

    def challenge(self, plan: Plan, approver: str) -> bytes:
        """What an approver's passkey is asked to sign for a plan."""
        return challenge(_statement(plan, approver, plan.expires_at))

    def accept(self, plan: Plan, approver: str, answer: str, *, now: datetime) -> Approval:
        """A plan's approval with the answer of an approver's passkey, not verified or recorded yet."""
        passkey = self.passkey_of(approver)
        if passkey is None:
            raise ApprovalRefused(f"Approver {approver!r} has no passkey here. Nothing was sent.")
        return _approval(plan, approver, passkey.fingerprint, answer, now)

    def sign(self, plan: Plan, approver: str, passphrase: SecretStr, *, now: datetime) -> Approval:
        """A signed approval of a plan, not recorded yet; ApprovalRefused without that approver's key or passphrase."""
        key = self._open(approver, passphrase)
        signature = base64.b64encode(key.sign(_statement(plan, approver, plan.expires_at))).decode()
        return _approval(plan, approver, fingerprint(key.public_key()), signature, now)

    def sign_anchor(self, anchor: Anchor, approver: str, passphrase: SecretStr) -> Anchor:
        """An anchor signed by an approver; ApprovalRefused without that approver's key or passphrase."""
        key = self._open(approver, passphrase)
        signature = base64.b64encode(key.sign(anchor.statement.encode())).decode()
        signed = {"approver": approver, "key": fingerprint(key.public_key()), "signature": signature}
        return anchor.model_copy(update=signed)

    def verify_anchor(self, anchor: Anchor) -> None:
        """Raise ApprovalInvalid unless the approver it names signed it; an unsigned one is accepted."""
        if anchor.signature:
            self._check(anchor.approver, anchor.key, anchor.signature, anchor.statement.encode(), "this anchor")

    def verify(self, plan: Plan, approval: Approval) -> None:
        """Raise ApprovalInvalid unless the approver it names signed exactly this plan with a key that counts."""
        if not self.counts(approval.key, live=plan.live):
            where = "among SEAX_APPROVERS" if self.named is not None else "pinned"
            raise ApprovalInvalid(
                f"The key {approval.key} of {approval.by} is not {where}, so its signatures do not count on a live "
                f"workspace: run `seax approver pin {approval.by}` at a terminal, or add it to SEAX_APPROVERS. "
                "Nothing was sent."
            )
        statement = _statement(plan, approval.by, approval.expires_at)
        self._check(approval.by, approval.key, approval.signature, statement, "this plan")

    def _open(self, approver: str, passphrase: SecretStr) -> Ed25519PrivateKey:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        if not _NAME.fullmatch(approver) or not self._private(approver).is_file():
            known = ", ".join(self.names()) or "nobody yet: run `seax approver create NAME`"
            raise ApprovalRefused(f"No key of approver {approver!r} is here; known: {known}. Nothing was sent.")
        try:
            key = load_pem_private_key(
                self._private(approver).read_bytes(), passphrase.get_secret_value().encode() or None
            )
        except (ValueError, TypeError, OSError, UnsupportedAlgorithm):
            raise ApprovalRefused(f"The passphrase for the key of {approver} is wrong. Nothing was sent.") from None
        if not isinstance(key, Ed25519PrivateKey):
            raise ApprovalRefused(f"The key of {approver} is not an Ed25519 key. Nothing was sent.")
        return key

    def _check(self, name: str, fingerprint_: str, signature: str, statement: bytes, what: str) -> None:
        """Raise ApprovalInvalid unless an approver signed a statement with the key of that fingerprint."""
        if self._fingerprint_of(name) != fingerprint_:
            raise ApprovalInvalid(f"The signature was not made with {name}'s key: sign again. Nothing was sent.")
        passkey = self.passkey_of(name)
        signed = passkey.signed if passkey else _with_key(self._key_of(name))
        if not signed(signature, statement):
            raise ApprovalInvalid(f"The signature is not {name}'s for {what}: approve it again. Nothing was sent.")

    def _fingerprint_of(self, name: str) -> str:
        passkey = self.passkey_of(name)
        return passkey.fingerprint if passkey else fingerprint(self._key_of(name))

    def _key_of(self, name: str) -> Ed25519PublicKey:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        from cryptography.hazmat.primitives.serialization import load_pem_public_key

        try:
            if not _NAME.fullmatch(name):
                raise ValueError
            key = load_pem_public_key(self._public(name).read_bytes())
        except (ValueError, OSError, UnsupportedAlgorithm) as error:
            raise ApprovalInvalid(
                f"The public key of {name!r} is missing in {self.folder}: restore it. Nothing was sent."
            ) from error
        if not isinstance(key, Ed25519PublicKey):
            raise ApprovalInvalid(f"The public key of {name} is not an Ed25519 key. Nothing was sent.")
        return key

    @property
    def _pins(self) -> Path:
        return self.folder / "pinned"

    def _private(self, name: str) -> Path:
        return self.folder / f"{name}.key"

    def _public(self, name: str) -> Path:
        return self.folder / f"{name}.pub"

    def _passkey(self, name: str) -> Path:
        return self.folder / f"{name}.passkey"


def fingerprint(key: Ed25519PublicKey) -> str:
    """A short name of a key: the first 16 characters of the SHA-256 of its 32 bytes."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


def _with_key(key: Ed25519PublicKey) -> Callable[[str, bytes], bool]:
    from cryptography.exceptions import InvalidSignature

    def signed(signature: str, statement: bytes) -> bool:
        try:
            key.verify(base64.b64decode(signature, validate=True), statement)
        except (InvalidSignature, binascii.Error):
            return False
        return True

    return signed


def _approval(plan: Plan, approver: str, key: str, signature: str, now: datetime) -> Approval:
    return Approval(
        id=f"approval_{secrets.token_hex(12)}",
        plan_id=plan.id,
        digest=plan.digest,
        by=approver,
        via="signature",
        approved_at=now.astimezone(UTC),
        expires_at=plan.expires_at,
        key=key,
        signature=signature,
    )


def _statement(plan: Plan, approver: str, expires_at: datetime) -> bytes:
    """What is signed: which plan, with its exact content and counts, by whom, and until when."""
    said = {
        "what": "seax approval, version 1",
        "workspace": plan.workspace,
        "plan": plan.id,
        "digest": plan.digest,
        "recipients": plan.recipients,
        "approver": approver,
        "expires_at": expires_at.astimezone(UTC).isoformat(),
    }
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()


def _write_new(path: Path, content: bytes, mode: int) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
