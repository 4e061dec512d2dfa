"""Passkeys as approvers' keys: a plan is signed by the person's device after their touch, face or PIN.

The device signs a challenge, which is the SHA-256 of the same statement that the other keys sign, so that its answer
is for one plan, one approver and one count. Only the public key is kept here. A passkey belongs to `localhost`, the one
name under which the approval page is served; which plan a page showed before the touch is in no passkey's knowledge.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from toolkit.models import Frozen

RP_ID = "localhost"
_ORIGIN = re.compile(r"http://localhost(:\d{1,5})?")
_MOST = 8_000  # characters of a device's answer


class Passkey(Frozen):
    """The public part of a passkey: the id its device knows it by, and its COSE key, both in base64url."""

    id: str
    public_key: str

    @property
    def fingerprint(self) -> str:
        """A short name of the key: the first 16 characters of the SHA-256 of its bytes."""
        from webauthn.helpers import base64url_to_bytes  # first use

        return hashlib.sha256(base64url_to_bytes(self.public_key)).hexdigest()[:16]

    def signed(self, answer: str, statement: bytes) -> bool:
        """Whether a device's answer, JSON as browsers give it, signs a statement with this key.

        The device must have verified its user, and the page must have been one of this machine.
        """
        import webauthn  # first use
        from webauthn.helpers import base64url_to_bytes
        from webauthn.helpers.exceptions import WebAuthnException

        try:
            webauthn.verify_authentication_response(
                credential=_parsed(answer, self.id),
                expected_challenge=challenge(statement),
                expected_rp_id=RP_ID,
                expected_origin=_origin(answer),
                credential_public_key=base64url_to_bytes(self.public_key),
                credential_current_sign_count=0,  # an answer is verified again with each send; the ledger spends it
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError):
            return False
        return True


def challenge(statement: bytes) -> bytes:
    """What a device is asked to sign for a statement."""
    return hashlib.sha256(statement).digest()


def new_passkey(answer: str, asked: bytes) -> Passkey | None:
    """The new passkey in a device's answer to a challenge; None if it is not one of a verified user on this machine."""
    import webauthn  # first use
    from webauthn.helpers import bytes_to_base64url
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        made = webauthn.verify_registration_response(
            credential=_parsed(answer),
            expected_challenge=asked,
            expected_rp_id=RP_ID,
            expected_origin=_origin(answer),
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError):
        return None
    return Passkey(id=bytes_to_base64url(made.credential_id), public_key=bytes_to_base64url(made.credential_public_key))


def _parsed(answer: str, id_: str | None = None) -> dict[str, Any]:
    """A device's answer; ValueError if it is none, or one of another passkey."""
    said = json.loads(answer) if len(answer) <= _MOST else None
    if not isinstance(said, dict) or id_ not in {None, said["id"]}:
        raise ValueError
    return said


def _origin(answer: str) -> str:
    """The page that asked the device, which must be on this machine; ValueError if it is not."""
    from webauthn.helpers import base64url_to_bytes

    client = json.loads(base64url_to_bytes(_parsed(answer)["response"]["clientDataJSON"]))
    origin = str(client["origin"])
    if not _ORIGIN.fullmatch(origin):
        raise ValueError
    return origin
