"""The published face of a small workspace, each request and reply judged by the vendor's own document."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.filling import new_sandbox
from tests.judge import Judged
from tests.sandbox.conftest import NOON
from toolkit.sandbox import Behaviour, Published, Sandbox

LINE = "020086f5-fb0e-4a0c-920a-bbdd04f4381c"
VIP = "11111111-2222-4444-3333-555555555555"
JOHN, JANE, OPAL = (
    "11111111-2222-4444-3333-555555555555",
    "22222222-3333-5555-4444-666666666666",
    "33333333-4444-4666-8777-888888888888",
)


class Face(httpx.Client):
    """A client of the published face."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.judge = Judged(sandbox.transport())
        self.box = sandbox
        super().__init__(
            transport=self.judge,
            base_url=f"{sandbox.published_url}/api/v1/workspace/{sandbox.workspace_id}",
            headers={"X-API-Key": sandbox.api_key},
            timeout=60,
        )

    def rows(self, path: str, **params: Any) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.get(path, params={"limit": 0, **params}).json()["data"]
        return rows

    def new_campaign(self, **changes: Any) -> dict[str, Any]:
        return {
            "name": "Spring",
            "type": "SMS",
            "message": "Seasalt Shop: hello {name}. Reply STOP to opt out.",
            "phone_ids": [LINE],
            "message_service_id": self.rows("/messaging_services")[0]["id"],
            "mode": "WEB",
            "stage": "INSTANCE",
            "any_contact_label_ids": [VIP],
            **changes,
        }

    def launch(self, **changes: Any) -> dict[str, Any]:
        reply = self.post("/campaigns", json=self.new_campaign(**changes))
        assert reply.status_code == 200, reply.text
        campaign: dict[str, Any] = reply.json()
        return campaign

    def log(self, campaign_id: str, **params: Any) -> list[dict[str, Any]]:
        reply = self.get(f"/campaigns/{campaign_id}/logs", params={"limit": 0, **params}).json()
        rows: list[dict[str, Any]] = reply["campaign_logs"]["data"]
        assert len(rows) == reply["campaign_logs"]["total"]
        return rows


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[..., Face]]:
    """Opens a workspace that answers the open questions as said."""
    faces: list[Face] = []

    def opening(**answers: Any) -> Face:
        path = tmp_path / f"{len(faces)}.db"
        behaviour = Behaviour(published=Published(**answers))
        faces.append(Face(new_sandbox(path, contacts=600, now=lambda: NOON, behaviour=behaviour)))
        return faces[-1]

    yield opening
    for face in faces:
        face.close()
        face.box.close()


@pytest.fixture
def face(opened: Callable[..., Face]) -> Face:
    return opened()


def wait(face: Face, **spans: float) -> None:
    face.box.clock.advance(timedelta(**spans))
