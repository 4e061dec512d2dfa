"""Names for contacts that reveal nothing: `c_7f3a09b1c2d4`, keyed, the same in every process of this machine."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from toolkit.errors import SegmentError

if TYPE_CHECKING:
    from toolkit.data.contacts import Contacts

PATTERN = re.compile(r"c_[0-9a-f]{12}")


class Handles:
    """Handles of one workspace; those already given out are found at once, others by trying every contact."""

    def __init__(self, key: bytes, workspace_id: str) -> None:
        self._key = hmac.new(key, workspace_id.encode(), hashlib.sha256).digest()
        self._ids: dict[str, str] = {}

    def of(self, contact_id: str) -> str:
        """The handle of a contact."""
        handle = f"c_{hashlib.blake2b(contact_id.encode(), key=self._key, digest_size=6).hexdigest()}"
        self._ids[handle] = contact_id
        return handle

    def contact_id(self, handle: str, contacts: Contacts) -> str:
        """The id behind a handle; SegmentError if no contact, or more than one, has it."""
        found = self._ids.get(handle) or self._search(handle, contacts.ids)
        if not found:
            raise SegmentError(f"No contact has the handle {handle}: use one from find_contacts or query_logs.")
        return found

    def _search(self, handle: str, ids: Iterable[str]) -> str:
        wanted = bytes.fromhex(handle.removeprefix("c_"))
        key, blake2b = self._key, hashlib.blake2b
        same = [x for x in ids if blake2b(x.encode(), key=key, digest_size=6).digest() == wanted]
        return same[0] if len(same) == 1 else ""
