"""The service's faults and limits, which are those of both faces."""

from __future__ import annotations

from pathlib import Path

from tests.filling import new_sandbox
from tests.sandbox.conftest import NOON, client_of
from toolkit.sandbox import Behaviour, Faults

from .conftest import Face


def test_faults_are_told_as_details(tmp_path: Path) -> None:
    behaviour = Behaviour(faults=Faults())
    face = Face(new_sandbox(tmp_path / "workspace.db", contacts=100, now=lambda: NOON, behaviour=behaviour))
    label = {"name": "made"}
    busy = face.get("/phones", headers={"X-Sandbox-Fault": "429"})
    before = face.post("/contact_labels", json=label, headers={"X-Sandbox-Fault": "500-before"})
    after = face.post("/contact_labels", json=label, headers={"X-Sandbox-Fault": "500-after"})

    assert (busy.status_code, busy.headers["Retry-After"], set(busy.json())) == (429, "60", {"detail"})
    assert (before.status_code, after.status_code) == (500, 500)
    assert face.post("/contact_labels", json=label).status_code == 400  # it was made by the second
    face.box.close()


def test_both_faces_share_one_limit(tmp_path: Path) -> None:
    behaviour = Behaviour(requests_per_minute=2)
    face = Face(new_sandbox(tmp_path / "workspace.db", contacts=100, now=lambda: NOON, behaviour=behaviour))
    statuses = [face.get("/phones").status_code, client_of(face.box).get("/phones").status_code]

    assert [*statuses, face.get("/phones").status_code] == [200, 200, 429]
    assert face.get("/phones").json() == {"detail": "Too many requests"}
    face.box.close()


def test_pages_of_other_sites_and_large_bodies_are_turned_away(face: Face) -> None:
    strange = face.get("/phones", headers={"Origin": "https://example.com"})
    large = face.post("/contact_labels", content=b" " * (32 * 1024 * 1024 + 1), headers={"content-type": "text/plain"})

    assert (strange.status_code, set(strange.json())) == (403, {"detail"})
    assert (large.status_code, set(large.json())) == (413, {"detail"})
