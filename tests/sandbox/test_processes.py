"""Several processes on one workspace file, and processes that are killed."""

import subprocess
import sys
from pathlib import Path

import pytest

from toolkit.sandbox import Sandbox

from . import busy
from .busy import NOON

OPEN = """
import os, signal, sys
from datetime import timedelta
from pathlib import Path
from tests.sandbox.busy import DRAFT, open_at_noon
from toolkit.sandbox import bitmaps
from toolkit.sandbox.delivery import campaigns
sandbox, client = open_at_noon(Path(sys.argv[1]))
def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)
"""
KILLED_IN_A_CAMPAIGN = """
campaigns.deliveries = die
client.post("/campaigns", json=DRAFT)
"""
KILLED_IN_AN_IMPORT = """
rows = "".join(f"busy {n},+1555040{n:04d}\\n" for n in range(500))
client.post("/import_contacts", files={"file": ("c.csv", "name,phone\\n" + rows)})
sandbox.clock.advance(timedelta(minutes=1))
bitmaps.add_members = die
client.get("/contacts")
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "shared.db"
    Sandbox(path, contacts=500, now=lambda: NOON).close()
    return path


def test_two_processes_write_to_one_workspace_and_lose_nothing(path: Path) -> None:
    workers = [busy.start(path, f"busy {name}", 15) for name in ("a", "b")]
    said, errors = zip(*(worker.communicate() for worker in workers), strict=True)
    kept = busy.check(path, "".join(said).splitlines())

    assert errors == ("", "")
    assert (kept["job"], kept["message"]) == (30, 30)


@pytest.mark.parametrize("script", [KILLED_IN_A_CAMPAIGN, KILLED_IN_AN_IMPORT])
def test_a_killed_process_leaves_all_or_nothing(path: Path, script: str) -> None:
    before = busy.check(path, [])
    killed = subprocess.run([sys.executable, "-c", OPEN + script, str(path)], cwd=busy.ROOT, check=False)
    after = busy.check(path, [])

    assert killed.returncode == -9
    assert after["campaign"] == before["campaign"]
    assert after["job"] == (script is KILLED_IN_AN_IMPORT)
