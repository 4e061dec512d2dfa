"""The strong yes: an Ed25519 signature that whoever sends can check and cannot make.

The approver's private key lies encrypted under a passphrase (PKCS#8, readable by its owner only); who sends reads
public keys alone. So an assistant with a shell, a host that accepts by itself or an edited ledger makes none. Whoever
can add a public key could sign with a key of their own: name the keys that count in SEAX_APPROVERS, outside.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import SecretStr

from toolkit.errors import ApprovalInvalid, ApprovalRefused, SettingsError
from toolkit.sending.approval import Approval

if TYPE_CHECKING:
    from toolkit.sending.plan import Plan

SHORTEST = 12  # characters of a passphrase
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")


@dataclass(frozen=True)
class Approvers:
    """A folder of approvers' keys; only those in `pinned`, by fingerprint, count unless it is None."""

    folder: Path
    pinned: Collection[str] | None = None

    def create(self, name: str, passphrase: SecretStr) -> str:
        """Make a pair of keys for somebody and return the fingerprint; SettingsError if that cannot be."""
        if not _NAME.fullmatch(name):
            raise SettingsError(f"{name!r} is no name for an approver: use small letters, digits and . _ -, as in ana.")
        if len(passphrase.get_secret_value()) < SHORTEST:
            raise SettingsError(f"A passphrase has {SHORTEST} characters or more: several words are easy to keep.")
        key = Ed25519PrivateKey.generate()
        encryption = serialization.BestAvailableEncryption(passphrase.get_secret_value().encode())
        secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_new(self._private(name), secret, 0o600)
            _write_new(self._public(name), public, 0o644)
        except FileExistsError as error:
            raise SettingsError(f"There is an approver {name} already: choose another name.") from error
        except OSError as error:
            raise SettingsError(f"The keys cannot be written to {self.folder} ({error.strerror}).") from error
        return fingerprint(key.public_key())

    def names(self) -> dict[str, str]:
        """The fingerprint of each approver whose public key is here, by name."""
        names = sorted(path.stem for path in self.folder.glob("*.pub") if _NAME.fullmatch(path.stem))
        return {name: fingerprint(self._key_of(name)) for name in names}

    def sign(self, plan: Plan, approver: str, passphrase: SecretStr, *, now: datetime) -> Approval:
        """A signed yes to a plan, not recorded yet; ApprovalRefused without that approver's key or passphrase."""
        if not _NAME.fullmatch(approver) or not self._private(approver).is_file():
            known = ", ".join(self.names()) or "nobody yet: run `seax approver create NAME`"
            raise ApprovalRefused(
                f"There is no key of an approver {approver!r} here; known: {known}. Nothing was sent."
            )
        try:
            key = serialization.load_pem_private_key(
                self._private(approver).read_bytes(), passphrase.get_secret_value().encode() or None
            )
        except (ValueError, TypeError, OSError, UnsupportedAlgorithm):
            raise ApprovalRefused(f"The passphrase does not open the key of {approver}. Nothing was sent.") from None
        if not isinstance(key, Ed25519PrivateKey):
            raise ApprovalRefused(f"The key of {approver} is no Ed25519 key. Nothing was sent.")
        approval = Approval(
            id=f"approval_{secrets.token_hex(12)}",
            plan_id=plan.id,
            digest=plan.digest,
            by=approver,
            via="signature",
            approved_at=now.astimezone(UTC),
            expires_at=plan.expires_at,
            key=fingerprint(key.public_key()),
        )
        signature = base64.b64encode(key.sign(_statement(plan, approval))).decode()
        return approval.model_copy(update={"signature": signature})

    def verify(self, plan: Plan, approval: Approval) -> None:
        """Raise ApprovalInvalid unless the approver it names signed exactly this plan with a key that counts."""
        key = self._key_of(approval.by)
        if fingerprint(key) != approval.key:
            raise ApprovalInvalid(f"The signature is of another key than {approval.by}'s. Nothing was sent.")
        if self.pinned is not None and approval.key not in self.pinned:
            raise ApprovalInvalid(
                f"The key {approval.key} of {approval.by} is not among SEAX_APPROVERS: nothing signed with it counts. "
                "Nothing was sent."
            )
        try:
            key.verify(base64.b64decode(approval.signature, validate=True), _statement(plan, approval))
        except (InvalidSignature, binascii.Error) as error:
            raise ApprovalInvalid(
                f"The signature is not {approval.by}'s yes to this plan: approve it again. Nothing was sent."
            ) from error

    def _key_of(self, name: str) -> Ed25519PublicKey:
        try:
            if not _NAME.fullmatch(name):
                raise ValueError
            key = serialization.load_pem_public_key(self._public(name).read_bytes())
        except (ValueError, OSError, UnsupportedAlgorithm) as error:
            raise ApprovalInvalid(
                f"There is no public key of {name!r} in {self.folder}: nothing they signed counts. Nothing was sent."
            ) from error
        if not isinstance(key, Ed25519PublicKey):
            raise ApprovalInvalid(f"The public key of {name} is no Ed25519 key. Nothing was sent.")
        return key

    def _private(self, name: str) -> Path:
        return self.folder / f"{name}.key"

    def _public(self, name: str) -> Path:
        return self.folder / f"{name}.pub"


def fingerprint(key: Ed25519PublicKey) -> str:
    """A short name of a key: the first 16 signs of the SHA-256 of its 32 bytes."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


def _statement(plan: Plan, approval: Approval) -> bytes:
    """What is signed: which plan, word for word and number for number, by whom, and until when."""
    said = {
        "what": "seax approval, version 1",
        "workspace": plan.workspace,
        "plan": plan.id,
        "digest": plan.digest,
        "recipients": plan.recipients,
        "approver": approval.by,
        "expires_at": approval.expires_at.astimezone(UTC).isoformat(),
    }
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()


def _write_new(path: Path, content: bytes, mode: int) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
