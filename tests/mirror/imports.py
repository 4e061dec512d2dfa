"""Changes of the embedded workspace's contacts from outside, as somebody in SeaX would make them."""

from __future__ import annotations

from collections.abc import Iterable

import httpx

from tests.builders import Clock
from toolkit.sandbox import Sandbox


def import_contacts(sandbox: Sandbox, clock: Clock, header: str, rows: Iterable[str], *, update: bool = False) -> None:
    """Import a CSV and wait until it has been taken in; `update` changes the contacts who have the phones."""
    content = "\n".join([header, *rows])
    base = f"{sandbox.base_url}/api/v1/workspace/{sandbox.workspace_id}/"
    headers = {"X-API-KEY": sandbox.api_key}
    with httpx.Client(transport=sandbox.transport(), base_url=base, headers=headers, timeout=None) as http:
        strategy = {"duplicate_strategy": "update" if update else "mark"}
        http.post("import_contacts", params=strategy, files={"file": ("contacts.csv", content)}).raise_for_status()
        clock.move(minutes=1)
        http.get("contacts", params={"limit": 1}).raise_for_status()
