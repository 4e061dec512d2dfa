"""Mirrors whose refresh is killed: what they may hold afterwards, and that the next refresh mends them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pandas as pd

from tests.builders import Clock
from tests.mirror.imports import import_contacts
from toolkit.mirror.mirror import Mirror
from toolkit.sandbox import Sandbox
from toolkit.workspace import Workspace


class Killing:
    """Copies of one mirror, and a workspace that has changed since it was refreshed."""

    def __init__(self, ws: Workspace, sandbox: Sandbox, folder: Path, clock: Clock) -> None:
        self._ws, self._folder, self._clock = ws, folder, clock
        self._base = folder / "base"
        mirror = ws.mirror(self._base)
        mirror.refresh(ws.campaign_ids()[-2:])
        self._began: datetime = sandbox.clock.now()
        self._before = mirror.contacts()
        phones = self._before["phone"].dropna().drop_duplicates(keep=False).tolist()
        rows = [
            *(f"New {i},+1999{i:07d},vip_customers" for i in range(20)),
            *(f",{phone},new" for phone in phones[:30]),
        ]
        import_contacts(sandbox, clock, "name,phone,labels", rows, update=True)
        whole = ws.mirror(folder / "whole")
        shutil.copytree(self._base, whole.path)
        whole.refresh()
        self._after, self._changes = whole.contacts(), whole.label_changes(self._began)
        self._mirrors: list[Mirror] = []

    def at(self, *steps: float) -> list[str]:
        """Refresh a copy for each step and kill it there; see `tests.mirror.killed_mirror`."""
        self._mirrors = [self._ws.mirror(self._folder / f"mirror-{i}") for i in range(len(steps))]
        for mirror in self._mirrors:
            shutil.copytree(self._base, mirror.path)
        arguments = [self._folder / "sandbox.sqlite3", self._clock().isoformat(), *(x.path for x in self._mirrors)]
        command = [sys.executable, "-m", "tests.mirror.killed_mirror", *map(str, [*arguments, "--at", *steps])]
        return subprocess.run(command, capture_output=True, text=True, check=True, encoding="utf-8").stdout.split()

    def check(self, outcomes: Sequence[str]) -> None:
        """Every mirror holds the state before or the one after, whole, and the next refresh brings it to the latter."""
        for mirror, outcome in zip(self._mirrors, outcomes, strict=True):
            self._check_state(mirror, is_done=outcome == "done")
            mirror.refresh()
            self._check_state(mirror, is_done=True)
            mirror.refresh()
            names = {path.name for path in Path(mirror.path).rglob("*") if path.is_file()}
            held = {Path(path).name for of in ("contacts", "logs", "changes") for path in mirror.paths(of)}
            assert names - held <= {"manifest.json", "lock", "lock-journal"}

    def _check_state(self, mirror: Mirror, *, is_done: bool) -> None:
        contacts, changes = mirror.contacts(), mirror.label_changes(self._began)
        if len(contacts) == len(self._before) and not is_done:
            pd.testing.assert_frame_equal(contacts, self._before)
            assert changes.empty
        else:
            pd.testing.assert_frame_equal(contacts, self._after)
            pd.testing.assert_frame_equal(changes, self._changes)
        assert len(mirror.logs()) == mirror.campaigns()["messages"].sum()
